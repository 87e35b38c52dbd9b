"""The loop of a worker: take a job up, do it, tell what became of it."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event, Thread
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from app.db.tables.office_kinds import JobKind, JobState
from app.queue.claiming import Claim, LostError, claim, fail, finish, hand_back, renew
from app.queue.sweeping import EVERY, Broom
from geo.errors import AcrelineError, TransientError

#: Progress is written at most this often, seconds.
_TOLD_EVERY_S: Final = 1.0
#: Signs of life within a lease.
_SIGNS: Final = 4
_LOG: Final = logging.getLogger("acreline.queue")

#: Does a job: takes it and what to say progress to, gives the answer as JSON. Done twice it changes nothing more.
Handler: TypeAlias = "Callable[[Claim, Progress], Mapping[str, Any]]"


class StoppedError(Exception):
    """The worker shall end: the job goes back to the queue."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What a worker stands on.

    Attributes:
        engine: the database.
        name: of the worker, its own among those that run.
        handlers: what it can do.
        lease: after so long without a sign others take it for gone.
        clock: gives the instant.
        monotonic: counts seconds and never goes back.
        stop: set when the worker shall end.
    """

    engine: Engine
    name: str
    handlers: Mapping[JobKind, Handler]
    lease: timedelta
    clock: Callable[[], datetime]
    monotonic: Callable[[], float]
    stop: Event


class Progress:
    """How far a job is, as its handler says it."""

    def __init__(self, bench: Bench, held: Claim) -> None:
        self._bench = bench
        self._held = held
        self._told_at = float("-inf")
        self._step: str | None = None

    def tell(self, step: str, done: int = 0, steps: int = 0) -> None:
        """Say the step, and how many parts of how many are done; a step that begins is written at once.

        Raises:
            StoppedError: the worker shall end.
            LostError: the job was taken back.
        """
        if self._bench.stop.is_set():
            raise StoppedError
        now = self._bench.monotonic()
        if step == self._step and now - self._told_at < _TOLD_EVERY_S:
            return
        self._step, self._told_at = step, now
        shown = {"step": step[:128], "steps_done": done if steps else None, "steps": steps or None}
        renew(self._bench.engine, self._held, self._bench.clock(), **shown)


def work_until_stopped(bench: Bench, poll_s: float, broom: Broom | None = None) -> int:
    """Do jobs until the worker shall end, and sweep at first and then once a day; how many jobs it did."""
    done, swept_at = 0, float("-inf")
    while not bench.stop.is_set():
        if broom is not None and bench.monotonic() - swept_at >= EVERY.total_seconds():
            swept_at = bench.monotonic()
            sweep(bench, broom)
        try:
            worked = work_once(bench)
        except DBAPIError as error:
            _LOG.warning("the queue cannot be reached (%s): trying again", type(error.orig).__name__)
            worked = False
        done += worked
        if not worked:
            bench.stop.wait(poll_s)
    return done


def work_until_empty(bench: Bench) -> int:
    """Do what can be done now; how many jobs that were."""
    done = 0
    while not bench.stop.is_set() and work_once(bench):
        done += 1
    return done


def sweep(bench: Bench, broom: Broom) -> None:
    """Sweep, and log what went; what stands in its way is tried again the next day."""
    try:
        swept = broom.sweep(bench.clock())
    except (OSError, DBAPIError) as error:
        _LOG.warning("sweeping failed (%s): it is tried again tomorrow", type(error).__name__)
    else:
        _LOG.info("swept: %d jobs, %d files, %d photos", swept.jobs, swept.files, swept.photos)


def work_once(bench: Bench) -> bool:
    """Do the next job, whatever becomes of it; False where there is none."""
    held = claim(bench.engine, bench.name, bench.handlers, bench.lease, bench.clock())
    if held is None:
        return False
    _LOG.info("job %d (%s), try %d, begun", held.id, held.kind, held.attempt)
    with _signs_of_life(bench, held):
        told = _outcome(bench, held)
    _LOG.info("job %d: %s", held.id, told)
    return True


def _outcome(bench: Bench, held: Claim) -> str:
    try:
        answer = bench.handlers[held.kind](held, Progress(bench, held))
    except LostError:
        return "taken back"
    except StoppedError:
        return "handed back" if hand_back(bench.engine, held, bench.clock()) else "taken back"
    except Exception as error:  # noqa: BLE001 - a fault of one job must not end the worker
        return _failed(bench, held, error)
    return "done" if finish(bench.engine, held, answer, bench.clock()) else "done, but taken back meanwhile"


def _failed(bench: Bench, held: Claim, error: Exception) -> str:
    expected = _expected(held, error)
    state = fail(bench.engine, held, expected, bench.clock())
    outcome = _OUTCOMES.get(state, "failed, but taken back meanwhile")
    return f"{outcome} ({expected.code})"


_OUTCOMES: Final[Mapping[JobState | None, str]] = MappingProxyType(
    {JobState.QUEUED: "failed, will be tried again", JobState.FAILED: "failed"}
)


def _expected(held: Claim, error: Exception) -> AcrelineError:
    """The error as people read it; what is a fault of the program is logged by its place, since texts may hold data."""
    if isinstance(error, AcrelineError):
        return error
    _LOG.error("job %d: %s at\n%s", held.id, type(error).__name__, "".join(traceback.format_tb(error.__traceback__)))
    if isinstance(error, DBAPIError):
        return TransientError("JOB_DATABASE", "The database refused the job.", "See the worker's log.")
    remedy = f"The worker's log shows where, under job {held.id}."
    return AcrelineError("JOB_FAULT", "The program failed at this job.", remedy)


@contextmanager
def _signs_of_life(bench: Bench, held: Claim) -> Iterator[None]:
    """Write signs of life beside the work, so that a long step is no silence."""
    over = Event()
    every_s = bench.lease.total_seconds() / _SIGNS
    thread = Thread(target=_give_signs, args=(bench, held, over, every_s), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _give_signs(bench: Bench, held: Claim, over: Event, every_s: float) -> None:
    while not over.wait(every_s):
        try:
            renew(bench.engine, held, bench.clock())
        except LostError:
            return  # the handler learns of it at its next step
        except DBAPIError as error:
            _LOG.warning("job %d: no sign of life could be written (%s)", held.id, type(error.orig).__name__)
