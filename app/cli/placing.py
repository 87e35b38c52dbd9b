"""Where units and parcels are: commands of `acreline people`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from app.cli.institution import ByOption, DatabaseOption, institution


def place(
    file: Annotated[
        Path, typer.Argument(help="CSV or Parquet: parcel_id, and org_unit, village, or both.", metavar="FILE")
    ],
    by: ByOption,
    *,
    database: DatabaseOption = None,
) -> None:
    """Say which unit keeps which parcels (else the borrower's does), and in which village they lie, all or none.

    Beside `village` there may be `village_code`; without it the name is the code.
    """
    from app.book.decisions.people import find_user
    from app.book.parcel_units import keep_parcels_at, place_in_villages, read_placing
    from app.db.engine import writing

    said = read_placing(file)
    with institution(database) as engine, writing(engine) as connection:
        who = find_user(connection, by)
        changed = keep_parcels_at(connection, said.units, who)
        moved = place_in_villages(connection, said.villages, who, datetime.now(UTC))
    if said.units:
        typer.echo(f"{len(said.units)} parcels placed, {changed} of them anew.")
    if said.villages:
        typer.echo(f"{len(said.villages)} parcels in villages, {moved} of them anew.")


def place_unit(
    code: Annotated[str, typer.Argument(help="Of the unit.")],
    latitude: Annotated[float, typer.Option("--lat", help="Degrees (WGS 84).", min=-90, max=90)],
    longitude: Annotated[float, typer.Option("--lon", help="Degrees (WGS 84).", min=-180, max=180)],
    by: ByOption,
    *,
    database: DatabaseOption = None,
) -> None:
    """Say where a unit is: rounds of visits begin and end there."""
    from app.book.decisions import people
    from app.db.engine import writing

    with institution(database) as engine, writing(engine) as connection:
        people.place_unit(connection, code, (longitude, latitude), people.find_user(connection, by))
    typer.echo(f"Unit {code} is at {latitude:.5f}, {longitude:.5f}.")
