"""What the pages of energy sites are drawn from."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

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
    mounting: Literal["fixed", "tracking"] | None = Field(description="Of panels; null: not stated, or another type.")
    country: str | None = Field(description="ISO 3166-1 alpha-2; null: not stated.")
    area_ha: float
    complete_due: date
    facility: str | None = Field(description="Number of the facility that it backs, where the person may see it.")
    standing: SiteStandingKind = Field(description="unseen also where no watch was made yet.")
    unseen_because: str | None = Field(
        description="Code of why the newest watch did not see it; null: it did, or none was made."
    )
    as_of: date | None = Field(description="Day of the newest watch.")
    seen_on: date | None
    planned: Share | None = Field(description="Share of the plan that was to be built by the latest look.")
    low: Share | None
    share: Share | None
    high: Share | None
    reached: list[MilestoneKind]
    next: NextMilestone | None
    alerts: int = Field(description="Open ones.")
    ended_on: date | None = Field(description="Day from which it is no longer watched; null: it is.")
    lon: float = Field(description="Of a point inside the outline, degrees (WGS 84).")
    lat: float


class ListedSite(SiteRow):
    """A site of the list."""

    outline: dict[str, Any] = Field(description="GeoJSON of its border, to about ten metres.")


class SiteList(Answer):
    """Sites of a person's part of the book."""

    as_of: date | None = Field(description="Day of the newest watch over any of them.")
    counts: dict[SiteStandingKind, int] = Field(description="Of all that fit but for their standing.")
    stopped: int = Field(description="Sites that are no longer watched, of all types and names.")
    sites: list[ListedSite]


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
    missing: list[str] = Field(
        description="Newer runs of the site's watches whose files are not here: deleted or moved, the newest first."
    )


class MeterWord(Answer):
    """What was said before of the same days by the same source."""

    energy_kwh: Annotated[float, Field(ge=0)]
    as_of: date = Field(description="Day on which they said so.")
    recorded_at: datetime
    recorded_by: str | None = Field(description="Login of who gave it; null: it was not kept then.")


class MeterRow(Answer):
    """Energy that was fed in, as a meter or the operator says; the latest word holds."""

    id: int
    starts_on: date
    ends_on: date = Field(description="Counted too.")
    energy_kwh: Annotated[float, Field(ge=0)]
    source: str
    as_of: date
    recorded_at: datetime
    recorded_by: str | None = Field(description="Login of who gave it; null: it was not kept then.")
    earlier: list[MeterWord] = Field(
        description="Words that it took the place of, the latest first; empty: it was not corrected."
    )
