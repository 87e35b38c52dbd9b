"""`acreline sites redlines ...`: ground that nothing may be built on."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, TypeAlias

import typer

from app.cli.cubes import Json
from app.cli.institution import ByOption, DatabaseOption, institution

if TYPE_CHECKING:
    from app.jobs.redlines import RedLineFile
    from app.sites.redlines import HeldLine
    from app.sites.redlining import TakenLines

redlines = typer.Typer(help="Ground that nothing may be built on, as its keeper drew it.", no_args_is_help=True)

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
    from app.cli.site_tables import print_table
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
        print_table(rows[:limit])
        typer.echo(f"{_counted(len(rows))}{f', {limit:,} shown' if len(rows) > limit else ''}.")
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
    typer.echo(f"{_counted(len(ended))} of {source} taken back." if ended else "They were taken back before.")


def _counted(lines: int) -> str:
    return f"{lines:,} red line{'' if lines == 1 else 's'}"


def _end_of(as_of: str | None) -> datetime:
    """Last instant (UTC) of a day; now where none is given."""
    from datetime import time

    from app.cli.days import past_day

    named = past_day(as_of, "--as-of")
    return datetime.now(UTC) if named is None else datetime.combine(named, time.max, tzinfo=UTC)


def _line(line: HeldLine) -> dict[str, Any]:
    names = ("external_id", "kind", "name", "source")
    told = {name: getattr(line, name) for name in names}
    return {**told, "as_of": line.as_of.isoformat(), "area_ha": round(line.area_ha, 4)}


def _on_site(connection: Any, site: str, at: datetime) -> list[dict[str, Any]]:
    from app.db.tables import Parcel
    from app.sites.plans import planned_sites
    from app.sites.redlines import touching
    from geo.errors import InputError

    found = planned_sites(connection, at, Parcel.parcel_id == site, "all")
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
