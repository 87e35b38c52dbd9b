"""What each source of training data adds: short fits without one of them, judged on blocks that were held out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.cardtables import Ablation
from models.evaluation.heldout import targets_of
from models.network import NetworkSpec
from models.series.sample import SeriesSet
from models.training.crossval import renamed, series_heads
from models.training.seriesfit import FitPlan, Progress, fit_series

Bools = NDArray[np.bool_]

#: Names of what is left out beside single sources.
NOTHING, SIMULATED, RADAR = "nothing", "all simulated sources", "radar"


@dataclass(frozen=True, slots=True)
class AblationPlan:
    """How much work goes into the comparison.

    Attributes:
        epochs: of each fit; 0 leaves the comparison out.
    """

    epochs: int = 20


def ablate(
    series: SeriesSet,
    classes: tuple[str, ...],
    spec: NetworkSpec,
    held_out: Bools,
    fit: FitPlan,
    plan: AblationPlan,
    work: Path,
    progress: Progress | None = None,
) -> tuple[Ablation, ...]:
    """Share right on the held-out blocks of every real source, by what was left out of training.

    Args:
        series: labelled series, n of them.
        classes: legend keys in channel order.
        spec: what to build.
        held_out: (n,) blocks of the first fold.
        fit: how to fit, but for the epochs.
        plan: how much work.
        work: folder of the checkpoints; fits that lie there are not done again.
        progress: told after each epoch.
    """
    if plan.epochs == 0:
        return ()
    asked = series.take(held_out & ~series.simulated)
    rows: list[Ablation] = []
    for number, (name, learned) in enumerate(_choices(series.take(~held_out))):
        network = fit_series(
            learned,
            classes,
            spec,
            replace(fit, epochs=plan.epochs),
            checkpoint=work / f"ablation-{number}.pt",
            progress=renamed(progress, f"without {name}"),
        )
        seen = asked.without_radar() if name == RADAR else asked
        right = series_heads(network, seen)[0].argmax(axis=1) == targets_of(asked, classes)
        rows += _by_source(name, asked.plain_source(), right)
    return tuple(rows)


def _choices(series: SeriesSet) -> Iterator[tuple[str, SeriesSet]]:
    """What is left out, and what remains."""
    plain = series.plain_source()
    yield NOTHING, series
    sources = np.unique(plain[~series.simulated])
    if len(sources) > 1:
        yield from ((str(name), series.take(plain != name)) for name in sources)
    if series.simulated.any():
        yield SIMULATED, series.take(~series.simulated)
    if series.has_radar().any():
        yield RADAR, series.without_radar()


def _by_source(without: str, source: NDArray[np.str_], right: Bools) -> list[Ablation]:
    return [
        Ablation(
            without=without,
            source=str(name),
            series=int((source == name).sum()),
            overall=round(float(right[source == name].mean()), 4),
        )
        for name in np.unique(source)
    ]
