"""A map larger than memory: encoded part by part as it is read, corrected window by window."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import psutil
import pytest

from geo.season import dekads
from models.predict import Prediction, correct, encode
from models.release import Release

DATES = tuple(start + timedelta(days=4) for start in dekads(date(2018, 10, 1), date(2019, 10, 31)))
PART_PX = 128
WIDTH_PX = 128


def part_of(number: int) -> np.ndarray:
    """Rows of the season as they are read: little of it is clear."""
    rng = np.random.default_rng(number)
    values = rng.uniform(0.02, 0.5, (len(DATES), 10, PART_PX, WIDTH_PX)).astype(np.float32)
    values[rng.random(len(DATES)) < 0.95] = np.nan
    return values


def encoded(release: Release, folder: Path, parts: int) -> np.ndarray:
    """Features of all parts in a file, mapped into memory."""
    shape = (release.network.spec.features, parts * PART_PX, WIDTH_PX)
    features = np.lib.format.open_memmap(folder / "features.npy", "w+", np.float32, shape)
    for number in range(parts):
        features[:, number * PART_PX : (number + 1) * PART_PX] = encode(release, part_of(number), DATES)
    features.flush()
    return np.load(folder / "features.npy", mmap_mode="r+")


def window(release: Release, features: np.ndarray, number: int) -> Prediction:
    """One of the windows of half a part's side, row by row."""
    top, left = (side * PART_PX // 2 for side in divmod(number, 2 * WIDTH_PX // PART_PX))
    return correct(release, features, slice(top, top + PART_PX // 2), slice(left, left + PART_PX // 2))


def windows(release: Release, features: np.ndarray) -> Iterator[Prediction]:
    return (window(release, features, number) for number in range(4 * features[0].size // PART_PX**2))


def own_bytes() -> int:
    """Memory of this process, without files that are mapped into it."""
    held = psutil.Process().memory_info()
    return int(held.rss - held.shared)


def peak(release: Release, folder: Path, parts: int) -> int:
    """Most memory held between the windows of a map of so many parts."""
    features = encoded(release, folder, parts)
    return max([own_bytes(), *(own_bytes() for _ in windows(release, features))])


def test_memory_does_not_grow_with_the_area(release: Release, tmp_path_factory: pytest.TempPathFactory) -> None:
    peak(release, tmp_path_factory.mktemp("warm"), 1)
    small = peak(release, tmp_path_factory.mktemp("small"), 1)
    large = peak(release, tmp_path_factory.mktemp("large"), 5)
    one_part = len(DATES) * 10 * PART_PX * WIDTH_PX * 4
    assert large - small < one_part  # five parts at once would take four more


def test_windows_in_any_order_give_the_same_map(release: Release, tmp_path: Path) -> None:
    features = encoded(release, tmp_path, 1)
    forward = list(windows(release, features))
    for number in (2, 0, 3, 1):
        one = window(release, features, number)
        assert np.array_equal(one.probabilities, forward[number].probabilities, equal_nan=True)
        assert np.array_equal(one.vigour, forward[number].vigour, equal_nan=True)
