"""Blocks of parcels with the rings of neighbours around them."""

from __future__ import annotations

import numpy as np

from scoring.growth.neighbours import nearest_of_crop
from scoring.growth.watching.blocks import Surrounded, blocks_of


def test_every_parcel_is_in_one_block_and_blocks_are_of_one_crop_that_lies_together() -> None:
    rng = np.random.default_rng(1)
    points, kind = rng.uniform(0, 10_000, (1000, 2)), np.repeat([0, 1], [800, 200])
    points[5] = np.nan
    blocks = blocks_of(points, kind, 100)
    assert sorted(np.concatenate(blocks)) == list(range(1000))
    assert all(len(block) <= 100 and (np.diff(block) > 0).all() for block in blocks)
    assert sum(len(np.unique(kind[block])) == 1 for block in blocks) == len(blocks)
    spans = [np.ptp(points[np.setdiff1d(block, 5)], axis=0).max() for block in blocks[:8]]
    assert np.median(spans) < 7000
    assert blocks_of(np.full((3, 2), np.nan), np.zeros(3, dtype=np.int64), 10)[0].tolist() == [0, 1, 2]


def test_rings_hold_the_neighbours_of_the_neighbours() -> None:
    points = np.column_stack([np.arange(20) * 100.0, np.zeros(20)])
    neighbours = nearest_of_crop(points, np.zeros(20, dtype=np.int64), most=2, within_m=150.0).astype(np.int32)
    block = np.array([9, 10])
    ringed = Surrounded.around(block, neighbours)
    assert ringed.own == 2
    assert ringed.rows[:2].tolist() == [9, 10]
    assert set(ringed.rows[2:]) == {7, 8, 11, 12}
    near = ringed.rows[ringed.neighbours[0][ringed.neighbours[0] >= 0]]
    assert set(near) == {8, 10}
    edge = ringed.neighbours[list(ringed.rows).index(7)]
    assert set(ringed.rows[edge[edge >= 0]]) == {8}
