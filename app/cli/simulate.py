"""`acreline simulate`: write the embedded simulated season to a folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def simulate(
    out: Annotated[Path, typer.Option(help="Folder for catalog.json, scenes and parcels.gpkg.")],
    *,
    seed: Annotated[int, typer.Option(help="The same seed gives the same county.", min=0)] = 7,
) -> None:
    """Write a simulated county: scenes as COGs with STAC items, and parcels. Nothing in it was observed."""
    from app.jobs.progress import reporting
    from app.jobs.simulated import simulated_season
    from tiles.simulation.county import CountyPlan

    with reporting(quiet=False) as report:
        season = simulated_season(out, CountyPlan(seed=seed), report)
    typer.echo(
        f"Simulated season {season.season.id}: --catalog {season.catalog} --parcels {season.parcels} "
        f"--season-start {season.season.start} --season-end {season.season.end}"
    )
