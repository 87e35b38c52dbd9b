"""What lies in view: parcels of a set inside a box, in the order in which they deserve a look."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

from app.api.find.schemas import Inside, ListedParcel, Marks
from app.db.views import Box
from app.maplayers.facts import MOST, UNKNOWN, Bytes, Fact
from app.maplayers.parcelset import ParcelSet

Numbers = npt.NDArray[np.int64]

#: Parcels that a list names, and signs that a map draws at most.
MOST_LISTED: Final = 50
MOST_MARKS: Final = 1_000
#: Signs are sent for half a view around the view, so that panning meets them.
_AROUND: Final = 0.5
_PLACES: Final = 5


def inside(parcels: ParcelSet, box: Box, left: npt.NDArray[np.bool_], column: Callable[[Fact], Bytes]) -> Inside:
    """Parcels in a box.

    Args:
        parcels: the set.
        box: west, south, east, north in degrees.
        left: which parcels filters leave, shape (parcels,).
        column: bytes of a fact by parcel.
    """
    alerts, limits = column(Fact.ALERT), column(Fact.LIMIT)
    near = np.flatnonzero(left & _touching(parcels, _grown(box)))
    here = near[_touches(parcels.boxes[near], box)]
    first = _ranked(here, alerts, limits, MOST_LISTED)
    raised = near[(alerts[near] > 0) & (alerts[near] != UNKNOWN)]
    return Inside(
        found=len(here),
        parcels=_listed(parcels, first, column),
        marks=_marks(parcels, _ranked(raised, alerts, limits, MOST_MARKS), alerts),
    )


def _touching(parcels: ParcelSet, box: Box) -> npt.NDArray[np.bool_]:
    return parcels.drawn & _touches(parcels.boxes, box)


def _touches(boxes: npt.NDArray[np.float64], box: Box) -> npt.NDArray[np.bool_]:
    west, south, east, north = box
    with np.errstate(invalid="ignore"):  # parcels without an outline have no box
        found: npt.NDArray[np.bool_] = (
            (boxes[:, 0] <= east) & (boxes[:, 2] >= west) & (boxes[:, 1] <= north) & (boxes[:, 3] >= south)
        )
    return found


def _grown(box: Box) -> Box:
    west, south, east, north = box
    wide, high = (east - west) * _AROUND, (north - south) * _AROUND
    return west - wide, south - high, east + wide, north + high


def _ranked(numbers: Numbers, alerts: Bytes, limits: Bytes, at_most: int) -> Numbers:
    """The highest alerts first, then the deepest cuts of a limit, then by number."""
    levels = np.where(alerts[numbers] == UNKNOWN, 0, alerts[numbers]).astype(np.int64)
    changes = np.where(limits[numbers] > MOST, UNKNOWN, limits[numbers]).astype(np.int64)
    keys = (UNKNOWN - levels) * (UNKNOWN + 1) + changes
    if len(numbers) > at_most:
        # All that tie with the last one stay, so that the order among them is by number.
        bound = np.partition(keys, at_most - 1)[at_most - 1]
        numbers, keys = numbers[keys <= bound], keys[keys <= bound]
    order = np.lexsort((numbers, keys))[:at_most]
    return numbers[order]


def _listed(parcels: ParcelSet, numbers: Numbers, column: Callable[[Fact], Bytes]) -> list[ListedParcel]:
    listed = []
    for number in map(int, numbers):
        west, south, east, north = map(float, parcels.boxes[number])
        facts = {fact.value: int(column(fact)[number]) for fact in Fact}
        named = parcels.parcel_ids[number]
        listed.append(ListedParcel(number=number, parcel_id=named, bounds=(west, south, east, north), **facts))
    return listed


def _marks(parcels: ParcelSet, numbers: Numbers, alerts: Bytes) -> Marks:
    boxes = parcels.boxes[numbers]
    lon, lat = (np.round((boxes[:, side] + boxes[:, side + 2]) / 2, _PLACES) for side in (0, 1))
    return Marks(number=numbers.tolist(), alert=alerts[numbers].tolist(), lon=lon.tolist(), lat=lat.tolist())
