from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pandas as pd
import pytest

from geo.errors import InputError
from scoring.lending.control import check_control, parse_control
from scoring.lending.loanbook import LoanBook
from scoring.lending.mapping import LoanMapping
from scoring.lending.reading import read_loan_book

GOOD = """
control_format = 1
as_of = 2026-11-20
loans = 2
plots = 2
[sums.CNY]
outstanding = "2401.00"
sanctioned = 10000
"""


@pytest.fixture
def book(make_rows: Callable[..., pd.DataFrame], make_mapping: Callable[..., LoanMapping]) -> LoanBook:
    return read_loan_book(make_rows({}, {}), None, make_mapping(), date(2026, 11, 20))


def _check(book: LoanBook, text: str) -> None:
    check_control(book, parse_control(text, "control.toml"), {"CNY": 2})


def test_a_file_that_reconciles_passes(book: LoanBook) -> None:
    _check(book, GOOD)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("loans = 2", "loans = 3", "loans 2 in the rows, 3 in control"),
        ("plots = 2", "plots = 1", "plots 2 in the rows, 1 in control"),
        ("2026-11-20", "2026-11-19", "the day 2026-11-20 in the rows, 2026-11-19 in control"),
        ('"2401.00"', '"2401.01"', "outstanding CNY 2401.00 in the rows, 2401.01 in control (-0.01)"),
        ("sums.CNY", "sums.INR", "currencies CNY in the rows, INR in control"),
        ("sanctioned = 10000", 'principal = "1"', "principal is not known of 2 loans in CNY"),
    ],
)
def test_every_difference_refuses_to_the_last_unit(book: LoanBook, old: str, new: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        _check(book, GOOD.replace(old, new))
    assert caught.value.code == "LOAN_CONTROL"
    assert said in caught.value.message
    assert "nothing was written" in caught.value.remedy


def test_all_differences_are_named_at_once(book: LoanBook) -> None:
    with pytest.raises(InputError, match=r"loans 2 .*outstanding CNY"):
        _check(book, GOOD.replace("loans = 2", "loans = 9").replace("2401.00", "1"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("control_format = ", "not valid TOML"),
        (GOOD + "taxes = 1", "unknown|taxes"),
        (GOOD.replace("2401.00", "x"), "x"),
    ],
)
def test_a_control_file_loads_strictly(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        parse_control(text, "control.toml")
    assert caught.value.code == "LOAN_CONTROL_FILE"
