"""A small HTTP server over a folder, with byte ranges and with the failures that real object stores have."""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

_RANGE = re.compile(r"bytes=(\d*)-(\d*)$")


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with a file.

    Attributes:
        status: HTTP status to answer with instead of the file.
        headers: further headers of that answer.
        body: body of that answer.
        times: how often it happens, then the file is served; None: always.
        cut_at: serve only so many bytes of the file, as if an upload had broken off.
        delay_s: wait so long before answering.
    """

    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    times: int | None = None
    cut_at: int | None = None
    delay_s: float = 0.0


@dataclass(slots=True)
class FileServer:
    """A running server.

    Attributes:
        url: its address, without a slash at the end.
        root: the folder it serves.
        faults: what goes wrong, by path ("/a/B02.tif"); "" stands for every path.
        seen: "METHOD /path?query" of every request so far.
        headers: request headers of every request so far.
    """

    url: str
    root: Path
    faults: dict[str, Fault] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    _happened: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def fault_of(self, path: str) -> Fault | None:
        """Fault that this request meets, counting it."""
        with self._lock:
            key = path if path in self.faults else ""
            fault = self.faults.get(key)
            if fault is None:
                return None
            self._happened[key] = self._happened.get(key, 0) + 1
            return fault if fault.times is None or self._happened[key] <= fault.times else None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    place: FileServer

    def handle(self) -> None:
        with suppress(ConnectionResetError):  # the reader gave up waiting
            super().handle()

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named so by the base class
        pass

    def _answer(self) -> None:
        path = unquote(urlsplit(self.path).path)
        self.place.seen.append(f"{self.command} {self.path}")
        self.place.headers.append(dict(self.headers))
        fault = self.place.fault_of(path)
        if fault and fault.delay_s:
            time.sleep(fault.delay_s)
        if fault and fault.status:
            self._send(fault.status, fault.body, fault.headers)
            return
        file = self.place.root / path.lstrip("/")
        if not file.is_file():
            self._send(HTTPStatus.NOT_FOUND, b"no such file")
            return
        content = file.read_bytes()
        self._send_file(content[: fault.cut_at] if fault and fault.cut_at else content)

    def _send_file(self, content: bytes) -> None:
        etag = (("ETag", f'"{hashlib.sha256(content).hexdigest()[:32]}"'), ("Accept-Ranges", "bytes"))
        wanted = _RANGE.match(self.headers.get("Range", ""))
        if wanted is None:
            self._send(HTTPStatus.OK, content, etag)
            return
        first, last = int(wanted[1] or 0), min(int(wanted[2] or len(content) - 1), len(content) - 1)
        if first >= len(content):
            self._send(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, b"", (("Content-Range", f"bytes */{len(content)}"),))
            return
        span = ("Content-Range", f"bytes {first}-{last}/{len(content)}")
        self._send(HTTPStatus.PARTIAL_CONTENT, content[first : last + 1], (*etag, span))

    def _send(self, status: int, body: bytes, headers: tuple[tuple[str, str], ...] = ()) -> None:
        try:
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the reader gave up waiting


@contextmanager
def serve_folder(root: Path) -> Iterator[FileServer]:
    """Serve a folder on a free port of the loopback interface until the block ends."""
    handler = type("Handler", (_Handler,), {})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        place = FileServer(f"http://127.0.0.1:{server.server_address[1]}", root)
        handler.place = place  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield place
        finally:
            server.shutdown()
            thread.join()
