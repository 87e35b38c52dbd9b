"""The parcels that a watch follows: what grows on each, where it lies and which calendar speaks of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from app.jobs.limits import INPUTS_FILE
from geo.errors import DataError
from geo.lonlat import around_points, middle_lon
from geo.season import Season
from geo.status import Status
from scoring.growth.calendars.gaps import CalendarGap, calendar_gaps
from scoring.growth.calendars.regional import RegionCalendar

Floats = npt.NDArray[np.float64]
Texts = npt.NDArray[np.str_]

_COLUMNS: Final = ("parcel_id", "declared_crop", "crop", "status", "area_ha")
#: Mean radius of the earth, m.
_EARTH_M: Final = 6_371_008.8


@dataclass(frozen=True, slots=True)
class WatchedBook:
    """The n parcels of a run that have an outline, in the order of its book.

    Attributes:
        parcel_ids: (n,) text.
        crops: (n,) legend key, "" where none is known.
        points: (n, 2) metres east and north of a point of each outline.
        regions: (n,) name by which a calendar is found, "" where none is known.
        area_ha: (n,).
        small: (n,) whether it is too small for pixels of its own alone (TOO_SMALL): no level above watch.
        declared: parcels whose crop was declared.
        decided: further parcels whose crop the run decided from the imagery of its whole season.
        without_outline: (m,) further parcels of the run, which are not followed.
    """

    parcel_ids: Texts
    crops: Texts
    points: Floats
    regions: Texts
    area_ha: Floats
    small: npt.NDArray[np.bool_]
    declared: int
    decided: int
    without_outline: Texts

    def __len__(self) -> int:
        """How many parcels."""
        return len(self.parcel_ids)

    def gaps(self, calendars: Sequence[RegionCalendar], season: Season) -> tuple[CalendarGap, ...]:
        """Crops and regions of which no calendar speaks, the largest area first."""
        frame = pd.DataFrame({"region": self.regions, "crop": self.crops, "area_ha": self.area_ha})
        return calendar_gaps(frame, calendars, season)


def read_book(run: Path, region: str | None) -> WatchedBook:
    """The book of a run.

    Args:
        run: folder of a finished run.
        region: name of the farming region of all parcels; None: the district of each, where the parcel file names it.

    Raises:
        DataError: a table cannot be read.
    """
    parcels = _table(run / "parcels.parquet", _COLUMNS).to_pandas()
    where = _points(run / "parcels.geojson").reindex(parcels.parcel_id)
    districts = _districts(run).reindex(parcels.parcel_id) if region is None else pd.Series(region, parcels.parcel_id)
    there = where.notna().all(axis=1).to_numpy()
    declared = parcels.declared_crop.notna().to_numpy()
    decided = ~declared & (parcels.status == Status.OK).to_numpy() & parcels.crop.notna().to_numpy()
    crops = np.where(declared, parcels.declared_crop, np.where(decided, parcels.crop, ""))
    return WatchedBook(
        parcel_ids=parcels.parcel_id.to_numpy(dtype=np.str_)[there],
        crops=crops.astype(np.str_)[there],
        points=metres(where.to_numpy(dtype=np.float64)[there]),
        regions=districts.fillna("").to_numpy(dtype=np.str_)[there],
        area_ha=parcels.area_ha.to_numpy(dtype=np.float64)[there],
        small=(parcels.status == Status.TOO_SMALL).to_numpy(dtype=np.bool_)[there],
        declared=int((declared & there).sum()),
        decided=int((decided & there).sum()),
        without_outline=parcels.parcel_id.to_numpy(dtype=np.str_)[~there],
    )


def metres(lonlat: Floats) -> Floats:
    """Metres east and north of the book's middle meridian and the equator (sinusoidal projection of the sphere).

    True along parallels and the middle meridian, so that neighbours lie as far apart as they do: a book ten degrees
    wide at 50 degrees shears by 7 % at its edges, and a county by nothing that matters. One plane for all UTM zones.

    Args:
        lonlat: (n, 2) degrees.

    Returns:
        (n, 2) metres.
    """
    if not len(lonlat):
        return np.zeros((0, 2))
    middle = middle_lon(around_points(lonlat[:, 0], lonlat[:, 1]))
    east = np.radians((lonlat[:, 0] - middle + 180.0) % 360.0 - 180.0)
    north = np.radians(lonlat[:, 1])
    return _EARTH_M * np.column_stack([east * np.cos(north), north])


def _points(path: Path) -> pd.DataFrame:
    """Longitude and latitude of a point within each outline, by parcel_id."""
    try:
        frame = gpd.read_file(path, engine="pyogrio", use_arrow=True)
    except (OSError, ValueError, RuntimeError) as error:
        raise DataError("TABLE_UNREADABLE", f"{path.name} cannot be read.", "Run the season again.") from error
    points = shapely.get_coordinates(shapely.point_on_surface(np.asarray(frame.geometry.array, dtype=object)))
    return pd.DataFrame(points, columns=["lon", "lat"], index=frame.parcel_id.astype(str))


def _districts(run: Path) -> pd.Series[Any]:
    table = _table(run / INPUTS_FILE, ("parcel_id", "district"))
    districts: pd.Series[Any] = table.to_pandas().set_index("parcel_id")["district"].astype(object)
    return districts


def _table(path: Path, columns: Sequence[str]) -> pa.Table:
    try:
        return pq.read_table(path, columns=list(columns))
    except (OSError, pa.ArrowException) as error:
        raise DataError("TABLE_UNREADABLE", f"{path.name} cannot be read: {error}.", "Run the season again.") from error
