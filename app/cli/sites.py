"""`acreline sites ...`: financed wind, solar and hydro sites."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer
from rich.console import Console

from app.cli import site_inputs, site_meters, site_report, site_simulate, site_watch
from app.cli.cubes import Json
from app.cli.institution import ByOption, DatabaseOption, institution

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from app.jobs.siteplans import Reading
    from app.sites.plans import PlannedSite
    from app.sites.registering import Taken
    from app.sites.stops import KnownStop

app = typer.Typer(help="Wind, solar and hydro sites: their plans, and when they were built.", no_args_is_help=True)
app.add_typer(site_inputs.redlines, name="redlines")
app.add_typer(site_meters.meters, name="meters")
site_watch.register(app)
site_report.register(app)
app.command(name="simulate")(site_simulate.simulate)

#: Sentinel-2 saw the first land; what is to come may be ordered.
_FIRST_IMAGERY: Final = datetime.fromisoformat("2015-07-04")
_SHOWN: Final = 20
_NO_END: Final = datetime.fromisoformat("9999-12-31")


@app.callback()
def _group() -> None:
    """Wind, solar and hydro sites."""


@app.command()
def evaluate(
    series: Annotated[
        Path, typer.Option(help="One number by site and date: site_id, date, value.", metavar="FILE.parquet")
    ],
    truth: Annotated[
        Path,
        typer.Option(help="First year that shows something built, -1 for none: site_id, year.", metavar="FILE.csv"),
    ],
    *,
    direction: Annotated[
        Literal["rise", "fall"], typer.Option(help="Which way the number goes on construction.")
    ] = "rise",
    train_share: Annotated[
        float, typer.Option(help="Share of the labels that the method may use; they are not scored.", min=0, max=0.9)
    ] = 0.0,
    seed: Annotated[int, typer.Option(help="Which labels those are.", min=0)] = 7,
    as_json: Json = False,
) -> None:
    """Score the years in which sites are said to be built."""
    from app.cli.model_tables import print_rows
    from app.jobs.sites import evaluate_sites

    found = evaluate_sites(series, truth, falling=direction == "fall", train_share=train_share, seed=seed)
    if as_json:
        typer.echo(json.dumps(found.as_dict(), ensure_ascii=False))
    else:
        print_rows(Console(file=sys.stdout), found.table())


@app.command(name="import")
def import_plans(
    file: Annotated[Path, typer.Argument(help="GeoJSON, GeoPackage or CSV; docs/sites.md lists the columns.")],
    unit: Annotated[str, typer.Option(help="Code of the unit that monitors the sites.", metavar="CODE")],
    by: ByOption,
    *,
    imagery_from: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="First day of imagery.", metavar="DATE")
    ] = _FIRST_IMAGERY,
    imagery_to: Annotated[
        datetime, typer.Option(formats=["%Y-%m-%d"], help="Last day of imagery.", metavar="DATE")
    ] = _NO_END,
    column: Annotated[
        list[str] | None,
        typer.Option(help="A column that the file calls otherwise; may be given again.", metavar="OURS=THEIRS"),
    ] = None,
    fill: Annotated[
        list[str] | None,
        typer.Option(help="A value for every row of a file without the column; may be given again.", metavar="OURS=X"),
    ] = None,
    sound_only: Annotated[
        bool, typer.Option("--sound-only", help="Take the rows without a fault, and name the others.")
    ] = False,
    resume: Annotated[
        bool, typer.Option("--resume", help="Watch the sites of the file again that are stopped.")
    ] = False,
    database: DatabaseOption = None,
    as_json: Json = False,
) -> None:
    """Take the plans of sites into the book, all or none; a plan that is there already is left as it is."""
    from sqlalchemy import true

    from app.book.decisions.people import find_user, require_role
    from app.book.drawn.registering import Giver
    from app.db.engine import writing
    from app.db.tables.kinds import UserRole
    from app.jobs.siteplans import Naming, read_plans
    from app.sites.plans import planned_sites
    from app.sites.registering import require_unit, take_plans
    from app.sites.stopping import resume_sites
    from geo.files import sha256_of

    naming, now = Naming(_pairs(column), _pairs(fill)), datetime.now(UTC)
    with institution(database) as engine, writing(engine) as connection:
        person = find_user(connection, by)
        require_role(person, (UserRole.RISK, UserRole.ADMIN), "imports plans of sites")
        require_unit(connection, person, unit)
        known = [site.plan for site in planned_sites(connection, now, true())]
        reading = read_plans(file, (imagery_from.date(), imagery_to.date()), known, naming)
        plans = reading.plans if sound_only else reading.require_sound()
        taken = take_plans(connection, plans, Giver.of(connection, person.id, unit), sha256_of(file), now)
        stopped = _stopped(connection, [plan.site_id for plan in plans], now)
        if resume:
            resume_sites(connection, stopped, person, now)
    halted = {"resumed" if resume else "stopped": stopped}
    if as_json:
        told = {**taken.as_dict(), **reading.as_dict(), "stopped": [], "resumed": [], **halted}
        typer.echo(json.dumps(told, ensure_ascii=False))
    else:
        typer.echo(_said(taken, reading))
        if stopped:
            typer.echo(_halted(stopped, resumed=resume))


@app.command(name="list")
def list_sites(
    *,
    unit: Annotated[str | None, typer.Option(help="Only sites of a unit and those below.", metavar="CODE")] = None,
    stopped: Annotated[
        bool, typer.Option("--stopped", help="Those that are watched no more, with who stopped them and why.")
    ] = False,
    database: DatabaseOption = None,
    as_json: Json = False,
) -> None:
    """List the sites that are watched, with their plans."""
    from sqlalchemy import true

    from app.alerts.reach import units_below, within
    from app.db.engine import reading
    from app.sites.plans import planned_sites
    from app.sites.stops import stopped_sites

    now = datetime.now(UTC)
    with institution(database) as engine, reading(engine) as connection:
        condition = true() if unit is None else within(units_below(connection, unit))
        found = planned_sites(connection, now, condition, "stopped" if stopped else "watched")
        stops = stopped_sites(connection, now)
    if as_json:
        told = [site.as_dict() | (stops[site.plan.site_id].as_dict() if stopped else {}) for site in found]
        typer.echo(json.dumps(told, ensure_ascii=False))
    elif found and stopped:
        _print_stopped(found, stops)
    elif found:
        _print_sites(found)
    else:
        typer.echo(_none(stopped=stopped, stops=len(stops)))


def _stopped(connection: Connection, names: list[str], now: datetime) -> list[str]:
    """Those of some sites that are stopped."""
    from app.sites.stops import stopped_sites

    stops = stopped_sites(connection, now)
    return [name for name in names if name in stops]


def _halted(stopped: list[str], *, resumed: bool) -> str:
    count, which = len(stopped), ", ".join(stopped[:_SHOWN]) + (", ..." if len(stopped) > _SHOWN else "")
    sites = "1 site is" if count == 1 else f"{count:,} sites are"
    if resumed:
        return f"{sites} watched again: {which}."
    one = stopped[0] if count == 1 else "ID"
    return f"{sites} stopped, and not watched: {which}. `acreline sites resume {one}`, or this import with --resume."


def _none(*, stopped: bool, stops: int) -> str:
    if stopped:
        return "No site is stopped."
    more = f"; {stops:,} are stopped: --stopped lists them" if stops else ""
    return f"No site is watched{more}. `acreline sites import` takes plans in."


def _pairs(given: list[str] | None) -> dict[str, str]:
    """What stands before and behind the sign of each; InputError where one has none."""
    from geo.errors import InputError

    pairs = [tuple(one.split("=", 1)) for one in given or ()]
    for one in pairs:
        if len(one) == 1:
            raise InputError("SITES_NAMING", f"{one[0]!r} has no '='.", "Write it like site_id=fid.")
    return {ours.strip(): theirs.strip() for ours, theirs in pairs}


def _said(taken: Taken, reading: Reading) -> str:
    parts = [f"{len(names):,} {what}" for what, names in taken.as_dict().items() if names]
    lines = [f"Sites: {', '.join(parts) or 'none taken'}."]
    if reading.notes:
        lines.append(f"Outlines mended: {len(reading.notes):,}, such as: {reading.notes[0]}")
    if reading.faults:
        lines.append(f"Rows refused: {len({fault.row for fault in reading.faults}):,}.")
        lines += [f"  {fault.message} {fault.remedy}" for fault in reading.faults[:_SHOWN]]
        left = len(reading.faults) - _SHOWN
        lines += [f"  {left:,} more; --json prints all."] if left > 0 else []
    return "\n".join(lines)


def _print_stopped(sites: list[PlannedSite], stops: Mapping[str, KnownStop]) -> None:
    from app.cli.site_tables import print_table

    pairs = [(site.plan, stops[site.plan.site_id]) for site in sites]
    print_table(
        [
            {"site": plan.site_id, "name": plan.name, "type": str(plan.kind), "stopped": stop.stopped_at.date()}
            | {"by": stop.stopped_by, "why": stop.reason}
            for plan, stop in pairs
        ]
    )


def _print_sites(sites: list[PlannedSite]) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    rows = [site.as_dict() for site in sites]
    country = ["Country"] if any(told["country"] for told in rows) else []
    for name in ("Site", "Name", "Type", *country, "MW", "ha", "Complete by", "Facility"):
        justify: Literal["right", "left"] = "right" if name in ("MW", "ha") else "left"
        table.add_column(name, justify=justify, no_wrap=name not in ("Name", "Type"), overflow="fold")
    for told in rows:
        capacity = "" if told["capacity_mw"] is None else f"{told['capacity_mw']:,g}"
        kind = ", ".join(each for each in (told["type"], told["mounting"]) if each)
        where = [told["country"] or ""] if country else []
        area = f"{told['area_ha']:,.1f}"
        table.add_row(told["site_id"], told["name"], kind, *where, capacity, area, told["complete"], told["facility"])
    Console(file=sys.stdout).print(table, highlight=False, markup=False)
