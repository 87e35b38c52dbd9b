"""A small simulated county that lies across a tile border, and its finished run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from app.db.engine import sqlite_url
from app.jobs.progress import Silent
from app.jobs.request import RunRequest
from app.jobs.run import run_season
from app.jobs.summary import RunSummary
from geo.grid import TILE_M
from tiles.simulation.county import CountyPlan
from tiles.simulation.mosaic import Layout
from tiles.simulation.season import SimulatedSeason, write_season

SIZE_PX = 128
BORDER_M = 37 * TILE_M


def clock() -> datetime:
    return datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


RunToEnd = Callable[..., RunSummary]


@pytest.fixture(scope="session")
def run_to_end() -> RunToEnd:
    def start(request: RunRequest, report: Silent | None = None) -> RunSummary:
        request.out.mkdir(exist_ok=True)
        return run_season(request, sqlite_url(request.out / "acreline.db"), report or Silent(), clock)

    return start


@pytest.fixture(scope="session")
def border_season(tmp_path_factory: pytest.TempPathFactory) -> SimulatedSeason:
    plan = replace(
        CountyPlan(),
        size_px=SIZE_PX,
        left_m=BORDER_M - SIZE_PX * 10 // 2,
        days=tuple(date(2023, 11, 3) + timedelta(days=20 * number) for number in range(18)),
        parcels=90,
        layout=Layout(block_ha=8.0, plot_ha=0.8),
    )
    return write_season(tmp_path_factory.mktemp("border"), plan=plan)


@pytest.fixture(scope="session")
def border_request(border_season: SimulatedSeason, tmp_path_factory: pytest.TempPathFactory) -> RunRequest:
    return RunRequest(
        catalog=border_season.catalog,
        parcels=border_season.parcels,
        season=border_season.season,
        policy="cn-planting-generic",
        out=tmp_path_factory.mktemp("run") / "out",
        workers=1,
    )


@pytest.fixture(scope="session")
def finished(border_request: RunRequest, run_to_end: RunToEnd) -> tuple[Path, RunSummary]:
    return border_request.out, run_to_end(border_request)
