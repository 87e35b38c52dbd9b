"""`acreline signals ...`: signals from outside, read from files and shown beside alerts."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import typer

from app.cli.institution import ByOption, DatabaseOption, institution

if TYPE_CHECKING:
    from app.alerts.signals.about import Signal
    from app.alerts.signals.reading import Reading

app = typer.Typer(
    help="Signals from outside: weather warnings, litigation, insurance. They raise no alert.", no_args_is_help=True
)

Kind: TypeAlias = Literal["weather_warning", "litigation", "insurance", "pest", "market", "other"]


@app.callback()
def _group() -> None:
    """Signals from outside."""


@app.command(name="import")
def import_files(
    files: Annotated[
        list[Path],
        typer.Argument(help="CSV, Parquet, JSON, GeoJSON, or CAP 1.2 messages (.xml, .cap).", metavar="FILE"),
    ],
    source: Annotated[str, typer.Option(help="Who says so.", metavar="NAME")],
    by: ByOption,
    *,
    as_of: Annotated[
        str | None, typer.Option(help="Day on which the source said it; CAP messages carry their own.", metavar="DATE")
    ] = None,
    kind: Annotated[Kind | None, typer.Option(help="Of rows and messages that do not say.")] = None,
    language: Annotated[
        str, typer.Option("--lang", help="Of the texts to take from CAP messages in several.", metavar="TAG")
    ] = "en",
    areas: Annotated[
        Path | None, typer.Option(help="Outlines of the codes that CAP messages name for areas.", metavar="FILE")
    ] = None,
    area_column: Annotated[str, typer.Option(help="Column of the codes in --areas.", metavar="NAME")] = "code",
    known_only: Annotated[
        bool,
        typer.Option("--known-only", help="Leave out what is about unknown parcels or persons, or without consent."),
    ] = False,
    encoding: Annotated[str, typer.Option(help="Of a CSV; gb18030 in many systems.")] = "utf-8-sig",
    delimiter: Annotated[str, typer.Option(help="Of a CSV.")] = ",",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and write nothing.")] = False,
    database: DatabaseOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON line.")] = False,
) -> None:
    """Take signals in, all or none; the same files again change nothing. docs/alerts.md lists the columns."""
    from app.alerts.signals.areas import read_areas
    from app.alerts.signals.reading import Reading, read_signals
    from app.alerts.signals.taking_in import take_in
    from app.book.decisions.people import find_user
    from app.cli.run import day
    from app.db.engine import writing
    from app.db.tables.alert_kinds import SignalKind

    coded = None if areas is None else read_areas(areas, area_column)
    how: Reading = Reading(None if kind is None else SignalKind(kind), language, coded, encoding, delimiter)
    stated = read_signals(files, how)
    said_on = None if as_of is None else day(as_of, "--as-of")
    with institution(database) as engine, writing(engine) as connection:
        find_user(connection, by)
        undone = connection.begin_nested()
        done = take_in(connection, stated, source=source, as_of=said_on, now=datetime.now(UTC), known_only=known_only)
        if dry_run:
            undone.rollback()
    if as_json:
        typer.echo(json.dumps({**done.as_dict(), "written": not dry_run}))
        return
    counts = f"{done.new} new, {done.known} known as stated, {done.taken_back} taken back by their source"
    typer.echo(f"{counts}{' (dry run: nothing was written)' if dry_run else ''}.")
    if done.passed_over:
        typer.echo(f"{done.passed_over} messages were tests, exercises or answers and were passed over.")
    if done.unknown or done.without_consent:
        typer.echo(
            f"Left out: {done.unknown} about unknown parcels or persons, {done.without_consent} without consent."
        )


@app.command(name="list")
def list_known(
    *,
    parcel: Annotated[
        str | None, typer.Option(help="Only those that concern a parcel, its party or its ground.", metavar="ID")
    ] = None,
    kind: Annotated[Kind | None, typer.Option(help="Only of a kind.")] = None,
    on: Annotated[
        str | None, typer.Option(help="Those that count on a day; with --parcel today by default.", metavar="DATE")
    ] = None,
    limit: Annotated[int, typer.Option(help="Most to print, without --parcel.", min=1)] = 50,
    database: DatabaseOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON line for each.")] = False,
) -> None:
    """Print signals; with --parcel those that concern it on a day."""
    from app.alerts.signals.about import list_signals, signals_about
    from app.cli.run import day
    from app.db.tables.alert_kinds import SignalKind

    wanted = None if on is None else day(on, "--on")
    only = None if kind is None else SignalKind(kind)
    with institution(database) as engine, engine.connect() as connection:
        if parcel is None:
            found = list_signals(connection, day=wanted, kind=only, limit=limit)
        else:
            about = signals_about(connection, parcel, wanted or datetime.now(UTC).date())
            found = tuple(each for each in about if only is None or each.kind is only)
    for signal in found:
        typer.echo(json.dumps(asdict(signal), default=str, ensure_ascii=False) if as_json else _line(signal))
    if not found and not as_json:
        typer.echo("No signals.")


def _line(signal: Signal) -> str:
    party = None if signal.party_id is None else f"party {signal.party_id}"
    parcel = None if signal.parcel_id is None else f"parcel {signal.parcel_id}"
    about = ", ".join(each for each in (parcel, party, "an area" if signal.has_area else None) if each)
    until = f"until {signal.ends_on}" if signal.ends_on else "open"
    expires = f", good until {signal.expires_on}" if signal.expires_on else ""
    said = " ".join(signal.said.split())
    origin = f"{signal.source}, {signal.as_of}{expires}"
    days = f"{signal.starts_on} {until}"
    return f"Signal {signal.id}\t{signal.kind}\t{signal.level or '-'}\t{days}\t{about}\t{said} ({origin})"
