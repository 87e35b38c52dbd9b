from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tiles.outliers import Outlier, OutlierRule, outliers

COUNT = 16
DAYS = tuple(date(2020, 3, 1) + timedelta(days=7 * step) for step in range(COUNT))
#: B02, B08, B11 of a green stand, of bare soil, of flooded ground; what shadow leaves, what haze adds.
GREEN, BARE, FLOODED = (0.04, 0.38, 0.20), (0.09, 0.22, 0.30), (0.07, 0.07, 0.03)
SHADE, HAZE = (0.62, 0.40, 0.34), (0.09, 0.06, 0.03)

Array = np.ndarray[Any, Any]


def series(*spectra: Sequence[float]) -> list[Array]:
    """Bands of one pixel through the season; the last spectrum lasts."""
    whole = [*spectra, *[spectra[-1]] * (COUNT - len(spectra))]
    return [np.array([spectrum[band] for spectrum in whole], dtype=np.float32)[:, None, None] for band in range(3)]


def found(bands: list[Array], clear: Array | None = None, rule: OutlierRule | None = None) -> list[int]:
    seen = np.ones(bands[0].shape, dtype=bool) if clear is None else clear
    return list(outliers(bands, seen, DAYS, rule)[:, 0, 0])


def put(bands: list[Array], at: int, spectrum: Sequence[float]) -> list[Array]:
    for band, value in zip(bands, spectrum, strict=True):
        band[at] = value
    return bands


def shaded(spectrum: Sequence[float]) -> list[float]:
    return [value * left for value, left in zip(spectrum, SHADE, strict=True)]


def hazy(spectrum: Sequence[float]) -> list[float]:
    return [value + more for value, more in zip(spectrum, HAZE, strict=True)]


@pytest.mark.parametrize("ground", [GREEN, BARE])
def test_shadow_that_is_gone_on_the_next_date_is_dark(ground: tuple[float, ...]) -> None:
    codes = found(put(series(ground), 7, shaded(ground)))
    assert codes == [Outlier.DARK if at == 7 else Outlier.NONE for at in range(COUNT)]


@pytest.mark.parametrize("ground", [GREEN, BARE])
def test_haze_that_is_gone_on_the_next_date_is_bright(ground: tuple[float, ...]) -> None:
    codes = found(put(series(ground), 7, hazy(ground)))
    assert codes == [Outlier.BRIGHT if at == 7 else Outlier.NONE for at in range(COUNT)]


def test_a_clear_date_between_two_shadows_is_not_bright() -> None:
    bands = put(put(series(BARE), 6, shaded(BARE)), 8, shaded(BARE))
    codes = found(bands)
    assert codes[6] == codes[8] == Outlier.DARK
    assert Outlier.BRIGHT not in codes


@pytest.mark.parametrize(
    "change",
    [
        pytest.param([GREEN] * 7 + [BARE], id="harvest"),
        pytest.param([GREEN] * 7 + [shaded(GREEN)], id="darkened for good"),
        pytest.param([(0.6, 0.6, 0.1)] * 5 + [BARE], id="snowmelt"),
        pytest.param([GREEN] * 7 + [(0.07, 0.24, 0.27), (0.05, 0.30, 0.23), GREEN], id="mowing"),
        pytest.param([BARE] * 7 + [FLOODED, GREEN], id="paddy flooded on one date"),
        pytest.param([BARE] * 4 + [(0.05, 0.30, 0.25), GREEN, GREEN, GREEN, (0.05, 0.28, 0.26), BARE], id="season"),
    ],
)
def test_what_happens_on_the_ground_is_left_alone(change: list[Sequence[float]]) -> None:
    assert set(found(series(*change))) == {Outlier.NONE}


def test_first_and_last_date_and_lonely_dates_are_left_alone() -> None:
    bands = put(put(series(GREEN), 0, shaded(GREEN)), COUNT - 1, shaded(GREEN))
    assert set(found(bands)) == {Outlier.NONE}
    bands = put(series(GREEN), 7, shaded(GREEN))
    clear = np.ones((COUNT, 1, 1), dtype=bool)
    clear[8:15] = False
    assert set(found(bands, clear)) == {Outlier.NONE}
    assert found(bands, clear, OutlierRule(reach_days=60))[7] == Outlier.DARK


def test_too_few_clear_dates_are_not_judged() -> None:
    bands = put(series(GREEN), 7, shaded(GREEN))
    clear = np.zeros((COUNT, 1, 1), dtype=bool)
    clear[5:10] = True
    assert set(found(bands, clear)) == {Outlier.NONE}
    clear[4] = True
    assert found(bands, clear)[7] == Outlier.DARK


def test_a_noisy_series_asks_for_a_deeper_drop() -> None:
    rng = np.random.default_rng(5)
    noise = rng.normal(0.0, 0.06, (3, COUNT, 1, 1)).astype(np.float32)
    bands = [band + more for band, more in zip(series(BARE), noise, strict=True)]
    assert Outlier.DARK not in found(put(bands, 7, (0.07, 0.14, 0.18)))
    assert found(put(series(BARE), 7, (0.07, 0.14, 0.18)))[7] == Outlier.DARK


def test_clouds_are_neither_judged_nor_compared_with() -> None:
    bands = put(put(series(GREEN), 7, shaded(GREEN)), 8, (np.nan, np.nan, np.nan))
    clear = np.ones((COUNT, 1, 1), dtype=bool)
    clear[8] = False
    codes = found(bands, clear)
    assert codes[7] == Outlier.DARK
    assert codes[8] == Outlier.NONE


@given(st.integers(0, 2**32 - 1), st.integers(1, 19))
def test_a_pixel_is_judged_by_its_own_series(seed: int, cut: int) -> None:
    rng = np.random.default_rng(seed)
    bands = [rng.uniform(0.02, 0.5, (COUNT, 5, 20)).astype(np.float32) for _ in range(3)]
    clear = rng.random((COUNT, 5, 20)) < 0.7
    whole = outliers(bands, clear, DAYS)
    parts = [
        outliers([band[:, :, part] for band in bands], clear[:, :, part], DAYS) for part in (np.s_[:cut], np.s_[cut:])
    ]
    assert np.array_equal(np.concatenate(parts, axis=2), whole)
    assert not (whole[~clear] != Outlier.NONE).any()


def test_no_dates_and_no_clear_pixels_give_nothing() -> None:
    empty = [np.zeros((0, 2, 3), dtype=np.float32)] * 3
    assert outliers(empty, np.zeros((0, 2, 3), dtype=bool), ()).shape == (0, 2, 3)
    assert set(found(series(GREEN), np.zeros((COUNT, 1, 1), dtype=bool))) == {Outlier.NONE}
