"""Simulated seasons, of a county and of energy sites, written once and kept."""

from __future__ import annotations

from pathlib import Path

from app.jobs.progress import Reporter
from geo.errors import InputError
from tiles.simulation.county import CountyPlan
from tiles.simulation.season import SimulatedSeason, write_season
from tiles.simulation.sites.asked import SitesPlan
from tiles.simulation.sites.season import SimulatedSites, write_site_season


def simulated_season(folder: Path, plan: CountyPlan, report: Reporter) -> SimulatedSeason:
    """The simulated season of a plan, written where the folder does not hold it yet; InputError where it cannot be."""
    _make(folder)
    report.begin("Simulation", len(plan.days))
    season = write_season(folder, plan=plan, progress=lambda _done, _total: report.advance("Simulation"))
    report.end("Simulation", f"{len(plan.days)} dates, simulated")
    return season


def simulated_sites(folder: Path, plan: SitesPlan, report: Reporter) -> SimulatedSites:
    """The simulated sites of a plan, written where the folder does not hold them yet; InputError where they cannot."""
    _make(folder)
    report.begin("Simulated sites", len(plan.days) + len(plan.radar_days))
    sites = write_site_season(folder, plan, lambda _done, _total: report.advance("Simulated sites"))
    report.end("Simulated sites", f"{len(plan.sites)} sites, {len(plan.days)} dates, simulated")
    return sites


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        said = f"{folder} cannot be written to ({error.strerror})."
        raise InputError("OUT_UNWRITABLE", said, "Choose another --out.") from error
