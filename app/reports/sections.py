"""Parts of letters: what they rest on, tables of lines and parcels, and what a replay needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import Any, Final

from app.reports.pictures.curves import Curve, curve_drawing
from app.reports.pictures.ground import Ground, ground_drawing
from app.reports.words import word
from geo.season import parse_season
from scoring.money import to_major
from scoring.pack_schema import Pack
from scoring.receipt import crop_words
from scoring.receipts.evidence import Evidence, ParcelEvidence
from scoring.receipts.explanation import Language, day_text, in_language
from scoring.receipts.limit import Limit

#: Digits of a hash that tell one plan from another.
_SHORT: Final = 16


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes.

    Attributes:
        bank: name of the bank.
        office: office that answers for the limit; empty where none is named.
    """

    bank: str
    office: str


@dataclass(frozen=True, slots=True)
class Letter:
    """What a letter is about.

    Attributes:
        limit: what was decided.
        pack: the policy that it rests on.
        evidence: the way down to pixels and dates.
        sender: who writes.
        addressee: name on the letter; empty where only the subject's id is said.
        day: local day of the letter.
        language: "en" or "zh".
        decided: what was decided on the limit, in sentences; empty where nothing was.
        ground: the plots from above; None where the run has no picture.
        curves: of the plots; none where they were not seen.
    """

    limit: Limit
    pack: Pack
    evidence: Evidence
    sender: Sender
    addressee: str
    day: date
    language: Language
    decided: tuple[str, ...] = ()
    ground: Ground | None = None
    curves: tuple[Curve, ...] = ()


def season_span(letter: Letter, season_id: str) -> str:
    """A season by its first and last day."""
    season = parse_season(season_id)
    start, end = (day_text(day, letter.language) for day in (season.start, season.end))
    return say(letter, "season_span", start=start, end=end)


def footer(letter: Letter) -> str:
    """What names the letter on every page."""
    run, subject = letter.evidence.run, letter.limit.subject_id
    if run.plan is not None:
        return say(letter, "footer_plan", subject=subject, plan=run.plan[:_SHORT])
    return say(letter, "footer", subject=subject, run_id=run.run_id)


def rests_on(letter: Letter, automated: str) -> str:
    """That a program worked it out, then dates and imagery."""
    run = letter.evidence.run
    seen = _before_season(letter) if run.earlier else _clear_days(letter)
    imagery = say(letter, "imagery_simulated") if run.simulated else say(letter, "imagery", years=_years(letter))
    return ("" if letter.language == "zh" else " ").join((automated, seen, imagery))


def _clear_days(letter: Letter) -> str:
    days = letter.evidence.days
    if not days:
        return say(letter, "no_clear_days")
    first, last = (day_text(day, letter.language) for day in (days[0], days[-1]))
    return say(letter, "clear_days", count=len(days), first=first, last=last)


def _before_season(letter: Letter) -> str:
    spans = [season_span(letter, run.season_id) for run in letter.evidence.run.earlier]
    return say(letter, "before_season", spans=("；" if letter.language == "zh" else "; ").join(spans))


def _years(letter: Letter) -> str:
    """Years of the imagery, as its licence asks for them."""
    run = letter.evidence.run
    seasons = [parse_season(season_id) for season_id in ([each.season_id for each in run.earlier] or [run.season_id])]
    years = sorted({year for season in seasons for year in (season.start.year, season.end.year)})
    return "-".join(map(str, sorted({years[0], years[-1]})))


def lines_table(letter: Letter) -> dict[str, Any]:
    """Table of all lines: effect, amount so far, text; what changes nothing has no figures."""
    effects = [int(line["effect_minor"]) for line in letter.limit.lines]
    rows = [
        [_figure(effect, letter), _figure(running, letter), line[letter.language]]
        if effect
        else ["", "", line[letter.language]]
        for effect, running, line in zip(effects, accumulate(effects), letter.limit.lines, strict=True)
    ]
    if letter.limit.amount_minor is not None:
        rows.append(["", _figure(letter.limit.amount_minor, letter), say(letter, "limit")])
    currency = letter.limit.currency
    titles = (f"{say(letter, 'effect')}, {currency}", f"{say(letter, 'running')}, {currency}", say(letter, "text"))
    last = len(rows) - 1 if letter.limit.amount_minor is not None else None
    return _table(letter, "lines", titles, rows, right=(0, 1), wide=2, total=last)


def parcels_table(letter: Letter) -> dict[str, Any]:
    """Table of the parcels; before the season there is nothing to be seen of them yet."""
    observed = letter.evidence.run.plan is None
    names = ("parcel", "status", "crop" if observed else "planned", "area", *(("pixels", "dates") if observed else ()))
    rows = [
        [
            *(parcel.parcel_id, parcel.status, _crop(parcel, letter.language), f"{parcel.area_ha:.4f}"),
            *((str(parcel.pixels), str(len(parcel.looks))) if observed else ()),
        ]
        for parcel in letter.evidence.parcels
    ]
    return _table(letter, "parcels", [say(letter, name) for name in names], rows, right=(3, 4, 5), wide=2)


def pictures(letter: Letter) -> dict[str, Any]:
    """The plots from above and their curves, with what they show in words for whoever reads them aloud."""
    shown = []
    if letter.ground is not None:
        names = ", ".join(border.name for border in letter.ground.borders)
        shown.append(_picture(ground_drawing(letter.ground), say(letter, "ground_picture", names=names)))
    if letter.curves:
        season, names = parse_season(letter.evidence.run.season_id), ", ".join(each.name for each in letter.curves)
        shown.append(_picture(curve_drawing(letter.curves, season), say(letter, "curve_picture", names=names)))
    return {"heading": say(letter, "pictures"), "kind": "pictures", "items": shown}


def _picture(svg: str, says: str) -> dict[str, str]:
    return {"svg": svg, "says": says}


def reference(letter: Letter, *, brief: bool) -> dict[str, Any]:
    """What a replay needs; for a committee also what lies further down."""
    rows = [*_made(letter), ("policy", f"{letter.limit.policy_id} {letter.pack.version}")]
    rows.append(("limit_hash", letter.limit.sha256))
    if not brief:
        rows += _further(letter)
    named = [[say(letter, name), text] for name, text in rows]
    if not brief:
        named.append(["", say(letter, "replay", subject=letter.limit.subject_id)])
    return {"heading": say(letter, "reference"), "kind": "pairs", "rows": named}


def _made(letter: Letter) -> list[tuple[str, str]]:
    """The run, or the plan with the runs of earlier seasons."""
    run = letter.evidence.run
    if run.plan is None:
        said = say(letter, "run_facts", run_id=run.run_id, day=run.created_on, version=run.code_version)
        return [("run", said)]
    return [("plan", run.plan), *(("earlier", f"{each.run_id}, {each.season_id}") for each in run.earlier)]


def _further(letter: Letter) -> list[tuple[str, str]]:
    run, evidence = letter.evidence.run, letter.evidence
    rows = [("policy_hash", run.policy_hash)]
    if run.mask is not None:
        masking = ", ".join(f"{name} {str(value).lower()}" for name, value in run.mask.masking.items())
        share, least = run.mask.clear_share, run.mask.least_clear_dates
        rows += [
            ("model_hash", run.model_hash or "-"),
            ("mask", say(letter, "mask_rule", masking=masking, share=share, least=least)),
            ("scenes", say(letter, "scenes_used", count=len(evidence.scenes), of=evidence.scenes_of_run)),
        ]
    return rows


def section(letter: Letter, heading: str, kind: str, items: Sequence[str]) -> dict[str, Any]:
    """A part of sentences; `kind` is "numbered", "bullets" or "text"."""
    return {"heading": say(letter, heading), "kind": kind, "items": list(items)}


def _table(
    letter: Letter,
    heading: str,
    titles: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    right: Sequence[int],
    wide: int,
    total: int | None = None,
) -> dict[str, Any]:
    return {
        "heading": say(letter, heading),
        "kind": "table",
        "columns": [
            {"title": title, "right": place in right, "wide": place == wide} for place, title in enumerate(titles)
        ],
        "rows": [{"cells": list(cells), "total": place == total} for place, cells in enumerate(rows)],
    }


def _crop(parcel: ParcelEvidence, language: Language) -> str:
    if parcel.crop is None:
        return "-"
    name = in_language(crop_words(parcel.crop), language)
    return name if parcel.crop_prob is None else f"{name} {parcel.crop_prob:.2f}"


def _figure(minor: int, letter: Letter) -> str:
    return f"{to_major(minor, letter.pack.currency.exponent):,}".replace("-", "\N{MINUS SIGN}")


def say(letter: Letter, key: str, **facts: object) -> str:
    """A text in the letter's language."""
    return word(key, letter.language, **facts)
