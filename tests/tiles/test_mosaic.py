from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from odc.geo.geobox import GeoBox

from geo.bands import BANDS, band_index
from geo.grid import snapped_geobox
from geo.season import Season
from tiles.build import build_cube
from tiles.clear import clear_mask
from tiles.cube import plan_cube, season_cube
from tiles.mosaic import cube_mosaic, true_colour
from tiles.sources.local import LocalCatalog
from tiles.store import open_cube


def stack(dates: int, side: int = 4) -> np.ndarray[Any, Any]:
    return np.full((dates, len(BANDS), side, side), 0.05, dtype=np.float32)


def test_red_green_blue_in_that_order() -> None:
    values = stack(1)
    for band, reflectance in (("B04", 0.2), ("B03", 0.1), ("B02", 0.0)):
        values[:, band_index(band)] = reflectance
    picture = true_colour(values, np.ones((1, 4, 4), dtype=bool))
    assert picture.dtype == np.uint8
    assert picture.shape == (3, 4, 4)
    assert picture[0, 0, 0] == 255
    assert 1 < picture[1, 0, 0] < 255
    assert picture[2, 0, 0] == 1


def test_clouds_and_overlooked_haze_do_not_show() -> None:
    values = stack(5)
    values[0] = 0.9  # masked cloud
    values[1] = 0.4  # haze that the mask overlooked
    clear = np.ones((5, 4, 4), dtype=bool)
    clear[0] = False
    assert np.array_equal(true_colour(values, clear), true_colour(stack(1), clear[1:2]))


def test_nothing_clear_is_no_data() -> None:
    values = stack(2)
    values[:, :, 0, 1] = np.nan
    clear = np.ones((2, 4, 4), dtype=bool)
    clear[:, 0, 0] = False
    empty = (true_colour(values, clear) == 0).all(axis=0)
    assert empty.tolist() == [[True, True, False, False], *[[False] * 4] * 3]


def test_windows_make_no_seams() -> None:
    rng = np.random.default_rng(0)
    values = rng.uniform(0, 0.3, (6, len(BANDS), 150, 9)).astype(np.float32)
    clear = rng.random((6, 150, 9)) < 0.5
    whole = true_colour(values, clear)
    np.testing.assert_array_equal(whole[:, 40:141, 2:7], true_colour(values[:, :, 40:141, 2:7], clear[:, 40:141, 2:7]))


def test_a_stored_cube_gives_the_same_picture(catalogue: Any, new_scene: Any, grid: GeoBox, tmp_path: Path) -> None:
    path = catalogue(
        new_scene(id="S2_A_L2A", number=300),
        new_scene(id="S2_B_L2A", number=600, when="2020-06-01T10:50:00Z"),
        new_scene(id="S2_C_L2A", number=9000, when="2020-07-01T10:50:00Z", scl=9),
    )
    season = Season(date(2020, 1, 1), date(2020, 12, 31))
    build_cube(plan_cube(LocalCatalog(path).search((4.0, 50.0, 5.0, 51.0), season), grid.pad(60)), tmp_path / "c")
    stored = open_cube(tmp_path / "c")
    picture = cube_mosaic(stored)
    assert picture.shape == (3, 136, 136)
    assert (picture[:, 60:76, 60:76] > 0).all()
    assert (picture > 0).any(axis=0).sum() == 16 * 16
    np.testing.assert_array_equal(
        picture, true_colour(stored.reflectance.to_numpy(), clear_mask(stored.scl.to_numpy()))
    )


@pytest.mark.shared_data
def test_flanders_is_seen_everywhere(shared_data: Path) -> None:
    catalog = LocalCatalog(shared_data / "flanders-2019" / "catalog.json")
    items = catalog.search((4.0, 50.0, 5.0, 51.0), Season(date(2019, 4, 1), date(2019, 9, 30)))
    picture = cube_mosaic(season_cube(items, snapped_geobox((574_680, 5_621_800, 575_320, 5_622_440), 32631)))
    assert (picture > 0).all()
    red, green, _ = picture.mean(axis=(1, 2))
    assert green > red
