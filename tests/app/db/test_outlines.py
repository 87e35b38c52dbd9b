from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from app.db.outlines import Period, periods_of

START = datetime(2026, 1, 1, tzinfo=UTC)
SIGHTINGS = st.lists(st.tuples(st.integers(0, 40), st.sampled_from("abc"))).map(
    lambda rows: [(START + timedelta(days=day), version) for day, version in sorted(rows, key=lambda row: row[0])]
)


def test_no_sighting_gives_no_period() -> None:
    assert periods_of([]) == []


def test_of_two_at_one_instant_the_last_wins() -> None:
    assert periods_of([(START, "a"), (START, "b")]) == [Period("b", START, None)]


@given(SIGHTINGS)
def test_periods_tell_what_was_seen(sightings: list[tuple[datetime, str]]) -> None:
    periods = periods_of(sightings)
    for instant, version in dict(sightings).items():
        assert [period.geometry_version for period in periods if period.covers(instant)] == [version]


@given(SIGHTINGS)
def test_periods_touch_and_differ_and_the_last_is_open(sightings: list[tuple[datetime, str]]) -> None:
    periods = periods_of(sightings)
    for earlier, later in pairwise(periods):
        assert earlier.valid_to == later.valid_from
        assert earlier.valid_from < later.valid_from
        assert earlier.geometry_version != later.geometry_version
    assert not periods or periods[-1].valid_to is None
