"""Expected loss to the last unit."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from geo.errors import DataError
from scoring.risk.loss import LossTable, expected_loss
from scoring.risk.rules import load_risk_rules

TABLE = load_risk_rules("cn-risk-example").risk.loss

loans = st.lists(
    st.tuples(st.sampled_from("ABC"), st.sampled_from(["land_right", "guarantee", "none"]), st.integers(0, 9 * 10**12)),
    min_size=1,
    max_size=50,
)


def _book(rows: list[tuple[str, str, int]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["grade", "security", "ead_minor"])
    return frame.assign(loan_id=[f"l{number}" for number in range(len(rows))], currency="CNY")


def test_golden_loans() -> None:
    book = expected_loss(_book([("A", "none", 1_000_000), ("B", "land_right", 333_333), ("loss", "none", 7)]), TABLE)
    # 1,000,000 x 0.010 x 0.65 = 6,500; 333,333 x 0.035 x 0.45 = 5,249.99...; 7 x 1 x 0.65 = 4.55
    assert book.loans.el_minor.tolist() == [6500, 5250, 5]
    assert (book.ead_minor, book.el_minor) == (1_333_340, 11_755)
    assert book.as_dict(2)["el"] == "117.55"


@settings(max_examples=30)
@given(loans)
def test_every_loan_is_its_exact_product_rounded_once_and_the_book_is_their_sum(rows) -> None:
    book = expected_loss(_book(rows), TABLE)
    pds, lgds = {row.grade: row.pd for row in TABLE.pd}, {row.security: row.lgd for row in TABLE.lgd}
    exact = [Decimal(amount) * pds[grade] * lgds[security] for grade, security, amount in rows]
    assert book.loans.el_minor.tolist() == [int(each.to_integral_value(rounding=ROUND_HALF_EVEN)) for each in exact]
    assert book.el_minor == sum(book.loans.el_minor.tolist())
    assert book.exact == sum(map(Fraction, exact))
    assert abs(book.el_minor - book.exact) <= Fraction(len(rows), 2)


@settings(max_examples=30)
@given(loans)
def test_any_grouping_adds_up_to_the_book(rows) -> None:
    book = expected_loss(_book(rows), TABLE)
    for column in ("grade", "security"):
        grouped = book.by(column)
        assert grouped.el_minor.sum() == book.el_minor
        assert grouped.ead_minor.sum() == book.ead_minor
        assert grouped.loans.sum() == len(rows)


def test_halves_go_to_even() -> None:
    table = LossTable.model_validate(
        {"pd": [{"grade": "A", "pd": "0.5"}], "lgd": [{"security": "none", "lgd": 1}], "cites": "own"}
    )
    book = expected_loss(_book([("A", "none", amount) for amount in (1, 3, 5, 7)]), table)
    assert book.loans.el_minor.tolist() == [0, 2, 2, 4]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"grade": "Z"}, "'Z' of the loan 'l1'"),
        ({"grade": None}, "of the loan 'l1'"),
        ({"security": "promise"}, "'promise'"),
        ({"ead_minor": "-1"}, "'-1'"),
        ({"ead_minor": "1.5"}, "'1.5'"),
        ({"ead_minor": None}, "no whole amount"),
        ({"ead_minor": str(10**13)}, "no whole amount"),
    ],
)
def test_a_loan_that_cannot_be_worked_out_is_named(book, row, said) -> None:
    with pytest.raises(DataError, match=said):
        expected_loss(book(row), TABLE)


def test_two_currencies_refuse(book) -> None:
    with pytest.raises(DataError, match="CNY, INR"):
        expected_loss(book({}, {"currency": "INR"}), TABLE)


def test_an_empty_book_refuses(book) -> None:
    with pytest.raises(DataError, match="no loan"):
        expected_loss(book({}).iloc[:0], TABLE)


@pytest.mark.parametrize("wrong", [{"pd": [{"grade": "A", "pd": "1.1"}]}, {"pd": [{"grade": "A", "pd": "0.1"}] * 2}])
def test_a_table_refuses_what_is_no_chance(wrong) -> None:
    with pytest.raises(ValidationError):
        LossTable.model_validate({"lgd": [{"security": "none", "lgd": 1}], "cites": "own", **wrong})
