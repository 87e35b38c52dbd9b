"""Items for rasters that came without any."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import pystac
from shapely.geometry import box, mapping
from shapely.ops import unary_union

from geo.bands import SCL
from geo.grid import Bounds
from geo.lonlat import pieces

COLLECTION: Final = "sentinel-2-l2a"
_COG: Final = "image/tiff; application=geotiff; profile=cloud-optimized"
_EXTENSIONS: Final = [
    "https://stac-extensions.github.io/projection/v2.0.0/schema.json",
    "https://stac-extensions.github.io/raster/v1.1.0/schema.json",
    "https://stac-extensions.github.io/file/v2.1.0/schema.json",
]


def scene_item(name: str, when: datetime, bounds_lonlat: Bounds, properties: Mapping[str, Any]) -> pystac.Item:
    """Sentinel-2 L2A item without assets.

    Args:
        name: its id.
        when: instant of acquisition, aware.
        bounds_lonlat: box around its rasters, degrees, west > east across 180.
        properties: further ones.
    """
    outline = unary_union([box(*piece) for piece in pieces(bounds_lonlat)])
    item = pystac.Item(name, mapping(outline), list(bounds_lonlat), when, dict(properties), collection=COLLECTION)
    item.stac_extensions = list(_EXTENSIONS)
    return item


def band_asset(href: str, band: str, scale: float | None = None, offset: float | None = None) -> pystac.Asset:
    """Asset of one band of digital numbers (0 no data), saying only what is known of scale and offset."""
    stated: dict[str, Any] = {"data_type": "uint8" if band == SCL else "uint16", "nodata": 0}
    if band != SCL:
        stated |= {key: value for key, value in (("scale", scale), ("offset", offset)) if value is not None}
    return pystac.Asset(href, media_type=_COG, roles=["data"], extra_fields={"raster:bands": [stated]})
