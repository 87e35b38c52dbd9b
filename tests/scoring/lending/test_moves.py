from __future__ import annotations

from decimal import Decimal

import pandas as pd
import pytest

from scoring.lending.moves import BOOK_MOVES, FARMER_MOVES, Moves, weigh_moves
from scoring.pack_people import Refresh

RULE = Refresh(most_farmer_change="0.30", most_book_change="0.05")
NONE = pd.NA


def _moves(*rows: tuple[object, object, object], book: int = 10_000_000, rule: Refresh | None = RULE) -> Moves:
    """Amount, last approved, sanctioned."""
    frame = pd.DataFrame(rows, columns=["amount_minor", "before_minor", "sanctioned_minor"], dtype="Int64")
    return weigh_moves(frame, book, rule)


def _codes(moves: Moves) -> list[str]:
    return [hold.code for hold in moves.holds]


@pytest.mark.parametrize(("after", "held"), [(130, False), (131, True), (70, False), (69, True), (100, False)])
def test_a_farmer_may_move_by_the_share_and_not_by_a_unit_more(after, held):
    assert _codes(_moves((after, 100, NONE))) == ([FARMER_MOVES] if held else [])


def test_a_share_of_a_few_units_is_not_rounded_in_the_farmers_favour():
    # 30 % of 9 is 2.7: a move of 3 passes it, one of 2 does not.
    assert _codes(_moves((12, 9, NONE))) == [FARMER_MOVES]
    assert _codes(_moves((11, 9, NONE))) == []


def test_what_was_approved_counts_before_what_was_sanctioned():
    assert _codes(_moves((100, 100, 500))) == []
    assert _codes(_moves((100, NONE, 500))) == [FARMER_MOVES]


def test_an_amount_that_can_no_longer_be_given_is_a_move_to_nothing():
    moves = _moves((NONE, 1000, NONE))
    assert _codes(moves) == [FARMER_MOVES]
    assert moves.worst[0].share == Decimal(-1)


def test_from_nothing_to_something_is_past_every_share():
    moves = _moves((1, 0, NONE), (1_000_000, 1_000_001, NONE))
    assert _codes(moves) == [FARMER_MOVES]
    assert [(move.row, move.share) for move in moves.worst] == [(0, None), (1, Decimal("0.0000"))]


def test_new_subjects_are_listed_apart_and_hold_nothing():
    moves = _moves((5_000_000, NONE, NONE), (100, 100, NONE), book=100)
    assert (moves.holds, moves.new_subjects, moves.new_minor) == ((), 1, 5_000_000)


@pytest.mark.parametrize(("after", "held"), [(1050, False), (1051, True), (950, False), (949, True)])
def test_the_book_may_move_by_its_share(after, held):
    assert _codes(_moves((after, 1000, NONE), book=1000)) == ([BOOK_MOVES] if held else [])


def test_ups_and_downs_of_the_book_cancel():
    moves = _moves((1200, 1000, NONE), (800, 1000, NONE), book=2000)
    assert moves.holds == ()


def test_a_hold_says_how_many_and_how_much():
    moves = _moves((200, 100, NONE), (300, 100, NONE), (101, 100, NONE), book=300)
    farmers, book = moves.holds
    assert (farmers.subjects, farmers.base_minor, farmers.after_minor) == (2, 200, 500)
    assert (book.subjects, book.base_minor, book.after_minor) == (3, 300, 601)
    assert [move.row for move in moves.worst] == [1, 0, 2]


def test_a_pack_without_a_rule_holds_nothing():
    moves = _moves((200, 100, NONE), rule=None, book=100)
    assert moves.holds == ()
    assert moves.worst[0].after_minor == 200


def test_nothing_proposed_moves_nothing():
    assert _moves().holds == ()
