"""The embedded season, written once and kept."""

from __future__ import annotations

from pathlib import Path

from app.jobs.progress import Reporter
from tiles.simulation.county import CountyPlan
from tiles.simulation.season import SimulatedSeason, write_season


def simulated_season(folder: Path, plan: CountyPlan, report: Reporter) -> SimulatedSeason:
    """The simulated season of a plan, written where the folder does not hold it yet."""
    report.begin("Simulation", len(plan.days))
    season = write_season(folder, plan=plan, progress=lambda _done, _total: report.advance("Simulation"))
    report.end("Simulation", f"{len(plan.days)} dates, simulated")
    return season
