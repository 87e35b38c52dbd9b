"""What the page of a facility is drawn from."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from app.api.farmers.schemas import FacilityPosition, FarmerGuarantee, FarmerInsurance, PlotOfContract
from app.api.schemas import Answer, Money
from app.db.tables.kinds import RoleKind


class FacilityAccount(Answer):
    """An account as the core system last told of it."""

    account_number: str
    product: str
    principal: Money | None
    outstanding: Money | None
    overdue: Money | None
    days_overdue: int | None
    loan_class: str | None
    rate_percent: str | None = Field(description="A year, as a decimal string.")
    opened_on: date
    due_on: date | None
    as_of: date


class FacilitySublimit(Answer):
    """A part of a line with a purpose of its own."""

    purpose: str
    limit: Money
    drawable: bool


class FacilityDrawdown(Answer):
    """A tranche."""

    id: int
    purpose: str
    amount: Money
    status: str
    requested_at: datetime
    paid_at: datetime | None
    proposed_by: str
    approved_by: str | None


class FacilityStage(Answer):
    """A loan that falls due or is overdue, beside what was seen of its crop."""

    account_number: str
    overdue: bool
    days: int | None
    code: str
    crop: str
    crop_on: date | None
    harvest_on: date | None
    en: str
    zh: str


class FacilityParty(Answer):
    """Somebody's part in a facility, without a name."""

    party_id: int
    farmer_id: str | None
    part: RoleKind


class FacilityPage(Answer):
    """A facility: its terms, its position, what hangs on it and what backs it."""

    as_of: date
    number: str
    product: str
    status: str
    revolving: bool
    starts_on: date
    ends_on: date | None
    unit: str | None
    position: FacilityPosition
    parties: list[FacilityParty]
    accounts: list[FacilityAccount]
    sublimits: list[FacilitySublimit]
    drawdowns: list[FacilityDrawdown]
    plots: list[PlotOfContract]
    guarantees: list[FarmerGuarantee]
    insurance: list[FarmerInsurance]
    policy_id: str | None = Field(description="Policy by which stages are told; null: none is known.")
    stages: list[FacilityStage] | None = Field(description="null where the policy says nothing of collection.")
