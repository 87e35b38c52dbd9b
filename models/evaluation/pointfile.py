"""Files of labelled points: one year of ten-day Sentinel-2 steps for each, as public benchmarks give them."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geo.bands import BANDS
from geo.errors import InputError
from models.timegrid import YEAR_DAYS

STEPS: Final = 36

#: Digital numbers to reflectance.
_SCALE: Final = np.float32(1e-4)

#: No clear surface has this digital number as its brightest value in a whole file: the file holds reflectance then.
_DARK: Final = 20.0

#: Points that a class needs: two to train on, two to test on.
MIN_OF_CLASS: Final = 4

_FORM: Final = "X is (points, 36 ten-day steps, 10 bands), y (points,) whole numbers, lonlat (points, 2) degrees."


@dataclass(frozen=True, slots=True)
class PointFile:
    """Labelled points.

    Attributes:
        values: (n, 36, bands) float32 reflectance, NaN where a step is missing in any band.
        target: (n,) index into `labels`.
        labels: (classes,) labels as in the file, in rising order.
        lonlat: (n, 2) float64 degrees, None where the file has none.
    """

    values: NDArray[np.float32]
    target: NDArray[np.intp]
    labels: tuple[int, ...]
    lonlat: NDArray[np.float64] | None

    def blocks(self, degrees: float) -> NDArray[np.str_]:
        """Name of the square of so many degrees that each point lies in, (n,); the point itself without lonlat."""
        if self.lonlat is None:
            return np.arange(len(self.target)).astype(str)
        cell = np.floor(self.lonlat / degrees).astype(int)
        return np.array([f"{lon}:{lat}" for lon, lat in cell])


def step_days() -> NDArray[np.float32]:
    """Middle of each of the 36 steps, days since 1 January, shape (36,)."""
    return ((np.arange(STEPS) + 0.5) * YEAR_DAYS / STEPS).astype(np.float32)


def read_points(path: Path) -> PointFile:
    """Points of an npz file.

    Args:
        path: npz file with X, (n, 36, 10) digital numbers (reflectance x 10000, 0 = missing) in the order of
            geo.bands.BANDS; y, (n,) whole numbers; lonlat, (n, 2) degrees, and bands, (10,) names, may be left out.

    Raises:
        InputError: the file is missing, no npz file, or not of this form; a class has fewer than four points.
    """
    arrays = _arrays(path)
    values, label = _values(arrays, path), _labels(arrays, path)
    if len(values) != len(label):
        raise _form(path, f"{len(values)} series but {len(label)} labels")
    labels, target = np.unique(label, return_inverse=True)
    _check_classes(labels, np.bincount(target), path)
    return PointFile(values, target, tuple(int(name) for name in labels), _lonlat(arrays, len(label), path))


def _arrays(path: Path) -> dict[str, NDArray[np.generic]]:
    if not path.is_file():
        raise InputError("POINTS_MISSING", f"The file of points {path} does not exist.", "Give an npz file.")
    if not zipfile.is_zipfile(path):
        raise _form(path, "it is no npz file")
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in ("X", "y", "lonlat", "bands") if name in stored}
    except (ValueError, OSError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise _form(path, "its arrays cannot be read") from error
    for name in ("X", "y"):
        if name not in arrays:
            raise _form(path, f"the array {name} is missing")
    return arrays


def _form(path: Path, what: str) -> InputError:
    return InputError("POINTS_FORM", f"The file of points {path} cannot be used: {what}.", _FORM)


def _values(arrays: Mapping[str, NDArray[np.generic]], path: Path) -> NDArray[np.float32]:
    """Reflectance with NaN gaps from digital numbers, (n, 36, bands)."""
    stored = arrays["X"]
    if stored.ndim != 3 or stored.shape[1:] != (STEPS, len(BANDS)):  # noqa: PLR2004 - points, steps, bands
        raise _form(path, f"X has shape {stored.shape}")
    if stored.dtype.kind not in "fiu":
        raise _form(path, f"X holds {stored.dtype}, not numbers")
    _check_bands(arrays, path)
    numbers = stored.astype(np.float32)
    if not np.isfinite(numbers).all():
        raise _form(path, "X holds values that are not finite; 0 stands for a missing step")
    if numbers.min(initial=0) < 0 or numbers.max(initial=0) < _DARK:
        raise _form(path, "X does not hold digital numbers (reflectance x 10000)")
    missing = (numbers == 0).any(axis=2, keepdims=True)
    return np.where(missing, np.float32(np.nan), numbers * _SCALE)


def _check_bands(arrays: Mapping[str, NDArray[np.generic]], path: Path) -> None:
    if "bands" in arrays and tuple(map(str, arrays["bands"].ravel())) != BANDS:
        said = ", ".join(map(str, arrays["bands"].ravel()))
        raise InputError(
            "POINTS_BANDS", f"The bands of {path} are {said}.", f"They must be, in this order: {', '.join(BANDS)}."
        )


def _labels(arrays: Mapping[str, NDArray[np.generic]], path: Path) -> NDArray[np.int64]:
    stored = arrays["y"]
    if stored.ndim != 1 or stored.dtype.kind not in "iuf":
        raise _form(path, f"y is {stored.dtype} of shape {stored.shape}")
    label = stored.astype(np.int64)
    if not np.array_equal(label, stored):
        raise _form(path, "y holds labels that are not whole numbers")
    return label


def _check_classes(labels: NDArray[np.int64], counts: NDArray[np.intp], path: Path) -> None:
    few = [f"{label} ({count})" for label, count in zip(labels, counts, strict=True) if count < MIN_OF_CLASS]
    if len(labels) > 1 and not few:
        return
    what = f"classes with fewer than {MIN_OF_CLASS} points: {', '.join(few)}" if few else "fewer than two classes"
    raise InputError(
        "POINTS_CLASSES",
        f"The file of points {path} has {what}.",
        f"Leave such classes out; two classes of {MIN_OF_CLASS} points are the least that can be scored.",
    )


def _lonlat(arrays: Mapping[str, NDArray[np.generic]], count: int, path: Path) -> NDArray[np.float64] | None:
    if "lonlat" not in arrays:
        return None
    stored = arrays["lonlat"]
    if stored.shape != (count, 2) or stored.dtype.kind not in "fiu":
        raise _form(path, f"lonlat is {stored.dtype} of shape {stored.shape}")
    lonlat = stored.astype(np.float64)
    if not (np.isfinite(lonlat).all() and (np.abs(lonlat) <= (180, 90)).all()):
        raise _form(path, "lonlat holds values that are no degrees")
    return lonlat
