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
from models.ensemble import Ensemble, Job, train
from models.fitting import Progress
from models.memberfit import EnsemblePlan, Pool, log_prior
from models.priors import estimate_prior

Floats = NDArray[np.float64]
Values = NDArray[np.float32]
Indices = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class HalfLabelled:
    """Series, some with labels and some without.

    Attributes:
        values: (n, slots, bands) float32 reflectance of the labelled series, NaN gaps.
        target: (n,) class index of these.
        unlabelled: (m, slots, bands) float32 reflectance of the others, NaN gaps.
        classes: number of classes.
        days: (slots,) middle of the slots, days since 1 January of the main year.
    """

    values: Values
    target: Indices
    unlabelled: Values
    classes: int
    days: Values

    def labelled(self, rows: NDArray[np.bool_], batch: int) -> Pool:
        """Some of the labelled series, (n,), to learn from."""
        return Pool.labelled(self.values[rows], self.target[rows], self.classes, batch)


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
        return _chance(self.logits, self.prior)


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


def self_train(series: HalfLabelled, plan: SelfTraining, progress: Progress | None = None) -> Transduction:
    """Classify the unlabelled series; `progress` is told after each network."""
    teaching = teach(series, plan.teachers, progress)
    said, prior, students = teaching.logits, teaching.prior, None
    for number in range(plan.rounds if plan.students.members else 0):
        trained = train(_lessons(series, said, prior, plan, number), series.days, progress, f"students {number + 1}")
        said = _normalised(teaching.logits + np.mean([each.said[0] for each in trained], axis=0))
        prior = estimate_prior(said)
        students = Ensemble(tuple(each.network for each in trained), series.days, plan.students.shifts)
    return Transduction(_chance(said, prior), prior, teaching, students)


def _lessons(series: HalfLabelled, said: Floats, prior: Floats, plan: SelfTraining, number: int) -> list[Job]:
    """What the students of a round learn from, and what they are asked."""
    everyone = np.ones(len(series.target), dtype=bool)
    known = series.labelled(everyone, plan.students.batch)
    guessed = Pool.guessed(series.unlabelled, _chance(said, prior), plan.guessed_batch)
    round_plan = replace(plan.students, seed=plan.students.seed + 7919 * number)
    members = (round_plan.of_member(place) for place in range(round_plan.members))
    return [Job((known, guessed), member, (series.unlabelled,)) for member in members]


def teach(series: HalfLabelled, plan: EnsemblePlan, progress: Progress | None = None) -> Teaching:
    """Train as many teachers as the plan has members, on folds of the labelled series, and ask them."""
    fold = stratified_folds(series.target, plan.members, np.random.default_rng(plan.seed))
    jobs = [
        Job(
            (series.labelled(fold != number, plan.batch),),
            plan.of_member(number),
            (series.values[fold == number], series.unlabelled),
        )
        for number in range(plan.members)
    ]
    held_out = np.zeros((len(series.target), series.classes))
    logits = np.zeros((len(series.unlabelled), series.classes))
    for number, trained in enumerate(train(jobs, series.days, progress, "teachers")):
        held_out[fold == number], rest = trained.said
        logits += rest / plan.members
    return _calibrated(held_out, logits, series.target)


def _normalised(logits: Floats) -> Floats:
    """Mean of two log-probabilities from their sum, (n, classes)."""
    return np.asarray(log_softmax(logits / 2, axis=1), dtype=np.float64)


def _chance(logits: Floats, prior: Floats) -> Floats:
    return np.asarray(softmax(logits + log_prior(prior), axis=1), dtype=np.float64)


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
