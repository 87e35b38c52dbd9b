"""What the pixels of a group of scenes say about its offset, whatever its metadata state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final

import numpy as np

from geo.bands import BANDS
from tiles.guard.evidence import STEP, TARGET_PX, Evidence

#: Scenes with targets that a statement about a group needs.
ENOUGH_SCENES: Final = 2
#: Scenes with targets that a statement against its metadata needs.
SURE_SCENES: Final = 3

#: Low level of red and blue over dense vegetation, digital number x scale. Over all real groups at hand it is 0.02 to
#: 0.05 without the offset (0.06 at the top of atmosphere), so 0.12 and more with it; between the two nothing is said.
_WITHOUT: Final = (0.004, 0.085)
_WITH: Final = (0.105, 0.2)
#: The same of shortwave infrared over water and deep shadow.
_WATER_WITHOUT: Final = (0.0, 0.06)
_WATER_WITH: Final = (0.1, 0.16)
#: Share of clear pixels that may be impossible under an offset that is there.
_MAY_BE_NEGATIVE: Final = 0.05
#: Blue minus red over dense vegetation: at least this in 34 of 35 scenes of L1C at hand and in 1 of 446 of L2A.
_TOP_TILT: Final = 0.015
_TOP_BLUE: Final = 0.06
#: Reflectance that some dry ground reaches in some band.
_LAND: Final = 0.15
_MOST_LOST: Final = 0.1
_MOST_BRIGHT: Final = 0.2
#: Each band minus the one before it over dense vegetation, the least and most. All real groups at hand lie inside, and
#: no band of theirs could lie 0.1 higher or lower than the others without leaving them.
_SHAPE: Final = (
    (0.0, 0.07),
    (-0.06, 0.02),
    (0.02, 0.11),
    (0.12, 0.31),
    (0.01, 0.15),
    (-0.03, 0.065),
    (-0.05, 0.065),
    (-0.36, -0.07),
    (-0.15, -0.045),
)
_MINORITY: Final = 0.15
_LOW_QUARTER: Final = 25


class Pixels(StrEnum):
    """What pixels show."""

    NO_OFFSET = "no offset"
    OFFSET = "offset of -0.1 still to be applied"
    UNKNOWN = "unknown"
    TOP_OF_ATMOSPHERE = "top of atmosphere"
    CLIPPED = "offset taken off twice"
    TOO_BRIGHT = "not reflectance at the stated scale"
    UNEVEN = "bands without a common offset"
    MIXED = "scenes with and without the offset"
    CONTRADICTED = "dark targets and continuity contradict each other"


#: Offset that each telling finding stands for.
OFFSETS: Final = {Pixels.NO_OFFSET: 0.0, Pixels.OFFSET: -STEP}


@dataclass(frozen=True, slots=True)
class Finding:
    """What a group's pixels show.

    Attributes:
        pixels: the finding.
        scenes: scenes whose targets carry it.
        reason: measured figures, without a full stop.
        firm: whether it may overrule metadata; one that is not firm may only agree.
    """

    pixels: Pixels
    scenes: int
    reason: str
    firm: bool = True


def find(evidence: Sequence[Evidence]) -> Finding:
    """Finding of a group from the evidence of its scenes; UNKNOWN where targets are too few or undecided."""
    for look in (_broken, _mixed, _top_of_atmosphere, _uneven, _by_vegetation, _by_water):
        finding = look(evidence)
        if finding is not None:
            return finding
    return Finding(Pixels.UNKNOWN, 0, _too_little(evidence), firm=False)


def level(values: Sequence[float]) -> float:
    """Low level over scenes: their first quartile, since haze only raises it; NaN without any number."""
    known = [value for value in values if np.isfinite(value)]
    return float(np.percentile(known, _LOW_QUARTER)) if known else np.nan


def middle(values: Sequence[float]) -> float:
    """Median over scenes; NaN without any number."""
    known = [value for value in values if np.isfinite(value)]
    return float(np.median(known)) if known else np.nan


def _broken(evidence: Sequence[Evidence]) -> Finding | None:
    """Pixels that no offset turns into reflectance of the ground."""
    lost, bright = (middle([getattr(e, name) for e in evidence]) for name in ("lost", "bright"))
    seen = sum(e.clear >= TARGET_PX for e in evidence)
    if seen < ENOUGH_SCENES:
        return None
    if bright > _MOST_BRIGHT:
        return Finding(Pixels.TOO_BRIGHT, seen, f"{bright:.0%} of the clear pixels are brighter than any ground")
    if lost > _MOST_LOST:
        return Finding(
            Pixels.CLIPPED, seen, f"{lost:.0%} of the lit clear pixels have no number left in a visible band"
        )
    return None


def _mixed(evidence: Sequence[Evidence]) -> Finding | None:
    """Scenes that contradict each other, two or more on either side."""
    without = [e.scene for e in evidence if e.red <= _WITHOUT[1]]
    with_it = [e.scene for e in evidence if min(e.red, e.blue) >= _WITH[0] and e.negative <= _MAY_BE_NEGATIVE]
    few, many = sorted((without, with_it), key=len)
    if len(few) < ENOUGH_SCENES or len(few) < _MINORITY * (len(few) + len(many)):
        return None
    kind = "with" if few is with_it else "without"
    named = f"{len(few)} of {len(few) + len(many)} scenes come {kind} the offset, such as {min(few)}"
    return Finding(Pixels.MIXED, len(few) + len(many), named)


def _top_of_atmosphere(evidence: Sequence[Evidence]) -> Finding | None:
    """Scenes in which air lifts blue over vegetation, whatever the offset: all of them, or levels are mixed."""
    telling = _with_vegetation(evidence)
    lifted = [e for e in telling if e.tilt >= _TOP_TILT and e.blue >= _TOP_BLUE]
    needed = ENOUGH_SCENES if len(telling) >= SURE_SCENES else 1
    if len(lifted) < needed or len(lifted) <= _MINORITY * len(telling):
        return None
    shown = f"blue lies {middle([e.tilt for e in lifted]):.3f} above red over dense vegetation"
    kind = Pixels.TOP_OF_ATMOSPHERE if len(lifted) >= SURE_SCENES else Pixels.UNKNOWN
    return Finding(
        kind, len(lifted), f"{shown} in {len(lifted)} of {len(telling)} scenes", firm=kind is not Pixels.UNKNOWN
    )


def _by_vegetation(evidence: Sequence[Evidence]) -> Finding | None:
    telling = _with_vegetation(evidence)
    if len(telling) < ENOUGH_SCENES:
        return None
    red, blue = (level([getattr(e, name) for e in telling]) for name in ("red", "blue"))
    shown = f"dense vegetation shows {red:.3f} in red in {len(telling)} scenes"
    if red < _WITHOUT[0]:
        return Finding(Pixels.CLIPPED, len(telling), shown)
    if red <= _WITHOUT[1]:
        return Finding(Pixels.NO_OFFSET, len(telling), shown)
    lowest = red if np.isnan(blue) else min(red, blue)
    if _WITH[0] <= lowest <= red <= _WITH[1] and _few_negative(evidence):
        return Finding(Pixels.OFFSET, len(telling), shown)
    return None


def _with_vegetation(evidence: Sequence[Evidence]) -> list[Evidence]:
    return [e for e in evidence if np.isfinite(e.red)]


def _uneven(evidence: Sequence[Evidence]) -> Finding | None:
    """Bands whose distance over dense vegetation is out of the ordinary."""
    telling = _with_vegetation(evidence)
    if len(telling) < SURE_SCENES or level([e.red for e in telling]) < _WITHOUT[0]:
        return None
    middles = [middle(values) for values in zip(*(e.shape for e in telling), strict=True)]
    odd = [
        f"{after} lies {distance:+.3f} from {before}"
        for (before, after), distance, (least, most) in zip(pairwise(BANDS), middles, _SHAPE, strict=True)
        if distance < least or distance > most
    ]
    shown = f"{' and '.join(odd)} over dense vegetation in {len(telling)} scenes, which no vegetation shows"
    return Finding(Pixels.UNEVEN, len(telling), shown) if odd else None


def _by_water(evidence: Sequence[Evidence]) -> Finding | None:
    # Everything is dark at too small a scale, so there must be brighter ground about.
    telling = [e for e in evidence if np.isfinite(e.swir) and e.top >= _LAND]
    if len(telling) < ENOUGH_SCENES:
        return None
    swir = level([e.swir for e in telling])
    shown = f"water and deep shadow show {swir:.3f} in shortwave infrared in {len(telling)} scenes"
    if _WATER_WITHOUT[0] < swir <= _WATER_WITHOUT[1]:
        return Finding(Pixels.NO_OFFSET, len(telling), shown)
    # Sun glint lifts water by as much as the offset does, so this may agree with metadata but not overrule them.
    if _WATER_WITH[0] <= swir <= _WATER_WITH[1] and _few_negative(evidence):
        return Finding(Pixels.OFFSET, len(telling), shown, firm=False)
    return None


def _few_negative(evidence: Sequence[Evidence]) -> bool:
    return middle([e.negative for e in evidence]) <= _MAY_BE_NEGATIVE


def _too_little(evidence: Sequence[Evidence]) -> str:
    """Why nothing can be said."""
    if not any(e.clear >= TARGET_PX for e in evidence):
        return f"none of {len(evidence)} scenes sampled has clear pixels enough"
    targets = sum(np.isfinite(e.red) or (np.isfinite(e.swir) and e.top >= _LAND) for e in evidence)
    if targets < ENOUGH_SCENES:
        return f"{targets} of {len(evidence)} scenes sampled show dense vegetation, or water beside land"
    return f"the dark targets of {targets} scenes lie between the levels with and without the offset"
