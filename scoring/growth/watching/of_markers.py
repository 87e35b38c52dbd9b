"""Markers as findings: which outcome of which marker is a cause, when it is asked for, and how bad it is.

A cause is asked for while its marker may change: a crop is not said to be unsown after its harvest. docs/growth.md
states every formula of severity; each rises with what is lost and never falls.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt

from scoring.alerts.findings import NEVER, Findings
from scoring.growth.calendars.windows import Expected
from scoring.growth.looks import Looks, nearest_growth
from scoring.growth.markers.crops import crop_marker, cycles_marker
from scoring.growth.markers.decline import decline_marker
from scoring.growth.markers.marker import OK, Marker
from scoring.growth.markers.rules import (
    GREEN_UP_DAYS,
    RULE,
    SOIL,
    Around,
    abandoned_marker,
    canopy_marker,
    harvest_marker,
    sowing_marker,
)
from scoring.growth.neighbours import LEAST_NEIGHBOURS
from scoring.growth.watching.fields import Fields, SeasonLooks

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Days = npt.NDArray[np.datetime64]

#: Days overdue at which a field that is not sown, or not harvested, is as bad as it gets.
_SOWING_DAYS: Final = 60.0
_HARVEST_DAYS: Final = 60.0
#: Least severity of a field that is not sown: nothing of the plan stands.
_NOT_SOWN: Final = 0.4
#: The main growth of a crop that rests in winter, days before its harvest.
_MAIN_DAYS: Final = 120.0
#: What is told for information.
_INFORMATION: Final = 0.1
_FOLLOWED_DAYS: Final = 60
_STALE_DAYS: Final = 20
#: The latest look is at most 20 days old, the one that agrees 40 days older, its reference and neighbours 57 more.
_DECLINE_DAYS: Final = 120

_FAR: Final = np.iinfo(np.uint16).max
_DAY: Final = np.timedelta64(1, "D")


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause: the outcome of a marker that raises it.

    Attributes:
        key: of the alert rules.
        marker: name of the marker.
        outcome: of the marker.
        severity: (m,) 0..1 from the marker, the looks and the windows; read only where it is raised.
    """

    key: str
    marker: str
    outcome: str
    severity: Callable[[Marker, Looks, Expected], Floats]


def _not_sown(marker: Marker, looks: Looks, _expected: Expected) -> Floats:
    """Days since the last day of emergence: little can still be done after two months."""
    over = (looks.today - marker.expected_to) / _DAY
    return _NOT_SOWN + (1.0 - _NOT_SOWN) * np.clip(over / _SOWING_DAYS, 0.0, 1.0)


def _standing(marker: Marker, looks: Looks, _expected: Expected) -> Floats:
    """Days since the last day of harvest."""
    return np.clip((looks.today - marker.expected_to) / _DAY / _HARVEST_DAYS, 0.0, 1.0)


def _late(marker: Marker, _looks: Looks, expected: Expected) -> Floats:
    """Days late by the length of the time in which the crop is sown and comes up."""
    length = (expected.emergence_to - expected.sowing_from) / _DAY
    return np.clip((marker.event - marker.expected_to) / _DAY / np.maximum(length, 1.0), 0.0, 1.0)


def _open(marker: Marker, _looks: Looks, _expected: Expected) -> Floats:
    """Missing share of the green of a closed canopy."""
    return np.clip((marker.low - marker.value) / np.maximum(marker.low - SOIL, 0.1), 0.0, 1.0)


def _cut_off(marker: Marker, _looks: Looks, expected: Expected) -> Floats:
    """Share of the main growth that was cut off."""
    whole = np.minimum((marker.expected_from - expected.emergence_from) / _DAY, _MAIN_DAYS)
    return np.clip((marker.expected_from - marker.event) / _DAY / np.maximum(whole, 1.0), 0.0, 1.0)


def _declined(marker: Marker, looks: Looks, _expected: Expected) -> Floats:
    """Loss by the green that would stand without it."""
    green = np.maximum(_latest(looks) - SOIL, 0.0)
    return np.clip(marker.value / np.maximum(green + marker.value, 0.1), 0.0, 1.0)


def _sure(marker: Marker, _looks: Looks, _expected: Expected) -> Floats:
    return np.clip(2.0 * marker.confidence() - 1.0, 0.0, 1.0)


def _always(severity: float) -> Callable[..., Floats]:
    return lambda marker, _looks, _expected: np.full(len(marker.status), severity)


#: Every cause that a marker can raise. The last two are for information.
CAUSES: Final = (
    Cause("not_sown", "sowing", "not_sown", _not_sown),
    Cause("late_sowing", "sowing", "late", _late),
    Cause("open_canopy", "canopy", "open", _open),
    Cause("early_harvest", "harvest", "early", _cut_off),
    Cause("not_harvested", "harvest", "not_at_all", _standing),
    Cause("slow_decline", "decline", "slow", _declined),
    Cause("abandoned", "abandoned", "yes", _always(1.0)),
    Cause("other_crop", "crop", "other", _sure),
    Cause("late_harvest", "harvest", "late", _always(_INFORMATION)),
    Cause("several_crops", "cycles", "several", _always(_INFORMATION)),
)

_NO_LOOKS: Final = Looks(np.zeros((0, 0)), np.zeros((0, 0)), np.zeros(0, dtype="datetime64[D]"), date.min)
_MARKERS: Final = ("sowing", "canopy", "harvest", "decline", "abandoned", "crop", "cycles")


class MarkerWatch:
    """Markers of the m parcels of a block and its rings, day by day; nothing is kept from one day to the next.

    Args:
        looks: of the block and its rings.
        fields: the same parcels.
        neighbours: (m, k) positions among them, -1 for none.
        own: how many of them are the block's own: findings are of these.
    """

    def __init__(self, looks: SeasonLooks, fields: Fields, neighbours: Ints, own: int) -> None:
        self.looks, self.fields, self.own = looks, fields, own
        self.around = Around(neighbours)
        self.known = np.where(np.isfinite(looks.ndvi), looks.known_on, _FAR)
        self.spans = _spans(fields.expected)

    def findings(self, day: date, since: date) -> Iterator[Findings]:
        """Findings of one day, from what was known by its end; of parcels with a look that became known after `since`.

        Args:
            day: as of which day.
            since: the day on which markers were judged before it.
        """
        today = _day_number(day)
        asked = {name: (first <= today) & (today <= last) for name, (first, last) in self.spans.items()}
        wanted = [name for name in _MARKERS if asked[name][: self.own].any()]
        if not wanted:
            return
        known = self.known <= today
        new: Flags = np.any((known & (self.known > _day_number(since)))[: self.own], axis=1)
        looks = self._looks(known, day)
        markers = self._markers(looks, wanted)
        # A field without a crop has no canopy to close: one cause, one alert.
        grows = ~(_raised(markers["sowing"], "not_sown") & asked["sowing"]) if "sowing" in markers else True
        for cause in CAUSES:
            if cause.marker in markers:
                marker, of = markers[cause.marker], asked[cause.marker]
                of = of & grows if cause.key == "open_canopy" else of
                yield self._found(cause, marker, looks, of, new)

    def _looks(self, known: Flags, day: date) -> Looks:
        taken = self.looks.days <= np.datetime64(day, "D")
        look = known[:, taken]
        return Looks(
            np.where(look, self.looks.ndvi[:, taken], np.nan).astype(np.float64),
            np.where(look, self.looks.percent[:, taken] / 100.0, 0.0),
            self.looks.days[taken],
            day,
        )

    def _markers(self, looks: Looks, wanted: list[str]) -> dict[str, Marker]:
        expected, around = self.fields.expected, self.around
        by_cycles = bool(set(wanted) & {"sowing", "harvest", "crop", "cycles"})
        cycles = looks.cycles() if by_cycles else _NO_LOOKS.cycles()
        growth = nearest_growth(cycles, expected, len(looks.ndvi))
        find: dict[str, Callable[[], Marker]] = {
            "sowing": lambda: sowing_marker(looks, expected, growth, around),
            "canopy": lambda: canopy_marker(looks, expected, around),
            "harvest": lambda: harvest_marker(looks, expected, growth, around),
            "decline": lambda: _recent_decline(looks, expected, around),
            "abandoned": lambda: abandoned_marker(looks, expected),
            "crop": lambda: crop_marker(looks, expected, cycles, self.fields.region_crops),
            "cycles": lambda: cycles_marker(looks, growth),
        }
        return {name: find[name]() for name in wanted}

    def _found(self, cause: Cause, marker: Marker, looks: Looks, asked: Flags, new: Flags) -> Findings:
        own = slice(self.own)
        told = asked & (marker.status == OK)
        raised = told & _raised(marker, cause.outcome)
        fallen = _share(raised, told, self.around.neighbours[own])
        judged = told[own] & new
        raised = raised[own] & judged
        severity = np.nan_to_num(cause.severity(marker, looks, self.fields.expected)[own])
        evidence = np.zeros((self.own, len(self.looks.days)), dtype=np.bool_)
        evidence[:, : len(looks.days)] = marker.judged[own] & raised[:, None]
        return Findings(
            cause=cause.key,
            day=looks.as_of,
            judged=judged,
            raised=raised,
            severity=np.where(judged, np.where(raised, severity, 0.0), np.nan),
            confidence=np.where(raised, marker.confidence()[own], np.nan),
            fallen=np.where(raised, fallen, np.nan),
            event_from=np.full(self.own, NEVER),
            event_on=np.where(raised, marker.event[own], NEVER),
            look_day=np.where(judged, looks.last_seen()[own], NEVER),
            value=np.where(judged, marker.value[own], np.nan),
            expected_low=np.where(raised, marker.low[own], np.nan),
            expected_high=np.where(raised, marker.high[own], np.nan),
            why=np.where(raised, marker.why[own], ""),
            evidence=evidence,
            rule=RULE,
        )


def _recent_decline(looks: Looks, expected: Expected, around: Around) -> Marker:
    """The marker of decline from the looks that it can rest on: two looks and the references of both."""
    first = max(int(np.searchsorted(looks.days, looks.today - _DECLINE_DAYS)) - 1, 0)
    recent = Looks(looks.ndvi[:, first:], looks.weights[:, first:], looks.days[first:], looks.as_of)
    marker = decline_marker(recent, expected, around.neighbours)
    before = np.zeros((len(looks.ndvi), first), dtype=np.bool_)
    return replace(marker, judged=np.hstack([before, marker.judged]))


def _day_number(day: date) -> int:
    return int(np.datetime64(day, "D").astype(np.int64))


def _raised(marker: Marker, outcome: str) -> Flags:
    raised: Flags = (marker.status == OK) & (marker.outcome == outcome)
    return raised


def _share(raised: Flags, told: Flags, neighbours: Ints) -> Floats:
    """(b,) share of the judged neighbours that are raised too; NaN where too few were judged."""
    count = np.append(told, np.False_)[neighbours].sum(axis=1)
    same = np.append(raised, np.False_)[neighbours].sum(axis=1)
    share: Floats = np.divide(same, count, out=np.full(len(count), np.nan), where=count >= LEAST_NEIGHBOURS)
    return share


def _latest(looks: Looks) -> Floats:
    """(m,) NDVI of the latest clear look; NaN without one."""
    if not len(looks.days):
        return np.full(len(looks.ndvi), np.nan)
    last = len(looks.days) - 1 - looks.seen[:, ::-1].argmax(axis=1)
    latest: Floats = looks.ndvi[np.arange(len(last)), last]
    return latest


def _spans(crop: Expected) -> dict[str, tuple[Floats, Floats]]:
    """First and last day (since 1970) on which each marker may change; NaN where it never applies."""
    emergence, peak, peaked, harvest, harvested = (
        np.where(np.isnat(day), np.nan, day.astype(np.int64).astype(np.float64))
        for day in (crop.emergence_to, crop.peak_from, crop.peak_to, crop.harvest_from, crop.harvest_to)
    )
    return {
        "sowing": (np.where(crop.rests, peak, emergence) + GREEN_UP_DAYS, peaked + _FOLLOWED_DAYS),
        "canopy": (peaked, peaked + _FOLLOWED_DAYS),
        "harvest": (peak, harvested + _FOLLOWED_DAYS),
        "decline": (peak, np.where(crop.annual, harvest, peaked) + _STALE_DAYS),
        "abandoned": (harvested, harvested + _FOLLOWED_DAYS),
        "crop": (peaked, harvested + _FOLLOWED_DAYS),
        "cycles": (harvested, harvested + _FOLLOWED_DAYS),
    }
