"""`acreline run`: a season of imagery and a parcel file become a crop map, vigour and limits."""

from __future__ import annotations

import json
import sys
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer
from rich.console import Console

from geo.bands import BANDS
from geo.errors import InputError
from geo.season import Season

if TYPE_CHECKING:
    from tiles.clear import Masking


class Radar(StrEnum):
    """Terrain-corrected backscatter, as a user may declare it."""

    GAMMA0 = "gamma0"
    SIGMA0 = "sigma0"


class CloudMask(StrEnum):
    """What finds clouds and shadows."""

    SCL = "scl"
    CSMASK = "csmask"


Clouds: TypeAlias = Annotated[
    CloudMask, typer.Option(help="Cloud mask: the scene classification, or a network beside it (extra `cloud`).")
]
WithRadar: TypeAlias = Annotated[
    bool,
    typer.Option("--radar/--no-radar", help="Read Sentinel-1 beside, if there is any: for few clear dates."),
]
Kind: TypeAlias = Annotated[
    Radar | None, typer.Option(help="What radar scenes that do not say so are declared to be: terrain-corrected.")
]
LeaveOut: TypeAlias = Annotated[
    bool, typer.Option("--leave-out-l1c", help="Pass over L1C scenes, which otherwise refuse the source.")
]


def run(
    catalog: Annotated[
        str,
        typer.Option(
            help="Where the scenes are: catalog.json, a folder of rasters or SAFE products, a preset or a STAC API's "
            "address.",
            metavar="SOURCE",
        ),
    ],
    parcels: Annotated[Path, typer.Option(help="Parcels: GeoPackage, GeoJSON, Shapefile or GeoParquet.")],
    season_start: Annotated[str, typer.Option(help="First day of the season, 2018-10-01.", metavar="DATE")],
    season_end: Annotated[str, typer.Option(help="Last day of the season, 2019-10-31.", metavar="DATE")],
    policy: Annotated[str, typer.Option(help="Policy pack; `acreline policy list` names them.")],
    out: Annotated[Path, typer.Option(help="Run folder; an earlier run in it is kept under superseded/.")],
    *,
    parcels_crs: Annotated[
        str | None, typer.Option(help="CRS of the parcel file where it states none, EPSG:4490.", metavar="CRS")
    ] = None,
    id_column: Annotated[str | None, typer.Option(help="Column with the parcels' ids.", metavar="NAME")] = None,
    packs: Annotated[Path | None, typer.Option(help="Folder of the bank's own policy packs.")] = None,
    scheduler: Annotated[
        str | None, typer.Option(help="Existing Dask scheduler, tcp://host:8786.", metavar="ADDRESS")
    ] = None,
    workers: Annotated[int | None, typer.Option(help="Local worker processes; one per core by default.", min=1)] = None,
    leave_out_l1c: LeaveOut = False,
    cloud_mask: Clouds = CloudMask.SCL,
    radar: WithRadar = False,
    radar_kind: Kind = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON line last.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
) -> None:
    """Run a season: crop map, vigour, series, and a limit with its reasons for every parcel.

    The run can be killed at any moment; the same command goes on from what is whole. A second identical run does
    nothing again; a changed parameter redoes only what depends on it.
    """
    from app.cli.tables import print_summary
    from app.jobs.failures import complain
    from app.jobs.progress import reporting
    from app.jobs.publish import RECORD
    from app.jobs.request import RunRequest
    from app.jobs.run import run_season
    from app.jobs.scenes import access_of
    from app.settings import load_settings

    settings = load_settings()
    with reporting(quiet=quiet) as report:
        request = RunRequest(
            catalog=catalog,
            parcels=parcels,
            season=Season(day(season_start, "--season-start"), day(season_end, "--season-end")),
            policy=policy,
            out=out,
            parcels_crs=parcels_crs,
            id_column=id_column,
            packs=packs,
            scheduler=scheduler or settings.scheduler,
            workers=workers or settings.workers,
            memory_mib=settings.worker_memory_mib,
            masking=masking_of(cloud_mask),
            radar=radar,
            radar_kind=None if radar_kind is None else radar_kind.value,
            access=access_of(settings, report, leave_out_l1c=leave_out_l1c),
        )
        summary = run_season(request, settings.run_database(out), report, lambda: datetime.now(UTC))
    if as_json:
        typer.echo(json.dumps(summary.as_dict(), ensure_ascii=False))
    elif not quiet:
        print_summary(Console(file=sys.stdout), summary)
    complain(summary.failures, "tile", str(out / RECORD))


def masking_of(choice: CloudMask) -> Masking:
    """Masking of an option; InputError where the network is not installed."""
    from tiles.clear import Masking
    from tiles.csmask import check_csmask

    if choice is CloudMask.CSMASK:
        check_csmask(BANDS)
    return Masking(method=choice.value)


def day(text: str, option: str) -> date:
    """Date of an option; InputError names the option."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InputError("DATE", f"{option} {text!r} is not a date.", "Write it as 2018-10-01.") from error
