"""The map of a whole book under load: outlines as tiles, columns and cells that colour them, over a served institution.

    python benchmarks/serve.py                    # 200,000 parcels, 50 connections, 5 seconds each
    python benchmarks/serve.py --quick            # 2,500 parcels, 2 connections, 1 second each
    python benchmarks/serve.py --keep DIR         # keeps the database and the tiles there, and uses them the next time
    python benchmarks/serve.py --workers 4        # beside one process, four instead of two
    python benchmarks/serve.py --view             # the first view of the map in Chromium too (needs the built page)

Needs wrk (https://github.com/wg/wrk), which sends the next request as soon as an answer is there: 50 connections are
50 people who never rest. `acreline serve --institution` with sign-in and SQLite; every request carries a session. One
process and several are asked in turn, --rounds times, and medians are told. wrk takes its part of the same cores:
"client_cores" and "server_cores" are what each used of them. Making tiles runs in a process of its own, whose seconds
and peak memory count. "cpu_ms" is the servers' own processor time per answer: on a machine that others use it is the
figure to compare; the latencies are those of the moment (its load is printed).
"""

from __future__ import annotations

import argparse
import json
import math
import os
import resource
import secrets
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx
import numpy as np
import psutil
from serve_book import LOGIN, build

from app.db.engine import open_engine, sqlite_url, writing
from app.db.migrate import upgrade

_SEED: Final = 7
_LAYER: Final = "/api/v1/parcel-layer"
_WRK: Final = """
local paths, at = {}, 0
for line in io.lines("%(paths)s") do paths[#paths + 1] = line end
function request()
  at = at %% #paths + 1
  return wrk.format("GET", paths[at])
end
function done(summary, latency)
  local failed = summary.errors
  io.write(string.format('{"answers": %%d, "bytes": %%d, "refused": %%d, ' ..
    '"p50_ms": %%.2f, "p95_ms": %%.2f, "max_ms": %%.2f}',
    summary.requests, summary.bytes, failed.status + failed.connect + failed.read + failed.write + failed.timeout,
    latency:percentile(50) / 1000, latency:percentile(95) / 1000, latency.max / 1000))
end
"""


@dataclass(frozen=True)
class Load:
    """What one kind of request met with."""

    what: str
    answers: int
    a_second: float
    p50_ms: float
    p95_ms: float
    max_ms: float
    cpu_ms: float
    bytes_each: int
    refused: int
    server_cores: float
    client_cores: float


@dataclass(frozen=True)
class Site:
    """A served institution."""

    url: str
    cookie: str
    process: psutil.Process

    def get(self, path: str) -> httpx.Response:
        """One answer, as a browser asks for it; raises where it is none."""
        answer = httpx.get(self.url + path, headers={"Cookie": self.cookie, "Accept-Encoding": "gzip"}, timeout=120)
        answer.raise_for_status()
        return answer


def main() -> None:
    """Measure and print."""
    asked = _asked()
    if asked.make:
        _make(Path(asked.make))
        return
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is missing; Debian has it (apt install wrk).")
    if asked.quick:
        asked.side, asked.seconds, asked.clients, asked.rounds = 50, 1, 2, 1
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(asked.keep or scratch)
        if not (folder / "acreline.db").is_file():
            _build(folder, asked.side)
        say("making", **_timed([sys.executable, __file__, "--make", str(folder)]))
        if asked.view:
            _view(folder, asked.port)
        with _served(folder, asked.port, 1) as one, _served(folder, asked.port + 1, asked.workers) as several:
            _measure({1: one, asked.workers: several}, asked)


def _measure(sites: dict[int, Site], asked: argparse.Namespace) -> None:
    site = sites[1]
    begun = time.perf_counter()
    layer = site.get(_LAYER).json()
    first_s = time.perf_counter() - begun
    say("layer", parcels=layer["parcels"], first_answer_s=round(first_s, 2), memory_mib=_memory(site))
    columns = {each["fact"]: each for each in layer["columns"]}
    for fact, each in columns.items():
        begun = time.perf_counter()
        sizes = {name: _wire(site.get(each[name])) for name in ("url", "cells_url")}
        say("column", fact=fact, first_answer_s=round(time.perf_counter() - begun, 2), **sizes)
    _first_views(site, layer, columns)
    for what, paths, header in _requests(site, layer, columns):
        for each in sites.values():  # whatever is read once is read, in every process
            load(each, what, paths, header, 1, asked.clients)
        found: dict[int, list[Load]] = {workers: [] for workers in sites}
        for _ in range(asked.rounds):
            for workers, each in sites.items():
                found[workers].append(load(each, what, paths, header, asked.seconds, asked.clients))
        for workers, loads in found.items():
            say(what, workers=workers, **_medians(loads))
    memory = {workers: _memory(each) for workers, each in sites.items()}
    say("server", memory_mib=memory, load=round(os.getloadavg()[0], 1))


def _medians(loads: list[Load]) -> dict[str, float]:
    rows = [asdict(each) for each in loads]
    figures = (name for name in rows[0] if name not in ("what", "refused"))
    return {name: round(statistics.median(row[name] for row in rows), 2) for name in figures} | {
        "refused": sum(each.refused for each in loads)
    }


def _view(folder: Path, port: int) -> None:
    """In a browser that has nothing yet: of a server that has just started, then of the same server."""
    from serve_view import first_views  # noqa: PLC0415 - needs Chromium

    with _served(folder, port, 1) as site:
        for number, figures in enumerate(first_views(site.url, site.cookie, 3)):
            what = "first view again" if number else "first view of a new server"
            say(what, **figures, load=round(os.getloadavg()[0], 1))


def _first_views(site: Site, layer: dict[str, Any], columns: dict[str, Any]) -> None:
    """Bytes of the whole book from afar, and of a window of 1024 x 768 px where outlines begin and at the deepest."""
    far = _wire(site.get(_LAYER)) + sum(_wire(site.get(columns[each]["cells_url"])) for each in ("alert", "crop"))
    say("far view", bytes=far)
    colours = sum(_wire(site.get(columns[each]["url"])) for each in ("alert", "crop"))
    for zoom in (layer["outlines"]["min_zoom"], layer["outlines"]["max_zoom"]):
        column, row = square_at(layer["bounds"], 0.5, 0.5, zoom)
        # A window of two by one and a half squares of 512 px touches three by three at the most.
        paths = [_tile(layer, zoom, column + east, row + south) for east in range(3) for south in range(3)]
        sizes = [_wire(site.get(path)) for path in paths]
        say("near view", zoom=zoom, tiles_bytes=sum(sizes), largest_tile=max(sizes), columns_bytes=colours)


def _requests(
    site: Site, layer: dict[str, Any], columns: dict[str, Any]
) -> Iterator[tuple[str, list[str], str | None]]:
    rng = np.random.default_rng(_SEED)
    places = rng.random((500, 2))
    zooms = range(layer["outlines"]["min_zoom"], layer["outlines"]["max_zoom"] + 1)
    tiles = [_tile(layer, zoom, *square_at(layer["bounds"], *place, zoom)) for place in places for zoom in zooms]
    yield "tiles", tiles, None
    alert = columns["alert"]["url"]
    yield "column in full", [alert], None
    yield "column unchanged", [alert], f"If-None-Match: {site.get(alert).headers['etag']}"
    yield "cells in full", [columns["alert"]["cells_url"]], None
    yield "layer", [_LAYER], None
    numbers = rng.integers(0, layer["parcels"], 500)
    yield "number", [f"{_LAYER}/{layer['set']}/numbers/{number}" for number in numbers], None


def load(site: Site, what: str, paths: list[str], header: str | None, seconds: int, clients: int) -> Load:
    """What wrk meets with that asks for paths in turn."""
    with tempfile.TemporaryDirectory() as scratch:
        (Path(scratch) / "paths").write_text("\n".join(paths) + "\n", encoding="utf-8")
        script = Path(scratch) / "paths.lua"
        script.write_text(_WRK % {"paths": Path(scratch) / "paths"}, encoding="utf-8")
        headers = [f"Cookie: {site.cookie}", "Accept-Encoding: gzip", *([header] if header else [])]
        flags = [flag for each in headers for flag in ("-H", each)]
        command = [
            "wrk",
            "-t1",
            f"-c{clients}",
            f"-d{seconds}s",
            "--timeout",
            "30s",
            "-s",
            str(script),
            *flags,
            site.url,
        ]
        before, client = _cpu_s(site), _children_cpu_s()
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603 - our own words
    spent, client = _cpu_s(site) - before, _children_cpu_s() - client
    found = json.loads(said[said.index("{") :])
    answers = max(found["answers"], 1)
    return Load(
        what=what,
        answers=found["answers"],
        a_second=round(found["answers"] / seconds, 1),
        p50_ms=found["p50_ms"],
        p95_ms=found["p95_ms"],
        max_ms=found["max_ms"],
        cpu_ms=round(1000 * spent / answers, 2),
        bytes_each=found["bytes"] // answers,
        refused=found["refused"],
        server_cores=round(spent / seconds, 2),
        client_cores=round(client / seconds, 2),
    )


def _cpu_s(site: Site) -> float:
    """Processor time of a server and of its workers, s."""
    return float(sum(sum(each.cpu_times()[:2]) for each in (site.process, *site.process.children())))


def _children_cpu_s() -> float:
    """Processor time of processes that were waited for, s."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _build(folder: Path, side: int) -> None:
    url = sqlite_url(folder / "acreline.db")
    upgrade(url)
    engine = open_engine(url)
    begun = time.perf_counter()
    parcels = build(engine, side, _SEED)
    say("book", parcels=parcels, seconds=round(time.perf_counter() - begun, 1))
    engine.dispose()


def _make(folder: Path) -> None:
    from app.alerts.reach import units_below  # noqa: PLC0415 - the server's process does without
    from app.maplayers.making import make_outlines  # noqa: PLC0415 - same
    from app.maplayers.parcelset import parcels_within  # noqa: PLC0415 - same

    engine = open_engine(sqlite_url(folder / "acreline.db"))
    begun, spent = time.perf_counter(), time.process_time()
    with engine.connect() as connection:
        parcels = parcels_within(connection, units_below(connection, "001"))
        read_s, read_cpu = time.perf_counter() - begun, time.process_time() - spent
        made = make_outlines(connection, parcels, folder)
    engine.dispose()
    told = {"parcels": made.parcels, "there_already": made.already_there, "file_mb": round(made.bytes / 1e6, 1)}
    seconds = {"read_s": round(read_s, 1), "read_cpu_s": round(read_cpu, 1)}
    cpu = {"seconds": round(time.perf_counter() - begun, 1), "cpu_s": round(time.process_time() - spent, 1)}
    print(json.dumps(told | seconds | cpu))


def _timed(command: list[str]) -> dict[str, Any]:
    """What a process prints as JSON, with its peak memory."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)  # noqa: S603 - same
    said, _ = process.communicate()
    if process.returncode:
        raise SystemExit(process.returncode)
    return json.loads(said) | {"peak_mib": round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)}


@contextmanager
def _served(folder: Path, port: int, workers: int) -> Iterator[Site]:
    """The command itself over a folder's database and tiles."""
    cookie = signed_in(folder)
    options = ["serve", "--institution", "--port", str(port), "--workers", str(workers)]
    command = [sys.executable, "-c", "from app.cli.main import main; main()", *options]
    settings = {"ACRELINE_DATABASE_URL": sqlite_url(folder / "acreline.db"), "ACRELINE_LAYER_DIR": str(folder)}
    process = subprocess.Popen(command, env=os.environ | settings, stdout=subprocess.DEVNULL)  # noqa: S603 - same
    site = Site(f"http://127.0.0.1:{port}", cookie, psutil.Process(process.pid))
    try:
        wait_for(site, process)
        yield site
    finally:
        process.terminate()
        process.wait()


def wait_for(site: Site, process: subprocess.Popen[bytes], path: str = "/api/v1/me", at_most_s: float = 300) -> None:
    """Return when a server answers a path."""
    until = time.monotonic() + at_most_s
    while time.monotonic() < until and process.poll() is None:
        try:
            site.get(path)
        except httpx.TransportError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit("The server does not answer.")


def signed_in(folder: Path) -> str:
    """Cookie of somebody who is signed in."""
    from app.api.access.sessions import start_session  # noqa: PLC0415 - same
    from app.api.access.tokens import SESSION_COOKIE, new_token  # noqa: PLC0415 - same
    from app.book.decisions.people import find_user  # noqa: PLC0415 - same

    engine = open_engine(sqlite_url(folder / "acreline.db"))
    token = new_token(secrets.token_bytes)
    with writing(engine) as connection:
        start_session(connection, find_user(connection, LOGIN).id, token, spans(), datetime.now(UTC))
    engine.dispose()
    return f"{SESSION_COOKIE}={token}"


def spans() -> Any:
    """How long sessions live."""
    from app.api.access.sessions import Spans  # noqa: PLC0415 - same

    return Spans(timedelta(minutes=30), timedelta(hours=10))


def square_at(bounds: list[float], east: float, south: float, zoom: int) -> tuple[int, int]:
    """Column and row of the square at shares of a box."""
    west, low, right, high = bounds
    longitude, latitude = west + (right - west) * east, math.radians(high - (high - low) * south)
    row = (1 - math.asinh(math.tan(latitude)) / math.pi) / 2
    return int((longitude + 180) / 360 * 2**zoom), int(row * 2**zoom)


def _tile(layer: dict[str, Any], zoom: int, column: int, row: int) -> str:
    address: str = layer["outlines"]["url"]
    return address.format(z=zoom, x=column, y=row)


def _wire(answer: httpx.Response) -> int:
    return int(answer.headers.get("content-length", 0))


def _memory(site: Site) -> int:
    """Of a server with its workers, MiB."""
    return round(sum(each.memory_info().rss for each in (site.process, *site.process.children())) / 2**20)


def say(what: str, /, **figures: object) -> None:
    """One line of figures."""
    print(what, json.dumps({name: figure for name, figure in figures.items() if name != "what"}), flush=True)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--side", type=int, default=447, help="parcels along an edge of the county")
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=5, help="of load for each kind of request, in each round")
    parser.add_argument("--rounds", type=int, default=2, help="of one process and several in turn")
    parser.add_argument("--workers", type=int, default=2, help="processes of the server beside that of one process")
    parser.add_argument("--view", action="store_true", help="the first view in Chromium")
    parser.add_argument("--port", type=int, default=8765)
    parser.add_argument("--keep", help="folder that keeps database and tiles")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--make", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
