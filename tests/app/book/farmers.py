"""A farmer with everything that can stand about one: land, a closed loan, decisions, runs, a bureau report."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pydantic import SecretStr
from sqlalchemy import Engine, insert, select
from sqlalchemy.orm import Session

from app.book.chain.links import Link, append
from app.book.decisions.people import NewUser, add_unit, add_user, find_user
from app.book.decisions.rulings import decision_contents
from app.book.parties.consents import Agreed, give
from app.book.parties.party_file import Entry
from app.book.parties.register import Registered, register
from app.book.parties.retention import RetentionRules, load_rules
from app.book.parties.vault import Vault, open_vault
from app.book.refresh.batches import batch_content
from app.book.subjects import ensure_subjects
from app.db.base import Base
from app.db.engine import writing
from app.db.loading import load_run
from app.db.tables import (
    Application,
    BureauCheck,
    ContractPlot,
    CropCycle,
    Decision,
    Facility,
    Insurance,
    LandRight,
    LimitBatch,
    LoanAccount,
    Membership,
    OrgUnit,
    Party,
    Proposal,
    RepaymentCapacity,
    Role,
)
from app.db.tables.kinds import ConsentPurpose, EntryKind, OrgKind, SubjectKind, UserRole
from tests.app.db.made_up import SEASON_ID, made_up_run

FARMER, NUMBER, NAME = "f0", "11010519491231002X", "Zhang San"
LONG_AGO = datetime(2012, 5, 1, 8, tzinfo=UTC)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SINCE: dict[str, Any] = {"valid_from": LONG_AGO, "recorded_at": LONG_AGO}
FACT: dict[str, Any] = {"source": "core", "as_of": LONG_AGO.date(), **SINCE}
KEY = SecretStr(b64encode(bytes(range(32))).decode())


def vault() -> Vault:
    opened = open_vault(KEY)
    assert opened is not None
    return opened


def own_rules(**changed: object) -> RetentionRules:
    """The example's periods as if a bank had set them."""
    return load_rules().model_copy(update={"example": False, **changed})


def take_in(engine: Engine, *entries: Entry, now: datetime = NOW, **options: Any) -> Registered:
    chosen = {"vault": vault(), "rules": own_rules(), "now": now, **options}
    with writing(engine) as connection:
        return register(connection, entries, **chosen)


@dataclass
class Case:
    """Database with one farmer whose loan ended in 2013."""

    engine: Engine
    party_id: int
    by_id: int

    def add(self, *rows: Base) -> None:
        with Session(self.engine) as session:
            session.add_all(rows)
            session.commit()

    def count(self, table: type[Base], **where: object) -> int:
        with Session(self.engine) as session:
            return len(session.scalars(select(table).filter_by(**where)).all())


def farmers_case(engine: Engine) -> Case:
    load_run(engine, *made_up_run("run-1", day=1).tables, now=LONG_AGO)
    load_run(engine, *made_up_run("run-2", day=2).tables, now=LONG_AGO)
    by_id = _bank(engine)
    entry = Entry(farmer_id=FARMER, name=NAME, phone="13800000000", address="Village 1", id_number=NUMBER)
    party_id = take_in(engine, entry, now=LONG_AGO).party_ids[0]
    case = Case(engine, party_id, by_id)
    _credit(case)
    _land(case)
    return case


def _bank(engine: Engine) -> int:
    """A unit and an administrator."""
    with writing(engine) as connection:
        add_unit(connection, "001", "Head office", OrgKind.HEAD_OFFICE, None, LONG_AGO)
        add_user(connection, NewUser("admin", "Admin", UserRole.ADMIN, "001", "en"), None, LONG_AGO)
        return find_user(connection, "admin").id


def _decide(case: Case) -> None:
    """A decision about the farmer, and its entry of the chain."""
    told = NOW - timedelta(days=1)
    with writing(case.engine) as connection:
        key = (SubjectKind.FARMER, FARMER)
        subject = ensure_subjects(connection, [key], LONG_AGO, lambda: b"t" * 32)[key]
        row = {
            "application_id": connection.scalars(select(Application.id)).one(),
            "credit_subject_id": subject.id,
            "outcome": "approved",
            "amount_minor": 100_000,
            "currency": "CNY",
            "policy_id": "cn-planting-generic",
            "policy_hash": "ef" * 32,
            "reasons": [],
            "decided_by_id": case.by_id,
            "decided_at": LONG_AGO,
            "recorded_at": told,
        }
        number = str(connection.scalars(insert(Decision).returning(Decision.id), row).one())
        append(connection, [Link(EntryKind.DECISION, number, decision_contents(connection, [number])[number])], told)


def _propose(case: Case) -> None:
    """A batch with one open proposal for the farmer, under the number of the facility."""
    told = NOW - timedelta(days=1)
    policy = {"policy_id": "cn-planting-generic", "policy_hash": "ef" * 32, "inputs_hash": "12" * 32}
    with writing(case.engine) as connection:
        key = (SubjectKind.FARMER, FARMER)
        subject = ensure_subjects(connection, [key], LONG_AGO, lambda: b"t" * 32)[key]
        batch = {"id": "batch-1", "as_of": told.date(), "season_id": SEASON_ID, "stage": "after", "run_id": "run-1"}
        counts = dict.fromkeys(("parcels", "subjects", "decided_again", "proposals", "before_minor", "after_minor"), 1)
        plain = {"code_version": "0.1.0", "currency": "CNY", "status": "open", "held_for": [], "recorded_at": told}
        connection.execute(insert(LimitBatch), batch | policy | counts | plain)
        proposal = {"batch_id": "batch-1", "credit_subject_id": subject.id, "facility_number": "KCC-77"}
        said = {"receipt_hash": "34" * 32, "reasons": [], "needs_visit": False, "amount_minor": 1}
        shown = {"currency": "CNY", "status": "open", "recorded_at": told}
        connection.execute(insert(Proposal), proposal | policy | said | shown)
        append(connection, [Link(EntryKind.BATCH, "batch-1", batch_content(connection, "batch-1"))], told)


def _credit(case: Case) -> None:
    with Session(case.engine) as session:
        unit = session.scalars(select(OrgUnit.id)).one()
    case.add(
        Application(
            number="A-1",
            org_unit_id=unit,
            created_by_id=case.by_id,
            product="kcc",
            requested_minor=1,
            currency="CNY",
            status="decided",
            **SINCE,
        ),
        Facility(
            number="F-1",
            product="kcc",
            currency="CNY",
            revolving=True,
            starts_on=date(2026, 5, 1),
            status="active",
            **SINCE,
        ),
        Facility(
            number="KCC-77",
            product="kcc",
            currency="CNY",
            revolving=False,
            starts_on=date(2012, 5, 1),
            ends_on=date(2013, 5, 1),
            status="closed",
            **SINCE,
        ),
    )
    with writing(case.engine) as connection:
        facility = connection.scalars(select(Facility.id).where(Facility.number == "KCC-77")).one()
        agreed = Agreed(ConsentPurpose.BUREAU, "3", "zh", "ab" * 32)
        consent = give(connection, case.party_id, agreed, LONG_AGO, NOW - timedelta(days=1))
        application = connection.scalars(select(Application.id)).one()
    _propose(case)
    _decide(case)
    case.add(
        Role(party_id=case.party_id, application_id=application, kind="borrower", **SINCE),
        Role(party_id=case.party_id, facility_id=facility, kind="borrower", **SINCE),
        LoanAccount(
            facility_id=facility,
            account_number="ACC-6228",
            product="kcc",
            currency="CNY",
            outstanding_minor=0,
            opened_on=date(2012, 5, 1),
            due_on=date(2013, 5, 1),
            **FACT,
        ),
        BureauCheck(
            party_id=case.party_id,
            outcome="clear",
            debt_minor=0,
            currency="CNY",
            consent_id=consent,
            report_hash="cd" * 32,
            **FACT,
        ),
        RepaymentCapacity(party_id=case.party_id, capacity_minor=5, currency="CNY", method="officer", **FACT),
        Insurance(party_id=case.party_id, kind="crop", insurer="I", policy_number="P-9", currency="CNY", **FACT),
    )


def _land(case: Case) -> None:
    group = Party(kind="joint_liability_group", **SINCE)
    right = LandRight(
        party_id=case.party_id,
        basis="certificate",
        kind="household_contract",
        document_hash="ef" * 32,
        starts_on=date(2012, 5, 1),
        **FACT,
    )
    with Session(case.engine, expire_on_commit=False) as session:
        session.add_all([group, right])
        session.commit()
    case.add(
        Membership(group_id=group.id, member_id=case.party_id, kind="member", **SINCE),
        ContractPlot(parcel_id="p000", land_right_id=right.id, plot_code="C-1", starts_on=date(2012, 5, 1), **SINCE),
        CropCycle(
            parcel_id="p000",
            party_id=case.party_id,
            season_id="2018-10-01/2019-10-31",
            cycle=1,
            origin="declared",
            crop="wheat",
            **FACT,
        ),
    )
