"""What rules hand to alerts: one cause on one day, for all subjects of a block at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Days = npt.NDArray[np.datetime64]
Texts = npt.NDArray[np.str_]

NEVER: Final = np.datetime64("NaT", "D")


@dataclass(frozen=True, slots=True)
class Findings:
    """What one rule says of n subjects (parcels, sites) as of one day; (n,) each.

    A subject that was not judged, or of which nothing new was seen since the rule last judged it, says nothing: its
    alert stays as it is. So a gap neither raises nor clears.

    Attributes:
        cause: key of the cause ("abrupt_loss", "not_sown", ...), as the alert rules name it.
        day: as of which day; everything here was known by its end (UTC).
        judged: whether the rule could tell, from a look that was not known before.
        raised: whether it says that the cause is there; only where judged.
        severity: 0..1, share of the stand (or of the plan) that is lost or missing, as it seems; NaN where not judged.
        confidence: 0..1, how sure the rule is that its limit was passed; NaN where unknown.
        fallen: 0..1, share of the seen neighbours that show the same; NaN where too few were seen.
        event_from: last day on which the cause was surely not there; NaT where unknown.
        event_on: day on which it was first seen; NaT where it has no date.
        look_day: the latest look that it rests on; NaT where not judged.
        value: what was measured, in the unit of the rule.
        expected_low: least expected value; NaN where there is no lower bound.
        expected_high: greatest expected value; NaN where there is no upper bound.
        why: a word beside it ("" for none).
        evidence: (n, t) looks that it rests on, among the block's looks; None where it rests on none.
        rule: name and version of the rule.
        at_most: int8, highest Level that the finding can bring, where the rule cannot tell enough for more (no
            calendar says whether a fall is due, a parcel is too small); None: any.
    """

    cause: str
    day: date
    judged: Flags
    raised: Flags
    severity: Floats
    confidence: Floats
    fallen: Floats
    event_from: Days
    event_on: Days
    look_day: Days
    value: Floats
    expected_low: Floats
    expected_high: Floats
    why: Texts
    evidence: Flags | None
    rule: str
    at_most: npt.NDArray[np.int8] | None = None
