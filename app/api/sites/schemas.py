"""What the pages of energy sites are drawn from."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from app.api.schemas import Answer, Share
from app.db.tables.site_kinds import SiteStandingKind
from geo.sites import SiteType
from scoring.sites.plan import MilestoneKind

#: West, south, east, north in degrees.
Bounds = tuple[float, float, float, float]
#: Longitude and latitude in degrees (WGS 84).
Place = tuple[float, float]


class NextMilestone(Answer):
    """The first planned milestone that is not reached."""

    kind: MilestoneKind
    due: date


class SiteRow(Answer):
    """A site as the list has it. The shares are of the newest watch; null where it was not seen, or never watched."""

    site_id: str
    name: str | None
    kind: SiteType
    unit_code: str | None
    unit_name: str | None
    capacity_mw: float | None = Field(description="Planned; direct current for solar. null for a reservoir.")
    area_ha: float
    complete_due: date
    facility: str | None = Field(description="Number of the facility that it backs, where the person may see it.")
    standing: SiteStandingKind = Field(description="unseen also where no watch was made yet.")
    as_of: date | None = Field(description="Day of the newest watch.")
    seen_on: date | None
    planned: Share | None = Field(description="Share of the plan that was to be built by the latest look.")
    low: Share | None
    share: Share | None
    high: Share | None
    reached: list[MilestoneKind]
    next: NextMilestone | None
    alerts: int = Field(description="Open ones.")
    lon: float = Field(description="Of a point inside the outline, degrees (WGS 84).")
    lat: float


class SiteList(Answer):
    """Sites of a person's part of the book."""

    as_of: date | None = Field(description="Day of the newest watch over any of them.")
    counts: dict[SiteStandingKind, int] = Field(description="Of all that fit but for their standing.")
    sites: list[SiteRow]


class SitePicture(Answer):
    """A true-colour picture of a day."""

    day: date
    clear_share: Share = Field(description="Share of the site that was clear.")
    items: list[str] = Field(description="Ids of the scenes in their catalogue.")


class SitePictures(Answer):
    """Pictures of a site from its newest run that has some; run_id and what follows are null where there are none."""

    run_id: str | None
    bounds: Bounds | None = Field(description="Around the four corners: west, south, east, north in degrees.")
    corners: tuple[Place, Place, Place, Place] | None = Field(
        description="North-west, north-east, south-east, south-west, for laying the picture over a map to the pixel."
    )
    width: int | None
    height: int | None
    pictures: list[SitePicture] = Field(description="By day.")


class MeterRow(Answer):
    """Energy that was fed in, as a meter or the operator says."""

    id: int
    starts_on: date
    ends_on: date = Field(description="Counted too.")
    energy_kwh: Annotated[float, Field(ge=0)]
    source: str
    as_of: date
