"""Milestones lie between two looks; looks of a table become observations."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest

from geo.errors import DataError
from geo.observations import SITE_LOOKS, to_table
from geo.sites import SiteMeasure
from scoring.sites.looks import observed_of
from scoring.sites.milestones import milestones_of
from scoring.sites.plan import MilestoneKind
from scoring.sites.progress import Observed

FIRST = np.datetime64("2024-01-05")


def observed(shares: list[float]) -> Observed:
    """Every fifteen days; NaN is a gap."""
    values = np.array(shares)
    return Observed(FIRST + 15 * np.arange(len(shares)), values, np.where(np.isnan(values), np.nan, 0.02))


def test_milestones_lie_between_the_looks_around_them() -> None:
    panels = observed([0.0, 0.0, 0.2, np.nan, 0.6, 0.9, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0])
    cleared = observed([0.0, 0.6, 0.9, 1.0, 1.0, 1.0])
    found = milestones_of(panels, cleared)
    assert found[MilestoneKind.CLEARED].after == FIRST
    assert found[MilestoneKind.CLEARED].by == FIRST + 15
    assert found[MilestoneKind.BUILDING].by == FIRST + 30
    assert found[MilestoneKind.COMPLETE].after == FIRST + 75
    assert found[MilestoneKind.COMPLETE].by == FIRST + 90
    assert found[MilestoneKind.STEADY].by == FIRST + 150


def test_a_measure_that_ends_near_the_plan_and_creeps_is_complete_where_building_ended() -> None:
    creeping = [0.0, 0.3, 0.6, 0.9, 0.9, 0.905, 0.91, 0.915, 0.92, 0.93]
    assert milestones_of(observed(creeping))[MilestoneKind.COMPLETE].by == FIRST + 45
    stopped = [0.0, 0.3, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6]
    assert np.isnat(milestones_of(observed(stopped))[MilestoneKind.COMPLETE].by)


def test_what_hides_part_of_a_site_does_not_show_it_complete() -> None:
    panels = observed([0.0, 0.3, 0.6, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0])

    def complete(*clear: float) -> tuple[object, object]:
        found = milestones_of(replace(panels, clear=np.array(clear)))[MilestoneKind.COMPLETE]
        return found.after, found.by

    before = FIRST + 30
    assert complete(*np.ones(9)) == (before, FIRST + 45)
    assert complete(1.0, 1.0, 1.0, 0.6, 0.7, 0.9, 1.0, 1.0, 1.0) == (before, FIRST + 75)
    assert complete(*np.full(9, 0.6)) == (before, FIRST + 90), "four murky looks together"
    told = milestones_of(replace(observed([0.0, 0.3, 1.0, 1.0]), clear=np.full(4, 0.6)))
    assert np.isnat(told[MilestoneKind.COMPLETE].by), "so far no look shows it"
    assert np.isnat(told[MilestoneKind.STEADY].by)


def test_building_ends_where_it_grew_last_and_not_where_it_slowed() -> None:
    slowing = [0.0, 0.3, 0.6, 0.9, 0.97, 1.0, 1.03, 1.06, 1.06, 1.06, 1.06, 1.06, 1.06]
    assert milestones_of(observed(slowing))[MilestoneKind.COMPLETE].by == FIRST + 90


def test_a_site_that_nobody_saw_has_reached_nothing() -> None:
    found = milestones_of(observed([np.nan, np.nan]))
    assert all(np.isnat(one.by) for one in found.values())


def looks() -> pd.DataFrame:
    """Two looks, the second of which was measured twice."""
    rows = [(date(2024, 1, 5), 5, 100.0), (date(2024, 1, 20), 20, 300.0), (date(2024, 1, 20), 25, 250.0)]
    return pd.DataFrame(
        {
            "site_id": "a",
            "measure": str(SiteMeasure.PANELS),
            "date": [day for day, _, _ in rows],
            "known_at": [datetime(2024, 1, known, tzinfo=UTC) for _, known, _ in rows],
            "value": [value for _, _, value in rows],
            "error": 10.0,
            "clear_share": 1.0,
            "source_hash": "h",
        }
    )


def test_what_became_known_later_changes_no_past() -> None:
    table = to_table(looks(), SITE_LOOKS).to_pandas(date_as_object=True)
    early = observed_of(table, "a", SiteMeasure.PANELS, 1000.0, as_of=datetime(2024, 1, 21, tzinfo=UTC))
    late = observed_of(table, "a", SiteMeasure.PANELS, 1000.0, as_of=datetime(2024, 2, 1, tzinfo=UTC))
    np.testing.assert_allclose(early.shares, [0.1, 0.3])
    np.testing.assert_allclose(late.shares, [0.1, 0.25])
    np.testing.assert_allclose(late.errors, [0.01, 0.01])
    with pytest.raises(DataError):
        observed_of(table, "a", SiteMeasure.PANELS, 0.0, as_of=datetime(2024, 2, 1, tzinfo=UTC))
