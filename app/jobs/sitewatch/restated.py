"""Looks of which later looks tell otherwise: which have to be stated anew."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from models.sites.looks import Flags, Looks

#: A look is stated anew where it moves by this share of the border, or its error by this part of what it was.
_MOVED: Final = 0.005
_ERROR_MOVED: Final = 0.2


class Stated:
    """What was stated last of each of some looks at one measure; the only thing here that changes."""

    def __init__(self, looks: int, border_m2: float) -> None:
        self._values, self._errors = np.full(looks, np.nan), np.full(looks, np.nan)
        self._slack = _MOVED * border_m2

    def anew(self, now: Looks) -> Flags:
        """(t,) which of the first t looks are told otherwise than they were stated; they are stated from now on."""
        count = len(now.days)
        with np.errstate(invalid="ignore", divide="ignore"):
            same = np.abs(now.values - self._values[:count]) <= self._slack
            same &= np.abs(now.errors / self._errors[:count] - 1.0) <= _ERROR_MOVED
        moved = np.isfinite(now.values) & ~same
        self._values[:count][moved], self._errors[:count][moved] = now.values[moved], now.errors[moved]
        return np.asarray(moved)


def told_looks(looks: Looks) -> npt.NDArray[np.int64]:
    """Positions of the looks that tell something."""
    return np.flatnonzero(np.isfinite(looks.values))


def picked(looks: Looks, at: Any) -> Looks:
    """Some of the looks."""
    return Looks(looks.days[at], looks.values[at], looks.errors[at], looks.clear[at])
