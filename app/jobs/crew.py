"""Workers that are hired only when there is something to do, and that live with errors."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import count
from types import TracebackType
from typing import Any, Final, Self, TypeAlias
from uuid import uuid4

from distributed import Client, Future, KilledWorker, as_completed
from distributed.client import FutureCancelledError

from app.jobs.cluster import dask_client
from app.jobs.patience import patiently
from app.jobs.request import WORKER_MEMORY_MIB
from geo.errors import AcrelineError, DataError, TransientError

Job: TypeAlias = tuple[Any, ...]

#: Parts under way or waiting for each worker thread, and in all: enough that none idles and that a cluster which grows
#: with its work does grow, few enough for any area.
_AHEAD: Final = 4
_LEAST_AHEAD: Final = 16


@dataclass(frozen=True, slots=True)
class Unit:
    """Work that counts only as a whole: it is finished, or it failed.

    Attributes:
        name: of the unit, "32631_56_549".
        begin: makes ready and gives the arguments of every part; called when the unit's turn comes.
        finish: called when all parts are done.
    """

    name: str
    begin: Callable[[], Sequence[Job]]
    finish: Callable[[], None]


class Crew:
    """Dask workers of one run, started at the first call that needs them.

    A part that raises `TransientError` is tried again by its worker, with growing pauses. A part whose worker dies goes
    to another; one that takes worker after worker along is given up.

    Args:
        scheduler: address of an existing scheduler; None starts a cluster on this machine.
        workers: processes of that cluster; None means one for each core.
        memory_mib: memory of each of them, MiB.
    """

    def __init__(self, scheduler: str | None, workers: int | None, memory_mib: int = WORKER_MEMORY_MIB) -> None:
        self._scheduler = scheduler
        self._workers = workers
        self.memory_mib = memory_mib
        self._stack = ExitStack()
        self._client: Client | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def hire(self) -> Client:
        """The client; starts the workers at the first call."""
        if self._client is None:
            self._client = self._stack.enter_context(dask_client(self._scheduler, self._workers, self.memory_mib))
        return self._client

    def each(self, work: Callable[..., Any], jobs: Iterable[Job], done: Callable[[], None]) -> None:
        """Run `work(*job)` for every job on the workers; the first error ends the rest and is raised here."""
        client = self.hire()
        futures = [client.submit(patiently, work, *job, pure=False) for job in jobs]
        try:
            for future in as_completed(futures):  # type: ignore[no-untyped-call] # untyped library
                _outcome(future)
                done()
        finally:
            client.cancel(futures)  # type: ignore[no-untyped-call] # untyped library

    def attempt(
        self, work: Callable[..., Any], units: Iterable[Unit], done: Callable[[], None]
    ) -> dict[str, AcrelineError]:
        """Run `work(*job)` for every part of every unit; a unit that fails is given up and the rest goes on.

        Args:
            work: what a worker does for one part; must do no harm when it runs twice.
            units: in the order in which they are begun, one after another as workers get free.
            done: called after each part.

        The workers are hired when the first unit has a part for them.

        Returns:
            Why each unit failed, by its name; empty where all are finished.

        Raises:
            TransientError: the scheduler went away.
        """
        shift = _Shift(self.hire, work, units)
        try:
            for _ in shift.parts():
                done()
        finally:
            shift.cancel()
        return shift.failed


class _Shift:
    """Units under way: the parts that each still waits for, and what went wrong."""

    def __init__(self, hire: Callable[[], Client], work: Callable[..., Any], units: Iterable[Unit]) -> None:
        self.failed: dict[str, AcrelineError] = {}
        self._hire = hire
        self._work = work
        self._units = iter(units)
        self._jobs: deque[tuple[Unit, Job]] = deque()
        self._left: dict[str, int] = {}
        self._owner: dict[Future[Any], Unit] = {}
        self._group = f"part-{uuid4().hex}"
        self._numbers = count()

    def parts(self) -> Iterator[None]:
        """Work through the units; yields once for each part that is done."""
        first = self._more()
        if not first:
            return
        flow = as_completed(first, loop=self._hire().loop)  # type: ignore[no-untyped-call] # untyped library
        for future in flow:
            unit = self._owner.pop(future, None)
            if unit is not None and self._succeeded(unit, future):
                yield
                self._count_down(unit)
            flow.update(self._more())  # type: ignore[no-untyped-call] # untyped library

    def cancel(self) -> None:
        """Call off what is under way."""
        if self._owner:
            self._hire().cancel(list(self._owner))  # type: ignore[no-untyped-call] # untyped library

    def _more(self) -> list[Future[Any]]:
        """Hand out parts, beginning units as need be, until the workers have enough ahead of them."""
        handed: list[Future[Any]] = []
        while len(self._owner) < self._enough() and (part := self._next_part()) is not None:
            unit, job = part
            # Keys of one group wait at the scheduler, not at a worker whose end would count against them.
            key = (self._group, next(self._numbers))
            handed.append(self._hire().submit(patiently, self._work, *job, key=key, pure=False))
            self._owner[handed[-1]] = unit
        return handed

    def _enough(self) -> int:
        threads = sum(self._hire().nthreads().values()) if self._owner else 0  # type: ignore[no-untyped-call] # untyped
        return max(_AHEAD * threads, _LEAST_AHEAD)

    def _next_part(self) -> tuple[Unit, Job] | None:
        while not self._jobs:
            unit = next(self._units, None)
            if unit is None:
                return None
            self._begin(unit)
        return self._jobs.popleft()

    def _begin(self, unit: Unit) -> None:
        try:
            jobs = patiently(unit.begin)
        except AcrelineError as error:
            self.failed[unit.name] = error
            return
        self._left[unit.name] = len(jobs)
        self._jobs.extend((unit, job) for job in jobs)
        if not jobs:
            self._finish(unit)

    def _succeeded(self, unit: Unit, future: Future[Any]) -> bool:
        try:
            _outcome(future)
        except _SchedulerLostError:
            raise
        except AcrelineError as error:
            self._give_up(unit, error)
            return False
        return True

    def _count_down(self, unit: Unit) -> None:
        self._left[unit.name] -= 1
        if not self._left[unit.name]:
            self._finish(unit)

    def _finish(self, unit: Unit) -> None:
        try:
            patiently(unit.finish)
        except AcrelineError as error:
            self.failed[unit.name] = error

    def _give_up(self, unit: Unit, error: AcrelineError) -> None:
        self.failed[unit.name] = error
        under_way = [future for future, owner in self._owner.items() if owner is unit]
        for future in under_way:
            del self._owner[future]
        self._jobs = deque(part for part in self._jobs if part[0] is not unit)
        self._hire().cancel(under_way)  # type: ignore[no-untyped-call] # untyped library


class _SchedulerLostError(TransientError):
    """Nobody is left to hand work to."""


def _outcome(future: Future[Any]) -> Any:
    """Result of a part; what Dask itself raises becomes one clear line."""
    try:
        return future.result()
    except KilledWorker as error:
        raise DataError(
            "WORKER_LOST",
            f"A part of the work ended {error.allowed_failures + 1} workers one after another.",
            "It needs more memory than they have: raise ACRELINE_WORKER_MEMORY_MIB or use fewer workers.",
        ) from error
    except FutureCancelledError as error:
        raise _SchedulerLostError(
            "SCHEDULER_LOST",
            "The Dask scheduler went away.",
            "Start it again and give the same command: what was finished stays.",
        ) from error
