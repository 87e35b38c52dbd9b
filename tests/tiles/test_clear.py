from __future__ import annotations

import numpy as np

from tiles.clear import CLEAR_CLASSES, clear_mask


def test_only_ground_is_clear() -> None:
    classes = np.arange(12, dtype=np.uint8).reshape(1, 3, 4)
    seen = clear_mask(classes)
    assert seen.shape == classes.shape
    assert set(classes[seen]) == set(CLEAR_CLASSES) == {4, 5, 6}


def test_values_outside_the_legend_are_not_clear() -> None:
    assert not clear_mask(np.array([12, 255], dtype=np.uint8)).any()
