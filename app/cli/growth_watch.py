"""`acreline growth watch|show|calendars|gaps`: a run watched as of a day, and what crop calendars know of it."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer
from rich.console import Console

from app.cli import growth_show
from app.cli.institution import institution, user_id

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from app.jobs.watch.asking import Asked

RunOption: TypeAlias = Annotated[Path, typer.Option(help="Folder of a finished run.", metavar="DIR")]
CalendarOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        help="Crop calendar by id or file; one speaks of all parcels, several by the parcels' district. "
        "By default every calendar, by district.",
        metavar="ID",
    ),
]
CalendarsOption: TypeAlias = Annotated[
    Path | None, typer.Option(help="Folder of the bank's own crop calendars.", metavar="DIR")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON line.")]


class KnownAt(StrEnum):
    """What says when a look became known."""

    CATALOGUE = "catalogue"
    SENSED = "sensed"


def watch(
    run: RunOption,
    as_of: Annotated[str, typer.Option(help="Day; only what was known by its end (UTC) counts.", metavar="DATE")],
    *,
    calendar: CalendarOption = None,
    calendars: CalendarsOption = None,
    rules: Annotated[str, typer.Option(help="Alert rules by id or file.", metavar="ID")] = "growth-1",
    rules_dir: Annotated[Path | None, typer.Option(help="Folder of the bank's own alert rules.", metavar="DIR")] = None,
    known_at: Annotated[
        KnownAt,
        typer.Option(help="When a look counts as known: when the catalogue says, or days after it was taken."),
    ] = KnownAt.CATALOGUE,
    known_after: Annotated[int, typer.Option(help="Those days, with --known-at sensed.", min=0, max=60)] = 1,
    out: Annotated[Path | None, typer.Option(help="Folder of the watches; RUN/watches by default.")] = None,
    by: Annotated[
        str | None, typer.Option("--by", help="Login of who asks; none for a timer.", metavar="LOGIN")
    ] = None,
    parcels_per_part: Annotated[int | None, typer.Option(help="Parcels that are judged together.", min=1)] = None,
    chips: Annotated[bool, typer.Option("--chips/--no-chips", help="Pictures before and after.")] = True,
    most_chips: Annotated[int, typer.Option(help="Alerts that get pictures, at most.", min=1)] = 200,
    pixels: Annotated[
        bool, typer.Option("--pixels/--no-pixels", help="Look into parcels' pixels: two crops, construction.")
    ] = True,
    accept_withdrawals: Annotated[
        bool, typer.Option("--accept-withdrawals", help="End alerts that are not found again, however many they are.")
    ] = False,
    history: Annotated[
        list[Path] | None,
        typer.Option(help="Finished run of an earlier season, for VCI; may come again.", metavar="DIR"),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what is found; write and record nothing.")] = False,
    as_json: AsJson = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
    database: Annotated[
        str | None,
        typer.Option("--database", help="Where alerts go; ACRELINE_DATABASE_URL, else the run's own file, by default."),
    ] = None,
) -> None:
    """Judge every parcel of a run as of a day, and take what changed into the alerts of the database.

    It can be killed at any moment; the same command goes on, and once it is through says that its watch stands. A day
    that is past on record is compared with the record, and nothing is written. No loan and no limit is changed.
    """
    from app.cli.growth_tables import print_watch
    from app.cli.run import day
    from app.jobs.progress import reporting
    from app.jobs.watch.asking import WatchRequest
    from app.jobs.watch.job import watch_run

    request = WatchRequest(
        run=run,
        as_of=day(as_of, "--as-of"),
        out=out,
        calendars=tuple(calendar or ()),
        calendars_dir=calendars,
        rules=rules,
        rules_dir=rules_dir,
        known_by="sensed" if known_at is KnownAt.SENSED else "catalogue",
        known_after=known_after,
        part_parcels=parcels_per_part,
        chips=most_chips if chips else 0,
        by=_number(by, database),
        dry_run=dry_run,
        pixels=pixels,
        accept_withdrawals=accept_withdrawals,
        history=tuple(history or ()),
    )
    with reporting(quiet=quiet) as report:
        opened = None if dry_run else lambda asked: _engine(asked, database)
        summary = watch_run(request, opened, report, lambda: datetime.now(UTC))
    if as_json:
        typer.echo(json.dumps(summary.as_dict(), ensure_ascii=False))
    else:
        print_watch(Console(file=sys.stdout, soft_wrap=True), summary)


def calendars(*, calendars: CalendarsOption = None, as_json: AsJson = False) -> None:
    """List the crop calendars that can be loaded, with their regions, days and crops."""
    from app.cli.growth_tables import calendar_dict, print_calendars
    from scoring.growth.calendars.regional import load_calendars

    found = load_calendars(calendars)
    if as_json:
        typer.echo(json.dumps([calendar_dict(each) for each in found], ensure_ascii=False))
    else:
        print_calendars(Console(file=sys.stdout, soft_wrap=True), found)


def gaps(
    run: RunOption, *, calendar: CalendarOption = None, calendars: CalendarsOption = None, as_json: AsJson = False
) -> None:
    """List crops and regions of a run's book without a calendar, the largest area first."""
    from dataclasses import asdict

    from app.cli.growth_tables import print_gaps
    from app.jobs.watch.asking import calendars_of, whole_run
    from app.jobs.watch.book import read_book
    from geo.season import parse_season

    season = parse_season(str(whole_run(run).parameters["season"]))
    known = calendars_of(tuple(calendar or ()), calendars)
    book = read_book(run, known[0].id if calendar and len(known) == 1 else None)
    found = book.gaps(known, season)
    if as_json:
        typer.echo(json.dumps([asdict(gap) for gap in found], ensure_ascii=False))
    else:
        print_gaps(Console(file=sys.stdout, soft_wrap=True), found, len(book), season.id)


def register(app: typer.Typer) -> None:
    """Add these commands to `acreline growth`."""
    for command in (watch, growth_show.show, calendars, gaps):
        app.command()(command)


def _engine(asked: Asked, url: str | None) -> Engine:
    """The institution's database where one is named, else the file of the run."""
    from app.jobs.watch.database import open_institution, open_of_run
    from app.settings import load_settings

    settings, run = load_settings(), asked.request.run
    if url is None and settings.database_url is None:
        return open_of_run(settings.run_database(run), run, asked.record)
    return open_institution(url or settings.run_database(run), asked.record)


def _number(login: str | None, database: str | None) -> int | None:
    """Number of a login; only an institution's database has people."""
    if login is None:
        return None
    with institution(database) as engine, engine.connect() as connection:
        return user_id(connection, login)
