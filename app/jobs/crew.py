"""Workers that are hired only when there is something to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self

from distributed import Client, as_completed

from app.jobs.cluster import dask_client


class Crew:
    """Dask workers of one run, started at the first call that needs them."""

    def __init__(self, scheduler: str | None, workers: int | None) -> None:
        self._scheduler = scheduler
        self._workers = workers
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
            self._client = self._stack.enter_context(dask_client(self._scheduler, self._workers))
        return self._client

    def each(self, work: Callable[..., Any], jobs: Iterable[tuple[Any, ...]], done: Callable[[], None]) -> None:
        """Run `work(*job)` for every job on the workers; the first error ends the rest and is raised here."""
        client = self.hire()
        futures = [client.submit(work, *job, pure=False) for job in jobs]
        try:
            for future in as_completed(futures):  # type: ignore[no-untyped-call] # untyped library
                future.result()
                done()
        finally:
            client.cancel(futures)  # type: ignore[no-untyped-call] # untyped library
