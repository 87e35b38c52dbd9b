"""The same ground under two contracts among 200,000 plots: how long it takes, and whether it finds what was planted.

    python benchmarks/ground.py                      # 199,809 fields side by side, 1,000 of them drawn twice

Fields of 60 x 50 m share their borders; every corner of every field is drawn with its own error of up to 3 m each way,
as if each had been digitised apart. A thousand of them are contracted a second time, drawn anew. Neighbours must not be
found, all of the thousand must.
"""

from __future__ import annotations

import argparse
import time
from datetime import date

import geopandas as gpd
import numpy as np
import shapely

from scoring.lending.ground import shared_ground

_WIDTH_M, _HEIGHT_M, _ERROR_M = 60.0, 50.0, 3.0
_WEST, _SOUTH, _ZONE = 300_000.0, 4_000_000.0, 32650


def _drawn(places: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Fields whose lower left corners are given, (n, 2); each corner with an error of its own."""
    around = np.array([[0, 0], [_WIDTH_M, 0], [_WIDTH_M, _HEIGHT_M], [0, _HEIGHT_M]])
    corners = places[:, None] + around[None]
    return np.asarray(shapely.polygons(corners + rng.uniform(-_ERROR_M, _ERROR_M, corners.shape)))


def main() -> None:
    """Plant, search, and say what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--side", type=int, default=447, help="fields along each side")
    parser.add_argument("--twice", type=int, default=1_000, help="fields that are contracted twice")
    asked = parser.parse_args()
    rng = np.random.default_rng(0)
    east, north = np.meshgrid(np.arange(asked.side) * _WIDTH_M + _WEST, np.arange(asked.side) * _HEIGHT_M + _SOUTH)
    places = np.stack([east.ravel(), north.ravel()], axis=1)
    twice = np.sort(rng.choice(len(places), asked.twice, replace=False))
    shapes = np.concatenate([_drawn(places, rng), _drawn(places[twice], rng)])
    numbers = np.arange(len(shapes))
    plots = gpd.GeoDataFrame(
        {"plot_id": numbers, "facility_id": numbers, "party_id": None, "right": "tenancy"},
        geometry=gpd.GeoSeries(shapes, crs=_ZONE).to_crs(4326),
    ).assign(starts_on=date(2026, 1, 1), ends_on=None)
    started = time.perf_counter()
    found = {(each.first_plot_id, each.second_plot_id) for each in shared_ground(plots)}
    seconds = time.perf_counter() - started
    planted = set(zip(twice.tolist(), (len(places) + np.arange(asked.twice)).tolist(), strict=True))
    print(f"{len(plots):,} plots: {seconds:.1f} s")
    print(f"{len(found & planted):,} of {asked.twice:,} planted pairs found, {len(found - planted):,} others")


if __name__ == "__main__":
    main()
