from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from geo.bands import band_index
from geo.errors import InputError
from tiles.simulation.chips import pixel_series

DAYS = [date(2023, 10, 1) + timedelta(days=5 * step) for step in range(79)]
RED, GREEN, NEAR, SHORT = (band_index(name) for name in ("B04", "B03", "B08", "B11"))


def series(crop: str, n: int = 120, seed: int = 4, region: str = "huanghuai") -> np.ndarray:
    return pixel_series(crop, n, DAYS, np.random.default_rng(seed), region=region)


def index(values: np.ndarray, first: int, second: int) -> np.ndarray:
    return (values[..., first] - values[..., second]) / (values[..., first] + values[..., second])


def at(day: date) -> int:
    return min(range(len(DAYS)), key=lambda i: abs((DAYS[i] - day).days))


def test_series_are_reflectances():
    values = series("wheat+maize", 60)
    assert values.shape == (60, len(DAYS), 10)
    assert values.dtype == np.float32
    assert ((values > 0) & (values < 1)).all()


def test_wheat_then_maize_has_two_peaks_and_a_bare_june():
    ndvi = np.median(index(series("wheat+maize"), NEAR, RED), axis=0)
    assert 0.75 < ndvi[at(date(2024, 4, 22))] < 0.92
    assert ndvi[at(date(2024, 6, 14))] < 0.4
    assert 0.75 < ndvi[at(date(2024, 8, 15))] < 0.92
    assert ndvi[at(date(2024, 10, 25))] < 0.45


def test_paddy_is_flooded_before_it_is_green():
    values = series("rice")
    june = at(date(2024, 6, 22))
    ndvi, lswi = np.median(index(values, NEAR, RED), axis=0), np.median(index(values, NEAR, SHORT), axis=0)
    assert lswi[june] > ndvi[june]
    assert lswi[june] > lswi[at(date(2024, 5, 20))] + 0.1
    assert ndvi[at(date(2024, 8, 25))] > 0.7


def test_rapeseed_turns_yellow_in_flower():
    values = series("rapeseed")
    yellow = np.median(values[..., GREEN], axis=0)
    assert yellow[at(date(2024, 4, 3))] > 1.3 * yellow[at(date(2024, 5, 1))]
    ndvi = np.median(index(values, NEAR, RED), axis=0)
    assert ndvi[at(date(2024, 4, 3))] < ndvi[at(date(2024, 4, 25))]


def test_crops_overlap_as_real_ones_do():
    """One date does not tell maize from soybean plot by plot, though their means differ."""
    maize, soybean = (series(crop, 300)[:, at(date(2024, 8, 20)), NEAR] for crop in ("maize", "soybean"))
    assert soybean.mean() > maize.mean() + 0.03
    assert np.quantile(maize, 0.98) > np.quantile(soybean, 0.05)


def test_the_same_seed_gives_the_same_series():
    np.testing.assert_array_equal(series("cotton", 5), series("cotton", 5))
    assert not np.array_equal(series("cotton", 5), series("cotton", 5, seed=9))


@pytest.mark.parametrize("region", ["europe", "north_india"])
def test_other_regions_have_other_wheat(region: str):
    here = np.median(index(series("wheat"), NEAR, RED), axis=0)
    there = np.median(index(series("wheat", region=region), NEAR, RED), axis=0)
    assert abs((DAYS[int(here.argmax())] - DAYS[int(there.argmax())]).days) >= 15


def test_a_crop_without_calendar_is_refused():
    with pytest.raises(InputError, match="sugarcane"):
        series("sugarcane", 2)
