"""Asking, claiming, failing, trying again, taking back."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from app.db.engine import writing
from app.db.tables.office_kinds import JobKind, JobState
from app.queue.asking import MOST_ATTEMPTS, cancel
from app.queue.claiming import Claim, LostError, changing, claim, finish, renew
from app.queue.showing import find_job, newest_jobs
from app.queue.working import Progress, work_once, work_until_empty, work_until_stopped
from geo.errors import InputError, TransientError
from tests.app.queue.desk import NOW, Clock, add_desk, ask_for, bench, job

_LEASE = timedelta(minutes=1)


def _done(held: Claim, progress: Progress) -> Mapping[str, Any]:
    progress.tell("Counting", 1, 2)
    return {"asked": held.asked}


def _claimed(engine: Engine, clock: Clock, name: str = "w") -> Claim:
    held = claim(engine, name, set(JobKind), _LEASE, clock())
    assert held is not None
    return held


def test_a_job_is_done_and_tells_what_came_out(engine: Engine) -> None:
    unit, olga = add_desk(engine)
    number = ask_for(engine, unit, "a", asked_by_id=olga)
    assert work_until_empty(bench(engine, _done, Clock())) == 1
    row = job(engine, number)
    assert (row["state"], row["answer"], row["finished_at"]) == (JobState.DONE, {"asked": {"key": "a"}}, NOW)
    assert (row["step"], row["steps_done"], row["steps"], row["worker"]) == ("Counting", 1, 2, None)


def test_an_equal_job_that_waits_or_runs_is_the_same_one(engine: Engine) -> None:
    unit, _ = add_desk(engine)
    first = ask_for(engine, unit, "a")
    assert ask_for(engine, unit, "a") == first
    assert ask_for(engine, unit, "a", kind=JobKind.MAP_LAYERS) != first
    held = claim(engine, "w", {JobKind.OUTLINES}, _LEASE, NOW)
    assert held is not None
    assert ask_for(engine, unit, "a") == first
    further = ask_for(engine, unit, "a", alike_running=False)
    assert further != first
    finish(engine, held, {}, NOW)
    assert ask_for(engine, unit, "a") == further


def test_a_job_waits_for_its_hour(engine: Engine) -> None:
    unit, _ = add_desk(engine)
    ask_for(engine, unit, "a", not_before=NOW + timedelta(seconds=20))
    clock = Clock()
    worker = bench(engine, _done, clock)
    assert not work_once(worker)
    clock.later(seconds=20)
    assert work_once(worker)


def test_an_error_that_may_pass_is_tried_again_with_growing_waits(engine: Engine) -> None:
    unit, _ = add_desk(engine)
    number, clock = ask_for(engine, unit, "a"), Clock()

    def lacks(_held: Claim, _progress: Progress) -> Mapping[str, Any]:
        raise TransientError("SOURCE_SILENT", "No answer.", "Wait.")

    waits = []
    for _ in range(MOST_ATTEMPTS):
        assert work_once(bench(engine, lacks, clock))
        row = job(engine, number)
        waits.append((row["not_before"] - clock()).total_seconds())
        clock.now = max(clock(), row["not_before"])
    assert waits[:3] == [15, 60, 240]
    assert row["state"] is JobState.FAILED
    assert row["error"] == {"code": "SOURCE_SILENT", "message": "No answer.", "remedy": "Wait."}
    assert not work_once(bench(engine, lacks, clock))


def test_an_error_that_stays_fails_at_once_and_a_fault_tells_no_data(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    unit, _ = add_desk(engine)
    numbers = [ask_for(engine, unit, key) for key in ("a", "b")]
    told = "Zhang San, 13800000000"

    def wrong(held: Claim, _progress: Progress) -> Mapping[str, Any]:
        if held.asked["key"] == "a":
            raise InputError("NO_SUCH", "There is none.", "Look again.")
        raise ValueError(told)

    with caplog.at_level(logging.INFO, "acreline.queue"):
        assert work_until_empty(bench(engine, wrong, Clock())) == 2
    errors = [job(engine, number)["error"] for number in numbers]
    assert [each["code"] for each in errors] == ["NO_SUCH", "JOB_FAULT"]
    assert "Zhang" not in caplog.text + str(errors)
    assert "ValueError at" in caplog.text
    assert "Traceback" not in str(errors)


def test_a_silent_workers_job_is_taken_up_and_its_late_answer_is_dropped(engine: Engine) -> None:
    unit, _ = add_desk(engine)
    number, clock = ask_for(engine, unit, "a"), Clock()
    silent = _claimed(engine, clock, "one")
    clock.later(seconds=50)
    renew(engine, silent, clock())
    clock.later(seconds=59)
    assert claim(engine, "two", set(JobKind), _LEASE, clock()) is None
    clock.later(seconds=2)
    second = _claimed(engine, clock, "two")
    assert (second.id, second.attempt) == (number, 2)
    assert not finish(engine, silent, {"late": True}, clock())
    with pytest.raises(LostError):
        renew(engine, silent, clock())
    assert finish(engine, second, {"late": False}, clock())
    assert job(engine, number)["answer"] == {"late": False}


def test_a_job_that_kills_every_worker_fails_in_the_end(engine: Engine) -> None:
    unit, _ = add_desk(engine)
    number, clock = ask_for(engine, unit, "a"), Clock()
    for _ in range(MOST_ATTEMPTS):
        _claimed(engine, clock)
        clock.later(minutes=2)
    assert claim(engine, "w", set(JobKind), _LEASE, clock()) is None
    assert job(engine, number)["error"]["code"] == "JOB_WORKER_LOST"


def test_a_job_taken_back_stops_at_its_next_step(engine: Engine) -> None:
    unit, _ = add_desk(engine)
    number, clock = ask_for(engine, unit, "a"), Clock()
    steps = []

    def long(held: Claim, progress: Progress) -> Mapping[str, Any]:
        steps.append("first")
        with changing(engine) as connection:
            assert cancel(connection, held.id, clock()) is JobState.CANCELLED
        progress.tell("second")
        steps.append("second")
        return {}

    assert work_once(bench(engine, long, clock))
    assert (steps, job(engine, number)["state"]) == (["first"], JobState.CANCELLED)
    with writing(engine) as connection:
        assert cancel(connection, number, clock()) is JobState.CANCELLED
        with pytest.raises(InputError, match="no job 999"):
            cancel(connection, 999, clock())


def test_a_worker_that_shall_end_hands_its_job_back_and_the_try_does_not_count(engine: Engine) -> None:
    unit, _ = add_desk(engine)
    number = ask_for(engine, unit, "a")

    def ended(_held: Claim, progress: Progress) -> Mapping[str, Any]:
        worker.stop.set()
        progress.tell("next")
        raise AssertionError

    worker = bench(engine, ended, Clock())
    assert work_until_stopped(worker, 0.01) == 1
    row = job(engine, number)
    assert (row["state"], row["attempts"], row["worker"]) == (JobState.QUEUED, 0, None)


def test_a_long_step_is_no_silence(engine: Engine) -> None:
    unit, _ = add_desk(engine)
    number, clock, seen = ask_for(engine, unit, "a"), Clock(), threading.Event()

    def long(_held: Claim, _progress: Progress) -> Mapping[str, Any]:
        clock.later(seconds=30)
        for _ in range(500):
            if job(engine, number)["heartbeat_at"] == clock():
                seen.set()
                break
        return {}

    work_once(bench(engine, long, clock, lease_s=0.04))
    assert seen.is_set()


def test_progress_is_written_at_most_once_a_second(engine: Engine) -> None:
    unit, _ = add_desk(engine)
    number, seconds = ask_for(engine, unit, "a"), iter((0.0, 0.5, 0.9, 1.1, 1.2))
    shown = []

    def counting(_held: Claim, progress: Progress) -> Mapping[str, Any]:
        for done, step in enumerate(("Reading", "Reading", "Reading", "Reading", "Writing")):
            progress.tell(step, done, 9)
            row = job(engine, number)
            shown.append((row["step"], row["steps_done"]))
        return {}

    worker = bench(engine, counting, Clock())
    object.__setattr__(worker, "monotonic", lambda: next(seconds))
    work_once(worker)
    assert shown == [("Reading", 0), ("Reading", 0), ("Reading", 0), ("Reading", 3), ("Writing", 4)]


def test_jobs_are_shown_under_conditions(engine: Engine) -> None:
    unit, _ = add_desk(engine)
    numbers = [ask_for(engine, unit, key) for key in ("a", "b")]
    with engine.connect() as connection:
        assert [row["id"] for row in newest_jobs(connection, 1)] == numbers[1:]
        assert find_job(connection, numbers[0])["asked"] == {"key": "a"}
        with pytest.raises(InputError, match="no job 999"):
            find_job(connection, 999)
