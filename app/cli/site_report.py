"""`acreline sites report`: what a watch saw of a site, as a document for the lender's engineer."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.cubes import Json
from app.cli.institution import DatabaseOption, institution

if TYPE_CHECKING:
    from app.jobs.sitereport.writing import WrittenReport


class Language(StrEnum):
    """Languages of reports."""

    EN = "en"
    ZH = "zh"


def register(app: typer.Typer) -> None:
    """Add the command to those of sites."""
    app.command()(report)


def report(
    site: Annotated[str, typer.Argument(help="Id of the site.", metavar="ID")],
    language: Annotated[Language, typer.Option(help="Language of the report.")],
    out: Annotated[Path, typer.Option(help="PDF to write.", metavar="FILE")],
    *,
    as_of: Annotated[
        str | None,
        typer.Option(help="Of the newest watch as of this day or earlier; the newest by default.", metavar="DATE"),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option("--by", help="Login of who gives it out; without it the report is a draft.", metavar="LOGIN"),
    ] = None,
    facts: Annotated[
        str | None,
        typer.Option(help="Write a report on record once more: the hash on its last page.", metavar="HASH"),
    ] = None,
    runs: Annotated[
        Path | None, typer.Option(help="Folder of runs; ACRELINE_RUNS_DIR by default.", metavar="DIR")
    ] = None,
    rules_dir: Annotated[Path | None, typer.Option(help="Folder of the bank's own alert rules.", metavar="DIR")] = None,
    fonts: Annotated[
        Path | None, typer.Option(help="Folder with further fonts, where the system has none for Chinese.")
    ] = None,
    database: DatabaseOption = None,
    as_json: Json = False,
) -> None:
    """Write the observation report of a site (PDF): an observation, no certificate; the lender's engineer signs.

    The same facts and pictures give the same bytes. A report with --by is on record with the hash of what it states.
    """
    from app.artefacts.folders import required
    from app.artefacts.runs import RunShelf
    from app.book.decisions.people import find_user
    from app.cli.days import past_day
    from app.jobs.sitereport.writing import ReportRequest, write_site_report
    from app.settings import load_settings

    shelf = RunShelf(required(runs or load_settings().runs_dir, "ACRELINE_RUNS_DIR"), monotonic)
    with institution(database) as engine:
        with engine.connect() as connection:
            person = None if by is None else find_user(connection, by)
        request = ReportRequest(
            site_id=site,
            language=language.value,
            by=person,
            as_of=past_day(as_of, "--as-of"),
            facts_hash=facts,
            rules_dir=rules_dir,
            fonts=fonts,
        )
        written = write_site_report(request, engine, shelf, out, lambda: datetime.now(UTC))
    typer.echo(json.dumps(_as_dict(written, out)) if as_json else _said(written, out))


def _as_dict(written: WrittenReport, out: Path) -> dict[str, object]:
    number = None if written.given is None else written.given.id
    told = {"file": str(out), "size": len(written.content), "sha256": written.sha256}
    return {**told, "facts_hash": written.facts_hash, "report": number}


def _said(written: WrittenReport, out: Path) -> str:
    given = "a draft, not on record" if written.given is None else f"report {written.given.id}"
    return f"{out}: {given}, {len(written.content)} bytes, sha256 {written.sha256}, facts {written.facts_hash}"
