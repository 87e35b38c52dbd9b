"""A unit with a person, and jobs that count themselves in a file: `python -m tests.app.queue.desk URL FILE NAME`."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

from sqlalchemy import Engine, insert, select

from app.db.engine import open_engine, writing
from app.db.tables import Job, OrgUnit, User
from app.db.tables.office_kinds import JobKind, JobState
from app.queue.asking import Wanted, ask
from app.queue.claiming import Claim
from app.queue.working import Bench, Handler, Progress, work_until_empty

NOW = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
SINCE: dict[str, Any] = {"valid_from": NOW, "recorded_at": NOW}


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)


def add_desk(engine: Engine) -> tuple[int, int]:
    """Numbers of a unit and of an officer there."""
    with writing(engine) as connection:
        unit = {"code": "001", "name": "Branch", "kind": "branch", **SINCE}
        unit_id = connection.execute(insert(OrgUnit).returning(OrgUnit.id), [unit]).scalar_one()
        person = {"org_unit_id": unit_id, "login": "olga", "display_name": "Olga", "role": "officer", "language": "en"}
        made = insert(User).returning(User.id)
        return unit_id, connection.execute(made, [{**person, "active": True, **SINCE}]).scalar_one()


def ask_for(engine: Engine, unit: int, key: str, now: datetime = NOW, **further: Any) -> int:
    """Ask for a job of a key."""
    wanted: dict[str, Any] = {"kind": JobKind.OUTLINES, "asked": {"key": key}, "asked_by_id": None} | further
    with writing(engine) as connection:
        return ask(connection, Wanted(unique_key=key, org_unit_id=unit, **wanted), now)


def job(engine: Engine, number: int) -> dict[str, Any]:
    """All columns of a job."""
    with engine.connect() as connection:
        return dict(connection.execute(select(Job.__table__).where(Job.id == number)).mappings().one())


def states(engine: Engine) -> list[JobState]:
    """States of all jobs, by number."""
    with engine.connect() as connection:
        return list(connection.scalars(select(Job.state).order_by(Job.id)))


def bench(
    engine: Engine, handler: Handler, clock: Callable[[], datetime], name: str = "w", lease_s: float = 60.0
) -> Bench:
    """A worker that does everything by one handler."""
    lease = timedelta(seconds=lease_s)
    return Bench(engine, name, dict.fromkeys(JobKind, handler), lease, clock, time.monotonic, Event())


def note(file: Path, name: str, held: Claim, progress: Progress) -> Mapping[str, Any]:
    """Write a line of who did what, which is an answer too; a job of the key "slow" takes for ever."""
    with file.open("a") as lines:
        lines.write(f"{held.id} {name}\n")
    while held.asked["key"] == "slow" and held.attempt == 1:
        progress.tell("sleeping")
        time.sleep(0.02)
    return {"by": name}


def main(url: str, file: str, name: str, lease_s: str) -> None:
    """Work until the queue is empty."""
    engine = open_engine(url)
    work_until_empty(bench(engine, partial(note, Path(file), name), partial(datetime.now, UTC), name, float(lease_s)))
    engine.dispose()


if __name__ == "__main__":
    main(*sys.argv[1:])
