"""Parts of benchmarks/masks.py that judge series of points and parcels, and shares of marks by distance."""

from __future__ import annotations

import argparse
import gzip
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.ndimage import distance_transform_edt

from tiles.outliers import OUTLIER_BANDS, Outlier, outliers

Floats = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]

#: Light that full shadow leaves in `OUTLIER_BANDS`: B08 and B11 as in the shadows of flanders, B02 as simulated.
_SHADE = np.array([0.62, 0.42, 0.34], dtype=np.float32)
#: Drop of NDVI that counts as a dip; distances shown, in pixels, and from where on a pixel is far from everything.
_DIP = 0.15
_SHOWN_PX, _FAR_PX = 8, 13
#: Months of the growing season; days after a mowing in which the stand is short.
_GROWING = (4, 10)
_SHORT = pd.Timedelta(days=30)
#: Cloud share of a parcel up to which its source calls it cloudless (rounded means); share of dates to draw shadows in.
_CLOUDLESS = 0.001
_DRAWN = 0.1


@dataclass(frozen=True, slots=True)
class Series:
    """Real series: `OUTLIER_BANDS` each (t, n, 1), whether clear (t, n, 1), and what each series is called."""

    days: list[date]
    bands: list[Floats]
    clear: Bools
    keys: npt.NDArray[np.object_]

    def marks(self) -> npt.NDArray[np.uint8]:
        """Outliers, (t, n)."""
        return outliers(self.bands, self.clear, self.days)[:, :, 0]


def share_of(part: Bools, of: Bools) -> float:
    """Share of the pixels of one mask that another holds; NaN where there are none."""
    whole = np.count_nonzero(of)
    return float(np.count_nonzero(part & of) / whole) if whole else float("nan")


def by_distance(marked: Bools, clear: Bools, scl: npt.NDArray[Any], near: Iterable[int], far: Iterable[int]) -> str:
    """Share of marks among clear pixels 1, 2, ... 8 and more than 12 pixels from some classes, away from others."""
    counts = np.zeros((2, _FAR_PX + 1))
    for here, seen, classes in zip(marked, clear, scl, strict=True):
        what, other = np.isin(classes, list(near)), np.isin(classes, list(far))
        if what.any():
            away = np.minimum(np.ceil(distance_transform_edt(~what) - 0.5), _FAR_PX).astype(int)
            chosen = seen & (distance_transform_edt(~other) > _SHOWN_PX if other.any() else True)
            counts += [np.bincount(away[chosen & part], minlength=_FAR_PX + 1) for part in (here, seen)]
    shares = counts[0] / np.maximum(counts[1], 1)
    return (
        " ".join(f"{px}px {shares[px]:.0%}" for px in range(1, _SHOWN_PX + 1))
        + f" further than 12px {shares[_FAR_PX]:.1%}"
    )


def report_slovenia(options: argparse.Namespace) -> None:
    """Dips of NDVI by distance from cloud."""
    folder = options.data / "slovenia-stack" / "TestEOPatch"
    ndvi, cloud = (
        np.load(io.BytesIO(gzip.decompress((folder / name).read_bytes())))[..., 0]
        for name in ("data/NDVI.npy.gz", "mask/CLM.npy.gz")
    )
    seen = np.where(cloud == 0, ndvi, np.nan)
    dip = darker_neighbour(seen) - seen > _DIP
    print(f"\nslovenia: dips of NDVI by {_DIP} and more, " + by_distance(dip, cloud == 0, cloud, (1,), ()))


def darker_neighbour(seen: Floats) -> Floats:
    """The lower of the last and the next value along time that is not NaN (t, y, x); NaN where one is missing."""
    before, after = (_last_seen(part) for part in (seen, seen[::-1]))
    return np.minimum(before, after[::-1])


def _last_seen(values: Floats) -> Floats:
    frame = pd.DataFrame(values.reshape(len(values), -1))
    return frame.ffill().shift(1).to_numpy(np.float32).reshape(values.shape)


def to_series(table: pd.DataFrame, key: str, names: Sequence[str]) -> Series:
    """Series from rows with the columns key, day, clear and the three bands."""
    table = table.sort_values("clear", kind="stable").drop_duplicates([key, "day"], keep="last")
    frames = [table.pivot_table(values=name, index="day", columns=key, dropna=False, sort=True) for name in names]
    clear = table.pivot_table(values="clear", index="day", columns=key, dropna=False).to_numpy(np.float32) > 0
    bands = [frame.to_numpy(np.float32)[:, :, None] for frame in frames]
    seen = clear[:, :, None] & np.isfinite(bands[0]) & np.isfinite(bands[1]) & np.isfinite(bands[2])
    return Series([day.date() for day in frames[0].index], bands, seen, frames[0].columns.to_numpy(dtype=object))


def read_mowing(data: Path) -> tuple[Series, pd.DataFrame]:
    """Plots with reflectance cleared of clouds by their source, and the dated mowings."""
    table = pd.concat([pd.read_csv(path) for path in sorted((data / "mowing-slovakia" / "S2").glob("*.csv.gz"))])
    rows = table.assign(
        day=pd.to_datetime(table["Date"]), clear=((table["mask"] == 1) & (table["blue"] > -1)).astype(float)
    )
    events = gpd.read_file(data / "mowing-slovakia" / "GMI_Long.gpkg", ignore_geometry=True)
    return to_series(rows, "PLOTID", ("blue", "nir", "swir1")), events[events["type"] == "k"]


def report_mowing(options: argparse.Namespace) -> None:
    """Marks in the 30 days after a mowing against marks at other times of the growing season."""
    series, events = read_mowing(options.data)
    marks, clear = series.marks(), series.clear[:, :, 0]
    days = pd.DatetimeIndex(series.days)
    after, hit = np.zeros_like(clear), []
    for plot, when in zip(events["PLOTID"], pd.to_datetime(events["date"]), strict=True):
        window = np.asarray((days >= when) & (days <= when + _SHORT))
        for column in np.flatnonzero(series.keys == plot):
            after[window, column] = True
            codes = marks[window & clear[:, column], column]
            hit += [[(codes == code).any() for code in (Outlier.DARK, Outlier.BRIGHT)]] if codes.size else []
    growing = clear & np.asarray((days.month >= _GROWING[0]) & (days.month <= _GROWING[1]))[:, None]
    print(f"\nmowing: {len(hit)} mowings with clear dates in the 30 days after")
    for what, part in (("after a mowing", after & clear), ("otherwise, April to October", growing & ~after)):
        dark, bright = (share_of(marks == code, part) for code in (Outlier.DARK, Outlier.BRIGHT))
        print(f"  {what}: {part.sum():,} clear dates, dark {dark:.2%}, bright {bright:.2%}")
    dark, bright = np.mean(hit, axis=0)
    print(f"  mowings with a dark mark in those days: {dark:.1%}, with a bright one: {bright:.1%}")
    print(_drawn(series, growing[:, :, None]))


def report_forest(options: argparse.Namespace) -> None:
    """Marks by what happened on the ground."""
    table = pd.read_parquet(options.data / "forest-rondonia" / "samples.parquet")
    series = to_series(table.assign(day=pd.to_datetime(table["date"]), clear=1.0), "sample", OUTLIER_BANDS)
    kinds = table.groupby("sample")["label"].first().reindex(pd.Index(series.keys)).to_numpy()
    marks = series.marks()
    print("\nforest: composites of ten days")
    for kind in np.unique(kinds):
        codes = marks[:, kinds == kind]
        print(f"  {kind}: dark {np.mean(codes == Outlier.DARK):.2%}, bright {np.mean(codes == Outlier.BRIGHT):.2%}")
    print(_drawn(series, series.clear))


def report_fields(options: argparse.Namespace) -> None:
    """Marks in means of whole parcels."""
    table = pd.read_parquet(options.data / "parcel-series" / "bavaria.parquet")
    rows = table.assign(day=pd.to_datetime(table["date"]), clear=(table["cloud_mean"] <= _CLOUDLESS).astype(float))
    series = to_series(rows, "pid", [f"{name}_mean" for name in OUTLIER_BANDS])
    marks, clear = series.marks(), series.clear[:, :, 0]
    dark, bright = (share_of(marks == code, clear) for code in (Outlier.DARK, Outlier.BRIGHT))
    print(f"\nfields: {clear.sum():,} clear dates, dark {dark:.2%}, bright {bright:.2%}")
    print(_drawn(series, series.clear))


def _drawn(series: Series, where: Bools, seed: int = 5) -> str:
    """What is found of shadows drawn into one clear date in ten."""
    hit = where & series.clear & (np.random.default_rng(seed).random(where.shape) < _DRAWN)
    shares = []
    for depth in (0.5, 0.75, 1.0):
        darker = [
            np.where(hit, band * (1 - depth * (1 - left)), band)
            for band, left in zip(series.bands, _SHADE, strict=True)
        ]
        found = outliers([band.astype(np.float32) for band in darker], series.clear, series.days)
        shares.append(f"{share_of(found == Outlier.DARK, hit):.0%} at {depth:.0%} depth")
    return f"  of {hit.sum():,} drawn shadows found: " + ", ".join(shares)
