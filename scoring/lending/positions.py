"""What a facility allows today: four amounts that stay apart, and are unknown where what they rest on is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Position:
    """Amounts of a facility, or of several in one currency; minor units, None is not known.

    Attributes:
        sanctioned: what the contract grants.
        drawing: what of it may be drawn in this year.
        outstanding: what is owed.
        available: what may still be drawn.
    """

    sanctioned: int | None
    drawing: int | None
    outstanding: int | None
    available: int | None


def position(sanctioned: int | None, drawing: int | None, outstanding: int | None) -> Position:
    """Position of a revolving facility: available = max(0, min(sanctioned, drawing) - outstanding).

    Where one of the three is not known, neither is what is available, but for one certainty: nothing is left of a line
    whose known limit is used up.
    """
    return Position(sanctioned, drawing, outstanding, _available(sanctioned, drawing, outstanding))


def position_once(sanctioned: int | None, drawing: int | None, outstanding: int | None, drawn: int | None) -> Position:
    """Position of a facility that is drawn once: what was repaid is not available again.

    Args:
        sanctioned: what the contract grants.
        drawing: what of it may be drawn in this year.
        outstanding: what is owed.
        drawn: principal of its accounts.
    """
    taken = None if drawn is None or outstanding is None else max(drawn, outstanding)
    return Position(sanctioned, drawing, outstanding, _available(sanctioned, drawing, taken))


def ended(position: Position) -> Position:
    """The position of a facility that has matured, or is suspended or closed: nothing of it is available."""
    return replace(position, available=0)


def together(positions: Iterable[Position]) -> Position:
    """Sums over facilities in one currency; a sum with an unknown part is unknown.

    What is available adds up facility by facility: one that is overdrawn takes nothing from another.
    """
    parts = list(positions)
    return Position(
        total(each.sanctioned for each in parts),
        total(each.drawing for each in parts),
        total(each.outstanding for each in parts),
        total(each.available for each in parts),
    )


def total(amounts: Iterable[int | None]) -> int | None:
    """Sum, or None where one is not known or there is none."""
    found = list(amounts)
    known = [amount for amount in found if amount is not None]
    return sum(known) if known and len(known) == len(found) else None


def _available(sanctioned: int | None, drawing: int | None, taken: int | None) -> int | None:
    known = [limit for limit in (sanctioned, drawing) if limit is not None]
    if taken is None or not known:
        return None
    if min(known) <= taken:
        return 0
    return None if sanctioned is None or drawing is None else min(known) - taken
