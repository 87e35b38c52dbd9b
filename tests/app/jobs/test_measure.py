from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest

from app.jobs.blocks import BLOCK_PX
from app.jobs.measure import TileWork
from app.jobs.plan import ALIGN_PX, TilePlan
from geo.grid import TileKey, snapped_geobox
from tiles.reader import Window


def _work(height_px: int, width_px: int) -> TileWork:
    grid = snapped_geobox((573440.0, 5621760.0, 573440.0 + width_px * 10, 5621760.0 + height_px * 10), 32631)
    plan = TilePlan(TileKey(32631, 56, 549), grid, grid, np.array([0]))
    return TileWork(plan, gpd.GeoSeries(), (), {}, {})


@pytest.mark.parametrize(("height", "width"), [(8, 8), (288, 296), (528, 528), (1024, 1024), (1024, 72)])
def test_blocks_cover_the_core_once_on_the_networks_grid(height: int, width: int) -> None:
    count = np.zeros((height, width), dtype=int)
    for block in _work(height, width).blocks():
        count[block.top : block.bottom, block.left : block.right] += 1
        assert block.top % ALIGN_PX == block.left % ALIGN_PX == 0
        assert block.bottom - block.top <= BLOCK_PX
        assert block.right - block.left <= BLOCK_PX
    assert (count == 1).all()


def test_a_window_grows_to_the_edges_only() -> None:
    assert Window(0, 20, 40, 60).grown(30, (64, 64)) == Window(0, 50, 10, 64)


def test_a_window_on_another_grid() -> None:
    assert Window(1, 2, 3, 4).shifted(10, -3) == Window(11, 12, 0, 1)
