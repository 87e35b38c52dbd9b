"""Five-class state of loans (五级分类) from the core system, beside the floor that days overdue set.

The bank's own class counts. A class that is better than its floor is flagged for a person and changed by nobody here;
one that is worse needs no reason, since impairment, diverted funds or refinancing may have made it so.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Final

import numpy as np
import pandas as pd
from pydantic import Field

from geo.errors import DataError, InputError
from scoring.money import Floats, Ints
from scoring.pack_values import Strict
from scoring.risk.loanfile import require_loans


class LoanClass(StrEnum):
    """Classes from best to worst."""

    PASS = "pass"  # noqa: S105 - a loan class
    SPECIAL_MENTION = "special_mention"
    SUBSTANDARD = "substandard"
    DOUBTFUL = "doubtful"
    LOSS = "loss"


class ClassState(StrEnum):
    """What comes of comparing a class with its floor."""

    AGREES = "agrees"
    BETTER_THAN_FLOOR = "better_than_floor"
    INCOMPLETE = "incomplete"


class ClassFloor(Strict):
    """More than `days_over` days overdue give at least this class."""

    days_over: int = Field(ge=0)
    least: LoanClass


#: How core systems write the classes; case and surrounding blanks do not matter.
_NAMES: Final = {
    LoanClass.PASS: ("pass", "normal", "正常", "正常类", "1"),
    LoanClass.SPECIAL_MENTION: ("special_mention", "special mention", "关注", "关注类", "2"),
    LoanClass.SUBSTANDARD: ("substandard", "次级", "次级类", "3"),
    LoanClass.DOUBTFUL: ("doubtful", "可疑", "可疑类", "4"),
    LoanClass.LOSS: ("loss", "损失", "损失类", "5"),
}
_ORDER: Final = tuple(LoanClass)
_RANKS: Final = {name: _ORDER.index(each) for each, names in _NAMES.items() for name in names}

#: Names for people.
CHINESE: Final = {each: next(name for name in names if not name.isascii()) for each, names in _NAMES.items()}

_COLUMNS: Final = ("loan_id", "loan_class", "days_overdue")


def compare_classes(loans: pd.DataFrame, floors: tuple[ClassFloor, ...]) -> pd.DataFrame:
    """Class of each loan beside its floor.

    Args:
        loans: one row per loan: loan_id, loan_class (English, Chinese or 1 to 5; may be missing), days_overdue (whole
            days, may be missing: not the same as 0).
        floors: of the pack, any order.

    Returns:
        One row per loan in the same order: loan_id, loan_class, days_overdue (Int64), floor and state. Where class or
        days are missing the state is "incomplete" and what is missing stays so.

    Raises:
        DataError: a column is missing, an id is missing or stands twice, a class is unknown, or days are no whole
            number or negative.
    """
    require_loans(loans, _COLUMNS)
    days = _days(loans)
    said = _said_ranks(loans)
    floor = floor_ranks(days, floors)
    known = (said >= 0) & (floor >= 0)
    state = np.select([~known, said < floor], [ClassState.INCOMPLETE, ClassState.BETTER_THAN_FLOOR], ClassState.AGREES)
    return pd.DataFrame(
        {
            "loan_id": loans.loan_id.astype(str).to_numpy(),
            "loan_class": pd.Series(_names(said), dtype=object),
            "days_overdue": pd.Series(days).astype("Int64"),
            "floor": pd.Series(_names(floor), dtype=object),
            "state": state.astype(object),
        }
    )


def floor_ranks(days_overdue: Floats, floors: tuple[ClassFloor, ...]) -> Ints:
    """Rank (0 pass to 4 loss) that days overdue, (n,), give at least; -1 where the days are not known (NaN)."""
    ranks = np.zeros(len(days_overdue), dtype=np.int64)
    for floor in floors:
        ranks = np.where(days_overdue > floor.days_over, np.maximum(ranks, _ORDER.index(floor.least)), ranks)
    return np.where(np.isnan(days_overdue), -1, ranks)


def require_in_force(valid_from: date, as_of: date) -> None:
    """InputError where the floors of a pack are younger than the day of the core system's file."""
    if as_of < valid_from:
        raise InputError(
            "RISK_NOT_IN_FORCE",
            f"The class floors are in force from {valid_from}, after {as_of}.",
            "Name the rules of that day.",
        )


def _days(loans: pd.DataFrame) -> Floats:
    days = pd.to_numeric(loans.days_overdue, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = (
        (np.isnan(days) & loans.days_overdue.notna().to_numpy())
        | (days < 0)
        | (days != np.rint(days)) & ~np.isnan(days)
    )
    _refuse(loans, wrong, "days_overdue", "is no whole number of days from 0")
    return days


def _said_ranks(loans: pd.DataFrame) -> Ints:
    words = loans.loan_class
    cleaned = words.astype(object).where(words.notna(), "").map(lambda word: str(word).strip().lower())
    ranks = cleaned.map(lambda word: _RANKS.get(word.removesuffix(".0"), -1)).to_numpy(dtype=np.int64)
    _refuse(loans, (ranks < 0) & (cleaned != "").to_numpy(), "loan_class", "is no loan class")
    return ranks


def _refuse(loans: pd.DataFrame, wrong: np.ndarray[tuple[int], np.dtype[np.bool_]], column: str, what: str) -> None:
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        value, loan = loans[column].iloc[row], loans.loan_id.iloc[row]
        raise DataError("RISK_LOAN", f"{column} {value!r} of the loan {loan!r} {what}.", "Correct the file.")


def _names(ranks: Ints) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    return np.array([*(str(each) for each in _ORDER), None], dtype=object)[ranks]
