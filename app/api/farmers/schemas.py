"""What the page of a farmer is drawn from, and what that of a facility shares with it."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from app.api.access.schemas import PartyContact
from app.api.office.shapes import BothNames
from app.api.schemas import Answer, Money, VillageName
from app.db.tables.alert_kinds import AlertLevel, AlertStatus
from app.db.tables.kinds import (
    BureauOutcome,
    ClaimOutcome,
    ConsentPurpose,
    CropOrigin,
    GuaranteeKind,
    InsuranceKind,
    LandBasis,
    LandKind,
    MemberKind,
    Outcome,
    PartyKind,
    ProposalStatus,
    RoleKind,
)
from geo.status import Status


class FourAreas(Answer):
    """Certified, contracted, measured and net of ridges, hectares; null is not known, and none stands for another."""

    certified_ha: float | None
    contracted_ha: float | None
    measured_ha: float | None
    net_ha: float | None


class Vouched(Answer):
    """Who says so, as of which day, and until when it may be used."""

    source: str
    as_of: date
    expires_on: date | None


class FarmerConsent(Answer):
    """What the party agreed to."""

    id: int
    purpose: ConsentPurpose
    text_version: str
    language: str
    given_at: datetime
    withdrawn_at: datetime | None
    expires_on: date | None
    stands: bool = Field(description="Whether it may be relied on today.")


class PlotOfContract(Answer):
    """A parcel that a paper or a facility names."""

    parcel_id: str
    plot_code: str | None
    areas: FourAreas
    starts_on: date
    ends_on: date | None


class FarmerRight(Answer):
    """A certificate or lease."""

    id: int
    basis: LandBasis
    kind: LandKind
    starts_on: date
    ends_on: date | None
    areas: FourAreas
    vouched: Vouched
    plots: list[PlotOfContract]


class FarmerParcel(Answer):
    """A parcel of the party as the newest run saw it; nulls where none did."""

    parcel_id: str
    village: VillageName | None
    area_ha: float | None
    status: Status | None
    crop: str | None = Field(description="Best guess; decided only where status is OK.")
    crop_prob: float | None
    season_id: str | None
    alerts: int = Field(description="Live alerts.")
    level: AlertLevel | None = Field(description="The highest of them.")


class FarmerCrop(Answer):
    """A crop on a parcel, as somebody planned, declared or visited it, or as a run saw it."""

    parcel_id: str
    season_id: str
    cycle: int
    origin: CropOrigin
    crop: str
    area_ha: float | None
    starts_on: date | None = Field(description="Sowing; of what a run saw, when the ground turned green.")
    ends_on: date | None = Field(description="Harvest; of what a run saw, when the green was gone.")
    crop_prob: float | None = Field(description="Of what a run saw; null otherwise.")
    source: str
    as_of: date


class FarmerProposal(Answer):
    """What a policy gives, waiting for people."""

    id: int
    status: ProposalStatus
    amount: Money | None
    before: Money | None
    needs_visit: bool
    policy_id: str
    facility_number: str | None
    recorded_at: datetime


class FarmerDecision(Answer):
    """What was decided; decided_by is null where an authority let the program decide."""

    id: int
    outcome: Outcome
    amount: Money | None
    policy_id: str
    decided_at: datetime
    decided_by: str | None
    note: str | None


class FacilityPosition(Answer):
    """As of the day of the page; null is not known."""

    sanctioned: Money | None
    drawing: Money | None
    outstanding: Money | None
    available: Money | None


class FarmerFacility(Answer):
    """A facility in which the party has a part."""

    number: str
    product: str
    status: str
    starts_on: date
    ends_on: date | None
    part: RoleKind | None = Field(description="null: only as a surety, or not written down.")
    position: FacilityPosition


class FarmerAlert(Answer):
    """A live alert on one of the parcels."""

    number: int
    parcel_id: str
    cause: str
    level: AlertLevel
    status: AlertStatus
    opened_on: date


class FarmerBureauCheck(Answer):
    """A credit bureau's answer; a missing report is never a debt of zero."""

    outcome: BureauOutcome
    debt: Money | None
    overdue: Money | None
    usable: bool = Field(description="Whether it and the consent that it was fetched under hold today.")
    vouched: Vouched


class FarmerCapacity(Answer):
    """What the household can repay in a year."""

    capacity: Money
    method: str
    vouched: Vouched


class FarmerMembership(Answer):
    """A place in a household or group: of this party in another, or of another in this one."""

    party_id: int
    farmer_id: str | None
    party_kind: PartyKind
    kind: MemberKind
    member: bool = Field(description="Whether this party is the member; else the other one is.")


class FarmerGuarantee(Answer):
    """Security for a facility: given by this party, or for a facility that it borrows under."""

    facility_number: str | None = Field(description="null where the facility is another branch's.")
    given: bool
    kind: GuaranteeKind
    guarantor_id: int | None
    amount: Money | None
    starts_on: date
    ends_on: date | None


class FarmerClaim(Answer):
    """A claim on an insurance."""

    event: str
    starts_on: date | None
    ends_on: date | None
    outcome: ClaimOutcome | None
    paid: Money | None


class FarmerInsurance(Answer):
    """A policy of an insurer."""

    kind: InsuranceKind
    insurer: str
    policy_number: str | None
    crop: str | None
    insured: Money | None
    premium: Money | None
    starts_on: date | None
    ends_on: date | None
    claims: list[FarmerClaim]


class FarmerPage(Answer):
    """A party with all that the book knows of it, within the reach of who asks."""

    as_of: date
    contact: PartyContact
    has_id_number: bool
    consents: list[FarmerConsent]
    rights: list[FarmerRight]
    parcels: list[FarmerParcel] = Field(description="A page of them, by number.")
    parcels_found: int = Field(description="How many there are within reach.")
    crops: list[FarmerCrop] = Field(description="On the parcels of the page.")
    proposals: list[FarmerProposal]
    decisions: list[FarmerDecision]
    facilities: list[FarmerFacility]
    alerts: list[FarmerAlert] = Field(description="On all parcels within reach.")
    causes: dict[str, BothNames] = Field(description="Names of their causes.")
    bureau: list[FarmerBureauCheck] = Field(description="Newest first; empty: no report is known.")
    capacities: list[FarmerCapacity]
    memberships: list[FarmerMembership]
    guarantees: list[FarmerGuarantee]
    insurance: list[FarmerInsurance]
