"""Simulated looks at annual crops: green-up, plateau and ripening as logistic curves, with noise and clouds."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from geo.season import Season
from scoring.growth.calendars.regional import load_calendar
from scoring.growth.calendars.windows import Expected

Floats = npt.NDArray[np.float64]

SEASON = Season(date(2018, 1, 1), date(2018, 12, 31))
DAYS = tuple(date(2018, 1, 3) + timedelta(days=5 * step) for step in range(72))
_NUMBER = np.array([(day - date(2018, 1, 1)).days for day in DAYS], dtype=float)


def stand(rise: str = "05-28", fall: str = "09-25", top: float = 0.85, soil: float = 0.2) -> Floats:
    """(72,) NDVI of a stand that is half green on two days of 2018."""
    up, down = ((date.fromisoformat(f"2018-{day}") - date(2018, 1, 1)).days for day in (rise, fall))
    green = 1 / (1 + np.exp(-(_NUMBER - up) / 6)) - 1 / (1 + np.exp(-(_NUMBER - down) / 5))
    return soil + (top - soil) * green


def bare() -> Floats:
    """(72,) NDVI of a field on which nothing comes up."""
    return np.full(len(DAYS), 0.2)


def expected(*crops: str) -> Expected:
    """Windows of parcels of Bavaria by their crops; "" for none, "wheat winter" for a form."""
    calendar = load_calendar("de-bavaria")
    kinds = [calendar.expected(SEASON, *crop.split()) if crop else None for crop in crops]
    return Expected.of(kinds, np.arange(len(crops)))
