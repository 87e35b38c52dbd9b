"""Reader of any table of parcel series: one row per parcel and acquisition, with the parcels' outlines beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyproj
from numpy.typing import NDArray
from pyogrio.errors import DataSourceError

from geo.bands import BANDS
from geo.errors import InputError
from models.series.levels import surface_reflectance
from models.series.sample import to_grid
from models.timegrid import main_year

#: Columns that may name the parcel; the first that is there counts.
PARCEL_COLUMNS: Final = ("pid", "parcel_id")

#: Cloud share up to which an acquisition counts as clear where its means are over all pixels (cloud_mean).
_CLOUD_UP_TO: Final = 0.05

#: Clear share from which an acquisition counts where its means are over clear pixels alone (clear, clear_share).
_CLEAR_FROM: Final = 0.5

#: Blue reflectance above which an acquisition is snow or cloud whatever its mask says.
_BRIGHT_BLUE: Final = 0.2

#: Reflectance is below 2 even over fresh snow; digital numbers are in the hundreds.
_HIGHEST_MEDIAN: Final = 2.0

#: Longest season that the training grid holds, days.
_LONGEST_DAYS: Final = 548

_LEVELS: Final = {"L1C": "L1C", "S2MSI1C": "L1C", "L2A": "L2A", "S2MSI2A": "L2A"}
_MEANS: Final = tuple(f"{band}_mean" for band in BANDS)
_STDS: Final = tuple(f"{band}_std" for band in BANDS)


@dataclass(frozen=True, slots=True)
class ParcelTable:
    """Labelled parcels and their series, one row per labelled outline, in the order of the outlines.

    Attributes:
        key: (n,) names of the parcels, as text.
        label: (n,) labels, as text without space around them.
        reflectance: (n, slots, bands) float32, at surface level, on the training grid, NaN where no clear acquisition.
        spread: (n, bands) float32 median standard deviation within the parcel, NaN where the table has none.
        clear_dates: (n,) clear days.
        lonlat: (n, 2) float64 degrees, a point inside each outline.
        year: main year of the season.
        months: months in which anything was acquired.
        unlabelled: outlines left out because they carry no label.
        without_outline: parcels of the series left out because no outline has their name.
    """

    key: NDArray[np.object_]
    label: NDArray[np.object_]
    reflectance: NDArray[np.float32]
    spread: NDArray[np.float32]
    clear_dates: NDArray[np.intp]
    lonlat: NDArray[np.float64]
    year: int
    months: frozenset[int]
    unlabelled: int
    without_outline: int

    def __len__(self) -> int:
        return len(self.key)


def read_parcel_table(series: Path, outlines: Path, label_column: str) -> ParcelTable:
    """Labelled parcels of any series table.

    The series table holds `pid` or `parcel_id`, `date`, `level` (L1C or L2A, also in ESA's words), the means of the ten
    bands as reflectance (`B02_mean`), if it likes their spreads (`B02_std`), and one of

    - `cloud_mean`, the cloud share of the parcel, where means are over all its pixels: clear up to 0.05;
    - `clear` or `clear_share`, its clear share, of means over clear pixels, as in series.parquet: clear from 0.5.

    Shares above 1 are clipped, missing ones are not clear. L1C is brought near surface level (models.series.levels).
    The season's main year comes from the dates.

    Args:
        series: Parquet or CSV.
        outlines: any vector file with the same parcel column and the labels.
        label_column: its column of labels.

    Raises:
        InputError: a file or a column is missing or cannot be used; the message names it.
    """
    rows = _read_rows(series)
    frame = clear_acquisitions(rows, series)
    year = _year(rows["date"], series)
    named, lonlat = _read_outlines(outlines, label_column)
    keys, values = to_grid(frame, year)
    place = pd.Index(keys).get_indexer(pd.Index(named["key"]))
    clear_dates = frame.groupby("key")["date"].nunique().reindex(named["key"], fill_value=0)
    spread = frame.groupby("key")[list(_STDS)].median().reindex(named["key"])
    labelled = named["label"].notna().to_numpy()
    return ParcelTable(
        key=named["key"].to_numpy(dtype=object)[labelled],
        label=named["label"].to_numpy(dtype=object)[labelled],
        reflectance=np.where((place >= 0)[:, None, None], values[place], np.float32(np.nan))[labelled],
        spread=spread.to_numpy(dtype=np.float32)[labelled],
        clear_dates=np.asarray(clear_dates, dtype=np.intp)[labelled],
        lonlat=lonlat[labelled],
        year=year,
        months=frozenset(int(month) for month in rows["date"].dt.month.unique()),
        unlabelled=int((~labelled).sum()),
        without_outline=len(set(rows["key"]) - set(named["key"])),
    )


def clear_acquisitions(rows: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Clear rows at surface level.

    Args:
        rows: key, date, level, the share of cloud or of clear area, means and spreads of the bands.
        path: file that errors name.

    Returns:
        Columns key, date, the ten bands (reflectance) and their spreads; no band is NaN.

    Raises:
        InputError: a level is unknown, or the means are no reflectance.
    """
    top = _is_top(rows["level"], path)
    kept = _clear(rows, path)
    bands = rows.loc[kept, list(_MEANS)].set_axis(list(BANDS), axis=1)
    if bands["B08"].median() > _HIGHEST_MEDIAN:
        raise InputError(
            "SERIES_SCALE", f"The means in {path} are not reflectance.", "Divide digital numbers by 10000 first."
        )
    lifted = np.broadcast_to(top[kept][:, None], bands.shape)
    surface = bands.where(~lifted, surface_reflectance(bands))
    frame = pd.concat([rows.loc[kept, ["key", "date", *_STDS]], surface], axis=1)
    return frame[frame["B02"] <= _BRIGHT_BLUE].dropna(subset=list(BANDS))


def block_grid(lonlat: NDArray[np.float64], size_m: float) -> list[str]:
    """Names of the square blocks that points lie in, on an equal-area plane around their middle.

    Args:
        lonlat: (n, 2) degrees.
        size_m: side of a block, metres.

    Raises:
        InputError: the side is not positive.
    """
    if not size_m > 0:
        raise InputError("BLOCK_SIZE", f"Blocks of {size_m} m make no sense.", "Give a side in metres, 700.")
    lon, lat = lonlat.mean(axis=0)
    plane = pyproj.CRS.from_proj4(f"+proj=laea +lat_0={lat:.6f} +lon_0={lon:.6f} +datum=WGS84 +units=m")
    x, y = pyproj.Transformer.from_crs("EPSG:4326", plane, always_xy=True).transform(lonlat[:, 0], lonlat[:, 1])
    columns, rows = np.floor(np.asarray(x) / size_m).astype(int), np.floor(np.asarray(y) / size_m).astype(int)
    return [f"parcels:{column}:{row}" for column, row in zip(columns, rows, strict=True)]


def _read_rows(path: Path) -> pd.DataFrame:
    """Rows with the columns that count, the parcel's name as text in `key`, dates as days."""
    if not path.is_file():
        raise InputError("SERIES_FILE", f"The series table {path} is missing.", "Name a Parquet or CSV file.")
    try:
        frame = pd.read_csv(path) if path.suffix.lower() == ".csv" else pd.read_parquet(path)
    except (ValueError, pa.ArrowException, OSError) as error:
        raise InputError("SERIES_FILE", f"The series table {path} cannot be read.", "Give Parquet or CSV.") from error
    _need(frame.columns, ("date", "level", *_MEANS), path)
    parcel = _parcel_column(frame.columns, path)
    frame = frame.drop(columns="key", errors="ignore").rename(columns={parcel: "key"})
    if frame.empty:
        raise InputError("SERIES_FILE", f"The series table {path} has no rows.", "Give at least one acquisition.")
    frame["key"] = frame["key"].astype(str)
    frame["date"] = _days(frame["date"], path)
    return frame.reindex(columns=list(dict.fromkeys([*frame.columns, *_STDS])))


def _days(column: pd.Series, path: Path) -> pd.Series:
    try:
        return pd.to_datetime(column, utc=True, format="ISO8601").dt.tz_localize(None).dt.normalize()
    except (ValueError, TypeError) as error:
        raise InputError(
            "SERIES_VALUE", f"The column 'date' of {path} holds what is no date.", "Write dates as 2018-05-01."
        ) from error


def _need(columns: Sequence[str] | pd.Index, wanted: Sequence[str], path: Path) -> None:
    missing = [name for name in wanted if name not in columns]
    if missing:
        raise InputError(
            "SERIES_COLUMN",
            f"{path} lacks the column {missing[0]!r}.",
            f"It needs {', '.join(wanted)}.",
            missing=missing,
        )


def _parcel_column(columns: Sequence[str] | pd.Index, path: Path) -> str:
    found = [name for name in PARCEL_COLUMNS if name in columns]
    if not found:
        raise InputError("SERIES_COLUMN", f"{path} lacks a column 'pid' or 'parcel_id'.", "Name its parcels.")
    return found[0]


def _is_top(levels: pd.Series, path: Path) -> NDArray[np.bool_]:
    named = levels.astype(str).str.strip().str.upper()
    unknown = sorted(set(named.unique()) - set(_LEVELS))
    if unknown:
        raise InputError("SERIES_VALUE", f"The column 'level' of {path} holds {unknown[0]!r}.", "Write L1C or L2A.")
    return (named.map(_LEVELS) == "L1C").to_numpy(dtype=bool)


def _clear(rows: pd.DataFrame, path: Path) -> NDArray[np.bool_]:
    for column in ("clear", "clear_share"):
        if column in rows:
            return (_share(rows[column], path).fillna(0) >= _CLEAR_FROM).to_numpy(dtype=bool)
    if "cloud_mean" not in rows:
        raise InputError(
            "SERIES_COLUMN",
            f"{path} lacks a column 'clear', 'clear_share' or 'cloud_mean'.",
            "Say how clear each row is.",
        )
    return (_share(rows["cloud_mean"], path).fillna(1) <= _CLOUD_UP_TO).to_numpy(dtype=bool)


def _share(column: pd.Series, path: Path) -> pd.Series:
    try:
        return pd.to_numeric(column).clip(0, 1)
    except (ValueError, TypeError) as error:
        raise InputError(
            "SERIES_VALUE",
            f"The column {column.name!r} of {path} holds what is no number.",
            "Write shares from 0 to 1.",
        ) from error


def _year(dates: pd.Series, path: Path) -> int:
    first, last = dates.min(), dates.max()
    if (last - first).days > _LONGEST_DAYS:
        raise InputError(
            "SERIES_SPAN",
            f"The dates of {path} run from {first:%Y-%m-%d} to {last:%Y-%m-%d}, more than one season.",
            "Give one season at a time.",
        )
    return main_year(first.date(), last.date())


def _read_outlines(path: Path, label_column: str) -> tuple[pd.DataFrame, NDArray[np.float64]]:
    """Names and labels (None where there is none) of all outlines, and a point inside each, degrees."""
    if not path.is_file():
        raise InputError("OUTLINES_FILE", f"The outlines {path} are missing.", "Name a vector file.")
    try:
        frame = gpd.read_file(path)
    except (DataSourceError, ValueError) as error:
        raise InputError("OUTLINES_FILE", f"The outlines {path} cannot be read.", "Give a vector file.") from error
    parcel = _parcel_column(frame.columns, path)
    if label_column not in frame:
        raise InputError(
            "SERIES_COLUMN",
            f"{path} lacks the column {label_column!r}.",
            f"It has {', '.join(map(str, frame.columns))}.",
        )
    if frame.crs is None or frame[parcel].duplicated().any():
        why = "states no CRS" if frame.crs is None else f"repeats parcels in the column {parcel!r}"
        raise InputError("OUTLINES_FILE", f"{path} {why}.", "Give each parcel one outline, in a stated CRS.")
    inside = frame.geometry.representative_point().to_crs("EPSG:4326")
    labels = frame[label_column].astype("string").str.strip().replace("", pd.NA)
    named = pd.DataFrame({"key": frame[parcel].astype(str), "label": labels.astype(object).where(labels.notna(), None)})
    return named, np.stack([inside.x.to_numpy(), inside.y.to_numpy()], axis=1)
