"""Expected loss of loans and of a book: EL = PD x LGD x EAD, in whole minor units.

PD and LGD are decimals of the pack, EAD is a whole number of minor units. Each loan's product is worked out exactly and
rounded once, half to even, so that a large book is not rounded up on the whole; the book is the sum of its loans. It
therefore adds up to the last unit over any grouping. The exact sum is stated beside it: the two differ by at most half
a unit per loan.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final, Self

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from geo.errors import DataError
from scoring.money import Ints, Mode, times_fraction, to_major
from scoring.pack_values import Share, Strict
from scoring.risk.loanfile import require_loans

#: How each loan is rounded.
ROUNDING: Final = Mode.HALF_EVEN

#: Largest exposure of one loan in minor units: sums of a million such loans still fit 64 bits.
_MOST: Final = 9 * 10**12

_COLUMNS: Final = ("loan_id", "grade", "security", "ead_minor", "currency")


class GradePd(Strict):
    """Probability of default within a year of one grade: a tier of the bank, or a loan class."""

    grade: str = Field(min_length=1)
    pd: Share


class SecurityLgd(Strict):
    """Loss given default of one kind of security."""

    security: str = Field(min_length=1)
    lgd: Share


class LossTable(Strict):
    """PD by grade and LGD by security; nothing else is taken for either."""

    pd: tuple[GradePd, ...] = Field(min_length=1)
    lgd: tuple[SecurityLgd, ...] = Field(min_length=1)
    cites: str

    @model_validator(mode="after")
    def _one_of_each(self) -> Self:
        for names in ([row.grade for row in self.pd], [row.security for row in self.lgd]):
            twice = next((name for name in names if names.count(name) > 1), None)
            if twice is not None:
                raise ValueError(f"{twice!r} stands twice")
        return self


@dataclass(frozen=True, slots=True)
class BookLoss:
    """Expected loss of a book.

    Attributes:
        loans: one row per loan in the order given: loan_id, grade, security, ead_minor, pd and lgd (text of the
            decimals), el_minor (int64), currency.
        ead_minor: sum of exposures.
        el_minor: sum of the loans' expected losses.
        exact: what the products add up to before any rounding, minor units.
        currency: of the book.
    """

    loans: pd.DataFrame
    ead_minor: int
    el_minor: int
    exact: Fraction
    currency: str

    def by(self, column: str) -> pd.DataFrame:
        """Loans, ead_minor and el_minor by a column of `loans`; the sums are those of the book."""
        grouped = self.loans.groupby(column, sort=True)
        sums: pd.DataFrame = grouped[["ead_minor", "el_minor"]].sum()
        return sums.assign(loans=grouped.size()).reset_index()

    def as_dict(self, exponent: int) -> dict[str, object]:
        """Plain values, amounts as decimal strings of major units."""
        return {
            "loans": len(self.loans),
            "currency": self.currency,
            "ead": str(to_major(self.ead_minor, exponent)),
            "el": str(to_major(self.el_minor, exponent)),
            "rounding_minor": float(self.el_minor - self.exact),
        }


def expected_loss(loans: pd.DataFrame, table: LossTable) -> BookLoss:
    """Expected loss per loan and book.

    Args:
        loans: one row per loan: loan_id, grade, security, ead_minor (whole minor units, not negative), currency.
        table: PD and LGD.

    Raises:
        DataError: a column is missing, the book is empty, an id stands twice, a grade or security that the table does
            not know, an exposure that is missing, broken, negative or beyond 9e12 minor units, or two currencies.
    """
    _check(loans)
    exposure = _exposures(loans)
    graded = _looked_up(loans, "grade", {row.grade: row.pd for row in table.pd})
    secured = _looked_up(loans, "security", {row.security: row.lgd for row in table.lgd})
    losses, exact = _losses(exposure, graded, secured)
    rows = pd.DataFrame(loans[["loan_id", "grade", "security"]]).assign(
        ead_minor=exposure, pd=graded.texts(), lgd=secured.texts(), el_minor=losses, currency=loans.currency
    )
    currency = str(loans.currency.iloc[0])
    return BookLoss(rows.reset_index(drop=True), int(exposure.sum()), int(losses.sum()), exact, currency)


@dataclass(frozen=True, slots=True)
class _Shares:
    """Share of each loan: `codes` (n,) int64 into `shares`."""

    codes: Ints
    shares: tuple[Decimal, ...]

    def texts(self) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
        return np.array([str(value) for value in self.shares], dtype=object)[self.codes]


def _losses(exposure: Ints, graded: _Shares, secured: _Shares) -> tuple[Ints, Fraction]:
    """Loss of each loan, rounded once, and the exact sum: loans with the same PD and LGD at a time."""
    losses, exact = np.zeros(len(exposure), dtype=np.int64), Fraction(0)
    pairs = graded.codes * len(secured.shares) + secured.codes
    for pair in np.unique(pairs).tolist():
        grade, security = divmod(pair, len(secured.shares))
        share = Fraction(graded.shares[grade]) * Fraction(secured.shares[security])
        rows = pairs == pair
        losses[rows] = times_fraction(exposure[rows], share, ROUNDING)
        exact += int(exposure[rows].sum()) * share
    return losses, exact


def _check(loans: pd.DataFrame) -> None:
    require_loans(loans, _COLUMNS)
    if loans.empty:
        raise DataError("RISK_EMPTY", "The book holds no loan.", "Name the file of the whole book.")
    currencies = sorted(map(str, loans.currency.unique()))
    if len(currencies) > 1:
        said = ", ".join(currencies)
        raise DataError("RISK_CURRENCY", f"The book holds several currencies: {said}.", "Work them out one by one.")


def _exposures(loans: pd.DataFrame) -> Ints:
    numbers = pd.to_numeric(loans.ead_minor, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = ~((numbers >= 0) & (numbers <= _MOST) & (numbers == np.floor(numbers)))
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        value, loan = loans.ead_minor.iloc[row], loans.loan_id.iloc[row]
        raise DataError("RISK_LOAN", f"ead_minor {value!r} of the loan {loan!r} is no whole amount.", "Mend the file.")
    return numbers.astype(np.int64)


def _looked_up(loans: pd.DataFrame, column: str, known: dict[str, Decimal]) -> _Shares:
    codes, words = pd.factorize(loans[column])
    place_of = {word: place for place, word in enumerate(known)}
    places = np.array([*(place_of.get(str(word), -1) for word in words), -1], dtype=np.int64)[codes]
    if (places < 0).any():
        row = int(np.flatnonzero(places < 0)[0])
        value, loan = loans[column].iloc[row], loans.loan_id.iloc[row]
        raise DataError(
            "RISK_LOAN", f"{column} {value!r} of the loan {loan!r} is not in the table.", f"It has: {', '.join(known)}."
        )
    return _Shares(places, tuple(known.values()))
