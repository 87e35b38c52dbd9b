"""`acreline scenes fetch`: scenes from the Process API into a local catalogue."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from geo.errors import InputError
from geo.grid import TileKey, parse_tile
from geo.season import Season

if TYPE_CHECKING:
    from app.jobs.fetch import FetchSummary

_MEGABYTE = 1_000_000


class FetchSource(StrEnum):
    """Deployments of the Process API."""

    SENTINEL_HUB = "sentinel-hub"
    COPERNICUS = "copernicus"


def fetch(
    source: Annotated[FetchSource, typer.Option("--from", help="Whose Process API is asked.")],
    season_start: Annotated[str, typer.Option(help="First day of the season, 2018-10-01.", metavar="DATE")],
    season_end: Annotated[str, typer.Option(help="Last day of the season, 2019-10-31.", metavar="DATE")],
    out: Annotated[Path, typer.Option(help="Folder of the catalogue; what it holds already is not fetched again.")],
    *,
    parcels: Annotated[
        Path | None, typer.Option(help="Parcel file; fetched are the whole tiles that hold its parcels.")
    ] = None,
    tiles: Annotated[
        str | None, typer.Option(help="Tiles by name: 32631_56_549,32631_57_549.", metavar="NAME,...")
    ] = None,
    parcels_crs: Annotated[
        str | None, typer.Option(help="CRS of the parcel file where it states none, EPSG:4490.", metavar="CRS")
    ] = None,
    id_column: Annotated[str | None, typer.Option(help="Column with the parcels' ids.", metavar="NAME")] = None,
    max_cloud: Annotated[
        int | None, typer.Option(help="Leave out products with more cloud than this, percent.", min=0, max=100)
    ] = None,
    budget_pu: Annotated[
        float | None,
        typer.Option(help="Processing units that these scenes may take in all, earlier runs included.", min=0),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print requests, processing units and bytes; fetch nothing.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON line last.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
) -> None:
    """Fetch whole processing tiles; no parcel outline leaves the house.

    It can be killed at any moment: the same command goes on without paying twice.
    """
    from app.cli.run import day
    from app.jobs.fetch import FetchRequest, credentials_of, fetch_scenes
    from app.jobs.progress import reporting
    from app.settings import load_settings
    from tiles.sources.sentinel_hub.deployments import deployment_named

    deployment = deployment_named(source.value)
    request = FetchRequest(
        deployment=deployment,
        credentials=credentials_of(load_settings(), deployment),
        tiles=_tiles(parcels, tiles, parcels_crs, id_column),
        season=Season(day(season_start, "--season-start"), day(season_end, "--season-end")),
        out=out,
        max_cloud_pct=max_cloud,
        budget_pu=budget_pu,
        dry_run=dry_run,
    )
    with reporting(quiet=quiet) as report:
        summary = fetch_scenes(request, report)
    if as_json:
        typer.echo(summary.as_json())
    elif not quiet:
        _print(Console(file=sys.stdout, soft_wrap=True), summary)


def _tiles(parcels: Path | None, names: str | None, crs: str | None, id_column: str | None) -> tuple[TileKey, ...]:
    from app.jobs.area import tiles_of_parcels
    from geo.parcels import read_parcels

    if (parcels is None) == (names is None):
        raise InputError("AREA_OPTIONS", "Give either --parcels or --tiles.", "One of them says what to fetch.")
    if parcels is not None:
        return tiles_of_parcels(read_parcels(parcels, crs=crs, id_column=id_column).frame)
    return tuple(parse_tile(name.strip()) for name in (names or "").split(","))


def _print(console: Console, summary: FetchSummary) -> None:
    size = summary.max_bytes / _MEGABYTE
    lines = [
        f"Tiles: {summary.tiles}. Scenes in the season {summary.season_id}: {summary.scenes}, {summary.there} there.",
        f"To fetch: {summary.requests} requests, {summary.units:.2f} processing units, at most {size:.0f} MB.",
        f"The search: at most {summary.search_units:.2f} processing units.",
    ]
    if summary.dry_run:
        lines.append("Nothing was fetched: leave --dry-run out to fetch.")
    else:
        lines.append(f"Fetched now: {summary.fetched}. All took {summary.units_spent:.2f} processing units.")
        lines.append(f"Run on it: acreline run --catalog {summary.catalog}")
    if summary.outdated:
        lines.append(f"Scenes with newer products: {summary.outdated}. Remove their folders to fetch them.")
    for line in lines:
        console.print(line, highlight=False, markup=False)
