"""A proposed scale of finance as data for machines and as rows that a policy pack takes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import pandas as pd

from geo.errors import InputError
from scoring.costs.cleaning import CleanSurvey, clean_survey
from scoring.costs.mapping import SurveyMapping
from scoring.costs.scale import EVERYWHERE, Figures, ScaleOptions, ScaleRow, scale_of_finance

#: Level of grouping that the price rows of a pack know.
_DISTRICT: Final = "district"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A scale of finance as a survey proposes it; whoever sets scales of finance decides.

    Attributes:
        mapping: of the survey.
        crop: legend key.
        survey: farms that count, and what was left out.
        options: how the figures were made.
        rows: one per group, all farms first.
    """

    mapping: SurveyMapping
    crop: str
    survey: CleanSurvey
    options: ScaleOptions
    rows: tuple[ScaleRow, ...]

    def as_dict(self) -> dict[str, Any]:
        """Everything, for JSON; figures with their decimals as text."""
        options = self.options
        return {
            "survey": self.mapping.id,
            "title": self.mapping.title,
            "source": self.mapping.source,
            "example": True,
            "crop": self.crop,
            "currency": self.mapping.currency.code,
            "unit": options.unit,
            "statistic": options.statistic.value,
            "trim": options.trim,
            "weights": "area" if options.by_area else "farms",
            "least_farms": options.least_farms,
            "round_to": str(options.round_to),
            "round_mode": options.mode.value,
            "confidence": options.confidence,
            "resamples": options.resamples,
            "seed": options.seed,
            "rows": self.survey.rows,
            "farms": len(self.survey.farms),
            "left_out": [{"reason": each.reason, "rows": each.rows} for each in self.survey.left_out],
            "lacks": list(self.mapping.lacks),
            "prices": [_price(cost.item, cost.price_source) for cost in self.mapping.costs if cost.price_source],
            "additions": [_price(each.item, each.source) for each in self.mapping.additions],
            "groups": [_group(row) for row in self.rows],
        }

    def pack_rows(self) -> str:
        """TOML that takes the place of area_unit, example and rows in the table [prices] of a pack.

        A district with too few farms gets no row: the row of all farms counts there. So does a district whose figure
        rounds to the same.

        Raises:
            InputError: groups other than districts, which a pack does not price, or too few farms for any row.
        """
        if self.options.by not in (None, _DISTRICT):
            raise InputError(
                "SURVEY_PACK_ROWS", f"A pack has no prices by {self.options.by}.", "Leave --by out, or --by district."
            )
        if self.rows[0].amount is None:
            raise InputError(
                "SURVEY_TOO_FEW", f"{self.rows[0].farms} farms are too few for a row.", "Lower --least-farms knowingly."
            )
        lines = [_pack_row(self.crop, row) for row in self.rows if row.own]
        body = [f'area_unit = "{self.options.unit}"', "example = true", "rows = [", *lines, "]"]
        return "\n".join([*(f"# {line}" for line in self._said()), *body, ""])

    def _said(self) -> list[str]:
        """What a reader of the rows must know."""
        options = self.options
        money = f"{self.mapping.currency.code} per {options.unit}"
        said = [
            f"EXAMPLE, to be set by the district committee: {self.crop}, {self.mapping.title}.",
            f"{options.statistic.value} of {len(self.survey.farms)} of {self.survey.rows} farms, {money}.",
            f"Rounded {options.mode.value} to {options.round_to}.",
        ]
        if self.mapping.lacks:
            said.append(f"Not in these figures: {', '.join(self.mapping.lacks)}.")
        return said


def propose_scale(
    survey: pd.DataFrame, mapping: SurveyMapping, crop: str, options: ScaleOptions, deviations: float
) -> Proposal:
    """Scale of finance of one crop from a survey.

    Args:
        survey: every cell as text, None where empty.
        mapping: what its columns hold.
        crop: legend key.
        options: how the figures are made.
        deviations: bound of a plausible cost, as clean_survey's.

    Raises:
        InputError: the survey does not fit the mapping, or there is no such level of grouping or crop.
    """
    if options.by is not None and options.by not in mapping.groups:
        known = ", ".join(mapping.groups) or "none"
        raise InputError("SURVEY_BY", f"{mapping.id} has no groups by {options.by!r}.", f"There are: {known}.")
    cleaned = clean_survey(survey, mapping, crop, deviations)
    return Proposal(mapping, crop, cleaned, options, scale_of_finance(cleaned, mapping, options))


def _price(item: str, source: str | None) -> dict[str, str | None]:
    return {"item": item, "source": source}


def _group(row: ScaleRow) -> dict[str, Any]:
    said = {"group": row.group, "farms": row.farms, "counted": row.counted, "amount": None}
    return said if row.figures is None else said | {"amount": f"{row.amount:f}"} | _plain(row.figures)


def _plain(figures: Figures) -> dict[str, Any]:
    names = ("median", "trimmed_mean", "low", "high")
    return {name: _cents(getattr(figures, name)) for name in names} | {
        "items": {item: _cents(value) for item, value in figures.items.items()}
    }


def _cents(value: Decimal) -> str:
    return f"{value:.2f}"


def _pack_row(crop: str, row: ScaleRow) -> str:
    amount = f"{row.amount.normalize():f}" if row.amount is not None else ""
    written = amount if amount.isdigit() else json.dumps(amount)
    district = "" if row.group == EVERYWHERE else f", district = {json.dumps(row.group, ensure_ascii=False)}"
    return f'  {{ crop = "{crop}", amount = {written}{district} }},  # {row.farms} farms'
