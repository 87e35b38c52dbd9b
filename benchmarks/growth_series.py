"""Parts of benchmarks/growth_faults.py that read real series of parcels and lay out what their crops should do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final, Self

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.legend import load_legend
from geo.observations import CLEAR_SHARE
from geo.season import Season
from scoring.growth.calendars import load_calendar
from scoring.growth.neighbours import nearest_of_crop
from scoring.growth.screening import odd_light
from scoring.growth.windows import CropWindows, Expected

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SEASON: Final = Season(date(2018, 1, 1), date(2018, 12, 31))

#: Crops whose form the label tells.
_WINTER: Final = ("112", "115", "114", "116", "118", "121", "131", "156", "311", "472")
_SPRING: Final = ("113", "132", "142", "143")
_BANDS: Final = {"blue": "B02", "red": "B04", "nir": "B08", "swir": "B11"}


@dataclass(frozen=True, slots=True)
class Parcels:
    """Annual crops of one season: n parcels, t dates.

    Attributes:
        ndvi: (n, t), NaN where nothing was clear.
        clear: (n, t) 0..1.
        days: t dates.
        expected: windows by parcel.
        crop: (n,) crop and form.
        neighbours: (n, k) positions of neighbours of the same crop and form.
        bands: surface reflectance (n, t) each by name; looks of odd light are hidden already.
    """

    ndvi: Floats
    clear: Floats
    days: tuple[date, ...]
    expected: Expected
    crop: npt.NDArray[np.str_]
    neighbours: Ints
    bands: dict[str, Floats]

    def thinned(self, share: float, rng: np.random.Generator) -> Self:
        """With a share of the acquisition dates left: clouds lie over all parcels at once."""
        kept = rng.uniform(size=len(self.days)) < share
        return replace(self, clear=np.where(kept, self.clear, 0.0))

    def beside(self, ndvi: Floats) -> Self:
        """The parcels, and behind them the same parcels with other values, whose neighbours are the real ones."""
        twice = np.concatenate([np.arange(len(self.ndvi))] * 2)
        return replace(
            self,
            ndvi=np.vstack([self.ndvi, ndvi]),
            clear=np.vstack([self.clear, self.clear]),
            expected=self.expected.at(twice),
            crop=self.crop[twice],
            neighbours=self.neighbours[twice],
            bands={name: np.vstack([values, values]) for name, values in self.bands.items()},
        )


def read_bavaria(data: Path) -> Parcels:
    """The annual crops of `parcel-series` Bavaria that have a crop calendar."""
    series = pd.read_parquet(data / "parcel-series" / "bavaria.parquet")
    shapes = gpd.read_file(data / "parcel-series" / "bavaria.gpkg").set_index("pid").sort_index()
    code = shapes.label.str.split().str[0].to_numpy(dtype=str)
    windows = [_windows(one) for one in code]
    kept = np.array([told is not None and not told.permanent for told in windows])
    series["clear"] = (1.0 - series.cloud_mean).clip(0.0, 1.0).fillna(0.0)

    def wide(column: str) -> pd.DataFrame:
        return series.pivot_table(index="pid", columns="date", values=column).reindex(shapes.index[kept])

    clear = wide("clear").fillna(0.0)
    bands = {name: wide(f"{band}_mean").to_numpy() for name, band in _BANDS.items()}
    shown = (clear.to_numpy() >= CLEAR_SHARE) & ~odd_light(**bands)
    centre = shapes.geometry.to_crs(32632).centroid[kept]
    crop = np.array([f"{_crop(one)} {_form(one) or ''}" for one in code[kept]])
    return Parcels(
        ndvi=np.where(shown, wide("NDVI_mean"), np.nan),
        clear=np.where(shown, clear, 0.0),
        days=tuple(day.date() for day in clear.columns),
        expected=Expected.of([told for told, keep in zip(windows, kept, strict=True) if keep], np.arange(kept.sum())),
        crop=crop,
        neighbours=nearest_of_crop(np.column_stack([centre.x, centre.y]), np.unique(crop, return_inverse=True)[1]),
        bands=bands,
    )


def _crop(code: str) -> str | None:
    crop = load_legend().coded(code, "bavaria")
    return None if crop is None else crop.key


def _form(code: str) -> str | None:
    return "winter" if code in _WINTER else "spring" if code in _SPRING else None


def _windows(code: str) -> CropWindows | None:
    crop = _crop(code)
    return None if crop is None else load_calendar("de-bavaria").expected(SEASON, crop, _form(code))
