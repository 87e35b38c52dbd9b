"""Energy sites of the trial bank: plans, loans, red lines and meters that fit together, and standings of a watch."""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import shapely
from sqlalchemy import Engine, func, select, true

from app.book.loans.loanfile import read_loan_file
from app.db.engine import open_engine, writing
from app.db.tables import MeterReading, OrgUnit, Parcel, RedLine, SiteStanding
from app.jobs.progress import Silent
from app.jobs.trial.bank import UNITS as BANK_UNITS
from app.jobs.trial.bank import open_bank
from app.jobs.trial.making import BEGINS, Trial, TrialClock
from app.jobs.trial.projects import PROJECTS, project_file, readings, red_lines
from app.jobs.trial.sites import MAPPING, UNITS, WATCHED_ON, make_sites
from app.sites.plans import planned_sites
from geo.sites import SiteType
from scoring.lending.mapping import load_loan_mapping
from scoring.sites.plan import Milestone, MilestoneKind, SitePlan
from tiles.simulation.sites.asked import AskedSite, SitesPlan, every
from tiles.simulation.sites.land import Window

WATCHED = date(2026, 8, 20)


def plan_of(site_id: str, west: float) -> SitePlan:
    milestones = (Milestone(MilestoneKind.COMPLETE, date(2026, 6, 30)),)
    return SitePlan(1, site_id, SiteType.SOLAR, 5.0, shapely.box(west, 33.38, west + 0.004, 33.384), milestones)


def test_each_default_site_is_monitored_by_a_unit_of_the_bank_and_watched_by_the_trials_day() -> None:
    plan = SitesPlan()
    assert {one.site_id for one in plan.sites} == set(UNITS)
    assert set(UNITS.values()) <= {code for code, *_ in BANK_UNITS}
    assert {each.site_id for each in PROJECTS} <= set(UNITS)
    assert all(UNITS[each.site_id] == each.unit for each in PROJECTS)
    assert list(WATCHED_ON) == sorted(WATCHED_ON)
    assert plan.days[-1] <= WATCHED_ON[-1] == BEGINS.date()


def test_the_file_of_project_loans_reads_without_a_fault(tmp_path: Path) -> None:
    project_file().to_csv(tmp_path / "projects.csv", index=False)
    book = read_loan_file(tmp_path / "projects.csv", load_loan_mapping(str(MAPPING)), BEGINS.date()).book
    assert sorted(book.loans.facility_number) == sorted(each.facility for each in PROJECTS)
    assert sorted(book.loans.outstanding_minor) == sorted(each.outstanding * 100 for each in PROJECTS)


def test_one_red_line_touches_the_site_and_the_other_none() -> None:
    plans = [plan_of("SIM-A", 115.70), plan_of("SIM-B", 115.72)]
    lines = red_lines(plans, "SIM-B").to_crs(4326)
    assert lines.crs is not None
    over, apart = lines.geometry
    shared = over.intersection(plans[1].outline).area / plans[1].outline.area
    assert 0.03 < shared < 0.3
    assert not over.intersects(plans[0].outline)
    assert not any(apart.intersects(plan.outline) for plan in plans)
    assert lines.line_id.is_unique


def test_the_meter_is_read_by_whole_month_below_the_rated_power() -> None:
    found = readings(plan_of("SIM-A", 115.70), date(2026, 3, 1), date(2026, 6, 15), np.random.default_rng(1))
    spans = [(each.starts_on, each.ends_on) for each in found]
    assert spans == [
        (date(2026, 3, 1), date(2026, 3, 31)),
        (date(2026, 4, 1), date(2026, 4, 30)),
        (date(2026, 5, 1), date(2026, 5, 31)),
    ]
    assert all(0.08 < each.energy_kwh / (5_000 * 24 * each.days) < 0.25 for each in found)
    assert all(each.as_of > each.ends_on for each in found)


@pytest.fixture
def small_sites(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two farms on little land, watched once: one that runs, one that leaves its border."""
    kind, days = SiteType.SOLAR, (date(2025, 11, 1), date(2026, 5, 1), date(2026, 5, 10))
    sites = (
        AskedSite("SIM-SOLAR-1", "One", kind, Window(8, 8, 64), *days),
        AskedSite("SIM-SOLAR-3", "Three", kind, Window(88, 88, 64), *days, outside=0.25),
    )
    # A year of past looks: with those of a spring alone rows are made out too low.
    seen = (*every(date(2024, 11, 4), date(2025, 10, 25), 12), *every(date(2026, 1, 5), WATCHED, 12))
    monkeypatch.setattr(
        "app.jobs.trial.sites.SitesPlan", partial(SitesPlan, size_px=160, days=seen, tracks=(), sites=sites)
    )
    monkeypatch.setattr("app.jobs.trial.sites.WATCHED_ON", (WATCHED,))


@pytest.mark.usefixtures("small_sites")
def test_the_trial_has_sites_with_standings_and_making_them_again_changes_nothing(
    migrated_sqlite_url: str, scheduler: str, tmp_path: Path
) -> None:
    trial, engine = Trial(tmp_path, 7, scheduler=scheduler), open_engine(migrated_sqlite_url)
    clock = TrialClock(engine)
    with writing(engine) as connection:
        open_bank(connection, lambda: "hash", clock)
    make_sites(trial, engine, Silent(), BEGINS.date(), clock)
    before = counts(engine)
    assert before == (2, 2, 8, 2)
    with engine.connect() as connection:
        found = planned_sites(connection, clock(), true())
        kept = dict(
            connection.execute(
                select(Parcel.parcel_id, OrgUnit.code).join(OrgUnit, OrgUnit.id == Parcel.org_unit_id)
            ).all()
        )
        standings = {row.parcel_id: row for row in connection.execute(select(SiteStanding))}
    assert {site.plan.site_id for site in found} == {"SIM-SOLAR-1", "SIM-SOLAR-3"}
    assert kept == {"SIM-SOLAR-1": "020", "SIM-SOLAR-3": "010"}
    assert {row.as_of for row in standings.values()} == {WATCHED}
    runs = standings["SIM-SOLAR-1"]
    assert runs.standing == "on_track"
    assert runs.seen_on <= WATCHED
    assert runs.low <= runs.share <= runs.high
    assert runs.share == pytest.approx(1.0, abs=0.3)  # complete in May, after a past of a few looks in spring
    make_sites(trial, engine, Silent(), BEGINS.date(), clock)
    assert counts(engine) == before
    engine.dispose()


def counts(engine: Engine) -> tuple[int, int, int, int]:
    """Sites by plan, red lines, readings and standings of the book."""
    with engine.connect() as connection:
        sites = len(planned_sites(connection, BEGINS.replace(year=2027), true()))
        rows = [
            connection.scalar(select(func.count()).select_from(one)) for one in (RedLine, MeterReading, SiteStanding)
        ]
    return (sites, *(row or 0 for row in rows))
