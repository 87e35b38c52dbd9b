"""Alerts against events: one to one, in the window, events nobody could see apart."""

from __future__ import annotations

import numpy as np
import pytest

from scoring.growth.losses.matching import agreement, match_parcel

LOOKS = np.datetime64("2024-06-01") + np.arange(0, 60, 5)


def _days(*texts: str) -> np.ndarray:
    return np.array(texts, dtype="datetime64[D]")


@pytest.mark.parametrize(
    ("alert", "hits"), [("2024-06-06", 0), ("2024-06-07", 1), ("2024-06-22", 1), ("2024-06-23", 0)]
)
def test_the_window_is_minus_three_to_twelve_days(alert, hits):
    found = match_parcel(_days("2024-06-10"), _days(alert), LOOKS)
    assert (found.hits, found.missed, found.false) == (hits, 1 - hits, 1 - hits)


def test_matches_are_one_to_one_and_as_many_as_can_be():
    found = match_parcel(_days("2024-06-10", "2024-06-18"), _days("2024-06-11", "2024-06-16"), LOOKS)
    assert (found.hits, found.missed, found.false) == (2, 0, 0)
    found = match_parcel(_days("2024-06-10"), _days("2024-06-11", "2024-06-16"), LOOKS)
    assert (found.hits, found.false) == (1, 1)


def test_delay_counts_clear_looks_after_the_first():
    alerts = _days("2024-06-11")
    assert match_parcel(_days("2024-06-10"), alerts, LOOKS).delays == (0,)
    assert match_parcel(_days("2024-06-10"), alerts, LOOKS, _days("2024-06-16")).delays == (1,)
    assert match_parcel(_days("2024-06-13"), alerts, LOOKS).delays == (0,)


def test_an_event_nobody_could_see_is_apart_and_its_alert_not_false():
    looks = _days("2024-06-01", "2024-06-30", "2024-07-05")
    found = match_parcel(_days("2024-06-10"), _days("2024-06-30"), looks)
    assert (found.hits, found.missed, found.unseen, found.false, found.excused) == (0, 0, 1, 0, 1)
    found = match_parcel(_days("2024-06-10"), _days("2024-07-05"), looks)
    assert (found.false, found.excused) == (1, 0)


def test_figures_add_up():
    hit = match_parcel(_days("2024-06-10"), _days("2024-06-11"), LOOKS)
    miss = match_parcel(_days("2024-06-10"), _days(), LOOKS)
    cry = match_parcel(_days(), _days("2024-06-11"), LOOKS)
    found = agreement([hit, hit, miss, cry], 4)
    assert (found.precision, found.recall, found.f1) == pytest.approx((2 / 3, 2 / 3, 2 / 3))
    assert found.false_alarms_per_parcel_season == 0.25
    assert (found.delay_median, found.delay_p90) == (0.0, 0.0)


def test_nothing_has_no_figures():
    found = agreement([], 0)
    assert (found.f1, found.precision, found.delay_median) == (None, None, None)
