"""In the season: which share of a sanctioned amount may be drawn, tranche by tranche, and what is missing.

Observation confirms the next tranche. What is not confirmed is "not yet": the sanctioned amount stands.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from geo.errors import DataError, InputError
from geo.season import Season
from scoring.book import Book, open_book
from scoring.crop_lines import Bools, Texts, plain_texts
from scoring.inputs import Inputs
from scoring.money import Ints, Mode, allocate, multiply_divide
from scoring.pack_schema import Pack
from scoring.pack_tranches import Tranche
from scoring.receipt import CROP_FACTS, Fact, crop_words
from scoring.receipts.text import json_lists
from scoring.seasons.earlier import ids_of
from scoring.seasons.field_signs import FieldSigns
from scoring.seasons.progress import Progress, Seen, progress_of
from scoring.status import NO_PLAN
from scoring.wording.tranches import TRANCHE_VISITS
from scoring.wording.tranches import TRANCHES as WORDS

#: One row per subject and tranche. amount_minor of a subject's tranches add up to its sanctioned amount; drawable_minor
#: is what of it is confirmed. state: "confirmed", "partly", "not_yet", "late", or "none" where there is no amount.
#: reasons is JSON: a list of code, en, zh and facts.
TRANCHES: Final = pa.schema(
    [
        pa.field("subject_kind", pa.string(), nullable=False),
        pa.field("subject_id", pa.string(), nullable=False),
        pa.field("farmer_id", pa.string()),
        pa.field("tranche", pa.string(), nullable=False),
        pa.field("needs", pa.string(), nullable=False),
        pa.field("amount_minor", pa.int64()),
        pa.field("drawable_minor", pa.int64()),
        pa.field("currency", pa.string(), nullable=False),
        pa.field("state", pa.string(), nullable=False),
        pa.field("needs_visit", pa.bool_(), nullable=False),
        pa.field("policy_id", pa.string(), nullable=False),
        pa.field("policy_hash", pa.string(), nullable=False),
        pa.field("as_of", pa.date32(), nullable=False),
        pa.field("reasons", pa.string(), nullable=False),
    ]
)


def draw_tranches(
    limits: pd.DataFrame,
    planned: Inputs,
    seen: Seen | None,
    pack: Pack,
    season: Season,
    day: date,
    signs: FieldSigns | None = None,
) -> pd.DataFrame:
    """What may be drawn of sanctioned amounts as of a day.

    Args:
        limits: geo.observations.LIMITS as sanctioned: the amounts of all parcels of `planned`.
        planned: inputs that the amounts rest on (scoring.seasons.plan); only parcels decided from them can confirm.
        seen: observations of the season until the day; None where there are none yet.
        pack: the policy, with tranches.
        season: the season planned.
        day: local day as of which it is asked.
        signs: what growth monitoring tells beside. An alert sends a parcel's parts to a person and freezes none.

    Returns:
        Columns of TRANCHES: by tranche in the order of the pack, parcels in their order, then farmers.

    Raises:
        InputError: the pack has no tranches; the observations are of another time.
        DataError: a parcel has no row among the limits.
    """
    if not pack.tranches:
        raise InputError(
            "TRANCHES_NONE", f"The policy {pack.id!r} has no tranches.", "See [[tranches]] in docs/policy.md."
        )
    book = open_book(planned.take_in(pack, season), pack)
    amounts, known = _amounts(limits, book)
    seen_so_far = progress_of(book, seen, pack, season, day, signs)
    shares = _shares(amounts, pack)
    tables = []
    for place, tranche in enumerate(pack.tranches):
        drawable = _drawable(shares[:, place], tranche, book.decided & known, seen_so_far)
        codes = _codes(tranche, drawable == shares[:, place], book, known, seen_so_far)
        late = _is_late(tranche, season, day) & known & (drawable < shares[:, place])
        known_part = known & (amounts > 0)
        said = pd.DataFrame(
            {"group": book.group, "amount": shares[:, place], "drawable": drawable, "known": known_part, "late": late,
             "alerted": seen_so_far.alerted & known_part, "code": codes, "crop": seen_so_far.planned,
             "seen": seen_so_far.crop}
        )  # fmt: skip
        tables += [_parcel_rows(said, book, tranche), _farmer_rows(said, book, tranche)]
    table = pd.concat(tables, ignore_index=True).assign(
        currency=pack.currency.code, policy_id=pack.id, policy_hash=pack.content_hash, as_of=day
    )
    return table[[*TRANCHES.names]]


def _amounts(limits: pd.DataFrame, book: Book) -> tuple[Ints, Bools]:
    rows = limits[limits.subject_kind == "parcel"]
    ids = plain_texts(book.frame.parcel_id)
    place = ids_of(rows.subject_id).get_indexer(pd.Index(ids, dtype=object))
    if (place < 0).any():
        said = f"The parcel {ids[place < 0][0]!r} has no row among the limits."
        raise DataError("TRANCHE_LIMITS", said, "Name the limits that the plan gave.")
    own = rows.amount_minor.astype("Int64").iloc[place]
    return np.asarray(own.fillna(0), dtype=np.int64), own.notna().to_numpy()


def _shares(amounts: Ints, pack: Pack) -> npt.NDArray[np.int64]:
    """Each amount shared among the tranches to the last minor unit, shape (n, tranches)."""
    shares = [Fraction(tranche.share) for tranche in pack.tranches]
    scale = np.lcm.reduce([share.denominator for share in shares])
    weights = np.tile([int(share * int(scale)) for share in shares], len(amounts))
    group = np.repeat(np.arange(len(amounts)), len(shares))
    return allocate(amounts, weights, group).reshape(-1, len(shares))


def _drawable(due: Ints, tranche: Tranche, decided: Bools, seen: Progress) -> Ints:
    if tranche.needs == "crop_seen":
        part = multiply_divide(due, seen.seen_cost, 1, Mode.DOWN) // np.maximum(seen.cost, 1)
        return np.where(decided & seen.area_holds, part, 0)
    told = {"plan": decided, "ploughed": seen.ploughed, "sown": seen.sown, "canopy_closed": seen.closed}
    return np.where(decided & told[tranche.needs], due, 0)


def _codes(tranche: Tranche, whole: Bools, book: Book, known: Bools, seen: Progress) -> Texts:
    """The reason of each parcel: what confirms the tranche, or the first thing that is missing."""
    ground, canopy, crop = (
        np.full(len(known), tranche.needs == need) for need in ("ploughed", "canopy_closed", "crop_seen")
    )
    holds = {
        "TRANCHE_NO_AMOUNT": ~known,
        "TRANCHE_NO_PLAN": book.status == NO_PLAN,
        "TRANCHE_NOT_DECIDED": ~book.decided,
        f"TRANCHE_CONFIRMED_{tranche.needs.upper()}": whole,
        "TRANCHE_NOT_OBSERVED": ~seen.observed,
        "TRANCHE_OTHER_CROP": crop & seen.told & (seen.seen_cost == 0),
        "TRANCHE_NOT_PLOUGHED": ground,
        "TRANCHE_NOT_SOWN": ~seen.sown,
        "TRANCHE_NOT_CLOSED": canopy,
        "TRANCHE_CROP_OPEN": ~seen.told,
        "TRANCHE_AREA_LESS": ~seen.area_holds,
    }
    return np.select(list(holds.values()), list(holds), default="TRANCHE_CROP_LATER").astype(object)


def _is_late(tranche: Tranche, season: Season, day: date) -> bool:
    return tranche.by_day is not None and day > season.start + timedelta(days=tranche.by_day)


def _parcel_rows(said: pd.DataFrame, book: Book, tranche: Tranche) -> pd.DataFrame:
    keys = said[["code", "crop", "seen", "late", "alerted"]]
    place, kinds = pd.factorize(pd.MultiIndex.from_frame(keys.fillna("")))
    texts = [_reasons(code, crop, seen, tranche if late else None, alert) for code, crop, seen, late, alert in kinds]
    visits = said.code.isin(TRANCHE_VISITS) | said.late | said.alerted
    subjects = {"subject_kind": "parcel", "subject_id": plain_texts(book.frame.parcel_id)}
    rows = pd.DataFrame(subjects | {"farmer_id": plain_texts(book.frame.farmer_id)})
    reasons = json_lists(np.arange(len(place)), pa.array(texts, pa.string()).take(pa.array(place)), len(place))
    return _with_state(rows, said, tranche).assign(
        needs_visit=visits.to_numpy(), reasons=pd.array(reasons, dtype="str")
    )


def _farmer_rows(said: pd.DataFrame, book: Book, tranche: Tranche) -> pd.DataFrame:
    by = said.groupby("group")
    sums = by.agg(
        amount=("amount", "sum"), drawable=("drawable", "sum"), known=("known", "any"), late=("late", "any"),
        alerted=("alerted", "any"),
    )  # fmt: skip
    late, alerted = said[said.late].assign(code="TRANCHE_LATE"), said[said.alerted].assign(code="TRANCHE_ALERT")
    counts = (
        pd.concat([said, late, alerted]).groupby(["group", "code"], sort=False).size().rename("parcels").reset_index()
    )
    place, kinds = pd.factorize(pd.MultiIndex.from_frame(counts[["code", "parcels"]]))
    days = {} if tranche.by_day is None else {"days": tranche.by_day}
    texts = [_line(code, "farmer", {"parcels": int(parcels), **days}) for code, parcels in kinds]
    lines = pa.array(texts, pa.string()).take(pa.array(place))
    reasons = json_lists(counts.group.to_numpy(dtype=np.int64), lines, len(book.farmers))
    visits = said.code.isin(TRANCHE_VISITS).groupby(said.group).any() | sums.late | sums.alerted
    names = np.array(book.farmers, dtype=object)
    rows = pd.DataFrame({"subject_kind": "farmer", "subject_id": names, "farmer_id": names})
    rows = _with_state(rows, sums, tranche)
    return rows.assign(needs_visit=visits.to_numpy(), reasons=pd.array(reasons, dtype="str"))[book.named]


def _with_state(rows: pd.DataFrame, said: pd.DataFrame, tranche: Tranche) -> pd.DataFrame:
    state = np.select(
        [~said.known, said.drawable == said.amount, said.late, said.drawable > 0],
        ["none", "confirmed", "late", "partly"],
        default="not_yet",
    )
    figures = {f"{name}_minor": said[name].astype("Int64").array for name in ("amount", "drawable")}
    rows = rows.assign(tranche=tranche.key, needs=tranche.needs, state=state, **figures)
    return rows.assign(**{name: rows[name].where(said.known.to_numpy()) for name in figures})


def _reasons(code: str, crop: str, seen: str, late: Tranche | None, alerted: bool) -> str:
    lines = [_line(code, "parcel", {"crop": crop, "seen": seen})]
    if late is not None:
        lines.append(_line("TRANCHE_LATE", "parcel", {"days": late.by_day or 0}))
    if alerted:
        lines.append(_line("TRANCHE_ALERT", "parcel", {}))
    return ",".join(lines)


def _line(code: str, kind: str, facts: Mapping[str, Fact]) -> str:
    """One reason as JSON, with the facts that its text names."""
    text = WORDS[code].text(kind)
    en, zh = dict(facts), dict(facts)
    for name in CROP_FACTS:
        if facts.get(name):
            en[f"{name}_en"], zh[f"{name}_zh"] = crop_words(str(facts[name]))
    used = {name: fact for name, fact in facts.items() if f"{{{name}_en}}" in text.en or f"{{{name}}}" in text.en}
    said = {"code": code, "en": text.en.format_map(en), "zh": text.zh.format_map(zh), "facts": used}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))
