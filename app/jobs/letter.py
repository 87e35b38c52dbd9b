"""A limit of a run folder as a letter on disk."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Literal

from app.book.decisions.verdicts import Verdict, verdict_lines, verdict_told
from app.jobs.evidence import read_evidence
from app.jobs.explain import read_limit
from app.jobs.letterpictures import curves_of, ground_of
from app.jobs.replay import recorded_policy
from app.reports.letter import committee_letter, farmer_letter, sender_of
from app.reports.sections import Letter
from app.reports.typesetting import typeset
from geo.errors import InputError
from geo.files import whole_file
from scoring.pack_schema import Pack
from scoring.receipts.explanation import Language
from scoring.receipts.limit import Limit


@dataclass(frozen=True, slots=True)
class LetterRequest:
    """What letter is wanted.

    Attributes:
        run: folder of a run, or of a batch of the book.
        subject: parcel or farmer.
        kind: which of them where the id fits both.
        reader: who gets it.
        language: of the letter.
        addressee: name on it; None: the subject's id alone.
        bank: name of the bank; None: the policy's.
        office: office that writes; None: the policy's.
        on: local day of the letter; None: today by the policy's calendar.
        fonts: folder with further fonts.
        pixels: run folder with pixels and dates; None: run.
        verdict: what became of the proposal; None where there is none.
    """

    run: Path
    subject: str
    kind: str | None
    reader: Literal["farmer", "committee"]
    language: Language
    addressee: str | None = None
    bank: str | None = None
    office: str | None = None
    on: date | None = None
    fonts: Path | None = None
    pixels: Path | None = None
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """A letter that was written.

    Attributes:
        size: bytes.
        sha256: of its content.
    """

    size: int
    sha256: str


def write_letter(request: LetterRequest, out: Path, clock: Callable[[], datetime]) -> Written:
    """Write the letter; an earlier file of the name is replaced once the new one is whole.

    Raises:
        InputError: no such subject, no font, no name of a bank, no way to object, or the file cannot be written; or a
            farmer would be told the policy's amount where another one was decided.
        DataError: a file of the run is missing or damaged.
    """
    content = letter_bytes(request, clock)
    try:
        with whole_file(out) as part:
            part.write_bytes(content)
    except OSError as error:
        said = f"{out} cannot be written ({error.strerror})."
        raise InputError("OUT_UNWRITABLE", said, "Choose another --out.") from error
    return Written(len(content), hashlib.sha256(content).hexdigest())


def letter_bytes(request: LetterRequest, clock: Callable[[], datetime]) -> bytes:
    """The letter as PDF; errors as write_letter's, but for files that cannot be written."""
    letter = _letter(request, clock)
    compose = farmer_letter if request.reader == "farmer" else committee_letter
    return typeset("letter", compose(letter), letter.day, request.fonts)


def _letter(request: LetterRequest, clock: Callable[[], datetime]) -> Letter:
    limit, pack = read_limit(request.run, request.subject, request.kind), recorded_policy(request.run)
    pixels = request.pixels or request.run
    if request.reader == "farmer":
        _check_amount(limit, request.verdict)
    evidence = read_evidence(pixels, limit, pack)
    return Letter(
        limit=limit,
        pack=pack,
        evidence=evidence,
        sender=sender_of(pack, request.language, request.bank, request.office),
        addressee=request.addressee or "",
        day=pack.local_day(clock()) if request.on is None else request.on,
        language=request.language,
        decided=_decided(request, pack),
        ground=ground_of(pixels, evidence),
        curves=curves_of(pixels, evidence),
    )


def _check_amount(limit: Limit, verdict: Verdict | None) -> None:
    if verdict is not None and not verdict.gives(limit.amount_minor):
        raise InputError(
            "LETTER_OF_OTHER_AMOUNT",
            f"Decision {verdict.decision_id} ({verdict.outcome}) did not give the policy's amount,"
            " which is what a letter to the farmer tells.",
            "Write --for committee, which says both; tell the farmer of this decision by hand.",
        )


def _decided(request: LetterRequest, pack: Pack) -> tuple[str, ...]:
    if request.verdict is None:
        return ()
    if request.reader == "committee":
        return tuple(verdict_lines(request.verdict, pack, request.language))
    told = verdict_told(request.verdict, pack, request.language)
    return (told,) if told else ()
