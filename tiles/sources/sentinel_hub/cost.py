"""What requests cost: processing units by the service's published rules, and bytes.

A unit of processing is 512 x 512 px of three input bands with one sample a pixel and at most 16 bits; dataMask is not
counted. A unit of searching is 1,000,000 km2 for one month. Both have a least charge.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from geo.grid import Bounds
from geo.season import Season
from tiles.sources.sentinel_hub.evalscript import ONE_REQUEST, TWO_REQUESTS, Layer

_UNIT_PX: Final = 512 * 512
_UNIT_BANDS: Final = 3
_LEAST_AREA: Final = 0.01
_LEAST_PROCESSING: Final = 0.005

_UNIT_KM2: Final = 1_000_000
_LEAST_SEARCH: Final = 0.01
_MOST_SEARCH: Final = 1.0
_DAYS_OF_MONTH: Final = 31
_KM_OF_DEGREE: Final = 111.32

_BYTES_OF_NUMBER: Final = 2


@dataclass(frozen=True, slots=True)
class Cost:
    """What some requests come to.

    Attributes:
        requests: number of Process API requests.
        units: processing units.
        size: bytes of the answers before compression; what travels is less.
    """

    requests: int
    units: float
    size: int

    def times(self, count: int) -> Cost:
        """Cost of the same, several times."""
        return Cost(self.requests * count, self.units * count, self.size * count)


def processing_units(layer: Layer) -> float:
    """Processing units of one request for a layer of a tile."""
    area = max(layer.side_px**2 / _UNIT_PX, _LEAST_AREA)
    return max(area * len(layer.bands) / _UNIT_BANDS, _LEAST_PROCESSING)


def search_units(box: Bounds, season: Season) -> float:
    """Processing units of one page of a catalogue search.

    Args:
        box: (west, south, east, north), degrees, west <= east.
        season: days searched.
    """
    west, south, east, north = box
    across = (east - west) * math.cos(math.radians((south + north) / 2))
    area = max(across * (north - south) * _KM_OF_DEGREE**2 / _UNIT_KM2, _LEAST_AREA)
    months = math.ceil(((season.end - season.start).days + 1) / _DAYS_OF_MONTH)
    return min(max(area * months, _LEAST_SEARCH), _MOST_SEARCH)


def cost_of(layers: Iterable[Layer]) -> Cost:
    """Cost of one acquisition of a tile, asked for as these layers."""
    asked = tuple(layers)
    size = sum(layer.side_px**2 * len(layer.bands) * _BYTES_OF_NUMBER for layer in asked)
    return Cost(len(asked), sum(map(processing_units, asked)), size)


def cheapest_layers() -> tuple[Layer, ...]:
    """How to ask for an acquisition with the fewest processing units; of equals, with the fewest requests."""

    def price(layers: tuple[Layer, ...]) -> tuple[float, int]:
        cost = cost_of(layers)
        return cost.units, cost.requests

    return min((ONE_REQUEST, TWO_REQUESTS), key=price)
