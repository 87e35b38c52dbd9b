"""Parcels of a whole book as OGC API - Features, and in pages for other systems: time and processor time of answers.

    python benchmarks/features.py                 # 200,000 parcels
    python benchmarks/features.py --side 50       # 2,500 parcels

One process asks the application without a network between: "ms" is the time of an answer on this machine at that moment
(its load is printed), "cpu_ms" the processor time, which is the figure to compare; medians. The last line is what the
index of boxes costs on SQLite instead of the boxes in memory: the same windows, asked of parcel_geometry.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
from fastapi.testclient import TestClient
from serve_book import _SOUTH, _STEP, _WEST, NOW, build
from sqlalchemy import Engine, select

from app.api.access.passwords import Passwords
from app.api.access.sessions import Spans
from app.api.access.signing_in import Access
from app.api.institution import create_institution_app
from app.api.keys.making import NewKey, make_key
from app.api.keys.tokens import KeyScope
from app.book.decisions.people import find_user
from app.db.engine import open_engine, sqlite_url, writing
from app.db.migrate import upgrade
from app.db.tables import ParcelGeometry

_ITEMS: Final = "/ogc/collections/parcels/items"
_SEED: Final = 7


def main() -> None:
    """Make a book and print one line of JSON for each kind of request."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--side", type=int, default=447)
    parser.add_argument("--times", type=int, default=20)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = sqlite_url(Path(folder) / "acreline.db")
        upgrade(url)
        engine = open_engine(url)
        parcels = build(engine, asked.side, _SEED)
        print(json.dumps({"parcels": parcels, "load": os.getloadavg()[0]}))
        _measure(engine, asked.side, asked.times)
        engine.dispose()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"peak_mib_with_making": round(peak), "load": os.getloadavg()[0]}))


def _measure(engine: Engine, side: int, times: int) -> None:
    access = Access(engine, Passwords(), Spans(timedelta(hours=1), timedelta(hours=12)), lambda: NOW, os.urandom)
    client = TestClient(create_institution_app(access), base_url="http://localhost")
    windows = _windows(side, times)
    for unit in ("001", "010"):
        with writing(engine) as connection:
            new = NewKey(f"gis {unit}", unit, list(KeyScope), 9)
            key = make_key(connection, new, find_user(connection, "ada"), os.urandom, NOW)
        client.headers["Authorization"] = f"Bearer {key}"
        _line(f"{unit}: the first of a minute reads the set", [lambda: _get(client, f"{_ITEMS}?limit=1")])
        _line(
            f"{unit}: window of 1/400, 1000 a page", [_asking(client, f"{_ITEMS}?limit=1000&bbox={w}") for w in windows]
        )
        _line(
            f"{unit}: window of 1/400, 100 a page", [_asking(client, f"{_ITEMS}?limit=100&bbox={w}") for w in windows]
        )
        _line(f"{unit}: no window, 1000 a page from anywhere", [
            _asking(client, f"{_ITEMS}?limit=1000&after=p{n:07d}") for n in range(0, side * side, side * side // times)
        ])  # fmt: skip
        _line(f"{unit}: one parcel", [_asking(client, f"{_ITEMS}/p{n:07d}") for n in range(times)])
        _line(f"{unit}: data/parcels, 1000 a page", [_asking(client, "/api/v1/data/parcels?limit=1000")] * times)
        _line(f"{unit}: data/alerts, 1000 a page", [_asking(client, "/api/v1/data/alerts?limit=1000")] * times)
    _line("the index of boxes alone: the same windows", [_indexed(engine, window) for window in windows])


def _windows(side: int, times: int) -> list[str]:
    """Windows of a twentieth of the county's width and height."""
    rng, span = np.random.default_rng(_SEED), side * _STEP
    corners = rng.uniform(0, span * 0.95, (times, 2)) + np.array([_WEST, _SOUTH])
    return [f"{w:.5f},{s:.5f},{w + span / 20:.5f},{s + span / 20:.5f}" for w, s in corners]


def _asking(client: TestClient, address: str) -> Callable[[], int]:
    return lambda: _get(client, address)


def _get(client: TestClient, address: str) -> int:
    answer = client.get(address)
    if answer.status_code not in {200, 404}:
        raise SystemExit(f"{address}: {answer.status_code} {answer.text[:200]}")
    return len(answer.content)


def _indexed(engine: Engine, window: str) -> Callable[[], int]:
    west, south, east, north = map(float, window.split(","))
    box = ParcelGeometry
    wanted = (
        select(box.parcel_id)
        .where(box.minx <= east, box.maxx >= west, box.miny <= north, box.maxy >= south)
        .order_by(box.parcel_id)
        .limit(1001)
    )

    def ask() -> int:
        with engine.connect() as connection:
            return len(connection.execute(wanted).all())

    return ask


def _line(what: str, asking: Sequence[Callable[[], Any]]) -> None:
    spans, cpu, sizes = [], [], []
    for ask in asking:
        begun, busy = time.perf_counter(), time.process_time()
        sizes.append(ask())
        cpu.append(1000 * (time.process_time() - busy))
        spans.append(1000 * (time.perf_counter() - begun))
    said = {"what": what, "ms": round(statistics.median(spans), 1), "cpu_ms": round(statistics.median(cpu), 1)}
    print(json.dumps(said | {"most_ms": round(max(spans), 1), "bytes": int(statistics.median(sizes))}))


if __name__ == "__main__":
    main()
