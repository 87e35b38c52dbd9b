"""Progress on long work: one bar per stage on a terminal, one line per stage elsewhere, nothing when asked."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn


class Reporter(Protocol):
    """Where a job says how far it is."""

    def begin(self, stage: str, total: int) -> None:
        """A stage starts; `total` counts its parts (0 when all of it is already there)."""

    def advance(self, stage: str, parts: int = 1) -> None:
        """Some parts of a stage are finished."""

    def end(self, stage: str, note: str = "") -> None:
        """A stage is finished."""


class Silent:
    """Says nothing."""

    def begin(self, stage: str, total: int) -> None:
        """Ignore."""

    def advance(self, stage: str, parts: int = 1) -> None:
        """Ignore."""

    def end(self, stage: str, note: str = "") -> None:
        """Ignore."""


class Lines:
    """One line per finished stage, for logs and pipes."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._totals: dict[str, int] = {}

    def begin(self, stage: str, total: int) -> None:
        """Remember the size of the stage."""
        self._totals[stage] = total

    def advance(self, stage: str, parts: int = 1) -> None:
        """Ignore: only whole stages are logged."""

    def end(self, stage: str, note: str = "") -> None:
        """Print the stage."""
        self._console.print(f"{stage}: {note or f'{self._totals.get(stage, 0)} done'}", highlight=False)


class Bars:
    """One bar per stage."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def begin(self, stage: str, total: int) -> None:
        """Show an empty bar."""
        self._tasks[stage] = self._progress.add_task(stage, total=max(total, 1), note="")

    def advance(self, stage: str, parts: int = 1) -> None:
        """Fill the bar."""
        self._progress.advance(self._tasks[stage], parts)

    def end(self, stage: str, note: str = "") -> None:
        """Complete the bar."""
        task = self._tasks[stage]
        total = next(t.total for t in self._progress.tasks if t.id == task)
        self._progress.update(task, completed=total, note=note)


def told(report: Reporter) -> Callable[[str, int, int, float], None]:
    """A listener for models.training.seriesfit that shows each stage of training, with its loss once it is done.

    A stage that comes again after it was done counts as another of that name; one that a stopped run has begun goes on
    from there.
    """
    done_of: dict[str, int] = {}

    def listen(stage: str, done: int, total: int, loss: float) -> None:
        if stage not in done_of:
            report.begin(stage, total)
        report.advance(stage, done - done_of.get(stage, 0))
        done_of[stage] = done
        if done >= total:
            report.end(stage, f"loss {loss:.4f}")
            del done_of[stage]

    return listen


@contextmanager
def reporting(*, quiet: bool) -> Iterator[Reporter]:
    """A reporter on standard error that fits where the output goes."""
    console = Console(file=sys.stderr)
    if quiet:
        yield Silent()
    elif not console.is_terminal:
        yield Lines(console)
    else:
        columns = (
            TextColumn("{task.description:<12}"),
            BarColumn(bar_width=32),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.fields[note]}"),
        )
        with Progress(*columns, console=console) as progress:
            yield Bars(progress)
