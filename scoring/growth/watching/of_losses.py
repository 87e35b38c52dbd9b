"""Abrupt losses as findings, against the calendar: a cut of grass is expected, a reaped field has lost nothing.

Annual crops are held against their neighbours (scoring.growth.losses.falls), grass and all else against themselves
(scoring.growth.losses.abrupt). A loss stays raised from look to look while the canopy is gone. A fall that most
neighbours share is no fall against them: it is raised once the next look bears it out, for haze lies over neighbours
too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Self

import numpy as np
import numpy.typing as npt

from scoring.alerts.findings import NEVER, Findings
from scoring.alerts.levels import Level
from scoring.growth.looks import day_numbers
from scoring.growth.losses.abrupt import LossRule
from scoring.growth.losses.of_run import Falls, RunLosses, timely
from scoring.growth.markers.rules import SOIL
from scoring.growth.watching.fields import Fields, SeasonLooks
from scoring.growth.watching.of_falls import ArableDay, ArableLosses

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

CAUSE: Final = "abrupt_loss"
RULE: Final = "losses-1 falls-1"

#: Days before the first harvest from which a fall may be ripening: of one parcel, and of all together.
SOFT_DAYS: Final = 15
RIPENING_DAYS: Final = 30
#: Share of the seen neighbours from which a fall is taken for the region's.
REGIONAL_SHARE: Final = 0.5
#: What confidence is worth where no calendar says whether a fall is due.
UNTOLD_WEIGHT: Final = 0.5
#: Green above soil that is expected at least, however long ago the loss is.
_LEAST_GREEN: Final = 0.1

#: What a parcel's latest loss is, and the words for it: with a calendar, without one, and where it is mown.
_NOTHING, _NOTICED, _CONFIRMED, _SHARED = range(4)
_WORDS: Final = (
    ("", "first notice", "confirmed", "confirmed; most neighbours too"),
    ("", "first notice; no calendar", "confirmed; no calendar", ""),
    ("", "first notice; cut?", "confirmed; cut?", ""),
)


_AGAINST: Final = "against neighbours"


@dataclass(frozen=True, slots=True)
class _Seasons:
    """When a fall is a loss, (m,) days since 1970: of one parcel from `first` to `last`, of all to `shared_last`.

    `at_most` is the Level that a fall can bring: information of a cut that is expected, a watch without a calendar.
    """

    first: Floats
    last: Floats
    shared_last: Floats
    mown: Flags
    told: Flags
    arable: Flags
    at_most: npt.NDArray[np.int8]

    @classmethod
    def of(cls, fields: Fields) -> Self:
        """Annual crops from emergence until they may ripen, permanent ones in their green time, all others always."""
        crop, mown = fields.expected, fields.mown
        first = np.where(crop.annual, day_numbers(crop.emergence_from), day_numbers(crop.peak_from))
        last = np.where(crop.annual, day_numbers(crop.harvest_from) - SOFT_DAYS - 1, day_numbers(crop.peak_to))
        shared = np.where(crop.annual, day_numbers(crop.harvest_from) - RIPENING_DAYS - 1, last)
        always = ~crop.known | mown
        return cls(
            np.where(fields.bare, np.inf, np.where(always, -np.inf, first)),
            np.where(always, np.inf, last),
            np.where(always, -np.inf, shared),
            mown,
            crop.known,
            crop.annual,
            np.select([mown, ~crop.known], [Level.INFO, Level.WATCH], Level.ACTION).astype(np.int8),
        )


class LossWatch:
    """What is known of the losses of a block's m parcels between two days.

    Args:
        looks: at the parcels.
        fields: the parcels.
        falls: what the run's rules found of them.
        rule: thresholds.
        arable: falls of annual crops.
    """

    def __init__(self, looks: SeasonLooks, fields: Fields, falls: Falls, rule: LossRule, arable: ArableLosses) -> None:
        self.looks, self.rule, self.kept, self.arable = looks, rule, timely(looks), arable
        self.days = looks.days.astype(np.int64)
        self.losses = (falls.own, falls.plain)
        self.at = tuple(_by_look(losses, looks) for losses in self.losses)
        self.season = _Seasons.of(fields)
        m = len(looks)
        self.state, self.touched = np.zeros(m, dtype=np.int64), np.zeros(m, dtype=np.bool_)
        self.own, self.plain = np.full(m, -1), np.full(m, -1)
        self.before, self.loss, self.latest = np.full(m, -1), np.full(m, -1), np.full(m, -1)
        self.reference, self.low, self.sure, self.fallen = (np.full(m, np.nan) for _ in range(4))

    def findings(self, until: int) -> Iterator[Findings]:
        """Findings of each day on which looks of the block became known."""
        known = self.looks.known_on
        for day in np.unique(known[self.kept]):
            if day > until:
                return
            today = self.kept & (known == day)
            self.touched[:] = False
            for column in np.flatnonzero(today.any(axis=0)):
                self._look(np.flatnonzero(today[:, column]), int(column))
            yield self._beside(self._found(int(day)), self.arable.day(int(day)))

    def _look(self, rows: Ints, column: int) -> None:
        """Take the looks of one day at some parcels."""
        day, value = float(self.days[column]), self.looks.ndvi[rows, column].astype(np.float64)
        season = self.season
        inside = (day >= season.first[rows]) & (day <= season.last[rows])
        noticed = self.state[rows] == _NOTICED
        self.latest[rows] = column
        arable = season.arable[rows]
        # Of an annual crop only a fall that most share is told here, while it stands and with the look that ends it.
        self.touched[rows] |= np.where(arable, self.state[rows] != _NOTHING, inside) | noticed
        self._settle_own(rows[noticed])
        shared = self._settle_plain(rows)
        self._heal(rows, value, day, (self.state[rows] != _NOTHING) & inside & ~noticed & ~shared)
        new = self.at[0][rows, column]
        begins = (new >= 0) & inside & (self.state[rows] == _NOTHING)
        self.own[rows[begins]] = new[begins]
        self._begin(rows[begins], _NOTICED, self.losses[0], new[begins])
        self.plain[rows] = self.at[1][rows, column]

    def _settle_own(self, rows: Ints) -> None:
        """The look after a notice confirms it or withdraws it."""
        losses, at = self.losses[0], self.own[rows]
        self.state[rows] = np.where(losses.confirmed[at], _CONFIRMED, _NOTHING)
        self.fallen[rows] = losses.fallen_settled[at]
        self.own[rows] = -1

    def _settle_plain(self, rows: Ints) -> Flags:
        """The look after a fall that most neighbours share raises it; (k,) where it did."""
        losses, at = self.losses[1], self.plain[rows]
        asked = np.flatnonzero((at >= 0) & (self.state[rows] == _NOTHING))
        kept = asked[losses.confirmed[at[asked]] & (losses.fallen_settled[at[asked]] >= REGIONAL_SHARE)]
        day = self.days[losses.look[at[kept]]]
        season = self.season
        kept = kept[(day >= season.first[rows[kept]]) & (day <= season.shared_last[rows[kept]])]
        self._begin(rows[kept], _SHARED, losses, at[kept])
        self.fallen[rows[kept]] = losses.fallen_settled[at[kept]]
        began = np.zeros(len(rows), dtype=np.bool_)
        began[kept] = True
        self.touched[rows[kept]] = True
        return began

    def _begin(self, rows: Ints, state: int, losses: RunLosses, at: Ints) -> None:
        self.state[rows] = state
        self.before[rows], self.loss[rows] = losses.before[at], losses.look[at]
        self.low[rows] = self.looks.ndvi[rows, losses.look[at]]
        self.reference[rows] = self.low[rows] + losses.size[at]
        self.sure[rows], self.fallen[rows] = losses.confidence[at], losses.fallen[at]

    def _heal(self, rows: Ints, value: Floats, day: float, asked: Flags) -> None:
        """A loss is over once the canopy is back."""
        some = rows[asked]
        lost = self.rule.staying * (self.reference[some] - self.low[some])
        self.state[some[value[asked] > self._expected(some, day) - lost]] = _NOTHING

    def _expected(self, rows: Ints, day: float | Floats) -> Floats:
        """NDVI that the canopy would have without the loss."""
        faded = self.reference[rows] - self.rule.fading * (day - self.days[self.loss[rows]])
        expected: Floats = np.maximum(faded, SOIL + _LEAST_GREEN)
        return expected

    def _found(self, day: int) -> Findings:
        rows = np.arange(len(self.state))
        judged = self.touched.copy()
        raised = judged & (self.state != _NOTHING)
        latest = np.maximum(self.latest, 0)
        value = self.looks.ndvi[rows, latest].astype(np.float64)
        expected = self._expected(rows, self.days[latest].astype(np.float64))
        lost = np.clip((expected - value) / (expected - SOIL), 0.0, 1.0)
        kind = np.where(self.season.mown, 2, np.where(self.season.told, 0, 1))
        column = np.arange(len(self.days))
        seen = self.kept & (column >= self.before[:, None]) & (column <= self.latest[:, None])
        return Findings(
            cause=CAUSE,
            day=np.datetime64(day, "D").item(),
            judged=judged,
            raised=raised,
            severity=np.where(judged, np.where(raised, lost, 0.0), np.nan),
            confidence=np.where(raised, self.sure * np.where(self.season.told, 1.0, UNTOLD_WEIGHT), np.nan),
            fallen=np.where(raised, self.fallen, np.nan),
            event_from=np.where(raised, self.looks.days[self.before], NEVER),
            event_on=np.where(raised, self.looks.days[self.loss], NEVER),
            look_day=np.where(judged, self.looks.days[latest], NEVER),
            value=np.where(judged, value, np.nan),
            expected_low=np.where(raised, expected - self.rule.least_fall, np.nan),
            expected_high=np.full(len(rows), np.nan),
            why=np.where(raised, np.array(_WORDS)[kind, self.state], ""),
            evidence=seen & raised[:, None],
            rule=RULE,
            at_most=self.season.at_most,
        )

    def _beside(self, found: Findings, arable: ArableDay) -> Findings:
        """The findings, and those of annual crops against their neighbours, which go first."""
        first = arable.raised
        told = arable.judged & ~found.judged
        judged, raised = found.judged | arable.judged, found.raised | first
        latest = np.maximum(self.latest, 0)
        value = self.looks.ndvi[np.arange(len(latest)), latest].astype(np.float64)
        days = self.looks.days
        seen = self.kept & (days >= arable.before[:, None]) & (days <= days[latest][:, None])
        shown = np.zeros_like(seen) if found.evidence is None else found.evidence
        return replace(
            found,
            judged=judged,
            raised=raised,
            severity=np.where(first, arable.severity, np.where(told, 0.0, found.severity)),
            confidence=np.where(first, arable.confidence, found.confidence),
            fallen=np.where(first, arable.fallen, found.fallen),
            event_from=np.where(first, arable.before, found.event_from),
            event_on=np.where(first, arable.first, found.event_on),
            look_day=np.where(judged, days[latest], NEVER),
            value=np.where(judged, value, np.nan),
            expected_low=np.where(first, arable.expected_low, found.expected_low),
            why=np.where(first, _AGAINST, found.why),
            evidence=np.where(first[:, None], seen, shown).astype(np.bool_),
        )


def losses_of(rows: Ints, falls: Falls) -> Falls:
    """The losses of some parcels, which are then counted from 0.

    Args:
        rows: (m,) ascending positions in the run.
        falls: of the run.
    """
    return Falls(*(_of(rows, losses) for losses in (falls.own, falls.plain)))


def _of(rows: Ints, losses: RunLosses) -> RunLosses:
    at = np.minimum(np.searchsorted(rows, losses.row), len(rows) - 1)
    kept = np.flatnonzero(rows[at] == losses.row)
    some = losses.at(kept)
    some.row[:] = at[kept]
    return some


def _by_look(losses: RunLosses, looks: SeasonLooks) -> Ints:
    """(m, t) which loss each look notices, -1 for none."""
    at = np.full(looks.ndvi.shape, -1, dtype=np.int64)
    at[losses.row, losses.look] = np.arange(len(losses.row))
    return at
