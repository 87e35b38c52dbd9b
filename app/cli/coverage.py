"""`acreline coverage`: what can be expected of a parcel book before a pilot."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from app.cli.run import day
from geo.errors import InputError
from geo.season import Season

if TYPE_CHECKING:
    import pystac

    from geo.parcels import ParcelBook

app = typer.Typer(no_args_is_help=True, help="What can be expected of a parcel book before a pilot.")


@app.command()
def estimate(
    parcels: Annotated[Path, typer.Option(help="Parcels: GeoPackage, GeoJSON, Shapefile or GeoParquet.")],
    *,
    catalog: Annotated[
        str | None, typer.Option(help="Where the scenes are: catalog.json, a folder, a preset or a STAC API's address.")
    ] = None,
    season_start: Annotated[str | None, typer.Option(help="First day of the season.", metavar="DATE")] = None,
    season_end: Annotated[str | None, typer.Option(help="Last day of the season.", metavar="DATE")] = None,
    by: Annotated[str | None, typer.Option(help="Column of the parcel file to group by.", metavar="COLUMN")] = None,
    parcels_crs: Annotated[
        str | None, typer.Option(help="CRS of the parcel file where it states none, EPSG:4490.", metavar="CRS")
    ] = None,
    id_column: Annotated[str | None, typer.Option(help="Column with the parcels' ids.", metavar="NAME")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON line.")] = False,
) -> None:
    """Say which share of a parcel book can be decided at all, by size, region and expected clear looks.

    Reads parcels and, with --catalog and a season, what the catalogue says of its scenes; no imagery.
    """
    from app.cli.cube_tables import print_estimate
    from app.jobs.feasibility import column_labels
    from app.jobs.feasibility import estimate as estimated
    from geo.parcels import read_parcels
    from models.release import load_release

    season = _season(catalog, season_start, season_end)
    book = read_parcels(parcels, crs=parcels_crs, id_column=id_column)
    groups = None if by is None else column_labels(parcels, parcels_crs, by)
    items = None if catalog is None or season is None else _items(catalog, book, season)
    found = estimated(book.frame, load_release().card, items=items, season=season, groups=groups)
    if as_json:
        typer.echo(json.dumps(found.as_dict(), ensure_ascii=False))
    else:
        print_estimate(Console(file=sys.stdout), found)


def _season(catalog: str | None, start: str | None, end: str | None) -> Season | None:
    if catalog is None and start is None and end is None:
        return None
    if catalog is None or start is None or end is None:
        raise InputError(
            "SEASON_OF_CATALOG",
            "--catalog, --season-start and --season-end belong together.",
            "Give all three or none.",
        )
    return Season(day(start, "--season-start"), day(end, "--season-end"))


def _items(catalog: str, book: ParcelBook, season: Season) -> list[pystac.Item]:
    from app.jobs.area import lonlat_bounds
    from app.jobs.scenes import source_of
    from app.settings import load_settings

    source = source_of(catalog, load_settings())
    return source.search(lonlat_bounds(book.frame), season)
