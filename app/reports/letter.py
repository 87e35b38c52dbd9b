"""What a letter about one limit says, as data for its template."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import Any

from app.reports.words import word
from geo.errors import InputError
from geo.season import parse_season
from scoring.money import to_major
from scoring.pack_schema import Pack
from scoring.receipt import crop_words
from scoring.receipts.evidence import Evidence, ParcelEvidence
from scoring.receipts.explanation import (
    Language,
    amount_text,
    day_text,
    explain,
    in_brackets,
    in_language,
    objection_texts,
)
from scoring.receipts.limit import Limit


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
    """

    limit: Limit
    pack: Pack
    evidence: Evidence
    sender: Sender
    addressee: str
    day: date
    language: Language


def sender_of(pack: Pack, language: Language, bank: str | None, office: str | None) -> Sender:
    """Who writes: as named, else as the policy says.

    Raises:
        InputError: neither names the bank.
    """
    lender = pack.lender
    name = bank or ("" if lender is None else getattr(lender.name, language))
    if not name:
        said = f"The policy {pack.id!r} ({pack.version}) does not name the bank that writes."
        raise InputError("NO_LENDER", said, "Give --bank, or add the table [lender] to the policy.")
    # another bank's office is not the policy's
    own = lender is not None and lender.office is not None and bank is None
    return Sender(name, office or (getattr(lender.office, language) if own and lender else ""))


def farmer_letter(letter: Letter) -> dict[str, Any]:
    """Letter to a farmer: the amount, at most four reasons, what would change it, what it rests on, how to object.

    Raises:
        InputError: the policy does not say how to object; a letter must.
    """
    if letter.pack.objection is None:
        said = f"The policy {letter.pack.id!r} ({letter.pack.version}) does not say how a farmer objects."
        raise InputError("NO_OBJECTION", said, "Add the table [objection] to the policy, or write --for committee.")
    told = explain(letter.limit, letter.pack, letter.language, letter.day)
    reasons = [reason.text + in_brackets(reason.effect, letter.language) for reason in told.reasons]
    sections = [
        _section(letter, "reasons", "numbered", reasons),
        _section(letter, "changes", "bullets", told.changes),
        _section(letter, "rests_on", "text", [_rests_on(letter, told.automated), _say(letter, "no_contract")]),
        _section(letter, "objection", "text", told.objection),
        _reference(letter, brief=True),
    ]
    amount = {"label": _say(letter, "amount"), "notes": [note for note in (told.span, told.visit) if note]}
    return {
        **_head(letter, "farmer_title"),
        "amount": {**amount, "value": told.amount or _say(letter, "no_amount")},
        "sections": [section for section in sections if section.get("items", True)],
    }


def committee_letter(letter: Letter) -> dict[str, Any]:
    """Letter to a credit committee: all lines with the running amount, parcels, conditions, and what it rests on."""
    limit, language = letter.limit, letter.language
    principal = [line[language] for line in limit.principal]
    asks = [getattr(condition.asks, language) for condition in letter.pack.conditions]
    objection = objection_texts(letter.pack, language, letter.day) if letter.pack.objection else ()
    sections = [
        _section(letter, "principal", "numbered", principal),
        _lines(letter),
        _parcels(letter),
        _section(letter, "conditions", "bullets", asks),
        _section(letter, "rests_on", "text", [_rests_on(letter, _say(letter, "automated"))]),
        _section(letter, "objection_of", "text", objection),
        _reference(letter, brief=False),
    ]
    return {
        **_head(letter, "committee_title"),
        "amount": {"label": _say(letter, "limit"), "value": _amount(letter), "notes": list(_notes(letter))},
        "sections": [section for section in sections if section.get("items", True)],
    }


def _head(letter: Letter, title: str) -> dict[str, Any]:
    language, limit, run = letter.language, letter.limit, letter.evidence.run
    return {
        "language": language,
        "region": "cn" if language == "zh" else "gb",
        "title": _say(letter, title),
        "subject": limit.subject_id,
        "bank": letter.sender.bank,
        "office": letter.sender.office,
        "date": day_text(letter.day, language),
        "year": letter.day.year,
        "month": letter.day.month,
        "day": letter.day.day,
        "addressee": _say(letter, "to", name=letter.addressee) if letter.addressee else "",
        "labels": list(_labels(letter)),
        "facts": [
            [_say(letter, limit.kind), limit.subject_id],
            [_say(letter, "season"), _season(letter)],
            [_say(letter, "policy"), getattr(letter.pack.title, language)],
        ],
        "footer": _say(letter, "footer", subject=limit.subject_id, run_id=run.run_id),
    }


def _labels(letter: Letter) -> Iterator[str]:
    run = letter.evidence.run
    if run.simulated:
        yield _say(letter, "simulated")
    if letter.pack.approval.state == "example":
        yield _say(letter, "example")
    if run.policy_in_force is False:
        yield _say(letter, "not_in_force")


def _season(letter: Letter) -> str:
    season = parse_season(letter.evidence.run.season_id)
    start, end = (day_text(day, letter.language) for day in (season.start, season.end))
    return _say(letter, "season_span", start=start, end=end)


def _rests_on(letter: Letter, automated: str) -> str:
    """That a program worked it out, then dates and imagery."""
    days, language = letter.evidence.days, letter.language
    if letter.evidence.run.simulated:
        imagery = _say(letter, "imagery_simulated")
    else:
        season = parse_season(letter.evidence.run.season_id)
        years = sorted({season.start.year, season.end.year})
        imagery = _say(letter, "imagery", years="-".join(map(str, years)))
    clear = _say(letter, "no_clear_days")
    if days:
        first, last = (day_text(day, language) for day in (days[0], days[-1]))
        clear = _say(letter, "clear_days", count=len(days), first=first, last=last)
    return ("" if language == "zh" else " ").join((automated, clear, imagery))


def _amount(letter: Letter) -> str:
    minor = letter.limit.amount_minor
    return _say(letter, "no_amount") if minor is None else amount_text(minor, letter.pack, letter.language)


def _notes(letter: Letter) -> Iterator[str]:
    limit = letter.limit
    if limit.low_minor is not None and limit.high_minor is not None:
        ends = (amount_text(minor, letter.pack, letter.language) for minor in (limit.low_minor, limit.high_minor))
        yield _say(letter, "range", **dict(zip(("low", "high"), ends, strict=True)))
    if limit.needs_visit:
        yield _say(letter, "visit")


def _lines(letter: Letter) -> dict[str, Any]:
    """Table of all lines: effect, amount so far, text; what changes nothing has no figures."""
    effects = [int(line["effect_minor"]) for line in letter.limit.lines]
    rows = [
        [_figure(effect, letter), _figure(running, letter), line[letter.language]]
        if effect
        else ["", "", line[letter.language]]
        for effect, running, line in zip(effects, accumulate(effects), letter.limit.lines, strict=True)
    ]
    if letter.limit.amount_minor is not None:
        rows.append(["", _figure(letter.limit.amount_minor, letter), _say(letter, "limit")])
    currency = letter.limit.currency
    titles = (f"{_say(letter, 'effect')}, {currency}", f"{_say(letter, 'running')}, {currency}", _say(letter, "text"))
    last = len(rows) - 1 if letter.limit.amount_minor is not None else None
    return _table(letter, "lines", titles, rows, right=(0, 1), wide=2, total=last)


def _parcels(letter: Letter) -> dict[str, Any]:
    titles = tuple(_say(letter, name) for name in ("parcel", "status", "crop", "area", "pixels", "dates"))
    rows = [
        [
            parcel.parcel_id,
            parcel.status,
            _crop(parcel, letter.language),
            f"{parcel.area_ha:.4f}",
            str(parcel.pixels),
            str(len(parcel.looks)),
        ]
        for parcel in letter.evidence.parcels
    ]
    return _table(letter, "parcels", titles, rows, right=(3, 4, 5), wide=2)


def _reference(letter: Letter, *, brief: bool) -> dict[str, Any]:
    """What a replay needs; for a committee also what lies further down."""
    run, evidence = letter.evidence.run, letter.evidence
    rows = [
        ["run", _say(letter, "run_facts", run_id=run.run_id, day=run.created_on, version=run.code_version)],
        ["policy", f"{run.policy_id} {run.policy_version}"],
        ["limit_hash", letter.limit.sha256],
    ]
    if not brief:
        masking = ", ".join(f"{name} {str(value).lower()}" for name, value in run.masking.items())
        rows += [
            ["policy_hash", run.policy_hash],
            ["model_hash", run.model_hash or "-"],
            ["mask", _say(letter, "mask_rule", masking=masking, share=run.clear_share, least=run.least_clear_dates)],
            ["scenes", _say(letter, "scenes_used", count=len(evidence.scenes), of=evidence.scenes_of_run)],
        ]
    named = [[_say(letter, name), text] for name, text in rows]
    if not brief:
        named.append(["", _say(letter, "replay", subject=letter.limit.subject_id)])
    return {"heading": _say(letter, "reference"), "kind": "pairs", "rows": named}


def _section(letter: Letter, heading: str, kind: str, items: Sequence[str]) -> dict[str, Any]:
    return {"heading": _say(letter, heading), "kind": kind, "items": list(items)}


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
        "heading": _say(letter, heading),
        "kind": "table",
        "columns": [
            {"title": title, "right": place in right, "wide": place == wide} for place, title in enumerate(titles)
        ],
        "rows": [{"cells": list(cells), "total": place == total} for place, cells in enumerate(rows)],
    }


def _crop(parcel: ParcelEvidence, language: Language) -> str:
    if parcel.crop is None or parcel.crop_prob is None:
        return "-"
    return f"{in_language(crop_words(parcel.crop), language)} {parcel.crop_prob:.2f}"


def _figure(minor: int, letter: Letter) -> str:
    return f"{to_major(minor, letter.pack.currency.exponent):,}".replace("-", "\N{MINUS SIGN}")


def _say(letter: Letter, key: str, **facts: object) -> str:
    return word(key, letter.language, **facts)
