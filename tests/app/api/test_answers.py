"""Money and areas at the edge."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api.answers import MINOR_DIGITS, areas, decimal_text, limit_answer, minor_digits
from app.db.views import LimitView
from geo.errors import DataError


@given(st.integers(-(2**63), 2**63 - 1), st.sampled_from(sorted(MINOR_DIGITS)))
def test_money_keeps_every_unit(minor: int, currency: str) -> None:
    text = decimal_text(minor, currency)
    assert Decimal(text).scaleb(MINOR_DIGITS[currency]) == minor
    assert "E" not in text


def test_money_has_the_decimals_of_its_currency() -> None:
    assert decimal_text(4290000, "INR") == "42900.00"
    assert decimal_text(-5, "CNY") == "-0.05"
    assert decimal_text(133000, "JPY") == "133000"


def test_an_unknown_currency_is_refused_rather_than_guessed() -> None:
    with pytest.raises(DataError, match="XYZ"):
        minor_digits("XYZ")


def test_areas_in_three_units() -> None:
    found = areas(2.0)
    assert (found.ha, found.mu, found.acre) == (2.0, 30.0, 4.942)


@pytest.mark.parametrize(
    ("amount", "effects", "adds_up"), [(100, [60, 40], True), (100, [60, 41], False), (None, [0], True)]
)
def test_a_receipt_that_does_not_add_up_says_so(amount: int | None, effects: list[int], *, adds_up: bool) -> None:
    reasons = tuple({"code": "A", "effect_minor": effect, "en": "a", "zh": "一"} for effect in effects)
    limit = LimitView("parcel", "P", None, amount, "CNY", None, None, False, "p", "h", reasons)
    assert limit_answer(limit).adds_up is adds_up
