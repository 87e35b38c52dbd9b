"""How far a refresh moves a book, and whether it is held until a person releases it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from scoring.money import Ints, Mode, times_fraction
from scoring.pack_people import Refresh

#: Codes of what holds a batch.
FARMER_MOVES: Final = "FARMER_MOVES"
BOOK_MOVES: Final = "BOOK_MOVES"

_WORST: Final = 10
_SHARE_DIGITS: Final = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Move:
    """One subject's move.

    Attributes:
        row: of the table of moves.
        base_minor: last approved amount, else the sanctioned one.
        after_minor: proposed amount; 0 where none can be given.
        share: move over base, rounded to four digits; None from nothing.
    """

    row: int
    base_minor: int
    after_minor: int
    share: Decimal | None


@dataclass(frozen=True, slots=True)
class Hold:
    """One reason to hold a batch.

    Attributes:
        code: FARMER_MOVES or BOOK_MOVES.
        most: the pack's bound.
        subjects: how many moved past it; for the book, how many moved at all.
        base_minor: their sum before; for the book, that of the whole book.
        after_minor: their sum after.
    """

    code: str
    most: Decimal
    subjects: int
    base_minor: int
    after_minor: int


@dataclass(frozen=True, slots=True)
class Moves:
    """What a batch moves.

    Attributes:
        holds: reasons to hold it; empty: it is open to decisions.
        worst: the greatest moves of known subjects by share, greatest first; from nothing before all others.
        new_subjects: subjects with neither an approved nor a sanctioned amount, which hold nothing.
        new_minor: what is proposed for them.
    """

    holds: tuple[Hold, ...]
    worst: tuple[Move, ...]
    new_subjects: int
    new_minor: int


def weigh_moves(proposals: pd.DataFrame, book_base_minor: int, rule: Refresh | None) -> Moves:
    """Hold a batch that moves a farmer or the whole book past the pack's bounds.

    An amount that can no longer be given counts as a move to zero: a fault that empties a book must not pass.

    Args:
        proposals: one row per proposal: amount_minor, before_minor (last approved), sanctioned_minor; Int64, missing
            where there is none.
        book_base_minor: sum of what is approved, else sanctioned, over all subjects of the book.
        rule: the pack's; None holds nothing.
    """
    base = proposals.before_minor.fillna(proposals.sanctioned_minor)
    known = base.notna().to_numpy()
    was, after = (column.fillna(0).to_numpy(dtype=np.int64) for column in (base, proposals.amount_minor))
    holds = () if rule is None else _holds(was, after, known, book_base_minor, rule)
    return Moves(
        holds=holds,
        worst=_worst(was, after, np.flatnonzero(known & (was != after))),
        new_subjects=int((~known).sum()),
        new_minor=int(after[~known].sum()),
    )


def _holds(
    was: Ints, after: Ints, known: npt.NDArray[np.bool_], book_base_minor: int, rule: Refresh
) -> tuple[Hold, ...]:
    distance = np.abs(after - was)
    most = Decimal(rule.most_farmer_change)
    past = known & (distance > _share_of(was, most))
    holds = []
    if past.any():
        holds.append(Hold(FARMER_MOVES, most, int(past.sum()), int(was[past].sum()), int(after[past].sum())))
    moved = int((after - was)[known].sum())
    if abs(moved) > rule.most_book_change * book_base_minor:
        moving = int((known & (distance > 0)).sum())
        holds.append(Hold(BOOK_MOVES, rule.most_book_change, moving, book_base_minor, book_base_minor + moved))
    return tuple(holds)


def _share_of(amounts: Ints, share: Decimal) -> Ints:
    """Whole part of a share: a distance of whole units passes the share where it passes this."""
    return times_fraction(amounts, Fraction(share), Mode.DOWN)


def _worst(was: Ints, after: Ints, rows: npt.NDArray[np.intp]) -> tuple[Move, ...]:
    distance = np.abs(after[rows] - was[rows])
    with np.errstate(divide="ignore"):
        share = distance / was[rows]
    chosen = rows[np.lexsort((rows, -distance, -share))[:_WORST]]
    return tuple(_move(int(row), int(was[row]), int(after[row])) for row in chosen)


def _move(row: int, base: int, after: int) -> Move:
    share = (Decimal(after - base) / base).quantize(_SHARE_DIGITS) if base else None
    return Move(row, base, after, share)
