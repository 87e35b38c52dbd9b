from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import InputError
from geo.season import Season, dekad_of, dekads, parse_season

_DAYS = st.dates(date(2015, 1, 1), date(2060, 1, 1))


@given(_DAYS, st.integers(1, 800))
def test_id_survives_parsing(start: date, days: int) -> None:
    season = Season(start, start + timedelta(days=days))
    assert parse_season(season.id) == season


def test_both_ends_belong_to_the_season() -> None:
    season = Season(date(2018, 10, 1), date(2019, 10, 31))
    assert season.start in season
    assert season.end in season
    assert date(2018, 9, 30) not in season
    assert date(2019, 11, 1) not in season


@pytest.mark.parametrize(
    ("start", "end", "code"),
    [
        (date(2019, 1, 2), date(2019, 1, 1), "SEASON_REVERSED"),
        (date(2019, 1, 1), date(2019, 1, 1), "SEASON_REVERSED"),
        (date(2019, 1, 1), date(2022, 1, 1), "SEASON_TOO_LONG"),
    ],
)
def test_impossible_seasons_are_refused(start: date, end: date, code: str) -> None:
    with pytest.raises(InputError) as caught:
        Season(start, end)
    assert caught.value.code == code


@pytest.mark.parametrize("text", ["2019", "2018-10-01", "2018-10-01/2019-10-31/x", ""])
def test_anything_but_two_dates_is_no_season(text: str) -> None:
    with pytest.raises(InputError, match="is not a season"):
        parse_season(text)


@given(_DAYS)
def test_dekad_starts_on_1_11_or_21_and_holds_its_day(day: date) -> None:
    start = dekad_of(day)
    assert start.day in {1, 11, 21}
    assert 0 <= (day - start).days <= 10


@given(_DAYS, st.integers(0, 500))
def test_dekads_are_all_steps_between_without_gaps(start: date, days: int) -> None:
    end = start + timedelta(days=days)
    steps = dekads(start, end)
    expected = sorted({dekad_of(start + timedelta(days=k)) for k in range(days + 1)})
    assert list(steps) == expected


def test_a_year_has_36_dekads() -> None:
    assert len(Season(date(2021, 1, 1), date(2021, 12, 31)).dekads()) == 36
