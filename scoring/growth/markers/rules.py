"""Markers of parcels on one day: sowing, canopy, harvest and abandonment; others lie beside them.

Every rule works on all parcels at once and judges only from clear looks that were known on the day.
A rule that cannot judge says why; none guesses through a cloudy gap. docs/growth.md states every limit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from scoring.growth.calendars.windows import Expected
from scoring.growth.looks import NEVER, Growth, Looks
from scoring.growth.looks import SOIL as SOIL  # noqa: PLC0414 - one of the limits of markers
from scoring.growth.markers.early_harvest import ahead_of_neighbours
from scoring.growth.markers.marker import Marker, settle
from scoring.growth.neighbours import LEAST_NEIGHBOURS

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Days = npt.NDArray[np.datetime64]

#: Name and version of the rules, in every finding that rests on a marker.
RULE: Final = "markers-1"

#: NDVI of a stand that has come up, and of a closed canopy.
GREEN: Final = 0.40
CLOSED: Final = 0.60

#: Share of the green above soil that a stand which has ended still shows.
END_SHARE: Final = 0.35

#: Standard deviation of one clear look, NDVI; smallest of a date, days.
LOOK_SD: Final = 0.04
DATE_SD: Final = 5.0

#: Days from the last emergence until a stand is green; windows of stages are soft by as much.
GREEN_UP_DAYS: Final = 20
SOFT_DAYS: Final = 15
#: From here an end is early among the neighbours (scoring.growth.markers.early_harvest), and the noise of that measure.
EARLY_LIMIT: Final = 0.82
_EARLY_SD: Final = LOOK_SD * 2**0.5
_LEAST_LOOKS: Final = 2
#: A cycle that peaks longer than this before the window is not the declared crop's (a green manure, weeds): days.
_MOST_AHEAD: Final = 30
_LEAST_SEASON_LOOKS: Final = 8
#: Range of NDVI (second lowest to second highest) below which nothing was tilled, grown and reaped.
_IDLE_RANGE: Final = 0.25
#: Days without a clear look in which a stand may close its canopy or be cut unseen.
LONGEST_GAP: Final = 30


@dataclass(frozen=True, slots=True)
class Around:
    """Same-crop neighbours of n parcels.

    Attributes:
        neighbours: (n, k) positions, -1 for none (scoring.growth.neighbours.nearest_of_crop).
    """

    neighbours: Ints

    def median(self, values: Floats) -> tuple[Floats, Floats, Ints]:
        """(n,) median of the neighbours' values, 1.4826 MAD, and how many have one."""
        padded = np.append(values, np.nan)[self.neighbours]
        seen = np.isfinite(padded).sum(axis=1)
        enough = seen >= LEAST_NEIGHBOURS
        middle, spread = np.full(len(values), np.nan), np.full(len(values), np.nan)
        middle[enough] = np.nanmedian(padded[enough], axis=1)
        spread[enough] = 1.4826 * np.nanmedian(np.abs(padded[enough] - middle[enough, None]), axis=1)
        return middle, spread, seen


def sowing_marker(looks: Looks, expected: Expected, growth: Growth, around: Around | None = None) -> Marker:
    """Sown, late, or not sown by the date by which the calendar wants the stand to be green.

    Not sown: from the last emergence on (a wintering crop: from _MOST_AHEAD days before its peak's window) no two clear
    looks reach the green level (GREEN, or half way from soil to what the neighbours reached where that is lower); what
    grew and then died was sown. Late: it is green, but its start (a wintering crop: its peak) lies after the window.
    """
    due = np.where(expected.rests, expected.peak_from, expected.emergence_to) + GREEN_UP_DAYS
    since = np.where(expected.rests, expected.peak_from - _MOST_AHEAD, expected.emergence_to)
    last_day = np.minimum(expected.harvest_from, looks.today)
    judged, after_due = looks.between(since, last_day), looks.between(due, last_day)
    top = looks.second_highest(judged)
    level, unready = _green_level(top, around)
    absent = top < level
    stage = np.where(expected.rests, growth.peak, growth.start)
    last = np.where(expected.rests, expected.peak_to, expected.emergence_to) + SOFT_DAYS
    behind = (stage - last) / np.timedelta64(1, "D")
    late = ~absent & (behind > 0)
    score = np.where(
        absent | ~(np.nan_to_num(behind, nan=-1.0) > 0), (level - top) / LOOK_SD, _in_sd(behind, looks, stage)
    )
    return settle(
        "sowing",
        executed=expected.annual,
        valid=(looks.today >= due) & (after_due.sum(axis=1) > _LEAST_LOOKS) & ~unready,
        outcome=np.where(absent, "not_sown", np.where(late, "late", "sown")),
        raised=absent | late,
        score=score,
        why_not=(
            "no sowing in the calendar",
            np.select([looks.today < due, unready], ["not due", "neighbours not green"], "too few clear looks"),
        ),
        judged=judged,
        event=np.where(absent, NEVER, growth.start),
        window=(expected.emergence_from, expected.emergence_to + SOFT_DAYS),
        value=top,
        band=(level, np.nan),
    )


def canopy_marker(looks: Looks, expected: Expected, around: Around | None = None) -> Marker:
    """Canopy closed: two clear looks in a row at the closed level; raised where open after the last day of the peak.

    It is raised by a look after that day, and only where no gap of the peak could hide a closed canopy. The level is
    CLOSED, or nine tenths of the neighbours' second highest look where that is lower.
    """
    first = np.where(expected.annual, expected.emergence_from, expected.peak_from)
    judged = looks.between(first, np.full(len(first), looks.today))
    top = looks.second_highest(judged)
    level = _closed_level(top, around)
    high = judged & (np.nan_to_num(looks.ndvi, nan=-1.0) >= level[:, None])
    closed, since = _twice_in_a_row(judged, high, looks.days)
    last = looks.last_seen()
    over = (last > expected.peak_to) & (looks.longest_gap(expected.peak_from, expected.peak_to) <= LONGEST_GAP)
    return settle(
        "canopy",
        executed=expected.known,
        valid=closed | (looks.today <= expected.peak_to) & (judged.sum(axis=1) >= _LEAST_LOOKS) | over,
        outcome=np.where(closed, "closed", "open"),
        raised=~closed & over,
        score=np.where(closed, np.minimum(level - top, 0.0), np.maximum(level - top, 0.0)) / LOOK_SD,
        why_not=("no calendar", np.where(looks.today < first, "not due", "too few clear looks")),
        judged=judged,
        event=since,
        window=(first, expected.peak_to),
        value=top,
        band=(level, np.nan),
    )


def harvest_marker(looks: Looks, expected: Expected, growth: Growth, around: Around | None = None) -> Marker:
    """On time, early, late, still standing, or not at all: the end of the stand against calendar and neighbours.

    A stand ends with the first of two clear looks in a row, after its peak, that show END_SHARE or less of the peak's
    green above soil; what grows later (volunteers, a catch crop) moves no end. Cereals ripen days before they are cut:
    windows are soft by SOFT_DAYS. Among neighbours, early is what falls while they stand (EARLY_LIMIT), and expected is
    then the day by which half of them have ended, today at the latest; without them the calendar tells.
    """
    until = np.full(len(growth.peak), looks.today)
    judged = looks.between(growth.peak, until)
    mark = SOIL + END_SHARE * (growth.top - SOIL)
    low = judged & (np.nan_to_num(looks.ndvi, nan=1.0) <= mark[:, None])
    ended, end = _twice_in_a_row(judged, low, looks.days)
    first, last = expected.harvest_from - SOFT_DAYS, expected.harvest_to + SOFT_DAYS
    after = looks.between(last + 1, until).sum(axis=1)
    gap = looks.longest_gap(growth.peak, looks.last_seen())
    never = ~ended & (after >= _LEAST_LOOKS) & (gap <= LONGEST_GAP)
    near = growth.found & (growth.peak >= expected.peak_from - _MOST_AHEAD)
    before, off_neighbours = _before_neighbours(end, growth.found & ~ended, mark, looks, around)
    ahead = _in_sd((first - end) / np.timedelta64(1, "D"), looks, end)
    behind = _in_sd((end - last) / np.timedelta64(1, "D"), looks, end)
    sooner = np.where(np.isfinite(off_neighbours), off_neighbours, ahead - 1)
    early, late = ended & (sooner >= 0), ended & (behind >= 1)
    lowest = looks.lowest(judged)
    return settle(
        "harvest",
        executed=expected.annual,
        valid=near & (looks.today >= expected.peak_from) & (ended | never | (looks.today <= last)),
        outcome=np.select([never, early, late, ended], ["not_at_all", "early", "late", "on_time"], "standing"),
        raised=never | early,
        score=np.select(
            [never, ended],
            [(lowest - mark) / LOOK_SD, np.fmax(sooner, behind - 1)],
            (mark - lowest) / LOOK_SD,
        ),
        why_not=("no harvest in the calendar", np.where(near, "too few clear looks", "no growth in its time")),
        judged=judged,
        event=end,
        window=(np.where(early & (off_neighbours > 0), np.fmax(first, before), first), last),
        value=lowest,
        band=(np.nan, mark),
    )


def abandoned_marker(looks: Looks, expected: Expected) -> Marker:
    """Neither tilled, grown nor reaped: from sowing to the end of harvest NDVI stays green and hardly moves."""
    judged = looks.between(expected.sowing_from, np.minimum(expected.harvest_to, looks.today))
    low, high = looks.second_lowest(judged), looks.second_highest(judged)
    seen = (looks.last_seen() > expected.harvest_to) & (
        looks.longest_gap(expected.peak_from - SOFT_DAYS, expected.harvest_to) <= 2 * LONGEST_GAP
    )
    idle = (high - low < _IDLE_RANGE) & (low > SOIL + 2 * LOOK_SD)
    return settle(
        "abandoned",
        executed=expected.annual,
        valid=seen & (judged.sum(axis=1) >= _LEAST_SEASON_LOOKS),
        outcome=np.where(idle, "yes", "no"),
        raised=idle,
        score=np.minimum(_IDLE_RANGE - (high - low), low - SOIL - 2 * LOOK_SD) / (LOOK_SD * np.sqrt(2.0)),
        why_not=(
            "no sowing in the calendar",
            np.where(looks.today < expected.harvest_to, "not due", "too few clear looks"),
        ),
        judged=judged,
        window=(expected.sowing_from, expected.harvest_to),
        value=high - low,
        band=(_IDLE_RANGE, np.nan),
    )


def _green_level(top: Floats, around: Around | None) -> tuple[Floats, Flags]:
    """Level from which a stand is green, and where it cannot be told because the neighbours are not green either.

    GREEN, or half way from soil to what the neighbours reached where that is lower (dry land, hazy imagery).
    """
    if around is None:
        return np.full(len(top), GREEN), np.zeros(len(top), dtype=np.bool_)
    middle = around.median(top)[0]
    half = np.clip(SOIL + 0.5 * (middle - SOIL), SOIL, GREEN)
    return np.where(np.isfinite(half), half, GREEN), middle < SOIL + 4 * LOOK_SD


def _closed_level(top: Floats, around: Around | None) -> Floats:
    """CLOSED, or nine tenths of what the neighbours reached where that is lower."""
    if around is None:
        return np.full(len(top), CLOSED)
    return np.fmin(CLOSED, 0.9 * around.median(top)[0])


def _before_neighbours(
    end: Days, standing: Flags, mark: Floats, looks: Looks, around: Around | None
) -> tuple[Days, Floats]:
    """Day by which half of the neighbours have ended, today where fewer have; and how early an end is among them."""
    if around is None:
        return np.full(len(end), NEVER), np.full(len(end), np.nan)
    ends = np.where(standing, looks.last_seen(), end)
    middle = around.median(np.where(np.isnat(ends), np.nan, (ends - looks.today) / np.timedelta64(1, "D")))[0]
    days = looks.today + np.floor(np.nan_to_num(middle)).astype("timedelta64[D]")
    ahead = ahead_of_neighbours(looks, end, mark, around.neighbours)
    return np.where(np.isfinite(middle), days, NEVER), (ahead - EARLY_LIMIT) / _EARLY_SD


def _in_sd(days: Floats, looks: Looks, event: Days) -> Floats:
    """Days in standard deviations of a date: half of what lies between the looks around it."""
    gap = np.nan_to_num(looks.days_around(event), nan=2 * SOFT_DAYS)
    scaled: Floats = days / np.maximum(DATE_SD, gap / 2)
    return scaled


def _twice_in_a_row(judged: Flags, high: Flags, days: Days) -> tuple[Flags, Days]:
    """Whether two judged looks in a row are high, and the day of the first of the first such pair."""
    n, t = judged.shape
    column = np.where(judged, np.arange(t), -1)
    previous = np.maximum.accumulate(np.hstack([np.full((n, 1), -1), column[:, :-1]]), axis=1) if t else column
    pair = high & (previous >= 0) & np.take_along_axis(high, np.maximum(previous, 0), axis=1)
    found: Flags = np.asarray(pair.any(axis=1))
    at = pair.argmax(axis=1) if t else np.zeros(n, dtype=np.int64)
    since = np.full(n, NEVER)
    since[found] = days[previous[found, at[found]]]
    return found, since
