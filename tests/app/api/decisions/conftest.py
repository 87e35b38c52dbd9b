"""An office over a made-up book: proposals of the shipped pack for farmers of the northern branch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, insert, select, update

from app.book.decisions.authorities import Grant, grant
from app.db.engine import writing
from app.db.tables import CreditSubject, OrgUnit, Parcel, Party, Proposal, Run
from app.db.tables.kinds import SubjectKind
from scoring.policy import load_pack
from tests.app.api.access.service import NOW, Service, open_service
from tests.app.book.made_up_book import RUN, Bank, Offer, propose


@dataclass
class Office:
    """A service, and the book that it answers from."""

    service: Service
    bank: Bank

    @property
    def engine(self) -> Engine:
        return self.service.access.engine

    def signed_in(self, login: str) -> TestClient:
        return self.service.signed_in(login)

    def propose(self, offers: Sequence[Offer], unit: str | None = "010", **batch: Any) -> list[int]:
        """Proposals for new farmers of a unit."""
        numbers = propose(self.bank, offers, now=NOW, **batch)
        wanted = select(CreditSubject.subject_id).join(Proposal, Proposal.credit_subject_id == CreditSubject.id)
        with writing(self.engine) as connection:
            subjects = connection.scalars(wanted.where(Proposal.id.in_(numbers))).all()
            own = connection.scalar(select(OrgUnit.id).where(OrgUnit.code == unit))
            row = {"kind": "person", "org_unit_id": own, "valid_from": NOW, "recorded_at": NOW}
            connection.execute(insert(Party), [row | {"farmer_id": subject} for subject in subjects])
        return numbers

    def without_farmer(self, number: int, unit: str | None) -> None:
        """Make a proposal one for a parcel on its own, all parcels of a unit."""
        with writing(self.engine) as connection:
            own = connection.scalar(select(OrgUnit.id).where(OrgUnit.code == unit))
            subject = connection.scalar(select(Proposal.credit_subject_id).where(Proposal.id == number))
            connection.execute(update(CreditSubject).where(CreditSubject.id == subject).values(kind=SubjectKind.PARCEL))
            connection.execute(update(Parcel).where(Parcel.parcel_id.like("p0%")).values(org_unit_id=own))


def open_office(engine: Engine) -> Office:
    """The bank of the service; olga decides up to 50,000, rob up to 200,000 and other amounts, susi up to 200,000."""
    service = open_service(engine)
    with writing(engine) as connection:
        connection.execute(insert(Run), [RUN])
        connection.execute(insert(Parcel), [{"parcel_id": f"p{n:03d}", "recorded_at": NOW} for n in range(6)])
        for login, most, may in (("olga", 50_000, False), ("rob", 200_000, True), ("susi", 200_000, True)):
            given = Grant(service.people[login].id, most * 100, "CNY", NOW, may_override=may)
            grant(connection, given, service.people["ada"], NOW)
    return Office(service, Bank(engine, load_pack("cn-planting-generic"), service.people))


@pytest.fixture
def office(engine: Engine) -> Office:
    """On SQLite and on PostgreSQL."""
    return open_office(engine)


@pytest.fixture
def lite(migrated_sqlite_url: str, make_engine: Any) -> Office:
    """On SQLite only."""
    return open_office(make_engine(migrated_sqlite_url))
