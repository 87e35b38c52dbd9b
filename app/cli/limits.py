"""`acreline limits ...`: work a limit out step by step, explain one, write it as a letter, or replay it."""

from __future__ import annotations

import hashlib
import json
import sys
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer
from rich.console import Console

from app.cli import limits_book
from app.cli.which_limit import BookOption, Database, DecisionOption, ProposalOption, Question, RunOption
from geo.errors import InputError

if TYPE_CHECKING:
    from app.cli.explaining import Asked
    from scoring.receipts.explanation import Language as _Words

app = typer.Typer(help="Work out and explain credit limits.", no_args_is_help=True)
limits_book.register(app)


class Language(StrEnum):
    """Languages of explanations."""

    EN = "en"
    ZH = "zh"


class Reader(StrEnum):
    """Who reads an explanation."""

    OFFICER = "officer"
    FARMER = "farmer"


class Addressee(StrEnum):
    """Who gets a letter."""

    FARMER = "farmer"
    COMMITTEE = "committee"


class SubjectKind(StrEnum):
    """What a limit is of."""

    PARCEL = "parcel"
    FARMER = "farmer"


Subject: TypeAlias = Annotated[str | None, typer.Argument(metavar="[ID]", help="Parcel or farmer.")]
Kind: TypeAlias = Annotated[
    SubjectKind | None, typer.Option(help="Where a parcel and a farmer share the id: which is meant.")
]


@app.command()
def working(
    policy: Annotated[str, typer.Option(help="Policy pack, in-kcc-2018.")],
    facts: Annotated[Path, typer.Option(help="JSON file with crops, areas and term loans; see docs/policy.md.")],
    *,
    on: Annotated[
        str | None, typer.Option("--on", help="Day of the decision: refuses a policy not in force.", metavar="DATE")
    ] = None,
    packs: Annotated[Path | None, typer.Option(help="Folder of the bank's own policy packs.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the working as one JSON line.")] = False,
) -> None:
    """Print every step from facts to limit.

    Without --on the day is today, and a policy that is not in force is said to be so.
    """
    from app.cli.receipts import print_working
    from app.cli.run import day
    from scoring.policy import load_pack, require_in_force
    from scoring.worked_out import work_out

    pack = load_pack(policy, packs_dir=packs)
    decided_on = pack.local_day(datetime.now(UTC)) if on is None else day(on, "--on")
    if on is not None:
        require_in_force(pack, decided_on)
    result = work_out(_read_facts(facts), pack, decided_on)
    if as_json:
        typer.echo(json.dumps(result.to_dict(), ensure_ascii=False))
    else:
        print_working(Console(file=sys.stdout, soft_wrap=True), result)


@app.command()
def explain(
    subject: Subject = None,
    *,
    run: RunOption = None,
    book: BookOption = None,
    proposal: ProposalOption = None,
    decision: DecisionOption = None,
    database: Database = None,
    reader: Annotated[Reader, typer.Option("--for", help="Who reads it: an officer, or the farmer.")] = Reader.OFFICER,
    evidence: Annotated[
        bool, typer.Option("--evidence", help="For an officer: on to pixels, dates, cloud mask, model and policy.")
    ] = False,
    lang: Annotated[Language, typer.Option(help="Language of the lines.")] = Language.EN,
    kind: Kind = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object; see docs/policy.md.")] = False,
) -> None:
    """Print the receipt of a limit: lines whose effects add up to the amount; or what a farmer is told of it.

    For a farmer: plain words, at most four reasons, what would change the amount, and how to object. With --book what
    was decided stands above.
    """
    from app.cli.explaining import explain_as_json, explain_to_farmer, explain_to_officer

    if evidence and reader is Reader.FARMER:
        raise InputError("EXPLAIN_OPTION", "--evidence is for an officer.", "Leave it out, or give --for officer.")
    question = Question(run, book, proposal, decision, database, None if kind is None else kind.value)
    asked = _asked(subject, question, lang.value, evidence=evidence, farmer=reader is Reader.FARMER)
    if as_json:
        typer.echo(json.dumps(explain_as_json(asked), ensure_ascii=False))
    else:
        tell = explain_to_farmer if asked.farmer else explain_to_officer
        tell(Console(file=sys.stdout, soft_wrap=True), asked)


@app.command()
def letter(
    out: Annotated[Path, typer.Option(help="PDF to write.", metavar="FILE")],
    subject: Subject = None,
    *,
    run: RunOption = None,
    book: BookOption = None,
    proposal: ProposalOption = None,
    decision: DecisionOption = None,
    database: Database = None,
    reader: Annotated[
        Addressee, typer.Option("--for", help="Who gets it: the farmer, or the credit committee.")
    ] = Addressee.FARMER,
    lang: Annotated[Language, typer.Option(help="Language of the letter.")] = Language.EN,
    kind: Kind = None,
    addressee: Annotated[
        str | None, typer.Option(help="Name on the letter; without it the subject's id alone.", metavar="NAME")
    ] = None,
    bank: Annotated[str | None, typer.Option(help="Name of the bank; the policy's by default.", metavar="NAME")] = None,
    office: Annotated[
        str | None, typer.Option(help="Office that writes; the policy's by default.", metavar="NAME")
    ] = None,
    on: Annotated[
        str | None, typer.Option("--on", help="Day of the letter; today by the policy's calendar.", metavar="DATE")
    ] = None,
    fonts: Annotated[
        Path | None, typer.Option(help="Folder with further fonts, where the system has none for Chinese.")
    ] = None,
) -> None:
    """Write a limit as a letter (PDF) to a farmer or a credit committee. The same limit and day give the same bytes.

    With --book the batch's run is named with --run: the letter says what was seen on which days.
    """
    from app.cli.run import day
    from app.cli.which_limit import pixels_of, place_of
    from app.jobs.letter import LetterRequest, write_letter

    question = Question(run, book, proposal, decision, database, None if kind is None else kind.value)
    place = place_of(subject, question)
    request = LetterRequest(
        run=place.folder,
        subject=place.subject,
        kind=place.kind,
        pixels=pixels_of(place, run),
        verdict=None if place.decided is None else place.decided.verdict,
        reader=reader.value,
        language=lang.value,
        addressee=addressee,
        bank=bank,
        office=office,
        on=None if on is None else day(on, "--on"),
        fonts=fonts,
    )
    pages = write_letter(request, out, lambda: datetime.now(UTC))
    typer.echo(f"{out}: {pages.size} bytes, sha256 {pages.sha256}")


@app.command()
def replay(
    subjects: Annotated[list[str] | None, typer.Argument(metavar="[ID...]", help="Parcels or farmers.")] = None,
    *,
    run: RunOption = None,
    book: BookOption = None,
    proposal: ProposalOption = None,
    decision: DecisionOption = None,
    database: Database = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print each limit with its receipt as one JSON line.")
    ] = False,
) -> None:
    """Work past limits out again from what was recorded: the same bytes, or the input that is gone."""
    from app.cli.which_limit import by_folder, places_of
    from app.jobs.replay import replay_run
    from scoring.replay import limit_bytes

    places = places_of(subjects or [], Question(run, book, proposal, decision, database))
    for row in (row for folder, part in by_folder(places).items() for row in replay_run(folder, part)):
        said = limit_bytes(row)
        sha256 = hashlib.sha256(said).hexdigest()
        typer.echo(
            said if as_json else f"{row['subject_kind']} {row['subject_id']}: the same, {len(said)} bytes, {sha256}"
        )


def _asked(subject: str | None, question: Question, language: _Words, *, evidence: bool, farmer: bool) -> Asked:
    from app.cli.explaining import Asked
    from app.cli.which_limit import pixels_of, place_of
    from app.jobs.explain import read_limits

    place = place_of(subject, question)
    pixels, found = pixels_of(place, question.run) if evidence else None, place.decided
    if found is None:
        limits = read_limits(place.folder, place.subject, place.kind)
        return Asked(place.folder, limits, language, evidence=evidence, farmer=farmer)
    return Asked(
        place.folder, found.limits, language, evidence, farmer, found.grounds, verdict=found.verdict, pixels=pixels
    )


def _read_facts(path: Path) -> dict[str, object]:
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("FACTS_FILE", f"The facts {path} cannot be read.", "Name an existing JSON file.") from error
    except json.JSONDecodeError as error:
        raise InputError(
            "FACTS_JSON", f"{path} is not JSON: {error.msg} in line {error.lineno}.", "Mend the file."
        ) from error
    if not isinstance(facts, dict):
        raise InputError("FACTS_JSON", f"{path} holds no JSON object.", "See docs/policy.md for an example.")
    return facts
