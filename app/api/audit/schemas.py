"""What the pages of the audit are drawn from."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import Field

from app.api.schemas import Answer
from app.db.tables.kinds import OrgKind, UserRole


class AuditedView(Answer):
    """Somebody looked at a party's data."""

    number: int
    viewed_at: datetime
    login: str
    party_id: int
    farmer_id: str | None
    what: str
    reason: str


class AuditedExport(Answer):
    """Somebody took a list of the book out."""

    number: int
    made_at: datetime
    login: str
    what: str
    asked: dict[str, Any]
    rows: int


class AuditList(Answer):
    """The newest first. Views are of parties within reach, exports by people of units within reach."""

    views: list[AuditedView]
    exports: list[AuditedExport]


class KeptPerson(Answer):
    """Somebody who works here."""

    login: str
    display_name: str
    role: UserRole
    unit: str
    active: bool
    sign_ins: int = Field(description="Sessions that are kept; ended ones go after 30 days.")
    last_seen_at: datetime | None


class KeptUnit(Answer):
    """A unit of the bank."""

    code: str
    name: str
    kind: OrgKind
    parent: str | None


class KeptKey(Answer):
    """A key of another system; the key itself is with that system only."""

    number: int
    label: str
    prefix: str
    unit: str
    scopes: list[str]
    created_by: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_by: str | None
    revoked_at: datetime | None
    good: bool = Field(description="Whether it lets in now.")


class PeopleList(Answer):
    """People, units, and keys of other systems."""

    people: list[KeptPerson]
    units: list[KeptUnit]
    keys: list[KeptKey]
