"""What other systems are answered."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from app.api.schemas import Answer, Money, Share
from app.db.tables.alert_kinds import AlertLevel, AlertScope, AlertStatus
from app.db.tables.kinds import FacilityStatus, Outcome
from geo.status import Status


class ParcelRow(Answer):
    """A parcel and what the newest run that looked at it saw; null where none did, or where it is not decided."""

    parcel_id: str
    geometry_version: str | None = Field(description="Of the outline that holds now.")
    area_ha: float | None = Field(description="Geodesic area of that outline, ha.")
    valid_from: datetime | None = Field(description="Since when it holds.")
    run_id: str | None
    season_id: str | None
    simulated: bool | None = Field(description="Whether the run's imagery is made up.")
    status: Status | None
    crop: str | None = Field(description="Best guess; decided only where status is OK.")
    crop_prob: Share | None
    crop_set: list[str] = Field(description="Crops that cannot be ruled out, most likely first.")
    vigour_pct: float | None
    updated_at: datetime = Field(description="When the newest of this was written.")


class LimitRow(Answer):
    """The part of a decided amount that rests on one parcel. The greatest number was decided last."""

    decision: int
    parcel_id: str
    outcome: Outcome
    amount: Money
    policy_id: str
    policy_hash: str
    decided_at: datetime
    updated_at: datetime


class AlertRow(Answer):
    """One cause on one parcel. ended_on is null while the imagery still shows it."""

    number: int
    parcel_id: str
    cause: str
    level: AlertLevel
    scope: AlertScope
    severity: Share | None
    probability: Share | None
    season_id: str
    opened_on: date
    event_on: date | None
    changed_on: date
    ended_on: date | None
    status: AlertStatus
    rules_id: str
    rules_hash: str
    updated_at: datetime


class FacilityRow(Answer):
    """A facility as of a day; amounts are null where they are not known, never zero."""

    number: str
    product: str
    status: FacilityStatus
    revolving: bool
    starts_on: date
    ends_on: date | None
    as_of: date
    accounts: int
    sanctioned: Money | None
    drawing: Money | None
    outstanding: Money | None
    available: Money | None


class ParcelPage(Answer):
    """Parcels in the order of their names."""

    items: list[ParcelRow]
    next: str | None = Field(description="Address of the next page; null after the last.")


class LimitPage(Answer):
    """Decided amounts in the order of decisions."""

    items: list[LimitRow]
    next: str | None = Field(description="Address of the next page; null after the last.")


class AlertPage(Answer):
    """Alerts in the order in which they were opened."""

    items: list[AlertRow]
    next: str | None = Field(description="Address of the next page; null after the last.")


class FacilityPositions(Answer):
    """Facilities in the order in which they came into the book."""

    items: list[FacilityRow]
    next: str | None = Field(description="Address of the next page; null after the last.")
