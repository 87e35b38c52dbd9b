"""What `acreline limits explain` answers: an officer, a farmer, or a program."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from app.book.decisions.verdicts import Verdict, verdict_lines, verdict_told
from app.cli.evidence import print_evidence
from app.cli.receipts import print_explanation, print_labels, print_receipts, say
from app.jobs.grounds import Grounds, read_grounds
from app.jobs.next_look import next_looks
from app.jobs.replay import recorded_policy
from geo.errors import DataError
from scoring.next_look.lines import outlook_lines
from scoring.next_look.outlook import Outlook
from scoring.pack_schema import Pack
from scoring.receipts.documents import farmer_document, officer_document, policy_document
from scoring.receipts.evidence import Evidence
from scoring.receipts.explanation import Language, explain
from scoring.receipts.limit import Limit

_NO_LOOK: Final = {
    "en": "What a look would change cannot be worked out: {why}",
    "zh": "无法测算补充影像或走访带来的变化：{why}",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked.

    Attributes:
        run: folder of a run, or of a batch of the book.
        limits: of the subject.
        language: of the answer.
        evidence: whether the way down to the pixels is wanted.
        farmer: whether a farmer is to read it.
        grounds: of a batch; None: as the run folder says.
        verdict: what became of the proposal; None where there is none.
        pixels: run folder with pixels and dates; None: run.
    """

    run: Path
    limits: Sequence[Limit]
    language: Language
    evidence: bool
    farmer: bool
    grounds: Grounds | None = None
    verdict: Verdict | None = None
    pixels: Path | None = None


def explain_to_officer(console: Console, asked: Asked) -> None:
    """Print what was decided, receipts, what a look would change, and the way down where it is asked for."""
    if asked.verdict is not None:
        for line in verdict_lines(asked.verdict, recorded_policy(asked.run), asked.language):
            say(console, line, style="bold")
    print_receipts(console, asked.limits, asked.language)
    for line in _look_lines(asked):
        say(console, line)
    if asked.evidence:
        pack = recorded_policy(asked.run)
        for limit in asked.limits:
            print_evidence(console, limit, _evidence(asked, limit, pack), asked.language)


def explain_to_farmer(console: Console, asked: Asked) -> None:
    """Print what the farmer is told, under a label where it is no real limit."""
    pack = recorded_policy(asked.run)
    example = pack.approval.state == "example"
    print_labels(console, asked.language, example=example, simulated=_grounds(asked).simulated)
    told = "" if asked.verdict is None else verdict_told(asked.verdict, pack, asked.language)
    if told:
        say(console, told, style="bold")
    for limit in asked.limits:
        print_explanation(console, explain(limit, pack, asked.language), asked.language)


def explain_as_json(asked: Asked) -> dict[str, Any]:
    """The answer as one JSON object."""
    pack, grounds = recorded_policy(asked.run), _grounds(asked)
    document = _for_farmer if asked.farmer else _for_officer
    return {
        "run_id": grounds.run_id,
        "plan": grounds.plan,
        "simulated": grounds.simulated,
        "language": asked.language,
        "reader": "farmer" if asked.farmer else "officer",
        "policy": policy_document(pack),
        "decision": None if asked.verdict is None else asked.verdict.to_dict(),
        "limits": document(asked, pack),
    }


def _grounds(asked: Asked) -> Grounds:
    return read_grounds(asked.run) if asked.grounds is None else asked.grounds


def _for_farmer(asked: Asked, pack: Pack) -> list[dict[str, Any]]:
    return [farmer_document(limit, pack, explain(limit, pack, asked.language)) for limit in asked.limits]


def _for_officer(asked: Asked, pack: Pack) -> list[dict[str, Any]]:
    looks, told = _looks(asked), []
    for limit in asked.limits:
        evidence = _evidence(asked, limit, pack) if asked.evidence else None
        told.append(officer_document(limit, pack, asked.language, evidence) | _looks_told(looks, limit))
    return told


def _evidence(asked: Asked, limit: Limit, pack: Pack) -> Evidence:
    # opens the packages of imagery, which a receipt alone does not need
    from app.jobs.evidence import read_evidence

    return read_evidence(asked.pixels or asked.run, limit, pack)


def _looks(asked: Asked) -> tuple[Mapping[str, Outlook], Pack] | DataError:
    """What one more image, a visit or a paper would change, by kind of subject; the error where an input is gone."""
    try:
        found, pack = next_looks(asked.run, [asked.limits[0].subject_id])
    except DataError as error:
        return error
    return {outlook.subject_kind: outlook for outlook in found}, pack


def _look_lines(asked: Asked) -> list[str]:
    looks = _looks(asked)
    if isinstance(looks, DataError):
        return [_NO_LOOK[asked.language].format(why=looks.message)]
    by_kind, pack = looks
    kinds = {limit.kind for limit in asked.limits}
    wanted = (outlook for kind, outlook in by_kind.items() if kind in kinds)
    return [line for outlook in wanted for line in outlook_lines(outlook, pack, asked.language)[1:]]


def _looks_told(looks: tuple[Mapping[str, Outlook], Pack] | DataError, limit: Limit) -> dict[str, Any]:
    if isinstance(looks, DataError):
        return {"next": None, "next_missing": looks.message}
    return {"next": looks[0][limit.kind].to_dict()}
