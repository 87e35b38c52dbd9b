"""`acreline worker` and `acreline jobs ...`: work that the office handed to the queue."""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Event
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.institution import DatabaseOption, database_of, institution

if TYPE_CHECKING:
    from sqlalchemy import Engine, RowMapping

    from app.queue.sweeping import Broom
    from app.queue.working import Bench

app = typer.Typer(help="Work that the office handed to the queue.", no_args_is_help=True)

_POLL_S = 1.0


@app.callback()
def _group() -> None:
    """Work that the office handed to the queue."""


def worker(
    *,
    once: Annotated[bool, typer.Option("--once", help="Do what can be done now, then end.")] = False,
    name: Annotated[
        str | None,
        typer.Option(help="Of this worker, its own among those that run.", metavar="NAME", show_default=False),
    ] = None,
    database: DatabaseOption = None,
) -> None:
    """Do the office's work until interrupted: read parcel files, look at new parcels, make map layers.

    Once a day it takes away what `acreline jobs sweep` does.

    Ctrl-C or SIGTERM lets the job in hand end its step and hands it back. Several workers may run.
    """
    from app.queue.working import sweep, work_until_empty, work_until_stopped

    _log_to_stderr()
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, partial(_stop, stop))
    with institution(database) as engine:
        bench = _bench(engine, database_of(database), name or f"{socket.gethostname()}:{os.getpid()}", stop)
        typer.echo(f"Worker {bench.name} waits for work (Ctrl-C ends it).", err=True)
        broom = _broom(engine)
        if once:
            done = work_until_empty(bench)
            sweep(bench, broom)
        else:
            done = work_until_stopped(bench, _POLL_S, broom)
    typer.echo(f"Worker {bench.name} ended: {done} jobs.")


def _log_to_stderr() -> None:
    """Our own lines alone: libraries say what they like at other places."""
    log, handler = logging.getLogger("acreline"), logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    log.handlers = [handler]
    log.setLevel(logging.INFO)
    log.propagate = False


def _stop(stop: Event, number: int, _frame: FrameType | None) -> None:
    """End at the next step; the same signal again ends the process."""
    stop.set()
    signal.signal(number, signal.SIG_DFL)


def _bench(engine: Engine, url: str, name: str, stop: Event) -> Bench:
    from app.jobs.queued.table import handlers
    from app.queue.working import Bench
    from app.settings import load_settings

    settings = load_settings()
    clock: Callable[[], datetime] = partial(datetime.now, UTC)
    lease = timedelta(seconds=settings.job_lease_s)
    return Bench(engine, name, handlers(engine, url, settings, clock), lease, clock, time.monotonic, stop)


def _broom(engine: Engine) -> Broom:
    from app.artefacts.folders import folders_of
    from app.queue.sweeping import Broom
    from app.settings import load_settings

    settings = load_settings()
    return Broom(engine, folders_of(settings), timedelta(days=settings.files_days))


@app.command(name="list")
def list_jobs(
    *,
    unfinished: Annotated[bool, typer.Option("--open", help="Only those that wait or run.")] = False,
    most: Annotated[int, typer.Option(min=1, max=10_000, help="The newest so many.")] = 50,
    database: DatabaseOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON line for each.")] = False,
) -> None:
    """Print jobs, the newest first."""
    from app.db.tables import Job
    from app.queue.asking import OPEN
    from app.queue.showing import newest_jobs

    conditions = [Job.state.in_(OPEN)] if unfinished else []
    with institution(database) as engine, engine.connect() as connection:
        found = newest_jobs(connection, most, *conditions)
    for row in found:
        typer.echo(json.dumps(dict(row), default=str, ensure_ascii=False) if as_json else _line(row))
    if not found and not as_json:
        typer.echo("No jobs.")


@app.command()
def show(
    number: Annotated[int, typer.Argument(help="Number of the job.", min=1)], *, database: DatabaseOption = None
) -> None:
    """Print all that is known of a job, as JSON."""
    from app.queue.showing import find_job

    with institution(database) as engine, engine.connect() as connection:
        row = find_job(connection, number)
    typer.echo(json.dumps(dict(row), default=str, ensure_ascii=False, indent=1))


@app.command()
def cancel(
    number: Annotated[int, typer.Argument(help="Number of the job.", min=1)], *, database: DatabaseOption = None
) -> None:
    """Take a job back. One that runs stops at its next step."""
    from app.queue.asking import cancel as take_back
    from app.queue.claiming import changing

    with institution(database) as engine, changing(engine) as connection:
        state = take_back(connection, number, datetime.now(UTC))
    typer.echo(f"Job {number} is {state}.")


@app.command(name="sweep")
def sweep_away(
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go, and leave it.")] = False,
    database: DatabaseOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON line.")] = False,
) -> None:
    """Take away jobs that ended ACRELINE_FILES_DAYS ago, and files that no row of the book names for as long.

    Workers do it once a day. Papers of applications, receipts, and files that parcels were registered from stay.
    """
    with institution(database) as engine:
        swept = _broom(engine).sweep(datetime.now(UTC), dry_run=dry_run)
    if as_json:
        typer.echo(json.dumps(swept.as_dict()))
        return
    said = "would go" if dry_run else "are gone"
    counts = f"{swept.jobs} jobs, {swept.files} files and {swept.photos} photos"
    typer.echo(f"{counts} {said} ({swept.bytes / 1e6:.1f} MB).")


def _line(row: RowMapping) -> str:
    asked: datetime = row["asked_at"]
    return f"{row['id']}\t{row['kind']}\t{row['state']}\tasked {asked:%Y-%m-%d %H:%M}\t{_progress(row)}".rstrip()


def _progress(row: RowMapping) -> str:
    error: dict[str, Any] | None = row["error"]
    if error is not None:
        return f"{error['code']}: {error['message']}"
    if row["state"] != "running":
        return ""
    counted = f" {row['steps_done']} of {row['steps']}" if row["steps"] else ""
    return f"{row['step'] or 'begun'}{counted} ({row['worker']}, try {row['attempts']})"
