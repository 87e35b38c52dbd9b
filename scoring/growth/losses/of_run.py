"""Abrupt losses of a whole run, look by look as looks became known, and how many neighbours fell in the same days.

Two rules run side by side. `own` takes off what all parcels of a look lose together: it finds what befell a parcel that
bears no annual crop (these are held against neighbours by scoring.growth.losses.falls).
`plain` takes nothing off: it finds hail and frost over everybody too, and haze, which the next look withdraws.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

from scoring.growth.losses.abrupt import CONFIRMED, OPEN, Losses, LossRule, find_losses
from scoring.growth.neighbours import LEAST_NEIGHBOURS
from scoring.growth.watching.fields import SeasonLooks

Flags = npt.NDArray[np.bool_]
Singles = npt.NDArray[np.float32]
Places = npt.NDArray[np.int32]
Columns = npt.NDArray[np.int16]
Ints = npt.NDArray[np.int64]

#: No look.
_NONE: Final = -1
_FAR: Final = np.iinfo(np.uint16).max
_BLOCK: Final = 50_000


@dataclass(frozen=True, slots=True)
class RunLosses:
    """k losses of one rule, by parcel and day; (k,) each.

    Attributes:
        row: parcel.
        look: column of the look that shows the loss, the first notice.
        before: column of the last clear look before.
        settled: column of the look that confirmed or withdrew it; -1 while open.
        confirmed: whether that look confirmed it.
        size: NDVI lost, after fading (and the common fall, where the rule takes it off).
        common: fall that all parcels of that look shared.
        confidence: 0..1, see scoring.growth.losses.abrupt.
        fallen: share of the seen neighbours that had fallen in the same days, as known with the notice; NaN where too
            few were seen.
        fallen_settled: the same as known with the confirmation; NaN where not confirmed.
    """

    row: Places
    look: Columns
    before: Columns
    settled: Columns
    confirmed: Flags
    size: Singles
    common: Singles
    confidence: Singles
    fallen: Singles
    fallen_settled: Singles

    def at(self, kept: Flags | npt.NDArray[np.integer]) -> Self:
        """Some of them."""
        return type(self)(**{field.name: getattr(self, field.name)[kept] for field in fields(self)})


@dataclass(frozen=True, slots=True)
class Falls:
    """Losses of a run by both rules.

    Attributes:
        own: what a parcel without an annual crop lost beyond all others.
        plain: what it lost.
    """

    own: RunLosses
    plain: RunLosses


def run_falls(looks: SeasonLooks, arable: Flags, neighbours: Places, rule: LossRule, until: int) -> Falls:
    """Losses of all parcels.

    A look that became known on a later day than a later look of its parcel is left out (live use). Looks of one day
    that became known on different days are looked at apart, so that the common fall of a look never rests on what came
    later.

    Args:
        looks: of the run.
        arable: (n,) annual crops, which the own rule leaves out: it is set on grass.
        neighbours: (n, k) positions, -1 for none.
        rule: thresholds.
        until: day since 1970; looks that became known later are left out.
    """
    kept = timely(looks)
    events = _events(looks, kept, until)
    # Single precision is enough, and half the memory.
    columns: Any = np.full((len(events), len(looks)), np.nan, dtype=np.float32)
    for place, (known, column) in enumerate(events):
        came = kept[:, column] & (looks.known_on[:, column] == known)
        columns[place, came] = looks.ndvi[came, column]
    days = looks.days[events[:, 1]]
    others = np.flatnonzero(~arable)
    own = _compact(find_losses(columns[:, others].T, days, rule), others, looks)
    plain = _compact(find_losses(columns.T, days, replace(rule, common_share=0.0)), np.arange(len(looks)), looks)
    del columns
    _count_fallen((own, plain), looks, kept, neighbours, events)
    return Falls(own, plain)


def timely(looks: SeasonLooks) -> Flags:
    """(n, t) clear looks known no later than every later look of their parcel; dates outermost in memory."""
    kept = np.zeros(looks.ndvi.shape[::-1], dtype=np.bool_)
    first = np.full(len(looks), _FAR, dtype=np.uint16)
    for column in range(len(looks.days) - 1, -1, -1):
        seen, known = np.isfinite(looks.ndvi[:, column]), looks.known_on[:, column]
        kept[column] = seen & (known <= first)
        first = np.where(seen, np.minimum(first, known), first)
    return kept.T


def _events(looks: SeasonLooks, kept: Flags, until: int) -> Ints:
    """Pairs of known day and column that have looks, by both."""
    found = []
    for column in range(len(looks.days)):
        known = np.unique(looks.known_on[kept[:, column], column])
        found += [(int(day), column) for day in known if day <= until]
    return np.array(sorted(found), dtype=np.int64).reshape(-1, 2)


def _compact(losses: Losses, rows: Ints, looks: SeasonLooks) -> RunLosses:
    """Losses of some parcels, by their positions in the run."""
    look, before = (np.searchsorted(looks.days, day).astype(np.int16) for day in (losses.day, losses.before))
    settled = np.where(losses.status == OPEN, _NONE, np.searchsorted(looks.days, losses.settled)).astype(np.int16)
    size, common, confidence = (part.astype(np.float32) for part in (losses.size, losses.common, losses.confidence))
    unknown = np.full(len(look), np.nan, dtype=np.float32)
    confirmed = losses.status == CONFIRMED
    return RunLosses(
        rows[losses.row].astype(np.int32),
        look,
        before,
        settled,
        confirmed,
        size,
        common,
        confidence,
        unknown,
        unknown.copy(),
    )


def _count_fallen(
    both: tuple[RunLosses, RunLosses], looks: SeasonLooks, kept: Flags, neighbours: Places, events: Ints
) -> None:
    """Fill in the shares of neighbours that fell, day by day as it was known."""
    state = _Falling(len(looks), neighbours)
    plain = both[1]
    noticed = [_known(losses, losses.look, looks) for losses in both]
    settled = [_known(losses, losses.settled, looks) for losses in both]
    for day in np.unique(events[:, 0]):
        for column in events[events[:, 0] == day, 1]:
            state.look(kept[:, column] & (looks.known_on[:, column] == day), int(column))
        state.fall(plain.at(noticed[1] == day))
        state.rise(plain.at((settled[1] == day) & ~plain.confirmed))
        for losses, first, second in zip(both, noticed, settled, strict=True):
            asked = np.flatnonzero(first == day)
            losses.fallen[asked] = state.share(losses.at(asked))
            asked = np.flatnonzero((second == day) & losses.confirmed)
            losses.fallen_settled[asked] = state.share(losses.at(asked))


def _known(losses: RunLosses, column: Columns, looks: SeasonLooks) -> npt.NDArray[np.uint16]:
    """Days on which looks of losses became known; far in the future where there is none."""
    return np.where(column >= 0, looks.known_on[losses.row, column], _FAR).astype(np.uint16)


class _Falling:
    """Which parcels were seen and have fallen, as known on one day; columns of looks, -1 for never."""

    def __init__(self, count: int, neighbours: Places) -> None:
        self.neighbours = neighbours
        self.seen, self.fell = (np.full(count + 1, _NONE, dtype=np.int16) for _ in range(2))

    def look(self, came: Flags, column: int) -> None:
        """Take looks; a parcel's later looks come later."""
        self.seen[:-1][came] = column

    def fall(self, losses: RunLosses) -> None:
        """Take falls noticed."""
        self.fell[losses.row] = losses.look

    def rise(self, losses: RunLosses) -> None:
        """Take falls withdrawn: haze and shadow."""
        same = self.fell[losses.row] == losses.look
        self.fell[losses.row[same]] = _NONE

    def share(self, losses: RunLosses) -> Singles:
        """(k,) share of the neighbours seen since before each loss that fell since; NaN where too few were seen."""
        share = np.full(len(losses.row), np.nan, dtype=np.float32)
        for start in range(0, len(share), _BLOCK):
            part = slice(start, start + _BLOCK)
            near = self.neighbours[losses.row[part]]
            since = losses.before[part, None]
            seen = ((self.seen[near] > since) & (near >= 0)).sum(axis=1)
            fell = ((self.fell[near] > since) & (near >= 0)).sum(axis=1)
            np.divide(fell, seen, out=share[part], where=seen >= LEAST_NEIGHBOURS, casting="unsafe")
        return share
