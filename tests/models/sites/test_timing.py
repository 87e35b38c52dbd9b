"""Pixels are dated with their neighbours: edges that are made out late were laid with the rest."""

from __future__ import annotations

import numpy as np

from models.sites.settled import settled
from models.sites.timing import covered_by

NEUTRAL = 0.3
SIDE = 12
BLOCK = np.zeros((SIDE, SIDE), dtype=bool)
BLOCK[2:10, 2:10] = True
EDGE = BLOCK.copy()
EDGE[3:9, 3:9] = False


def looks(laid: int, count: int, edge: float, rises: float) -> np.ndarray:
    """(t, y, x) a block that is laid on one look; its edge shows a part that rises bit by bit."""
    shares = np.full((count, SIDE, SIDE), 0.02, dtype=np.float32)
    for look in range(laid, count):
        shares[look][BLOCK] = 0.9
        shares[look][EDGE] = edge + rises * (look - laid)
    return shares


def test_edges_are_dated_with_the_block_that_they_belong_to() -> None:
    shares = looks(laid=6, count=30, edge=0.26, rises=0.01)
    alone = settled(shares, NEUTRAL)
    together = covered_by(shares, alone, NEUTRAL, np.ones((SIDE, SIDE), dtype=bool))
    assert alone[7][EDGE].mean() < 0.5, "by themselves they are late"
    assert together[7][EDGE].mean() > 0.8
    assert together[5].max() < 0.1, "nothing is laid before"


def test_as_of_the_last_look_nothing_differs_and_nothing_falls() -> None:
    shares = looks(laid=4, count=20, edge=0.2, rises=0.02)
    shares[7:9, :, :5] = np.nan
    alone = settled(shares, NEUTRAL)
    together = covered_by(shares, alone, NEUTRAL, np.ones((SIDE, SIDE), dtype=bool))
    np.testing.assert_allclose(together[-1], alone[-1], atol=1e-5)
    assert (np.diff(together, axis=0) >= -1e-6).all()


def test_two_blocks_keep_their_own_days() -> None:
    shares = np.full((20, SIDE, 24), 0.02, dtype=np.float32)
    shares[5:, 2:10, 2:10] = 0.9
    shares[14:, 2:10, 14:22] = 0.9
    chance = settled(shares, NEUTRAL)
    found = covered_by(shares, chance, NEUTRAL, np.ones((SIDE, 24), dtype=bool))
    assert found[6, 2:10, 2:10].min() > 0.9
    assert found[12, 2:10, 14:22].max() < 0.1
    assert found[15, 2:10, 14:22].min() > 0.9


def test_no_look_tells_nothing() -> None:
    none = np.zeros((0, SIDE, SIDE), dtype=np.float32)
    assert covered_by(none, none, NEUTRAL, BLOCK).shape == (0, SIDE, SIDE)
