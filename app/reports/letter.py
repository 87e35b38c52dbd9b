"""What a letter about one limit says, as data for its template."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from app.reports.sections import (
    Letter,
    Sender,
    footer,
    lines_table,
    parcels_table,
    pictures,
    reference,
    rests_on,
    say,
    season_span,
    section,
)
from geo.errors import InputError
from scoring.pack_schema import Pack
from scoring.receipts.explanation import Language, amount_text, day_text, explain, in_brackets, objection_texts


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
        section(letter, "reasons", "numbered", reasons),
        section(letter, "changes", "bullets", told.changes),
        section(letter, "rests_on", "text", [rests_on(letter, told.automated), say(letter, "no_contract")]),
        pictures(letter),
        section(letter, "objection", "text", told.objection),
        reference(letter, brief=True),
    ]
    amount = {
        "label": say(letter, "amount"),
        "notes": [note for note in (*letter.decided, told.span, told.visit) if note],
    }
    return {
        **_head(letter, "farmer_title"),
        "amount": {**amount, "value": told.amount or say(letter, "no_amount")},
        "sections": [each for each in sections if each.get("items", True)],
    }


def committee_letter(letter: Letter) -> dict[str, Any]:
    """Letter to a credit committee: all lines with the running amount, parcels, conditions, and what it rests on."""
    limit, language = letter.limit, letter.language
    principal = [line[language] for line in limit.principal]
    asks = [getattr(condition.asks, language) for condition in letter.pack.conditions]
    objection = objection_texts(letter.pack, language, letter.day) if letter.pack.objection else ()
    sections = [
        section(letter, "principal", "numbered", principal),
        lines_table(letter),
        parcels_table(letter),
        pictures(letter),
        section(letter, "conditions", "bullets", asks),
        section(letter, "rests_on", "text", [rests_on(letter, say(letter, "automated"))]),
        section(letter, "objection_of", "text", objection),
        reference(letter, brief=False),
    ]
    return {
        **_head(letter, "committee_title"),
        "amount": {"label": say(letter, "limit"), "value": _amount(letter), "notes": list(_notes(letter))},
        "sections": [each for each in sections if each.get("items", True)],
    }


def _head(letter: Letter, title: str) -> dict[str, Any]:
    language, limit, run = letter.language, letter.limit, letter.evidence.run
    return {
        "language": language,
        "region": "cn" if language == "zh" else "gb",
        "title": say(letter, title),
        "subject": limit.subject_id,
        "bank": letter.sender.bank,
        "office": letter.sender.office,
        "date": day_text(letter.day, language),
        "year": letter.day.year,
        "month": letter.day.month,
        "day": letter.day.day,
        "addressee": say(letter, "to", name=letter.addressee) if letter.addressee else "",
        "labels": list(_labels(letter)),
        "facts": [
            [say(letter, limit.kind), limit.subject_id],
            [say(letter, "season"), season_span(letter, run.season_id)],
            [say(letter, "policy"), getattr(letter.pack.title, language)],
        ],
        "footer": footer(letter),
    }


def _labels(letter: Letter) -> Iterator[str]:
    run = letter.evidence.run
    if run.simulated:
        yield say(letter, "simulated")
    if letter.pack.approval.state == "example":
        yield say(letter, "example")
    if run.policy_in_force is False:
        yield say(letter, "not_in_force")


def _amount(letter: Letter) -> str:
    minor = letter.limit.amount_minor
    return say(letter, "no_amount") if minor is None else amount_text(minor, letter.pack, letter.language)


def _notes(letter: Letter) -> Iterator[str]:
    limit = letter.limit
    yield from letter.decided
    if limit.low_minor is not None and limit.high_minor is not None:
        ends = (amount_text(minor, letter.pack, letter.language) for minor in (limit.low_minor, limit.high_minor))
        yield say(letter, "range", **dict(zip(("low", "high"), ends, strict=True)))
    if limit.needs_visit:
        yield say(letter, "visit")
