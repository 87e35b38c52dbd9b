"""Five classes and their floors."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from geo.errors import DataError, InputError
from scoring.risk.classes import CHINESE, LoanClass, compare_classes, floor_ranks, require_in_force
from scoring.risk.rules import load_risk_rules

FLOORS = load_risk_rules("cn-risk-example").risk.classes


@pytest.mark.parametrize(
    ("days", "rank"),
    [(0, 0), (1, 1), (90, 1), (91, 2), (270, 2), (271, 3), (360, 3), (361, 4), (np.nan, -1)],
)
def test_the_floor_of_each_count_of_days(days, rank) -> None:
    assert floor_ranks(np.array([days], dtype=float), FLOORS.floors).tolist() == [rank]


def test_a_class_better_than_its_floor_is_flagged_and_kept(book) -> None:
    loans = book(
        {"loan_class": "正常", "days_overdue": "1"},
        {"loan_class": " 次级类 ", "days_overdue": "91"},
        {"loan_class": "Loss", "days_overdue": "0"},
        {"loan_class": "2", "days_overdue": "120"},
        {"loan_class": None, "days_overdue": "0"},
        {"loan_class": "pass", "days_overdue": None},
    )
    found = compare_classes(loans, FLOORS.floors)
    assert found.state.tolist() == ["better_than_floor", "agrees", "agrees", "better_than_floor"] + ["incomplete"] * 2
    assert found.loan_class.tolist()[:4] == ["pass", "substandard", "loss", "special_mention"]
    assert found.floor.tolist() == ["special_mention", "substandard", "pass", "substandard", "pass", None]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"loan_class": "fine"}, "'fine' of the loan 'l1'"),
        ({"days_overdue": "-1"}, "'-1'"),
        ({"days_overdue": "1.5"}, "'1.5'"),
        ({"days_overdue": "many"}, "'many'"),
        ({"loan_id": None}, "no loan_id"),
    ],
)
def test_a_row_that_cannot_be_read_is_named(book, row, said) -> None:
    with pytest.raises(DataError, match=said):
        compare_classes(book(row), FLOORS.floors)


def test_the_same_loan_twice_refuses(book) -> None:
    with pytest.raises(DataError, match="'x' stands twice"):
        compare_classes(book({"loan_id": "x"}, {"loan_id": "x"}), FLOORS.floors)


def test_a_missing_column_is_named(book) -> None:
    with pytest.raises(DataError, match="days_overdue"):
        compare_classes(book({}).drop(columns="days_overdue"), FLOORS.floors)


def test_floors_do_not_reach_back() -> None:
    require_in_force(FLOORS.valid_from, date(2023, 7, 1))
    with pytest.raises(InputError, match="in force from 2023-07-01"):
        require_in_force(FLOORS.valid_from, date(2023, 6, 30))


def test_every_class_has_a_chinese_name() -> None:
    assert [CHINESE[each] for each in LoanClass] == ["正常", "关注", "次级", "可疑", "损失"]
