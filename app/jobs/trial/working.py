"""A worker of the trial, by the trial's own clock, beside the process that serves it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from multiprocessing import get_context
from threading import Event

from sqlalchemy import Engine

from app.db.engine import open_engine
from app.jobs.queued.table import handlers
from app.jobs.trial.making import Trial, TrialClock
from app.queue.working import Bench, work_until_stopped
from app.settings import load_settings

_POLL_S = 0.5
_ENDS_WITHIN_S = 5.0


def bench_of(trial: Trial, url: str, engine: Engine, clock: Callable[[], datetime], stop: Event) -> Bench:
    """What a worker of the trial stands on.

    Args:
        trial: whose folders it works in.
        url: its database.
        engine: on it.
        clock: of the trial.
        stop: set when it shall end.
    """
    folders = trial.folders
    settings = load_settings()
    places = {
        "catalog": str(trial.root / "season" / "catalog.json"),
        "layer_dir": folders.layers,
        "runs_dir": folders.runs,
        "book_dir": folders.book,
        "files_dir": folders.files,
        "photo_dir": folders.photos,
        "scheduler": trial.scheduler or settings.scheduler,
        "worker_memory_mib": trial.memory_mib,
    }
    settings = settings.model_copy(update=places)
    lease = timedelta(seconds=settings.job_lease_s)
    name = f"trial:{os.getpid()}"
    return Bench(engine, name, handlers(engine, url, settings, clock), lease, clock, time.monotonic, stop)


@contextmanager
def working(trial: Trial, url: str) -> Iterator[None]:
    """A worker process while the trial is served."""
    worker = get_context("spawn").Process(target=_work, args=(trial, url), name="acreline-trial-worker")
    worker.start()
    try:
        yield
    finally:
        worker.terminate()
        worker.join(_ENDS_WITHIN_S)


def _work(trial: Trial, url: str) -> None:
    engine = open_engine(url)
    work_until_stopped(bench_of(trial, url, engine, TrialClock(engine), Event()), _POLL_S)
