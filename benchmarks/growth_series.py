"""Parts of benchmarks/growth_faults.py that read real series of parcels and lay out what their crops should do."""

from __future__ import annotations

from collections.abc import Callable
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
from scoring.growth.calendars.regional import load_calendar
from scoring.growth.calendars.windows import CropWindows, Expected
from scoring.growth.losses.screening import odd_light
from scoring.growth.neighbours import nearest_of_crop

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SEASON: Final = Season(date(2018, 1, 1), date(2018, 12, 31))

#: Crops whose form the label tells.
_WINTER: Final = ("112", "115", "114", "116", "118", "121", "131", "156", "311", "472")
_SPRING: Final = ("113", "132", "142", "143")
_Crop = tuple[str, CropWindows | None]
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
    """The annual crops of `parcel-series` Bavaria that have a crop calendar; looks of odd light are hidden."""
    return _read(data, "bavaria", 32632, _bavarian, level_2=True)


def read_central_asia(data: Path) -> Parcels:
    """The annual crops of `parcel-series` Central Asia, one a year, that have a crop calendar: top of atmosphere."""
    return _read(data, "centralasia", 32642, _uzbek, level_2=False)


def _read(data: Path, name: str, epsg: int, told: Callable[[str], _Crop], *, level_2: bool) -> Parcels:
    series = pd.read_parquet(data / "parcel-series" / f"{name}.parquet")
    shapes = gpd.read_file(data / "parcel-series" / f"{name}.gpkg").set_index("pid").sort_index()
    crops = [told(str(label)) for label in shapes.label]
    kept = np.array([windows is not None and not windows.permanent for _, windows in crops])
    series["clear"] = (1.0 - series.cloud_mean).clip(0.0, 1.0).fillna(0.0)

    def wide(column: str) -> pd.DataFrame:
        return series.pivot_table(index="pid", columns="date", values=column).reindex(shapes.index[kept])

    clear = wide("clear").fillna(0.0)
    bands = {key: wide(f"{band}_mean").to_numpy() for key, band in _BANDS.items()}
    shown = (clear.to_numpy() >= CLEAR_SHARE) & ~(level_2 & odd_light(**bands))
    centre = shapes.geometry.to_crs(epsg).centroid[kept]
    crop = np.array([key for (key, _), keep in zip(crops, kept, strict=True) if keep])
    windows = [windows for (_, windows), keep in zip(crops, kept, strict=True) if keep]
    return Parcels(
        ndvi=np.where(shown, wide("NDVI_mean"), np.nan),
        clear=np.where(shown, clear, 0.0),
        days=tuple(day.date() for day in clear.columns),
        expected=Expected.of(windows, np.arange(len(windows))),
        crop=crop,
        neighbours=nearest_of_crop(np.column_stack([centre.x, centre.y]), np.unique(crop, return_inverse=True)[1]),
        bands=bands,
    )


def _bavarian(label: str) -> _Crop:
    code = label.split(maxsplit=1)[0]
    form = "winter" if code in _WINTER else "spring" if code in _SPRING else None
    crop = load_legend().coded(code, "bavaria")
    if crop is None:
        return "", None
    return f"{crop.key} {form or ''}", load_calendar("de-bavaria").expected(SEASON, crop.key, form)


def _uzbek(label: str) -> _Crop:
    """Labels of one crop a year are keys of the legend or codes of the source; "wheat-rice" is two."""
    crop = load_legend().coded(label, "centralasia")
    key = label if crop is None else crop.key
    if "-" in label:
        return key, None
    form = "winter" if label == "wheat" else None
    return key, load_calendar("uz-irrigated").expected(Season(date(2016, 1, 1), date(2016, 12, 31)), key, form)
