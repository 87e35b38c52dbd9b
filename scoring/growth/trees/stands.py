"""Stands of trees: which were cleared within a series, and when.

A stand is cleared where it looked like forest and then looks like what is no forest, and stays so. Cleared stands are
rare in samples, so a model learns from spliced series too: a forest until a day, a place without forest from then on.
What a series shows is measured against forest of the same dates, which haze and season move alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Protocol

import numpy as np
import numpy.typing as npt

from geo.errors import DataError, InputError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: What a series holds, in this order: reflectance 0..1, and NDVI.
STAND_BANDS: Final = ("B02", "B03", "B08", "B8A", "B11", "B12", "NDVI")
#: With NDMI and NBR behind them: +1 where trees raise a value, -1 where they lower it.
_SIGN: Final = np.array([-1, -1, 1, 1, -1, -1, 1, 1, 1], dtype=np.float64)
_NDMI: Final = 7

CLASSES: Final = ("cleared", "forest", "other")
_LEAST_DATES: Final = 8
#: Looks that stand for a series' first and last state.
_EDGE: Final = 4
#: Spliced series, and weights that let cleared stands make up a quarter of what is learned.
_SPLICED: Final = 200
_SPLICED_WEIGHT: Final = 0.15
_CLEARED_WEIGHT: Final = 2.0
#: A clearing is dated by the look at which NDMI has lost this share of what it loses.
_DATED_SHARE: Final = 0.5


class _Classifier(Protocol):
    classes_: npt.NDArray[np.str_]

    def predict_proba(self, values: Floats) -> Floats: ...


@dataclass(frozen=True, slots=True)
class StandModel:
    """What tells cleared stands.

    Attributes:
        forest: (t, 9) medians of forest on each date.
        centre: (f,) means of the features.
        scale: (f,) their standard deviations.
        classifiers: each gives a probability; their mean counts.
    """

    forest: Floats
    centre: Floats
    scale: Floats
    classifiers: tuple[_Classifier, ...]

    def cleared(self, bands: Floats) -> Floats:
        """(n,) probability, 0 to 1, that a stand was cleared within the series.

        Args:
            bands: (n, t, 7) of STAND_BANDS on the dates that the model learned from.

        Raises:
            DataError: another number of dates or bands.
        """
        if bands.ndim != 3 or bands.shape[1] != len(self.forest):  # noqa: PLR2004 - (n, t, 7)
            raise DataError("STANDS_SHAPE", f"Bands {bands.shape} are not of the model's {len(self.forest)} dates.")
        values = (_features(_with_indices(bands), self.forest) - self.centre) / self.scale
        each = [one.predict_proba(values)[:, list(one.classes_).index(CLASSES[0])] for one in self.classifiers]
        mean: Floats = np.mean(each, axis=0)
        return mean


def fit_stands(bands: Floats, classes: Sequence[str], rng: np.random.Generator) -> StandModel:
    """Learn from labelled series of one region and the same dates.

    Args:
        bands: (n, t, 7) of STAND_BANDS, reflectance, no gaps.
        classes: n of CLASSES.
        rng: draws the spliced series.

    Raises:
        InputError: scikit-learn is not installed, or a class has no series.
        DataError: too few dates, gaps, or another number of bands.
    """
    kinds = np.array(classes)
    _check(bands, kinds)
    values = _with_indices(bands)
    forest = np.median(values[kinds == CLASSES[1]], axis=0)
    spliced = _spliced(values, kinds, rng)
    known = np.concatenate([kinds, np.full(len(spliced), CLASSES[0])])
    weight = np.where(known == CLASSES[0], _CLEARED_WEIGHT, 1.0)
    weight[len(kinds) :] = _SPLICED_WEIGHT
    features = _features(np.concatenate([values, spliced]), forest)
    centre, scale = features.mean(axis=0), np.maximum(features.std(axis=0), 1e-6)
    return StandModel(forest, centre, scale, _fitted((features - centre) / scale, known, weight))


def _check(bands: Floats, kinds: npt.NDArray[np.str_]) -> None:
    if bands.ndim != 3 or bands.shape[1] < _LEAST_DATES or bands.shape[2] != len(STAND_BANDS):  # noqa: PLR2004
        raise DataError("STANDS_SHAPE", f"Bands {bands.shape}: (n, at least {_LEAST_DATES}, 7) is wanted.")
    if not np.isfinite(bands).all():
        raise DataError("STANDS_GAPS", "The series of stands have gaps.", "Fill them between clear dates first.")
    missing = [kind for kind in CLASSES if not (kinds == kind).any()]
    if missing:
        raise InputError("STANDS_CLASS", f"No series is labelled {missing[0]!r}.", f"Label {', '.join(CLASSES)}.")


def _fitted(features: Floats, kinds: npt.NDArray[np.str_], weight: Floats) -> tuple[_Classifier, ...]:
    try:
        from sklearn.calibration import CalibratedClassifierCV  # noqa: PLC0415 - an optional extra
        from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
        from sklearn.svm import SVC  # noqa: PLC0415
    except ImportError as error:
        raise InputError("STANDS_EXTRA", "scikit-learn is not installed.", "Install the extra `train`.") from error
    models = (LogisticRegression(C=0.1, max_iter=3000), CalibratedClassifierCV(SVC(C=3.0), ensemble=False))
    return tuple(model.fit(features, kinds, sample_weight=weight) for model in models)


def disturbance_dates(bands: Floats, days: Sequence[date]) -> npt.NDArray[np.datetime64]:
    """(n,) the look at which a stand's greatest loss of NDMI is half done, read from medians of three looks.

    It says when, not whether: a stand that never lost anything has a date too.

    Args:
        bands: (n, t, 7) of STAND_BANDS.
        days: t ascending dates.
    """
    ndmi = _of_three(_with_indices(bands)[:, :, _NDMI])
    before, after, loss = _greatest_loss(ndmi)
    rows = np.arange(len(ndmi))
    level = ndmi[rows, before] - _DATED_SHARE * loss
    at = np.arange(ndmi.shape[1])
    gone = (ndmi <= level[:, None]) & (at > before[:, None]) & (at <= after[:, None])
    found: npt.NDArray[np.datetime64] = np.array(days, dtype="datetime64[D]")[gone.argmax(axis=1)]
    return found


def spliced_stands(first: Floats, second: Floats, at: Ints) -> Floats:
    """(n, t, ...) series that are the first before a date's position and the second from it on."""
    before = np.arange(first.shape[1]) < at[:, None]
    joined: Floats = np.where(before[..., None], first, second)
    return joined


def _spliced(values: Floats, kinds: npt.NDArray[np.str_], rng: np.random.Generator) -> Floats:
    forest, other = np.flatnonzero(kinds == CLASSES[1]), np.flatnonzero(kinds == CLASSES[2])
    first, second = rng.choice(forest, _SPLICED), rng.choice(other, _SPLICED)
    return spliced_stands(values[first], values[second], rng.integers(_EDGE - 1, values.shape[1] - 1, _SPLICED))


def _with_indices(bands: Floats) -> Floats:
    """(n, t, 9): with NDMI and NBR."""
    narrow, short, far = (bands[..., at] for at in (3, 4, 5))
    return np.concatenate([bands, np.stack([_ratio(narrow, short), _ratio(narrow, far)], axis=-1)], axis=-1)


def _ratio(one: Floats, other: Floats) -> Floats:
    ratio: Floats = (one - other) / np.maximum(one + other, 1e-6)
    return ratio


def _of_three(series: Floats) -> Floats:
    """(n, t) medians of three looks; the ends as they are."""
    inner = np.median(np.stack([series[:, :-2], series[:, 1:-1], series[:, 2:]]), axis=0)
    return np.concatenate([series[:, :1], inner, series[:, -1:]], axis=1)


def _greatest_loss(series: Floats) -> tuple[Ints, Ints, Floats]:
    """Positions before and after the greatest fall from an earlier height, and the fall."""
    fall = np.maximum.accumulate(series, axis=1) - series
    after = fall.argmax(axis=1)
    rows, at = np.arange(len(series)), np.arange(series.shape[1])
    before = np.where(at <= after[:, None], series, -np.inf).argmax(axis=1)
    return before, after, fall[rows, after]


def _features(values: Floats, forest: Floats) -> Floats:
    """Levels before and after the greatest loss, levels of the season and losses: as measured, and against forest."""
    return np.hstack([_levels(values), _levels(values - forest)])


def _levels(values: Floats) -> Floats:
    before, after, loss = _greatest_loss(values[:, :, _NDMI])
    rows = np.arange(len(values))
    columns = [loss, after.astype(np.float64)]
    for band in range(values.shape[2]):
        series = values[:, :, band]
        steady, signed = _of_three(series), _SIGN[band] * series
        columns += [steady[rows, before], steady[rows, after], *np.percentile(series, (10, 50, 90), axis=1)]
        columns += [series[:, : _EDGE + 1].mean(axis=1), series[:, -_EDGE + 1 :].mean(axis=1)]
        columns.append((np.maximum.accumulate(signed, axis=1) - signed).max(axis=1))
    return np.stack(columns, axis=1)
