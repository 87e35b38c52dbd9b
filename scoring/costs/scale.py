"""A scale of finance proposed from a survey: a figure per group of farms, with its interval and its rounding."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import numpy as np
import pandas as pd

from geo.area import convert_area
from scoring.costs.cleaning import CleanSurvey
from scoring.costs.mapping import AreaUnit, SurveyMapping
from scoring.costs.statistics import Statistic, bootstrap, central
from scoring.money import Ints, Mode, round_to

#: Group of all farms, which every other falls back to.
EVERYWHERE: Final = "everywhere"
#: What survives before the stated rounding: further decimals are noise of binary numbers.
_SMALLEST: Final = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class ScaleOptions:
    """How figures are made of farms.

    Attributes:
        by: level of grouping, or None for one figure.
        unit: unit of area of the figures.
        statistic: which figure is proposed.
        trim: share that a trimmed mean leaves out at each end.
        by_area: farms weigh by their area, on top of a weight of the survey's own.
        least_farms: a group with fewer takes the figure of the next wider one.
        round_to: step in major units.
        mode: direction of the rounding.
        confidence: of the interval.
        resamples: draws of the bootstrap.
        seed: of the bootstrap.
    """

    by: str | None
    unit: AreaUnit
    statistic: Statistic = Statistic.MEDIAN
    trim: float = 0.1
    by_area: bool = False
    least_farms: int = 30
    round_to: Decimal = Decimal(100)
    mode: Mode = Mode.HALF_UP
    confidence: float = 0.95
    resamples: int = 1000
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Figures:
    """What a group of farms says, money per unit of area.

    Attributes:
        median, trimmed_mean: of the cost.
        low, high: interval of the statistic that is proposed.
        items: the statistic of each item; medians do not add up to the median of the sum.
    """

    median: Decimal
    trimmed_mean: Decimal
    low: Decimal
    high: Decimal
    items: dict[str, Decimal]


@dataclass(frozen=True, slots=True)
class ScaleRow:
    """Proposal for one group.

    Attributes:
        group: its name, EVERYWHERE for all farms.
        farms: farms of the group itself.
        counted: group whose farms the figures are of: itself, or a wider one where it has too few; None where even
            all farms are too few.
        figures: None where counted is.
        amount: the proposed figure, rounded; None where counted is.
    """

    group: str
    farms: int
    counted: str | None
    figures: Figures | None
    amount: Decimal | None

    @property
    def own(self) -> bool:
        """Whether the figures are of the group's own farms."""
        return self.counted == self.group


def scale_of_finance(survey: CleanSurvey, mapping: SurveyMapping, options: ScaleOptions) -> tuple[ScaleRow, ...]:
    """Proposals: for all farms, then for each group in the order of the names.

    Args:
        survey: farms that count.
        mapping: of the survey.
        options: how.
    """
    everyone = _Farms(EVERYWHERE, np.arange(len(survey.farms)))
    rows = [_row([everyone], survey, mapping, options)]
    if options.by is not None:
        levels = [options.by, *mapping.wider(options.by)]
        names = survey.farms[levels].drop_duplicates().sort_values(levels)
        chains = [_chain(survey.farms, levels, tuple(each)) for each in names.itertuples(index=False)]
        rows += [_row([*chain, everyone], survey, mapping, options) for chain in chains]
    return tuple(rows)


@dataclass(frozen=True, slots=True)
class _Farms:
    name: str
    rows: Ints


def _chain(farms: pd.DataFrame, levels: list[str], names: tuple[str, ...]) -> list[_Farms]:
    """A group and the wider ones that hold it, from near to far; names may come again in another wider group."""
    found = []
    for start in range(len(names)):
        here = [(farms[level] == name).to_numpy() for level, name in zip(levels[start:], names[start:], strict=True)]
        found.append(_Farms(", ".join(names[start:]), np.flatnonzero(np.all(here, axis=0))))
    return found


def _row(chain: list[_Farms], survey: CleanSurvey, mapping: SurveyMapping, options: ScaleOptions) -> ScaleRow:
    group = chain[0]
    counted = next((each for each in chain if len(each.rows) >= options.least_farms), None)
    if counted is None:
        return ScaleRow(group.name, len(group.rows), None, None, None)
    figures = _figures(survey, counted.rows, mapping, options)
    said = figures.median if options.statistic is Statistic.MEDIAN else figures.trimmed_mean
    amount = round_to(said, options.round_to, options.mode)
    return ScaleRow(group.name, len(group.rows), counted.name, figures, amount)


def _figures(survey: CleanSurvey, rows: Ints, mapping: SurveyMapping, options: ScaleOptions) -> Figures:
    farms = survey.farms.iloc[rows]
    weights = (farms.weight * farms.area if options.by_area else farms.weight).to_numpy()
    cost = farms.cost.to_numpy()
    ratio = convert_area(Decimal(1), options.unit, mapping.area.unit)
    low, high = bootstrap(
        cost, weights, options.statistic, options.trim,
        confidence=options.confidence, resamples=options.resamples, seed=options.seed,
    )  # fmt: skip
    items = survey.items.iloc[rows]
    return Figures(
        median=_exact(central(cost, weights, Statistic.MEDIAN, options.trim), ratio),
        trimmed_mean=_exact(central(cost, weights, Statistic.TRIMMED_MEAN, options.trim), ratio),
        low=_exact(low, ratio),
        high=_exact(high, ratio),
        items={
            str(item): _exact(central(items[item].to_numpy(), weights, options.statistic, options.trim), ratio)
            for item in items
        },
    )


def _exact(value: float, ratio: Decimal) -> Decimal:
    return (Decimal(repr(value)) * ratio).quantize(_SMALLEST)
