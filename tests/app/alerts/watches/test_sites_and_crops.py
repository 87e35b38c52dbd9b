"""A parcel may be a site and a field: watches of the one leave alerts of the other as they are."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, select

from app.alerts.watches.history import History
from app.alerts.watches.recording import WatchRow, record_watch
from app.alerts.watches.replaying import later_watch
from app.db.engine import writing
from app.db.loading import load_run
from app.db.tables import Alert
from geo.sites import SITES_SEASON
from tests.app.alerts.told import SEASON_ID, day, told
from tests.app.db.made_up import made_up_run

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LOSS, DELAY = "abrupt_loss", "behind_plan"
#: A season after all that a watch of sites could name by its id.
LATE = "2019-11-01/2020-10-31"


def load_both(engine: Engine) -> None:
    """Two runs over the same parcels: of a season, and of sites."""
    load_run(engine, *made_up_run("crops").tables, now=NOW)
    record, outlines, parcels, seasons, limits = made_up_run("sites", day=2).tables
    load_run(
        engine, record, outlines, parcels.assign(season_id=SITES_SEASON.id), seasons.head(0), limits.head(0), now=NOW
    )


def row(as_of: str, run_id: str, season_id: str, cause: str) -> WatchRow:
    on = day(as_of)
    return WatchRow(
        id=f"{on:%Y%m%d}-{run_id}", run_id=run_id, as_of=on, season_id=season_id, rules_id="r", rules_hash="ab" * 32,
        inputs_hash="cd" * 32, code_version="0.1.0", causes=frozenset({cause}), counts={"parcels": 6, "judged": 6},
    )  # fmt: skip


CROPS: dict[str, Any] = {"run_id": "crops", "season_id": SEASON_ID, "cause": LOSS}
SITES: dict[str, Any] = {"run_id": "sites", "season_id": SITES_SEASON.id, "cause": DELAY}


def watch(engine: Engine, as_of: str, kind: dict[str, Any], *, opened: str | None = None) -> dict[str, int]:
    lines = [("p000", kind["cause"], opened, opened, "opened", "watch")] if opened else []
    history = History.of(told(*lines, season_id=kind["season_id"]))
    with writing(engine) as connection:
        return record_watch(connection, row(as_of, **kind), history, {}, NOW)


def still_seen(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return set(connection.scalars(select(Alert.cause).where(Alert.ended_on.is_(None))))


@pytest.mark.parametrize(("first", "second"), [(CROPS, SITES), (SITES, CROPS)])
def test_neither_watch_ends_the_alerts_of_the_other(
    engine: Engine, first: dict[str, Any], second: dict[str, Any]
) -> None:
    load_both(engine)
    watch(engine, "06-05", first, opened="06-01")
    counts = watch(engine, "06-15", second)
    assert (counts["ended"], counts["withdrawn"]) == (0, 0)
    assert still_seen(engine) == {first["cause"]}
    watch(engine, "06-20", second, opened="06-20")
    assert still_seen(engine) == {LOSS, DELAY}
    assert watch(engine, "06-25", first)["withdrawn"] == 1  # each still takes back its own
    assert still_seen(engine) == {second["cause"]}


def test_a_season_that_is_over_ends_alerts_of_crops_and_not_of_sites(engine: Engine) -> None:
    load_both(engine)
    watch(engine, "06-05", CROPS, opened="06-01")
    watch(engine, "06-05", SITES, opened="06-01")
    counts = watch(engine, "2019-12-01", CROPS | {"season_id": LATE})
    assert (counts["ended"], still_seen(engine)) == (1, {DELAY})


@pytest.mark.parametrize(("on_record", "asked"), [(CROPS, SITES), (SITES, CROPS)])
def test_neither_watch_is_a_replay_of_the_other(
    engine: Engine, on_record: dict[str, Any], asked: dict[str, Any]
) -> None:
    load_both(engine)
    watch(engine, "06-20", on_record)
    with engine.connect() as connection:
        assert later_watch(connection, row("06-05", **asked)) is None
        own = later_watch(connection, replace(row("06-05", **on_record), id="earlier"))
    assert own.as_of == day("06-20")
