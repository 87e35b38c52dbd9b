"""Credit limits of a whole book: one row per parcel, one per farmer, each with its receipt.

What cannot be decided keeps its last approved amount, or has none; it is never lowered or raised by an observation.
Parcels add up to their farmer to the last minor unit.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import pandas as pd

from geo.season import Season
from scoring.book import Book, Case, open_book
from scoring.crop_lines import Bools, Texts, plain_texts
from scoring.flags import post_flags, post_undecided
from scoring.inputs import Inputs
from scoring.intake import Intake, take_in
from scoring.kcc_book import post_kcc, post_kcc_facts
from scoring.money import Ints
from scoring.pack_schema import KccRules, Pack
from scoring.planting import post_planting, post_planting_facts
from scoring.receipt import Ledger
from scoring.receipts.lines import Lines, farmer_lines, parcel_lines
from scoring.receipts.principal import principal_marks
from scoring.receipts.text import receipt_texts

_ALWAYS_VISIT: Final = (
    "NOT_DECIDED_", "NO_PRICE", "CROP_NOT_NAMED", "LEFT_OUT", "CYCLE_SEASON_UNKNOWN", "FACILITY_ENDED",
    "CARD_FACTS_DISAGREE",
)  # fmt: skip

#: Parcels that are worked out together: enough to be quick, few enough to stay in the caches of a processor.
PART_PARCELS: Final = 20_000


def limit_book(parcels: pd.DataFrame, seasons: pd.DataFrame, pack: Pack, season: Season) -> pd.DataFrame:
    """Limits of a book under a policy.

    Args:
        parcels: geo.observations.PARCELS columns and, where known, the facts of geo.parcels.ParcelBook: land_right,
            certified_area_ha, district, other_debt_minor and household_capacity_minor (of the farmer, on any of the
            farmer's parcels), approved_minor (of the parcel), and those of a card, scoring.intake.CARD (of the farmer).
            A column that is absent is a fact that is not stated.
        seasons: geo.observations.SEASONS; cycles of other seasons are passed over.
        pack: the policy.
        season: the season that the parcels were observed in.

    Returns:
        Columns of geo.observations.LIMITS: parcels in their order, then farmers in the order of their first parcel.
        amount_minor, low_minor and high_minor are Int64, missing where no amount can be given.

    Raises:
        DataError: the table of parcels does not hold together; the parcel is named.
    """
    return limit_table(take_in(parcels, seasons, pack, season), pack)


def limit_table(intake: Intake, pack: Pack) -> pd.DataFrame:
    """Limits of a checked book; see `limit_book`."""
    parts = list(intake.parts(PART_PARCELS))
    rows = np.concatenate([rows for rows, _ in parts])
    decided = [decide(part, pack) for _, part in parts]
    by_parcel = pd.concat([table for table, _ in decided], ignore_index=True).iloc[np.argsort(rows)]
    return pd.concat([by_parcel, *(table for _, table in decided)], ignore_index=True)


def limit_parts(inputs: Inputs, pack: Pack, season: Season) -> Iterator[pd.DataFrame]:
    """Limits of a book part by part, so that a book of any size fits the memory; rows as `limit_book` gives them.

    Each part holds some farmers with all their parcels: parcels first, then farmers.
    """
    for _, part in inputs.take_in(pack, season).parts(PART_PARCELS):
        yield pd.concat(decide(part, pack), ignore_index=True)


def decide(intake: Intake, pack: Pack) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Limits of parcels and of their farmers, each as in `limit_book`; for one farmer as well as for a book."""
    book = open_book(intake, pack)
    ledger = _posted(book, book.mid, pack, keeps=True)
    low, high = (_posted(book, case, pack, keeps=False).amounts for case in (book.low, book.high))
    _post_facts(ledger, book, pack)
    known = book.decided | book.is_kept
    ids = plain_texts(book.frame.parcel_id)
    parcels = _rows("parcel", ids, plain_texts(book.frame.farmer_id), ledger.amounts, known, pack)
    parcels = _with_receipts(_with_interval(parcels, low, high, known), parcel_lines(ledger), "parcel", pack)
    totals, any_known = book.totals(ledger.amounts), book.totals(known.astype(np.int64)) > 0
    farmers = _rows("farmer", intake.subjects, intake.subjects, totals, any_known, pack)
    farmers = _with_interval(farmers, book.totals(low), book.totals(high), any_known)
    lines = farmer_lines(ledger, book, known, pack)
    return parcels, _with_receipts(farmers, lines, "farmer", pack)[intake.named]


def _with_receipts(rows: pd.DataFrame, lines: list[Lines], kind: str, pack: Pack) -> pd.DataFrame:
    visit = np.zeros(len(rows), dtype=bool)
    for each in lines:
        if each.code.startswith(_ALWAYS_VISIT) or each.code in pack.evidence.visit_reasons:
            visit[each.subject] = True
    reasons = receipt_texts(lines, principal_marks(lines), kind, len(rows), pack)
    return rows.assign(needs_visit=visit, reasons=pd.array(reasons, dtype="str"))


def _posted(book: Book, case: Case, pack: Pack, *, keeps: bool) -> Ledger:
    """Amounts of one view of what is uncertain, kept ones included."""
    ledger = Ledger(np.zeros(len(book.frame), dtype=np.int64), keeps=keeps)
    if isinstance(pack.rules, KccRules):
        post_kcc(ledger, book, case, pack.rules, pack)
    else:
        post_planting(ledger, book, case, pack.rules, pack)
    post_undecided(ledger, book, pack)
    return ledger


def _post_facts(ledger: Ledger, book: Book, pack: Pack) -> None:
    """Lines that change nothing and say why a person should look."""
    post_flags(ledger, book, pack)
    if isinstance(pack.rules, KccRules):
        post_kcc_facts(ledger, book, pack.rules, pack)
    else:
        post_planting_facts(ledger, book)


def _rows(kind: str, subjects: Texts, farmers: Texts, amounts: Ints, known: Bools, pack: Pack) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "subject_kind": kind,
            "subject_id": pd.Series(subjects, dtype="str"),
            "farmer_id": pd.Series(farmers, dtype="str"),
            "amount_minor": pd.array(amounts, dtype="Int64"),
            "currency": pack.currency.code,
            "policy_id": pack.id,
            "policy_hash": pack.content_hash,
        }
    ).assign(amount_minor=lambda frame: frame.amount_minor.where(known))


def _with_interval(rows: pd.DataFrame, low: Ints, high: Ints, known: Bools) -> pd.DataFrame:
    """Ends of the interval; they stop at the amount, past which sharing a farmer's ceiling may move a parcel's own."""
    amount = rows.amount_minor.fillna(0).to_numpy(dtype=np.int64)
    ends = {"low_minor": np.minimum(low, amount), "high_minor": np.maximum(high, amount)}
    return rows.assign(**{name: pd.Series(pd.array(end, dtype="Int64")).where(known) for name, end in ends.items()})
