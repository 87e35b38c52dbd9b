"""Real acquisitions as samples for the guard, and scenes made of known reflectance."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pystac
import rasterio

from geo.bands import BANDS, band_index
from tiles.guard.evidence import Sample, classified

#: Folder names of the Copernicus programme's bands in the sets that call them otherwise.
_MOWING = ("blue", "green", "red", "re1", "re2", "re3", "nir", "nir", "swir1", "swir2")
_EIGHT_BIT = 1e4


def plain(scene: str, day: date, numbers: np.ndarray[Any, Any]) -> Sample:
    """Sample without a scene classification: all that has near infrared is ground, and may be water."""
    known = np.where(numbers > 0, numbers, np.nan).astype(np.float32)
    ground = np.isfinite(known[band_index("B08")])
    return Sample(scene, day, f"{scene.partition(' ')[0]} {known.shape[1]}", known, ground, ground)


def every_archive(data: Path) -> dict[str, list[Sample]]:
    """Samples of each real set by name; digital numbers without any offset."""
    parcels = {name: _parcels(data, name) for name in ("bavaria", "centralasia")}
    points = {name: _usa(data, name) for name in ("arkansas", "california")}
    cereals = {path.name[:8]: _cereals(path) for path in sorted(data.glob("worldcereal-series/*.parquet"))}
    fields = {name: _field(data, name) for name in ("raw_s2_ndvi_field", "s2_meadow")}
    mowing = {path.name[-14:-7]: _mowing(path) for path in sorted(data.glob("mowing-slovakia/S2/*.csv.gz"))}
    return {
        "boadella": boadella(data),
        "bavaria-rasters": _rasters(data),
        "rondonia": _forest(data),
        "cloud-mask": _cloud_mask(data),
        **parcels,
        **points,
        **cereals,
        **fields,
        **mowing,
    }


def boadella(data: Path) -> list[Sample]:
    found = []
    for path in sorted(data.glob("boadella-stack/*.tif")):
        with rasterio.open(path) as file:
            bands = file.read()[[1, 2, 3, 4, 5, 6, 7, 8, 10, 11], ::2, ::2]
        found.append(plain(f"boadella {path.stem}", date.fromisoformat(path.stem[-10:]), bands.reshape(10, -1)))
    return found


def _rasters(data: Path) -> list[Sample]:
    by_day: dict[str, list[np.ndarray[Any, Any]]] = {}
    for path in sorted(data.glob("bavaria-yield-2018/rasters/*/*.tif")):
        with rasterio.open(path) as file:
            bands = file.read([4, 5, 6, 7, 8, 9, 10, 11, 13, 14])
        by_day.setdefault(path.stem[-10:], []).append(np.nan_to_num(bands.reshape(10, -1)) * _EIGHT_BIT)
    return [
        plain(f"bavaria-rasters {day}", date.fromisoformat(day), np.concatenate(found, axis=1))
        for day, found in sorted(by_day.items())
    ]


def _parcels(data: Path, name: str) -> list[Sample]:
    table = pd.read_parquet(data / "parcel-series" / f"{name}.parquet")
    clear = table[table.cloud_mean < 0.1]
    return _by_day(name, clear, "date", [f"{band}_mean" for band in BANDS], _EIGHT_BIT)


def _usa(data: Path, name: str) -> list[Sample]:
    with np.load(data / "benchmark-usa-2021" / f"{name}.npz") as file:
        steps = file["X"]
    days = [date(2021, 1, 1) + timedelta(days=10 * step) for step in range(steps.shape[1])]
    return [plain(f"{name} {day}", day, steps[:, step].T) for step, day in enumerate(days)]


def _cereals(path: Path) -> list[Sample]:
    table = pd.read_parquet(path)
    names = [f"S2-L2A-{band}" for band in BANDS]
    table["S2-L2A-B8A"] = table["S2-L2A-B08"]  # not held
    table[names] = table[names].replace(65535, 0)
    return _by_day(path.name[:8], table, "timestamp", names, 1)


def _forest(data: Path) -> list[Sample]:
    table = pd.read_parquet(data / "forest-rondonia" / "samples.parquet")
    table["B04"] = table.B08 * (1 - table.NDVI) / (1 + table.NDVI)
    table[["B05", "B06", "B07"]] = np.nan  # what the set calls B07 is red
    return _by_day("rondonia", table, "date", list(BANDS), _EIGHT_BIT)


def _mowing(path: Path) -> list[Sample]:
    table = pd.read_csv(path)
    clear = table[(table["mask"] == 1) & (table.blue > -1) & (table.cs_cdf > 0.6)]
    return _by_day(path.name[-14:-7], clear, "Date", list(_MOWING), _EIGHT_BIT)


def _by_day(name: str, table: pd.DataFrame, key: str, columns: Sequence[str], factor: float) -> list[Sample]:
    return [
        plain(f"{name} {str(day)[:10]}", date.fromisoformat(str(day)[:10]), rows[list(columns)].to_numpy().T * factor)
        for day, rows in table.groupby(key)
    ]


def _field(data: Path, name: str) -> list[Sample]:
    path = data / "field-series" / f"{name}.nc"
    red, nir, scl = (_layers(path, variable) for variable in ("B04", "B08", "SCL"))
    found = []
    for step in range(len(red)):
        numbers = np.full((len(BANDS), red[step].size), np.nan)
        numbers[band_index("B04")], numbers[band_index("B08")] = red[step].ravel(), nir[step].ravel()
        day = date(2019, 1, 1) + timedelta(days=5 * step)
        classes = np.nan_to_num(scl[step].ravel()).astype(np.uint8)
        found.append(classified(f"{name} {day}", day, name, numbers, classes))
    return found


def _layers(path: Path, variable: str) -> np.ndarray[Any, Any]:
    with rasterio.open(f"netcdf:{path}:{variable}") as file:
        layers: np.ndarray[Any, Any] = file.read()
    return layers


def _cloud_mask(data: Path) -> list[Sample]:
    with np.load(data / "cloud-mask" / "sentinel2.npz") as file:
        image, mask = file["img"].reshape(-1, 6), file["msk"].ravel()
    numbers = np.full((len(BANDS), len(image)), np.nan)
    for place, name in enumerate(("B02", "B03", "B04", "B08", "B11", "B12")):
        numbers[band_index(name)] = image[:, place] * _EIGHT_BIT
    return [plain("cloud-mask one", date(2020, 1, 1), np.where(mask == 3, numbers, np.nan))]


def moved(samples: Iterable[Sample], numbers: float) -> list[Sample]:
    """Samples whose digital numbers lie that much higher; 0 and below is no data, as in a product."""
    return [
        replace(sample, numbers=np.where(sample.numbers + numbers > 0, sample.numbers + numbers, np.nan))
        for sample in samples
    ]


def described(
    samples: Iterable[Sample],
    *,
    baseline: str | None = "05.10",
    harmonised: bool | None = None,
    stated: float | None = None,
    catalogue: str = "archive",
    **more: object,
) -> list[pystac.Item]:
    """Items for samples, with metadata as asked for."""
    said = {"s2:processing_baseline": baseline, "acreline:harmonised": harmonised, "acreline:catalogue": catalogue}
    properties = {key: value for key, value in (said | more).items() if value is not None}
    fields = {} if stated is None else {"raster:bands": [{"scale": 0.0001, "offset": stated}]}
    made = []
    for sample in samples:
        when = datetime(sample.day.year, sample.day.month, sample.day.day, 10, 30, tzinfo=UTC)
        item = pystac.Item(sample.scene, None, None, when, dict(properties))
        for band in BANDS:
            item.add_asset(band, pystac.Asset(f"/{band}.tif", extra_fields=dict(fields)))
        made.append(item)
    return made


def by_id(samples: Iterable[Sample]) -> dict[str, Sample]:
    return {sample.scene: sample for sample in samples}


#: Reflectance of kinds of ground, in the order of the bands.
GROUND = {
    "vegetation": (0.03, 0.06, 0.035, 0.1, 0.3, 0.38, 0.4, 0.41, 0.19, 0.09),
    "water": (0.04, 0.04, 0.025, 0.02, 0.015, 0.014, 0.013, 0.012, 0.008, 0.006),
    "desert": (0.12, 0.2, 0.3, 0.33, 0.35, 0.37, 0.39, 0.4, 0.5, 0.45),
    "snow": (0.9, 0.9, 0.9, 0.88, 0.86, 0.84, 0.82, 0.8, 0.1, 0.08),
    "cloud": (0.6, 0.6, 0.61, 0.62, 0.63, 0.64, 0.65, 0.65, 0.45, 0.35),
}
CLASSES = {"vegetation": 4, "water": 6, "desert": 5, "snow": 11, "cloud": 9}


def made_of(
    kind: str, name: str, *, scenes: int = 6, start: date = date(2022, 1, 1), pixels: int = 400, seed: int = 0
) -> list[Sample]:
    """Scenes five days apart over one kind of ground with noise of 5 %; digital numbers without offset."""
    random = np.random.default_rng(seed)
    ground = np.array(GROUND[kind])[:, None] * random.normal(1, 0.05, (1, pixels))
    found = []
    for step in range(scenes):
        day = start + timedelta(days=5 * step)
        numbers = np.clip(ground * random.normal(1, 0.01, ground.shape), 1e-4, None) / 1e-4
        classes = np.full(pixels, CLASSES[kind], dtype=np.uint8)
        found.append(classified(f"{name} {day}", day, kind, numbers, classes))
    return found
