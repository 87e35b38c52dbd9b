"""Footprint to capacity, as an interval: what a solar outline can hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from geo.errors import InputError

_SQUARE_METRES: Final = 10_000.0


class Mounting(StrEnum):
    """How panels are held."""

    FIXED = "fixed"
    TRACKING = "tracking"
    UNKNOWN = "unknown"


#: MW of direct current on a hectare covered by rows of panels, and over whole outlines as the mean of the world.
#: Figures as they are reported in the field; the source of each is to be checked before a report cites it.
ROWS: Final[Mapping[Mounting, float]] = MappingProxyType({Mounting.FIXED: 0.87, Mounting.TRACKING: 0.59})
WORLD_MEAN: Final = 0.37

#: No figure by country is held with a source: every country has the world's.
COUNTRIES: Final[Mapping[str, float]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Capacity:
    """What an outline may hold, MW of direct current; no interval of probability but a range of reported densities.

    Attributes:
        low: at the mean density of whole outlines.
        high: if rows of panels cover all of it.
        basis: what the range rests on.
    """

    low: float
    high: float
    basis: str


def capacity_of(area_m2: float, mounting: Mounting = Mounting.UNKNOWN, country: str = "") -> Capacity:
    """Range of capacity of a solar outline.

    Args:
        area_m2: area of the outline on the ground, m2.
        mounting: how panels are held.
        country: ISO 3166-1 alpha-2; "" where unknown.

    Raises:
        InputError: the area is not above 0.
    """
    if not 0 < area_m2 < float("inf"):
        raise InputError("SITES_AREA", f"A site of {area_m2:g} m2 holds nothing.", "Give the outline's area, above 0.")
    hectares = area_m2 / _SQUARE_METRES
    whole = COUNTRIES.get(country, WORLD_MEAN)
    rows = max(ROWS.values()) if mounting is Mounting.UNKNOWN else ROWS[mounting]
    where = country if country in COUNTRIES else "world"
    return Capacity(hectares * whole, hectares * rows, f"{where} mean {whole:g}, rows {mounting} {rows:g} MWdc/ha")
