"""Learn from a few labelled series and all the unlabelled ones that are to be classified (transductive learning).

Teachers are trained on folds of the labelled series, so that each labelled series is predicted by teachers that never
saw it: this gives their temperature. The frequencies of the classes among the unlabelled series follow from their
calibrated predictions. Students learn from the labelled series and from the teachers' probabilities of the unlabelled
ones; both speak together in the end. What an unlabelled series is called depends on the other unlabelled ones: whoever
classifies one series at a time gets the teachers' accuracy, not this one.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax, softmax

from models.calibration import fit_temperature
from models.ensemble import (
    Ensemble,
    EnsemblePlan,
    Pool,
    fit_ensemble,
    fit_member,
    log_prior,
    network_logits,
)
from models.fitting import Progress
from models.priors import estimate_prior

Floats = NDArray[np.float64]
Values = NDArray[np.float32]
Indices = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class SelfTraining:
    """How series are learned from with and without labels.

    Attributes:
        teachers: plan of the teachers; as many folds as members.
        students: plan of the students; no students where it has no members.
        rounds: how often students are trained; from the second time on, those before are their teachers.
        guessed_batch: unlabelled series a step.
    """

    teachers: EnsemblePlan = field(default_factory=EnsemblePlan)
    students: EnsemblePlan = field(default_factory=lambda: EnsemblePlan(members=4, smoothing=0.0))
    rounds: int = 1
    guessed_batch: int = 128

    @classmethod
    def on(cls, device: str) -> SelfTraining:
        """The standard plan on a torch device."""
        standard = cls()
        return replace(
            standard,
            teachers=replace(standard.teachers, device=device),
            students=replace(standard.students, device=device),
        )

    def seeded(self, seed: int) -> SelfTraining:
        """The same plan with another seed."""
        return replace(
            self, teachers=replace(self.teachers, seed=seed), students=replace(self.students, seed=seed + 500_009)
        )


@dataclass(frozen=True, slots=True)
class Teaching:
    """What teachers say.

    Attributes:
        held_out: (n, classes) logits of the labelled series by teachers that never saw them, free of frequencies.
        logits: (m, classes) calibrated logits of the unlabelled series, free of frequencies.
        temperature: what raw logits were divided by.
        prior: (classes,) estimated frequencies among the unlabelled series.
    """

    held_out: Floats
    logits: Floats
    temperature: float
    prior: Floats

    @property
    def probabilities(self) -> Floats:
        """Probabilities of the unlabelled series, (m, classes)."""
        return np.asarray(softmax(self.logits + log_prior(self.prior), axis=1), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Transduction:
    """Classes of the unlabelled series.

    Attributes:
        probabilities: (m, classes) of teachers and students together, with the estimated frequencies.
        prior: (classes,) estimated frequencies among the unlabelled series.
        teaching: what the teachers alone said.
        ensemble: students, None where there were none.
    """

    probabilities: Floats
    prior: Floats
    teaching: Teaching
    ensemble: Ensemble | None


def self_train(
    values: Values,
    target: Indices,
    unlabelled: Values,
    classes: int,
    days: Values,
    plan: SelfTraining,
    progress: Progress | None = None,
) -> Transduction:
    """Classify unlabelled series.

    Args:
        values: (n, slots, bands) float32 reflectance of the labelled series, NaN gaps.
        target: (n,) class index of these.
        unlabelled: (m, slots, bands) float32 reflectance, NaN gaps.
        classes: number of classes.
        days: (slots,) middle of the slots, days since 1 January of the main year.
        plan: how to learn.
        progress: told after each network.
    """
    teaching = teach(values, target, unlabelled, classes, days, plan.teachers, progress)
    said, prior, students = teaching.logits, teaching.prior, None
    for number in range(plan.rounds if plan.students.members else 0):
        pools = [
            Pool.labelled(values, target, classes, plan.students.batch),
            Pool.guessed(unlabelled, softmax(said + log_prior(prior), axis=1), plan.guessed_batch),
        ]
        students = fit_ensemble(pools, days, _round(plan.students, number), progress, f"students {number + 1}")
        said = _together(teaching.logits, students.logits(unlabelled))
        prior = estimate_prior(said)
    chance = np.asarray(softmax(said + log_prior(prior), axis=1), dtype=np.float64)
    return Transduction(chance, prior, teaching, students)


def _round(plan: EnsemblePlan, number: int) -> EnsemblePlan:
    return replace(plan, seed=plan.seed + 7919 * number)


def _together(teachers: Floats, students: Floats) -> Floats:
    return np.asarray(log_softmax((teachers + students) / 2, axis=1), dtype=np.float64)


def teach(
    values: Values,
    target: Indices,
    unlabelled: Values,
    classes: int,
    days: Values,
    plan: EnsemblePlan,
    progress: Progress | None = None,
) -> Teaching:
    """Train teachers on folds of the labelled series and let them predict; arguments as in `self_train`."""
    fold = stratified_folds(target, plan.members, np.random.default_rng(plan.seed))
    held_out = np.zeros((len(target), classes))
    logits = np.zeros((len(unlabelled), classes))
    for number in range(plan.members):
        out = fold == number
        kept = Pool.labelled(values[~out], target[~out], classes, plan.batch)
        network, loss = fit_member([kept], days, plan.of_member(number))
        held_out[out] = network_logits(network, values[out], days, plan.shifts)
        logits += network_logits(network, unlabelled, days, plan.shifts) / plan.members
        if progress is not None:
            progress("teachers", number + 1, plan.members, loss)
    return _calibrated(held_out, logits, target)


def _calibrated(held_out: Floats, logits: Floats, target: Indices) -> Teaching:
    """Temperature from the labelled series, weighed as if all classes were alike; then the frequencies."""
    temperature = fit_temperature(held_out, target)
    scaled = np.asarray(log_softmax(logits / temperature, axis=1), dtype=np.float64)
    return Teaching(held_out, scaled, temperature, estimate_prior(scaled))


def stratified_folds(target: Indices, folds: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Fold of each series, (n,): classes are spread evenly over folds, and folds have about the same size."""
    fold = np.zeros(len(target), dtype=np.intp)
    dealt = 0
    for place in np.unique(target):
        rows = rng.permutation(np.flatnonzero(target == place))
        fold[rows] = (dealt + np.arange(len(rows))) % folds
        dealt += len(rows)
    return fold
