"""A made-up book of parcels and farmers, in the shape that limits are decided from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from geo.season import Season

SEASON: Final = Season(date(2026, 1, 1), date(2026, 12, 31))

_CROPS: Final = ("wheat", "maize", "rice", "soybean", "rapeseed", "cotton", "potato", "groundnut", "grass")
_CROP_SHARES: Final = (0.24, 0.2, 0.2, 0.1, 0.08, 0.06, 0.05, 0.05, 0.02)
_STATUSES: Final = ("OK", "CLOUDY", "TOO_SMALL", "AMBIGUOUS", "OUTSIDE_VALIDATION")
_STATUS_SHARES: Final = (0.88, 0.05, 0.03, 0.03, 0.01)

#: Shares of the book: declarations that hold, farmers with a bureau report, parcels with a last approved amount, with a
#: certificate, with a second crop, and second crops that are not certain.
_DECLARED, _REPORTED, _APPROVED, _CERTIFIED, _SECOND, _OPEN = 0.95, 0.9, 0.7, 0.8, 0.3, 0.25


@dataclass(frozen=True, slots=True)
class MadeBook:
    """Parcels with their facts, one row each in random order of farmers, and their cycles."""

    parcels: pd.DataFrame
    seasons: pd.DataFrame


def make_book(n_parcels: int, n_farmers: int, seed: int) -> MadeBook:
    """Book of parcels dealt to farmers at random; the same seed gives the same book."""
    rng = np.random.default_rng(seed)
    farmer = rng.integers(0, n_farmers, n_parcels)
    crop = rng.choice(np.array(_CROPS, dtype=object), n_parcels, p=_CROP_SHARES)
    parcels = pd.DataFrame(
        {
            "parcel_id": _names("p", np.arange(n_parcels)),
            "geometry_version": "v1",
            "season_id": SEASON.id,
            "status": rng.choice(np.array(_STATUSES, dtype=object), n_parcels, p=_STATUS_SHARES),
            "farmer_id": _names("f", farmer),
            "declared_crop": np.where(rng.random(n_parcels) < _DECLARED, crop, "wheat"),
            "area_ha": np.round(rng.lognormal(-1.0, 0.8, n_parcels), 4),
            "crop": crop,
            "crop_prob": rng.uniform(0.5, 1.0, n_parcels),
            "vigour_pct": np.round(rng.uniform(0, 100, n_parcels), 1),
            "clear_dates": rng.integers(4, 30, n_parcels),
            "district": _names("d", farmer % 40),
        }
    )
    return MadeBook(_with_facts(parcels, farmer, n_farmers, rng), _cycles(parcels, rng))


def change_book(book: MadeBook, share: float, seed: int, *, whole_farmers: bool) -> MadeBook:
    """The book with another area on a share of its parcels, as after a later image; of farmers with all they have."""
    rng = np.random.default_rng(seed)
    parcels = book.parcels.copy()
    codes, names = pd.factorize(parcels.farmer_id)
    changed = (rng.random(len(names)) < share)[codes] if whole_farmers else rng.random(len(parcels)) < share
    parcels.loc[changed, "cropped_area_ha"] = np.round(parcels.cropped_area_ha[changed] * 0.93, 4)
    return MadeBook(parcels, book.seasons)


def _with_facts(
    parcels: pd.DataFrame, farmer: npt.NDArray[np.int64], n_farmers: int, rng: np.random.Generator
) -> pd.DataFrame:
    n = len(parcels)
    debt = rng.choice([0, 0, 0, 150_000, 500_000, 1_200_000], n_farmers)
    capacity = rng.integers(20_000, 4_000_000, n_farmers) * 10
    known = rng.random(n_farmers) < _REPORTED
    approved = np.where(rng.random(n) < _APPROVED, rng.integers(100, 20_000, n) * 100, np.nan)
    return parcels.assign(
        cropped_area_ha=np.round(parcels.area_ha * rng.uniform(0.85, 1.0, n), 4),
        certified_area_ha=np.where(
            rng.random(n) < _CERTIFIED, np.round(parcels.area_ha * rng.uniform(0.9, 1.15, n), 4), np.nan
        ),
        land_right=rng.choice(np.array(["certificate", "lease", None], dtype=object), n, p=[0.7, 0.25, 0.05]),
        other_debt_minor=pd.array(np.where(known, debt, np.nan)[farmer], dtype="Int64"),
        household_capacity_minor=pd.array(np.where(known, capacity, np.nan)[farmer], dtype="Int64"),
        approved_minor=pd.array(approved, dtype="Int64"),
    )


def _cycles(parcels: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """One cycle of every parcel, and a second on three in ten, certain in three quarters of them."""
    second = np.flatnonzero(rng.random(len(parcels)) < _SECOND)
    other = rng.choice(np.array(_CROPS, dtype=object), len(second), p=_CROP_SHARES)
    open_set = rng.random(len(second)) < _OPEN
    crops: list[Any] = [[crop] for crop in parcels.crop]
    crops += [[crop, "maize"] if several else [crop] for crop, several in zip(other, open_set, strict=True)]
    return pd.DataFrame(
        {
            "parcel_id": np.concatenate([parcels.parcel_id, parcels.parcel_id.to_numpy()[second]]),
            "geometry_version": "v1",
            "season_id": SEASON.id,
            "cycle": np.repeat(np.array([1, 2], dtype=np.int16), [len(parcels), len(second)]),
            "crop": np.concatenate([parcels.crop.to_numpy(), other]),
            "crop_set": pd.Series(pa.array(crops).to_pandas(), dtype=object),
        }
    )


def _names(prefix: str, numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.object_]:
    return np.array([f"{prefix}{number:07d}" for number in numbers], dtype=object)
