"""Shifted coordinates of Chinese web maps, brought back."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.chinese_datums import Shifted, shifted, to_wgs84, unshifted
from geo.errors import InputError


def test_the_shift_of_a_known_place() -> None:
    # Tiananmen, WGS 84 and GCJ-02, as the published implementations (eviltransform) give it.
    lon, lat = shifted(np.array([116.39123343289631]), np.array([39.9072885060602]))
    assert (lon[0], lat[0]) == (pytest.approx(116.3974751, abs=2e-5), pytest.approx(39.9086895, abs=2e-5))


@pytest.mark.parametrize("datum", list(Shifted))
def test_back_is_near_where_it_came_from(datum: Shifted) -> None:
    lon, lat = np.array([115.6, 87.6, 126.5]), np.array([33.4, 43.8, 45.8])
    back_lon, back_lat = unshifted(*shifted(lon, lat), Shifted.GCJ02)
    assert np.abs(back_lon - lon).max() < 1e-8
    assert np.abs(back_lat - lat).max() < 1e-8
    if datum is Shifted.BD09:
        moved = unshifted(np.array([115.6]), np.array([33.4]), datum)
        assert 300 < 111_000 * np.hypot(moved[0][0] - 115.6, moved[1][0] - 33.4) < 2500


def test_outside_china_nothing_is_shifted_and_metres_are_refused() -> None:
    field = gpd.GeoDataFrame(geometry=[shapely.box(4.40, 50.0, 4.41, 50.01)], crs=4326)
    assert to_wgs84(field, Shifted.GCJ02).geometry[0].equals(field.geometry[0])
    with pytest.raises(InputError, match="projected"):
        to_wgs84(field.to_crs(32631), Shifted.GCJ02)
