from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import distance_transform_edt

from geo.bands import BANDS, band_index
from geo.errors import InputError
from tiles.clear import CLEAR_CLASSES, DILATE_PX, Mask, Masking, clear_mask, mask_block

DAYS = tuple(date(2020, 4, 1) + timedelta(days=5 * step) for step in range(12))
PLAIN = Masking(dilate_px=0, outliers=False)


def field(side: int = 8, count: int = len(DAYS)) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Reflectance and classes of an even, clear field."""
    reflectance = np.full((count, len(BANDS), side, side), 0.3, dtype=np.float32)
    reflectance[:, :3] = 0.05
    return reflectance, np.full((count, side, side), 4, dtype=np.uint8)


def test_only_ground_is_clear() -> None:
    classes = np.arange(12, dtype=np.uint8).reshape(1, 3, 4)
    seen = clear_mask(classes)
    assert seen.shape == classes.shape
    assert set(classes[seen]) == set(CLEAR_CLASSES) == {4, 5, 6}


def test_values_outside_the_legend_are_not_clear() -> None:
    assert not clear_mask(np.array([12, 255], dtype=np.uint8)).any()


def test_classes_decide_and_no_data_stays_no_data() -> None:
    reflectance, scl = field(4, 3)
    scl[0, 0, :4] = 0, 3, 9, 11
    reflectance[1, 4, 2, 2] = np.nan
    mask = mask_block(reflectance, scl, DAYS[:3], PLAIN)
    assert mask.dtype == np.uint8
    assert list(mask[0, 0]) == [Mask.NODATA, Mask.CLASSED, Mask.CLASSED, Mask.CLASSED]
    assert mask[1, 2, 2] == Mask.NODATA
    assert (mask == Mask.CLEAR).sum() == mask.size - 5


def test_margin_lies_around_cloud_and_shadow_but_not_around_snow() -> None:
    masking = Masking(dilate_px=2, outliers=False)
    reflectance, scl = field(5, 2)
    scl = np.pad(scl, ((0, 0), (2, 2), (2, 2)))
    scl[0, 4, 4] = 8
    scl[1, 4, 4] = 11
    mask = mask_block(reflectance, scl, DAYS[:2], masking)
    near = [[0, 1, 1, 1, 0], [1, 1, 1, 1, 1], [1, 1, 0, 1, 1], [1, 1, 1, 1, 1], [0, 1, 1, 1, 0]]
    assert np.array_equal(mask[0] == Mask.NEAR_CLOUD, np.array(near, dtype=bool))
    assert mask[0, 2, 2] == mask[1, 2, 2] == Mask.CLASSED
    assert not (mask[1] == Mask.NEAR_CLOUD).any()


@given(st.integers(0, 2**32 - 1), st.integers(0, 7))
def test_margin_is_a_disc(seed: int, margin: int) -> None:
    reflectance, _ = field(9, 1)
    wide = np.where(np.random.default_rng(seed).random((1, 9 + 2 * margin, 9 + 2 * margin)) < 0.02, 9, 4).astype(
        np.uint8
    )
    mask = mask_block(reflectance, wide, DAYS[:1], Masking(dilate_px=margin, outliers=False))
    away = distance_transform_edt(wide[0] != 9) if (wide == 9).any() else np.full(wide[0].shape, np.inf)
    inside = away[margin : margin + 9, margin : margin + 9]
    assert np.array_equal(mask[0] == Mask.NEAR_CLOUD, (inside > 0) & (inside <= margin + 0.5) & (margin > 0))


def test_cloud_in_the_halo_masks_the_blocks_edge() -> None:
    masking = Masking(dilate_px=3, outliers=False)
    reflectance, scl = field(6, 1)
    scl = np.pad(scl, ((0, 0), (3, 3), (3, 3)), constant_values=4)
    scl[0, 3, 0] = 9
    assert list(mask_block(reflectance, scl, DAYS[:1], masking)[0, 0, :2]) == [Mask.NEAR_CLOUD, Mask.CLEAR]


def test_shadow_and_haze_of_one_date_are_found() -> None:
    reflectance, scl = field()
    reflectance[5] *= 0.5
    reflectance[8] += np.linspace(0.08, 0.02, len(BANDS))[:, None, None].astype(np.float32)
    mask = mask_block(reflectance, scl, DAYS, Masking(dilate_px=0))
    assert (mask[5] == Mask.DARK).all()
    assert (mask[8] == Mask.BRIGHT).all()
    assert (mask == Mask.CLEAR).sum() == mask.size - 2 * 64


def test_outliers_need_their_bands() -> None:
    reflectance, scl = field()
    with pytest.raises(InputError) as caught:
        mask_block(reflectance[:, :7], scl, DAYS, Masking(dilate_px=0), bands=BANDS[:7])
    assert caught.value.code == "OUTLIERS_WITHOUT_BANDS"
    assert str(caught.value) == (
        "Outliers along time need the bands B02, B08, B11; B11 not read. Read these bands too, or switch outliers off."
    )


def test_a_margin_below_zero_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        Masking(dilate_px=-1)
    assert str(caught.value) == "A margin of -1 pixels around clouds. Give 0 or more."


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        Masking(method="fmask")  # type: ignore[arg-type]
    assert caught.value.code == "BAD_MASKING"
    assert str(caught.value) == "No cloud mask is called fmask. Give scl or csmask."


def test_shapes_must_belong_together() -> None:
    reflectance, scl = field()
    with pytest.raises(ValueError, match="do not match"):
        mask_block(reflectance, scl, DAYS, Masking(dilate_px=1))


def test_no_acquisition_gives_no_mask() -> None:
    reflectance, scl = field(4, 0)
    assert mask_block(reflectance, scl, (), PLAIN).shape == (0, 4, 4)


@given(st.integers(0, 2**32 - 1), st.integers(1, 23), st.integers(1, 23))
def test_a_pixel_does_not_depend_on_the_block(seed: int, row: int, column: int) -> None:
    rng = np.random.default_rng(seed)
    masking = Masking()
    reflectance = rng.uniform(0.0, 0.5, (len(DAYS), len(BANDS), 24, 24)).astype(np.float32)
    reflectance[rng.random(reflectance.shape) < 0.002] = np.nan
    scl = rng.choice(
        np.array([0, 3, 4, 5, 6, 7, 9], dtype=np.uint8), (len(DAYS), 24, 24), p=[0.05, 0.01, *[0.23] * 4, 0.02]
    )
    scl = np.pad(scl, ((0, 0), (DILATE_PX, DILATE_PX), (DILATE_PX, DILATE_PX)))
    whole = mask_block(reflectance, scl, DAYS, masking)
    for rows in (slice(0, row), slice(row, 24)):
        for columns in (slice(0, column), slice(column, 24)):
            wide = [slice(part.start, part.stop + 2 * DILATE_PX) for part in (rows, columns)]
            part = mask_block(reflectance[:, :, rows, columns], scl[:, wide[0], wide[1]], DAYS, masking)
            assert np.array_equal(part, whole[:, rows, columns])


def test_order_of_days_does_not_matter() -> None:
    rng = np.random.default_rng(3)
    reflectance, scl = field()
    reflectance *= rng.uniform(0.4, 1.2, (len(DAYS), 1, 8, 8)).astype(np.float32)
    order = rng.permutation(len(DAYS))
    masking = Masking(dilate_px=0)
    whole = mask_block(reflectance, scl, DAYS, masking)
    mixed = mask_block(reflectance[order], scl[order], [DAYS[index] for index in order], masking)
    assert np.array_equal(mixed, whole[order])
    assert (whole == Mask.DARK).any()
    assert band_index("B11") == 8
