"""A marker of parcels on one day: status, outcome, confidence, and the looks that were judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Days = npt.NDArray[np.datetime64]
Texts = npt.NDArray[np.str_]

#: Judged; looked at but not to be judged (clouds, not due yet); not looked at (no calendar, not this kind of crop).
OK: Final = "OK"
NOT_VALID: Final = "NOT_VALID"
NOT_EXECUTED: Final = "NOT_EXECUTED"


@dataclass(frozen=True, slots=True)
class Marker:
    """One marker of n parcels; arrays (n,) unless said.

    Attributes:
        name: of the marker, as docs/growth.md lists them.
        status: text, OK, NOT_VALID or NOT_EXECUTED.
        outcome: text, "" where not OK.
        raised: whether somebody should know; never where not OK.
        score: how far beyond the limit (above 0: raised) in standard errors; NaN where not OK.
        event: day of what was found, NaT for none.
        expected_from: first day on which it was expected, NaT where no day is.
        expected_to: last such day.
        value: in the marker's unit, NaN where nothing was measured.
        low: least value that is expected, NaN for no bound.
        high: greatest value that is expected.
        why: text, what kept it from being judged, or what was found beside; "" for nothing.
        judged: (n, t) looks that were judged.
    """

    name: str
    status: Texts
    outcome: Texts
    raised: Flags
    score: Floats
    event: Days
    expected_from: Days
    expected_to: Days
    value: Floats
    low: Floats
    high: Floats
    why: Texts
    judged: Flags

    def confidence(self) -> Floats:
        """(n,) 0.5 to 1: how likely noise of the looks alone did not carry the value over the limit; NaN where not OK.

        It is no probability that a farmer did something.
        """
        sure: Floats = ndtr(np.abs(self.score))
        return sure


def settle(
    name: str,
    *,
    executed: Flags,
    valid: Flags,
    outcome: Texts,
    raised: Flags,
    score: Floats,
    why_not: tuple[str, str | Texts],
    judged: Flags,
    event: Days | None = None,
    window: tuple[Days, Days] | None = None,
    value: Floats | None = None,
    band: tuple[Floats | float, Floats | float] = (np.nan, np.nan),
    note: Texts | None = None,
) -> Marker:
    """A marker from what a rule found: nothing is told of parcels that were not to be judged.

    Args:
        name: of the marker.
        executed: (n,) whether the rule applies to the parcel.
        valid: (n,) whether enough was seen to judge.
        outcome: (n,) text.
        raised: (n,).
        score: (n,) see Marker.
        why_not: why a parcel was not executed, and why not valid.
        judged: (n, t).
        event: (n,) days.
        window: first and last day on which the event was expected.
        value: (n,).
        band: least and greatest expected value.
        note: (n,) text beside an outcome.
    """
    n = len(executed)
    known = executed & valid
    nothing, never = np.full(n, np.nan), np.full(n, np.datetime64("NaT"), dtype="datetime64[D]")
    plain = np.full(n, "") if note is None else note
    window = window or (never, never)
    return Marker(
        name=name,
        status=np.where(known, OK, np.where(executed, NOT_VALID, NOT_EXECUTED)),
        outcome=np.where(known, outcome, ""),
        raised=known & raised,
        score=np.where(known, score, np.nan),
        event=never if event is None else np.where(known, event, never),
        expected_from=np.where(executed, window[0], never),
        expected_to=np.where(executed, window[1], never),
        value=nothing if value is None else np.where(known, value, np.nan),
        low=np.where(known, band[0], np.nan),
        high=np.where(known, band[1], np.nan),
        why=np.where(known, plain, np.where(executed, why_not[1], why_not[0])),
        judged=judged & executed[:, None],
    )
