"""The nearest parcels of the same crop that a run saw: what they show is what a parcel is expected to show.

Only their median and spread leave the service, of eight parcels or more; which they are, and whose, does not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain, pairwise
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from sqlalchemy import ColumnElement, Connection, and_, case, func, select

from app.artefacts.curves import Curves
from app.db.tables import ParcelGeometry, ParcelObservation
from geo.status import Status
from scoring.growth.neighbours import against_neighbours, ten_day_means

Floats = npt.NDArray[np.float64]

#: As a watch looks for them (scoring.growth.neighbours.nearest_of_crop).
MOST: Final = 30
WITHIN_M: Final = 10_000.0
#: Spreads from the median to either edge of the band.
SPREADS: Final = 2.0
#: Half-widths of the windows that are looked through, metres: most neighbours are near.
_WINDOWS_M: Final = (500.0, 2_000.0, WITHIN_M)
_METRES_A_DEGREE: Final = 111_320.0
_MIDDLE: Final = timedelta(days=5)
#: Steps from one that is told of to the next one over which a line goes on.
_JOINED: Final = 2


@dataclass(frozen=True, slots=True)
class Around:
    """What neighbours show, by ten-day step, from the first step in which enough were seen to the last.

    A single step without enough is left out, so that a line goes on over it; of a longer gap all steps stand there.

    Attributes:
        count: neighbours.
        days: middle of each of s steps.
        median: (s,) NDVI, NaN where too few were seen.
        spread: (s,) 1.4826 MAD, at least scoring.growth.neighbours.LEAST_SPREAD; NaN likewise.
    """

    count: int
    days: list[date]
    median: Floats
    spread: Floats


def around(connection: Connection, curves: Curves, run_id: str, parcel_id: str) -> Around | None:
    """What the neighbours of a parcel show; None where it has no crop or outline, or no step has enough of them."""
    near = [curves.rows[name] for name in nearest(connection, run_id, parcel_id) if name in curves.rows]
    if not near or not len(curves.days):
        return None
    days: list[date] = curves.days.tolist()
    values, steps = ten_day_means(*curves.of([curves.rows[parcel_id], *near]), days)
    others = np.full((len(values), len(near)), -1, dtype=np.int64)
    others[0] = np.arange(1, len(values))
    standing = against_neighbours(values, others)
    kept = _kept(np.isfinite(standing.median[0]))
    if not kept:
        return None
    return Around(len(near), [steps[at] + _MIDDLE for at in kept], standing.median[0][kept], standing.spread[0][kept])


def nearest(connection: Connection, run_id: str, parcel_id: str) -> list[str]:
    """Ids of the nearest parcels of the same crop in a run, the nearest first; none without a crop or an outline."""
    own = connection.execute(_places(run_id).where(ParcelObservation.parcel_id == parcel_id)).one_or_none()
    if own is None or own.crop is None or own.lon is None:
        return []
    found: list[tuple[float, str]] = []
    for window in _WINDOWS_M:
        rows = connection.execute(_places(run_id).where(_crop() == own.crop, _inside(own, window)))
        apart = ((_metres(own, row), row.parcel_id) for row in rows if row.parcel_id != parcel_id)
        found = sorted(pair for pair in apart if pair[0] <= window)
        if len(found) >= MOST:
            break
    return [name for _, name in found[:MOST]]


def _kept(told: npt.NDArray[np.bool_]) -> list[int]:
    """Places of steps that are told of, and of those in gaps of two or more between them."""
    steps = np.flatnonzero(told).tolist()
    gaps = (range(first + 1, second) for first, second in pairwise(steps) if second - first > _JOINED)
    return sorted([*steps, *chain.from_iterable(gaps)])


def _places(run_id: str) -> Any:
    same = and_(
        ParcelGeometry.parcel_id == ParcelObservation.parcel_id,
        ParcelGeometry.geometry_version == ParcelObservation.geometry_version,
    )
    lon, lat = (ParcelGeometry.minx + ParcelGeometry.maxx) / 2, (ParcelGeometry.miny + ParcelGeometry.maxy) / 2
    return (
        select(ParcelObservation.parcel_id, _crop().label("crop"), lon.label("lon"), lat.label("lat"))
        .join(ParcelGeometry, same)
        .where(ParcelObservation.run_id == run_id)
    )


def _crop() -> ColumnElement[str | None]:
    """What is declared, else what the run decided: as a watch takes it."""
    seen = ParcelObservation
    return func.coalesce(seen.declared_crop, case((seen.status == Status.OK, seen.crop)))


def _inside(own: Any, window: float) -> ColumnElement[bool]:
    """Condition: the box meets the window; named so that the database begins with its index of boxes."""
    high = window / _METRES_A_DEGREE
    wide = high / max(math.cos(math.radians(own.lat)), 0.01)
    box = ParcelGeometry
    meets = and_(
        box.minx <= own.lon + wide, box.maxx >= own.lon - wide, box.miny <= own.lat + high, box.maxy >= own.lat - high
    )
    return and_(meets, ParcelObservation.parcel_id.in_(select(box.parcel_id).where(meets).correlate(None)))


def _metres(own: Any, other: Any) -> float:
    """Between the middles of two boxes, on a plane that touches the ground there: metres within ten kilometres."""
    east = (other.lon - own.lon) * math.cos(math.radians(own.lat))
    return math.hypot(east, other.lat - own.lat) * _METRES_A_DEGREE
