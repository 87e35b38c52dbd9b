"""Which visits first: expected losses, unknown ones, and the part drawn by chance."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import DataError, InputError
from geo.season import Season
from scoring.alerts.ranking import (
    CANDIDATES,
    VISITS,
    draw_visits,
    expected_losses,
    random_visits,
    season_left,
    share_at_risk,
)

YEAR = Season(date(2018, 1, 1), date(2018, 12, 31))
DAY = date(2018, 6, 1)

Row = tuple[str, str | None, str, float | None, float | None, int | None]


def table(rows: Sequence[Row]) -> pa.Table:
    """Candidates: parcel, cause, level, probability, share at risk, exposure."""
    named = [
        {
            "subject_id": parcel,
            "cause": cause,
            "opened_on": None if cause is None else DAY,
            "level": level,
            "probability": probability,
            "at_risk": at_risk,
            "exposure_minor": exposure,
        }
        for parcel, cause, level, probability, at_risk, exposure in rows
    ]
    return pa.Table.from_pylist(named, schema=CANDIDATES)


def book(alerts: int, others: int) -> pa.Table:
    rows: list[Row] = [(f"a{i:03d}", "flood", "watch", 0.5, 0.5, 1000 * (i + 1)) for i in range(alerts)]
    return table([*rows, *[(f"b{i:03d}", None, "none", None, None, 500) for i in range(others)]])


def drawn(visits: pa.Table) -> list[tuple[str, str]]:
    return list(zip(visits["subject_id"].to_pylist(), visits["drawn"].to_pylist(), strict=True))


def test_the_greatest_expected_losses_come_first_in_whole_minor_units() -> None:
    rows: list[Row] = [
        ("small", "flood", "action", 0.9, 0.9, 100),
        ("large", "flood", "watch", 0.5, 0.25, 100_001),
        ("none", None, "none", None, None, 10**9),
    ]
    visits = draw_visits(table(rows), 2, 0.0, seed="s")
    assert visits.schema == VISITS
    assert visits["subject_id"].to_pylist() == ["large", "small"]
    assert visits["expected_loss_minor"].to_pylist() == [12500, 81]
    assert visits["by"].to_pylist() == ["expected_loss"] * 2
    assert visits["draw_probability"].to_pylist() == [None, None]


def test_unknown_losses_follow_by_level_and_say_so() -> None:
    rows: list[Row] = [
        ("no_exposure", "flood", "action", 0.7, 0.9, None),
        ("no_severity", "flood", "warning", 0.6, None, 10**6),
        ("known", "flood", "info", 0.1, 0.1, 1),
    ]
    visits = draw_visits(table(rows), 3, 0.0, seed="s")
    assert visits["subject_id"].to_pylist() == ["known", "no_exposure", "no_severity"]
    assert visits["by"].to_pylist() == ["expected_loss", "level", "level"]
    assert visits["expected_loss_minor"].to_pylist() == [0, None, None]


def test_a_parcel_with_two_alerts_is_visited_once_for_the_greater() -> None:
    rows: list[Row] = [
        ("p", "flood", "warning", 0.6, 0.5, 1000),
        ("p", "open_canopy", "watch", 0.9, 0.9, 1000),
        ("q", "flood", "watch", 0.1, 0.1, 1000),
    ]
    visits = draw_visits(table(rows), 4, 0.0, seed="s")
    assert list(zip(visits["subject_id"].to_pylist(), visits["cause"].to_pylist(), strict=True)) == [
        ("p", "open_canopy"),
        ("q", "flood"),
    ]


def test_a_tenth_is_by_chance_rounded_up_and_one_visit_at_least_is_ranked() -> None:
    assert [random_visits(capacity, 0.1) for capacity in (1, 2, 10, 11, 30, 31)] == [0, 1, 1, 2, 3, 4]
    assert random_visits(5, 0.0) == 0
    assert random_visits(5, 1.0) == 5
    visits = draw_visits(book(40, 60), 30, seed="week 1")
    assert Counter(visits["drawn"].to_pylist()) == {"ranked": 27, "random": 3}
    assert visits["draw_probability"].to_pylist()[-1] == pytest.approx(3 / 73)


def test_chance_draws_every_other_parcel_alike_with_an_alert_or_without() -> None:
    made, count = book(6, 6), Counter[str]()
    for week in range(400):
        count.update(name for name, how in drawn(draw_visits(made, 4, 0.5, seed=f"week {week}")) if how == "random")
    assert set(count) == {f"a{i:03d}" for i in range(4)} | {f"b{i:03d}" for i in range(6)}
    assert max(count.values()) < 1.5 * 80
    assert min(count.values()) > 0.6 * 80


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 30), st.integers(0, 30), st.integers(1, 40), st.floats(0, 1), st.text(max_size=5), st.randoms())
def test_visits_are_as_many_as_they_can_be_once_each_whatever_the_order(
    alerts: int, others: int, capacity: int, share: float, seed: str, order: random.Random
) -> None:
    made = book(alerts, others)
    visits = draw_visits(made, capacity, share, seed=seed)
    shuffled = list(range(made.num_rows))
    order.shuffle(shuffled)
    assert draw_visits(made.take(pa.array(shuffled, pa.int64())), capacity, share, seed=seed).equals(visits)
    assert len(set(visits["subject_id"].to_pylist())) == visits.num_rows
    ranked = min(capacity - random_visits(capacity, share), alerts)
    by_chance = min(random_visits(capacity, share), alerts + others - ranked)
    assert Counter(how for _, how in drawn(visits)) == +Counter({"ranked": ranked, "random": by_chance})
    assert visits["rank"].to_pylist() == list(range(1, ranked + by_chance + 1))


def test_what_is_still_at_risk_rises_with_severity_and_falls_with_the_season() -> None:
    severity = np.array([0.0, 0.5, 1.0, np.nan])
    assert share_at_risk(severity, 1.0, 0.2)[:3].tolist() == [0.0, 0.5, 1.0]
    assert share_at_risk(severity, 0.0, 0.2)[:3].tolist() == [0.0, 0.1, 0.2]
    assert np.isnan(share_at_risk(severity, 0.5, 0.2)[3])
    assert season_left(YEAR, date(2017, 12, 31)) == 1.0
    assert season_left(YEAR, date(2018, 12, 31)) == 0.0
    assert season_left(YEAR, date(2019, 5, 1)) == 0.0
    assert season_left(YEAR, date(2018, 7, 2)) == pytest.approx(182 / 365)
    assert expected_losses(book(1, 1))[0] == 250.0


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(InputError, match="0 visits"):
        draw_visits(book(1, 1), 0, seed="s")
    with pytest.raises(InputError, match=r"random share of 1\.5"):
        draw_visits(book(1, 1), 2, 1.5, seed="s")
    with pytest.raises(DataError, match="unknown level"):
        draw_visits(table([("p", "flood", "red", 0.1, 0.1, 1)]), 1, seed="s")
    with pytest.raises(DataError, match="'probability' out of range"):
        draw_visits(table([("p", "flood", "info", 1.1, 0.1, 1)]), 1, seed="s")
    with pytest.raises(DataError, match="twice"):
        draw_visits(pa.concat_tables([book(1, 1), book(1, 0)]), 1, seed="s")
