"""A bank of two branches with people of every role, and browsers on its service."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import APIRouter
from fastapi.testclient import TestClient
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import Engine, insert, select

from app.api.access.passwords import Passwords
from app.api.access.sessions import Spans
from app.api.access.signing_in import Access
from app.api.access.tokens import CSRF_COOKIE, CSRF_HEADER
from app.api.institution import ROUTERS, create_institution_app
from app.api.keys.making import NewKey, make_key
from app.api.keys.tokens import KeyScope
from app.artefacts.folders import Folders
from app.book.decisions.people import NewUser, Person, add_unit, add_user, set_password
from app.db.engine import writing
from app.db.tables import OrgUnit, Parcel, Party, PersonalData
from app.db.tables.kinds import OrgKind, UserRole

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
ORIGIN = "https://bank.example"
PASSWORD = "seven quiet herons stand"  # noqa: S105 - of made-up people
#: Login by role, and two officers of other units: "north" has one outlet below, "south" is beside it.
PEOPLE = {
    "ada": (UserRole.ADMIN, "001"),
    "rita": (UserRole.RISK, "001"),
    "rob": (UserRole.REVIEWER, "010"),
    "olga": (UserRole.OFFICER, "010"),
    "otto": (UserRole.OFFICER, "011"),
    "susi": (UserRole.OFFICER, "020"),
}
UNITS = (("001", None), ("010", "001"), ("011", "010"), ("020", "001"))


class Clock:
    """Stands still until somebody moves it."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **span: float) -> None:
        self.now += timedelta(**span)


def quick_passwords() -> Passwords:
    """Argon2id with little work: what takes long is not under test."""
    return Passwords(PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),)))


@dataclass
class Service:
    """The service, its clock, its people, and rows of each unit (None: of no unit): parcels and parties by unit."""

    access: Access
    clock: Clock
    people: dict[str, Person]
    parties: dict[str | None, int] = field(default_factory=dict)
    routers: list[APIRouter] = field(default_factory=lambda: list(ROUTERS))
    folders: Folders = field(default_factory=Folders)

    def browser(self, **headers: str) -> TestClient:
        """A browser that is not signed in."""
        app = create_institution_app(self.access, routers=self.routers, folders=self.folders)
        return TestClient(app, base_url=ORIGIN, headers={"Origin": ORIGIN} | headers, raise_server_exceptions=False)

    def signed_in(self, login: str, password: str = PASSWORD) -> TestClient:
        """A browser in which somebody is signed in and whose requests carry the CSRF header."""
        browser = self.browser()
        answer = try_to_sign_in(browser, login, password)
        assert answer.status_code == 201, answer.text
        browser.headers[CSRF_HEADER] = browser.cookies[CSRF_COOKIE]
        return browser

    def key(self, *scopes: KeyScope, unit: str = "001", label: str = "core", days: int = 30) -> str:
        """A new key of another system."""
        with writing(self.access.engine) as connection:
            new = NewKey(label, unit, scopes, days)
            return make_key(connection, new, self.people["ada"], self.access.entropy, self.clock())

    def system(self, *scopes: KeyScope, unit: str = "001", label: str = "core") -> TestClient:
        """Another system whose requests carry its key."""
        return self.browser(Authorization=f"Bearer {self.key(*scopes, unit=unit, label=label)}")


def try_to_sign_in(browser: TestClient, login: str, password: str = PASSWORD) -> Any:
    return browser.post("/api/v1/session", json={"login": login, "password": password})


def open_service(engine: Engine) -> Service:
    clock, passwords = Clock(), quick_passwords()
    stored = passwords.hash(PASSWORD)
    people: dict[str, Person] = {}
    with writing(engine) as connection:
        for code, parent in UNITS:
            add_unit(connection, code, f"Unit {code}", OrgKind.BRANCH, parent, NOW)
        for login, (role, unit) in PEOPLE.items():
            new = NewUser(login, login.title(), role, unit, "zh")
            people[login] = add_user(connection, new, people.get("ada"), NOW)
            set_password(connection, login, stored, NOW)
    draw = random.Random(7)  # noqa: S311 - tokens of a test
    spans = Spans(idle=timedelta(minutes=30), longest=timedelta(hours=12))
    access = Access(engine, passwords, spans, clock, draw.randbytes, ORIGIN)
    return Service(access, clock, people, dict(_rows(engine)))


def _rows(engine: Engine) -> Iterator[tuple[str | None, int]]:
    """A parcel and a party of each unit and of none."""
    with writing(engine) as connection:
        units: dict[str | None, int | None] = {
            code: number for number, code in connection.execute(select(OrgUnit.id, OrgUnit.code))
        }
        for code, number in (units | {None: None}).items():
            parcel = {"parcel_id": f"p-{code}", "org_unit_id": number, "recorded_at": NOW}
            connection.execute(insert(Parcel), [parcel])
            row = {"kind": "person", "org_unit_id": number, "valid_from": NOW, "recorded_at": NOW}
            party = connection.execute(insert(Party).values(row).returning(Party.id)).scalar_one()
            name = {"party_id": party, "name": f"Farmer of {code}", "phone": "1", "recorded_at": NOW}
            connection.execute(insert(PersonalData), [name])
            yield code, party
