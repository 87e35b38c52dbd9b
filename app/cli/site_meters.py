"""`acreline sites meters ...`: energy that plants fed in, word by word."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.cubes import Json
from app.cli.institution import ByOption, DatabaseOption, institution

if TYPE_CHECKING:
    from app.sites.readings import KnownReading

meters = typer.Typer(help="Energy that plants fed in, as meters say.", no_args_is_help=True)


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
    """Take readings in, all or none; of the words of a source on the same days the latest holds, and all are kept."""
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
    every: Annotated[
        bool, typer.Option("--all", help="Every word, also those that a later one took the place of.")
    ] = False,
    as_of: Annotated[str | None, typer.Option(help="What was said by the end of a day.", metavar="DATE")] = None,
    database: DatabaseOption = None,
    as_json: Json = False,
) -> None:
    """List what the meters of a site say: of each source and span the latest word."""
    from app.cli.days import past_day
    from app.cli.site_tables import print_table
    from app.db.engine import reading
    from app.sites.readings import holding, words_of
    from app.sites.stops import standing_stop

    said_by = past_day(as_of, "--as-of")
    with institution(database) as engine, reading(engine) as connection:
        standing_stop(connection, site)  # refuses a site that is not there
        words = words_of(connection, [site], said_by)
    held = holding(words)
    numbers = {each.id for each in held}
    rows = words if every else held
    if as_json:
        typer.echo(json.dumps([_facts(each, numbers) for each in rows], ensure_ascii=False, default=str))
    elif rows:
        print_table([_cells(each, numbers, every=every) for each in rows])
    else:
        typer.echo(f"No meter readings of {site}{f' by {said_by}' if said_by else ''}.")


def _facts(known: KnownReading, holds: Collection[int]) -> dict[str, Any]:
    names = ("starts_on", "ends_on", "energy_kwh", "source", "as_of", "recorded_at", "recorded_by")
    earlier = [{name: getattr(each, name) for name in ("energy_kwh", "as_of")} for each in known.earlier]
    return {**{name: getattr(known, name) for name in names}, "holds": known.id in holds, "earlier": earlier}


def _cells(known: KnownReading, holds: Collection[int], *, every: bool) -> dict[str, Any]:
    told = {name: getattr(known, name) for name in ("starts_on", "ends_on", "source", "as_of")}
    told |= {"energy_kwh": f"{known.energy_kwh:,.0f}", "recorded_by": known.recorded_by}
    before = "; ".join(f"{each.energy_kwh:,.0f} as of {each.as_of}" for each in known.earlier)
    return told | ({"holds": "yes" if known.id in holds else "no"} if every else {"before": before})
