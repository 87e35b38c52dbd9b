"""Learn from a few labelled series and all the unlabelled ones that are to be classified (transductive learning).

Teachers, networks and kernel machines, are trained on folds of the labelled series, so that each labelled series is
predicted by teachers that never saw it: this gives their temperature. The frequencies of the classes among the
unlabelled series follow from the teachers' calibrated predictions. Students learn from the labelled series and from
the teachers' probabilities of the unlabelled ones; both speak together in the end. What an unlabelled series is called
depends on the other unlabelled ones: whoever classifies one series at a time gets the teachers' accuracy, not this one.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_softmax, softmax

from models.calibration import fit_temperature
from models.training.ensemble import Ensemble, Job, Trained, train
from models.training.kernels import convolution_features, kernel_logits, plain_features
from models.training.memberfit import EnsemblePlan, Pool, log_prior
from models.training.priors import estimate_prior
from models.training.seriesfit import Progress

Floats = NDArray[np.float64]
Values = NDArray[np.float32]
Indices = NDArray[np.intp]

#: What the networks, and each of the two kernel machines, weigh in a common verdict of the teachers.
NETWORKS: Final = 0.7
KERNELS: Final = 0.15


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
    students: EnsemblePlan = field(default_factory=lambda: EnsemblePlan(members=3, smoothing=0.0))
    rounds: int = 1
    guessed_batch: int = 64

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
class _Voice:
    """Raw logits of one kind of teacher, free of frequencies: of the labelled series held out, and of the others."""

    held_out: Floats
    logits: Floats
    weight: float


@dataclass(frozen=True, slots=True)
class Teaching:
    """What teachers say.

    Attributes:
        held_out: (n, classes) calibrated logits of the labelled series by teachers that never saw them, free of
            frequencies.
        logits: (m, classes) calibrated logits of the unlabelled series, free of frequencies.
        prior: (classes,) estimated frequencies among the unlabelled series.
        voices: networks, and kernel machines on plain and on convolved series, each alone.
    """

    held_out: Floats
    logits: Floats
    prior: Floats
    voices: tuple[_Voice, ...]

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
    voices = [_networks(series, fold, train(jobs, series.days, progress, "teachers"))]
    voices += [_kernels(series, fold, features) for features in _features(series, plan.seed)]
    return _agreed(voices, series.target)


def _networks(series: HalfLabelled, fold: Indices, teachers: list[Trained]) -> _Voice:
    held_out = np.zeros((len(series.target), series.classes))
    for number, teacher in enumerate(teachers):
        held_out[fold == number] = teacher.said[0]
    return _Voice(held_out, np.mean([teacher.said[1] for teacher in teachers], axis=0), NETWORKS)


def _features(series: HalfLabelled, seed: int) -> list[Floats]:
    """What the kernel machines hear of all series, the labelled ones first."""
    values = np.concatenate([series.values, series.unlabelled])
    return [plain_features(values, series.days), convolution_features(values, series.days, seed)]


def _kernels(series: HalfLabelled, fold: Indices, features: Floats) -> _Voice:
    known, rest = features[: len(series.target)], features[len(series.target) :]
    held_out = np.zeros((len(series.target), series.classes))
    for number in np.unique(fold):
        kept = fold != number
        asked = kernel_logits(known[kept], series.target[kept], series.classes, [known[~kept]])
        held_out[~kept] = asked[0]
    return _Voice(held_out, kernel_logits(known, series.target, series.classes, [rest])[0], KERNELS)


def _normalised(logits: Floats) -> Floats:
    """Mean of two log-probabilities from their sum, (n, classes)."""
    return np.asarray(log_softmax(logits / 2, axis=1), dtype=np.float64)


def _chance(logits: Floats, prior: Floats) -> Floats:
    return np.asarray(softmax(logits + log_prior(prior), axis=1), dtype=np.float64)


def _agreed(voices: list[_Voice], target: Indices) -> Teaching:
    """Weighted mean of the voices, each with its temperature, then the frequencies."""
    scales = [fit_temperature(voice.held_out, target) for voice in voices]
    total = sum(voice.weight for voice in voices)
    shares = [voice.weight / total / scale for voice, scale in zip(voices, scales, strict=True)]
    held_out = sum(share * voice.held_out for share, voice in zip(shares, voices, strict=True))
    logits = sum(share * voice.logits for share, voice in zip(shares, voices, strict=True))
    said = np.asarray(log_softmax(logits, axis=1), dtype=np.float64)
    return Teaching(np.asarray(log_softmax(held_out, axis=1)), said, estimate_prior(said), tuple(voices))


def stratified_folds(target: Indices, folds: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Fold of each series, (n,): classes are spread evenly over folds, and folds have about the same size."""
    fold = np.zeros(len(target), dtype=np.intp)
    dealt = 0
    for place in np.unique(target):
        rows = rng.permutation(np.flatnonzero(target == place))
        fold[rows] = (dealt + np.arange(len(rows))) % folds
        dealt += len(rows)
    return fold
