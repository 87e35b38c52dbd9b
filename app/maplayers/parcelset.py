"""The parcels that a person may see, in one order: their place in it is the small number that everything speaks of."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, Select, and_, select

from app.alerts.reach import within
from app.db.tables import Parcel, ParcelGeometry, ParcelPeriod
from app.db.views import Box
from geo.errors import InputError

Floats: TypeAlias = npt.NDArray[np.float64]

_HASH_CHARACTERS: Final = 32


@dataclass(frozen=True, slots=True)
class ParcelSet:
    """Parcels with their present outlines, by parcel_id.

    Attributes:
        content_hash: of names and outlines; names what is made from them.
        parcel_ids: names, sorted by code point; the place of a name is the number of the parcel.
        versions: outline that each has now; None where it never had one.
        boxes: shape (parcels, 4), west, south, east, north in degrees (WGS 84); NaN where there is no usable outline.
        drawn: which parcels have a usable outline.
        box: what all outlines span; None without any.
        number_of: number by name.
    """

    content_hash: str
    parcel_ids: tuple[str, ...]
    versions: tuple[str | None, ...]
    boxes: Floats
    drawn: npt.NDArray[np.bool_]
    box: Box | None
    number_of: Mapping[str, int]

    def __len__(self) -> int:
        return len(self.parcel_ids)

    def number(self, parcel_id: str) -> int:
        """Number of a parcel; InputError PARCEL_UNKNOWN for one that is not in the set."""
        if parcel_id not in self.number_of:
            raise InputError(
                "PARCEL_UNKNOWN", f"There is no parcel {parcel_id!r} here.", "Search for it by another id."
            )
        return self.number_of[parcel_id]

    def name(self, number: int) -> str:
        """Name of a parcel; InputError PARCEL_UNKNOWN where the set has no such number."""
        if not 0 <= number < len(self):
            raise InputError("PARCEL_UNKNOWN", f"There is no parcel of number {number} here.", "Load the map again.")
        return self.parcel_ids[number]


def parcels_within(connection: Connection, units: Sequence[int]) -> ParcelSet:
    """Parcels of units, or of no unit at all (see app.alerts.reach), with the outlines that hold now."""
    return parcel_set(map(tuple, connection.execute(_wanted(units))))


def parcel_set(rows: Iterable[tuple[Any, ...]]) -> ParcelSet:
    """Set of rows of parcel_id, geometry_version and the four sides of the box, in any order."""
    # Sorted here: databases order text by rules of their own.
    ordered = sorted(rows, key=lambda row: str(row[0]))
    names = tuple(str(row[0]) for row in ordered)
    versions = tuple(row[1] for row in ordered)
    boxes = np.array([row[2:] for row in ordered], dtype=np.float64).reshape(-1, 4)
    said = "\n".join(f"{name}\n{version or ''}" for name, version in zip(names, versions, strict=True))
    content_hash = hashlib.sha256(said.encode()).hexdigest()[:_HASH_CHARACTERS]
    drawn = ~np.isnan(boxes[:, 0])
    number_of = {name: place for place, name in enumerate(names)}
    return ParcelSet(content_hash, names, versions, boxes, drawn, _span(boxes[drawn]), number_of)


def _span(boxes: Floats) -> Box | None:
    if not len(boxes):
        return None
    (west, south), (east, north) = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    return float(west), float(south), float(east), float(north)


def _wanted(units: Sequence[int]) -> Select[*tuple[Any, ...]]:
    now, box = ParcelPeriod, ParcelGeometry
    same = and_(box.parcel_id == now.parcel_id, box.geometry_version == now.geometry_version)
    return (
        select(Parcel.parcel_id, now.geometry_version, box.minx, box.miny, box.maxx, box.maxy)
        .outerjoin(now, and_(now.parcel_id == Parcel.parcel_id, now.valid_to.is_(None)))
        .outerjoin(box, same)
        .where(within(units))
    )
