"""Limits as JSON objects, for an officer's programs and for whatever tells a farmer; docs/policy.md lists the keys.

Amounts are decimal text in major units; the currency stands beside them.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from scoring.money import to_major
from scoring.pack_schema import Pack
from scoring.receipts.evidence import Evidence
from scoring.receipts.explanation import Explanation, Language
from scoring.receipts.limit import Limit


def officer_document(limit: Limit, pack: Pack, language: Language, evidence: Evidence | None) -> dict[str, Any]:
    """A limit with all its lines, and with the way down where it is given."""
    lines = [
        {name: line[name] for name in ("code", "effect", "principal", "facts")} | {"text": line[language]}
        for line in limit.lines
    ]
    return {**_identity(limit, pack), "lines": lines} | ({} if evidence is None else {"evidence": evidence.as_dict()})


def farmer_document(limit: Limit, pack: Pack, told: Explanation) -> dict[str, Any]:
    """A limit as a farmer is told it."""
    said = asdict(told)
    objection = pack.objection
    return {
        **_identity(limit, pack),
        **{name: said[name] for name in ("about", "opening", "span", "changes", "visit", "automated")},
        "amount_in_words": told.amount,
        "reasons": [
            {
                "code": reason.code,
                "text": reason.text,
                "effect": _decimal(reason.effect_minor, pack),
                "effect_in_words": reason.effect,
            }
            for reason in told.reasons
        ],
        "objection": {
            "texts": list(told.objection),
            "days": None if objection is None else objection.days,
            "answer_days": None if objection is None else objection.answer_days,
        },
    }


def policy_document(pack: Pack) -> dict[str, Any]:
    """The policy that limits rest on."""
    return {
        "id": pack.id,
        "version": pack.version,
        "content_hash": pack.content_hash,
        "approved": pack.approval.state == "approved",
    }


def _identity(limit: Limit, pack: Pack) -> dict[str, Any]:
    return {
        "subject_kind": limit.kind,
        "subject_id": limit.subject_id,
        "farmer_id": limit.farmer_id,
        "amount": _decimal(limit.amount_minor, pack),
        "low": _decimal(limit.low_minor, pack),
        "high": _decimal(limit.high_minor, pack),
        "currency": limit.currency,
        "needs_visit": limit.needs_visit,
        "sha256": limit.sha256,
    }


def _decimal(minor: int | None, pack: Pack) -> str | None:
    return None if minor is None else str(to_major(minor, pack.currency.exponent))
