"""Weather as imagery feels it: rain and soil moisture, the sun's height, how cloudy a day is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
from scipy.signal import lfilter

from tiles.simulation.calendars import Region
from tiles.simulation.spectra import Floats

_WARM_UP_DAYS = 30
_DRIES = 0.84
_CLEAR_BELOW = 0.03
_OVERCAST_ABOVE = 0.95


def soil_moisture(region: Region, days: Sequence[date], rng: np.random.Generator) -> Floats:
    """(t,) moisture of the soil surface, 0 dry to 1 saturated: random rain that dries up exponentially."""
    first = min(days) - timedelta(days=_WARM_UP_DAYS)
    span = (max(days) - first).days + 1
    months = np.array([(first + timedelta(days=d)).month - 1 for d in range(span)])
    falls = (rng.random(span) < np.asarray(region.rain)[months]) * rng.gamma(1.2, 0.30, span)
    moisture = np.minimum(lfilter([1.0], [1.0, -_DRIES], falls), 1.0)
    return np.array([moisture[(day - first).days] for day in days], dtype=np.float32)


def cloud_shares(region: Region, days: Sequence[date], rng: np.random.Generator) -> Floats:
    """(t,) share of the sky that clouds cover: often none or all, as in the region's months."""
    mean = np.array([region.cloud[day.month - 1] for day in days])
    shares = rng.beta(1.7 * mean, 1.7 * (1.0 - mean))
    return np.where(shares < _CLEAR_BELOW, 0.0, np.where(shares > _OVERCAST_ABOVE, 1.0, shares)).astype(np.float32)


def sun_angles(lon: float, lat: float, day: date, hour_utc: float) -> tuple[float, float]:
    """Elevation and azimuth (clockwise from north) of the sun in degrees, to about one degree (Cooper 1969)."""
    declination = np.radians(23.45 * np.sin(np.radians(360.0 * (284 + day.timetuple().tm_yday) / 365.0)))
    hour_angle = np.radians(15.0 * (hour_utc - 12.0) + lon)
    phi = np.radians(lat)
    up = np.sin(phi) * np.sin(declination) + np.cos(phi) * np.cos(declination) * np.cos(hour_angle)
    east = -np.cos(declination) * np.sin(hour_angle)
    north = np.sin(declination) * np.cos(phi) - np.cos(declination) * np.cos(hour_angle) * np.sin(phi)
    return float(np.degrees(np.arcsin(up))), float(np.degrees(np.arctan2(east, north)) % 360.0)
