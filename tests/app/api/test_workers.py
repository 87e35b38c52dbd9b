"""Several real processes on one socket: one that dies is replaced, and what one writes holds in all at once."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from secrets import token_bytes
from typing import IO

import httpx
import psutil
import pytest
from fastapi import FastAPI
from sqlalchemy import Engine

from app.api.access.sessions import Spans, end_session, find_session, start_session
from app.api.access.tokens import SESSION_COOKIE, new_token
from app.api.workers import CANNOT_START, serve_by
from app.book.decisions.people import NewUser, add_unit, add_user
from app.db.engine import writing
from app.db.tables.kinds import OrgKind, UserRole

NOW = datetime.now(UTC)
SPANS = Spans(timedelta(minutes=30), timedelta(hours=12))
PATIENCE_S = 120
SERVE = "from app.cli.main import main; main()"


@pytest.fixture
def engine(make_engine: Callable[[str], Engine], migrated_sqlite_url: str) -> Engine:
    return make_engine(migrated_sqlite_url)


@pytest.fixture
def token(engine: Engine) -> str:
    """Of ada's session."""
    token = new_token(token_bytes)
    with writing(engine) as connection:
        add_unit(connection, "001", "Head office", OrgKind.HEAD_OFFICE, None, NOW)
        ada = add_user(connection, NewUser("ada", "Ada", UserRole.ADMIN, "001", "en"), None, NOW)
        start_session(connection, ada.id, token, SPANS, NOW)
    return token


@contextmanager
def serving(engine: Engine) -> Iterator[tuple[subprocess.Popen[str], IO[str]]]:
    """The command and what it prints; it ends well when it is told to."""
    environment = os.environ | {"ACRELINE_DATABASE_URL": engine.url.render_as_string(hide_password=False)}
    command = [sys.executable, "-c", SERVE, "serve", "--institution", "--port", "0", "--workers", "2"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process, process.stdout
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
    finally:
        process.kill()
        process.communicate()


def workers_of(process: subprocess.Popen[str]) -> list[int]:
    """Both, once there are two: a child carries its parent's command line until it runs its own."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        workers = [pid for pid, command in children_of(process) if "spawn_main" in command]
        if len(workers) == 2:
            return workers
        time.sleep(0.1)
    raise AssertionError("There are no two workers.")


def children_of(process: subprocess.Popen[str]) -> Iterator[tuple[int, str]]:
    for child in psutil.Process(process.pid).children():
        with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
            yield child.pid, " ".join(child.cmdline())


def statuses(url: str, token: str) -> set[int]:
    """Of ten answers, each over a connection of its own."""
    headers = {"Cookie": f"{SESSION_COOKIE}={token}"}
    return {httpx.get(f"{url}/api/v1/me", headers=headers, timeout=PATIENCE_S).status_code for _ in range(10)}


def test_workers_share_a_socket_and_are_replaced(engine: Engine, token: str) -> None:
    with serving(engine) as (process, said):
        first = said.readline()
        assert first.startswith("Acreline, 2 workers: http://127.0.0.1:")
        url = first.split()[3]
        assert statuses(url, token) == {200}
        killed, other = workers_of(process)
        os.kill(killed, signal.SIGKILL)
        assert said.readline().startswith(f"Worker {killed} ended (SIGKILL); worker ")
        workers = workers_of(process)
        assert killed not in workers
        assert other in workers
        with writing(engine) as connection:  # as another process does
            signed = find_session(connection, token, SPANS, NOW)
            assert signed is not None
            end_session(connection, signed.session_id, NOW)
        assert statuses(url, token) == {401}
    assert not any(map(psutil.pid_exists, workers))


def test_a_worker_that_cannot_start_ends_all() -> None:
    serve = "from tests.app.api.test_workers import serve_what_cannot_start as serve; print(serve())"
    said = subprocess.run([sys.executable, "-c", serve], capture_output=True, text=True, timeout=PATIENCE_S, check=True)
    assert said.stdout == "False\n"


def serve_what_cannot_start() -> bool:
    """Whether it was ended from outside; in a process of its own, since signals are taken."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return serve_by(refuse, 2, listener, print)


def refuse() -> FastAPI:
    """Cannot make an application."""
    raise SystemExit(CANNOT_START)
