from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
import pytest
import torch

from models.series.sample import SeriesSet, grid_days
from models.training import ensemble
from models.training.ensemble import Ensemble, Job, train
from models.training.memberfit import EnsemblePlan, Pool, fit_member, log_prior
from models.training.priors import estimate_prior
from models.training.semisupervised import HalfLabelled, SelfTraining, self_train, stratified_folds
from models.training.seriesnet import fill_series

CLASSES = np.array(["wheat", "maize", "grass"])
PLAN = EnsemblePlan(members=2, steps=40, batch=32, width=16, shifts=(0.0,), average=0.9)


@pytest.fixture(scope="module")
def target(labelled: SeriesSet) -> np.ndarray:
    return np.array([list(CLASSES).index(key) for key in labelled.crop])


def test_gaps_are_interpolated_and_ends_kept() -> None:
    nan = float("nan")
    values = torch.tensor([nan, 1.0, nan, nan, 4.0, nan])[None, :, None].expand(1, 6, 10)
    filled = fill_series(values, torch.arange(6.0))
    assert filled.values[0, :, 0].tolist() == pytest.approx([1, 1, 2, 3, 4, 4])
    assert filled.clear[0].tolist() == [0, 1, 0, 0, 1, 0]
    assert filled.days.shape == (1, 6)


def test_a_step_without_one_band_is_a_gap_and_an_empty_series_is_finite() -> None:
    values = torch.rand(2, 5, 10)
    values[0, 2, 7] = float("nan")
    values[1] = float("nan")
    filled = fill_series(values, torch.arange(5.0))
    assert filled.clear[0].tolist() == [1, 1, 0, 1, 1]
    assert torch.allclose(filled.values[0, 2], (values[0, 1] + values[0, 3]) / 2)
    assert torch.equal(filled.values[1], torch.zeros(5, 10))


def test_an_ensemble_learns_and_takes_frequencies_into_account(labelled: SeriesSet, target: np.ndarray) -> None:
    seen: list[tuple[str, int, int]] = []
    pool = Pool.labelled(labelled.values, target, 3, 32)
    jobs = [Job((pool,), PLAN.of_member(number)) for number in range(PLAN.members)]
    trained = train(jobs, grid_days(), lambda *said: seen.append(said[:3]), "ensemble")
    fitted = Ensemble(tuple(each.network for each in trained), grid_days(), PLAN.shifts)
    assert seen == [("ensemble", 1, 2), ("ensemble", 2, 2)]
    assert (fitted.logits(labelled.values).argmax(axis=1) == target).mean() > 0.95
    alike = fitted.probabilities(labelled.values)
    rare = fitted.probabilities(labelled.values, np.array([0.0, 0.5, 0.5]))
    assert alike.sum(axis=1) == pytest.approx(1)
    assert (rare[:, 0] <= alike[:, 0]).all()


def test_fits_repeat_and_seeds_differ(labelled: SeriesSet, target: np.ndarray) -> None:
    pool = Pool.labelled(labelled.values, target, 3, 32)
    plan = replace(PLAN, steps=3)
    one, again, other = (fit_member([pool], grid_days(), replace(plan, seed=seed))[0] for seed in (1, 1, 2))
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), again.parameters(), strict=True))
    assert not all(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True))


def test_processes_change_nothing(labelled: SeriesSet, target: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    pool = Pool.labelled(labelled.values, target, 3, 32)
    jobs = [Job((pool,), replace(PLAN, steps=2, seed=seed), (labelled.values[:7],)) for seed in (4, 5)]
    here = train(jobs, grid_days())
    monkeypatch.setattr(ensemble, "_WORTH_PROCESSES", 0)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    beside = train(jobs, grid_days())
    assert all(np.array_equal(one.said[0], other.said[0]) for one, other in zip(here, beside, strict=True))


def test_nothing_is_mixed_without_mixup(labelled: SeriesSet, target: np.ndarray) -> None:
    pool = Pool.labelled(labelled.values, target, 3, 8, weight=np.where(target == 0, 0.0, 1.0))
    assert pool.prior.tolist() == [0, 0.5, 0.5]
    network, loss = fit_member([pool], grid_days(), replace(PLAN, steps=3, mixup=0.0))
    assert np.isfinite(loss)
    assert not network.training


def test_frequencies_are_found_without_labels() -> None:
    rng = np.random.default_rng(0)
    prior = np.array([0.7, 0.25, 0.05])
    target = rng.choice(3, size=4000, p=prior)
    # Gaussian classes with known means: the exact log-likelihoods.
    feature = rng.normal(np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 2.0]])[target], 1.0)
    means = np.array([[0.0, 0.0], [2.0, 0.0], [0.0, 2.0]])
    logits = -((feature[:, None] - means) ** 2).sum(axis=2) / 2
    found = estimate_prior(logits)
    assert found == pytest.approx(prior, abs=0.03)
    right = [(said.argmax(axis=1) == target).mean() for said in (logits, logits + log_prior(found))]
    assert right[1] > right[0]


def test_folds_spread_classes() -> None:
    target = np.repeat([0, 1, 2], [20, 11, 3])
    fold = stratified_folds(target, 5, np.random.default_rng(0))
    assert np.bincount(fold[target == 0]).tolist() == [4] * 5
    assert np.ptp(np.bincount(fold)) <= 1


def test_unlabelled_series_are_classified(labelled: SeriesSet, target: np.ndarray) -> None:
    train = np.arange(len(target)) % 3 == 0
    rest = ~train & ((target != 0) | (np.arange(len(target)) % 5 == 0))
    plan = SelfTraining(teachers=PLAN, students=replace(PLAN, members=1, smoothing=0.0), guessed_batch=16)
    series = HalfLabelled(labelled.values[train], target[train], labelled.values[rest], 3, grid_days())
    found = self_train(series, plan.seeded(3))
    assert found.ensemble is not None
    assert (found.probabilities.argmax(axis=1) == target[rest]).mean() > 0.9
    assert found.prior == pytest.approx(np.bincount(target[rest]) / rest.sum(), abs=0.08)
    assert found.teaching.held_out.shape == (train.sum(), 3)


def test_teachers_alone(labelled: SeriesSet, target: np.ndarray) -> None:
    plan = SelfTraining(teachers=replace(PLAN, steps=2), students=replace(PLAN, members=0))
    found = self_train(HalfLabelled(labelled.values, target, labelled.values[:5], 3, grid_days()), plan)
    assert found.ensemble is None
    assert np.array_equal(found.probabilities, found.teaching.probabilities)
