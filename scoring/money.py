"""Money: Decimal at the edge, integer minor units inside, every rounding by a named rule."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, InvalidOperation
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from geo.errors import InputError

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

#: Products of two int64 columns stay below this, or are worked out with Python's integers instead.
_SAFE: Final = 2**62


class Mode(StrEnum):
    """Which way a rounding goes; amounts here are never negative, so up is away from zero."""

    DOWN = "down"
    UP = "up"
    HALF_UP = "half_up"
    HALF_EVEN = "half_even"


_DECIMAL_MODES: Final = {
    Mode.DOWN: ROUND_FLOOR,
    Mode.UP: ROUND_CEILING,
    Mode.HALF_UP: ROUND_HALF_UP,
    Mode.HALF_EVEN: ROUND_HALF_EVEN,
}


def exact_decimal(value: object) -> Decimal:
    """Decimal of a number or a decimal string as a person wrote it ("0.1" and 0.1 are the same).

    Raises:
        ValueError: not a number, NaN or infinite.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise ValueError(f"{value!r} is not a number")  # noqa: TRY004 - pydantic turns ValueError into a named field
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation as error:
        raise ValueError(f"{value!r} is not a number") from error
    if not number.is_finite():
        raise ValueError(f"{value!r} is not a finite number")
    return number


def round_to(amount: Decimal, step: Decimal, mode: Mode) -> Decimal:
    """Nearest multiple of a positive step in the direction of the mode; rounding twice changes nothing."""
    return (amount / step).to_integral_value(rounding=_DECIMAL_MODES[mode]) * step


def to_minor(amount: Decimal, exponent: int) -> int:
    """Amount in the smallest unit of a currency with `exponent` decimals.

    Raises:
        InputError: the amount has more decimals than the currency.
    """
    minor = amount.scaleb(exponent)
    if minor != minor.to_integral_value():
        raise InputError("MONEY_DECIMALS", f"The amount {amount} has more than {exponent} decimals.")
    return int(minor)


def to_major(minor: int, exponent: int) -> Decimal:
    """Amount in major units with exactly `exponent` decimals."""
    return Decimal(minor).scaleb(-exponent)


def plain_number(amount: Decimal) -> int | float:
    """JSON number: an integer when whole, so that 63000 never reads 63000.0."""
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def in_words(amount: Decimal) -> str:
    """Amount for people: thousands separated, decimals only where there are any ("62,800", "1,234.50")."""
    return f"{amount:,.0f}" if amount == amount.to_integral_value() else f"{amount:,.2f}"


def times_fraction(values: Ints, fraction: Fraction, mode: Mode) -> Ints:
    """Whole minor units of values x fraction, exactly, rounded once.

    Args:
        values: shape (n,), not negative.
        fraction: not negative.
        mode: direction.

    Returns:
        Shape (n,), int64.
    """
    return divide(_product(values, np.int64(fraction.numerator)), fraction.denominator, mode)


def multiply_divide(left: Ints, right: Ints, divisor: int, mode: Mode) -> Ints:
    """Whole units of left x right / divisor, exactly, rounded once; shapes (n,), not negative."""
    return divide(_product(left, right), divisor, mode)


def part_of(figures: Ints, parts: Ints, wholes: Ints) -> Ints:
    """Whole units of figures x parts / wholes, exactly, rounded down; 0 where the whole is 0. Shapes (n,)."""
    return np.asarray(_product(figures, parts) // np.maximum(wholes, 1), dtype=np.int64)


def divide(values: npt.NDArray[np.int64] | npt.NDArray[np.object_], divisor: int, mode: Mode) -> Ints:
    """Integer division of values that are not negative, rounded by mode; shape (n,), int64."""
    quotient, rest = values // divisor, values % divisor
    return np.asarray(quotient + _carry(quotient, rest, divisor, mode), dtype=np.int64)


def _carry(quotient: npt.NDArray[Any], rest: npt.NDArray[Any], divisor: int, mode: Mode) -> npt.NDArray[np.int64]:
    if mode is Mode.DOWN:
        return np.zeros(len(quotient), dtype=np.int64)
    if mode is Mode.UP:
        return np.asarray(rest > 0, dtype=np.int64)
    twice = rest * 2
    tie_goes_up = np.asarray(quotient % 2 == 1) if mode is Mode.HALF_EVEN else np.ones(len(quotient), dtype=bool)
    return np.asarray((twice > divisor) | ((twice == divisor) & tie_goes_up), dtype=np.int64)


def _product(left: Ints, right: Ints | np.int64) -> npt.NDArray[np.int64] | npt.NDArray[np.object_]:
    largest = int(np.max(left, initial=0)) * int(np.max(right, initial=0))
    return left * right if largest < _SAFE else left.astype(object) * right


def round_columns(values: Ints, step: int, mode: Mode) -> Ints:
    """Multiples of a step (minor units), by mode; shape (n,), not negative."""
    return divide(values, step, mode) * step


def round_floats(values: Floats, mode: Mode) -> Ints:
    """Whole numbers of values that are not negative, by mode; shape (n,)."""
    if mode is Mode.DOWN:
        return np.floor(values).astype(np.int64)
    if mode is Mode.UP:
        return np.ceil(values).astype(np.int64)
    whole = np.rint(values) if mode is Mode.HALF_EVEN else np.floor(values + 0.5)
    return whole.astype(np.int64)


def allocate(totals: Ints, weights: Ints, group: Ints) -> Ints:
    """Share each group's total among its members by weight, to the last minor unit (largest remainder).

    Members with the same remainder are served in row order, so the answer does not depend on anything else. A group
    whose weights are all 0 gives everything to its first member.

    Args:
        totals: shape (g,), not negative, one per group.
        weights: shape (n,), not negative.
        group: shape (n,), group of each row, 0..g-1; every group has a row.

    Returns:
        Shape (n,), int64: adds up to `totals` within each group.
    """
    whole = np.bincount(group, weights=None, minlength=len(totals)) * 0
    np.add.at(whole, group, weights)
    first = np.full(len(totals), len(group), dtype=np.int64)
    np.minimum.at(first, group, np.arange(len(group)))
    used, base = weights.copy(), whole.copy()
    empty = (whole == 0) & (first < len(group))
    used[first[empty]] = 1
    base[empty] = 1
    product = _product(totals[group], used)
    share = np.asarray(product // base[group], dtype=np.int64)
    rest = np.asarray(product - share * base[group].astype(product.dtype))
    return share + _largest_first(totals, share, rest, group)


def _largest_first(totals: Ints, share: Ints, rest: npt.NDArray[Any], group: Ints) -> Ints:
    left = totals.copy()
    np.subtract.at(left, group, share)
    order = np.lexsort((np.arange(len(group)), -_ranks(rest), group))
    start = np.searchsorted(group[order], np.arange(len(totals)))
    place = np.empty(len(group), dtype=np.int64)
    place[order] = np.arange(len(group)) - start[group[order]]
    return (place < left[group]).astype(np.int64)


def _ranks(values: npt.NDArray[Any]) -> Ints:
    ranks: Ints = np.unique(values, return_inverse=True)[1].astype(np.int64)
    return ranks
