"""The card's table of predictions on held-out blocks, what is calibrated on them, and a random forest beside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.calibration import conformal_threshold, fit_temperature, probabilities_of
from models.card import ZoneCalibration
from models.cardtables import Accuracy, Decisions, EarlySeason
from models.evaluation.decisions import decision_table
from models.evaluation.early import early_season
from models.evaluation.scores import block_interval, f1_scores
from models.evaluation.states import HeldOutNovelty, clear_steps_of, last_months_of, states
from models.evaluation.zones import LEVEL, CrossFitted, fit_zones, whole_seasons
from models.novelty import NoveltyModel
from models.series.sample import SeriesSet
from models.series.vigour import vigour_targets
from models.training.crossval import HeldOut

#: Series from which a class of a source gets an F1 of its own.
_MIN_OF_CLASS: Final = 10

Indices = NDArray[np.intp]
Bools = NDArray[np.bool_]

#: What the name of a source ends with where its radar was read.
RADAR: Final = " + radar"


@dataclass(frozen=True, slots=True)
class Calibrated:
    """All that a card says of calibration, and what it came to on blocks that were held out.

    Attributes:
        temperature, threshold: over all whole real seasons, for series of which nothing is known.
        zones: by farming zone and by what is known of a series.
        decisions: what they decide, each fold judged by the figures of the others.
        early: the same by source and last month seen.
        inside: (n, classes) members of the sets of the series as they are, judged in the same way.
        fitted: the figures that each fold is judged by.
    """

    temperature: float
    threshold: float
    zones: tuple[ZoneCalibration, ...]
    decisions: tuple[Decisions, ...]
    early: tuple[EarlySeason, ...]
    inside: Bools
    fitted: CrossFitted

    @classmethod
    def of(cls, series: SeriesSet, classes: tuple[str, ...], held: HeldOut) -> Calibrated:
        """Calibrate on predictions of held-out blocks; every series is predicted some seventy times.

        Args:
            series: labelled series, n of them.
            classes: legend keys in channel order.
            held: predictions on held-out blocks, of at least two folds.
        """
        target = targets_of(series, classes)
        novelty = held_out_novelty(series, target, len(classes), held.fold)
        seen = list(states(series, lambda cut: held.heads(cut)[0], novelty))
        fitted = CrossFitted.of(series, target, held.fold, seen)
        months, steps = last_months_of(series.values), clear_steps_of(series.values)
        _, inside = fitted.judge(np.arange(len(series)), held.logits, months, steps, novelty(series, held.logits))
        temperature, threshold = calibrate(series, classes, held)
        return cls(
            temperature=temperature,
            threshold=threshold,
            zones=fit_zones(series, target, seen),
            decisions=decision_table(series, target, fitted, seen, inside),
            early=early_season(series, target, fitted, seen),
            inside=inside,
            fitted=fitted,
        )


def radar_table(
    series: SeriesSet, classes: tuple[str, ...], held: HeldOut, fitted: CrossFitted
) -> tuple[Accuracy, ...]:
    """Rows of the sources that have radar, when it is read: under their names and RADAR.

    Temperatures and thresholds stay those of series without it, since most places of use have none.

    Args:
        series: labelled series, n of them.
        classes: legend keys in channel order.
        held: predictions on held-out blocks from all that the series hold.
        fitted: the figures that each fold is judged by.
    """
    rows = np.flatnonzero(series.has_radar())
    if not rows.size:
        return ()
    part = series.take(rows)
    months, steps = last_months_of(part.values), clear_steps_of(part.values)
    _, inside = fitted.judge(rows, held.logits[rows], months, steps)
    named = replace(part, source=np.array([f"{name}{RADAR}" for name in part.source], dtype=object))
    return accuracy_table(named, classes, held.take(rows), inside)


def release_novelty(series: SeriesSet, classes: tuple[str, ...], seed: int) -> NoveltyModel:
    """The machine that is shipped: of all whole seasons."""
    whole = series.take(whole_seasons(series))
    return NoveltyModel.fit(whole, targets_of(whole, classes), len(classes), seed)


def held_out_novelty(series: SeriesSet, target: Indices, classes: int, fold: Indices) -> HeldOutNovelty:
    """Novelty of series in any state, each by a machine of the whole seasons of the other folds."""
    numbers = [int(number) for number in np.unique(fold)]
    whole = whole_seasons(series)
    learnt = {each: whole & (fold != each) for each in numbers}
    models = {each: NoveltyModel.fit(series.take(rows), target[rows], classes, each) for each, rows in learnt.items()}

    def novelty(cut: SeriesSet, logits: NDArray[np.float64]) -> NDArray[np.float64]:
        found = np.zeros(len(cut))
        for each, model in models.items():
            out = fold == each
            found[out] = model.novelty(cut.values[out], logits[out].argmax(axis=1))
        return found

    return novelty


def accuracy_table(
    series: SeriesSet,
    classes: tuple[str, ...],
    held: HeldOut,
    inside: Bools,
    baseline: Indices | None = None,
) -> tuple[Accuracy, ...]:
    """One row for each source, from predictions on blocks that were held out.

    Args:
        series: labelled series.
        classes: legend keys in channel order.
        held: predictions on held-out blocks.
        inside: (n, classes) members of the sets (see `Calibrated`).
        baseline: (n,) class index said by a random forest on the same folds, None without.
    """
    target = targets_of(series, classes)
    vigour = vigour_targets(series)
    rows = []
    for source in np.unique(series.source.astype(str)):
        of = np.flatnonzero(series.source == source)
        rows.append(
            _row(
                str(source),
                series.block[of].astype(str),
                target[of],
                held.logits[of].argmax(axis=1),
                classes,
                inside[of],
                None if baseline is None else baseline[of],
                _correlation(held.vigour[of], vigour[of]),
            )
        )
    return tuple(rows)


def _row(
    source: str,
    blocks: NDArray[np.str_],
    target: Indices,
    said: Indices,
    classes: tuple[str, ...],
    sets: Bools,
    baseline: Indices | None,
    correlation: float | None,
) -> Accuracy:
    low, high = block_interval(said == target, blocks, np.random.default_rng(0))
    scores = f1_scores(target, said, len(classes))
    counts = np.bincount(target, minlength=len(classes))
    shown = {key: round(scores[place], 3) for place, key in enumerate(classes) if counts[place] >= _MIN_OF_CLASS}
    return Accuracy(
        source=source,
        series=len(target),
        blocks=len(np.unique(blocks)),
        overall=round(float((said == target).mean()), 4),
        low=round(low, 4),
        high=round(high, 4),
        macro_f1=round(float(np.mean(list(shown.values()))) if shown else 0.0, 4),
        f1=shown,
        baseline=None if baseline is None else round(float((baseline == target).mean()), 4),
        coverage=round(float(sets[np.arange(len(target)), target].mean()), 4),
        set_size=round(float(sets.sum(axis=1).mean()), 3),
        vigour_correlation=correlation,
    )


def targets_of(series: SeriesSet, classes: tuple[str, ...]) -> Indices:
    """Class index of each series, (n,)."""
    index = {key: place for place, key in enumerate(classes)}
    return np.array([index[key] for key in series.crop], dtype=np.intp)


def _correlation(said: NDArray[np.float64], target: NDArray[np.float32]) -> float | None:
    known = np.isfinite(target)
    if known.sum() < _MIN_OF_CLASS:
        return None
    return round(float(np.corrcoef(said[known], target[known])[0, 1]), 3)


def calibrate(series: SeriesSet, classes: tuple[str, ...], held: HeldOut) -> tuple[float, float]:
    """Temperature and conformal threshold of whole real seasons, from predictions on held-out blocks."""
    real = ~series.simulated & whole_seasons(series)
    target = targets_of(series, classes)[real]
    temperature = fit_temperature(held.logits[real], target)
    chance = probabilities_of(held.logits[real], temperature)
    return temperature, conformal_threshold(chance, target, LEVEL)


def forest_baseline(
    series: SeriesSet, target: Indices, held: HeldOut, seed: int, progress: Callable[[int], None] | None = None
) -> Indices:
    """What a random forest says on the same folds, (n,); features are slots filled in time. Needs scikit-learn."""
    from sklearn.ensemble import RandomForestClassifier  # noqa: PLC0415 - a development dependency

    from models.training.chips import fill_gaps  # noqa: PLC0415 - brings the simulation with it

    filled = fill_gaps(series.values, np.asarray(np.isfinite(series.values).all(axis=2))).reshape(len(series), -1)
    said = np.zeros(len(series), dtype=np.intp)
    for number in np.unique(held.fold):
        out = held.fold == number
        forest = RandomForestClassifier(200, min_samples_leaf=2, class_weight="balanced_subsample", random_state=seed)
        said[out] = forest.fit(filled[~out], target[~out]).predict(filled[out])
        if progress is not None:
            progress(int(number) + 1)
    return said
