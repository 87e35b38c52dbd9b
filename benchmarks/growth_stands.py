"""Clearing of forest found in series of Sentinel-2, on blocks that the model did not see, and the error of its date.

    python benchmarks/growth_stands.py --data ../shared/data [--quick]

`forest-rondonia`: 241 places in Rondonia, 36 dates every ten days; 21 are labelled cleared. Blocks are cells of a tenth
of a degree, dealt into ten folds; several deals. The baseline says "never". The samples carry no date of clearing: its
error is measured on series of held-out blocks that are spliced from forest and other land on a known date. So is
thinning: see growth_stands_thinning.py.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from growth_stands_thinning import thinning_lines

from scoring.growth.trees.stands import CLASSES, STAND_BANDS, StandModel, disturbance_dates, fit_stands, spliced_stands

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_NAMES: Final = {"Deforestation": CLASSES[0], "Forest": CLASSES[1], "NonForest": CLASSES[2]}
_CELL_DEGREES: Final = 0.1
_FOLDS: Final = 10
_LIMIT: Final = 0.5
_DEALS: Final = 10


@dataclass(frozen=True, slots=True)
class Samples:
    """Series of n places: bands (n, t, 7), t days, classes (n,) and blocks (n,)."""

    bands: Floats
    days: tuple[date, ...]
    kinds: npt.NDArray[np.str_]
    block: npt.NDArray[np.int64]

    @property
    def cleared(self) -> Flags:
        """(n,) whether a place is labelled cleared."""
        return self.kinds == CLASSES[0]


def read_samples(data: Path) -> Samples:
    """The samples of `forest-rondonia`."""
    rows = pd.read_parquet(data / "forest-rondonia" / "samples.parquet").sort_values(["sample", "date"])
    days = tuple(day.date() for day in sorted(rows.date.unique()))
    places = rows.groupby("sample")[["label", "longitude", "latitude"]].first()
    bands = rows[list(STAND_BANDS)].to_numpy().reshape(len(places), len(days), len(STAND_BANDS))
    cell = np.floor(places[["longitude", "latitude"]].to_numpy() / _CELL_DEGREES)
    block = np.unique(cell, axis=0, return_inverse=True)[1].reshape(-1)
    return Samples(bands, days, places.label.map(_NAMES).to_numpy(dtype=str), block)


def folds(samples: Samples, seed: int) -> npt.NDArray[np.int64]:
    """(n,) fold of each place: whole blocks, dealt at random."""
    count = int(samples.block.max()) + 1
    dealt = np.random.default_rng(seed).permutation(count) % _FOLDS
    return dealt[samples.block]


def held_out(samples: Samples, seed: int) -> tuple[Floats, npt.NDArray[np.float64]]:
    """Probability of each place from folds without its block, and errors of dates of spliced series, in days."""
    fold = folds(samples, seed)
    probability = np.zeros(len(fold))
    errors = []
    for one in range(_FOLDS):
        rng = np.random.default_rng([seed, one])
        train, test = fold != one, fold == one
        model = fit_stands(samples.bands[train], list(samples.kinds[train]), rng)
        probability[test] = model.cleared(samples.bands[test])
        errors.append(_date_errors(samples, test, model, rng))
    return probability, np.concatenate(errors)


def _date_errors(samples: Samples, test: Flags, model: StandModel, rng: np.random.Generator) -> Floats:
    forest = np.flatnonzero(test & (samples.kinds == CLASSES[1]))
    other = np.flatnonzero(test & (samples.kinds == CLASSES[2]))
    if not len(forest) or not len(other):
        return np.zeros(0)
    first, second = rng.choice(forest, 30), rng.choice(other, 30)
    at = rng.integers(3, len(samples.days) - 3, 30)
    series = spliced_stands(samples.bands[first], samples.bands[second], at)
    found = model.cleared(series) > _LIMIT
    days = np.array(samples.days, dtype="datetime64[D]")
    off = (disturbance_dates(series, samples.days) - days[at]) / np.timedelta64(1, "D")
    kept: Floats = off[found]
    return kept


def scores(said: Flags, true: Flags) -> tuple[float, float, float, float]:
    """F1, precision, recall and accuracy of what was said."""
    hits = int((said & true).sum())
    precision, recall = hits / max(int(said.sum()), 1), hits / int(true.sum())
    f1 = 2 * hits / max(int(said.sum()) + int(true.sum()), 1)
    return f1, precision, recall, float((said == true).mean())


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder that holds forest-rondonia")
    parser.add_argument("--quick", action="store_true", help="one deal of blocks")
    chosen = parser.parse_args(arguments)
    samples = read_samples(chosen.data)
    true = samples.cleared
    print(f"{len(true)} places in {samples.block.max() + 1} blocks, {int(true.sum())} cleared")
    print(f"{'':24} {'F1':>6} {'prec.':>6} {'recall':>6} {'accuracy':>8}")
    _line("never", scores(np.zeros_like(true), true))
    rows, errors = [], []
    for seed in range(1 if chosen.quick else _DEALS):
        probability, off = held_out(samples, seed)
        rows.append(scores(probability > _LIMIT, true))
        errors.append(off)
        _line(f"model, deal {seed}", rows[-1])
    _line("model, mean of deals", tuple(np.mean(rows, axis=0)))
    print(f"standard deviation of F1 over deals {np.std([row[0] for row in rows]):.3f}")
    days = np.concatenate(errors)
    print(
        f"date of spliced clearings that were found ({len(days)}): median error {np.median(days):+.0f} days, ", end=""
    )
    print(f"median absolute {np.median(np.abs(days)):.0f}, within 20 days {np.mean(np.abs(days) <= 20):.2f}")  # noqa: PLR2004
    for line in thinning_lines(samples.bands, samples.days, samples.kinds, folds(samples, 0), 0):
        print(line)
    return 0


def _line(name: str, row: Sequence[float]) -> None:
    print(f"{name:24} {row[0]:6.3f} {row[1]:6.3f} {row[2]:6.3f} {row[3]:8.3f}")


if __name__ == "__main__":
    sys.exit(main())
