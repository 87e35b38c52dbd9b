"""Rows of the model card's tables: what was measured on spatial blocks that the network had not seen."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0, le=1)]
Month = Annotated[int, Field(ge=1, le=12)]


class Part(BaseModel):
    """A part of the card: unknown keys refuse."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Accuracy(Part):
    """Figures of one source on blocks that the network had not seen.

    Attributes:
        source: name of the data source.
        series: series tested.
        blocks: spatial blocks they lie in.
        overall: share right.
        low, high: 95 % interval of it, by bootstrap over blocks.
        macro_f1: mean F1 of classes with at least ten series.
        f1: by class with at least ten series.
        baseline: share right of a random forest on the same folds, None where it was not run.
        coverage: share of series whose set holds their crop.
        set_size: mean size of the sets.
        vigour_correlation: Pearson correlation of vigour with its target, None without targets.
    """

    source: str
    series: int
    blocks: int
    overall: Share
    low: Share
    high: Share
    macro_f1: Share
    f1: dict[str, Share]
    baseline: Share | None
    coverage: Share
    set_size: float
    vigour_correlation: float | None


class Decisions(Part):
    """What is decided of some whole seasons, and how often rightly, each fold judged by what the others calibrate.

    Attributes:
        by: what the series are grouped by.
        group: name of the group.
        series, blocks: how many.
        coverage: share whose set holds their crop.
        coverage_p: p-value of the exact block test (models.calibration) that it is at least the card's level.
        share_decided: share whose set holds one crop.
        wrong_of_decided: share of those that are wrong, None where none is decided.
        wrong_p: p-value of the exact block test that it is at most the card's risk.
    """

    by: Literal["zone", "source", "crop", "clear steps"]
    group: str
    series: int
    blocks: int
    coverage: Share
    coverage_p: Share
    share_decided: Share
    wrong_of_decided: Share | None
    wrong_p: Share


class EarlySeason(Part):
    """Figures of one source when the season was seen only until the end of a month, on unseen blocks.

    Attributes:
        source: name of the data source.
        month: last month seen, of the season's main year.
        series: series with something clear by then.
        overall: share whose best guess is right.
        low, high: 95 % interval of it, by bootstrap over blocks.
        coverage: share whose set holds their crop.
        share_decided: share whose set holds one crop.
        right_of_decided: share of those that are right, None where none is decided.
    """

    source: str
    month: Month
    series: int
    overall: Share
    low: Share
    high: Share
    coverage: Share
    share_decided: Share
    right_of_decided: Share | None


class Ablation(Part):
    """What training without one source comes to, in short fits on blocks that the network had not seen.

    Attributes:
        without: what was left out of training: a source, all simulated ones, radar, or nothing.
        source: name of the data source that is asked about.
        series: series tested.
        overall: share right.
    """

    without: str
    source: str
    series: int
    overall: Share
