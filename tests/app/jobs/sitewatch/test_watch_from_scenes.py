"""A painted solar farm from its plan to alerts, as a user types it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.cli.main import status_of
from app.db.engine import open_engine
from app.sites.plans import PlannedSite
from tests.app.book.made_up_book import open_bank
from tests.app.jobs.sitewatch.painted import Painted
from tests.app.sites.looked_sites import plan_sites

FARM = "Farm 1/a"
EARLY, BETWEEN, LATE = "2024-05-31", "2024-07-31", "2024-09-30"

Say = Callable[..., str]


@pytest.fixture
def say(
    migrated_sqlite_url: str,
    farm_site: PlannedSite,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    scheduler: str,
) -> Say:
    """Type a command of `acreline sites`; what it printed."""
    monkeypatch.setenv("ACRELINE_DATABASE_URL", migrated_sqlite_url)
    monkeypatch.setenv("COLUMNS", "160")
    monkeypatch.setenv("ACRELINE_SCHEDULER", scheduler)
    engine = open_engine(migrated_sqlite_url)
    open_bank(engine)
    plan_sites(engine, datetime(2023, 1, 1, tzinfo=UTC), farm_site.plan)
    engine.dispose()

    def type_in(*words: str, status: int = 0) -> str:
        assert status_of(["sites", *words]) == status
        captured = capsys.readouterr()
        return captured.err if status else captured.out

    return type_in


def watch(say: Say, farm: Painted, runs: Path, as_of: str, *more: str) -> Any:
    words = ("--catalog", str(farm.catalog), "--runs", str(runs), "--as-of", as_of, "--quiet")
    return say("watch", *words, *more)


def test_a_farm_is_followed_from_its_plan_to_its_alerts(say: Say, farm: Painted, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    early = json.loads(watch(say, farm, runs, EARLY, "--json"))
    assert (early["done"], early["simulated"], len(early["sites"])) == ("recorded", True, 1)
    (site,) = early["sites"]
    (true,) = farm.works.share_on(np.array([site["seen_on"]], dtype="datetime64[D]"))
    assert site["low"] <= true <= site["high"]
    assert site["share"] > 0.5  # the looks since the last row are few

    later = json.loads(watch(say, farm, runs, LATE, "--json"))
    assert later["sites"][0]["share"] == pytest.approx(1.0, abs=0.1)
    assert later["sites"][0]["share"] >= site["share"]
    assert date.fromisoformat(later["sites"][0]["seen_on"]) > date.fromisoformat(site["seen_on"])
    again = watch(say, farm, runs, LATE)
    assert "Nothing to do" in again
    assert "Simulated data" in again
    assert "Nothing to do" in watch(say, farm, runs, EARLY)
    replay = json.loads(watch(say, farm, runs, BETWEEN, "--json"))
    assert (replay["done"], replay["replay"]["later"]) == ("replay", later["watch_id"])
    assert replay["replay"]["differences"] == []

    shown = json.loads(say("show", FARM, "--json"))
    assert shown["standing"]["watch_id"] == later["watch_id"]
    assert shown["standing"]["detail"]["curve"][-1][0] == later["sites"][0]["seen_on"]
    printed = say("show", FARM)
    assert "Latest look of each measure" in printed
    assert "panels_m2" in printed
    assert "…" not in printed

    assert "is watched no more" in say("stop", FARM, "--by", "rita", "--reason", "sold")
    assert "No site is watched" in watch_refused(say, farm, runs)
    assert "is watched again" in say("resume", FARM, "--by", "rita")


def watch_refused(say: Say, farm: Painted, runs: Path) -> str:
    words = ("--catalog", str(farm.catalog), "--runs", str(runs), "--as-of", LATE, "--quiet")
    return say("watch", *words, status=2)


def test_a_folder_of_runs_must_be_named(say: Say, farm: Painted, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ACRELINE_RUNS_DIR", raising=False)
    said = say("watch", "--catalog", str(farm.catalog), "--as-of", LATE, "--quiet", status=2)
    assert "ACRELINE_RUNS_DIR" in said
