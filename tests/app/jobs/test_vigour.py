from __future__ import annotations

from datetime import date, timedelta

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import box

from app.jobs.blocks import LAYERS
from app.jobs.observe import Observed
from app.jobs.plan import ZonePlan
from app.jobs.vigour import REGION_TILES, rank_stands, with_vigour
from app.jobs.zones import Scene
from geo.grid import TILE_M
from geo.peers import MIN_PEERS
from geo.season import Season

SEASON = Season(date(2024, 1, 1), date(2024, 12, 31))
DAYS = tuple(date(2024, 1, 5) + timedelta(days=10 * number) for number in range(36))
N = 40
NONE = pd.to_datetime(pd.Series([pd.NaT] * N))


def observed(ndvi: np.ndarray) -> Observed:
    """Parcels that are clear on every day, by NDVI (t,n)."""
    means = np.full((len(DAYS), len(LAYERS), ndvi.shape[1]), 0.1)
    means[:, LAYERS.index("ndvi")] = ndvi
    scenes = tuple(Scene(day, None, None, "L2A", "", verified=True) for day in DAYS)  # type: ignore[arg-type]
    return Observed(gpd.GeoDataFrame(index=range(ndvi.shape[1])), scenes, means, np.ones(ndvi.shape))


def zone(east_m: np.ndarray) -> ZonePlan:
    shapes = gpd.GeoSeries([box(x, 0, x + 50, 50) for x in east_m], crs=32650)
    return ZonePlan(32650, np.arange(len(east_m)), shapes, ())


def cycles_of(index: np.ndarray, crop: str = "wheat") -> pd.DataFrame:
    none = NONE[: len(index)].to_numpy()
    return pd.DataFrame({"index": index, "sos": none, "eos": none, "main": True, "crop": crop})


def decided_of(crop: str | None = "wheat") -> pd.DataFrame:
    return pd.DataFrame({"crop": pd.Series([crop] * N, dtype=object)}, index=pd.RangeIndex(N))


LADDER = np.tile(np.linspace(0.2, 0.8, N), (len(DAYS), 1))


def test_parcels_are_ranked_by_their_greenness_and_one_without_a_cycle_too() -> None:
    """A failed stand, which shows no cycle, is the last among its peers and not left out."""
    decided, cycles, _ = with_vigour(
        observed(LADDER), decided_of(), cycles_of(np.arange(1, N)), zone(np.zeros(N)), SEASON
    )
    expected = 100 * (np.arange(N) + 0.5) / N
    np.testing.assert_allclose(decided.vigour_pct, expected, atol=0.01)
    np.testing.assert_allclose(cycles.vigour_pct, expected[1:], atol=0.01)


def test_peers_are_of_one_region_and_twenty() -> None:
    few = MIN_PEERS - 1
    east = np.where(np.arange(N) < few, 10.0, REGION_TILES * TILE_M + 10.0)
    decided, _, _ = with_vigour(observed(LADDER), decided_of(), cycles_of(np.arange(N)), zone(east), SEASON)
    assert decided.vigour_pct[:few].isna().all()
    np.testing.assert_allclose(decided.vigour_pct[few:], 100 * (np.arange(N - few) + 0.5) / (N - few), atol=0.01)


def test_a_parcel_without_a_crop_has_no_peers() -> None:
    decided, cycles, found = with_vigour(
        observed(LADDER), decided_of(None), cycles_of(np.array([], dtype=int)), zone(np.zeros(N)), SEASON
    )
    assert decided.vigour_pct.isna().all()
    assert cycles.empty
    assert found.groups.empty


@pytest.mark.parametrize("cycle", [0, 1])
def test_a_cycle_is_ranked_while_it_grows(cycle: int) -> None:
    """Two crops a year: the first ranks the parcels one way, the second the other."""
    half = len(DAYS) // 2
    ndvi = np.where(np.arange(len(DAYS))[None] < half, LADDER.T, LADDER.T[::-1]).astype(np.float32)
    both = pd.concat([cycles_of(np.arange(N)), cycles_of(np.arange(N), "maize")], ignore_index=True)
    both["eos"] = np.where(both.crop == "wheat", np.datetime64(DAYS[half - 1]), np.datetime64("NaT"))
    both["sos"] = np.where(both.crop == "maize", np.datetime64(DAYS[half]), np.datetime64("NaT"))
    found = rank_stands(both.assign(column=0, row=0), ndvi, DAYS)
    expected = 100 * (np.arange(N) + 0.5) / N
    np.testing.assert_allclose(
        found.percent[cycle * N : (cycle + 1) * N], expected if cycle == 0 else expected[::-1], atol=0.01
    )
    assert found.groups.crop.tolist() == ["maize", "wheat"]
