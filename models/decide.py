"""From probabilities to sets of crops that hold the right one nine times in ten, and to decisions that seldom err."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from geo.season import dekad_of
from models.card import ModelCard, Region, ZoneCalibration
from models.timegrid import month_of_main_year

Probabilities = NDArray[np.float32] | NDArray[np.float64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Indices = NDArray[np.intp]

#: A probability is never quite 0, so that its logarithm is a number.
_LEAST: Final = 1e-12

#: Crops that the set of a series which is not decided holds at least.
_SEVERAL: Final = 2


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of some series beside what they show.

    Attributes:
        regions: (n,) region of the card in which each lies, None where it lies in none.
        last_month: (n,) last month of the main year in which each is clear, 1 to 12: 1 for what ends before the year,
            12 for what ends after it.
        by_month: (n, 12) ten-day steps in which each is clear, by calendar month.
        novelty: (n,) how unlike all that was learned from each is (models.novelty), 0 where that is not known.
    """

    regions: tuple[Region | None, ...]
    last_month: Indices
    by_month: Indices
    novelty: Floats

    @classmethod
    def of(
        cls,
        regions: Sequence[Region | None],
        clear: Bools,
        days: Sequence[date],
        year: int,
        novelty: Floats | None = None,
    ) -> Evidence:
        """Of series that are clear (n, days) on some days of a season with a main year."""
        steps = sorted({dekad_of(day) for day in days})
        place = np.searchsorted(np.array(steps, dtype="datetime64[D]"), [np.datetime64(dekad_of(day)) for day in days])
        seen = np.zeros((len(clear), len(steps)), dtype=bool)
        for column, step in enumerate(place):
            seen[:, step] |= clear[:, column]
        by_month = np.zeros((len(clear), 12), dtype=np.intp)
        last = np.ones(len(clear), dtype=np.intp)
        for column, step in enumerate(steps):
            by_month[:, step.month - 1] += seen[:, column]
            last[seen[:, column]] = month_of_main_year(step, year)
        return cls(tuple(regions), last, by_month, np.zeros(len(clear)) if novelty is None else novelty)

    @classmethod
    def nowhere(cls, count: int) -> Evidence:
        """Of series of which nothing is known."""
        months = np.zeros((count, 12), dtype=np.intp)
        return cls((None,) * count, np.ones(count, dtype=np.intp), months, np.zeros(count))

    @property
    def clear_steps(self) -> Indices:
        """Ten-day steps in which each is clear, (n,)."""
        return np.asarray(self.by_month.sum(axis=1), dtype=np.intp)

    @property
    def zone(self) -> NDArray[np.object_]:
        """Name of the calibration that holds for each, "" for that of the whole card, (n,)."""
        return np.array(["" if region is None else region.zone for region in self.regions], dtype=object)

    def take(self, rows: Indices) -> Evidence:
        """Of some of the series, by index."""
        regions = tuple(self.regions[row] for row in rows)
        return Evidence(regions, self.last_month[rows], self.by_month[rows], self.novelty[rows])

    def covered(self, crops: Sequence[str | None], card: ModelCard) -> Bools:
        """Whether the card covers region, crop and months of each series, (n,).

        Args:
            crops: (n,) legend key of each, None where there is none.
            card: of the regions.
        """
        return np.array(
            [
                region is not None
                and crop is not None
                and card.crop_covered(crop, region)
                and region.covers_season(by_month.tolist(), int(last))
                for region, crop, by_month, last in zip(
                    self.regions, crops, self.by_month, self.last_month, strict=True
                )
            ],
            dtype=bool,
        )


@dataclass(frozen=True, slots=True)
class Decision:
    """What is said of some series.

    Attributes:
        probabilities: (n, classes) float64 calibrated for what is known of each, NaN where it was never clear.
        sets: of each the legend keys of its set, most likely first; one key where it is decided.
    """

    probabilities: Floats
    sets: list[tuple[str, ...]]


def decide(probabilities: Probabilities, card: ModelCard, evidence: Evidence) -> Decision:
    """Calibrated probabilities and sets.

    In a calibrated zone a series is decided, its set one crop, where the most likely crop is as sure as risk control
    asks of such evidence and the series is not novel; the set of any other holds at least two. Elsewhere the card's own
    threshold makes the sets. The guarantees hold for series like those of the calibration, on average over them, and
    for no unseen region.

    Args:
        probabilities: (n, classes) in the card's order, as the network gives them; a row with NaN gives an empty set.
        card: holds classes and calibrations.
        evidence: of the same series.
    """
    known = np.asarray(np.isfinite(probabilities).all(axis=1))
    logits = np.log(np.maximum(np.where(known[:, None], probabilities, 1.0), _LEAST)) * card.temperature
    calibrated = np.asarray(softmax(logits / card.temperature, axis=1), dtype=np.float64)
    inside = calibrated >= card.conformal.threshold
    names, steps = evidence.zone, evidence.clear_steps
    for zone in card.zones:
        here = np.flatnonzero(names == zone.zone)
        calibrated[here], inside[here] = judged(
            logits[here], zone, evidence.last_month[here], steps[here], evidence.novelty[here]
        )
    calibrated[~known], inside[~known] = np.nan, False
    return Decision(calibrated, _named(calibrated, inside, card.classes))


def judged(
    logits: Floats, zone: ZoneCalibration, month: Indices, clear_steps: Indices, novelty: Floats
) -> tuple[Floats, Bools]:
    """Calibrated probabilities and members of the sets, both (n, classes), by the figures of one zone.

    Args:
        logits: (n, classes).
        zone: the calibration.
        month: (n,) last month seen, 1 to 12.
        clear_steps: (n,) clear ten-day steps.
        novelty: (n,) how unlike all that was learned from each is.
    """
    column = np.maximum(np.searchsorted(zone.clear_steps, clear_steps, side="right") - 1, 0)
    temperature, sure, threshold = (
        np.array(table)[month - 1, column][:, None] for table in (zone.temperature, zone.sure, zone.threshold)
    )
    chance = np.asarray(softmax(logits / temperature, axis=1), dtype=np.float64)
    rank = np.argsort(np.argsort(-chance, axis=1, kind="stable"), axis=1, kind="stable")
    decided = chance.max(axis=1, keepdims=True, initial=0.0) >= sure
    if zone.novelty is not None:
        decided &= (novelty <= np.array(zone.novelty)[month - 1, column])[:, None]
    return chance, np.where(decided, rank == 0, (rank < _SEVERAL) | (chance >= threshold))


def crop_sets(probabilities: Probabilities, card: ModelCard) -> list[tuple[str, ...]]:
    """Sets by the card's own threshold, for series of which nothing is known (see `decide`)."""
    return decide(probabilities, card, Evidence.nowhere(len(probabilities))).sets


def _named(chance: Floats, inside: Bools, classes: tuple[str, ...]) -> list[tuple[str, ...]]:
    order = np.argsort(-np.nan_to_num(chance), axis=1, kind="stable")
    return [
        tuple(classes[place] for place in ranked if held[place]) for ranked, held in zip(order, inside, strict=True)
    ]


def named_classes(probabilities: Probabilities) -> Indices:
    """Class index of the most likely crop of each row, (n,); 0 where a row holds NaN."""
    return np.asarray(np.nan_to_num(probabilities).argmax(axis=1), dtype=np.intp)


def best_guess(probabilities: Probabilities, card: ModelCard) -> list[str | None]:
    """Most likely crop of each row, (n,) legend keys; None where a row holds NaN."""
    known = np.asarray(np.isfinite(probabilities).all(axis=1))
    best = named_classes(probabilities)
    return [card.classes[place] if sure else None for place, sure in zip(best, known, strict=True)]
