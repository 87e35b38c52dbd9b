"""Figures of a crop map against labelled pixels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from geo.legend import NODATA, load_legend
from models.evaluation.parcelreport import NOTHING, plain
from models.labels import LabelMap

#: How often a label (text) meets a value of a crop map (geo.legend; 0 where nothing was seen).
Pairs = Mapping[tuple[str, int], int]


@dataclass(frozen=True, slots=True)
class PixelFigures:
    """Figures of labelled pixels; those whose label the map holds are called mapped, the others strangers.

    Attributes:
        confusion: by true name how many mapped pixels each crop was named in; those without a crop count as "nothing",
            which is wrong.
        left_out: number of pixels by label that the map leaves out; they count nowhere else.
    """

    confusion: dict[str, dict[str, int]]
    left_out: dict[str, int]

    @property
    def pixels(self) -> int:
        """Mapped pixels."""
        return sum(sum(row.values()) for row in self.confusion.values())

    @property
    def f1(self) -> dict[str, float]:
        """F1 of each true name."""
        said: Counter[str] = Counter()
        for row in self.confusion.values():
            said.update(row)
        hits = {name: row.get(name, 0) for name, row in self.confusion.items()}
        return {name: 2 * hits[name] / (sum(row.values()) + said[name]) for name, row in self.confusion.items()}

    def accuracy(self, names: frozenset[str] | None = None) -> float:
        """Share of mapped pixels that are right, of some true names or all; NaN where there are none."""
        rows = {name: row for name, row in self.confusion.items() if names is None or name in names}
        total = sum(sum(row.values()) for row in rows.values())
        return sum(row.get(name, 0) for name, row in rows.items()) / total if total else float("nan")

    def as_dict(self) -> dict[str, object]:
        """Plain values."""
        f1 = self.f1
        return {
            "pixels": self.pixels,
            "accuracy": plain(self.accuracy()),
            "macro_f1": plain(float(np.mean(list(f1.values())))) if f1 else None,
            "f1": {name: plain(score) for name, score in f1.items()},
            "counts": {name: sum(row.values()) for name, row in self.confusion.items()},
            "left_out": self.left_out,
            "confusion": self.confusion,
        }


def pixel_figures(pairs: Pairs, label_map: LabelMap) -> PixelFigures:
    """Score a crop map.

    Args:
        pairs: how often each label meets each value of the map.
        label_map: what the labels mean.
    """
    confusion: dict[str, Counter[str]] = {}
    left_out: Counter[str] = Counter()
    for (label, value), count in sorted(pairs.items()):
        meant = label_map.name_of(label)
        if meant is None:
            left_out[label] += count
            continue
        said = NOTHING if value == NODATA else label_map.said_as(load_legend().at(value).key, meant)
        confusion.setdefault(meant, Counter())[said] += count
    return PixelFigures({name: dict(row) for name, row in confusion.items()}, dict(left_out))
