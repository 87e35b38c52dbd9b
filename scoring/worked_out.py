"""Limits from typed-in facts, whatever the formula of the policy."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

import pandas as pd

from geo.area import convert_area
from geo.season import Season
from geo.status import Status
from scoring.facts import PlantingFacts, PlotFact, parse_facts
from scoring.kcc import working as kcc_working
from scoring.limits import limit_book
from scoring.money import plain_number, to_major
from scoring.pack_schema import KccRules, Pack
from scoring.working import Step, Working

#: Name of the one farmer whose facts they are.
_FARMER: Final = "facts"


def work_out(facts: Mapping[str, object], pack: Pack, day: date | None = None) -> Working:
    """Work a limit out step by step under any policy.

    Args:
        facts: scoring.facts.KccFacts or scoring.facts.PlantingFacts, as the policy's formula asks.
        pack: the policy.
        day: of the decision; the working says whether the policy is in force on it.

    Returns:
        The steps, whose effects add up to the figure "limit" (None where no amount can be given).

    Raises:
        InputError: a fact that is missing or wrong (named).
    """
    if isinstance(pack.rules, KccRules):
        return replace(kcc_working(facts, pack), day=day)
    return replace(_planting_working(parse_facts(PlantingFacts, facts), pack), day=day)


def _planting_working(said: PlantingFacts, pack: Pack) -> Working:
    """The book's own rules on a book of one farmer, so that both can never differ."""
    season = Season(pack.valid_from, pack.valid_from + timedelta(days=364))
    table = limit_book(_plots(said, pack, season), _cycles(said, season), pack, season)
    farmer = table[table.subject_kind == "farmer"].iloc[0]
    figures = {
        name: None if pd.isna(minor) else plain_number(_major(int(minor), pack))
        for name, minor in (("limit", farmer.amount_minor), ("low", farmer.low_minor), ("high", farmer.high_minor))
    }
    steps = _steps(json.loads(farmer.reasons), pack)
    return Working(pack, steps, {**figures, "needs_visit": bool(farmer.needs_visit)})


def _plots(said: PlantingFacts, pack: Pack, season: Season) -> pd.DataFrame:
    household = {
        "other_debt_minor": _minor(said.other_debt, pack),
        "household_capacity_minor": _minor(said.household_capacity, pack),
    }
    rows = [{"parcel_id": f"plot {place}", **_plot(plot)} for place, plot in enumerate(said.plots, start=1)]
    return pd.DataFrame(rows).assign(season_id=season.id, status=str(Status.OK), farmer_id=_FARMER, **household)


def _plot(plot: PlotFact) -> dict[str, Any]:
    return {
        "crop": plot.crops[0],
        "sos": plot.days[0],
        "area_ha": _hectares(plot.area, plot.unit),
        "certified_area_ha": None if plot.certified_area is None else _hectares(plot.certified_area, plot.unit),
        "land_right": plot.land_right,
        "district": plot.district,
    }


def _cycles(said: PlantingFacts, season: Season) -> pd.DataFrame:
    rows = [
        {
            "parcel_id": f"plot {place}",
            "season_id": season.id,
            "cycle": cycle,
            "crop": crop,
            "crop_set": [crop],
            "sos": day,
        }
        for place, plot in enumerate(said.plots, start=1)
        for cycle, (crop, day) in enumerate(zip(plot.crops, plot.days, strict=True), start=1)
    ]
    return pd.DataFrame(rows)


def _steps(lines: list[dict[str, Any]], pack: Pack) -> tuple[Step, ...]:
    steps, amount = [], Decimal(0)
    for line in lines:
        effect = _major(line["effect_minor"], pack)
        amount += effect
        steps.append(Step(line["code"], line["en"], line["zh"], effect, amount, line["facts"]))
    return tuple(steps)


def _hectares(area: Decimal, unit: str) -> float:
    return float(convert_area(area, unit, "ha"))


def _minor(amount: Decimal | None, pack: Pack) -> int | None:
    return None if amount is None else pack.minor(amount)


def _major(minor: int, pack: Pack) -> Decimal:
    return to_major(minor, pack.currency.exponent)
