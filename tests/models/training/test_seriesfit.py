from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from models.evaluation.heldout import Calibrated, accuracy_table, targets_of
from models.evaluation.scores import block_interval, f1_scores
from models.network import NetworkSpec
from models.series.sample import SeriesSet, joined
from models.series.vigour import vigour_targets
from models.training.chips import IGNORED, paint_chip, palettes
from models.training.contextfit import ContextPlan, context_gain, fit_context
from models.training.crossval import cross_validate, series_heads
from models.training.seriesfit import FitPlan, draw_weights, fit_series

CLASSES = ("wheat", "maize", "grass")
SPEC = NetworkSpec(classes=3, width=16, queries=2, features=16, decoder=(16, 16, 8))
PLAN = FitPlan(epochs=3, draws=256, batch=64, average=0.9)


class StoppedError(RuntimeError):
    """Stands for whatever ends a run early."""


def weights(network: torch.nn.Module) -> list[torch.Tensor]:
    return [tensor.clone() for tensor in network.state_dict().values()]


def stop_after(stage: str, epochs: int):
    def progress(name: str, done: int, _total: int, _loss: float) -> None:
        if name == stage and done == epochs:
            raise StoppedError

    return progress


def test_a_stopped_run_ends_like_one_that_was_not(labelled: SeriesSet, scratch: Path) -> None:
    whole = fit_series(labelled, CLASSES, SPEC, PLAN)
    path = scratch / "series.pt"
    with pytest.raises(StoppedError):
        fit_series(labelled, CLASSES, SPEC, PLAN, checkpoint=path, progress=stop_after("series", 1))
    resumed = fit_series(labelled, CLASSES, SPEC, PLAN, checkpoint=path)
    assert all(torch.equal(one, other) for one, other in zip(weights(whole), weights(resumed), strict=True))


def test_a_checkpoint_of_other_data_is_not_used(labelled: SeriesSet, scratch: Path) -> None:
    path = scratch / "series.pt"
    fit_series(labelled, CLASSES, SPEC, PLAN, checkpoint=path)
    seen: list[int] = []
    other = labelled.take(np.arange(100))
    fit_series(other, CLASSES, SPEC, PLAN, checkpoint=path, progress=lambda _s, done, _t, _l: seen.append(done))
    assert seen == [1, 2, 3]


def test_seeds_differ(labelled: SeriesSet) -> None:
    one, other = (fit_series(labelled, CLASSES, SPEC, replace(PLAN, epochs=1, seed=seed)) for seed in (1, 2))
    assert not all(torch.equal(a, b) for a, b in zip(weights(one), weights(other), strict=True))


def test_crops_that_differ_are_told_apart_on_unseen_blocks(labelled: SeriesSet, scratch: Path) -> None:
    plan = replace(PLAN, epochs=14, draws=512, batch=32, rate=1e-2)
    held = cross_validate(labelled, CLASSES, SPEC, plan, 2, scratch)
    calibrated = Calibrated.of(labelled, CLASSES, held)
    (row,) = accuracy_table(labelled, CLASSES, held, calibrated.inside)
    assert row.overall >= 0.9
    assert row.low <= row.overall <= row.high
    assert row.coverage >= 0.9
    assert row.blocks == 6


def test_what_only_radar_shows_is_learned_from_radar(labelled: SeriesSet) -> None:
    alike = np.broadcast_to(labelled.values[:1], labelled.values.shape).copy()
    level = np.array([-14.0, -10.0, -6.0])[targets_of(labelled, CLASSES)]
    radar = np.broadcast_to(level[:, None, None], labelled.radar.shape).astype(np.float32)
    shown = replace(labelled, values=alike, radar=radar)
    plan = replace(PLAN, epochs=8, draws=512, batch=32, rate=1e-2)
    network = fit_series(shown, CLASSES, replace(SPEC, radar=8), plan)
    target = targets_of(shown, CLASSES)
    assert (series_heads(network, shown)[0].argmax(axis=1) == target).mean() > 0.9
    assert (series_heads(network, shown.without_radar())[0].argmax(axis=1) == target).mean() < 0.5


def test_mixed_precision_learns_nearly_the_same(labelled: SeriesSet) -> None:
    plan = replace(PLAN, epochs=1)
    full, mixed = (fit_series(labelled, CLASSES, SPEC, replace(plan, mixed=kind)) for kind in (False, True))
    said = [series_heads(network, labelled)[0] for network in (full, mixed)]
    assert not np.array_equal(*said)
    np.testing.assert_allclose(*said, atol=0.1)
    context = ContextPlan(chips=4, check=1, size_px=16, epochs=1, batch=2, mixed=True)
    fit_context(mixed, labelled, CLASSES, context)
    assert all(torch.isfinite(weight).all() for weight in mixed.parameters())


def test_context_learns_without_moving_the_encoder_and_resumes(labelled: SeriesSet, scratch: Path) -> None:
    plan = ContextPlan(chips=16, check=4, size_px=32, epochs=2, batch=4)
    network = fit_series(labelled, CLASSES, SPEC, PLAN)
    before = weights(network.temporal)
    fit_context(network, labelled, CLASSES, plan)
    gain = context_gain(network, labelled, CLASSES, plan)
    assert 0 < gain.alone <= 1
    assert 0 < gain.with_context <= 1
    assert all(torch.equal(one, other) for one, other in zip(before, weights(network.temporal), strict=True))
    path = scratch / "context.pt"
    again = fit_series(labelled, CLASSES, SPEC, PLAN)
    with pytest.raises(StoppedError):
        fit_context(again, labelled, CLASSES, plan, checkpoint=path, progress=stop_after("context", 1))
    resumed = fit_series(labelled, CLASSES, SPEC, PLAN)
    fit_context(resumed, labelled, CLASSES, plan, checkpoint=path)
    assert all(torch.equal(one, other) for one, other in zip(weights(network), weights(resumed), strict=True))


def test_chips_are_painted_with_what_they_say(labelled: SeriesSet) -> None:
    target = targets_of(labelled, CLASSES).astype(np.int64)
    palette = palettes(labelled, target, vigour_targets(labelled), draw_weights(labelled, 0.4))["made-up"]
    chip = paint_chip(palette, 48, np.random.default_rng(3))
    assert chip.values.shape == (54, 10, 48, 48)
    assert set(np.unique(chip.target)) <= {IGNORED, 0, 1, 2}
    assert (chip.target != IGNORED).mean() > 0.5
    clear = np.isfinite(chip.values).all(axis=1)
    assert 0.05 < clear.mean() < 0.8
    assert np.isfinite(chip.vigour[chip.target != IGNORED]).all()
    again = paint_chip(palette, 48, np.random.default_rng(3))
    np.testing.assert_array_equal(np.nan_to_num(chip.values), np.nan_to_num(again.values))


def test_rare_groups_are_drawn_more_often_each(labelled: SeriesSet) -> None:
    some = joined(
        [labelled.take(labelled.crop == "wheat"), labelled.take(np.flatnonzero(labelled.crop == "maize")[:5])]
    )
    weight = draw_weights(some, 0.4)
    assert weight.sum() == pytest.approx(1)
    assert weight[some.crop == "maize"].min() > weight[some.crop == "wheat"].max()
    assert weight[some.crop == "maize"].sum() < weight[some.crop == "wheat"].sum()


def test_scores_against_a_hand_made_table() -> None:
    target, said = np.array([0, 0, 0, 1, 1, 2]), np.array([0, 0, 1, 1, 2, 2])
    np.testing.assert_allclose(f1_scores(target, said, 4), [0.8, 0.5, 2 / 3, 0])
    blocks = np.array(["a", "a", "a", "b", "b", "b"])
    assert block_interval(target == said, blocks, np.random.default_rng(0)) == pytest.approx((2 / 3, 2 / 3))


def test_series_heads_do_not_depend_on_the_batch(labelled: SeriesSet) -> None:
    network = fit_series(labelled, CLASSES, SPEC, replace(PLAN, epochs=1))
    together, _ = series_heads(network, labelled)
    parts = np.concatenate(
        [series_heads(network, labelled.take(np.arange(start, min(start + 7, 180))))[0] for start in range(0, 180, 7)]
    )
    np.testing.assert_allclose(together, parts, atol=1e-5)
