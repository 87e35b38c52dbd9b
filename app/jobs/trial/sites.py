"""Energy sites of the made-up bank: plans by branch, loans of two companies, red lines, meters, and three watches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from sqlalchemy import Engine, true

from app.book.decisions.people import find_user
from app.book.drawn.registering import Giver
from app.book.loans.imports import import_loans
from app.book.loans.loanfile import read_loan_file
from app.book.parties.register import register
from app.book.parties.retention import load_rules
from app.db.engine import writing
from app.db.tables.site_kinds import RedLineKind
from app.jobs.progress import Reporter
from app.jobs.redlines import Columns, read_red_lines
from app.jobs.simulated import simulated_sites
from app.jobs.siteplans import read_plans
from app.jobs.sitewatch.asking import SiteWatchRequest
from app.jobs.sitewatch.job import watch_sites
from app.jobs.trial.projects import PROJECTS, company_entries, project_file, readings, red_lines
from app.sites.meters import take_readings
from app.sites.plans import planned_sites
from app.sites.redlining import Layer, take_red_lines
from app.sites.registering import take_plans
from geo.files import sha256_of
from scoring.lending.mapping import load_loan_mapping
from scoring.sites.plan import SitePlan
from tiles.simulation.sites.asked import SitesPlan

if TYPE_CHECKING:
    from app.jobs.trial.making import Trial

#: Days on which the sites were watched; the last is the trial's own today, on which red lines are known first.
WATCHED_ON: Final = (date(2026, 5, 31), date(2026, 8, 31), date(2026, 11, 9))
#: What the columns of the file of project loans hold.
MAPPING: Final = Path(__file__).parent / "data" / "projects.toml"
#: Branch that monitors each site.
UNITS: Final = {
    "SIM-SOLAR-1": "020",
    "SIM-SOLAR-2": "010",
    "SIM-SOLAR-3": "010",
    "SIM-WIND-1": "010",
    "SIM-HYDRO-1": "020",
}
_BY: Final = "rita"
_TOUCHED: Final = "SIM-SOLAR-3"
_RED_LINES: Final = Layer(RedLineKind.FARMLAND, "Land office of the trial (made up)", date(2025, 6, 30))
#: The site that runs, and the first day of its meter.
_METERED: Final = "SIM-SOLAR-1"
_METERED_FROM: Final = date(2026, 3, 1)
_IMAGERY: Final = (date(2015, 7, 4), date(9999, 12, 31))

Clock = Callable[[], datetime]


def make_sites(trial: Trial, engine: Engine, report: Reporter, day: date, clock: Clock) -> None:
    """Make what is not there yet of a trial's energy sites.

    Args:
        trial: whose folder they lie in.
        engine: its database, with units and people.
        report: told of progress.
        day: the trial's own today.
        clock: the trial's clock.
    """
    season = simulated_sites(trial.root / "sites", SitesPlan(seed=trial.seed), report)
    _companies(engine, trial.root / "projects.csv", day, clock)
    plans = _plans(engine, season.plans, clock)
    _red_lines(engine, plans, trial.root / "redlines.geojson", clock)
    _meters(engine, plans, day, np.random.default_rng([trial.seed, 3]), clock)
    request = SiteWatchRequest(
        catalog=str(season.catalog),
        radar=None if season.radar is None else str(season.radar),
        runs=trial.folders.runs or trial.root,
        as_of=WATCHED_ON[0],
        scheduler=trial.scheduler,
        workers=trial.workers,
        memory_mib=trial.memory_mib,
    )
    for watched_on in WATCHED_ON:
        watch_sites(replace(request, as_of=watched_on), engine, report, clock)


def _companies(engine: Engine, file: Path, day: date, clock: Clock) -> None:
    with writing(engine) as connection:
        register(connection, company_entries(), vault=None, rules=load_rules(), now=clock())
    project_file().to_csv(file, index=False)
    import_loans(engine, read_loan_file(file, load_loan_mapping(str(MAPPING)), day), now=clock())


def _plans(engine: Engine, file: Path, clock: Clock) -> list[SitePlan]:
    """Plans of the file with their loans, each of its branch."""
    facilities = {each.site_id: each.facility for each in PROJECTS}
    now = clock()
    with writing(engine) as connection:
        known = [site.plan for site in planned_sites(connection, now, true())]
        read = read_plans(file, _IMAGERY, known).require_sound()
        plans = [replace(plan, facility=facilities.get(plan.site_id, "")) for plan in read]
        person = find_user(connection, _BY)
        for unit in sorted(set(UNITS.values())):
            own = [plan for plan in plans if UNITS[plan.site_id] == unit]
            take_plans(connection, own, Giver.of(connection, person.id, unit), sha256_of(file), now)
    return plans


def _red_lines(engine: Engine, plans: list[SitePlan], file: Path, clock: Clock) -> None:
    file.write_text(red_lines(plans, _TOUCHED).to_json(), encoding="utf-8")
    with writing(engine) as connection:
        lines = read_red_lines(file, Columns("line_id", "name"), crs=None).lines
        take_red_lines(connection, lines, _RED_LINES, find_user(connection, _BY), clock())


def _meters(engine: Engine, plans: list[SitePlan], day: date, rng: np.random.Generator, clock: Clock) -> None:
    plan = next(plan for plan in plans if plan.site_id == _METERED)
    with writing(engine) as connection:
        given = readings(plan, _METERED_FROM, day.replace(day=1), rng)
        take_readings(connection, given, find_user(connection, _BY), clock())
