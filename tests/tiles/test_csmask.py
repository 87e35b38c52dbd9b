from __future__ import annotations

import importlib.util
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from geo.bands import BANDS
from geo.errors import InputError
from tiles.clear import Mask, Masking, mask_block
from tiles.csmask import CELL_PX, CSMASK_BANDS, CSMASK_HALO_PX, MARGIN_PX, WINDOW_PX, Sky, check_csmask, classify_sky

Array = np.ndarray[Any, Any]


def padded(layers: Array, rows: slice, columns: slice, halo: int) -> Array:
    """A block of an image with a halo; NaN past the edge."""
    wide = np.pad(layers, ((0, 0), (halo, halo), (halo, halo)), constant_values=np.nan)
    return wide[:, rows.start : rows.stop + 2 * halo, columns.start : columns.stop + 2 * halo]


@pytest.fixture(scope="module")
def scene(shared_data: Path) -> tuple[Array, Array]:
    """Reflectance (band, y, x) and classes of a real scene with clouds."""
    with np.load(shared_data / "cloud-mask" / "sentinel2.npz") as file:
        return np.moveaxis(file["img"], -1, 0), file["msk"][:, :, 0]


def test_windows_middles_fill_the_lattice() -> None:
    assert CELL_PX + 2 * MARGIN_PX == WINDOW_PX
    assert Masking(method="csmask", dilate_px=2).bands_halo_px == CSMASK_HALO_PX + 2
    assert Masking(method="csmask", dilate_px=2).scl_halo_px == 2


def test_missing_package_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(InputError) as caught:
        check_csmask(BANDS)
    assert caught.value.code == "NO_CLOUD_NETWORK"
    assert str(caught.value) == (
        "The cloud mask csmask needs the packages ukis-csmask and onnxruntime, which are not installed. "
        "Install the extra: pip install 'acreline[cloud]', or use the cloud mask scl."
    )


def test_missing_bands_are_said() -> None:
    with pytest.raises(InputError) as caught:
        check_csmask(("B02", "B03", "B04", "B08", "B11"))
    assert caught.value.code == "CLOUD_NETWORK_WITHOUT_BANDS"
    assert str(caught.value) == (
        "The cloud mask csmask needs the bands B02, B03, B04, B08, B11, B12; B12 not read. "
        "Read these bands too, or use the cloud mask scl."
    )


@pytest.mark.shared_data
def test_clouds_of_a_real_scene_are_found(scene: tuple[Array, Array]) -> None:
    image, truth = scene
    side = 2 * CELL_PX
    sky = classify_sky(padded(image, slice(0, side), slice(0, side), CSMASK_HALO_PX), (0, 0), CSMASK_BANDS)
    cloud = truth[:side, :side] == 4
    assert cloud.any()
    assert ((sky == Sky.CLOUD) == cloud).mean() > 0.9


@pytest.mark.shared_data
@pytest.mark.parametrize("corner", [(0, 0), (40, 0), (133, 70)])
def test_a_pixel_does_not_depend_on_the_block(scene: tuple[Array, Array], corner: tuple[int, int]) -> None:
    image = scene[0].copy()
    image[:, 100:110, 90:100] = np.nan
    whole = classify_sky(padded(image, slice(0, 256), slice(0, 256), CSMASK_HALO_PX), (0, 0), CSMASK_BANDS)
    rows, columns = slice(corner[0], corner[0] + 70), slice(corner[1], corner[1] + 90)
    part = classify_sky(padded(image, rows, columns, CSMASK_HALO_PX), corner, CSMASK_BANDS)
    assert np.array_equal(part, whole[rows, columns])
    assert (whole[100:110, 90:100] == Sky.CLEAR).all()


@pytest.mark.shared_data
def test_the_network_joins_the_scene_classification(scene: tuple[Array, Array]) -> None:
    masking = Masking(method="csmask", dilate_px=2, outliers=False)
    block = padded(scene[0], slice(0, 128), slice(0, 128), masking.bands_halo_px)[None]
    scl = np.full((1, 132, 132), 4, dtype=np.uint8)
    scl[0, 2:12] = 11
    mask = mask_block(block, scl, [date(2020, 5, 1)], masking, bands=CSMASK_BANDS, origin=(0, 0))
    sky = classify_sky(block[0, :, 2:-2, 2:-2], (0, 0), CSMASK_BANDS)
    assert (mask[0, :10] == Mask.CLASSED).all()
    assert np.array_equal(mask[0, 10:] == Mask.CLASSED, sky[10:] != Sky.CLEAR)
    assert (mask == Mask.NEAR_CLOUD).any()


def test_a_block_without_its_place_is_refused() -> None:
    masking = Masking(method="csmask", dilate_px=0)
    side = 8 + 2 * masking.bands_halo_px
    block = np.full((1, len(BANDS), side, side), np.nan, dtype=np.float32)
    with pytest.raises(ValueError, match="give the block's origin"):
        mask_block(block, np.zeros((1, 8, 8), dtype=np.uint8), [date(2020, 5, 1)], masking)
