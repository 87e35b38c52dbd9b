from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import InputError
from geo.season import Season
from scoring.growth.series import Series
from scoring.seasons.field_signs import BARE, COVER, FieldSigns, signs_of_looks, signs_of_markers

AUTUMN = date(2026, 12, 1)


def _series(**looks: list[tuple[date, float]]) -> Series:
    rows = [(name, day, value) for name, own in looks.items() for day, value in own]
    return Series.of(pd.DataFrame(rows, columns=["parcel_id", "date", "ndvi"]))


def _signs(series: Series, season: Season, day: date) -> FieldSigns:
    return signs_of_looks(series.parcels, series.ndvi, series.days, season, day)


def _days(start: date, *values: float) -> list[tuple[date, float]]:
    return [(start + timedelta(days=10 * place), value) for place, value in enumerate(values)]


def test_bare_ground_after_a_cover_is_told_and_bare_ground_all_along_is_not(coming):
    start = date(2026, 9, 15)
    series = _series(
        weeds=_days(start, 0.45, 0.50, 0.48, 0.22, 0.20), stubble=_days(start, 0.20, 0.21, 0.22, 0.20, 0.19),
        once=_days(start, 0.50, 0.50, 0.20, 0.50, 0.50), still=_days(start, 0.5, 0.5, 0.5, 0.5, 0.5),
    )  # fmt: skip
    signs = _signs(series, coming, AUTUMN)
    assert signs.bare == {"weeds"}
    assert signs.observed == {"weeds", "stubble", "once", "still"}


def test_looks_of_before_the_season_or_after_the_day_do_not_count(coming):
    before = _series(p=_days(date(2026, 6, 1), 0.6, 0.6, 0.2, 0.2))
    assert _signs(before, coming, AUTUMN) == FieldSigns()
    series = _series(p=_days(date(2026, 10, 5), 0.5, 0.2, 0.2))
    assert _signs(series, coming, date(2026, 10, 24)).bare == frozenset()
    assert _signs(series, coming, date(2026, 10, 25)).bare == {"p"}
    known = series.known(datetime(2026, 10, 20, tzinfo=UTC))
    assert _signs(known, coming, AUTUMN).bare == frozenset()


@given(st.lists(st.floats(-0.2, 1.0), min_size=2, max_size=12))
@settings(max_examples=30, deadline=None)
def test_ground_is_bare_only_after_a_cover_and_two_low_looks(coming, values):
    found = _signs(_series(p=_days(date(2026, 10, 2), *values)), coming, date(2027, 4, 1)).bare
    pairs = [at for at in range(1, len(values)) if values[at - 1] <= BARE and values[at] <= BARE]
    told = any(max(values[: at - 1], default=-1.0) >= COVER for at in pairs)
    assert (found == {"p"}) == told


def _markers(*rows, as_of=date(2027, 3, 1), season="2026-10-01/2027-09-30"):
    table = pd.DataFrame(rows, columns=["parcel_id", "marker", "status", "outcome"])
    return table.assign(as_of=as_of, season_id=season)


def test_only_judged_markers_confirm(coming):
    markers = _markers(
        ("p1", "sowing", "OK", "sown"), ("p1", "canopy", "OK", "closed"), ("p2", "sowing", "OK", "late"),
        ("p2", "canopy", "NOT_VALID", None), ("p3", "sowing", "OK", "not_sown"), ("p4", "sowing", "NOT_VALID", None),
    )  # fmt: skip
    signs = signs_of_markers(markers, coming, date(2027, 4, 1))
    assert (signs.sown, signs.closed, signs.observed) == ({"p1", "p2"}, {"p1"}, {"p1", "p2", "p3"})
    assert signs_of_markers(markers.iloc[:0], coming, AUTUMN) == FieldSigns()


def test_markers_of_another_time_are_refused(coming):
    with pytest.raises(InputError, match="of 2027-03-01, past 2026-12-01"):
        signs_of_markers(_markers(("p1", "sowing", "OK", "sown")), coming, AUTUMN)
    old = _markers(("p1", "sowing", "OK", "sown"), as_of=date(2026, 5, 1), season="2025-10-01/2026-09-30")
    with pytest.raises(InputError, match="lies outside the season"):
        signs_of_markers(old, coming, AUTUMN)
