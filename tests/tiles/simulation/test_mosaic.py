from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from tiles.simulation.mosaic import Layout, cut_mosaic, field_mosaic


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_shares_of_every_pixel_add_up_to_one(seed: int):
    mosaic = cut_mosaic(np.random.default_rng(seed), 32)
    np.testing.assert_allclose(np.asarray(mosaic.weights.sum(axis=1)).ravel(), 1.0, atol=1e-5)
    dense = mosaic.weights.toarray()
    np.testing.assert_allclose(dense.max(axis=1).reshape(32, 32), mosaic.share)
    owner = np.where(mosaic.index < 0, len(mosaic.shapes), mosaic.index).ravel()
    np.testing.assert_allclose(dense[np.arange(owner.size), owner], mosaic.share.ravel())


def test_plots_are_long_do_not_overlap_and_have_mixed_borders():
    mosaic = cut_mosaic(np.random.default_rng(0), 96, Layout(plot_ha=1.0))
    areas = np.array([shape.area for shape in mosaic.shapes])
    boxes = [shape.minimum_rotated_rectangle.exterior.coords for shape in mosaic.shapes]
    sides = np.array(
        [
            [np.hypot(b[1][0] - b[0][0], b[1][1] - b[0][1]), np.hypot(b[2][0] - b[1][0], b[2][1] - b[1][1])]
            for b in boxes
        ]
    )
    assert np.median(sides.max(axis=1) / sides.min(axis=1)) > 1.8
    assert areas.sum() == pytest.approx(shapely.union_all(mosaic.shapes).area, rel=1e-6)
    assert 0.1 < (mosaic.share < 0.99).mean() < 0.9


def test_painting_mixes_values_on_borders_only():
    mosaic = cut_mosaic(np.random.default_rng(1), 32)
    values = np.arange(len(mosaic.shapes) + 1, dtype=np.float32)
    painted = mosaic.paint(values)
    whole = (mosaic.share > 1 - 1e-6) & (mosaic.index >= 0)
    np.testing.assert_allclose(painted[whole], mosaic.index[whole], rtol=1e-5)
    assert mosaic.paint(np.ones((len(values), 3, 2))).shape == (3, 2, 32, 32)


def test_the_index_alone_is_the_same_landscape():
    index = field_mosaic(np.random.default_rng(5), 48)
    assert index.shape == (48, 48)
    assert index.dtype == np.int32
    np.testing.assert_array_equal(index, cut_mosaic(np.random.default_rng(5), 48).index)
    assert index.max() > 3
