"""Shapes of the answers about people."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from app.api.access.passwords import MOST_CHARACTERS
from app.db.tables.kinds import PartyKind, UserRole

_Login = Annotated[str, Field(min_length=1, max_length=128)]
_Password = Annotated[SecretStr, Field(min_length=1, max_length=MOST_CHARACTERS)]
#: The largest number that both databases keep.
MOST_NUMBER = 2**63 - 1


class Asked(BaseModel):
    """What a client sends: nothing beside what is named."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class SignIn(Asked):
    """Login and password."""

    login: _Login
    password: _Password


class PasswordChange(Asked):
    """The password so far, and the one to come."""

    old: _Password
    new: _Password


class Unit(BaseModel):
    """A unit of the bank."""

    code: str
    name: str


class SessionState(BaseModel):
    """A session: it ends when nothing was asked for idle_s seconds, and at ends_at at the latest."""

    login: str
    ends_at: datetime
    idle_s: int


class Me(BaseModel):
    """Who is signed in."""

    id: int
    login: str
    display_name: str
    role: UserRole
    unit: Unit
    language: str
    simulated: bool = Field(description="Some of what the bank looks at was simulated: no satellite saw it.")


class PartyContact(BaseModel):
    """A party with name and contact; nulls after an erasure."""

    id: int
    kind: PartyKind
    farmer_id: str | None
    unit: str | None
    name: str | None
    phone: str | None
    address: str | None
    erased: bool
