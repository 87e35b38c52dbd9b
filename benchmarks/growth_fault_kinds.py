"""Faults that benchmarks/growth_faults.py lays into real series: each moves the green part of NDVI, the soil stays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from growth_series import Parcels

from scoring.growth.looks import Looks, nearest_growth
from scoring.growth.losses.screening import odd_light

Floats = npt.NDArray[np.float64]

#: NDVI of soil; share of the canopy that weeds make where nothing was sown; what a decline over 40 days takes.
_SOIL: Final = 0.2
_WEEDS: Final = 0.15
_DECLINED: Final = 0.5
_EARLY_DAYS: Final = 20
#: Light left in full shadow, as maize lay in one on 26 July 2018 against the looks before and after.
_SKYLIGHT: Final = {"blue": 0.7, "red": 0.5, "nir": 0.2, "swir": 0.2}
_DECLINE_DAYS: Final = 40


@dataclass(frozen=True, slots=True)
class Canopy:
    """Days since 1970 of each parcel's own peak and end, and of the expected stages; (n,) each, NaN where unknown."""

    emergence: Floats
    peak: Floats
    end: Floats
    harvest_to: Floats


def canopy_of(parcels: Parcels) -> Canopy:
    """When the stands of faultless series peak and end, in hindsight."""
    looks = Looks.known(parcels.ndvi, parcels.clear, parcels.days, parcels.days[-1])
    growth = nearest_growth(looks.cycles(), parcels.expected, len(parcels.ndvi))
    days = (parcels.expected.emergence_from, growth.peak, growth.end, parcels.expected.harvest_to)
    return Canopy(*(np.where(np.isnat(day), np.nan, day.astype(np.int64).astype(np.float64)) for day in days))


def _numbers(parcels: Parcels) -> Floats:
    return np.array(parcels.days, dtype="datetime64[D]").astype(np.int64).astype(np.float64)


def _scaled(parcels: Parcels, factor: Floats) -> Floats:
    """NDVI with the part above soil times a factor (n, t)."""
    green = np.maximum(parcels.ndvi - _SOIL, 0.0)
    return parcels.ndvi - green * (1.0 - factor)


def not_sown(parcels: Parcels, canopy: Canopy, _rng: np.random.Generator) -> Floats:
    """Weeds at most, from the first day of emergence to the last of harvest."""
    day = _numbers(parcels)
    inside = (day >= canopy.emergence[:, None]) & (day <= canopy.harvest_to[:, None])
    return _scaled(parcels, np.where(inside, _WEEDS, 1.0))


def early_harvest(parcels: Parcels, canopy: Canopy, rng: np.random.Generator) -> Floats:
    """Cut twenty days before its own end: from then to the end what lay there after it."""
    day = _numbers(parcels)
    end = canopy.end[:, None]
    after = np.where((day > end) & (day <= end + 30), parcels.ndvi, np.nan)
    stubble = np.full(len(after), 0.25)
    seen = np.isfinite(after).sum(axis=1) > 0
    stubble[seen] = np.nanmedian(after[seen], axis=1)
    inside = (day >= end - _EARLY_DAYS) & (day <= end + 5)
    noise = rng.normal(0.0, 0.02, parcels.ndvi.shape)
    return np.where(
        inside & np.isfinite(parcels.ndvi), np.minimum(parcels.ndvi, stubble[:, None] + noise), parcels.ndvi
    )


def slow_decline(parcels: Parcels, canopy: Canopy, rng: np.random.Generator) -> Floats:
    """Half of the canopy goes within forty days and does not come back; it begins up to thirty days before the peak."""
    day = _numbers(parcels)
    start = (canopy.peak - rng.uniform(0, 30, len(canopy.peak)))[:, None]
    return _until_end(parcels, canopy, 1.0 - _DECLINED * np.clip((day - start) / _DECLINE_DAYS, 0.0, 1.0))


def abrupt_loss(share: float) -> Callable[[Parcels, Canopy, np.random.Generator], Floats]:
    """A share of the canopy goes on one day, from 30 days before the peak to 20 days before the end."""

    def lose(parcels: Parcels, canopy: Canopy, rng: np.random.Generator) -> Floats:
        first = canopy.peak - 30
        on = first + rng.uniform(0, 1, len(first)) * np.maximum(canopy.end - 20 - first, 5)
        return _until_end(parcels, canopy, np.where(_numbers(parcels) >= on[:, None], 1.0 - share, 1.0))

    return lose


def _until_end(parcels: Parcels, canopy: Canopy, factor: Floats) -> Floats:
    lasting = _numbers(parcels) <= (canopy.end + 10)[:, None]
    return _scaled(parcels, np.where(lasting, factor, 1.0))


def shadowed(parcels: Parcels, _canopy: Canopy, rng: np.random.Generator) -> Floats:
    """Three clear looks of the season in a cloud's shadow that no mask found: 20 to 60 % of NDVI gone.

    That is more than shadow takes (see `shadowed_bands`), and what a table without bands would have to stand.
    """
    hit = _three_looks(parcels, rng)
    dark = 1.0 - rng.uniform(0.2, 0.6, parcels.ndvi.shape)
    return np.where(hit & (parcels.ndvi > 0), parcels.ndvi * dark, parcels.ndvi)


def shadowed_bands(parcels: Parcels, _canopy: Canopy, rng: np.random.Generator) -> Floats:
    """Three looks whose bands lost 30 to 100 % of the direct light; NDVI follows, and looks of odd light are hidden."""
    hit = _three_looks(parcels, rng)
    direct = rng.uniform(0.0, 0.7, parcels.ndvi.shape)
    bands = {
        name: np.where(hit, values * (direct + (1.0 - direct) * _SKYLIGHT[name]), values)
        for name, values in parcels.bands.items()
    }
    moved = parcels.ndvi + _ndvi(bands) - _ndvi(parcels.bands)
    return np.where(odd_light(**bands), np.nan, np.where(hit, moved, parcels.ndvi))


def _three_looks(parcels: Parcels, rng: np.random.Generator) -> npt.NDArray[np.bool_]:
    order = rng.uniform(size=parcels.ndvi.shape)
    order[~(np.isfinite(parcels.ndvi) & (parcels.clear > 0))] = np.inf
    cut = np.sort(order, axis=1)[:, 2:3]
    return (order <= cut) & np.isfinite(order)


def _ndvi(bands: dict[str, Floats]) -> Floats:
    return (bands["nir"] - bands["red"]) / (bands["nir"] + bands["red"])


#: Fault, the marker that should find it, and how it is laid.
FAULTS: Final = (
    ("failure to sow", "sowing", not_sown),
    ("harvest 20 days early", "harvest", early_harvest),
    ("slow decline, 40 days", "decline", slow_decline),
    ("abrupt loss, 30 %", "loss", abrupt_loss(0.3)),
    ("abrupt loss, 60 %", "loss", abrupt_loss(0.6)),
)
