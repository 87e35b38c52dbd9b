"""`acreline model`: score, show, train and export the network."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from app.cli.cubes import Json, Quiet
from app.cli.evaluate import Device, Model, device_of, evaluate
from geo.errors import InputError


class Sampling(StrEnum):
    """How the points of a sample were drawn."""

    STRATIFIED = "stratified"
    SIMPLE = "simple"
    SYSTEMATIC = "systematic"


app = typer.Typer(no_args_is_help=True, help="The network: score it, show its card, train it, export it.")
app.command()(evaluate)


@app.command()
def card(*, model: Model = None, as_json: Json = False) -> None:
    """Show the card of a release: data, regions, accuracy, limits. --json prints the card itself."""
    from app.cli.model_tables import print_card
    from models.release import load_release

    release = load_release(model)
    if as_json:
        typer.echo(release.card.model_dump_json())
    else:
        print_card(Console(file=sys.stdout), release)


@app.command()
def train(
    out: Annotated[Path, typer.Option(help="Folder of the release; a stopped run goes on there.")],
    *,
    data: Annotated[
        Path | None,
        typer.Option(help="Folder with parcel-series and worldcereal-series; by default ACRELINE_DATA_DIR."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of everything random.")] = 7,
    epochs: Annotated[int, typer.Option(help="Epochs of each temporal network.", min=1)] = 80,
    context_epochs: Annotated[int, typer.Option(help="Epochs of the spatial context.", min=1)] = 20,
    ablation_epochs: Annotated[
        int, typer.Option(help="Epochs of the fits that show what each source adds; 0 leaves them out.", min=0)
    ] = 20,
    radar: Annotated[bool, typer.Option(help="Build a branch for Sentinel-1.")] = True,
    mixed: Annotated[
        bool | None, typer.Option("--mixed/--full", help="Products in bfloat16; on a GPU unless told otherwise.")
    ] = None,
    folds: Annotated[int, typer.Option(help="Folds of whole spatial blocks.", min=2)] = 3,
    version: Annotated[str, typer.Option(help="Version that the card shows.")] = "1",
    no_baseline: Annotated[bool, typer.Option("--no-baseline", help="Without the random forest beside.")] = False,
    threads: Annotated[int | None, typer.Option(help="Threads of torch; by default torch's choice.", min=1)] = None,
    device: Device = "cpu",
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Train a release from tables: folds, calibration, the final network, its context and its card.

    After each epoch OUT holds curves.csv and curves.png. It can be stopped at any moment; the same command goes on, and
    the same seed on the same machine gives the same weights.
    """
    from app.cli.model_tables import print_trained
    from app.jobs.lock import sole_user
    from app.jobs.progress import reporting, told
    from models.training.ablation import AblationPlan
    from models.training.contextfit import ContextPlan
    from models.training.recipe import RADAR_WIDTH, TrainPlan
    from models.training.recipe import train as train_release
    from models.training.seriesfit import FitPlan

    folder = _data_folder(data)
    where = device_of(device)
    fast = where != "cpu" if mixed is None else mixed
    if threads is not None:
        _use_threads(threads)
    plan = TrainPlan(
        version=version,
        folds=folds,
        baseline=not no_baseline,
        radar=RADAR_WIDTH if radar else 0,
        series=FitPlan(seed=seed, epochs=epochs, device=where, mixed=fast),
        context=ContextPlan(seed=seed, epochs=context_epochs, device=where, mixed=fast),
        ablation=AblationPlan(ablation_epochs),
    )
    with reporting(quiet=quiet) as report, sole_user(out):
        release = train_release(folder, out, plan, made_on=datetime.now(UTC).date(), progress=told(report))
    if as_json:
        accuracy = [row.model_dump() for row in release.card.accuracy]
        typer.echo(json.dumps({"out": str(out), "model": release.hash, "accuracy": accuracy}, ensure_ascii=False))
    elif not quiet:
        print_trained(Console(file=sys.stdout), release, out)


def _use_threads(count: int) -> None:
    import torch

    torch.set_num_threads(count)


def _data_folder(named: Path | None) -> Path:
    from app.settings import load_settings

    folder = named or load_settings().data_dir
    if folder is None:
        raise InputError(
            "NO_DATA_FOLDER", "No folder of training data is named.", "Give --data, or set ACRELINE_DATA_DIR."
        )
    if not folder.is_dir():
        raise InputError("NO_DATA_FOLDER", f"There is no folder {folder}.", "Name the one that holds parcel-series.")
    return folder


@app.command()
def export(
    out: Annotated[Path, typer.Option(help="Folder for temporal.onnx, context.onnx and card.json.")],
    *,
    model: Model = None,
    as_json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Write a release as ONNX, once both graphs agree with torch to 1e-4 (needs the extra `export`)."""
    from app.cli.model_tables import print_rows
    from app.jobs.lock import sole_user
    from models.export import export_onnx
    from models.release import load_release

    release = load_release(model)
    with sole_user(out):
        written = export_onnx(release, out)
    if as_json:
        typer.echo(json.dumps(written.as_dict(), ensure_ascii=False))
    elif not quiet:
        print_rows(Console(file=sys.stdout), written.table())


@app.command()
def areas(
    crop_map: Annotated[Path, typer.Option("--map", help="crop.tif of a run.")],
    sample: Annotated[Path, typer.Option(help="Points of known crop: a vector file, or a CSV with lon and lat.")],
    design: Annotated[
        Sampling,
        typer.Option(help="How they were drawn: at random within each mapped class, over the whole map, or on a grid."),
    ],
    *,
    label_column: Annotated[str | None, typer.Option(help="Column of the crops; crop, label or crop_code.")] = None,
    label_map: Annotated[Path | None, typer.Option(help="JSON file that takes labels to legend keys.")] = None,
    as_json: Json = False,
) -> None:
    """Estimate a map's accuracy and its crops' areas from a probability sample (Olofsson et al. 2014)."""
    from app.cli.model_tables import print_rows
    from app.jobs.areas import AreasRequest, estimate_areas

    report = estimate_areas(
        AreasRequest(
            crop_map=crop_map, sample=sample, design=design.value, label_column=label_column, label_map=label_map
        )
    )
    if as_json:
        typer.echo(json.dumps(report.as_dict(), ensure_ascii=False))
    else:
        print_rows(Console(file=sys.stdout), report.table())
