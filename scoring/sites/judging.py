"""One site as of one day: progress against its plan, milestones, alerts and what its type adds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa

from geo.sites import SITES_SEASON, SiteMeasure
from scoring.alerts.levels import Level
from scoring.alerts.state import state_of
from scoring.sites.delay import BEHIND_PLAN
from scoring.sites.detail import detail_of
from scoring.sites.following import (
    Followed,
    LandSaid,
    Report,
    delay_changes,
    land_changes,
    operation_changes,
    reports_of,
)
from scoring.sites.known import Known, known_of
from scoring.sites.milestones import Reached
from scoring.sites.operation import RULE
from scoring.sites.plan import MilestoneKind, planned_share
from scoring.sites.share_built import Whole, milestones_known, whole_of

_NEVER: Final = np.datetime64("NaT", "D")


@dataclass(frozen=True, slots=True)
class Before:
    """What earlier watches reported of a site, measured against the same whole.

    Attributes:
        share: largest share that was stated; None for none.
        reached: milestones that were said to be reached.
        land: what they said of land rules, by day.
    """

    share: float | None = None
    reached: Mapping[MilestoneKind, Reached] = field(default_factory=dict)
    land: tuple[LandSaid, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """A site as of a day.

    Attributes:
        seen_on: day of the look that progress rests on; None: no look tells of progress.
        planned: share of the plan that was due on that day, 0..1; None like seen_on.
        low: lower bound of the share that is built, 0..1; None like seen_on.
        share: share that is built, never below an earlier report; None like seen_on.
        high: upper bound; None like seen_on.
        level: of the alert of delay; Level.NONE: on its plan, or not seen.
        milestones: between which looks each was reached.
        detail: what its type adds, as scoring.sites.detail.detail_of says.
        changes: of its alerts, of scoring.alerts.transitions.TRANSITIONS, by cause and day.
        lacks: what the plan lacks for a share to be stated ("built_ha"); "" for nothing.
    """

    seen_on: date | None
    planned: float | None
    low: float | None
    share: float | None
    high: float | None
    level: Level
    milestones: Mapping[MilestoneKind, Reached]
    detail: Mapping[str, Any]
    changes: pa.Table
    lacks: str = ""


def judge(
    site: Followed,
    looks: pd.DataFrame,
    places: pd.DataFrame,
    as_of: date,
    *,
    land: LandSaid | None = None,
    before: Before | None = None,
) -> Judged:
    """A site as of a day, from what was known by its end.

    The whole history is told anew from looks, each day from what was known then, so that a later watch of the same
    looks tells the same up to an earlier day.

    Args:
        site: plans, area and rules.
        looks: rows of geo.observations.SITE_LOOKS; of other sites too.
        places: site_id, place, date, pad, tower: chances 0..1 of planned turbines, NaN where not known; wind only.
        as_of: the day.
        land: what land rules say now; None where nothing was asked.
        before: what earlier watches reported.

    Raises:
        InputError: the rules are not in force.
        DataError: looks are out of order, or have no error above 0.
    """
    before = before or Before()
    known = known_of(looks, site.plan.site_id)
    whole = whole_of(site.plan, site.area_m2)
    reports = () if whole is None else reports_of(site.plan.kind, whole, known, as_of)
    said = [one for one in before.land if one.day < as_of] + ([] if land is None else [land])
    changes = _joined(
        delay_changes(site, reports, as_of),
        operation_changes(site, known, _built_m2(known, whole, as_of), as_of),
        land_changes(site, said, RULE, as_of),
    )
    reached = {} if whole is None else milestones_known(site.plan, whole, known, site.area_m2, as_of)
    detail = detail_of(site, known, places, reports, whole, as_of)
    shares = _shares(site, reports, as_of, before.share)
    return Judged(
        **shares,
        level=_level(changes, as_of),
        milestones=_kept(reached, before.reached),
        detail=detail,
        changes=changes,
        lacks="built_ha" if whole is None else "",
    )


def _shares(site: Followed, reports: Sequence[Report], as_of: date, floor: float | None) -> dict[str, Any]:
    """seen_on, planned, low, share and high; all None without a report."""
    if not reports:
        return dict.fromkeys(("seen_on", "planned", "low", "share", "high"))
    last = reports[-1]
    low, share, high = (float(getattr(last.progress, name)[0]) for name in ("low", "share", "high"))
    share = max(share, floor or 0.0)
    due = planned_share(site.plan_of(as_of), np.array([np.datetime64(last.seen_on, "D")]))
    return {
        "seen_on": last.seen_on,
        "planned": float(due[0]),
        "low": min(low, share),
        "share": share,
        "high": max(high, share),
    }


def _level(changes: pa.Table, as_of: date) -> Level:
    """Level of the alert of delay at the end of a day."""
    for row in state_of(changes, as_of).select(["cause", "season_id", "level"]).to_pylist():
        if row["cause"] == BEHIND_PLAN and row["season_id"] == SITES_SEASON.id:
            return Level[row["level"].upper()]
    return Level.NONE


def _kept(
    now: Mapping[MilestoneKind, Reached], before: Mapping[MilestoneKind, Reached]
) -> Mapping[MilestoneKind, Reached]:
    """What was said to be reached stays so: a draw-down may rest on it."""
    stays = {
        kind: said
        for kind, said in before.items()
        if not np.isnat(said.by) and np.isnat(now.get(kind, Reached(_NEVER, _NEVER)).by)
    }
    return {**now, **stays}


def _built_m2(known: Mapping[SiteMeasure, Known], whole: Whole | None, as_of: date) -> float:
    """Ground under rows of panels: the largest that was seen, else that of the plan."""
    seen = known[SiteMeasure.PANELS].by(as_of).amounts
    largest = float(seen.max()) if len(seen) else 0.0
    return largest if largest > 0 else (0.0 if whole is None else whole.usual)


def _joined(*tables: pa.Table) -> pa.Table:
    joined = pa.concat_tables(tables)
    return joined.sort_by([("cause", "ascending"), ("opened_on", "ascending"), ("day", "ascending")])
