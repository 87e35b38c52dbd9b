"""Stores of many tiles at once: each tile and season is a unit that is finished or fails by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from app.jobs.contents import Contents
from app.jobs.crew import Crew, Job, Unit
from app.jobs.progress import Reporter
from geo.errors import AcrelineError
from tiles.reader import Window

_MIB: Final = 2**20


class Build(Protocol):
    """Stores of one tile that are written window by window; small, and fit for a worker."""

    def windows(self, memory_bytes: int) -> tuple[Window, ...]:
        """Windows that cover the grid, as large as a worker's memory allows."""
        ...

    def begin(self) -> bool:
        """Prepare the places; whether there is anything left to write."""
        ...

    def write(self, window: Window) -> None:
        """Read a window and write it; what is there is kept."""
        ...

    def commit(self) -> None:
        """Make readable what was written."""
        ...


class Work(Protocol):
    """A build that has still to be planned."""

    @property
    def name(self) -> str:
        """Name of its tile."""
        ...

    def planned(self, contents: Contents) -> Build:
        """The build; an AcrelineError where one of its scenes cannot be used."""
        ...


@dataclass(frozen=True, slots=True)
class Built:
    """What became of some cubes.

    Attributes:
        failed: why each cube could not be built, by its name.
        kept: names of those that were there already.
    """

    failed: Mapping[str, AcrelineError]
    kept: frozenset[str]


def build_all(label: str, works: Sequence[Work], contents: Contents, crew: Crew, report: Reporter) -> Built:
    """Build on the workers, block by block; what an earlier call finished is kept.

    Args:
        label: name of the work on the progress bar.
        works: what is to be built.
        contents: of all scenes.
        crew: the workers; hired only where something is left to build.
        report: told of every block under `label`; the caller ends the label.
    """

    def done() -> None:
        report.advance(label)

    units = [_BuildUnit(work, contents, crew.memory_mib * _MIB, done) for work in works]
    report.begin(label, sum(unit.size() for unit in units))
    failed = crew.attempt(_write, (unit.unit() for unit in units), done)
    return Built(failed, frozenset(unit.name for unit in units if unit.kept))


class _BuildUnit:
    """A build as a unit of a crew's work."""

    def __init__(self, work: Work, contents: Contents, memory_bytes: int, done: Callable[[], None]) -> None:
        self.name = work.name
        self.kept = False
        self._work = work
        self._contents = contents
        self._memory_bytes = memory_bytes
        self._done = done
        self._build: Build | None = None

    def unit(self) -> Unit:
        """The unit; its plan is made when its turn comes and dropped when it is finished."""
        return Unit(self.name, self._begin, self._finish)

    def size(self) -> int:
        """Blocks; 0 where the build cannot be planned, which its turn will tell."""
        try:
            return len(self._work.planned(self._contents).windows(self._memory_bytes))
        except AcrelineError:
            return 0

    def _begin(self) -> list[Job]:
        build = self._work.planned(self._contents)
        windows = build.windows(self._memory_bytes)
        if not build.begin():
            self.kept = True
            for _ in windows:
                self._done()
            return []
        self._build = build
        return [(build, window) for window in windows]

    def _finish(self) -> None:
        if self._build is not None:
            self._build.commit()
            self._build = None


def _write(build: Build, window: Window) -> None:
    """What a worker does for one block."""
    build.write(window)
