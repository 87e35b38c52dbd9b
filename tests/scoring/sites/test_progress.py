"""Laws of progress and of delay: no regress, gaps say nothing, a longer delay is never less grave."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.alerts.following import Block, follow
from scoring.alerts.levels import Level
from scoring.alerts.rules import load_rules
from scoring.sites.delay import Standing, delay_findings
from scoring.sites.milestones import milestones_of
from scoring.sites.plan import MilestoneKind
from scoring.sites.progress import Observed, Progress, isotonic, progress_on, reported
from tests.scoring.sites.plans import plan

FIRST = np.datetime64("2024-01-05")
SHARES = st.lists(st.one_of(st.none(), st.floats(0, 1)), min_size=1, max_size=25)
RULES = load_rules("sites-1")
PLAN = plan()


def observed(shares: list[float | None], error: float = 0.05) -> Observed:
    """Every twelve days; None is a gap."""
    values = np.array([np.nan if share is None else share for share in shares])
    days = FIRST + 12 * np.arange(len(shares))
    return Observed(days, values, np.where(np.isnan(values), np.nan, error))


@settings(max_examples=40, deadline=None)
@given(SHARES)
def test_progress_never_falls_and_lies_in_its_interval(shares: list[float | None]) -> None:
    found = progress_on(observed(shares), FIRST + np.arange(-20, 12 * len(shares) + 40, 5))
    for bound in (found.low, found.share, found.high):
        assert (np.diff(bound) >= -1e-12).all()
    assert (found.low <= found.share).all()
    assert (found.share <= found.high).all()
    assert (found.low >= 0).all()
    assert (found.high <= 1).all()


@settings(max_examples=25, deadline=None)
@given(SHARES)
def test_reports_one_after_the_other_never_regress_and_gaps_change_no_share(shares: list[float | None]) -> None:
    before = 0.0
    for count in range(1, len(shares) + 1):
        seen = observed(shares[:count])
        now = reported(progress_on(seen, seen.days[-1:]), np.array([before]))
        assert now.share[0] >= before
        if shares[count - 1] is None and count > 1:
            assert now.share[0] == pytest.approx(before)
        before = float(now.share[0])


def test_the_isotonic_fit_is_known() -> None:
    np.testing.assert_allclose(isotonic(np.array([0.1, 0.5, 0.3, 0.9]), np.ones(4)), [0.1, 0.4, 0.4, 0.9])


def test_intervals_hold_the_truth_in_nine_of_ten_and_the_estimate_is_near() -> None:
    random = np.random.default_rng(11)
    days = FIRST + 15 * np.arange(24)
    inside, off = [], []
    for _ in range(200):
        start, length = random.uniform(0, 6), random.uniform(6, 16)
        truth = np.clip((np.arange(24) - start) / length, 0, 1)
        error = np.where(random.random(24) < 0.4, np.nan, 0.06)
        noise = 0.06 * random.standard_t(4, 24) / np.sqrt(2)
        found = progress_on(Observed(days, np.where(np.isnan(error), np.nan, truth + noise), error), days)
        inside.append((found.low <= truth + 1e-9) & (truth <= found.high + 1e-9))
        off.append(np.abs(found.share - truth))
    assert np.mean(inside) > 0.9
    assert np.mean(off) < 0.05


def test_completion_lies_between_two_looks() -> None:
    seen = observed([0.2, 0.6, None, 1.0, 0.98])
    reached = milestones_of(seen)[MilestoneKind.COMPLETE]
    assert (reached.after.item(), reached.by.item()) == (date(2024, 1, 17), date(2024, 2, 10))


def levels(shares: list[float | None], behind: float = 0.0) -> list[int]:
    """Level after each day, of a site that is seen every 20 days from March on, `behind` below `shares`."""
    days = [date(2024, 3, 1) + timedelta(20 * at) for at in range(len(shares))]
    findings, before = [], None
    for at, day in enumerate(days):
        looks = [at_ for at_ in range(at + 1) if shares[at_] is not None]
        high = max((max(shares[look] - behind, 0.0) for look in looks), default=1.0)  # type: ignore[operator]
        seen = np.datetime64(days[looks[-1]], "D") if looks else np.datetime64("NaT", "D")
        progress = Progress(np.zeros(1), np.array([high]), np.array([high]), np.array([seen]))
        findings.append(delay_findings([Standing(PLAN, progress, before)], day))
        before = None if not looks else days[looks[-1]]
    block = Block(np.array(["a"]), "2024-01-01/2024-12-31", np.array([], dtype="datetime64[D]"), np.zeros((1, 0)))
    changes = {row["day"]: Level[row["level"].upper()] for row in follow(findings, block, RULES).to_pylist()}
    level, after = Level.NONE, []
    for day in days:
        level = changes.get(day, level)
        after.append(int(level))
    return after


@settings(max_examples=25, deadline=None)
@given(st.lists(st.one_of(st.none(), st.floats(0, 1)), min_size=2, max_size=12), st.floats(0, 0.6))
def test_a_longer_delay_never_lowers_a_level_and_gaps_change_none(shares: list[float | None], more: float) -> None:
    near, far = levels(shares), levels(shares, more)
    assert all(a <= b for a, b in zip(near, far, strict=True))
    for at in range(1, len(shares)):
        if shares[at] is None:
            assert near[at] == near[at - 1]


def test_a_site_that_falls_behind_is_watched_first_and_acted_on_when_it_lasts() -> None:
    found = levels([0.0] * 10)
    assert found[0] == Level.NONE
    assert max(found) == Level.ACTION
    assert found == sorted(found)
