"""Rows of a survey into costs per unit of area; every row that is left out is counted under one reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.area import convert_area
from geo.errors import InputError
from geo.legend import load_legend
from scoring.costs.mapping import AreaUnit, CostColumn, SurveyMapping
from scoring.money import Floats

Mask = npt.NDArray[np.bool_]

#: Median absolute deviations of a normal distribution in one standard deviation.
_MAD_TO_SD: Final = 1.4826


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Rows that do not count.

    Attributes:
        reason: "no area", "no harvest by hand", "implausible cost", ...
        rows: how many; a row counts under its first reason only.
    """

    reason: str
    rows: int


@dataclass(frozen=True, slots=True)
class CleanSurvey:
    """Farms that count.

    Attributes:
        farms: one row per farm: each level of grouping (text), `area` (the survey's own unit), `weight` (of the
            mapping's column, else 1) and `cost` (money per unit of area).
        items: same rows, one column per item: its part of `cost`.
        rows: rows of the survey.
        left_out: the other rows, in the order of the checks.
        least, most: bounds of a plausible cost per unit of area; None where nothing bounds it.
    """

    farms: pd.DataFrame
    items: pd.DataFrame
    rows: int
    left_out: tuple[LeftOut, ...]
    least: float | None
    most: float | None


def clean_survey(survey: pd.DataFrame, mapping: SurveyMapping, crop: str, deviations: float) -> CleanSurvey:
    """Costs per unit of area of the farms of one crop.

    A cost is implausible further than `deviations` robust standard deviations (1.4826 x median absolute deviation)
    from the median of all farms, on a logarithmic scale: costs are skewed.

    Args:
        survey: every cell as text, None where empty.
        mapping: what the columns hold.
        crop: legend key.
        deviations: bound; positive.

    Raises:
        InputError: a column of the mapping is absent, or the survey is about another crop.
    """
    _require_columns(survey, mapping)
    stated = _numbers(survey[mapping.area.column])
    area = np.where(stated > 0, stated, np.nan)
    items = pd.DataFrame({cost.item: _item(survey, cost) / area for cost in mapping.costs})
    for extra in mapping.additions:
        items[extra.item] = float(per_unit(float(extra.amount), extra.unit, mapping.area.unit))
    cost = items.sum(axis=1, skipna=False).to_numpy()
    checks = _checks(survey, mapping, crop, area, items)
    least, most = _bounds(cost[~np.any(list(checks.values()), axis=0)], deviations)
    checks["implausible cost"] = _outside(cost, least, most)
    kept, left_out = _first_reasons(checks)
    groups = {name: survey[group.column] for name, group in mapping.groups.items()}
    weight = 1.0 if mapping.weight_column is None else _numbers(survey[mapping.weight_column])
    farms = pd.DataFrame(groups, index=survey.index).assign(area=area, weight=weight, cost=cost)
    return CleanSurvey(
        farms[kept].reset_index(drop=True), items[kept].reset_index(drop=True), len(survey), left_out, least, most
    )


def per_unit(amount: float, source: AreaUnit, target: AreaUnit) -> float:
    """Money per unit of area in another unit, by the exact ratio of the two."""
    return float(Decimal(repr(amount)) * convert_area(Decimal(1), target, source))


def _require_columns(survey: pd.DataFrame, mapping: SurveyMapping) -> None:
    absent = [name for name in mapping.columns if name not in survey.columns]
    if absent:
        raise InputError(
            "SURVEY_COLUMN",
            f"The survey lacks the columns that {mapping.id} names: {', '.join(absent)}.",
            "Name the mapping of this survey, or correct its columns.",
        )


def _checks(
    survey: pd.DataFrame, mapping: SurveyMapping, crop: str, area: Floats, items: pd.DataFrame
) -> dict[str, Mask]:
    checks: dict[str, Mask] = {"another crop": _other_crops(survey, mapping, crop)}
    if mapping.id_column is not None:
        ids = survey[mapping.id_column]
        checks["id missing or not alone"] = (ids.isna() | ids.duplicated(keep=False)).to_numpy()
    checks["no area"] = np.isnan(area)
    for name, group in mapping.groups.items():
        checks[f"no {name}"] = survey[group.column].isna().to_numpy()
    if mapping.weight_column is not None:
        checks["no weight"] = ~(_numbers(survey[mapping.weight_column]) > 0)
    for cost in mapping.costs:
        checks[f"no {cost.item}"] = ~(items[cost.item].to_numpy() >= 0)
    checks["no cost at all"] = ~(items.sum(axis=1).to_numpy() > 0)
    return checks


def _other_crops(survey: pd.DataFrame, mapping: SurveyMapping, crop: str) -> Mask:
    if mapping.crop_column is None:
        if mapping.crop != crop:
            raise InputError(
                "SURVEY_CROP", f"{mapping.id} is a survey of {mapping.crop}, not of {crop}.", "Ask for its own crop."
            )
        return np.zeros(len(survey), dtype=bool)
    found = {text: load_legend().find(text) for text in survey[mapping.crop_column].dropna().unique()}
    keys = survey[mapping.crop_column].map({text: crop.key for text, crop in found.items() if crop is not None})
    if not (keys == crop).any():
        raise InputError("SURVEY_CROP", f"The survey has no row of {crop}.", "Ask for a crop that it holds.")
    return (keys != crop).to_numpy()


def _numbers(cells: pd.Series) -> Floats:
    return pd.to_numeric(cells, errors="coerce").replace([np.inf, -np.inf], np.nan).to_numpy(np.float64)


def _item(survey: pd.DataFrame, cost: CostColumn) -> Floats:
    stated = _numbers(survey[cost.column])
    zero = survey[cost.column].isna().to_numpy() & _no_cost(survey, cost)
    price = 1.0 if cost.price is None or cost.price_per is None else float(cost.price / cost.price_per)
    return np.where(zero, 0.0, stated * price)


def _no_cost(survey: pd.DataFrame, cost: CostColumn) -> Mask:
    """Rows whose empty cell is a cost of 0."""
    holds = [survey[name].fillna("").isin(values) for name, values in cost.zero_where.items()]
    lacks = [~survey[name].fillna("").str.split().map(set).map(_holds(word)) for name, word in cost.zero_unless.items()]
    rules = [np.asarray(rule, dtype=bool) for rule in (*holds, *lacks)]
    return np.all(rules, axis=0) if rules else np.zeros(len(survey), dtype=bool)


def _holds(word: str) -> Callable[[set[str]], bool]:
    return lambda words: word in words


def _bounds(cost: Floats, deviations: float) -> tuple[float | None, float | None]:
    if not len(cost):
        return None, None
    logs = np.log(cost)
    middle = float(np.median(logs))
    spread = _MAD_TO_SD * float(np.median(np.abs(logs - middle)))
    if spread == 0:  # more than half of the farms say the same: nothing tells what is implausible
        return None, None
    return float(np.exp(middle - deviations * spread)), float(np.exp(middle + deviations * spread))


def _outside(cost: Floats, least: float | None, most: float | None) -> Mask:
    if least is None or most is None:
        return np.zeros(len(cost), dtype=bool)
    return (cost < least) | (cost > most)


def _first_reasons(checks: dict[str, Mask]) -> tuple[Mask, tuple[LeftOut, ...]]:
    kept = np.ones(len(next(iter(checks.values()))), dtype=bool)
    left_out = []
    for reason, fails in checks.items():
        rows = int((kept & fails).sum())
        kept &= ~fails
        if rows:
            left_out.append(LeftOut(reason, rows))
    return kept, tuple(left_out)
