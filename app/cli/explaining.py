"""What `acreline limits explain` answers: an officer, a farmer, or a program."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from app.cli.evidence import print_evidence
from app.cli.receipts import print_explanation, print_labels, print_receipts
from app.jobs.grounds import read_grounds
from app.jobs.replay import recorded_policy
from scoring.pack_schema import Pack
from scoring.receipts.documents import farmer_document, officer_document, policy_document
from scoring.receipts.evidence import Evidence
from scoring.receipts.explanation import Language, explain
from scoring.receipts.limit import Limit


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked.

    Attributes:
        run: run folder.
        limits: of the subject.
        language: of the answer.
        evidence: whether the way down to the pixels is wanted.
        farmer: whether a farmer is to read it.
    """

    run: Path
    limits: Sequence[Limit]
    language: Language
    evidence: bool
    farmer: bool


def explain_to_officer(console: Console, asked: Asked) -> None:
    """Print receipts, and the way down where it is asked for."""
    print_receipts(console, asked.limits, asked.language)
    if asked.evidence:
        pack = recorded_policy(asked.run)
        for limit in asked.limits:
            print_evidence(console, limit, _evidence(asked, limit, pack), asked.language)


def explain_to_farmer(console: Console, asked: Asked) -> None:
    """Print what the farmer is told, under a label where it is no real limit."""
    pack = recorded_policy(asked.run)
    example = pack.approval.state == "example"
    print_labels(console, asked.language, example=example, simulated=read_grounds(asked.run).simulated)
    for limit in asked.limits:
        print_explanation(console, explain(limit, pack, asked.language), asked.language)


def explain_as_json(asked: Asked) -> dict[str, Any]:
    """The answer as one JSON object."""
    pack, grounds = recorded_policy(asked.run), read_grounds(asked.run)
    return {
        "run_id": grounds.run_id,
        "plan": grounds.plan,
        "simulated": grounds.simulated,
        "language": asked.language,
        "reader": "farmer" if asked.farmer else "officer",
        "policy": policy_document(pack),
        "limits": [_document(asked, limit, pack) for limit in asked.limits],
    }


def _document(asked: Asked, limit: Limit, pack: Pack) -> dict[str, Any]:
    if asked.farmer:
        return farmer_document(limit, pack, explain(limit, pack, asked.language))
    evidence = _evidence(asked, limit, pack) if asked.evidence else None
    return officer_document(limit, pack, asked.language, evidence)


def _evidence(asked: Asked, limit: Limit, pack: Pack) -> Evidence:
    # opens the packages of imagery, which a receipt alone does not need
    from app.jobs.evidence import read_evidence

    return read_evidence(asked.run, limit, pack)
