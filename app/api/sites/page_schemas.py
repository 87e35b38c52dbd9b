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
    """What ground may hold, MW of direct current: a range of reported densities."""

    low: float
    high: float
    low_by_ha: float | None = Field(None, description="MW by hectare that low rests on; null: an older watch.")
    high_by_ha: float | None = Field(None, description="MW by hectare that high rests on; null: an older watch.")
    basis: str = Field(description="One line in English.")
    source: str | None = Field(None, description="Who reports the densities; null: an older watch.")
    checked: bool | None = Field(None, description="Whether all sources were read in the original.")
    mounting: Literal["fixed", "tracking"] | None = Field(None, description="Of the panels; null: not stated.")
    country: str | None = Field(None, description="Whose densities low rests on; null: the world's.")
    planned: Literal["below", "within", "above"] | None = Field(
        None, description="Where the planned capacity lies; null: not judged, as before all is built."
    )


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


class SiteFailure(Answer):
    """Why a watch could not say how much is built."""

    code: str = Field(description="Stable name: SITES_NO_SCENES, SITES_NO_PAST and so on.")
    message: str = Field(description="One line for people, in English, with what to do.")


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
    failure: SiteFailure | None = Field(description="Why no share is stated; null: one is.")


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


class SiteStopRow(Answer):
    """A span in which the site was not watched."""

    stopped_at: datetime
    stopped_by: str | None = Field(description="Login of who stopped it; null: neither who nor why was kept then.")
    reason: str | None
    resumed_at: datetime | None = Field(description="From when it was watched again; null: it still is not.")
    resumed_by: str | None


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

    stops: list[SiteStopRow] = Field(description="The latest first.")
    border: dict[str, Any] = Field(description="GeoJSON; circles around turbines where only these are planned.")
    points: list[Place] = Field(description="Planned turbines, or the dam.")
    permits: list[str]
    ground_capacity: CapacityRange | None = Field(
        description="What the plan's ground may hold: built_ha, else all inside the border; null: no solar plant."
    )
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
