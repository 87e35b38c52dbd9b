"""Which limit a command means: of a run, of the book, or the one that a proposal or decision rests on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from app.cli.institution import DatabaseOption, institution
from geo.errors import InputError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from app.book.decisions.decided import Decided

RunOption: TypeAlias = Annotated[
    Path | None, typer.Option("--run", help="Run folder, or a folder of `limits plan`; beside --book for its pixels.")
]
BookOption: TypeAlias = Annotated[
    Path | None, typer.Option("--book", help="Folder of the book: the newest batch that decided the subject again.")
]
ProposalOption: TypeAlias = Annotated[
    int | None, typer.Option("--proposal", help="Number of a proposal, in place of an id.", metavar="N", min=1)
]
DecisionOption: TypeAlias = Annotated[
    int | None, typer.Option("--decision", help="Number of a decision, in place of an id.", metavar="N", min=1)
]
Database: TypeAlias = DatabaseOption


@dataclass(frozen=True, slots=True)
class Question:
    """How a limit was named on the command line.

    Attributes:
        run: run folder.
        book: folder of the book.
        proposal: number of a proposal.
        decision: number of a decision.
        database: URL of the institution's database; None: that of the settings.
        kind: "parcel" or "farmer"; None: either.
    """

    run: Path | None
    book: Path | None
    proposal: int | None
    decision: int | None
    database: str | None
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a limit lies.

    Attributes:
        folder: of a run or batch.
        subject: parcel or farmer.
        kind: which of them; None: either.
        decided: what the book knows of it; None where a run was named.
    """

    folder: Path
    subject: str
    kind: str | None
    decided: Decided | None


def places_of(subjects: Sequence[str], question: Question) -> list[Place]:
    """Where the limits lie, in the order in which they were named.

    Raises:
        InputError: too little, too much or nothing known was named; or the book has no such limit.
        DataError: a file of the book is gone or is not what was decided, or data were erased.
    """
    numbered = question.decision is not None or question.proposal is not None
    _check(subjects, question, numbered=numbered)
    if question.book is None:
        assert question.run is not None  # noqa: S101 - _check refuses it
        return [Place(question.run, subject, question.kind, None) for subject in subjects]
    with institution(question.database) as engine, engine.connect() as connection:
        return list(_in_book(connection, subjects, question))


def place_of(subject: str | None, question: Question) -> Place:
    """Where one limit lies; errors as places_of's."""
    return places_of([] if subject is None else [subject], question)[0]


def by_folder(places: Sequence[Place]) -> dict[Path, list[str]]:
    """Subjects by folder, in the order in which they were named."""
    found: dict[Path, list[str]] = {}
    for place in places:
        found.setdefault(place.folder, []).append(place.subject)
    return found


def pixels_of(place: Place, run: Path | None) -> Path:
    """Run folder with the pixels and dates of a limit: the one that was named, found to be the batch's.

    Raises:
        InputError: a batch without its run, or with another one.
    """
    if place.decided is None:
        return place.folder
    from app.jobs.publish import committed_run

    wanted = place.decided.grounds.run_id
    if run is None:
        raise InputError(
            "RUN_NOT_NAMED",
            f"Pixels and dates of the batch {place.decided.batch_id} lie in its run {wanted}.",
            "Give --run with the folder of that run beside --book.",
        )
    record = committed_run(run)
    if record is None or record.run_id != wanted:
        holds = "no finished run" if record is None else f"the run {record.run_id}"
        said = f"The batch {place.decided.batch_id} rests on the run {wanted}, and {run} holds {holds}."
        raise InputError("RUN_OF_OTHER_BATCH", said, f"Name the folder of {wanted} with --run.")
    return run


def _check(subjects: Sequence[str], question: Question, *, numbered: bool) -> None:
    if question.book is None and numbered:
        raise InputError(
            "LIMIT_NOT_NAMED", "--proposal and --decision need the folder of the book.", "Give --book as well."
        )
    if question.book is None and question.run is None:
        raise InputError("LIMIT_NOT_NAMED", "No folder is named.", "Give --run RUN, or --book BOOK.")
    named = bool(subjects) + (question.proposal is not None) + (question.decision is not None)
    if named != 1:
        raise InputError(
            "LIMIT_NOT_NAMED",
            "A limit is named by its id, by --proposal or by --decision: by one of them.",
            "`acreline decisions list` shows the numbers.",
        )


def _in_book(connection: Connection, subjects: Sequence[str], question: Question) -> Iterator[Place]:
    from app.book.decisions.decided import limit_of_decision, limit_of_proposal, newest_limit
    from app.book.refresh.folder import BookFolder

    assert question.book is not None  # noqa: S101 - asked only with a book
    book = BookFolder(question.book)
    if question.decision is not None:
        yield _place(limit_of_decision(connection, book, question.decision))
    elif question.proposal is not None:
        yield _place(limit_of_proposal(connection, book, question.proposal))
    for subject in subjects:
        yield _place(newest_limit(connection, book, subject, question.kind), question.kind)


def _place(found: Decided, kind: str | None = None) -> Place:
    return Place(found.folder, found.subject_id, kind or _only_kind(found), found)


def _only_kind(found: Decided) -> str | None:
    return found.limits[0].kind if len(found.limits) == 1 else None
