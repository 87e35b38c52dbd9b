"""The crop map of a tile in two passes: every pixel's series by itself, then what the surroundings say of it.

The first pass follows the chunks of the stored cube, so that each is read once, and leaves the network's features of
each chunk in a file. The second takes blocks with their halo from these files. So no series is worked on twice.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import pairwise, product
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
import torch

from app.jobs.plan import HALO_PX
from geo.coverage import Coverage
from geo.errors import DataError
from geo.files import whole_file
from geo.legend import load_legend
from geo.season import Season
from models.predict import Prediction, correct, encode
from models.release import Release, load_release
from tiles.clear import Mask
from tiles.cube import STEPS_PER_UNIT
from tiles.radar.cube import joint_decibels
from tiles.reader import Window
from tiles.steps import step_dates, stored_means
from tiles.store import chunk_length
from tiles.windows import read_window

CROP_NODATA: Final = 0
SHARE_NODATA: Final = 255

#: Pixels from which on `models.predict.encode` gives the same bits whatever is encoded with them, and its batches.
_BATCH_PX: Final = 256
#: Pixels whose ten-day means are made and encoded at once: what stays in a core's cache, in whole batches.
_STRIP_PX: Final = 12 * _BATCH_PX

#: Power of a parcel's share of a pixel by which the pixel counts: half a pixel is worth a sixteenth of a whole one,
#: since what it shows is a mixture (docs/model.md has the comparison).
_BORDER_POWER: Final = 4

#: Hash of the network that a run was planned with, and its folder; None for the one that ships.
Network: TypeAlias = tuple[str, Path | None]


@dataclass(frozen=True, slots=True)
class Stores:
    """What is stored of a tile's season, on one grid.

    Attributes:
        cube: optical cube.
        days: its acquisition days, in the order of its layers.
        radar: cube of radar passes; None where the network shall see none.
        radar_days: days of the passes, in the order of its layers.
    """

    cube: Path
    days: tuple[date, ...]
    radar: Path | None = None
    radar_days: tuple[date, ...] = ()


def chunks_of(shape: tuple[int, int]) -> list[Window]:
    """Windows of the chunks in which a cube of so many rows and columns is stored."""
    height, width = shape
    tall, wide = chunk_length("y", height), chunk_length("x", width)
    return [
        Window(top, min(top + tall, height), left, min(left + wide, width))
        for top, left in product(range(0, height, tall), range(0, width, wide))
    ]


def chunk_file(folder: Path, chunk: Window) -> Path:
    """File of a chunk's features."""
    return folder / f"features-{chunk.top:05d}-{chunk.left:05d}.npy"


def encode_chunk(stores: Stores, chunk: Window, season: Season, network: Network, out: Path) -> Path:
    """Features of the pixels of one chunk, saved as `out`: (features, y, x) float32, NaN where never clear.

    Args:
        stores: of the tile.
        chunk: one of `chunks_of` the cube.
        season: gives the ten-day steps.
        network: the one that the run was planned with.
        out: file to write (.npy).
    """
    if out.exists():
        return out
    release, dates = _release(*network), step_dates(season)
    region = dict(zip(("y", "x"), chunk.slices, strict=True))
    stored = read_window(stores.cube, ("reflectance", "mask"), region)
    numbers, clear = _in_line(stored["reflectance"]), _in_line(stored["mask"] == Mask.CLEAR)
    power = None
    if stores.radar is not None:
        power = _in_line(read_window(stores.radar, ("backscatter",), region)["backscatter"])
    features = np.empty((release.card.network.features, *chunk.shape), dtype=np.float32)
    for part in _strips(math.prod(chunk.shape)):
        means = stored_means(numbers[..., part], clear[..., part], stores.days, season, STEPS_PER_UNIT)
        radar = None if power is None else joint_decibels(power[..., part], stores.radar_days, season)
        _in_line(features)[..., part] = encode(release, means, dates, radar)
    with whole_file(out) as path, path.open("wb") as file:
        np.save(file, features, allow_pickle=False)
    return out


def _in_line(layers: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Layers (..., y, x) as images of one row, (..., 1, y * x), without a copy."""
    return layers.reshape(*layers.shape[:-2], 1, -1)


def _strips(pixels: int) -> list[slice]:
    """Pixels of a chunk that are averaged and encoded together; a rest of less than a batch goes with those before."""
    starts = range(0, max(pixels - _BATCH_PX + 1, 1), _STRIP_PX)
    return [slice(first, end) for first, end in pairwise((*starts, pixels))]


def map_block(
    encoded: Path,
    shape: tuple[int, int],
    core: Window,
    block: Window,
    coverage: Coverage,
    network: Network,
    out: Path,
) -> Path:
    """Crop, probability and vigour of one block, and its parcels' sums, saved as `out` (.npz).

    Args:
        encoded: folder with the features of every chunk of the tile's cube.
        shape: rows and columns of the cube.
        core: the tile's core on the cube's grid.
        block: the block on the core's grid.
        coverage: weights of the parcels' inner part on the core's grid.
        network: the one that the run was planned with.
        out: file to write: crop, prob, vigour (y,x) uint8; weight (n,), crop_sum (n,c).
    """
    if out.exists():
        return out
    release = _release(*network)
    wanted = block.shifted(core.top, core.left)
    read = wanted.grown(HALO_PX, shape)
    prediction = correct(release, _features(encoded, read, shape), *wanted.shifted(-read.top, -read.left).slices)
    arrays: dict[str, npt.NDArray[Any]] = {**_pictures(release, prediction), **_sums(prediction, coverage, block)}
    with whole_file(out) as path, path.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)
    return out


@cache
def _release(model_hash: str, model: Path | None) -> Release:
    """The network, loaded once in each worker; DataError where it is not the one that the run was planned with."""
    torch.set_num_threads(1)
    release = load_release(model)
    if release.hash != model_hash:
        raise DataError("MODEL_CHANGED", "A worker holds another network than the run.", "Run again.")
    return release


def _features(encoded: Path, window: Window, shape: tuple[int, int]) -> npt.NDArray[np.float32]:
    """Features of a window, put together from the chunks that it touches."""
    pieces = {chunk: np.load(chunk_file(encoded, chunk), mmap_mode="r") for chunk in _touched(window, shape)}
    features = np.empty((len(next(iter(pieces.values()))), *window.shape), dtype=np.float32)
    for chunk, piece in pieces.items():
        top, bottom = max(window.top, chunk.top), min(window.bottom, chunk.bottom)
        left, right = max(window.left, chunk.left), min(window.right, chunk.right)
        target = features[:, top - window.top : bottom - window.top, left - window.left : right - window.left]
        target[:] = piece[:, top - chunk.top : bottom - chunk.top, left - chunk.left : right - chunk.left]
    return features


def _touched(window: Window, shape: tuple[int, int]) -> list[Window]:
    return [
        chunk
        for chunk in chunks_of(shape)
        if chunk.top < window.bottom
        and chunk.bottom > window.top
        and chunk.left < window.right
        and chunk.right > window.left
    ]


def _pictures(release: Release, prediction: Prediction) -> dict[str, npt.NDArray[np.uint8]]:
    seen = np.isfinite(prediction.vigour)
    probabilities = np.nan_to_num(prediction.probabilities, nan=0.0)
    legend = load_legend()
    values = np.array([legend[key].value for key in release.card.classes], dtype=np.uint8)
    return {
        "crop": np.where(seen, values[probabilities.argmax(axis=0)], CROP_NODATA).astype(np.uint8),
        "prob": np.where(seen, np.rint(probabilities.max(axis=0) * 100), SHARE_NODATA).astype(np.uint8),
        "vigour": np.where(seen, np.rint(np.nan_to_num(prediction.vigour)), SHARE_NODATA).astype(np.uint8),
    }


def _sums(prediction: Prediction, coverage: Coverage, block: Window) -> dict[str, npt.NDArray[np.float64]]:
    """Sums over the block's pixels for every parcel, weighted with a power of its share of each."""
    cells = np.arange(coverage.shape[0] * coverage.shape[1]).reshape(coverage.shape)
    here = cells[block.top : block.bottom, block.left : block.right].ravel()
    weights = coverage.matrix[:, here].power(_BORDER_POWER)
    seen = np.isfinite(prediction.vigour).ravel()
    classes = prediction.probabilities.reshape(len(prediction.probabilities), -1)
    return {
        "weight": weights @ seen.astype(np.float64),
        "crop_sum": weights @ np.where(seen, classes, 0.0).T.astype(np.float64),
    }
