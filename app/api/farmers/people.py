"""A party itself: what it agreed to, what a bureau and the officer say of it, and whom it belongs with."""

from __future__ import annotations

from sqlalchemy import Connection, case, select

from app.api.answers import money
from app.api.farmers.land import vouched
from app.api.farmers.present import Present
from app.api.farmers.schemas import FarmerBureauCheck, FarmerCapacity, FarmerConsent, FarmerMembership
from app.book.parties.consents import stands, usable
from app.book.parties.party_views import consents_of
from app.db.tables import BureauCheck, Membership, Party, RepaymentCapacity
from app.db.tables.kinds import BureauOutcome


def consents(connection: Connection, party_id: int, present: Present) -> list[FarmerConsent]:
    """What a party agreed to, and whether each stands today."""
    names = ("id", "purpose", "text_version", "language", "given_at", "withdrawn_at", "expires_on", "stands")
    lines = consents_of(connection, party_id, stands(present.moment.day, present.zone))
    return [FarmerConsent(**{name: getattr(line, name) for name in names}) for line in lines]


def bureau_checks(connection: Connection, party_id: int, present: Present) -> list[FarmerBureauCheck]:
    """Reports, the newest first. One past its day or its consent is shown, and is not usable."""
    check, day = BureauCheck, present.moment.day
    wanted = (
        select(check.__table__, usable(check.__table__.c.consent_id, day, present.zone).label("agreed"))
        .where(check.party_id == party_id, check.valid_to.is_(None))
        .order_by(check.as_of.desc(), check.id.desc())
    )
    return [
        FarmerBureauCheck(
            outcome=row["outcome"],
            debt=None if row["currency"] is None else money(row["debt_minor"], row["currency"]),
            overdue=None if row["currency"] is None else money(row["overdue_minor"], row["currency"]),
            usable=bool(row["agreed"])
            and row["outcome"] is not BureauOutcome.UNAVAILABLE
            and (row["expires_on"] is None or row["expires_on"] >= day),
            vouched=vouched(row),
        )
        for row in connection.execute(wanted).mappings()
    ]


def capacities(connection: Connection, party_id: int) -> list[FarmerCapacity]:
    """What the household can repay, the newest first."""
    wanted = (
        select(RepaymentCapacity.__table__)
        .where(RepaymentCapacity.party_id == party_id, RepaymentCapacity.valid_to.is_(None))
        .order_by(RepaymentCapacity.as_of.desc(), RepaymentCapacity.id.desc())
    )
    found = []
    for row in connection.execute(wanted).mappings():
        amount = money(row["capacity_minor"], row["currency"])
        if amount is not None:
            found.append(FarmerCapacity(capacity=amount, method=row["method"], vouched=vouched(row)))
    return found


def memberships(connection: Connection, party_id: int) -> list[FarmerMembership]:
    """Households and groups, without names."""
    link = Membership
    other = case((link.member_id == party_id, link.group_id), else_=link.member_id)
    wanted = (
        select(link.member_id, link.kind, Party.id, Party.farmer_id, Party.kind)
        .join(Party, Party.id == other)
        .where((link.member_id == party_id) | (link.group_id == party_id), link.valid_to.is_(None))
        .order_by(link.id)
    )
    return [
        FarmerMembership(party_id=number, farmer_id=farmer, party_kind=what, kind=kind, member=member == party_id)
        for member, kind, number, farmer, what in connection.execute(wanted)
    ]
