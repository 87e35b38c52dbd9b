"""Crop calendars: strict loading, windows of a season, gaps of a book."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import DataError, InputError
from geo.season import Season
from scoring.growth.calendars.gaps import calendar_gaps
from scoring.growth.calendars.regional import calendar_ids, calendar_of, load_calendar, load_calendars, parse_calendar
from scoring.growth.calendars.windows import Expected

YEAR_2018 = Season(date(2018, 1, 1), date(2018, 12, 31))

TEXT = """
calendar_format = 1
id = "xx-here"
version = "1"
country = "XX"
region = "here"
names = ["Over Here"]
title = { en = "Here", zh = "这里" }
citations = [{ id = "a", rule = "All of it.", source = "A book", checked = "to be checked" }]

[[crops]]
crop = "wheat"
form = "winter"
sowing = { from = "10-01", to = "11-10" }
emergence = { from = "10-10", to = "12-01" }
peak = { from = "04-15", to = "06-20" }
harvest = { from = "07-05", to = "08-25" }
cites = "a"

[[crops]]
crop = "wheat"
form = "spring"
sowing = { from = "03-01", to = "04-10" }
emergence = { from = "03-10", to = "04-25" }
peak = { from = "05-15", to = "07-01" }
harvest = { from = "07-25", to = "09-05" }
cites = "a"

[[crops]]
crop = "grass"
peak = { from = "04-01", to = "10-15" }
cites = "a"
"""


def test_every_shipped_calendar_loads_and_cites_a_source() -> None:
    assert len(calendar_ids()) >= 5
    for calendar in load_calendars():
        assert calendar.covers(calendar.region)
        assert all(citation.source for citation in calendar.citations)


def test_windows_of_a_winter_crop_begin_in_the_year_before() -> None:
    windows = parse_calendar(TEXT, "here.toml").expected(YEAR_2018, "wheat", "winter")
    assert windows is not None
    assert (windows.sowing_from, windows.harvest_to) == (date(2017, 10, 1), date(2018, 8, 25))
    assert windows.peak_from == date(2018, 4, 15)


def test_forms_that_are_not_told_apart_span_all_windows() -> None:
    windows = parse_calendar(TEXT, "here.toml").expected(YEAR_2018, "wheat")
    assert windows is not None
    assert (windows.sowing_from, windows.sowing_to) == (date(2017, 10, 1), date(2018, 4, 10))
    assert (windows.harvest_from, windows.harvest_to) == (date(2018, 7, 5), date(2018, 9, 5))


def test_a_permanent_crop_is_neither_sown_nor_harvested() -> None:
    windows = parse_calendar(TEXT, "here.toml").expected(YEAR_2018, "grass")
    assert windows is not None
    assert windows.permanent
    assert windows.harvest_to is None


def test_a_season_without_the_peak_expects_nothing() -> None:
    calendar = parse_calendar(TEXT, "here.toml")
    assert calendar.expected(Season(date(2018, 9, 1), date(2018, 12, 31)), "wheat", "winter") is None


@given(st.dates(date(2015, 1, 1), date(2030, 1, 1)))
def test_windows_follow_each_other_in_any_season(start: date) -> None:
    season = Season(start, date(start.year + 1, start.month, min(start.day, 28)))
    for calendar in load_calendars():
        for row in calendar.crops:
            windows = calendar.expected(season, row.crop, row.form)
            if windows is not None and not windows.permanent:
                froms = [windows.sowing_from, windows.emergence_from, windows.peak_from, windows.harvest_from]
                assert froms == sorted(day for day in froms if day is not None)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('peak = { from = "04-15"', 'top = { from = "04-15"', "crops.0.peak"),
        ('crop = "grass"', 'crop = "gras"', "not a crop of the legend"),
        ('cites = "a"', 'cites = "b"', "citation 'b'"),
        ('form = "spring"', 'form = "winter"', "two calendars"),
        ('to = "08-25"', 'to = "13-25"', "harvest.to"),
        ('harvest = { from = "07-05", to = "08-25" }', "", "stand together"),
        ('harvest = { from = "07-05"', 'harvest = { from = "04-01"', "in the order"),
        ('peak = { from = "04-15", to = "06-20" }', 'peak = { from = "04-15", to = "09-20" }', "more than 400 days"),
    ],
)
def test_a_wrong_key_is_named(old: str, new: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        parse_calendar(TEXT.replace(old, new, 1), "here.toml")
    assert caught.value.code == "CALENDAR_KEY"
    assert "here.toml" in caught.value.message


def test_text_that_is_not_toml_and_names_that_are_not_known() -> None:
    with pytest.raises(InputError, match="not valid TOML"):
        parse_calendar("id = ", "x.toml")
    with pytest.raises(InputError, match="no crop calendar 'nowhere'"):
        load_calendar("nowhere")


def test_a_banks_own_folder_wins(tmp_path: Path) -> None:
    (tmp_path / "xx-here.toml").write_text(TEXT, encoding="utf-8")
    assert load_calendar("xx-here", folder=tmp_path).region == "here"
    (tmp_path / "xx-other.toml").write_text(TEXT, encoding="utf-8")
    with pytest.raises(InputError, match="Name the file after its id"):
        load_calendar("xx-other", folder=tmp_path)
    with pytest.raises(InputError, match="does not exist"):
        load_calendars(tmp_path / "none")


def test_the_calendar_of_a_region_is_the_one_in_force_on_the_day() -> None:
    old = parse_calendar(TEXT.replace('version = "1"', 'version = "1"\nvalid_to = 2017-12-31'), "a")
    new = parse_calendar(TEXT.replace('version = "1"', 'version = "2"\nvalid_from = 2018-01-01'), "b")
    assert calendar_of([new, old], "over here", date(2017, 5, 1)) is old
    assert calendar_of([new, old], "HERE", date(2018, 5, 1)) is new
    assert calendar_of([new], "elsewhere", date(2018, 5, 1)) is None


def test_gaps_are_listed_before_a_run_the_largest_first() -> None:
    book = pd.DataFrame(
        {
            "region": ["here", "here", "there", None, "here", "here"],
            "crop": ["wheat", "cotton", "wheat", "wheat", "", "fallow"],
            "area_ha": [9.0, 2.0, 5.0, 1.0, 3.0, 7.0],
        }
    )
    gaps = calendar_gaps(book, [parse_calendar(TEXT, "here.toml")], YEAR_2018)
    assert [(gap.region, gap.crop, gap.why) for gap in gaps] == [
        ("there", "wheat", "no calendar of the region"),
        ("here", "", "no crop declared"),
        ("here", "cotton", "no calendar of the crop"),
        ("", "wheat", "no region"),
    ]
    with pytest.raises(DataError, match="'area_ha'"):
        calendar_gaps(book[["region", "crop"]], [], YEAR_2018)


def test_windows_are_laid_out_by_parcel() -> None:
    calendar = parse_calendar(TEXT, "here.toml")
    kinds = [calendar.expected(YEAR_2018, "wheat"), calendar.expected(YEAR_2018, "grass")]
    expected = Expected.of(kinds, np.array([1, 0, -1]))
    assert expected.known.tolist() == [True, True, False]
    assert expected.annual.tolist() == [False, True, False]
    assert expected.harvest_to[1] == np.datetime64("2018-09-05")
