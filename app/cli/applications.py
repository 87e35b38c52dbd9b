"""`acreline applications ...`: what farmers apply for, as the office keeps it. Changing them is the office's own."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import typer

from app.cli.institution import ByOption, DatabaseOption, institution

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from app.book.applications.files import Filed

app = typer.Typer(help="Applications of the office: list and show them.", no_args_is_help=True)

Stage: TypeAlias = Literal["draft", "submitted", "in_review", "proposed", "approved", "refused", "granted", "withdrawn"]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print one JSON line for each.")]


@app.callback()
def _group() -> None:
    """Applications of the office."""


@app.command(name="list")
def list_them(
    *,
    unit: Annotated[str | None, typer.Option(help="Of this unit and those below it only.", metavar="CODE")] = None,
    stage: Annotated[Stage | None, typer.Option(help="Where they stand.")] = None,
    after: Annotated[int, typer.Option(help="Only rows older than this one: see the end of a full list.", min=0)] = 0,
    most: Annotated[int, typer.Option(help="How many at most.", min=1)] = 50,
    database: DatabaseOption = None,
    as_json: AsJson = False,
) -> None:
    """List applications, the newest first, without names."""
    from app.book.applications.listing import Wanted, list_files
    from app.book.applications.stages import Stage as Stages
    from app.cli.application_tables import line_of, line_values

    wanted = Wanted(unit, None if stage is None else Stages(stage), after, most)
    with institution(database) as engine, engine.connect() as connection:
        found = list_files(connection, wanted)
    for filed in found:
        typer.echo(json.dumps(line_values(filed), ensure_ascii=False) if as_json else line_of(filed))
    if as_json:
        return
    if not found:
        typer.echo("No such application.")
    if len(found) == most:
        typer.echo(f"There may be more: --after {found[-1].id}")


@app.command()
def show(
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="Number of an application.")],
    by: ByOption,
    *,
    packs: Annotated[Path | None, typer.Option(help="Folder of the bank's own policy packs.")] = None,
    database: DatabaseOption = None,
    as_json: AsJson = False,
) -> None:
    """Print an application with its borrower's name; that somebody looked is written down first."""
    from app.cli.application_tables import page_lines, page_of

    with institution(database) as engine:
        filed = _looked_at(engine, number, by)
        with engine.connect() as connection:
            page = page_of(connection, filed, packs, datetime.now(UTC))
    if as_json:
        typer.echo(json.dumps(page, ensure_ascii=False, default=str))
        return
    for line in page_lines(page):
        typer.echo(line)


def _looked_at(engine, number: str, by: str) -> Filed:  # type: ignore[no-untyped-def]  # noqa: ANN001
    from app.book.decisions.people import find_user
    from app.book.parties.access import note_view
    from app.db.engine import writing

    with writing(engine) as connection:
        filed = _find(connection, number)
        who, now = find_user(connection, by).id, datetime.now(UTC)
        note_view(connection, filed.party_id, who, "name and contact", "application on the command line", now)
    return filed


def _find(connection: Connection, number: str) -> Filed:
    from sqlalchemy import true

    from app.book.applications.files import find

    return find(connection, number, true())
