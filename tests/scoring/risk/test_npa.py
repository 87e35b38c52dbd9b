"""Overdue crop loans by crop seasons."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from geo.errors import DataError
from scoring.risk.npa import SeasonCount, season_state, season_table
from scoring.risk.rules import load_risk_rules

RULES = load_risk_rules("in-risk-example").risk.crop_seasons


@pytest.mark.parametrize(
    ("crop", "due", "until"),
    [
        ("rice", date(2024, 3, 31), date(2024, 10, 31)),
        ("rice", date(2024, 4, 30), date(2025, 4, 30)),
        ("wheat", date(2024, 11, 1), date(2025, 10, 31)),
        ("sugarcane", date(2024, 8, 31), date(2026, 2, 28)),
    ],
)
def test_the_last_day_of_the_last_season(crop, due, until) -> None:
    on_the_day, after = (
        season_state(crop, due, day, RULES) for day in (until, date.fromordinal(until.toordinal() + 1))
    )
    assert on_the_day.performs_until == until
    assert not on_the_day.is_npa
    assert after.is_npa


@given(st.dates(date(2000, 1, 1), date(2050, 1, 1)))
def test_two_half_year_seasons_last_between_half_a_year_and_a_year(due) -> None:
    assert 180 <= (RULES.short.last_day(due) - due).days <= 366


def test_a_loan_without_anything_due_has_no_state() -> None:
    assert season_state("rice", None, date(2025, 1, 1), RULES) is None
    assert season_state("rice", date(2025, 1, 1), date(2025, 1, 1), RULES) is None


def test_a_table_of_loans() -> None:
    loans = pd.DataFrame(
        {"loan_id": ["a", "b", "c"], "crop": ["rice", "orchard", "rice"], "due_on": ["2024-03-31", "2024-03-31", None]}
    )
    found = season_table(loans, date(2024, 11, 1), RULES)
    assert found.is_npa.tolist() == [True, False, False]
    assert found.duration.tolist() == ["short", "long", None]


@pytest.mark.parametrize(("column", "value"), [("crop", "unobtainium"), ("due_on", "31/03/2024")])
def test_what_cannot_be_read_is_named(column, value) -> None:
    loans = pd.DataFrame({"loan_id": ["a"], "crop": ["rice"], "due_on": ["2024-03-31"]})
    loans[column] = value
    with pytest.raises(DataError, match=value):
        season_table(loans, date(2024, 11, 1), RULES)


@pytest.mark.parametrize("wrong", [{}, {"ends": ["04-30"], "months": 6}, {"ends": ["02-29"]}, {"ends": ["30-04"]}])
def test_a_count_is_told_in_one_way(wrong) -> None:
    with pytest.raises(ValidationError):
        SeasonCount.model_validate({"seasons": 2, **wrong})
