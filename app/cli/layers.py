"""`acreline layers ...`: imagery of runs for the map of an institution."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.outlines import layer_folder

if TYPE_CHECKING:
    from app.jobs.maplayers.job import LayerSummary

app = typer.Typer(help="Imagery of runs by date for the map of an institution.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Imagery of runs by date for the map of an institution."""


@app.command(name="make")
def make(
    run: Annotated[Path, typer.Option(help="Folder of a finished run, with its cubes.", metavar="DIR")],
    *,
    layers: Annotated[
        Path | None, typer.Option(help="Where map layers are kept; ACRELINE_LAYER_DIR by default.", metavar="DIR")
    ] = None,
    clear: Annotated[
        float, typer.Option(help="Share of the parcels' area that must be clear on a date.", min=0.01, max=1.0)
    ] = 0.5,
    most: Annotated[int | None, typer.Option(help="Dates at most, the clearest.", min=1)] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON line.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
) -> None:
    """Put a run's season onto the squares of the map, and make pictures in true colour and of NDVI for each clear date.

    It can be killed at any moment; the same command goes on with the dates that are missing. Dates that the command
    does not ask for again are no longer shown.
    """
    from app.jobs.maplayers.job import LayerRequest, make_layers
    from app.jobs.progress import reporting

    request = LayerRequest(run, layer_folder(layers), clear, most)
    with reporting(quiet=quiet) as report:
        summary = make_layers(request, report)
    if as_json:
        typer.echo(json.dumps(summary.as_dict(), ensure_ascii=False))
    else:
        _print(summary)


def _print(summary: LayerSummary) -> None:
    days = sorted(summary.days)
    typer.echo(
        f"{len(days)} dates of run {summary.run_id} are shown, {days[0]} to {days[-1]}, {summary.made} of them new;"
        f" {summary.bytes / 1e6:.1f} MB in {summary.folder}."
    )
    if summary.too_cloudy or summary.left_out:
        typer.echo(f"{summary.too_cloudy} dates are too cloudy, {summary.left_out} more than wanted.")
    if summary.missing:
        typer.echo(f"Cubes are gone of: {', '.join(summary.missing)}. Run the season again to have them back.")
