"""Splits by block and time: no neighbour tells."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.errors import InputError
from scoring.risk.splits import block_folds, hold_out

blocks = st.lists(st.integers(0, 9), min_size=20, max_size=80)


@settings(max_examples=30)
@given(blocks, st.integers(0, 99))
def test_no_block_stands_in_two_parts(names, seed) -> None:
    names = [*names, *range(10)]
    block = np.array(names, dtype=object)
    late = np.arange(len(block)) > len(block) // 2
    parts = hold_out(block, np.random.default_rng(seed), late=late)
    assert not set(block[parts.elsewhere]) & set(block[parts.train | parts.later])
    assert (parts.train.astype(int) + parts.later + parts.elsewhere == 1).all()
    assert not (parts.train & late).any()


@settings(max_examples=30)
@given(blocks, st.integers(0, 99))
def test_folds_keep_blocks_whole_and_all_have_rows(names, seed) -> None:
    block = np.array([*names, *range(10)], dtype=object)
    folds = block_folds(block, 5, np.random.default_rng(seed))
    assert {len(set(folds[block == name])) for name in set(block)} == {1}
    assert set(folds) == set(range(5))


def test_too_few_blocks_refuse() -> None:
    with pytest.raises(InputError, match="1 blocks, fewer than 2"):
        hold_out(np.array(["a", "a"], dtype=object), np.random.default_rng(0))


def test_a_cut_off_before_everything_refuses() -> None:
    with pytest.raises(InputError, match="to learn from"):
        hold_out(np.array(["a", "b"], dtype=object), np.random.default_rng(0), late=np.ones(2, dtype=bool))
