"""`acreline scenes ...`: what a source holds of an area and season, and fetching it."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from app.cli import fetch
from app.cli.cubes import Box, Catalog, Crs, End, Json, Parcels, Start, parse_box
from app.cli.run import Kind, LeaveOut, day
from geo.season import Season

if TYPE_CHECKING:
    from app.jobs.scenes import SceneRow

_MEGABYTE = 1_000_000

app = typer.Typer(no_args_is_help=True, help="Scenes of a source: find them, fetch them.")
app.command(name="fetch")(fetch.fetch)


@app.command()
def search(
    catalog: Catalog,
    season_start: Start,
    season_end: End,
    *,
    parcels: Parcels = None,
    bbox: Box = None,
    parcels_crs: Crs = None,
    radar: Annotated[bool, typer.Option("--radar", help="Sentinel-1 instead of Sentinel-2.")] = False,
    radar_kind: Kind = None,
    leave_out_l1c: LeaveOut = False,
    as_json: Json = False,
) -> None:
    """List scenes by date: baseline, cloud cover, size. Nothing is read but what the source says of them."""
    from app.jobs.scenes import area_of, find_radar_scenes, find_scenes, source_of
    from app.settings import load_settings
    from tiles.sources.opening import name_of

    season = Season(day(season_start, "--season-start"), day(season_end, "--season-end"))
    area = area_of(parcels, None if bbox is None else parse_box(bbox), parcels_crs)
    source = source_of(catalog, load_settings(), leave_out_l1c=leave_out_l1c)
    if radar or radar_kind is not None:
        rows = find_radar_scenes(source, name_of(catalog), area, season, radar_kind.value if radar_kind else None)
    else:
        rows = find_scenes(source, area, season)
    if as_json:
        scenes = [asdict(row) | {"day": row.day.isoformat()} for row in rows]
        typer.echo(json.dumps({"catalog": name_of(catalog), "season": season.id, "scenes": scenes}, ensure_ascii=False))
    else:
        _print(Console(file=sys.stdout), rows, name_of(catalog))


def _print(console: Console, rows: list[SceneRow], name: str) -> None:
    table = Table(title=f"Scenes of {name}", title_justify="left")
    optical = not any(row.kind for row in rows)
    for heading in ("Date", "Scene", "Baseline" if optical else "Kind"):
        table.add_column(heading)
    for heading in ("Cloud %", "MB"):
        table.add_column(heading, justify="right")
    for row in rows:
        table.add_row(
            row.day.isoformat(),
            row.id,
            row.baseline or row.kind or "-",
            "-" if row.cloud_pct is None else f"{row.cloud_pct:.0f}",
            "-" if row.size_bytes is None else f"{row.size_bytes / _MEGABYTE:.1f}",
        )
    console.print(table)
    days = {row.day for row in rows}
    console.print(f"{len(rows)} scenes on {len(days)} days, {min(days)} to {max(days)}.", highlight=False)
