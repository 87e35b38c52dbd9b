"""What scoring on labelled points found, for each seed and over all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.evaluation.scores import Scores, block_interval

#: Squares over which intervals are drawn where the file tells where its points lie, degrees.
INTERVAL_DEGREES: Final = 0.25


@dataclass(frozen=True, slots=True)
class SeedRow:
    """Figures of one seed.

    Attributes:
        seed: of split and training.
        train_counts, test_counts: points by class label.
        scores: on the test points.
        teachers_accuracy: share right of the teachers alone, with uniform class frequencies: what a network reaches
            that sees one point at a time.
        low, high: 95 % interval of the accuracy, by bootstrap over blocks (over points without lonlat).
        prior: estimated frequencies of the classes among the test points.
        seconds: time taken.
        right: (tests,) whether a test point is right.
        blocks: (tests,) its block.
    """

    seed: int
    train_counts: dict[str, int]
    test_counts: dict[str, int]
    scores: Scores
    teachers_accuracy: float
    low: float
    high: float
    prior: tuple[float, ...]
    seconds: float
    right: NDArray[np.bool_]
    blocks: NDArray[np.str_]

    def as_dict(self, labels: tuple[str, ...]) -> dict[str, object]:
        """Plain values."""
        return {
            "seed": self.seed,
            "overall_accuracy": round(self.scores.overall_accuracy, 4),
            "interval": [round(self.low, 4), round(self.high, 4)],
            "kappa": round(self.scores.kappa, 4),
            "macro_f1": round(self.scores.macro_f1, 4),
            "f1": _by_label(labels, self.scores.f1),
            "teachers_accuracy": round(self.teachers_accuracy, 4),
            "estimated_shares": _by_label(labels, np.array(self.prior)),
            "train_counts": self.train_counts,
            "test_counts": self.test_counts,
            "confusion": self.scores.confusion.tolist(),
            "seconds": round(self.seconds, 1),
        }


def _by_label(labels: tuple[str, ...], values: NDArray[np.float64]) -> dict[str, float]:
    return {label: round(float(value), 4) for label, value in zip(labels, values, strict=True)}


@dataclass(frozen=True, slots=True)
class PointsReport:
    """Figures over all seeds.

    Attributes:
        points: name of the file.
        labels: labels of the classes, as text.
        block_degrees: side of the squares held out, None where points were split at random.
        located: whether intervals were drawn over squares; over points otherwise.
        rows: one for each seed.
    """

    points: str
    labels: tuple[str, ...]
    block_degrees: float | None
    located: bool
    rows: tuple[SeedRow, ...]

    def _over(self, name: str) -> NDArray[np.float64]:
        return np.array([getattr(row.scores, name) for row in self.rows])

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of the mean accuracy: blocks are drawn with all test points that any seed has in them."""
        right = np.concatenate([row.right for row in self.rows])
        blocks = np.concatenate([row.blocks for row in self.rows])
        return block_interval(right, blocks, np.random.default_rng(0))

    def as_dict(self) -> dict[str, object]:
        """Plain values; figures are means over seeds, spread is their standard deviation, lowest and highest."""
        low, high = self.interval
        names = ("overall_accuracy", "kappa", "macro_f1")
        return {
            "points": self.points,
            "split": "random points" if self.block_degrees is None else f"blocks of {self.block_degrees:g} degrees",
            "classes": list(self.labels),
            **{name: round(float(self._over(name).mean()), 4) for name in names},
            "spread": {name: _spread(self._over(name)) for name in names},
            "interval": [round(low, 4), round(high, 4)],
            "interval_over": f"blocks of {self._interval_degrees:g} degrees" if self.located else "points",
            "f1": _by_label(self.labels, self._over("f1").mean(axis=0)),
            "teachers_accuracy": round(float(np.mean([row.teachers_accuracy for row in self.rows])), 4),
            "test_points": [len(row.right) for row in self.rows],
            "seeds": [row.as_dict(self.labels) for row in self.rows],
        }

    @property
    def _interval_degrees(self) -> float:
        return self.block_degrees or INTERVAL_DEGREES

    def table(self) -> list[tuple[str, str]]:
        """Rows of label and value for the terminal."""
        low, high = self.interval
        accuracy = self._over("overall_accuracy")
        rows = [
            ("overall accuracy", f"{accuracy.mean():.4f} (95 % {low:.4f} to {high:.4f})"),
            ("over seeds", ", ".join(f"{value:.4f}" for value in accuracy)),
            ("kappa", f"{self._over('kappa').mean():.4f}"),
            ("macro F1", f"{self._over('macro_f1').mean():.4f}"),
        ]
        for place, label in enumerate(self.labels):
            tests = ", ".join(str(row.test_counts[label]) for row in self.rows)
            rows.append((f"F1 of class {label}", f"{self._over('f1')[:, place].mean():.4f} ({tests} tests)"))
        return rows


def _spread(values: NDArray[np.float64]) -> dict[str, float]:
    deviation = values.std(ddof=1) if len(values) > 1 else 0.0
    return {
        "std": round(float(deviation), 4),
        "min": round(float(values.min()), 4),
        "max": round(float(values.max()), 4),
    }
