"""Water of two kinds of look on one scale: a bias of either is found, a rise between looks is none."""

from __future__ import annotations

import numpy as np
import pytest

from models.sites.alignment import aligned
from models.sites.looks import Floats, Looks

FIRST = np.datetime64("2024-01-05")
OPTICAL = np.array([0, 5, 20, 25, 40, 50, 60, 70, 80, 90])
PASSES = np.array([3, 15, 27, 39, 51, 63, 75, 87])


def area(days: Floats) -> Floats:
    """Hectares: rises for 60 days, then stays."""
    return np.interp(days, [0.0, 60.0], [1.0, 9.0]) * 1e4


def looks(days: Floats, off: float, error: float = 0.03) -> Looks:
    values = area(days) * off
    return Looks(FIRST + days.astype(int), values, values * error, np.ones(len(days)))


def test_what_lies_apart_is_brought_together_and_the_surer_kind_moves_less() -> None:
    optical, radar = aligned(looks(OPTICAL, 1.0), looks(PASSES, 1.1))
    np.testing.assert_allclose(
        np.median(radar.values / area(PASSES)), np.median(optical.values / area(OPTICAL)), rtol=0.02
    )
    assert 1.0 < optical.values[-1] / area(OPTICAL)[-1] < 1.05
    assert radar.values[-1] / area(PASSES)[-1] == pytest.approx(1.03, abs=0.01)


def test_kinds_that_agree_while_water_rises_stay_as_they_are() -> None:
    optical, radar = aligned(looks(OPTICAL, 1.0), looks(PASSES, 1.0))
    np.testing.assert_allclose(optical.values, area(OPTICAL), rtol=0.005)
    np.testing.assert_allclose(radar.values, area(PASSES), rtol=0.005)


def test_one_stray_look_moves_nothing_by_much() -> None:
    stray = looks(OPTICAL, 1.0)
    stray.values[-2] *= 2.0
    _, radar = aligned(stray, looks(PASSES, 1.0))
    np.testing.assert_allclose(radar.values, area(PASSES), rtol=0.02)


def test_passes_that_no_look_lies_near_are_not_compared() -> None:
    far = looks(PASSES + 200, 1.3)
    given = looks(OPTICAL, 1.0)
    optical, radar = aligned(given, far)
    assert (optical.values == given.values).all()
    assert (radar.values == far.values).all()


def test_a_kind_that_tells_nothing_leaves_the_other_alone() -> None:
    nothing = Looks(FIRST + PASSES, np.full(8, np.nan), np.full(8, np.nan), np.zeros(8))
    given = looks(OPTICAL, 1.0)
    optical, radar = aligned(given, nothing)
    assert (optical.values == given.values).all()
    assert np.isnan(radar.values).all()
