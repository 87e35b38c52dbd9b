"""NDVI series of many parcels on one grid of days, with the instant at which each look became known."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.errors import DataError
from geo.observations import CLEAR_SHARE
from scoring.growth.losses.screening import odd_light

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Days = npt.NDArray[np.datetime64]

_NEEDED: Final = ("parcel_id", "date", "ndvi")
#: Bands that a table may carry, surface reflectance.
_BANDS: Final = ("blue", "red", "nir", "swir")


@dataclass(frozen=True, slots=True)
class Series:
    """Clear looks of n parcels on t days.

    Attributes:
        parcels: (n,) ids, ascending.
        days: (t,) datetime64[D], ascending.
        ndvi: (n, t) float64, NaN where there was no clear look.
        blue: (n, t) reflectance 0..1, NaN where unknown; tells haze from loss where the table carries it.
        known_at: (n, t) datetime64[s] UTC, NaT without a look; the day of the look where the table does not say.
        hidden: rows of the table that were not clear, of odd light, out of range or empty.
    """

    parcels: npt.NDArray[np.str_]
    days: Days
    ndvi: Floats
    blue: Floats
    known_at: Days
    hidden: int

    @classmethod
    def of(cls, table: pd.DataFrame) -> Self:
        """The looks of a table: parcel_id, date, ndvi, optionally clear (0..1), known_at (UTC), and bands.

        Bands are blue, red, nir and swir (1.6 um), surface reflectance 0..1; values outside are unknown.
        Rows with less than CLEAR_SHARE clear, without an NDVI in -1..1, or of odd light where the bands tell, are no
        looks. Rows of one parcel and day become their mean, known with the first of them.

        Raises:
            DataError: a column is missing, or a date cannot be read.
        """
        missing = [name for name in _NEEDED if name not in table.columns]
        if missing:
            raise DataError("GROWTH_SERIES_COLUMN", f"The series lack {', '.join(missing)}.", f"Needed: {_NEEDED}.")
        rows = _rows(table)
        seen = rows.ndvi.between(-1.0, 1.0) & (rows.clear >= CLEAR_SHARE)
        seen &= ~odd_light(*(rows[band].to_numpy() for band in _BANDS))
        looks = (
            rows[seen]
            .groupby(["parcel_id", "date"], as_index=False, sort=True)
            .agg(ndvi=("ndvi", "mean"), blue=("blue", "mean"), known_at=("known_at", "min"))
        )
        parcels = np.unique(rows.parcel_id.to_numpy(dtype=np.str_))
        days = np.unique(looks.date.to_numpy().astype("datetime64[D]"))
        at = (
            np.searchsorted(parcels, looks.parcel_id.to_numpy(dtype=np.str_)),
            np.searchsorted(days, looks.date.to_numpy().astype("datetime64[D]")),
        )
        shape = (len(parcels), len(days))
        ndvi, blue = np.full(shape, np.nan), np.full(shape, np.nan)
        known = np.full(shape, np.datetime64("NaT"), dtype="datetime64[s]")
        ndvi[at], blue[at] = looks.ndvi, looks.blue
        known[at] = looks.known_at.to_numpy().astype("datetime64[s]")
        return cls(parcels, days, ndvi, blue, known, int((~seen).sum()))

    def known(self, as_of: datetime) -> Self:
        """What was known at an instant: looks with a later known_at are gone."""
        instant = np.datetime64(int(as_of.timestamp()), "s")
        return self._only(self.known_at <= instant)

    def as_it_came(self) -> Self:
        """For live use: without the looks that became known only after a later look of the parcel was known.

        Going through the rest day by day then uses, at each look, only what was known when that look was.
        """
        far = np.where(np.isnat(self.known_at), np.iinfo(np.int64).max, self.known_at.astype(np.int64))
        first_later = np.minimum.accumulate(far[:, ::-1], axis=1)[:, ::-1]
        return self._only(far <= first_later)

    def _only(self, kept: Flags) -> Self:
        nothing = np.datetime64("NaT", "s")
        return replace(
            self,
            ndvi=np.where(kept, self.ndvi, np.nan),
            blue=np.where(kept, self.blue, np.nan),
            known_at=np.where(kept, self.known_at, nothing),
        )


def _rows(table: pd.DataFrame) -> pd.DataFrame:
    try:
        day = pd.to_datetime(table.date, utc=True, format="ISO8601").dt.tz_localize(None).dt.floor("D")
        known = (
            pd.to_datetime(table.known_at, utc=True, format="ISO8601").dt.tz_localize(None)
            if "known_at" in table
            else day
        )
    except (ValueError, TypeError) as error:
        raise DataError(
            "GROWTH_SERIES_DATE", "The series hold a date that cannot be read.", "Use ISO dates."
        ) from error
    if day.isna().any():
        raise DataError("GROWTH_SERIES_DATE", "The series hold rows without a date.", "Give every row its day.")
    rows = pd.DataFrame({"parcel_id": table.parcel_id.astype(str), "date": day})
    rows["known_at"] = known.fillna(day)
    for name, otherwise in (("ndvi", np.nan), ("clear", 1.0), *((band, np.nan) for band in _BANDS)):
        column = table[name] if name in table else pd.Series(otherwise, index=table.index)
        rows[name] = pd.to_numeric(column, errors="coerce").astype(np.float64)
    for band in _BANDS:
        rows[band] = rows[band].where(rows[band].between(0.0, 1.0))
    return rows
