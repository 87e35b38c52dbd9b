from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import InputError
from scoring.money import (
    Mode,
    allocate,
    exact_decimal,
    in_words,
    plain_number,
    round_columns,
    round_floats,
    round_to,
    times_fraction,
    to_minor,
)

MODES = st.sampled_from(list(Mode))


@pytest.mark.parametrize(
    ("mode", "said"),
    [(Mode.DOWN, [0, 100, 100, 200]), (Mode.UP, [100, 200, 200, 300]),
     (Mode.HALF_UP, [0, 200, 200, 300]), (Mode.HALF_EVEN, [0, 200, 200, 200])],
)  # fmt: skip
def test_rounding_of_ties_and_beside_them(mode, said):
    values = [49, 150, 151, 250]
    assert round_columns(np.array(values), 100, mode).tolist() == said
    assert [int(round_to(Decimal(value), Decimal(100), mode)) for value in values] == said
    assert (round_floats(np.array(values) / 100, mode) * 100).tolist() == said


@given(st.integers(0, 10**14), st.sampled_from([1, 5, 100, 1000, 100_000]), MODES)
def test_rounding_twice_changes_nothing(value, step, mode):
    once = round_to(Decimal(value), Decimal(step), mode)
    assert round_to(once, Decimal(step), mode) == once
    columns = round_columns(np.array([value]), step, mode)
    assert columns[0] == int(once)
    assert round_columns(columns, step, mode)[0] == columns[0]


@given(st.integers(0, 10**17), st.fractions(0, 2, max_denominator=10_000), MODES)
def test_times_fraction_is_exact_beyond_int64_products(value, fraction, mode):
    exact = Fraction(value) * fraction
    said = int(times_fraction(np.array([value]), fraction, mode)[0])
    assert abs(said - exact) < 1
    if mode is Mode.DOWN:
        assert said == exact.numerator // exact.denominator
    if mode is Mode.HALF_UP:
        assert said == (exact + Fraction(1, 2)).__floor__()


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 10**12)), min_size=1, max_size=30),
    st.lists(st.integers(0, 10**12), min_size=5, max_size=5),
)
def test_shares_add_up_and_stay_near_their_weight(members, totals):
    present = sorted({group for group, _ in members})
    group = np.array([present.index(number) for number, _ in members])
    weights = np.array([weight for _, weight in members])
    total = np.array(totals[: len(present)])
    shares = allocate(total, weights, group)
    for number in range(len(present)):
        mine = group == number
        assert shares[mine].sum() == total[number]
        whole = int(weights[mine].sum())
        if whole:
            wanted = [Fraction(int(total[number]) * int(weight), whole) for weight in weights[mine]]
            assert all(abs(int(share) - want) < 1 for share, want in zip(shares[mine], wanted, strict=True))


def test_largest_remainder_is_served_first_and_ties_in_row_order():
    assert allocate(np.array([100]), np.array([1, 1, 1]), np.zeros(3, dtype=int)).tolist() == [34, 33, 33]
    assert allocate(np.array([10]), np.array([17, 61, 22]), np.zeros(3, dtype=int)).tolist() == [2, 6, 2]


@pytest.mark.parametrize("wrong", ["abc", "", float("nan"), float("inf"), True, None, [1]])
def test_what_is_not_a_number_is_refused(wrong):
    with pytest.raises(ValueError, match="number"):
        exact_decimal(wrong)


def test_edges_between_decimals_and_minor_units():
    assert exact_decimal(0.1) == Decimal("0.1")
    assert to_minor(Decimal("12.34"), 2) == 1234
    with pytest.raises(InputError, match="more than 2 decimals"):
        to_minor(Decimal("12.345"), 2)
    assert plain_number(Decimal("63000.00")) == 63000
    assert isinstance(plain_number(Decimal("63000.00")), int)
    assert in_words(Decimal("1234567.5")) == "1,234,567.50"
