"""What is answered about one parcel."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import Field

from app.api.access.schemas import Unit
from app.api.office.shapes import BothNames, DeskAlert, DeskLoan
from app.api.schemas import Answer, Area, Cycle, Limit, Money, VillageName
from app.api.sites.onparcel import SiteOnParcel
from app.db.tables.kinds import Outcome, ProposalStatus
from geo.status import Status


class LimitOf(StrEnum):
    """What a limit is from: the newest proposal of the book, or the run that saw the parcel last."""

    PROPOSAL = "proposal"
    RUN = "run"


class AreaUnit(StrEnum):
    """Unit in which the users of the currency count land."""

    MU = "mu"
    ACRE = "acre"
    HA = "ha"


class ParcelFarmer(Answer):
    """Whose the parcel is: the bank's number. The name stays away, since every look at a name is written down."""

    id: str
    name: None = None


class ParcelPosition(Answer):
    """A point within the outline, degrees (WGS 84)."""

    lon: float
    lat: float


class ParcelSeason(Answer):
    """A season by its first and last day."""

    id: str
    start: date
    end: date


class ProposalSaid(Answer):
    """The proposal that a parcel's limit is of, and what was decided on it; null: nothing yet, or no amount."""

    number: int
    status: ProposalStatus
    outcome: Outcome | None
    decided: Money | None = Field(description="The part of the decided amount that rests on this parcel.")
    decided_on: date | None


class SeenByRun(Answer):
    """What a run saw beyond the guess: the main cycle, and every cycle of the season."""

    cropped_area_ha: float | None
    ndvi_peak: float | None
    sos: date | None
    pos: date | None
    eos: date | None
    clear_dates: int
    cycles: list[Cycle]


class ParcelFile(Answer):
    """A parcel as the institution's book and the newest run that saw it know it; null: not known."""

    parcel_id: str
    unit: Unit | None
    village: VillageName | None
    site: SiteOnParcel | None = Field(description="null where no energy site is financed there.")
    farmer: ParcelFarmer | None
    area: Area | None
    area_unit: AreaUnit
    position: ParcelPosition | None
    bounds: tuple[float, float, float, float] | None = Field(description="West, south, east, north in degrees.")
    season: ParcelSeason | None
    run_id: str | None
    simulated: bool
    status: Status | None
    crop: str | None
    crop_prob: float | None
    crop_set: list[str]
    declared_crop: str | None
    crops: dict[str, BothNames]
    vigour_pct: float | None
    seen: SeenByRun | None
    limit: Limit | None
    limit_of: LimitOf | None
    proposal: ProposalSaid | None
    loans: list[DeskLoan]
    alerts: list[DeskAlert] = Field(description="All there ever were, those that still show first, the gravest first.")
    causes: dict[str, BothNames]
