"""`acreline cubes`: plan, build and verify the season cubes of an area."""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer
from rich.console import Console

from app.cli.run import CloudMask, Clouds, Kind, LeaveOut, day, masking_of
from geo.errors import DataError, InputError
from geo.grid import Bounds
from geo.season import Season

if TYPE_CHECKING:
    from app.jobs.cubes import CubeRequest
    from app.settings import Settings


class Steps(StrEnum):
    """What a ten-day step takes of its clear acquisitions."""

    MEDIAN = "median"
    MEAN = "mean"


app = typer.Typer(no_args_is_help=True, help="Season cubes of whole tiles: what they take, build them, check them.")

Catalog: TypeAlias = Annotated[
    str, typer.Option(help="Where the scenes are: catalog.json, a folder, a preset or a STAC API's address.")
]
Out: TypeAlias = Annotated[str, typer.Option(help="Folder, or s3://bucket/prefix, of the cubes.")]
Start: TypeAlias = Annotated[str, typer.Option(help="First day of the season, 2018-10-01.", metavar="DATE")]
End: TypeAlias = Annotated[str, typer.Option(help="Last day of the season, 2019-10-31.", metavar="DATE")]
Parcels: TypeAlias = Annotated[
    Path | None, typer.Option(help="Parcel file: the tiles that its parcels touch are wanted.")
]
Box: TypeAlias = Annotated[
    str | None,
    typer.Option(
        help="Box in degrees whose tiles are wanted; WEST greater than EAST crosses 180.",
        metavar="WEST,SOUTH,EAST,NORTH",
    ),
]
Crs: TypeAlias = Annotated[
    str | None, typer.Option(help="CRS of the parcel file where it states none, EPSG:4490.", metavar="CRS")
]
Scheduler: TypeAlias = Annotated[
    str | None, typer.Option(help="Existing Dask scheduler, tcp://host:8786.", metavar="ADDRESS")
]
Workers: TypeAlias = Annotated[int | None, typer.Option(help="Local worker processes; one per core by default.", min=1)]
Json: TypeAlias = Annotated[bool, typer.Option("--json", help="Print one JSON line last.")]
Quiet: TypeAlias = Annotated[bool, typer.Option("--quiet", help="No progress.")]


@app.command()
def plan(
    catalog: Catalog,
    season_start: Start,
    season_end: End,
    out: Out,
    *,
    parcels: Parcels = None,
    bbox: Box = None,
    parcels_crs: Crs = None,
    workers: Workers = None,
    leave_out_l1c: LeaveOut = False,
    measure: Annotated[bool, typer.Option("--measure", help="Read one square to measure this machine's rate.")] = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Say what building the cubes of an area will take: tiles, scenes, bytes, memory, time. Builds nothing."""
    from app.cli.cube_tables import print_forecast
    from app.jobs.cubes import find_area
    from app.jobs.forecast import forecast, measured_rate
    from app.jobs.progress import reporting
    from app.jobs.scenes import source_of
    from app.settings import load_settings

    settings = load_settings()
    season = Season(day(season_start, "--season-start"), day(season_end, "--season-end"))
    request = _request(settings, catalog, season, out, parcels, bbox, parcels_crs, None, workers)
    with reporting(quiet=quiet) as report:
        area = find_area(request, source_of(catalog, settings, report, leave_out_l1c=leave_out_l1c))
    rate = measured_rate(area) if measure and area.works else None
    told = forecast(request, area, request.workers or os.cpu_count() or 1, rate)
    if as_json:
        typer.echo(json.dumps(told.as_dict(), ensure_ascii=False))
    else:
        print_forecast(Console(file=sys.stdout), told)


@app.command()
def build(
    catalog: Catalog,
    season_start: Start,
    season_end: End,
    out: Out,
    *,
    parcels: Parcels = None,
    bbox: Box = None,
    parcels_crs: Crs = None,
    steps: Annotated[
        Steps | None, typer.Option(help="Write ten-day steps of the clear acquisitions as well, beside each cube.")
    ] = None,
    radar: Annotated[
        str | None,
        typer.Option(help="Where radar scenes are, as for --catalog: their cubes go beside.", metavar="SOURCE"),
    ] = None,
    radar_kind: Kind = None,
    cloud_mask: Clouds = CloudMask.SCL,
    scheduler: Scheduler = None,
    workers: Workers = None,
    leave_out_l1c: LeaveOut = False,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Build the season cube of every tile of an area, under OUT/TILE/SEASON.

    It can be killed at any moment; the same command goes on from what is whole. A tile that fails is listed in OUT's
    run.json, the rest goes on, and the command ends with status 4.
    """
    from app.cli.cube_tables import print_built
    from app.jobs.cubebuild import build_area
    from app.jobs.failures import complain
    from app.jobs.progress import reporting
    from app.jobs.publish import RECORD
    from app.jobs.scenes import source_of
    from app.settings import load_settings
    from tiles.sources.opening import radar_source

    settings = load_settings()
    season = Season(day(season_start, "--season-start"), day(season_end, "--season-end"))
    wanted = _request(settings, catalog, season, out, parcels, bbox, parcels_crs, scheduler, workers)
    request = replace(
        wanted,
        steps=None if steps is None else steps.value,
        masking=masking_of(cloud_mask),
        radar=radar,
        radar_kind=None if radar_kind is None else radar_kind.value,
    )
    with reporting(quiet=quiet) as report:
        source = source_of(catalog, settings, report, leave_out_l1c=leave_out_l1c)
        beside = None if radar is None else radar_source(source_of(radar, settings, report), radar)
        summary = build_area(request, source, report, lambda: datetime.now(UTC), time.monotonic, beside)
    if as_json:
        typer.echo(json.dumps(summary.as_dict(), ensure_ascii=False))
    elif not quiet:
        print_built(Console(file=sys.stdout), summary)
    complain(summary.failures, "cube", f"{out.rstrip('/')}/{RECORD}")


@app.command()
def verify(
    out: Annotated[str, typer.Argument(help="Folder, or s3://bucket/prefix, of cubes.")],
    *,
    scheduler: Scheduler = None,
    workers: Workers = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Compare every file of all cubes with the hash that was taken when it was written."""
    from app.jobs.crew import Crew
    from app.jobs.cubebuild import verify_area
    from app.jobs.failures import failures_of
    from app.jobs.progress import reporting
    from app.settings import load_settings

    settings = load_settings()
    hired = Crew(scheduler or settings.scheduler, workers or settings.workers, settings.worker_memory_mib)
    with reporting(quiet=quiet) as report, hired as crew:
        count, damaged = verify_area(_anywhere(out), crew, report)
    failures = failures_of(damaged)
    if as_json:
        plain = [{"subject": each.subject, "code": each.code, "message": each.message} for each in failures]
        typer.echo(json.dumps({"out": out, "cubes": count, "damaged": plain}, ensure_ascii=False))
    if failures:
        raise DataError(
            "CUBES_DAMAGED",
            f"{len(failures)} of {count} cubes are not whole; {failures[0].subject}: {failures[0].message}",
            "Delete their folders and build again.",
        )
    if not as_json and not quiet:
        typer.echo(f"All {count} cubes of {out} are whole.")


def parse_box(text: str) -> Bounds:
    """Box of an option; InputError when it is not four numbers."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError as error:
        raise InputError("BOX", f"--bbox {text!r} is not a box.", "Give --bbox WEST,SOUTH,EAST,NORTH.") from error
    return west, south, east, north


def _anywhere(out: str) -> str:
    """A place as workers find it, who may stand in other folders."""
    return out if "://" in out else str(Path(out).absolute())


def _request(
    settings: Settings,
    catalog: str,
    season: Season,
    out: str,
    parcels: Path | None,
    bbox: str | None,
    parcels_crs: str | None,
    scheduler: str | None,
    workers: int | None,
) -> CubeRequest:
    from app.jobs.area import require_one_area
    from app.jobs.cubes import CubeRequest

    require_one_area(parcels, bbox)
    return CubeRequest(
        catalog=catalog,
        season=season,
        out=_anywhere(out),
        parcels=parcels,
        bbox=None if bbox is None else parse_box(bbox),
        parcels_crs=parcels_crs,
        scheduler=scheduler or settings.scheduler,
        workers=workers or settings.workers,
        memory_mib=settings.worker_memory_mib,
    )
