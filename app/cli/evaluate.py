"""`acreline model evaluate`: the network on labelled points, parcel series, or the scenes of a season."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Protocol, TypeAlias, cast

import typer
from rich.console import Console

from app.cli.cubes import Json, Quiet
from app.cli.run import Kind, WithRadar, day
from geo.errors import InputError
from geo.season import Season

if TYPE_CHECKING:
    from app.jobs.evaluate import CatalogReport
    from app.jobs.progress import Reporter
    from app.jobs.request import ObservationRequest

Model: TypeAlias = Annotated[
    Path | None, typer.Option(help="Folder of a release; by default the one that ships.", metavar="FOLDER")
]
Device: TypeAlias = Annotated[str, typer.Option(help="Where networks are trained: cpu, cuda.", metavar="NAME")]

#: By mode of `evaluate` the options that belong to it; those of the second tuple must be given.
_MODES: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "points": (("train_per_class", "seeds", "block_degrees", "device"), ()),
    "series": (("label_column", "cv_blocks_m", "model", "seed", "device"), ("parcels", "label_map")),
    "catalog": (
        (
            *("label_column", "label_map", "label_raster", "min_area_ha"),
            *("parcels_crs", "id_column", "workers", "out", "model", "radar", "radar_kind"),
        ),
        ("parcels", "season_start", "season_end"),
    ),
}
_EVERYWHERE: Final = frozenset(("as_json", "quiet"))


class EvaluationReport(Protocol):
    """What every way of scoring gives."""

    def as_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        ...

    def table(self) -> list[tuple[str, str]]:
        """Label and value of each line for people."""
        ...


def evaluate(
    context: typer.Context,
    *,
    points: Annotated[
        Path | None,
        typer.Option(help="Points to train and test on: X (n, 36, 10; 0 = missing), y, lonlat.", metavar="FILE.npz"),
    ] = None,
    series: Annotated[
        Path | None, typer.Option(help="Parcel series to score on, beside --parcels.", metavar="FILE.parquet")
    ] = None,
    catalog: Annotated[
        str | None, typer.Option(help="Scenes to score on, as for `acreline run`.", metavar="SOURCE")
    ] = None,
    train_per_class: Annotated[int, typer.Option(help="Points: how many of each class, half of it at most.", min=1)] = (
        300
    ),
    seeds: Annotated[int, typer.Option(help="Points: number of random splits.", min=1)] = 3,
    block_degrees: Annotated[
        float | None, typer.Option(help="Points: hold out whole squares of this side.", min=0.001)
    ] = None,
    parcels: Annotated[
        Path | None, typer.Option(help="Series, catalogue: parcel file with labels.", metavar="FILE")
    ] = None,
    label_column: Annotated[
        str | None, typer.Option(help="Column with the labels: label; for a catalogue crop, label or crop_code.")
    ] = None,
    label_map: Annotated[
        Path | None,
        typer.Option(
            help="What labels mean. For a catalogue by default names and codes of the legend.", metavar="JSON"
        ),
    ] = None,
    cv_blocks_m: Annotated[
        float | None, typer.Option(help="Series: train anew for each fold of blocks of this side.", min=1)
    ] = None,
    season_start: Annotated[str | None, typer.Option(help="Catalogue: first day, 2018-10-01.", metavar="DATE")] = None,
    season_end: Annotated[str | None, typer.Option(help="Catalogue: last day, 2019-10-31.", metavar="DATE")] = None,
    label_raster: Annotated[
        Path | None,
        typer.Option(help="Catalogue: labelled pixels; by default labels/*.tif beside it.", metavar="TIF"),
    ] = None,
    min_area_ha: Annotated[float, typer.Option(help="Catalogue: smallest parcel that is scored.", min=0)] = 0.0,
    parcels_crs: Annotated[
        str | None, typer.Option(help="Catalogue: CRS of a parcel file that states none.", metavar="CRS")
    ] = None,
    id_column: Annotated[
        str | None, typer.Option(help="Catalogue: column with the parcels' ids.", metavar="NAME")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="Catalogue: worker processes; one per core by default.", min=1)
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Catalogue: folder that keeps the work for another time.")] = None,
    radar: WithRadar = False,
    radar_kind: Kind = None,
    model: Model = None,
    seed: Annotated[int, typer.Option(help="Series: of training and intervals.")] = 7,
    device: Device = "cpu",
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Score on labelled points, on labelled parcel series, or on the scenes of a season with labelled parcels.

    Give one of --points (trains anew), --series and --catalog.
    """
    from app.cli.model_tables import print_rows
    from app.jobs.failures import complain
    from app.jobs.progress import reporting

    _check_mode(context)
    with reporting(quiet=quiet) as report:
        if points is not None:
            scored = _on_points(points, train_per_class, seeds, block_degrees, device_of(device), report)
        elif series is not None:
            table = (series, cast(Path, parcels), label_column or "label", cast(Path, label_map))
            scored = _on_series(table, cv_blocks_m, model, seed, device_of(device), report)
        else:
            season = Season(day(cast(str, season_start), "--season-start"), day(cast(str, season_end), "--season-end"))
            with _work_folder(out) as folder:
                seen = _seen(cast(str, catalog), cast(Path, parcels), season, folder, parcels_crs, id_column, report)
                seen = replace(seen, model=None if model is None else model.absolute(), workers=workers or seen.workers)
                seen = replace(seen, radar=radar, radar_kind=None if radar_kind is None else radar_kind.value)
                scored = _on_catalog(seen, label_column, label_map, label_raster, min_area_ha, report)
    if as_json:
        typer.echo(json.dumps(scored.as_dict(), ensure_ascii=False))
    else:
        print_rows(Console(file=sys.stdout), scored.table())
    complain(getattr(scored, "failures", ()), "tile", "--json")


def _on_points(
    points: Path, train_per_class: int, seeds: int, block_degrees: float | None, device: str, report: Reporter
) -> EvaluationReport:
    from app.jobs.progress import told
    from models.evaluation.points import PointsRequest, evaluate_points

    return evaluate_points(PointsRequest(points, train_per_class, seeds, block_degrees, device), told(report))


def _on_series(
    table: tuple[Path, Path, str, Path],
    cv_blocks_m: float | None,
    model: Path | None,
    seed: int,
    device: str,
    report: Reporter,
) -> EvaluationReport:
    from app.jobs.progress import told
    from models.evaluation.parcels import SeriesRequest, evaluate_series

    return evaluate_series(SeriesRequest(*table, cv_blocks_m, model, seed, device), told(report))


def _on_catalog(
    seen: ObservationRequest,
    label_column: str | None,
    label_map: Path | None,
    label_raster: Path | None,
    min_area_ha: float,
    report: Reporter,
) -> CatalogReport:
    from app.jobs.evaluate import CatalogRequest, evaluate_catalog

    request = CatalogRequest(
        seen=seen,
        label_column=label_column,
        label_map=label_map,
        label_raster=label_raster,
        min_area_ha=min_area_ha,
    )
    return evaluate_catalog(request, report)


def _seen(
    catalog: str,
    parcels: Path,
    season: Season,
    folder: Path,
    parcels_crs: str | None,
    id_column: str | None,
    report: Reporter,
) -> ObservationRequest:
    from app.jobs.request import ObservationRequest
    from app.jobs.scenes import access_of
    from app.settings import load_settings

    settings = load_settings()
    return ObservationRequest(
        catalog=catalog,
        parcels=parcels,
        season=season,
        out=folder,
        parcels_crs=parcels_crs,
        id_column=id_column,
        scheduler=settings.scheduler,
        workers=settings.workers,
        memory_mib=settings.worker_memory_mib,
        access=access_of(settings, report),
    )


@contextmanager
def _work_folder(named: Path | None) -> Iterator[Path]:
    """The folder that was named, or one that is gone afterwards."""
    if named is not None:
        yield named
        return
    with tempfile.TemporaryDirectory(prefix="acreline-") as passing:
        yield Path(passing)


def _check_mode(context: typer.Context) -> None:
    """Refuse what does not belong together.

    Raises:
        InputError: not just one way of scoring is named, one of its options is missing, or one is none of its own.
    """
    given = [name for name in context.params if _is_given(context, name)]
    modes = [name for name in _MODES if name in given]
    if len(modes) != 1:
        raise InputError(
            "EVALUATE_MODE",
            f"What to score on is named {'more than once' if modes else 'nowhere'}.",
            "Give one of --points, --series and --catalog.",
        )
    mode = modes[0]
    optional, required = _MODES[mode]
    missing = [name for name in required if name not in given]
    if missing:
        raise InputError("EVALUATE_OPTION", f"{_option(mode)} needs {_option(missing[0])}.", "Add it.")
    foreign = [name for name in given if name not in {mode, *optional, *required, *_EVERYWHERE}]
    if foreign:
        raise InputError(
            "EVALUATE_OPTION", f"{_option(foreign[0])} has no meaning with {_option(mode)}.", "Leave it out."
        )
    if {"cv_blocks_m", "model"} <= set(given):
        raise InputError(
            "EVALUATE_OPTION",
            "--cv-blocks-m trains networks of its own: --model has no meaning.",
            "Give one of the two.",
        )


def _is_given(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def device_of(name: str) -> str:
    """A device that there is; InputError where it is not."""
    import torch

    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise InputError("DEVICE", f"--device {name!r} is no device.", "Give cpu or cuda.") from error
    count = {"cpu": 1, "cuda": torch.cuda.device_count()}.get(device.type, 0)
    if (device.index or 0) >= count:
        raise InputError("DEVICE", f"There is no device {name!r} on this machine.", "Give cpu, or leave --device out.")
    return name
