from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scoring.lending.positions import ended, position, position_once, together, total

AMOUNTS = st.none() | st.integers(0, 10**12)


def test_the_four_amounts_stay_apart() -> None:
    found = position(500, 300, 120)
    assert (found.sanctioned, found.drawing, found.outstanding, found.available) == (500, 300, 120, 180)
    assert position(300, 500, 120).available == 180
    assert position(300, 500, 900).available == 0


def test_what_is_not_known_stays_so() -> None:
    assert position(500, None, 120).available is None
    assert position(None, 300, 120).available is None
    assert position(500, 300, None).available is None
    assert position(None, None, 0).available is None
    assert position(500, None, 500).available == 0  # whatever the drawing limit is


def test_an_overdrawn_line_takes_nothing_from_another() -> None:
    both = together([position(100, 100, 150), position(100, 100, 20)])
    assert (both.sanctioned, both.outstanding, both.available) == (200, 170, 80)
    assert together([position(100, 100, 150), position(100, 100, None)]).outstanding is None
    assert total([]) is None


@given(AMOUNTS, AMOUNTS, AMOUNTS)
def test_available_lies_within_what_is_granted(
    sanctioned: int | None, drawing: int | None, outstanding: int | None
) -> None:
    available = position(sanctioned, drawing, outstanding).available
    if available is None:
        assert None in (sanctioned, drawing, outstanding)
    else:
        assert 0 <= available <= min(limit for limit in (sanctioned, drawing) if limit is not None)


def test_what_was_repaid_of_a_line_drawn_once_is_not_available_again() -> None:
    assert position_once(500, 500, 0, 400).available == 100
    assert position_once(500, 500, 450, 400).available == 50  # interest counts
    assert position_once(500, 500, 0, 500).available == 0
    assert position_once(500, 500, 0, None).available is None


def test_nothing_is_available_of_a_line_that_has_ended() -> None:
    found = ended(position(500, None, 120))
    assert (found.sanctioned, found.drawing, found.outstanding, found.available) == (500, None, 120, 0)
