"""`acreline sites simulate`: simulated sites to try the others of `acreline sites` on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from app.cli.cubes import Json


def simulate(
    out: Annotated[Path, typer.Option(help="Folder for catalog.json, scenes and plans.geojson.", metavar="DIR")],
    *,
    seed: Annotated[int, typer.Option(help="The same seed gives the same sites.", min=0)] = 7,
    as_json: Json = False,
) -> None:
    """Write simulated sites: scenes (optical and radar) as COGs with STAC items, and plans. Nothing was observed.

    Three solar farms (one that runs, one that falls behind its plan, one that leaves its border), a wind farm and a
    reservoir, from June 2024 to November 2026.
    """
    from app.jobs.progress import reporting
    from app.jobs.simulated import simulated_sites
    from tiles.simulation.sites.asked import SitesPlan

    plan = SitesPlan(seed=seed)
    with reporting(quiet=False) as report:
        sites = simulated_sites(out, plan, report)
    if as_json:
        paths = {"catalog": sites.catalog, "radar": sites.radar, "plans": sites.plans, "truth": sites.truth}
        told = {name: None if path is None else str(path) for name, path in paths.items()}
        typer.echo(json.dumps(told | {"first": str(sites.first), "last": str(sites.last)}, ensure_ascii=False))
        return
    radar = "" if sites.radar is None else f" --radar {sites.radar}"
    typer.echo(
        f"{len(plan.sites)} simulated sites, {sites.first} to {sites.last}. Take their plans in, then watch them:\n"
        f"  acreline sites import {sites.plans} --unit CODE --by LOGIN\n"
        f"  acreline sites watch --catalog {sites.catalog}{radar} --as-of {sites.last} --runs DIR"
    )
