"""Sites over their bounds: canopy in panels, standing water, fire scar, building near, and land rules, as findings.

Each is an area that was not there before (models measure it), beside the ground on which it was looked for. It is there
where even its lower bound is larger than what the rule lets pass. What ten metres cannot see is listed for the report.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import numpy as np
from scipy.stats import norm

from geo.sites import SiteMeasure
from scoring.alerts.findings import NEVER, Findings
from scoring.sites.progress import COVERAGE, Days, Floats

RULE: Final = "site-operation-1"
_NORMAL: Final = float(norm.isf((1 - COVERAGE) / 2))


class SiteCause(StrEnum):
    """Causes of site alerts apart from delay, as the alert rules name them."""

    CANOPY = "canopy_in_panels"
    WATER = "standing_water"
    FIRE = "fire_scar"
    BUILT_NEAR = "built_near"
    OUTSIDE = "outside_permit"
    LAND_RULE = "land_rule"


#: What each cause rests on.
MEASURES: Final[Mapping[SiteCause, SiteMeasure]] = MappingProxyType(
    {
        SiteCause.CANOPY: SiteMeasure.CANOPY_IN_PANELS,
        SiteCause.WATER: SiteMeasure.STANDING_WATER,
        SiteCause.FIRE: SiteMeasure.BURNT,
        SiteCause.BUILT_NEAR: SiteMeasure.BUILT_NEAR,
        SiteCause.OUTSIDE: SiteMeasure.PANELS_OUTSIDE,
    }
)


class Unseen(StrEnum):
    """What ten metres cannot see; a report lists it beside what was seen, with a field for meter data."""

    SOILING = "soiling"
    OUTAGE = "outage"
    CRACKED_MODULES = "cracked_modules"
    BLADE_DAMAGE = "blade_damage"
    GRID_CONNECTION = "grid_connection"
    POWER = "power_generated"
    WATER_DEPTH = "water_depth"


#: Share of the ground that was looked at from which a cause is as grave as it gets. Judgements.
WHOLE: Final[Mapping[SiteCause, float]] = MappingProxyType(
    {
        SiteCause.CANOPY: 0.5,
        SiteCause.WATER: 0.5,
        SiteCause.FIRE: 0.25,
        SiteCause.BUILT_NEAR: 0.1,
        SiteCause.OUTSIDE: 0.2,
    }
)


@dataclass(frozen=True, slots=True)
class OperationLimits:
    """What is let pass.

    Attributes:
        least_m2: smallest area that counts.
        land_share: share of the footprint under a use that a land rule protects, or beyond a red line.
    """

    least_m2: float = 1500.0
    land_share: float = 0.02


@dataclass(frozen=True, slots=True)
class SiteAreas:
    """One measure of one site by look, what was known by the day that is asked for.

    Attributes:
        days: (t,) datetime64[D], rising.
        areas_m2: (t,) area, NaN where a look tells nothing.
        errors_m2: (t,) standard errors.
        ground_m2: area of the ground that was looked at.
        judged_before: latest look that an earlier finding rests on; None for none.
    """

    days: Days
    areas_m2: Floats
    errors_m2: Floats
    ground_m2: float
    judged_before: date | None = None


def operation_findings(
    cause: SiteCause, sites: Sequence[SiteAreas], day: date, limits: OperationLimits | None = None
) -> Findings:
    """What the latest look that tells something says of each site as of one day.

    Args:
        cause: one that is measured.
        sites: n sites, in the order of the block.
        day: as of which it is asked; looks after it do not count.
        limits: what is let pass.

    Returns:
        Findings whose value is the area in m2 and whose evidence is, of the looks of all sites in order, the latest.
    """
    limits = limits or OperationLimits()
    axis = np.unique(np.concatenate([site.days for site in sites])) if sites else np.array([], dtype="datetime64[D]")
    latest = [_latest(site, day) for site in sites]
    looks = np.array(
        [NEVER if at is None else site.days[at] for site, at in zip(sites, latest, strict=True)], NEVER.dtype
    )
    area, low = np.full(len(sites), np.nan), np.full(len(sites), np.nan)
    for number, (site, at) in enumerate(zip(sites, latest, strict=True)):
        if at is not None:
            area[number] = site.areas_m2[at]
            low[number] = max(site.areas_m2[at] - _NORMAL * site.errors_m2[at], 0.0)
    judged = ~np.isnat(looks)
    raised = judged & (np.nan_to_num(low) >= limits.least_m2)
    ground = np.array([max(site.ground_m2, 1.0) for site in sites])
    severity = np.clip(np.nan_to_num(low) / ground / WHOLE[cause], 0.0, 1.0)
    return _findings(
        cause,
        day,
        judged,
        raised,
        severity=np.where(raised, severity, 0.0),
        value=area,
        most=np.full(len(sites), limits.least_m2),
        looks=looks,
        evidence=judged[:, None] & (looks[:, None] == axis[None]),
    )


def _latest(site: SiteAreas, day: date) -> int | None:
    """Latest look by a day that tells something and is newer than what was judged before."""
    told = np.isfinite(site.areas_m2) & (site.days <= np.datetime64(day, "D"))
    if site.judged_before is not None:
        told &= site.days > np.datetime64(site.judged_before, "D")
    at = np.flatnonzero(told)
    return int(at[-1]) if len(at) else None


@dataclass(frozen=True, slots=True)
class Footprint:
    """What lay under a site in the season before works began, and what its user protects.

    Attributes:
        area_m2: of the footprint: what is built, or the permitted border before anything is.
        uses_m2: area by legend key (geo.legend) of that season.
        known_share: share of the footprint whose use is known.
        red_lines_m2: area of the footprint beyond the red lines of each layer (one keeper's lines of one kind, which
            may be thousands of plots), 0 where a layer is known and does not touch it; empty: no layer is known.
        season_end: last day of that season.
    """

    area_m2: float
    uses_m2: Mapping[str, float]
    known_share: float
    red_lines_m2: Mapping[str, float]
    season_end: date


def land_findings(
    footprints: Sequence[Footprint], protected: frozenset[str], day: date, limits: OperationLimits | None = None
) -> Findings:
    """Sites on ground that a rule protects: by its use in the season before, and by the user's red lines.

    A footprint of which less than half is known is not judged by its use; red lines are judged wherever the user gave
    one, from the same share of the footprint on.

    Args:
        footprints: n sites, in the order of the block.
        protected: legend keys that must not be built on, crops or forest as the user's rule says.
        day: as of which it is asked.
        limits: what is let pass.
    """
    limits = limits or OperationLimits()
    shares = [_protected_share(one, protected) for one in footprints]
    lines = [max(one.red_lines_m2.values(), default=0.0) / max(one.area_m2, 1.0) for one in footprints]
    judged = np.array([np.isfinite(use) or bool(one.red_lines_m2) for one, use in zip(footprints, shares, strict=True)])
    worst = np.fmax(np.array(shares), np.array(lines))
    raised = judged & (np.nan_to_num(worst) >= limits.land_share)
    why = np.array(
        ["red_line" if line >= np.nan_to_num(use) else "prior_use" for use, line in zip(shares, lines, strict=True)]
    )
    looks = np.array([np.datetime64(one.season_end, "D") for one in footprints], dtype=NEVER.dtype)
    return _findings(
        SiteCause.LAND_RULE,
        day,
        judged,
        raised,
        severity=np.where(raised, np.clip(np.nan_to_num(worst), 0.0, 1.0), 0.0),
        value=worst,
        most=np.full(len(footprints), limits.land_share),
        looks=looks,
        evidence=None,
        why=np.where(raised, why, "") if len(footprints) else np.array([], dtype=np.str_),
    )


def _protected_share(footprint: Footprint, protected: frozenset[str]) -> float:
    if footprint.known_share < 0.5:  # noqa: PLR2004 - most of it must be known
        return float("nan")
    return sum(area for use, area in footprint.uses_m2.items() if use in protected) / max(footprint.area_m2, 1.0)


def _findings(
    cause: SiteCause,
    day: date,
    judged: np.ndarray,
    raised: np.ndarray,
    *,
    severity: Floats,
    value: Floats,
    most: Floats,
    looks: Days,
    evidence: np.ndarray | None,
    why: np.ndarray | None = None,
) -> Findings:
    count = len(judged)
    unknown = np.full(count, np.nan)
    return Findings(
        cause=str(cause),
        day=day,
        judged=judged,
        raised=raised,
        severity=np.where(judged, severity, np.nan),
        confidence=unknown,
        fallen=unknown.copy(),
        event_from=np.full(count, NEVER),
        event_on=np.where(raised, looks, NEVER),
        look_day=np.where(judged, looks, NEVER),
        value=np.where(judged, value, np.nan),
        expected_low=unknown.copy(),
        expected_high=np.where(judged, most, np.nan),
        why=np.full(count, "", dtype=np.str_) if why is None else why,
        evidence=evidence,
        rule=RULE,
    )
