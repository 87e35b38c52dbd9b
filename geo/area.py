"""Areas: geodesic on WGS 84, and the units that farmers and banks use."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import Geod

#: Square metres in one hectare, mu (1/15 ha) and international acre.
HECTARE_M2: Final = Decimal(10000)
MU_M2: Final = Decimal(2000) / 3
ACRE_M2: Final = Decimal("4046.8564224")

_UNITS_M2: Final = {"ha": HECTARE_M2, "mu": MU_M2, "acre": ACRE_M2}
UNITS: Final = tuple(_UNITS_M2)

_GEOD = Geod(ellps="WGS84")


def geodesic_area_ha(shapes: gpd.GeoSeries) -> npt.NDArray[np.float64]:
    """Areas of polygons on the WGS 84 ellipsoid.

    Args:
        shapes: polygons in any CRS; missing or empty geometry has area 0.

    Returns:
        Shape (n,), hectares, never negative.
    """
    degrees = np.asarray(shapes.to_crs(4326).array, dtype=object)
    turned = shapely.orient_polygons(degrees)  # a hole that runs the way of its border would count as ground
    areas = [
        0.0 if shape is None or shape.is_empty else abs(_GEOD.geometry_area_perimeter(shape)[0]) for shape in turned
    ]
    return np.asarray(areas, dtype=np.float64) / float(HECTARE_M2)


def convert_area(value: Decimal, source: str, target: str) -> Decimal:
    """Area in another unit ("ha", "mu", "acre"); KeyError for an unknown unit."""
    return value * _UNITS_M2[source] / _UNITS_M2[target]
