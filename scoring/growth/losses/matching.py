"""Alerts against dated events: one-to-one matches, precision, recall, false alarms and delay."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

Days = npt.NDArray[np.datetime64]

#: Days from an event within which an alert counts as its alert.
EARLIEST: Final = -3
LATEST: Final = 12
_DAY: Final = np.timedelta64(1, "D")


@dataclass(frozen=True, slots=True)
class ParcelMatch:
    """What became of the events and alerts of one parcel.

    Attributes:
        hits: matched events.
        missed: events with a clear look in time and no alert.
        unseen: events without a clear look within LATEST days.
        false: alerts of no event.
        excused: alerts on unseen events.
        delays: of each hit the clear looks from the first after the event until the alert; 0 is the first.
    """

    hits: int
    missed: int
    unseen: int
    false: int
    excused: int
    delays: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Figures over all parcels; None where they have no denominator. Delays are in clear looks."""

    f1: float | None
    precision: float | None
    recall: float | None
    false_alarms_per_parcel_season: float | None
    delay_median: float | None
    delay_p90: float | None
    hits: int
    missed: int
    false_alarms: int
    events_without_clear_look: int
    alerts_on_events_without_clear_look: int
    parcel_seasons: int

    def as_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return asdict(self)


def match_parcel(events: Days, alerts: Days, looks: Days, raised: Days | None = None) -> ParcelMatch:
    """Match the events and alerts of one parcel so that as many as can be are matched, and those by least distance.

    Args:
        events: (e,) datetime64[D].
        alerts: (a,) the days to which the alerts date the loss.
        looks: (t,) days of clear looks, ascending.
        raised: (a,) the looks at which the alerts were raised; the alerts' days where not given.
    """
    raised = alerts if raised is None else raised
    first = np.searchsorted(looks, events)
    seen = np.array(
        [k < len(looks) and looks[k] <= event + LATEST * _DAY for k, event in zip(first, events, strict=True)]
    )
    seen = seen.astype(np.bool_)
    pairs = _pairs(events[seen], alerts)
    used = np.zeros(len(alerts), dtype=np.bool_)
    used[[alert for _, alert in pairs]] = True
    starts = first[seen]
    delays = tuple(int(max(np.searchsorted(looks, raised[a]) - starts[e], 0)) for e, a in pairs)
    excused = ~used & _excused(events[~seen], first[~seen], alerts, looks)
    false = int((~used & ~excused).sum())
    return ParcelMatch(len(pairs), int(seen.sum()) - len(pairs), int((~seen).sum()), false, int(excused.sum()), delays)


def agreement(matches: list[ParcelMatch], parcel_seasons: int) -> Agreement:
    """The figures of many parcels."""
    hits, missed = sum(match.hits for match in matches), sum(match.missed for match in matches)
    false = sum(match.false for match in matches)
    delays = np.array([delay for match in matches for delay in match.delays])
    return Agreement(
        f1=_share(2 * hits, 2 * hits + missed + false),
        precision=_share(hits, hits + false),
        recall=_share(hits, hits + missed),
        false_alarms_per_parcel_season=_share(false, parcel_seasons),
        delay_median=float(np.median(delays)) if len(delays) else None,
        delay_p90=float(np.quantile(delays, 0.9)) if len(delays) else None,
        hits=hits,
        missed=missed,
        false_alarms=false,
        events_without_clear_look=sum(match.unseen for match in matches),
        alerts_on_events_without_clear_look=sum(match.excused for match in matches),
        parcel_seasons=parcel_seasons,
    )


def _pairs(events: Days, alerts: Days) -> list[tuple[int, int]]:
    if not len(events) or not len(alerts):
        return []
    days = (alerts[None, :] - events[:, None]) / _DAY
    fits = (days >= EARLIEST) & (days <= LATEST)
    cost = np.where(fits, np.abs(days) - 1e6, 0.0)
    return [(int(e), int(a)) for e, a in zip(*linear_sum_assignment(cost), strict=True) if fits[e, a]]


def _excused(events: Days, first: npt.NDArray[np.intp], alerts: Days, looks: Days) -> npt.NDArray[np.bool_]:
    """Alerts from EARLIEST days before an unseen event to the first clear look after it, however late."""
    excused = np.zeros(len(alerts), dtype=np.bool_)
    for event, at in zip(events, first, strict=True):
        end = max(looks[at] if at < len(looks) else event, event + LATEST * _DAY)
        excused |= (alerts >= event + EARLIEST * _DAY) & (alerts <= end)
    return excused


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
