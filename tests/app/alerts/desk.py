"""A made-up bank with two branches, loans on a small run's parcels, and alerts on some of them in June 2019."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PIL import Image
from sqlalchemy import Connection, Engine, select, update
from sqlalchemy.orm import Session

from app.alerts.visits.seen import Recorded, Seen, record_visit
from app.alerts.watches.history import History
from app.alerts.watches.recording import WatchRow, record_watch
from app.alerts.worklist.workflow import Act
from app.book.decisions.people import NewUser, add_unit, add_user, find_user
from app.db.engine import writing
from app.db.loading import load_run
from app.db.tables import Alert, AlertEvent, ContractPlot, Facility, LoanAccount, OrgUnit, Parcel, Party, Role
from app.db.tables.alert_kinds import VisitOutcome
from app.db.tables.kinds import OrgKind, UserRole
from tests.app.alerts.told import SEASON_ID, Line, day, told
from tests.app.db.made_up import made_up_run

EARLY = datetime(2018, 10, 1, 8, tzinfo=UTC)
NOW = datetime(2019, 6, 20, 9, tzinfo=UTC)
TODAY = NOW.date()
SINCE: dict[str, Any] = {"valid_from": EARLY, "recorded_at": EARLY}
LOSS = "abrupt_loss"
PEOPLE = {
    "ada": (UserRole.ADMIN, "001"),
    "rob": (UserRole.REVIEWER, "001"),
    "rita": (UserRole.RISK, "001"),
    "olga": (UserRole.OFFICER, "010"),
    "otto": (UserRole.OFFICER, "010"),
    "berta": (UserRole.OFFICER, "020"),
}
LINES: tuple[Line, ...] = (
    ("p000", LOSS, "06-01", "06-01", "opened", "watch"),
    ("p000", LOSS, "06-01", "06-11", "raised", "warning"),
    ("p001", LOSS, "06-01", "06-01", "opened", "watch"),
    ("p002", LOSS, "06-05", "06-05", "opened", "action"),
    ("p004", LOSS, "06-05", "06-05", "opened", "info"),
)


@dataclass(frozen=True)
class Desk:
    """p000 and p001 are of branch 010, p002 of 020, p003 of 020 by its borrower, p004 and p005 of none."""

    engine: Engine

    @contextmanager
    def acting(self, login: str, said: str | None = None) -> Iterator[tuple[Connection, Act]]:
        with writing(self.engine) as connection:
            yield connection, Act(find_user(connection, login), NOW, said)

    def do(self, what: Any, login: str, parcel: str = "p000", said: str | None = None) -> Any:
        with self.acting(login, said) as (connection, act):
            return what(connection, [self.number(parcel)], act)

    def visit(self, outcome: str = "confirmed", parcel: str | None = "p000", **changed: Any) -> Recorded:
        chosen: dict[str, Any] = {
            "parcel_id": None,
            "alert_id": None if parcel is None else self.number(parcel),
            "officers": ("olga", "otto"),
            "captured_at": datetime(2019, 6, 18, 7, 30, tzinfo=UTC),
            "outcome": VisitOutcome(outcome),
        }
        photo = changed.pop("photo", None)
        now = changed.pop("now", NOW)
        with writing(self.engine) as connection:
            return record_visit(connection, Seen(**chosen | changed), photo, now)

    def number(self, parcel: str) -> int:
        with self.engine.connect() as connection:
            return connection.scalars(select(Alert.id).where(Alert.parcel_id == parcel)).one()

    def status(self, parcel: str = "p000") -> str:
        with self.engine.connect() as connection:
            return str(connection.scalars(select(Alert.status).where(Alert.parcel_id == parcel)).one())

    def said(self, parcel: str = "p000") -> list[tuple[str, str | None]]:
        """What people did, with their words."""
        wanted = select(AlertEvent.kind, AlertEvent.note).where(
            AlertEvent.alert_id == self.number(parcel), AlertEvent.by_id.is_not(None)
        )
        with self.engine.connect() as connection:
            return [(str(kind), note) for kind, note in connection.execute(wanted.order_by(AlertEvent.id))]

    def watch(self, as_of: str, *lines: Line, **more: Any) -> None:
        on = day(as_of)
        watch = WatchRow(
            id=f"{on:%Y%m%d}",
            run_id="run-1",
            as_of=on,
            season_id=SEASON_ID,
            rules_id="growth-1",
            rules_hash="ab" * 32,
            inputs_hash="cd" * 32,
            code_version="0.1.0",
            causes=frozenset({LOSS, "not_sown"}),
            counts={"parcels": 6, "judged": 5},
        )
        with writing(self.engine) as connection:
            record_watch(connection, watch, History.of(told(*lines, **more)), {}, NOW)

    def add(self, *rows: Any) -> list[int]:
        with Session(self.engine, expire_on_commit=False) as session:
            session.add_all(rows)
            session.commit()
            return [row.id for row in rows]

    def lend(self, number: str, plots: dict[str, float | None], owed: int | None = None, **changed: Any) -> int:
        """A facility with plots of some contracted areas, and an account if something is owed."""
        plain: dict[str, Any] = {"product": "planting", "currency": "CNY", "revolving": False, "status": "active"}
        line = Facility(number=number, starts_on=EARLY.date(), **plain | SINCE | changed)
        (facility,) = self.add(line)
        self.add(
            *(
                ContractPlot(parcel_id=p, facility_id=facility, contracted_area_ha=a, starts_on=EARLY.date(), **SINCE)
                for p, a in plots.items()
            )
        )
        if owed is not None:
            self.account(facility, owed)
        return facility

    def account(self, facility: int, owed: int | None, **changed: Any) -> None:
        plain: dict[str, Any] = {"product": "planting", "currency": "CNY", "opened_on": EARLY.date()}
        fact = {"source": "core", "as_of": EARLY.date()}
        row = LoanAccount(
            facility_id=facility,
            account_number=f"a{facility}",
            outstanding_minor=owed,
            **plain | fact | SINCE | changed,
        )
        self.add(row)


def open_desk(engine: Engine) -> Desk:
    load_run(engine, *made_up_run("run-1", day=1).tables, now=EARLY)
    with writing(engine) as connection:
        add_unit(connection, "001", "Head office", OrgKind.HEAD_OFFICE, None, EARLY)
        add_unit(connection, "010", "North", OrgKind.BRANCH, "001", EARLY)
        add_unit(connection, "020", "South", OrgKind.BRANCH, "001", EARLY)
        ada = add_user(connection, NewUser("ada", "Ada", UserRole.ADMIN, "001", "en"), None, EARLY)
        for login, (role, unit) in PEOPLE.items():
            if login != "ada":
                add_user(connection, NewUser(login, login.title(), role, unit, "en"), ada, EARLY)
        units = {row.code: row.id for row in connection.execute(select(OrgUnit.code, OrgUnit.id))}
        for parcel, unit in (("p000", "010"), ("p001", "010"), ("p002", "020")):
            place = update(Parcel).where(Parcel.parcel_id == parcel)
            connection.execute(place.values(org_unit_id=units[unit]))
    desk = Desk(engine)
    desk.lend("F-1", {"p000": 2.0, "p001": 1.0}, owed=300_000)
    desk.lend("F-2", {"p002": 1.5}, drawing_minor=50_000, limit_minor=80_000)
    third = desk.lend("F-3", {"p003": 1.0})
    (party,) = desk.add(Party(kind="person", farmer_id="f900", org_unit_id=units["020"], **SINCE))
    desk.add(Role(party_id=party, facility_id=third, kind="borrower", **SINCE))
    desk.watch("06-11", *LINES)
    return desk


def picture(folder: Path, *, gps: bool = False, form: str = "JPEG", name: str = "photo") -> Path:
    """A photo of a red field as a phone writes it: turned, with a comment, and a position at 4.0025 E, 51.0025 N."""
    image = Image.new("RGB", (64, 48), (200, 30, 30))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter
    exif[0x010F] = "PhoneMaker"
    if gps:
        exif.get_ifd(0x8825).update({1: "N", 2: (51.0, 0.0, 9.0), 3: "E", 4: (4.0, 0.0, 9.0)})
    written = io.BytesIO()
    image.save(written, form, exif=exif, **({"comment": b"secret"} if form == "JPEG" else {}))
    file = folder / f"{name}.{'jpg' if form == 'JPEG' else 'png'}"
    file.write_bytes(written.getvalue())
    return file
