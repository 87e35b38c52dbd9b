"""Radar passes over made-up fields."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from scoring.growth.flood import RadarSeries

DAYS = np.datetime64("2019-03-01") + 6 * np.arange(20)
NEVER = np.datetime64("NaT", "D")
#: Passes under water.
WET = slice(10, 13)


def dry(n: int = 1, vv: float = -10.0, vh: float = -17.0) -> RadarSeries:
    """Fields that are as they always are."""
    rng = np.random.default_rng(4)
    known = np.broadcast_to(DAYS, (n, len(DAYS))).copy()
    noise = rng.normal(0, 0.5, (2, n, len(DAYS)))
    return RadarSeries(vv + noise[0], vh + noise[1], np.zeros((n, len(DAYS))), known, DAYS, np.full(len(DAYS), "161"))


def under_water(series: RadarSeries, share: float = 0.9, fall: tuple[float, float] = (8.0, 9.0)) -> RadarSeries:
    """The first parcel under water for three passes."""
    vv, vh, water = series.vv_db.copy(), series.vh_db.copy(), series.water.copy()
    vv[0, WET] -= fall[0]
    vh[0, WET] -= fall[1]
    water[0, WET] = share
    return replace(series, vv_db=vv, vh_db=vh, water=water)
