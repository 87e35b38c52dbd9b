"""`acreline serve`: the map of a run, or the institution's service, on this machine."""

from __future__ import annotations

import secrets
import socket
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from app.cli.institution import DatabaseOption
from geo.errors import AcrelineError, DataError, InputError

if TYPE_CHECKING:
    from fastapi import FastAPI
    from sqlalchemy import Engine

    from app.api.access.signing_in import Access
    from app.jobs.trial.making import Trial
    from app.settings import Settings


def serve(
    run: Annotated[Path | None, typer.Option(help="Run folder: a map of it, read-only, without signing in.")] = None,
    *,
    institution: Annotated[
        bool, typer.Option("--institution", help="The institution's database: people sign in.")
    ] = False,
    database: DatabaseOption = None,
    port: Annotated[int | None, typer.Option(help="Port on 127.0.0.1; 0 takes a free one.", min=0, max=65535)] = None,
    workers: Annotated[
        int, typer.Option(help="Processes that serve the institution; one per core at most.", min=1, max=64)
    ] = 1,
) -> None:
    """Show a run on a map, or the institution's service, at 127.0.0.1. Ctrl-C ends it."""
    from app.settings import load_settings

    settings = load_settings()
    at = settings.port if port is None else port
    if institution is (run is not None):
        raise InputError("SERVE_WHAT", "Either a run or the institution is served.", "Give --run DIR or --institution.")
    if run is not None:
        if workers > 1:
            raise InputError("SERVE_WORKERS", "A run is served by one process.", "Leave --workers out.")
        show(run, database or settings.run_database(run), settings.host, at)
    elif workers > 1:
        serve_with_workers(settings, database, at, workers)
    else:
        serve_institution(settings, database, at)


def serve_institution(settings: Settings, database: str | None, port: int) -> None:
    """Serve the institution's database until interrupted.

    Raises:
        InputError: no database is named, the bank's sign-in service cannot be used, or the port is taken.
        DataError: the database cannot be reached, or is not at the newest revision.
    """
    from app.cli.institution import institution

    with institution(database) as engine:
        _listen(_institution_app(engine, settings), settings.host, port, "Acreline")


def serve_with_workers(settings: Settings, database: str | None, port: int, workers: int) -> None:
    """Serve the institution's database by several processes until interrupted.

    Raises:
        InputError, DataError: as serve_institution; DataError too where a worker could not start, after it said why.
    """
    from app.api.access.oidc.setting_up import service_of
    from app.api.workers import serve_by
    from app.cli.institution import database_of, institution

    url = database_of(database)
    with institution(url):
        service_of(settings)
    console = Console(file=sys.stdout)
    with _listener(settings.host, port) as listener:
        _say_where(console, settings.host, listener, f"Acreline, {workers} workers")
        if not serve_by(
            partial(_application_of_worker, url), workers, listener, partial(console.print, highlight=False)
        ):
            raise DataError("WORKER_FAILED", "A worker could not start; it said why above.", "Mend that, start again.")


def _application_of_worker(url: str) -> FastAPI:
    """What one worker serves; made in its process, from the settings of that moment."""
    from app.api.workers import CANNOT_START
    from app.db.engine import open_engine
    from app.db.migrate import check_current
    from app.settings import load_settings

    try:
        engine = open_engine(url)
        check_current(engine)
        return _institution_app(engine, load_settings())
    except AcrelineError as error:
        Console(stderr=True).print(str(error), style="red", markup=False, highlight=False)
        raise SystemExit(CANNOT_START) from error


def _institution_app(engine: Engine, settings: Settings) -> FastAPI:
    from app.api.access.oidc.setting_up import service_of
    from app.api.institution import create_institution_app
    from app.artefacts.folders import folders_of

    access = _access(engine, settings, partial(datetime.now, UTC))
    return create_institution_app(access, folders=folders_of(settings), service=service_of(settings))


def serve_trial(settings: Settings, trial: Trial, url: str, port: int) -> None:
    """Serve a trial by its own clock, with a worker beside it, until interrupted; InputError when the port is taken."""
    from app.api.institution import create_institution_app
    from app.db.engine import open_engine
    from app.jobs.trial.making import TrialClock
    from app.jobs.trial.working import working

    engine = open_engine(url)
    try:
        access = _access(engine, settings, TrialClock(engine))
        with working(trial, url):
            _listen(create_institution_app(access, folders=trial.folders), settings.host, port, "Acreline")
    finally:
        engine.dispose()


def _access(engine: Engine, settings: Settings, clock: Callable[[], datetime]) -> Access:
    """What signing in rests on."""
    from app.api.access.passwords import Passwords
    from app.api.access.sessions import Spans
    from app.api.access.signing_in import Access

    spans = Spans(timedelta(minutes=settings.session_idle_minutes), timedelta(hours=settings.session_hours))
    return Access(engine, Passwords(), spans, clock, secrets.token_bytes, settings.origin)


def show(run: Path, database_url: str, host: str, port: int) -> None:
    """Serve a run until interrupted; InputError when the port is taken."""
    from app.api.application import create_app
    from app.api.runfolder import open_run
    from app.db.engine import open_engine
    from app.db.migrate import check_current

    open_run(run)
    engine = open_engine(database_url)
    try:
        check_current(engine)
        _listen(create_app(run, engine), host, port, "Map")
    finally:
        engine.dispose()


def _listen(application: FastAPI, host: str, port: int, what: str) -> None:
    import uvicorn

    listener = _listener(host, port)
    _say_where(Console(file=sys.stdout), host, listener, what)
    uvicorn.Server(uvicorn.Config(application, log_level="warning")).run(sockets=[listener])


def _say_where(console: Console, host: str, listener: socket.socket, what: str) -> None:
    console.print(f"{what}: http://{host}:{listener.getsockname()[1]}  (Ctrl-C ends it)", highlight=False)


def _listener(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise InputError(
            "PORT_TAKEN", f"{host}:{port} cannot be used ({error.strerror}).", "Choose another --port, or 0."
        ) from error
    return listener
