"""Workers as processes of their own: each job done once, and nothing lost with a worker that is killed."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Engine

from app.db.tables.office_kinds import JobState
from tests.app.queue.desk import add_desk, ask_for, job, states

_JOBS = 200
_WAIT_S = 60.0


def _worker(url: str, file: Path, name: str, lease_s: float = 60.0) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-m", "tests.app.queue.desk", url, str(file), name, str(lease_s)])


def _until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + _WAIT_S
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_two_workers_do_two_hundred_jobs_once_each(engine: Engine, database_url: str, tmp_path: Path) -> None:
    unit, _ = add_desk(engine)
    numbers = [ask_for(engine, unit, f"job {number}") for number in range(_JOBS)]
    workers = [_worker(database_url, tmp_path / "done", name) for name in ("one", "two")]
    assert [worker.wait(_WAIT_S) for worker in workers] == [0, 0]
    lines = [line.split() for line in (tmp_path / "done").read_text().splitlines()]
    assert Counter(int(number) for number, _ in lines) == Counter(numbers)
    assert {name for _, name in lines} == {"one", "two"}
    assert set(states(engine)) == {JobState.DONE}


def test_a_killed_workers_job_is_taken_up_by_another(engine: Engine, database_url: str, tmp_path: Path) -> None:
    unit, _ = add_desk(engine)
    slow = ask_for(engine, unit, "slow", datetime.now(UTC))
    killed = _worker(database_url, tmp_path / "done", "one", 1.0)
    _until(lambda: job(engine, slow)["step"] == "sleeping")
    killed.kill()
    killed.wait()
    assert job(engine, slow)["state"] is JobState.RUNNING
    time.sleep(1.1)
    assert _worker(database_url, tmp_path / "done", "two", 1.0).wait(_WAIT_S) == 0
    after = job(engine, slow)
    assert (after["state"], after["attempts"], after["answer"]) == (JobState.DONE, 2, {"by": "two"})
