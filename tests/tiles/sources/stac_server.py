"""A real STAC API for tests (stac-fastapi on pgstac), and a gate before it that can demand a token and fail."""

from __future__ import annotations

import http.client
import importlib.util
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import psycopg

from tests.postgres_server import missing
from tests.tiles.file_server import Fault

_PACKAGES = ("stac_fastapi.pgstac", "pypgstac")
_DATABASE = "stac"


@contextmanager
def stac_api(
    postgres: str, folder: Path, collections: Sequence[str], items: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    """URL of an API over a fresh database with the given items, served by a process of its own.

    Args:
        postgres: socket folder of a PostgreSQL server.
        folder: where files to load and the server's log are written.
        collections: ids of collections to make.
        items: their items.
    """
    _require_packages()
    dsn = f"postgresql://postgres@/{_DATABASE}?host={postgres}"
    with psycopg.connect(f"postgresql://postgres@/postgres?host={postgres}", autocommit=True) as admin:
        if not admin.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'postgis'").fetchone():
            missing("PostgreSQL has no PostGIS")
        admin.execute(f"CREATE DATABASE {_DATABASE}")
    _pgstac("migrate", "--dsn", dsn)
    _load(dsn, folder / "collections.json", "collections", [_collection(each) for each in collections])
    _load(dsn, folder / "items.json", "items", items)
    with _served(postgres, folder / "api.log") as url:
        yield url


def _require_packages() -> None:
    for name in _PACKAGES:
        try:
            found = importlib.util.find_spec(name)
        except ModuleNotFoundError:
            found = None
        if found is None:
            missing(f"the package {name} is not installed")


def _pgstac(*arguments: str) -> None:
    # pgstac's own warnings are no concern of ours
    command = [sys.executable, "-W", "ignore", "-m", "pypgstac.pypgstac", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _load(dsn: str, path: Path, what: str, rows: Sequence[Mapping[str, Any]]) -> None:
    path.write_text("\n".join(json.dumps(row) for row in rows))
    _pgstac("load", what, str(path), "--dsn", dsn)


def _collection(name: str) -> dict[str, Any]:
    extent = {"spatial": {"bbox": [[-180, -90, 180, 90]]}, "temporal": {"interval": [["2015-06-27T00:00:00Z", None]]}}
    return {
        "type": "Collection",
        "stac_version": "1.0.0",
        "id": name,
        "description": name,
        "license": "proprietary",
        "extent": extent,
        "links": [],
    }


@contextmanager
def _served(postgres: str, log: Path) -> Iterator[str]:
    port = _free_port()
    environment = os.environ | {
        "PGUSER": "postgres",
        "PGPASSWORD": "none",
        "PGHOST": quote(postgres, safe=""),
        "PGPORT": "5432",
        "PGDATABASE": _DATABASE,
        "DB_MAX_CONN_SIZE": "2",
    }
    command = [sys.executable, "-W", "ignore", "-m", "uvicorn", "stac_fastapi.pgstac.app:create_app", "--factory"]
    with (
        log.open("w") as output,
        subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", str(port)], env=environment, stdout=output, stderr=output
        ) as process,
    ):
        try:
            _wait(process, port, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    for _ in range(600):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        assert process.poll() is None, log.read_text()
        time.sleep(0.1)
    raise AssertionError(log.read_text())


@dataclass(slots=True)
class Gate:
    """A server that hands requests on to an API.

    Attributes:
        url: its address, without a slash at the end.
        upstream: the API's.
        token: bearer token that it demands; None: none.
        faults: what goes wrong, by path ("/search").
        seen: "METHOD /path" of every request so far.
        authorizations: their Authorization headers, "" where there was none.
        bodies: parsed JSON bodies of requests that had one.
    """

    url: str
    upstream: str
    token: str | None = None
    faults: dict[str, Fault] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)
    authorizations: list[str] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)


class _GateHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    gate: Gate

    def do_GET(self) -> None:
        self._hand_on(b"")

    def do_POST(self) -> None:
        self._hand_on(self.rfile.read(int(self.headers["Content-Length"])))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named so by the base class
        pass

    def _hand_on(self, body: bytes) -> None:
        gate, path = self.gate, urlsplit(self.path).path
        gate.seen.append(f"{self.command} {path}")
        gate.authorizations.append(self.headers.get("Authorization", ""))
        if body:
            gate.bodies.append(json.loads(body))
        fault = gate.faults.get(path)
        if fault and (fault.times is None or gate.seen.count(f"{self.command} {path}") <= fault.times):
            if fault.delay_s:
                time.sleep(fault.delay_s)
            if fault.status:
                self._send(fault.status, dict(fault.headers), fault.body)
                return
        if gate.token is not None and self.headers.get("Authorization") != f"Bearer {gate.token}":
            self._send(401, {"Content-Type": "application/json"}, b'{"detail": "token expired"}')
            return
        self._send(*self._fetched(body))

    def _fetched(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        there = http.client.HTTPConnection(urlsplit(self.gate.upstream).netloc, timeout=30)
        # the Host header stays, so that the API's links lead back through the gate
        kept = {name: self.headers[name] for name in ("Host", "Content-Type") if name in self.headers}
        there.request(self.command, self.path, body or None, kept)
        answer = there.getresponse()
        content = answer.read()
        there.close()
        return answer.status, {"Content-Type": answer.headers["Content-Type"]}, content

    def _send(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        with suppress(BrokenPipeError, ConnectionResetError):  # the client gave up waiting
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)


@contextmanager
def gate_before(upstream: str) -> Iterator[Gate]:
    """A gate before an API, on a free port of the loopback interface, until the block ends."""
    handler = type("Handler", (_GateHandler,), {})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        gate = Gate(f"http://127.0.0.1:{server.server_address[1]}", upstream)
        handler.gate = gate  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield gate
        finally:
            server.shutdown()
            thread.join()
