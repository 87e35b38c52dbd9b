"""Papers that expire: land rights, consents, insurance policies, and papers of applications."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import Select, and_, func, null, select
from sqlalchemy.orm import InstrumentedAttribute

from app.api.office.desk import Desk
from app.api.office.shapes import names_of
from app.api.office.today.schemas import PaperDue, PapersDue
from app.db.tables import (
    Application,
    ApplicationPaper,
    Consent,
    ContractPlot,
    Facility,
    Insurance,
    LandRight,
    Parcel,
    Party,
)
from app.db.tables.kinds import ApplicationStatus, ConsentPurpose, InsuranceKind, LandKind
from app.db.tables.office_kinds import PaperKind
from scoring.wording import Text

#: Days ahead, and days past, within which a paper is shown.
AHEAD_DAYS: Final = 30
PASSED_DAYS: Final = 14
_SHOWN: Final = 10
_OPEN: Final = (ApplicationStatus.DRAFT, ApplicationStatus.SUBMITTED, ApplicationStatus.IN_REVIEW)

_RIGHTS: Final[Mapping[LandKind, Text]] = {
    LandKind.OWNERSHIP: Text(en="Ownership", zh="土地所有权"),
    LandKind.HOUSEHOLD_CONTRACT: Text(en="Household contract", zh="家庭承包权"),
    LandKind.MANAGEMENT_RIGHT: Text(en="Management right", zh="土地经营权"),
    LandKind.TENANCY: Text(en="Tenancy", zh="租赁"),
    LandKind.SUBLEASE: Text(en="Sublease", zh="转租"),
    LandKind.CUSTOMARY: Text(en="Customary right", zh="习惯权利"),
}
_CONSENTS: Final[Mapping[ConsentPurpose, Text]] = {
    ConsentPurpose.PROCESSING: Text(en="Consent to processing", zh="信息处理同意书"),
    ConsentPurpose.BUREAU: Text(en="Consent to a bureau report", zh="征信查询授权"),
    ConsentPurpose.LOCATION: Text(en="Consent to location", zh="位置信息授权"),
    ConsentPurpose.CONTACT: Text(en="Consent to be contacted", zh="联系授权"),
}
_POLICIES: Final[Mapping[InsuranceKind, Text]] = {
    InsuranceKind.CROP: Text(en="Crop insurance", zh="种植业保险"),
    InsuranceKind.INCOME: Text(en="Income insurance", zh="收入保险"),
    InsuranceKind.ASSET: Text(en="Asset insurance", zh="财产保险"),
    InsuranceKind.LIFE: Text(en="Life insurance", zh="人寿保险"),
    InsuranceKind.ACCIDENT: Text(en="Accident insurance", zh="意外保险"),
}
_PAPERS: Final[Mapping[PaperKind, Text]] = {
    PaperKind.IDENTITY: Text(en="Identity paper", zh="身份证件"),
    PaperKind.LAND_CERTIFICATE: Text(en="Land certificate", zh="土地证"),
    PaperKind.LEASE: Text(en="Lease", zh="租赁合同"),
    PaperKind.CONSENT: Text(en="Consent", zh="同意书"),
    PaperKind.INCOME: Text(en="Proof of income", zh="收入证明"),
    PaperKind.INSURANCE: Text(en="Insurance policy", zh="保险单"),
    PaperKind.OTHER: Text(en="Paper", zh="其他材料"),
}


def papers_due(desk: Desk) -> PapersDue:
    """Papers by the day on which they expire, those that just did too."""
    lines = [
        *_lines(desk, _rights(desk), _RIGHTS),
        *_lines(desk, _consents(desk), _CONSENTS),
        *_lines(desk, _policies(desk), _POLICIES),
        *_lines(desk, _of_applications(desk), _PAPERS),
    ]
    lines.sort(key=lambda each: (each.expires_on, each.subject))
    return PapersDue(total=len(lines), lines=lines[:_SHOWN])


def _lines(desk: Desk, wanted: Select[*tuple[Any, ...]], names: Mapping[Any, Text]) -> Iterator[PaperDue]:
    for kind, subject, parcel, day in desk.connection.execute(wanted):
        left = (day - desk.day).days
        name = names_of(names[kind])
        yield PaperDue(kind=name, subject=subject or "-", parcel_id=parcel, expires_on=day, days_left=left)


def _soon(desk: Desk, day: InstrumentedAttribute[date | None]) -> Any:
    return day.between(desk.day - timedelta(days=PASSED_DAYS), desk.day + timedelta(days=AHEAD_DAYS))


def _rights(desk: Desk) -> Select[*tuple[Any, ...]]:
    """With the first parcel of each right that the person sees."""
    parcel = (
        select(func.min(ContractPlot.parcel_id))
        .join(Parcel, Parcel.parcel_id == ContractPlot.parcel_id)
        .where(ContractPlot.land_right_id == LandRight.id, ContractPlot.valid_to.is_(None), desk.scope.parcels())
        .correlate(LandRight)
        .scalar_subquery()
    )
    return (
        select(LandRight.kind, Party.farmer_id, parcel, LandRight.ends_on)
        .join(Party, Party.id == LandRight.party_id)
        .where(LandRight.valid_to.is_(None), _soon(desk, LandRight.ends_on), desk.scope.parties())
    )


def _consents(desk: Desk) -> Select[*tuple[Any, ...]]:
    stands = (Consent.valid_to.is_(None), Consent.withdrawn_at.is_(None))
    return (
        select(Consent.purpose, Party.farmer_id, null(), Consent.expires_on)
        .join(Party, Party.id == Consent.party_id)
        .where(*stands, _soon(desk, Consent.expires_on), desk.scope.parties())
    )


def _policies(desk: Desk) -> Select[*tuple[Any, ...]]:
    """Each once, of parties or facilities that the person sees, with the first of its parcels that they see too."""
    lines, parties = select(Facility.id).where(desk.scope.facilities()), select(Party.id).where(desk.scope.parties())
    whose = Insurance.facility_id.in_(lines) | Insurance.party_id.in_(parties)
    named = func.coalesce(Insurance.policy_number, Insurance.insurer)
    policy = (Insurance.kind, Insurance.insurer, named, Insurance.ends_on, Insurance.facility_id, Insurance.party_id)
    return (
        select(Insurance.kind, named, func.min(Parcel.parcel_id), Insurance.ends_on)
        .outerjoin(Parcel, and_(Parcel.parcel_id == Insurance.parcel_id, desk.scope.parcels()))
        .where(Insurance.valid_to.is_(None), _soon(desk, Insurance.ends_on), whose)
        .group_by(*policy)
    )


def _of_applications(desk: Desk) -> Select[*tuple[Any, ...]]:
    return (
        select(ApplicationPaper.kind, Application.number, null(), ApplicationPaper.expires_on)
        .join(Application, Application.id == ApplicationPaper.application_id)
        .where(Application.status.in_(_OPEN), ApplicationPaper.removed_at.is_(None))
        .where(_soon(desk, ApplicationPaper.expires_on), desk.scope.rows(Application.org_unit_id))
    )
