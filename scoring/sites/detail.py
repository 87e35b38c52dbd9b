"""What a standing of a site adds by its type, as JSON can carry it: curve, measures, capacity, turbines, water."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

import pandas as pd
from scipy.stats import norm

from geo.sites import SiteMeasure, SiteType
from scoring.sites.capacity import capacity_json, capacity_of
from scoring.sites.filling import LevelCurve, filling, level_curve
from scoring.sites.following import Followed, Report
from scoring.sites.known import Known
from scoring.sites.milestones import MilestoneRule
from scoring.sites.operation import Unseen
from scoring.sites.plan import SitePlan
from scoring.sites.progress import COVERAGE
from scoring.sites.share_built import Whole
from scoring.sites.wind import Counts, over_permit

#: What ten metres cannot see, by type.
UNSEEN: Final[Mapping[SiteType, tuple[Unseen, ...]]] = {
    SiteType.SOLAR: (Unseen.SOILING, Unseen.OUTAGE, Unseen.CRACKED_MODULES, Unseen.GRID_CONNECTION, Unseen.POWER),
    SiteType.WIND: (Unseen.BLADE_DAMAGE, Unseen.OUTAGE, Unseen.GRID_CONNECTION, Unseen.POWER),
    SiteType.HYDRO: (Unseen.WATER_DEPTH, Unseen.OUTAGE, Unseen.GRID_CONNECTION, Unseen.POWER),
    SiteType.RESERVOIR: (Unseen.WATER_DEPTH,),
}
_NORMAL: Final = float(norm.isf((1 - COVERAGE) / 2))
_HECTARE_M2: Final = 10_000.0
_DIGITS: Final = 4


def detail_of(
    site: Followed,
    known: Mapping[SiteMeasure, Known],
    places: pd.DataFrame,
    reports: Sequence[Report],
    whole: Whole | None,
    as_of: date,
) -> dict[str, Any]:
    """What is told of a site beside its share.

    Args:
        site: the site.
        known: looks by measure.
        places: of the planned turbines, as scoring.sites.judging.judge takes them.
        reports: what was reported by day.
        whole: what the plan comes to.
        as_of: the day.

    Returns:
        curve: [[day, low, share, high]] as reported, by day of the look; measures: {measure: {day, value, low, high,
        clear}}, the latest look of each; capacity: what the seen ground may hold, as scoring.sites.capacity has it, its
        `planned` above the range only where all is built; places: [{lon, lat, pad, tower}] of wind; water: {day,
        area_m2, area_low_m2, area_high_m2, level_m, level_low_m, level_high_m} of hydro and reservoirs; over_permit:
        [pads beyond the plan at least, as it seems] of wind; whole: {least, usual, most, basis}, what shares are of;
        unseen: what ten metres cannot see. Null: not known, or another type.
    """
    plan = site.plan
    now = {measure: looks.by(as_of) for measure, looks in known.items()}
    wind, water = plan.kind is SiteType.WIND, plan.kind in (SiteType.HYDRO, SiteType.RESERVOIR)
    return {
        "curve": _curve(reports),
        "measures": {str(measure): _latest(looks) for measure, looks in now.items() if len(looks.days)},
        "capacity": _capacity(plan, now[SiteMeasure.PANELS], reports) if plan.kind is SiteType.SOLAR else None,
        "places": _places(plan, places, as_of) if wind else [],
        "water": _water(now[SiteMeasure.WATER], plan) if water else None,
        "over_permit": _over(now, plan) if wind else None,
        "whole": whole_json(whole),
        "unseen": [str(one) for one in UNSEEN[plan.kind]],
    }


def _curve(reports: Sequence[Report]) -> list[list[Any]]:
    by_look = {report.seen_on: report.progress for report in reports}
    return [
        [day.isoformat(), *(_round(float(getattr(by_look[day], name)[0])) for name in ("low", "share", "high"))]
        for day in sorted(by_look)
    ]


def _latest(looks: Known) -> dict[str, Any]:
    value, off = float(looks.amounts[-1]), _NORMAL * float(looks.errors[-1])
    return {
        "day": looks.days[-1].item().isoformat(),
        "value": _round(value),
        "low": _round(max(value - off, 0.0)),
        "high": _round(value + off),
        "clear": _round(float(looks.clear[-1])),
    }


def _capacity(plan: SitePlan, panels: Known, reports: Sequence[Report]) -> dict[str, Any] | None:
    """Of the ground under rows: at the lower bound of it as whole outlines hold, at the upper as rows do.

    A planned capacity above the range says something only once all is built.
    """
    if not len(panels.days):
        return None
    seen = _latest(panels)
    if not seen["low"] > 0:
        return None
    least, most = (capacity_of(seen[end], plan.mounting, plan.country) for end in ("low", "high"))
    held = replace(least, high=most.high)
    beside = None if plan.capacity_mw is None else held.beside(plan.capacity_mw)
    done = bool(reports) and float(reports[-1].progress.share[0]) >= MilestoneRule().complete
    return capacity_json(held, beside if done or beside == "below" else None)


def _places(plan: SitePlan, places: pd.DataFrame, as_of: date) -> list[dict[str, Any]]:
    mine = places[(places["site_id"] == plan.site_id) & (pd.to_datetime(places["date"]) <= pd.Timestamp(as_of))]
    mine = mine.sort_values("date", kind="stable")
    return [
        {"lon": lon, "lat": lat, **{name: _last(mine[mine["place"] == place][name]) for name in ("pad", "tower")}}
        for place, (lon, lat) in enumerate(plan.ground.points)
    ]


def _last(chances: pd.Series[float]) -> float | None:
    told = chances.dropna()
    return None if told.empty else _round(float(told.iloc[-1]))


def _water(looks: Known, plan: SitePlan) -> dict[str, Any] | None:
    if not len(looks.days):
        return None
    held = filling(looks.days[-1:], looks.amounts[-1:], looks.errors[-1:], _level_curve(plan))
    names = ("area_m2", "area_low_m2", "area_high_m2", "level_m", "level_low_m", "level_high_m")
    return {
        "day": held.days[0].item().isoformat(),
        **{name: _finite(float(getattr(held, name)[0])) for name in names},
    }


def _level_curve(plan: SitePlan) -> LevelCurve | None:
    if not plan.levels:
        return None
    return level_curve([level for level, _ in plan.levels], [area * _HECTARE_M2 for _, area in plan.levels])


def _over(now: Mapping[SiteMeasure, Known], plan: SitePlan) -> list[int] | None:
    """Pads beyond the planned places, at least and as it seems; None where no look tells."""
    looks = now[SiteMeasure.PADS_ELSEWHERE]
    found = over_permit(Counts(looks.days, looks.amounts, looks.errors)) if plan.ground.points else None
    return None if found is None else list(found)


def whole_json(whole: Whole | None) -> dict[str, Any] | None:
    """What shares are of, as a standing's detail holds it ("whole"); None where the plan does not say."""
    if whole is None:
        return None
    return {
        "least": _round(whole.least),
        "usual": _round(whole.usual),
        "most": _round(whole.most),
        "basis": whole.basis,
    }


def _finite(value: float) -> float | None:
    return _round(value) if math.isfinite(value) else None


def _round(value: float) -> float:
    return round(value, _DIGITS)
