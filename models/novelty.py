"""Novelty: how unlike all that was learned from a series is, and from where on it is too unlike to be decided."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from geo.season import dekad_of
from models.kernelmachine import Course, KernelMachine, KernelPlan
from models.series.sample import SeriesSet, grid_days, grid_starts

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Indices = NDArray[np.intp]
Values = NDArray[np.float32]

#: Series that are kept, chosen at random, rare groups of source and crop more often.
_LANDMARKS: Final = 400
_BALANCE: Final = 0.5

#: Ten-day slots that make one step of the machine: novelty needs no finer course, and a release stays small.
_SLOTS: Final = 2
#: Series scored at once.
_BATCH: Final = 4096


@dataclass(frozen=True, slots=True)
class NoveltyModel:
    """A compact kernel machine over all classes: how little it vouches for what the network calls a series.

    One less the score of the named crop finds strangers better than one less the greatest score of any (docs/model.md):
    network and machine go wrong in different ways where both know nothing.

    Attributes:
        machine: on steps of twenty days of the training grid.
    """

    machine: KernelMachine

    @classmethod
    def fit(cls, series: SeriesSet, target: Indices, classes: int, seed: int) -> NoveltyModel:
        """Fit on labelled series; the same seed keeps the same series.

        Args:
            series: n of them, whole seasons.
            target: (n,) class indices.
            classes: how many the network has.
            seed: of the choice of series that are kept.
        """
        indicators = np.eye(classes)[target]
        kept = _landmarks(series, np.random.default_rng(seed))
        days = _joined_days()
        return cls(KernelMachine.compact(_joined(series.values), days, indicators, KernelPlan(), kept))

    def novelty(self, values: Values, crop: Indices) -> Floats:
        """Novelty of series, (n,): near 0 for what looks like the crop that it is called, near 1 for what does not.

        Args:
            values: (n, slots, bands) reflectance on the training grid, NaN gaps.
            crop: (n,) class index that the network names.

        Returns:
            NaN where nothing is clear.
        """
        parts = [slice(first, first + _BATCH) for first in range(0, len(values), _BATCH)]
        return np.concatenate([np.zeros(0), *(self._part(values[part], crop[part]) for part in parts)])

    def _part(self, values: Values, crop: Indices) -> Floats:
        seen = np.asarray(np.isfinite(values).all(axis=2)).any(axis=1)
        scores = self.machine.scores(_joined(values))
        return np.where(seen, 1 - scores[np.arange(len(scores)), crop], np.nan)

    def tensors(self) -> dict[str, Tensor]:
        """What a release stores: landmarks in half precision, all else in single."""
        machine = self.machine
        single = {
            "mean": machine.course.mean,
            "spread": machine.course.spread,
            "centre": machine.centre,
            "scale": machine.scale,
            "dual": machine.dual,
            "sharpness": np.array(machine.sharpness),
        }
        stored = {name: torch.from_numpy(np.asarray(figures, dtype=np.float32)) for name, figures in single.items()}
        return {**stored, "shown": torch.from_numpy(machine.shown.astype(np.float16))}

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, Tensor]) -> NoveltyModel:
        """The machine of `tensors`; KeyError where one is missing."""
        part = {name: tensor.numpy().astype(np.float64) for name, tensor in tensors.items()}
        course = Course(_joined_days(), part["mean"], part["spread"])
        return cls(
            KernelMachine(course, part["centre"], part["scale"], part["shown"], part["dual"], float(part["sharpness"]))
        )


def on_training_grid(values: Values, dates: Sequence[date], year: int) -> Values:
    """Ten-day steps (n, steps, bands) of any season around a main year, on the training grid (n, slots, bands).

    Steps outside the grid are left out; of two in one slot the later is kept.
    """
    place = {start: slot for slot, start in enumerate(grid_starts(year))}
    laid = np.full((len(values), len(place), values.shape[2]), np.nan, dtype=np.float32)
    for step, day in enumerate(dates):
        slot = place.get(dekad_of(day))
        if slot is not None:
            laid[:, slot] = values[:, step]
    return laid


def _landmarks(series: SeriesSet, rng: np.random.Generator) -> Indices:
    groups = np.array([f"{source}|{crop}" for source, crop in zip(series.source, series.crop, strict=True)])
    _, inverse, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    weight = sizes[inverse].astype(np.float64) ** -_BALANCE
    return np.asarray(rng.choice(len(series), min(_LANDMARKS, len(series)), replace=False, p=weight / weight.sum()))


def _joined(values: Values) -> Values:
    """Means of the clear ones of neighbouring slots: (n, slots / 2, bands), NaN where none is clear."""
    pairs = values.reshape(len(values), -1, _SLOTS, values.shape[2])
    clear = np.isfinite(pairs).all(axis=3, keepdims=True)
    count = clear.sum(axis=2)
    total = np.where(clear, pairs, 0).sum(axis=2)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan).astype(np.float32)


def _joined_days() -> Values:
    return np.asarray(grid_days().reshape(-1, _SLOTS).mean(axis=1), dtype=np.float32)


def novelty_limit(known: Floats, share: float) -> float:
    """Novelty up to which a series may be decided: at least `share` of further known series stay below.

    Args:
        known: (n,) novelty of known series that the scoring model had not seen.
        share: 0.95 leaves out one known series in twenty.

    Returns:
        The finite-sample quantile, infinity where the known series are too few for the share.
    """
    rank = math.ceil((len(known) + 1) * share)
    return float(np.sort(known)[rank - 1]) if rank <= len(known) else math.inf


def risk_limit(strangers: Floats, decidable: Bools, allowed: float) -> float:
    """Novelty up to which at most a share of further strangers would be decided.

    Args:
        strangers: (n,) novelty of series of none of the classes, which the scoring model had not seen.
        decidable: (n,) those that would be decided were they not novel.
        allowed: share that may be decided: on average over exchangeable strangers no more are (Angelopoulos et al.
            2024, conformal risk control).

    Returns:
        A limit that no decidable stranger beyond the allowed number stays below; infinity where all may be decided.
    """
    spare = math.floor(allowed * (len(strangers) + 1) - 1)
    inside = np.sort(strangers[decidable])
    if spare < 0:
        return -math.inf
    return float(np.nextafter(inside[spare], -math.inf)) if spare < len(inside) else math.inf
