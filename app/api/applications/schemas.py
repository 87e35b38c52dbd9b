"""Shapes of the answers about applications. Money comes as decimal strings with its currency."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from app.api.schemas import Answer, Limit, Money
from app.book.applications.lacking import Lack
from app.book.applications.stages import Act, Stage
from app.db.tables.kinds import BureauOutcome, ConsentPurpose, DrawdownStatus, LandBasis, LandKind, UserRole
from app.db.tables.office_kinds import ApplicationEventKind, PaperKind


class Named(Answer):
    """A word in both languages."""

    en: str
    zh: str


class CropChoice(Answer):
    """A crop of the legend, with the days on which its country's calendars expect it in the season."""

    key: str
    name: Named
    sowing_from: date | None
    sowing_to: date | None
    harvest_from: date | None
    harvest_to: date | None


class PolicyChoice(Answer):
    """A policy that applications may be weighed by."""

    id: str
    version: str
    title: Named
    product: str
    currency: str
    example: bool


class Choices(Answer):
    """What a form may offer."""

    day: date
    policies: list[PolicyChoice]
    seasons: list[str] = Field(description="Ids of seasons: those of runs that are not over, and the ones after.")
    crops: list[CropChoice]


class ApplicationLine(Answer):
    """An application as the list has it."""

    number: str
    unit: str
    stage: Stage
    farmer: str | None
    name: str | None
    product: str
    requested: Money | None
    next_roles: list[UserRole]
    changed_at: datetime


class ApplicationList(Answer):
    """Applications within reach, newest first."""

    lines: list[ApplicationLine]
    next: int | None = Field(description="`after` of the next page; null: that was all.")


class PlotLine(Answer):
    """A picked plot with one crop."""

    parcel_id: str
    cycle: int
    crop: str
    area_ha: float | None
    outline_ha: float | None
    sowing_on: date | None
    harvest_on: date | None
    land_right_id: int | None


class Pledge(Answer):
    """Ground of a plot that backs another contract; of other units nothing but the share is known."""

    share: float
    area_ha: float
    parcel_id: str | None
    contract: str | None


class GroundFound(Answer):
    """Pledged ground under a parcel."""

    parcel_id: str
    pledges: list[Pledge]


class ConsentShown(Answer):
    """A consent of the borrower."""

    id: int
    purpose: ConsentPurpose
    text_version: str
    given_at: datetime
    expires_on: date | None
    stands: bool


class ReportShown(Answer):
    """The latest report of the credit bureau; null amounts were not said."""

    outcome: BureauOutcome
    debt: Money | None
    overdue: Money | None
    as_of: date
    expires_on: date | None


class RightShown(Answer):
    """A right in land."""

    id: int
    basis: LandBasis
    kind: LandKind
    starts_on: date
    ends_on: date | None
    certified_area_ha: float | None


class PaperShown(Answer):
    """A paper; its file is asked for by its number."""

    id: int
    kind: PaperKind
    media_type: str
    size: int
    expires_on: date | None
    added_at: datetime


class EventShown(Answer):
    """What somebody did to it."""

    kind: ApplicationEventKind
    by: str
    name: str
    note: str | None
    at: datetime


class TrancheShown(Answer):
    """A part of the line."""

    key: str
    title: Named
    amount: Money
    drawable: Money
    state: str
    reasons: list[Named]


class DrawShown(Answer):
    """A draw-down."""

    id: int
    amount: Money
    status: DrawdownStatus
    asked_at: datetime
    own: bool = Field(description="Whether the person who looks asked for it: another one answers.")


class LineShown(Answer):
    """What was granted, and what may be drawn of it."""

    contract: str
    limit: Money
    drawable: Money
    left: Money
    tranches: list[TrancheShown]
    draws: list[DrawShown]


class Borrower(Answer):
    """Who borrows."""

    party_id: int
    farmer: str | None
    name: str | None
    phone: str | None


class ApplicationPage(Answer):
    """An application with everything that was filled in."""

    number: str
    version: int
    unit: str
    stage: Stage
    borrower: Borrower
    policy: PolicyChoice
    season_id: str | None
    requested: Money | None
    consents: list[ConsentShown]
    report: ReportShown | None
    capacity: Money | None
    rights: list[RightShown]
    papers: list[PaperShown]
    plots: list[PlotLine]
    lacks: list[Lack]
    may: list[Act] = Field(description="What the person who looks may do now.")
    next_roles: list[UserRole]
    reviewer: str | None
    proposal: int | None
    decision: int | None
    decided: Money | None
    line: LineShown | None
    history: list[EventShown]


class PlotLimit(Answer):
    """A plot's part of a limit; run_id: of the run that saw it in the season, null: it counts as planned."""

    parcel_id: str
    limit: Limit
    run_id: str | None


class PreliminaryLimit(Answer):
    """What the policy gives by now. It is no promise: a person decides on the proposal."""

    limit: Limit
    asked: Money | None
    plots: list[PlotLimit]
    example: bool


class ParcelChoice(Answer):
    """A parcel that may be picked."""

    parcel_id: str
    area_ha: float
    theirs: bool = Field(description="Whether it was seen as the borrower's, or they hold a right in it.")
    bounds: tuple[float, float, float, float] | None = Field(description="West, south, east, north in degrees.")


class ParcelChoices(Answer):
    """Parcels within reach whose id holds what was typed; the borrower's own first."""

    parcels: list[ParcelChoice]


class Begun(Answer):
    """The number of a new application."""

    number: str


class Registered(Answer):
    """A party; new: it was not in the book."""

    party_id: int
    new: bool
