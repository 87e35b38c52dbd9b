"""A wind farm is half pads and half towers; a tower has its pad."""

from __future__ import annotations

import numpy as np
import pytest

from geo.errors import InputError
from scoring.sites.wind import Counts, farm_rule, over_permit, wind_progress

DAYS = np.datetime64("2024-01-05") + 10 * np.arange(6)
NONE = Counts(DAYS[:0], np.array([]), np.array([]))


def counts(values: list[float]) -> Counts:
    return Counts(DAYS, np.array(values), np.full(len(values), 0.05))


def test_pads_alone_are_half_and_leave_the_towers_open() -> None:
    found = wind_progress(counts([0, 1, 2, 4, 4, 4]), NONE, 4, DAYS)
    assert found.share[-1] == pytest.approx(0.5, abs=0.01)
    assert found.high[-1] == pytest.approx(1.0)
    assert found.low[-1] <= 0.5


def test_a_tower_that_stands_has_its_pad() -> None:
    found = wind_progress(counts([0, 0, 0, 0, 0, 0]), counts([0, 0, 2, 2, 4, 4]), 4, DAYS)
    assert found.share[-1] == pytest.approx(1.0, abs=0.01)
    assert (np.diff(found.share) >= 0).all()


def test_a_small_farm_is_complete_with_its_last_tower_and_a_large_one_at_the_usual_share() -> None:
    two = wind_progress(counts([0, 0, 2, 2, 2, 2]), counts([0, 0, 0, 1, 1.8, 2]), 2, DAYS)
    assert (two.share >= farm_rule(2).complete).tolist() == [False, False, False, False, True, True]
    assert farm_rule(1).complete > 0.5
    assert farm_rule(50).complete == 0.95


def test_pads_at_no_planned_place_are_counted_at_least_and_as_it_seems() -> None:
    def over(*found: float, error: float = 0.1) -> tuple[int, int] | None:
        return over_permit(Counts(DAYS[: len(found)], np.array(found), np.full(len(found), error)))

    assert over(0, 0, 3, 3, 3) == (2, 3)
    assert over(0, 0, 3, 3, 3, error=2.0) == (0, 3)
    assert over(3, 3, 3, 0, 0, 0) == (0, 0)  # gone again
    assert over(0, 0, 0, 0, 0, 4) == (0, 0)  # one look may invent it
    assert over(2, 2, np.nan, 2, np.nan) == (1, 2)
    assert over(np.nan, np.nan) is None


def test_a_farm_without_turbines_is_refused() -> None:
    with pytest.raises(InputError, match="0 turbines"):
        wind_progress(NONE, NONE, 0, DAYS)
