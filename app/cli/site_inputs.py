"""`acreline sites redlines ...` and `acreline sites meters ...`: what others say of sites."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeAlias

import typer
from rich.console import Console

from app.cli.cubes import Json
from app.cli.institution import ByOption, DatabaseOption, institution

if TYPE_CHECKING:
    from app.jobs.redlines import RedLineFile
    from app.sites.redlines import HeldLine
    from app.sites.redlining import TakenLines

redlines = typer.Typer(help="Ground that nothing may be built on, as its keeper drew it.", no_args_is_help=True)
meters = typer.Typer(help="Energy that plants fed in, as meters say.", no_args_is_help=True)

Kind: TypeAlias = Literal["farmland", "ecological", "other"]
_SHOWN: Final = 20


@redlines.callback()
def _red_lines() -> None:
    """Ground that nothing may be built on."""


@redlines.command(name="import")
def import_red_lines(
    file: Annotated[Path, typer.Argument(help="GeoJSON, GeoPackage, Shapefile (or a zip of one) or GeoParquet.")],
    kind: Annotated[Kind, typer.Option(help="What it protects.")],
    source: Annotated[str, typer.Option(help="Who keeps it.", metavar="NAME")],
    as_of: Annotated[str, typer.Option(help="Day on which the source stated it.", metavar="DATE")],
    by: ByOption,
    *,
    id_column: Annotated[
        str | None,
        typer.Option(help="Column of the source's own ids: a later file's line takes its place.", metavar="C"),
    ] = None,
    name_column: Annotated[str | None, typer.Option(help="Column of names for people.", metavar="C")] = None,
    crs: Annotated[
        str | None, typer.Option(help="Reference system of a file that states none.", metavar="EPSG:...")
    ] = None,
    expires: Annotated[str | None, typer.Option(help="Last day on which it is good.", metavar="DATE")] = None,
    whole: Annotated[
        bool,
        typer.Option("--whole", help="The file holds all of the source's lines of this kind: others hold no more."),
    ] = False,
    database: DatabaseOption = None,
    as_json: Json = False,
) -> None:
    """Take red lines in, all or none; the same file again changes nothing, and a later day of a line holds instead."""
    from app.book.decisions.people import find_user
    from app.cli.run import day
    from app.db.engine import writing
    from app.db.tables.site_kinds import RedLineKind
    from app.jobs.redlines import Columns, read_red_lines
    from app.sites.redlining import Layer, take_red_lines

    good_until = None if expires is None else day(expires, "--expires")
    layer = Layer(RedLineKind(kind), source, day(as_of, "--as-of"), good_until, whole)
    read = read_red_lines(file, Columns(id_column, name_column), crs)
    with institution(database) as engine, writing(engine) as connection:
        taken = take_red_lines(connection, read.lines, layer, find_user(connection, by), datetime.now(UTC))
    if as_json:
        typer.echo(json.dumps({**taken.as_dict(), "mended": list(read.notes)}, ensure_ascii=False))
    else:
        typer.echo(_said(taken, read, ids_made=id_column is None))


@redlines.command(name="list")
def list_red_lines(
    *,
    kind: Annotated[Kind | None, typer.Option(help="Only of a kind.")] = None,
    site: Annotated[str | None, typer.Option(help="Only those that a site's border meets.", metavar="ID")] = None,
    as_of: Annotated[str | None, typer.Option(help="As they held at the end of a day.", metavar="DATE")] = None,
    limit: Annotated[int, typer.Option(help="Most to print.", min=1)] = 50,
    database: DatabaseOption = None,
    as_json: Json = False,
) -> None:
    """List the red lines that hold."""
    from app.db.tables.site_kinds import RedLineKind
    from app.sites.redlines import red_lines_at

    at = _end_of(as_of)
    with institution(database) as engine, engine.connect() as connection:
        if site is None:
            found = red_lines_at(connection, at, kind=None if kind is None else RedLineKind(kind))
            rows = [_line(line) for line in found]
        else:
            rows = [row for row in _on_site(connection, site, at) if kind in (None, row["kind"])]
    if as_json:
        typer.echo(json.dumps(rows[:limit], ensure_ascii=False))
    elif rows:
        _print(rows[:limit])
        typer.echo(f"{len(rows):,} red lines{f', {limit:,} shown' if len(rows) > limit else ''}.")
    else:
        typer.echo(
            "No red line holds there." if site else "No red line holds. `acreline sites redlines import` takes in."
        )


@redlines.command(name="withdraw")
def withdraw_red_lines(
    by: ByOption,
    source: Annotated[str, typer.Option(help="Who keeps them.", metavar="NAME")],
    ids: Annotated[list[str] | None, typer.Argument(help="The source's own ids.", metavar="ID...")] = None,
    *,
    every: Annotated[bool, typer.Option("--all", help="All lines of the source.")] = False,
    database: DatabaseOption = None,
) -> None:
    """Take red lines back: they hold no more from now on."""
    from app.book.decisions.people import find_user
    from app.db.engine import writing
    from app.sites.redlining import withdraw
    from geo.errors import InputError

    if bool(ids) == every:
        raise InputError("RED_LINE_WHICH", "Ids of red lines, or --all.", "Give one of the two.")
    with institution(database) as engine, writing(engine) as connection:
        who = find_user(connection, by)
        ended = withdraw(connection, source, None if every else ids, who, datetime.now(UTC))
    typer.echo(f"{len(ended):,} red lines of {source} taken back." if ended else "They were taken back before.")


@meters.callback()
def _meters() -> None:
    """Energy that plants fed in."""


@meters.command(name="import")
def import_readings(
    file: Annotated[Path, typer.Argument(help="CSV: site_id, starts_on, ends_on, energy_kwh, source, as_of.")],
    by: ByOption,
    *,
    database: DatabaseOption = None,
    as_json: Json = False,
) -> None:
    """Take readings in, all or none; a later word of a source on the same days takes the place of the first."""
    from app.book.decisions.people import find_user
    from app.db.engine import writing
    from app.jobs.meters import read_readings
    from app.sites.meters import take_readings

    given = read_readings(file)
    with institution(database) as engine, writing(engine) as connection:
        taken = take_readings(connection, given, find_user(connection, by), datetime.now(UTC))
    told = taken.as_dict()
    said = ", ".join(f"{count:,} {what}" for what, count in told.items() if count)
    typer.echo(json.dumps(told) if as_json else f"Readings: {said}.")


@meters.command(name="list")
def list_readings(
    site: Annotated[str, typer.Argument(help="The site.", metavar="ID")],
    *,
    database: DatabaseOption = None,
    as_json: Json = False,
) -> None:
    """List what the meters of a site say."""
    from dataclasses import asdict

    from app.sites.meters import readings_of

    with institution(database) as engine, engine.connect() as connection:
        rows = [asdict(each) for each in readings_of(connection, site)]
    plain = [{name: row[name] for name in row if name not in ("id", "site_id")} for row in rows]
    if as_json:
        typer.echo(json.dumps(plain, ensure_ascii=False, default=str))
    elif plain:
        _print([{**row, "energy_kwh": f"{row['energy_kwh']:,.0f}"} for row in plain])
    else:
        typer.echo(f"No meter readings of {site}.")


def _end_of(as_of: str | None) -> datetime:
    """Last instant (UTC) of a day; now where none is given."""
    from datetime import time

    from app.cli.run import day

    return datetime.now(UTC) if as_of is None else datetime.combine(day(as_of, "--as-of"), time.max, tzinfo=UTC)


def _line(line: HeldLine) -> dict[str, Any]:
    names = ("external_id", "kind", "name", "source")
    told = {name: getattr(line, name) for name in names}
    return {**told, "as_of": line.as_of.isoformat(), "area_ha": round(line.area_ha, 4)}


def _on_site(connection: Any, site: str, at: datetime) -> list[dict[str, Any]]:
    from app.db.tables import Parcel
    from app.sites.plans import planned_sites
    from app.sites.redlines import touching
    from geo.errors import InputError

    found = planned_sites(connection, at, Parcel.parcel_id == site)
    if not found:
        raise InputError("SITE_UNKNOWN", f"There is no site {site!r}.", "`acreline sites list` shows all.")
    border = found[0].plan.outline
    return [
        {**_line(touch.line), "common_ha": round(touch.common_m2 / 10_000, 4)}
        for touch in touching(connection, border, at)
    ]


def _said(taken: TakenLines, read: RedLineFile, *, ids_made: bool) -> str:
    told = taken.as_dict()
    parts = [f"{len(names):,} {what}" for what, names in told.items() if names]
    lines = [f"Red lines: {', '.join(parts)}."]
    if ids_made:
        lines.append("Ids were made from the outlines: an outline that changes will be another line (--id-column).")
    lines += [f"  {note}" for note in read.notes[:_SHOWN]]
    left = len(read.notes) - _SHOWN
    return "\n".join([*lines, *([f"  {left:,} more mended; --json prints all."] if left > 0 else [])])


def _print(rows: list[dict[str, Any]]) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for name in rows[0]:
        table.add_column(name, justify="right" if name.endswith(("_ha", "_kwh")) else "left")
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row.values()))
    Console(file=sys.stdout).print(table, highlight=False, markup=False)
