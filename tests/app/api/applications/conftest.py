"""An office that takes applications: a farmer of the north with plots that have outlines."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine, insert, select, update

from app.api.access.tokens import CSRF_COOKIE, CSRF_HEADER
from app.api.institution import create_institution_app
from app.artefacts.folders import Folders
from app.book.decisions.authorities import Grant, grant
from app.book.parties.party_file import Entry
from app.book.parties.register import register
from app.book.parties.retention import load_rules
from app.db.engine import open_engine, sqlite_url, writing
from app.db.tables import OrgUnit, Parcel, PersonalView, Run
from tests.app.api.access.service import NOW, ORIGIN, Service, open_service, try_to_sign_in
from tests.app.book.applications.made_up import SEASON, add_outlines, picture
from tests.app.book.made_up_book import RUN

POLICY = "cn-planting-generic"
ROOT = "/api/v1/applications"
DAY = "2026-11-22"


@dataclass
class Office:
    """A service, and people who work on the applications of one farmer; each act names the version seen last."""

    service: Service
    app: FastAPI
    party: int
    browsers: dict[str, TestClient]
    version: int = 0

    def as_(self, login: str) -> TestClient:
        """Somebody's browser; all are on one application, since making one takes long."""
        if login not in self.browsers:
            browser = TestClient(self.app, base_url=ORIGIN, headers={"Origin": ORIGIN}, raise_server_exceptions=False)
            assert try_to_sign_in(browser, login).status_code == 201
            browser.headers[CSRF_HEADER] = browser.cookies[CSRF_COOKIE]
            self.browsers[login] = browser
        return self.browsers[login]

    def begin(self, login: str = "olga") -> str:
        asked = {"party_id": self.party, "policy_id": POLICY}
        answer = self.as_(login).post(ROOT, json=asked)
        assert answer.status_code == 201, answer.text
        number: str = answer.json()["number"]
        self.look(login, number)
        return number

    def look(self, login: str, number: str) -> dict[str, Any]:
        answer = self.as_(login).get(f"{ROOT}/{number}")
        assert answer.status_code == 200, answer.text
        page: dict[str, Any] = answer.json()
        self.version = page["version"]
        return page

    def ask(self, login: str, number: str, what: str, method: str = "POST", /, **body: Any) -> Any:
        """What the service answers to one step; a minute later."""
        self.service.clock.pass_by(minutes=1)
        send = {"version": self.version} | body
        return self.as_(login).request(method, f"{ROOT}/{number}/{what}", json=send)

    def do(self, login: str, number: str, what: str, method: str = "POST", /, **body: Any) -> dict[str, Any]:
        answer = self.ask(login, number, what, method, **body)
        assert answer.status_code == 200, (what, answer.text)
        page: dict[str, Any] = answer.json()
        self.version = page["version"]
        return page

    def refused(self, login: str, number: str, what: str, method: str = "POST", /, **body: Any) -> tuple[int, str]:
        answer = self.ask(login, number, what, method, **body)
        return answer.status_code, answer.json()["code"]

    def send_paper(self, login: str, number: str, content: bytes, kind: str = "identity") -> Any:
        headers = {"Content-Type": "application/octet-stream"}
        address = f"{ROOT}/{number}/papers?version={self.version}&kind={kind}"
        return self.as_(login).post(address, content=content, headers=headers)

    def fill(self, number: str, amount: str = "1500") -> dict[str, Any]:
        """Everything that submitting needs, written by olga."""
        for purpose in ("processing", "bureau"):
            self.do("olga", number, "consents", purpose=purpose, text_version="3", language="zh")
        self.do("olga", number, "bureau", outcome="clear", debt="0", as_of=DAY)
        self.do("olga", number, "capacity", amount="50000")
        right = {"basis": "certificate", "kind": "household_contract", "starts_on": "2020-01-01", "area": "2"}
        rights = self.do("olga", number, "land-rights", **right)["rights"]
        assert self.send_paper("olga", number, picture()).status_code == 200
        self.look("olga", number)
        plots = [
            {"parcel_id": name, "crop": "wheat", "land_right_id": rights[0]["id"], "area": "12", "unit": "mu"}
            for name in ("p000", "p001")
        ]
        self.do("olga", number, "plots", "PUT", plots=plots)
        return self.do("olga", number, "asked", "PUT", policy_id=POLICY, amount=amount, season_id=SEASON)

    def looks(self) -> set[tuple[int, str]]:
        """Who looked at the farmer, and why."""
        wanted = select(PersonalView.viewed_by_id, PersonalView.reason).where(PersonalView.party_id == self.party)
        with self.service.access.engine.connect() as connection:
            return {(number, reason) for number, reason in connection.execute(wanted)}


def open_applications(engine: Engine, folder: Path) -> Office:
    service = open_service(engine)
    names = [f"p{number:03d}" for number in range(4)]
    with writing(engine) as connection:
        connection.execute(insert(Run), [RUN])
        connection.execute(insert(Parcel), [{"parcel_id": name, "recorded_at": NOW} for name in names])
        unit = connection.scalar(select(OrgUnit.id).where(OrgUnit.code == "010"))
        connection.execute(update(Parcel).where(Parcel.parcel_id.in_(names)).values(org_unit_id=unit))
        add_outlines(connection, names)
        entry = Entry(farmer_id="F-1", name="王小明", phone="13800001111", org_unit="010")
        party = register(connection, [entry], vault=None, rules=load_rules(), now=NOW).party_ids[0]
        grant(connection, Grant(service.people["rita"].id, 20_000_000, "CNY", NOW), service.people["ada"], NOW)
    service.folders = Folders(files=folder)
    app = create_institution_app(service.access, folders=service.folders)
    return Office(service, app, party, {})


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    """On SQLite and on PostgreSQL."""
    return open_applications(engine, tmp_path / "files")


@pytest.fixture
def lite(migrated_sqlite_url: str, make_engine: Callable[[str], Engine], tmp_path: Path) -> Office:
    """On SQLite only."""
    return open_applications(make_engine(migrated_sqlite_url), tmp_path / "files")


@pytest.fixture(scope="module")
def closed(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A bank of the module's own, on which nothing is written: every body is refused before."""
    folder = tmp_path_factory.mktemp("closed")
    file = Path(shutil.copy(sqlite_template, folder / "acreline.db"))
    engine = open_engine(sqlite_url(file))
    office = open_applications(engine, folder / "files")
    office.as_("olga")
    yield office
    engine.dispose()
