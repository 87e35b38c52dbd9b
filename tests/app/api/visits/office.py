"""The made-up bank of the alerts with a week's list, served to people who are signed in."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import Engine, select

from app.alerts.visits.weeks import Draw, draw_list
from app.api.access.sessions import Spans
from app.api.access.signing_in import Access
from app.api.access.tokens import CSRF_COOKIE, CSRF_HEADER
from app.api.institution import create_institution_app
from app.artefacts.folders import Folders
from app.book.decisions.people import find_user, set_password
from app.db.engine import writing
from app.db.tables import Visit
from tests.app.alerts.desk import NOW, Desk, open_desk
from tests.app.api.access.service import ORIGIN, PASSWORD, Clock, quick_passwords, try_to_sign_in

WEEK = date(2019, 6, 17)
KEY = "0b6a2f0e-3a52-4e5b-9a0e-5d5f7a1c2b3d"


@dataclass
class Office:
    """The bank, its clock, its folder of photos, and browsers on its service."""

    desk: Desk
    access: Access
    clock: Clock
    photos: Path

    def signed_in(self, login: str, photos: bool = True) -> TestClient:
        folders = Folders(photos=self.photos if photos else None)
        app = create_institution_app(self.access, folders=folders)
        browser = TestClient(app, base_url=ORIGIN, headers={"Origin": ORIGIN}, raise_server_exceptions=False)
        assert try_to_sign_in(browser, login).status_code == 201
        browser.headers[CSRF_HEADER] = browser.cookies[CSRF_COOKIE]
        return browser

    def said(self, **changed: Any) -> dict[str, Any]:
        """A visit of olga and otto to p000 about its alert, from within the parcel."""
        return {
            "alert": self.desk.number("p000"),
            "second_officer": "otto",
            "captured_at": "2019-06-18T07:30:00Z",
            "outcome": "confirmed",
            "longitude": 4.0025,
            "latitude": 51.0025,
            "accuracy_m": 8.0,
            "loss_share": 0.4,
        } | changed

    def visits(self) -> list[tuple[str, str | None]]:
        with self.access.engine.connect() as connection:
            wanted = select(Visit.parcel_id, Visit.photo_hash).order_by(Visit.id)
            return [(parcel, photo) for parcel, photo in connection.execute(wanted)]


def open_office(engine: Engine, photos: Path) -> Office:
    desk, clock, passwords = open_desk(engine), Clock(), quick_passwords()
    clock.now = NOW
    with writing(engine) as connection:
        for login in ("olga", "otto", "berta", "rob", "ada"):
            set_password(connection, login, passwords.hash(PASSWORD), NOW)
        draw = Draw(week=WEEK, unit="001", capacity=3, as_of=date(2019, 6, 16), seed="s")
        draw_list(connection, draw, find_user(connection, "rob"), NOW)
    spans = Spans(idle=timedelta(minutes=30), longest=timedelta(hours=12))
    draws = random.Random(7)  # noqa: S311 - tokens of a test
    return Office(desk, Access(engine, passwords, spans, clock, draws.randbytes, ORIGIN), clock, photos)
