from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from geo.errors import InputError
from models.evaluation.blockplan import BlockPlan
from models.evaluation.parcelreport import Judged
from models.evaluation.retrained import STRANGER, UNUSED, Parcels, judge_by_blocks, judge_elsewhere
from models.series.folds import deal_blocks
from models.series.sample import SeriesSet, grid_days
from models.training.memberfit import EnsemblePlan

PLAN = BlockPlan(folds=2, inner=2, network=EnsemblePlan(steps=40, width=8, batch=16, average=0.9, shifts=(0.0,)))
CLASSES = ("wheat", "maize")
_SEASON = slice(18, 44)


def parcels(labelled: SeriesSet) -> Parcels:
    """Wheat and maize in twelve blocks, grass as strangers, some parcels of no use, and one that shows nothing."""
    target = np.array([CLASSES.index(key) if key in CLASSES else STRANGER for key in labelled.crop])
    target[::30] = UNUSED
    block = np.array([f"b{number % 12}" for number in range(len(target))])
    values = labelled.values[:, _SEASON].copy()
    values[1] = np.nan
    return Parcels(values, grid_days()[_SEASON], CLASSES, target, block)


@pytest.fixture(scope="module")
def outcome(labelled: SeriesSet) -> tuple[Parcels, Judged]:
    shown = parcels(labelled)
    return shown, judge_by_blocks(shown, PLAN)


def test_known_parcels_are_decided_and_most_strangers_are_not(outcome: tuple[Parcels, Judged]) -> None:
    shown, said = outcome
    known, strange = (shown.target >= 0) & shown.clear, shown.target == STRANGER
    right = said.guess[known] == np.array(CLASSES, dtype=object)[shown.target[known]]
    assert right.mean() > 0.9
    assert said.decided[known].mean() > 0.5
    assert said.decided[strange].mean() < 0.3
    held = [CLASSES[place] in crops for place, crops in zip(shown.target, said.crop_set, strict=True) if place >= 0]
    assert np.mean(held) > 0.8
    assert all(len(said.crop_set[row]) == 1 for row in np.flatnonzero(said.decided))


def test_the_same_seed_says_the_same_and_no_label_of_a_held_out_block_matters(outcome: tuple[Parcels, Judged]) -> None:
    shown, said = outcome
    # One fold's labels are made wrong: what is said of that fold, which learned from the other, stays the same.
    fold = deal_blocks(shown.block, PLAN.folds, np.random.default_rng(PLAN.seed))
    wrong = np.where((fold == 0) & (shown.target >= 0), 1 - shown.target, shown.target)
    again = judge_by_blocks(replace(shown, target=wrong), PLAN)
    np.testing.assert_array_equal(again.guess[fold == 0], said.guess[fold == 0])
    np.testing.assert_array_equal(again.decided[fold == 0], said.decided[fold == 0])


def test_elsewhere_crops_that_nobody_showed_are_left_alone(labelled: SeriesSet) -> None:
    shown = parcels(labelled)
    learn = shown.target >= 0
    learn[1::3] = False
    said = judge_elsewhere(shown, learn, PLAN)
    asked = ~learn & (shown.target >= 0)
    right = said.guess[asked] == np.array(CLASSES, dtype=object)[shown.target[asked]]
    assert right.mean() > 0.9
    assert said.decided[asked].mean() > 0.5
    assert said.decided[shown.target == STRANGER].mean() < 0.3


def test_a_parcel_that_shows_nothing_is_neither_guessed_nor_decided(outcome: tuple[Parcels, Judged]) -> None:
    _, said = outcome
    assert (said.guess[1], said.crop_set[1], said.decided[1]) == (None, (), False)
    assert said.guess[0] is not None


def test_too_few_blocks_and_empty_series_are_refused(labelled: SeriesSet) -> None:
    shown = parcels(labelled)
    with pytest.raises(InputError, match="too few"):
        judge_by_blocks(replace(shown, block=np.array(["b1", "b2"] * 90)), PLAN)
    with pytest.raises(InputError, match="clear"):
        judge_by_blocks(replace(shown, values=np.full_like(shown.values, np.nan)), PLAN)
