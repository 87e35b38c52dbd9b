"""What the page of one site is drawn from."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import Field

from app.api.office.shapes import BothNames
from app.api.schemas import Answer, Share
from app.api.sites.schemas import MeterRow, Place, SiteRow
from app.db.tables.alert_kinds import AlertLevel
from app.db.tables.site_kinds import RedLineKind, SiteStandingKind
from geo.sites import SiteMeasure
from scoring.sites.operation import Unseen
from scoring.sites.plan import MilestoneKind


class SiteMilestone(Answer):
    """A planned milestone, and the looks between which it was reached."""

    kind: MilestoneKind
    due: date
    draws: Share = Field(description="Share of the facility's draw-downs that it releases.")
    after: date | None = Field(description="Last look that does not show it yet; null: none before.")
    by: date | None = Field(description="First look that shows it; null: not reached.")


class MeasureTold(Answer):
    """The latest value of a measure; null bounds: not known."""

    day: date
    value: float
    low: float | None
    high: float | None
    clear: Share


class CapacityRange(Answer):
    """What the ground under panels may hold, MW of direct current: a range of reported densities."""

    low: float
    high: float
    basis: str


class TurbinePlace(Answer):
    """A planned turbine: chances that its pad and its tower stand; null: not shown."""

    lon: float
    lat: float
    pad: Share | None
    tower: Share | None


class WaterTold(Answer):
    """Water on a day, and its level by the plan's curve; null: no curve, or beyond its ends."""

    day: date
    area_m2: float
    area_low_m2: float | None
    area_high_m2: float | None
    level_m: float | None
    level_low_m: float | None
    level_high_m: float | None


class PlanWhole(Answer):
    """What the whole plan comes to, in the unit of what is measured: m2, or turbines."""

    least: float
    usual: float
    most: float
    basis: Literal["built_ha", "points", "capacity"] = Field(
        description="What the plan states, or the capacity from which it was reckoned."
    )


class SiteDetail(Answer):
    """What the newest watch says beyond the share built."""

    curve: list[tuple[date, float | None, float | None, float | None]] = Field(
        description="Low, share and high as reported, on days of looks."
    )
    measures: dict[SiteMeasure, MeasureTold] = Field(description="Areas in m2; pads and turbines are numbers.")
    capacity: CapacityRange | None
    places: list[TurbinePlace]
    water: WaterTold | None
    over_permit: tuple[float, float] | None = Field(
        description="Turbines beyond the permit: for sure, and as it seems."
    )
    whole: PlanWhole | None = Field(description="What shares are of; null: the plan does not say.")
    unseen: list[Unseen] = Field(description="What ten metres cannot see of such a site.")


class SiteLookRow(Answer):
    """One measure of one look; error: one standard error."""

    day: date
    measure: SiteMeasure
    value: float
    error: float
    clear_share: Share


class SiteWatchRow(Answer):
    """What a watch said of the site."""

    watch_id: str
    as_of: date
    seen_on: date | None
    planned: Share | None
    low: Share | None
    share: Share | None
    high: Share | None
    standing: SiteStandingKind


class SiteReportRow(Answer):
    """An observation report that was given out."""

    id: int
    as_of: date
    made_at: datetime
    made_by: str
    facts_hash: str


class SiteRedLine(Answer):
    """Ground that nothing may be built on, where it touches the site's border."""

    external_id: str
    kind: RedLineKind
    name: str | None
    source: str
    area_m2: float = Field(description="Of its part inside the border.")
    geometry: dict[str, Any] = Field(description="GeoJSON, as far as it lies around the site.")


class SiteAlert(Answer):
    """An open alert of the site."""

    id: int
    cause: str
    title: BothNames
    level: AlertLevel
    opened_on: date
    changed_on: date


class SitePage(SiteRow):
    """Everything about one site."""

    ended_on: date | None = Field(description="Day from which it is no longer watched; it stands here as it stood.")
    border: dict[str, Any] = Field(description="GeoJSON; circles around turbines where only these are planned.")
    points: list[Place] = Field(description="Planned turbines, or the dam.")
    permits: list[str]
    built_ha: float | None = Field(description="Ground under rows of panels or under water when all is built.")
    planned_curve: list[tuple[date, Share]] = Field(description="Share planned by day; linear between its points.")
    milestones: list[SiteMilestone]
    detail: SiteDetail | None = Field(description="null before a watch.")
    looks: list[SiteLookRow] = Field(description="Of the run of the newest watch, by measure and day.")
    watches: list[SiteWatchRow] = Field(description="The oldest first.")
    simulated: bool = Field(description="Whether the imagery was simulated. To be shown wherever figures are.")
    meters: list[MeterRow]
    reports: list[SiteReportRow] = Field(description="The newest first.")
    red_lines: list[SiteRedLine]
    open_alerts: list[SiteAlert] = Field(description="The gravest first.")
