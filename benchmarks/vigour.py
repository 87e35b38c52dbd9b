"""Vigour: the plain percentile among peers against the network's head, by what was planted and by measured yield.

    python benchmarks/vigour.py --data ../shared/data
    python benchmarks/vigour.py --data ../shared/data --landscapes 0     # yields alone

On simulated landscapes the vigour of every stand is known (`vigour_planted.py`). On the fields of bavaria-yield-2018
only their yield is: harvested weight as measured, dt/ha. Their plain percentile is among the parcels of the same crop
in bavaria-2018 (the same district and year, other fields). Sixteen fields decide nothing: a sanity check, printed with
intervals.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import rasterio
from numpy.typing import NDArray
from scipy.stats import spearmanr
from vigour_planted import compare, ndvi_of, print_tables, stands_of

from app.jobs.vigour import rank_stands
from geo.bands import BANDS
from geo.peers import MIN_PEERS
from models.predict import classify_series
from models.release import load_release
from models.series.parcels import PARCEL_SOURCES, read_parcel_series
from models.series.sample import SeriesSet, grid_starts, to_grid
from models.timegrid import middle_of

_YEAR: Final = 2018
_CROPS: Final = {"WW": "wheat", "WG": "barley"}

#: Bands of the rasters: two without use, then the twelve of Sentinel-2 without B10, from B01 on.
_LAYERS: Final = {
    "B02": 4,
    "B03": 5,
    "B04": 6,
    "B05": 7,
    "B06": 8,
    "B07": 9,
    "B08": 10,
    "B8A": 11,
    "B11": 13,
    "B12": 14,
}
_BRIGHT_BLUE: Final = 0.2
_RESAMPLES: Final = 2000


@dataclass(frozen=True, slots=True)
class Fields:
    """Measured fields.

    Attributes:
        name: (n,).
        crop: (n,) legend keys.
        harvest: (n,) dt/ha.
        values: (n, slots, bands) float32 reflectance on the training grid, NaN where not clear.
    """

    name: NDArray[np.object_]
    crop: NDArray[np.object_]
    harvest: NDArray[np.float64]
    values: NDArray[np.float32]

    def take(self, rows: NDArray[np.bool_]) -> Fields:
        """Fields by mask."""
        return Fields(self.name[rows], self.crop[rows], self.harvest[rows], self.values[rows])


def read_fields(folder: Path) -> Fields:
    """Fields of bavaria-yield-2018 that have a crop and a yield, sorted by name."""
    facts = gpd.read_file(folder / "fields.gpkg").set_index("Name").sort_index()
    frames = [_acquisitions(path) for path in sorted(folder.glob("rasters/*/*.tif"))]
    names, values = to_grid(pd.concat(frames, ignore_index=True), _YEAR)
    of = facts.loc[names.tolist()]
    crop = of["Type"].map(_CROPS).to_numpy(dtype=object)
    return Fields(names, crop, of["Ertrag"].to_numpy(dtype=float), values)


def _acquisitions(path: Path) -> pd.DataFrame:
    """Mean reflectance of a field's raster: one row, none where it is bright as cloud."""
    with rasterio.open(path) as raster:
        pixels = raster.read(list(_LAYERS.values())).reshape(len(_LAYERS), -1)
    inside = np.isfinite(pixels).all(axis=0) & (pixels > 0).all(axis=0)
    row = dict(zip(_LAYERS, pixels[:, inside].mean(axis=1), strict=True)) if inside.any() else {}
    day = pd.Timestamp(path.stem.rpartition("_")[2])
    frame = pd.DataFrame([{"key": path.parent.name, "date": day, **row}], columns=["key", "date", *BANDS])
    return frame[frame["B02"] <= _BRIGHT_BLUE]


def plain_percentile(fields: Fields, peers: SeriesSet) -> NDArray[np.float32]:
    """Percentile (0 to 100) of each field among the other fields and peers of its crop, (n,), as a run ranks parcels.

    Args:
        fields: of one crop.
        peers: other parcels of that crop.
    """
    ndvi = np.concatenate([ndvi_of(some.values, 2) for some in (fields, peers)])
    days = [middle_of(start) for start in grid_starts(_YEAR)]
    crop = np.full(len(ndvi), "same", dtype=object)
    stands = stands_of(ndvi, np.isfinite(ndvi).astype(float), days, crop)
    return rank_stands(stands, ndvi, days).percent[: len(fields.name)]


def rank_correlation(said: NDArray[np.float64], harvest: NDArray[np.float64]) -> tuple[float, float, float]:
    """Spearman's rank correlation and its 95 % interval by bootstrap over fields."""
    rng = np.random.default_rng(0)
    draws = [rng.integers(0, len(said), len(said)) for _ in range(_RESAMPLES)]
    found = [
        spearmanr(said[rows], harvest[rows]).statistic for rows in draws if np.ptp(said[rows]) and np.ptp(harvest[rows])
    ]
    low, high = np.quantile(found, [0.025, 0.975])
    return float(spearmanr(said, harvest).statistic), float(low), float(high)


def print_yields(data: Path) -> None:
    """Print rank correlations with measured yield."""
    fields = read_fields(data / "bavaria-yield-2018")
    parcels = read_parcel_series(data, PARCEL_SOURCES[0])
    days = [middle_of(start) for start in grid_starts(_YEAR)]
    print(f"{'crop':8}{'fields':>7}{'peers':>7}{'plain, with yield (95 %)':>26}{'head, with yield (95 %)':>26}")
    for crop in _CROPS.values():
        some = fields.take(fields.crop == crop)
        peers = parcels.take(parcels.crop == crop)
        plain = plain_percentile(some, peers)
        head = classify_series(load_release(), some.values, days).vigour.astype(float)
        told = "".join(f"{_told(said, some.harvest):>26}" for said in (plain.astype(float), head))
        print(f"{crop:8}{len(some.name):>7}{len(peers):>7}{told}")


def _told(said: NDArray[np.float64], harvest: NDArray[np.float64]) -> str:
    """Rank correlation in words; "below 20 peers" where some field has no figure."""
    if not np.isfinite(said).all():
        return f"below {MIN_PEERS} peers"
    return "{:.2f} ({:.2f} to {:.2f})".format(*rank_correlation(said, harvest))


def main(arguments: list[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder that holds bavaria-yield-2018, parcel-series")
    parser.add_argument("--landscapes", type=int, default=2, help="simulated landscapes of each region")
    parser.add_argument("--dates", type=int, nargs="+", default=[60, 30, 15], help="acquisitions of the season")
    parser.add_argument("--size-px", type=int, default=384, help="side of a landscape, a multiple of 8")
    asked = parser.parse_args(arguments)
    print_yields(asked.data)
    if asked.landscapes:
        print_tables(compare(load_release(), asked.landscapes, asked.dates, asked.size_px))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
