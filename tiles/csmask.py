"""Clouds and shadows as the network of ukis-csmask sees them (the optional extra "cloud").

Wieland et al. (2019, 10.1016/j.rse.2019.05.022): a U-Net on six bands of Level-2A reflectance, windows of 256 pixels.
It pools over its whole window, so what it says of a pixel depends on where the window lies: windows lie on one lattice
of the grid here, and each gives only its middle, which makes the result independent of the block that is read.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
from collections.abc import Sequence
from enum import IntEnum
from functools import lru_cache
from importlib import resources
from itertools import product
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from geo.errors import InputError

#: Bands that the network reads, in its order: blue, green, red, near and both short-wave infrared.
CSMASK_BANDS: Final = ("B02", "B03", "B04", "B08", "B11", "B12")
#: Side of the network's windows, of the middle that each of them gives, and of the margin around it.
WINDOW_PX: Final = 256
CELL_PX: Final = 128
MARGIN_PX: Final = (WINDOW_PX - CELL_PX) // 2
#: Pixels needed on each side of a block, wherever it lies: as far as the window of any of its pixels reaches.
CSMASK_HALO_PX: Final = CELL_PX - 1 + MARGIN_PX

_PACKAGE: Final = "ukis_csmask"
_MODEL: Final = "model_6b_l2a"

_Floats = NDArray[np.float32]


class Sky(IntEnum):
    """Classes of the network."""

    CLEAR = 0
    CLOUD = 1
    SHADOW = 2


def classify_sky(reflectance: _Floats, origin: tuple[int, int], bands: Sequence[str]) -> NDArray[np.uint8]:
    """Cloud and shadow on one acquisition; a pixel's class does not depend on the block.

    Args:
        reflectance: (band, y + 2 halo, x + 2 halo) float32, NaN no data; the halo is `CSMASK_HALO_PX`.
        origin: row and column in the grid of the first pixel inside the halo.
        bands: names along the band axis.

    Returns:
        (y, x) uint8, codes of `Sky`; clear where there is no data.

    Raises:
        InputError: the package or a band is missing (NO_CLOUD_NETWORK, CLOUD_NETWORK_WITHOUT_BANDS).
    """
    check_csmask(bands)
    halo = CSMASK_HALO_PX
    layers = reflectance[[list(bands).index(name) for name in CSMASK_BANDS]]
    sky = np.zeros([side - 2 * halo for side in layers.shape[-2:]], dtype=np.uint8)
    for cell in product(*(_cells(first, side) for first, side in zip(origin, sky.shape, strict=True))):
        start = [halo - MARGIN_PX + at for at in cell]
        window = layers[:, start[0] : start[0] + WINDOW_PX, start[1] : start[1] + WINDOW_PX]
        there = sky[tuple(slice(max(at, 0), at + CELL_PX) for at in cell)]
        skip = [MARGIN_PX + max(-at, 0) for at in cell]
        middle = tuple(slice(first, first + side) for first, side in zip(skip, there.shape, strict=True))
        there[...] = _run(window)[middle]
    return sky


def check_csmask(bands: Sequence[str]) -> None:
    """Fail early where the network cannot run.

    Raises:
        InputError: the package or a band is missing.
    """
    if any(importlib.util.find_spec(name) is None for name in (_PACKAGE, "onnxruntime")):
        raise InputError(
            "NO_CLOUD_NETWORK",
            "The cloud mask csmask needs the packages ukis-csmask and onnxruntime, which are not installed.",
            "Install the extra: pip install 'acreline[cloud]', or use the cloud mask scl.",
        )
    missing = [name for name in CSMASK_BANDS if name not in bands]
    if missing:
        raise InputError(
            "CLOUD_NETWORK_WITHOUT_BANDS",
            f"The cloud mask csmask needs the bands {', '.join(CSMASK_BANDS)}; {', '.join(missing)} not read.",
            "Read these bands too, or use the cloud mask scl.",
        )


def _cells(first: int, count: int) -> range:
    """Starts, within the block, of the lattice's cells that it touches along one axis."""
    return range(-(first % CELL_PX), count, CELL_PX)


def _run(window: _Floats) -> NDArray[np.uint8]:
    """Classes of one window; what has no data is an average pixel to the network, and clear afterwards."""
    empty = np.isnan(window).any(axis=0)
    if empty.all():
        return np.zeros(empty.shape, dtype=np.uint8)
    session, mean, deviation = _network()
    wanted = np.nan_to_num((window - mean) / deviation, nan=0.0)
    scores = session.run(None, {session.get_inputs()[0].name: wanted[None]})[0][0]
    return np.where(empty, np.uint8(Sky.CLEAR), np.argmax(scores, axis=0).astype(np.uint8))


@lru_cache(maxsize=1)
def _network() -> tuple[Any, _Floats, _Floats]:
    """Session of the network, and mean and deviation (band, 1, 1) of its bands; one thread, so that runs repeat."""
    onnxruntime = importlib.import_module("onnxruntime")  # an optional extra
    folder = resources.files(_PACKAGE)
    facts = json.loads(folder.joinpath(f"{_MODEL}.json").read_text(encoding="utf-8"))
    mean, deviation = np.array(facts["data"]["dataset_statistics"]["img"], dtype=np.float32)[:, :, None, None]
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    weights = folder.joinpath(f"{_MODEL}.onnx").read_bytes()
    return onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"]), mean, deviation
