"""Rows of people and money, for tests that need a decided case."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from app.db.tables import Application, CreditSubject, Decision, Facility, OrgUnit, User

NOW = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
SINCE: dict[str, Any] = {"valid_from": NOW, "recorded_at": NOW}


def _decide(engine: Engine) -> None:
    """An officer's application on parcel p000 of run-1, approved by a reviewer, with a facility."""
    with Session(engine) as session:
        unit = OrgUnit(code="001", name="Head office", kind="head_office", **SINCE)
        session.add(unit)
        session.flush()
        people = [
            User(org_unit_id=unit.id, login=name, display_name=name, role=name, language="en", active=True, **SINCE)
            for name in ("officer", "reviewer")
        ]
        session.add_all(people)
        session.flush()
        application = Application(
            number="A-1",
            org_unit_id=unit.id,
            created_by_id=people[0].id,
            product="planting",
            requested_minor=150_000,
            currency="CNY",
            status="decided",
            **SINCE,
        )
        session.add(application)
        session.flush()
        subject = CreditSubject(
            kind="parcel", subject_id="p000", salt=b"s" * 32, subject_hash="01" * 32, recorded_at=NOW
        )
        session.add(subject)
        session.flush()
        decision = Decision(
            application_id=application.id,
            credit_subject_id=subject.id,
            outcome="approved",
            amount_minor=100_000,
            currency="CNY",
            policy_id="cn-planting-generic",
            policy_hash="ef" * 32,
            reasons=[],
            proposed_by_id=people[0].id,
            decided_by_id=people[1].id,
            decided_at=NOW,
            recorded_at=NOW,
        )
        session.add(decision)
        session.flush()
        session.add(
            Facility(
                number="F-1",
                decision_id=decision.id,
                product="planting",
                limit_minor=100_000,
                currency="CNY",
                revolving=True,
                starts_on=date(2026, 11, 20),
                ends_on=date(2027, 11, 19),
                status="active",
                **SINCE,
            )
        )
        session.commit()


@pytest.fixture
def decided() -> Callable[[Engine], None]:
    return _decide
