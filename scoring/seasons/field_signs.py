"""What growth monitoring tells the gate of a tranche: bare ground, a stand, a closed canopy, a parcel's own alerts.

Every sign only adds to what is confirmed; an alert sends the case to a person and confirms or refuses nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.errors import InputError
from geo.season import Season, parse_season
from scoring.growth.markers.marker import OK
from scoring.growth.markers.rules import GREEN, LOOK_SD, SOIL

Flags = npt.NDArray[np.bool_]

#: Highest NDVI of ground that looks bare, and least NDVI of a cover that was there before it.
BARE: Final = SOIL + 2 * LOOK_SD
COVER: Final = GREEN
#: How long before the season a cover may have stood: the stubble's weeds and the crop before, days.
COVER_DAYS: Final = 120

#: Outcomes of markers that confirm; one that was not judged confirms nothing.
_SOWN: Final = ("sown", "late")
_CLOSED: Final = ("closed",)


@dataclass(frozen=True, slots=True)
class FieldSigns:
    """Parcels by what was seen of them in the season until a day.

    Attributes:
        observed: of which a marker was judged, or a clear look was there.
        bare: whose ground was seen bare after a cover: ploughed, as far as NDVI tells.
        sown: with a stand of the season.
        closed: whose canopy closed.
        alerted: with an open alert of level action that is the parcel's own.
    """

    observed: frozenset[str] = frozenset()
    bare: frozenset[str] = frozenset()
    sown: frozenset[str] = frozenset()
    closed: frozenset[str] = frozenset()
    alerted: frozenset[str] = frozenset()

    def also(self, other: Self) -> Self:
        """Both together."""
        return type(self)(
            self.observed | other.observed,
            self.bare | other.bare,
            self.sown | other.sown,
            self.closed | other.closed,
            self.alerted | other.alerted,
        )


def signs_of_markers(markers: pd.DataFrame, season: Season, day: date) -> FieldSigns:
    """Signs of a table of scoring.seasons.field_marks.

    Args:
        markers: of one watch.
        season: the season planned.
        day: as of which it is asked.

    Raises:
        InputError: the markers are of a later day, or of another time.
    """
    if markers.empty:
        return FieldSigns()
    _check_time(markers, season, day)
    told = markers[markers.status == OK]
    return FieldSigns(
        observed=_ids(told),
        sown=_ids(told[(told.marker == "sowing") & told.outcome.isin(_SOWN)]),
        closed=_ids(told[(told.marker == "canopy") & told.outcome.isin(_CLOSED)]),
    )


def signs_of_looks(
    parcel_ids: npt.NDArray[np.str_],
    ndvi: npt.NDArray[np.floating],
    days: npt.NDArray[np.datetime64],
    season: Season,
    day: date,
) -> FieldSigns:
    """Parcels whose ground was seen bare after a cover, in the season until a day.

    That is: two clear looks in a row at BARE or less, the first in the season, with a look at COVER or more within
    COVER_DAYS before. Ploughing does that, and so do a harvest that leaves dry stubble, a herbicide and a drought: NDVI
    tells the ground, not the plough. Ground that was bare all along is not told.

    Args:
        parcel_ids: (n,) text.
        ndvi: (n, t) clear looks known by the day, NaN where there was none.
        days: (t,) datetime64[D], ascending.
        season: the season planned.
        day: looks of later days do not count.
    """
    first, last = np.datetime64(season.start, "D"), np.datetime64(min(day, season.end), "D")
    kept = (days >= first - np.timedelta64(COVER_DAYS, "D")) & (days <= last)
    days, values = days[kept], ndvi[:, kept].astype(np.float64)
    seen = np.isfinite(values)
    bare = _bare_pairs(values, seen) & (days >= first)
    covered = np.stack([_recent(values, days, at) for at in range(len(days))], axis=1) if len(days) else bare
    looked = np.asarray((seen & (days >= first)).any(axis=1))
    found = np.asarray((bare & covered).any(axis=1))
    return FieldSigns(observed=_named(parcel_ids[looked]), bare=_named(parcel_ids[found]))


def signs_of_alerts(parcel_ids: Iterable[str]) -> FieldSigns:
    """Parcels with an open alert of level action and scope own."""
    return FieldSigns(alerted=_named(parcel_ids))


def _bare_pairs(ndvi: npt.NDArray[np.float64], seen: Flags) -> Flags:
    """(n, t) whether a look is bare, and the parcel's next look as well."""
    low = seen & (np.nan_to_num(ndvi, nan=1.0) <= BARE)
    pairs = np.zeros_like(low)
    after = np.zeros(len(low), dtype=bool)
    for at in reversed(range(low.shape[1])):
        pairs[:, at] = low[:, at] & after
        after = np.where(seen[:, at], low[:, at], after)
    return pairs


def _recent(ndvi: npt.NDArray[np.float64], days: npt.NDArray[np.datetime64], at: int) -> Flags:
    before = (days < days[at]) & (days >= days[at] - np.timedelta64(COVER_DAYS, "D"))
    return np.asarray((np.nan_to_num(ndvi[:, before], nan=0.0) >= COVER).any(axis=1))


def _named(parcel_ids: Iterable[str]) -> frozenset[str]:
    return frozenset(str(name) for name in parcel_ids)


def _ids(markers: pd.DataFrame) -> frozenset[str]:
    return _named(markers.parcel_id)


def _check_time(markers: pd.DataFrame, season: Season, day: date) -> None:
    as_of = max(markers.as_of)
    if as_of > day:
        raise InputError(
            "TRANCHE_DAY",
            f"The watch is of {as_of}, past {day}.",
            "Name a watch of that day or before, or a later day.",
        )
    watched = parse_season(str(markers.season_id.iloc[0]))
    if watched.end < season.start or watched.start > season.end or as_of < season.start - timedelta(days=1):
        said = f"The watch of {watched.id}, as of {as_of}, lies outside the season {season.id}."
        raise InputError("TRANCHE_SEASON", said, "Name a watch of the season.")
