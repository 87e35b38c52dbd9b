"""A made-up bank: five people, a pack that allows what tests need, and a batch of proposals on a small run."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Engine, insert, select, text

from app.book.chain.links import Link, append
from app.book.chain.witnesses import witnesses
from app.book.decisions.authorities import Grant, grant
from app.book.decisions.by_people import Sitting
from app.book.decisions.people import NewUser, Person, add_unit, add_user
from app.book.subjects import ensure_subjects
from app.db.engine import writing
from app.db.tables import LimitBatch, Parcel, Proposal, ProposalParcel, Run
from app.db.tables.kinds import BatchStatus, EntryKind, OrgKind, ProposalStatus, SubjectKind, UserRole
from scoring.policy import Pack, pack_text

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
PEOPLE = {
    "ada": UserRole.ADMIN,
    "rita": UserRole.RISK,
    "olga": UserRole.OFFICER,
    "rob": UserRole.REVIEWER,
    "ben": UserRole.REVIEWER,
}
RUN: dict[str, Any] = {
    "run_id": "run-1",
    "season_id": "2026-10-01/2027-09-30",
    "season_start": date(2026, 10, 1),
    "season_end": date(2027, 9, 30),
    "created_at": NOW,
    "policy_id": "cn-planting-generic",
    "policy_hash": "ef" * 32,
    "model_hash": "ab" * 32,
    "simulated": True,
    "content_hash": "cd" * 32,
    "record": {},
    "recorded_at": NOW,
}
_TITLE = {"en": "t", "zh": "题"}
SECTIONS: dict[str, Any] = {
    "refresh": {"most_farmer_change": "0.30", "most_book_change": "0.05"},
    "authorities": [
        {
            "code": "PROGRAM",
            "title": _TITLE,
            "most": 20_000,
            "automatic": True,
            "valid_from": "2026-11-01",
            "valid_to": "2026-12-31",
        },
        {"code": "BRANCH", "title": _TITLE, "most": 100_000},
    ],
    "overrides": {
        "most_change": "0.20",
        "most_share": "0.50",
        "days": 90,
        "least_decisions": 4,
        "reasons": [{"code": "FACTS", "title": _TITLE}],
    },
}


def pack_with(**sections: Any) -> Pack:
    """The generic planting pack with other sections; None leaves one out."""
    said = tomllib.loads(pack_text("cn-planting-generic")[1]) | SECTIONS | sections
    return Pack.model_validate({name: part for name, part in said.items() if part is not None})


@cache
def _pack() -> Pack:
    return pack_with()


@dataclass(frozen=True)
class Bank:
    engine: Engine
    pack: Pack
    people: dict[str, Person]

    def sitting(self, login: str, *, now: datetime = LATER, pack: Pack | None = None) -> Sitting:
        return Sitting(self.people[login], pack or self.pack, now)


def open_bank(engine: Engine) -> Bank:
    """People, authorities (olga up to 50,000, rob up to 200,000 with overrides) and a run of six parcels."""
    with writing(engine) as connection:
        connection.execute(insert(Run), [RUN])
        connection.execute(insert(Parcel), [{"parcel_id": f"p{n:03d}", "recorded_at": NOW} for n in range(6)])
        add_unit(connection, "001", "Head office", OrgKind.HEAD_OFFICE, None, NOW)
        ada = add_user(connection, _new("ada"), None, NOW)
        people = {login: add_user(connection, _new(login), ada, NOW) for login in PEOPLE if login != "ada"}
        people["ada"] = ada
        for login, most, may in (("olga", 50_000, False), ("rob", 200_000, True), ("ben", 200_000, False)):
            grant(connection, Grant(people[login].id, most * 100, "CNY", NOW, may_override=may), ada, NOW)
    return Bank(engine, _pack(), people)


def _new(login: str) -> NewUser:
    return NewUser(login, login.title(), PEOPLE[login], "001", "en")


@dataclass(frozen=True)
class Offer:
    """A proposal to make up, in whole yuan; parts by parcel."""

    amount: int | None = 12_000
    before: int | None = 10_000
    parts: Sequence[int | None] = (7_000, 5_000)
    visit: bool = False
    status: ProposalStatus = ProposalStatus.OPEN
    policy_hash: str | None = None


def propose(
    bank: Bank,
    offers: Sequence[Offer],
    *,
    batch_id: str = "b-1",
    status: BatchStatus = BatchStatus.OPEN,
    now: datetime = NOW,
    **batch: Any,
) -> list[int]:
    """A batch with proposals for farmers f0, f1, ...; their numbers."""
    with writing(bank.engine) as connection:
        connection.execute(insert(LimitBatch), [_batch(bank, batch_id, offers, status, now) | batch])
        keys = [(SubjectKind.FARMER, f"{batch_id}-f{number}") for number in range(len(offers))]
        subjects = ensure_subjects(connection, keys, now, salt_maker())
        rows = [
            _proposal(bank, batch_id, subjects[key].id, offer, now) for key, offer in zip(keys, offers, strict=True)
        ]
        made = connection.execute(insert(Proposal).returning(Proposal.id, sort_by_parameter_order=True), rows)
        numbers = list(made.scalars())
        parts = [
            {"proposal_id": number, "parcel_id": f"p{place:03d}", "amount_minor": _minor(part), "currency": "CNY"}
            for number, offer in zip(numbers, offers, strict=True)
            for place, part in enumerate(offer.parts)
        ]
        if parts:
            connection.execute(insert(ProposalParcel), parts)
        vouch(connection, EntryKind.BATCH, batch_id, now)
    return numbers


def vouch(connection: Connection, kind: EntryKind, key: str, now: datetime) -> None:
    content = witnesses()[kind].contents(connection, [key])[key]
    append(connection, [Link(kind, key, content)], now)


def salt_maker() -> Any:
    count = iter(range(10**9))
    return lambda: sha256(str(next(count)).encode()).digest()


def status_of(engine: Engine, proposal_id: int) -> ProposalStatus:
    with engine.connect() as connection:
        return connection.execute(select(Proposal.status).where(Proposal.id == proposal_id)).scalar_one()


def past_guards(connection: Connection) -> None:
    """Let a transaction change what never changes and refer to what is not there, as the database's owner can."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        return
    connection.execute(text("PRAGMA defer_foreign_keys = ON"))
    triggers = connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all()
    for name in triggers:
        connection.execute(text(f'DROP TRIGGER "{name}"'))


def tamper(engine: Engine, statement: str) -> None:
    """Change rows past the guards."""
    with engine.begin() as connection:
        past_guards(connection)
        connection.execute(text(statement))


def _minor(amount: int | None) -> int | None:
    return None if amount is None else amount * 100


def _batch(bank: Bank, batch_id: str, offers: Sequence[Offer], status: BatchStatus, now: datetime) -> dict[str, Any]:
    return {
        "id": batch_id,
        "as_of": now.date(),
        "season_id": "2026-10-01/2027-09-30",
        "stage": "before",
        "run_id": "run-1",
        "policy_id": bank.pack.id,
        "policy_hash": bank.pack.content_hash,
        "inputs_hash": "aa" * 32,
        "code_version": "0",
        "currency": "CNY",
        "parcels": 6,
        "subjects": len(offers),
        "decided_again": len(offers),
        "proposals": len(offers),
        "before_minor": sum(_minor(offer.before) or 0 for offer in offers),
        "after_minor": sum(_minor(offer.amount) or 0 for offer in offers),
        "status": status,
        "held_for": [],
        "recorded_at": now,
    }


def _proposal(bank: Bank, batch_id: str, subject: int, offer: Offer, now: datetime) -> dict[str, Any]:
    return {
        "batch_id": batch_id,
        "credit_subject_id": subject,
        "run_id": "run-1",
        "amount_minor": _minor(offer.amount),
        "before_minor": _minor(offer.before),
        "currency": "CNY",
        "needs_visit": offer.visit,
        "policy_id": bank.pack.id,
        "policy_hash": offer.policy_hash or bank.pack.content_hash,
        "inputs_hash": "bb" * 32,
        "receipt_hash": "cc" * 32,
        "reasons": ["COST"],
        "status": offer.status,
        "recorded_at": now,
    }
