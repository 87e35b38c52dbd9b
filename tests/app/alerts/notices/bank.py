"""A bank whose watches found alerts, and a clock that tests set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, insert, select, update

from app.alerts.notices.channels import Channel, add_channel
from app.alerts.notices.outcome import DELIVERED, Outcome
from app.alerts.notices.sending import Claim, Round, send_round
from app.book.decisions.people import NewUser, Person, add_unit, add_user, find_user
from app.db.engine import writing
from app.db.tables import Alert, AlertEvent, Notice, Parcel, Run, Watch
from app.db.tables.alert_kinds import AlertLevel, ChannelKind
from app.db.tables.kinds import OrgKind, UserRole
from tests.app.db.made_up import SEASON_ID

LONG_AGO = datetime(2026, 10, 1, tzinfo=UTC)
DAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOOK, DESK = "https://hooks.example.org/", "desk@bank.example"
HERE = frozenset({"127.0.0.1"})
EVIDENCE = {"scope": "own", "severity": 0.6, "probability": 0.75, "event_from": None, "event_on": "2026-11-18"}


@dataclass
class Clock:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now

    def on(self, **span: float) -> None:
        self.now += timedelta(**span)


@dataclass
class Desk:
    """An office that keeps what it is given and answers as a test says."""

    answer: Callable[[Claim], Outcome] = lambda _claim: DELIVERED
    claims: list[Claim] = field(default_factory=list)

    def deliver(self, claim: Claim, at: datetime) -> Outcome:
        assert at < claim.until
        self.claims.append(claim)
        return self.answer(claim)

    def told(self) -> list[tuple[str, str]]:
        return [(told.parcel_id, str(told.kind)) for claim in self.claims for told in claim.told]


class Bank:
    """A unit 001 with a branch 002, an administrator and an officer, six parcels and one watch."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.clock, self.desk = engine, Clock(), Desk()
        with writing(engine) as connection:
            add_unit(connection, "001", "Head office", OrgKind.HEAD_OFFICE, None, LONG_AGO)
            add_unit(connection, "002", "Branch", OrgKind.BRANCH, "001", LONG_AGO)
            admin = add_user(connection, NewUser("admin", "A", UserRole.ADMIN, "001", "en"), None, LONG_AGO)
            add_user(connection, NewUser("officer", "O", UserRole.OFFICER, "002", "en"), admin, LONG_AGO)
            connection.execute(insert(Parcel), [{"parcel_id": f"p00{n}", "recorded_at": LONG_AGO} for n in range(6)])
            connection.execute(insert(Run).values(**_run()))
            connection.execute(insert(Watch).values(**_watch()))

    def person(self, login: str) -> Person:
        with self.engine.connect() as connection:
            return find_user(connection, login)

    def channel(self, code: str = "hook", target: str = HOOK, level: str = "watch", **more: Any) -> None:
        kind = ChannelKind.EMAIL if "@" in target else ChannelKind.WEBHOOK
        with writing(self.engine) as connection:
            channel = Channel(code, kind, target, AlertLevel(level), **more)
            add_channel(connection, channel, self.person("admin"), LONG_AGO, allowed=HERE)

    def event(self, parcel: str, kind: str = "opened", level: str = "warning", day: date = DAY, **more: Any) -> int:
        """An event of the parcel's alert, which is made with the first."""
        with writing(self.engine) as connection:
            number = connection.scalar(select(Alert.id).where(Alert.parcel_id == parcel))
            if number is None:
                row = _alert(parcel, level, day)
                number = connection.scalars(insert(Alert).returning(Alert.id), row).one()
            row = {"alert_id": number, "kind": kind, "level": level, "happened_on": day, "evidence": EVIDENCE}
            row |= {"watch_id": "w", "recorded_at": self.clock.now, **more}
            return connection.scalars(insert(AlertEvent).returning(AlertEvent.id), row).one()

    def place(self, parcel: str, unit: int) -> None:
        with writing(self.engine) as connection:
            connection.execute(update(Parcel).where(Parcel.parcel_id == parcel).values(org_unit_id=unit))

    def send(self, office: Any = None, chance: float = 0.5) -> Round:
        return send_round(self.engine, office or self.desk, self.clock, lambda: chance)

    def notices(self) -> list[Any]:
        with self.engine.connect() as connection:
            return list(connection.execute(select(Notice.__table__).order_by(Notice.id)))

    def states(self) -> list[tuple[str, int]]:
        return [(str(each.status), each.attempts) for each in self.notices()]


def _run() -> dict[str, Any]:
    season = {"season_id": SEASON_ID, "season_start": date(2018, 10, 1), "season_end": date(2019, 10, 31)}
    named = {"run_id": "run-1", "simulated": True, "content_hash": "ef" * 32, "record": {}}
    return {**season, **named, "created_at": LONG_AGO, "recorded_at": LONG_AGO}


def _watch() -> dict[str, Any]:
    hashes = {"rules_hash": "ab" * 32, "inputs_hash": "cd" * 32, "code_version": "0.1.0", "counts": {}}
    named = {"id": "w", "run_id": "run-1", "as_of": DAY, "season_id": SEASON_ID, "rules_id": "growth-1"}
    return {**named, **hashes, "recorded_at": LONG_AGO}


def _alert(parcel: str, level: str, day: date) -> dict[str, Any]:
    named = {"key": f"key of {parcel}", "parcel_id": parcel, "cause": "abrupt_loss", "season_id": SEASON_ID}
    state = {"level": level, "scope": "own", "opened_on": day, "changed_on": day, "status": "open"}
    rules = {"run_id": "run-1", "rules_id": "growth-1", "rules_hash": "ab" * 32, "recorded_at": LONG_AGO}
    return {**named, **state, **rules}
