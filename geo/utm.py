"""UTM zones."""

from __future__ import annotations

_ZONES = 60
_ZONE_DEGREES = 6


def utm_epsg(lon: float, lat: float) -> int:
    """EPSG code of the WGS 84 UTM zone that holds a point (without the exceptions for Norway and Svalbard)."""
    zone = min(int((lon + 180) // _ZONE_DEGREES) + 1, _ZONES)
    return (32600 if lat >= 0 else 32700) + zone
