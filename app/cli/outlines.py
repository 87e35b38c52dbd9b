"""`acreline outlines ...`: outlines of parcels for the map of an institution."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from app.cli.institution import DatabaseOption, institution
from geo.errors import InputError

app = typer.Typer(help="Outlines of parcels for the map of an institution.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Outlines of parcels for the map of an institution."""


@app.command(name="make")
def make(
    unit: Annotated[
        list[str] | None, typer.Option(help="Code of a unit; may come again. Every unit by default.", metavar="CODE")
    ] = None,
    *,
    layers: Annotated[
        Path | None, typer.Option(help="Where map layers are kept; ACRELINE_LAYER_DIR by default.", metavar="DIR")
    ] = None,
    database: DatabaseOption = None,
) -> None:
    """Make the outlines that people of a unit see: once after a run was loaded or plots were registered."""
    from sqlalchemy import select

    from app.alerts.reach import units_below
    from app.db.tables import OrgUnit
    from app.maplayers.making import make_outlines
    from app.maplayers.parcelset import parcels_within

    folder = layer_folder(layers)
    with institution(database) as engine, engine.connect() as connection:
        codes = unit or connection.scalars(select(OrgUnit.code).order_by(OrgUnit.id)).all()
        if not codes:
            raise InputError("UNKNOWN_UNIT", "The bank has no unit.", "`acreline people add-unit` adds one.")
        for code in codes:
            made = make_outlines(connection, parcels_within(connection, units_below(connection, code)), folder)
            done = "there already" if made.already_there else f"made, {made.bytes / 1e6:.1f} MB"
            typer.echo(f"{code}: {made.drawn} of {made.parcels} parcels have an outline; {made.path.name} {done}.")


def layer_folder(named: Path | None) -> Path:
    """The folder of map layers that is named, else that of the settings; InputError where neither is."""
    from app.settings import load_settings

    folder = named or load_settings().layer_dir
    if folder is None:
        raise InputError(
            "LAYER_FOLDER", "No folder of map layers is named.", "Give --layers DIR, or set ACRELINE_LAYER_DIR."
        )
    return folder
