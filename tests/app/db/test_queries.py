from __future__ import annotations

from collections.abc import Callable
from dataclasses import FrozenInstanceError
from datetime import UTC, date, datetime

import pytest
import shapely
from sqlalchemy import Connection, Engine, event

from app.db.loading import load_run, refresh_statistics
from app.db.queries import count_parcels, get_limit, get_parcel, get_run, list_parcels, list_runs, states
from app.db.tables.kinds import SubjectKind
from geo.errors import InputError
from geo.status import Status
from tests.app.db.made_up import NOW, REASONS, SEASON_ID, made_up_run


@pytest.fixture
def loaded(engine: Engine) -> Engine:
    load_run(engine, *made_up_run("run-1", day=1).tables, now=NOW)
    load_run(engine, *made_up_run("run-2", day=2, n=4, versions={"p001": "new"}).tables, now=NOW)
    return engine


def test_runs_come_newest_first(loaded: Engine) -> None:
    runs = list_runs(loaded)
    assert [run.run_id for run in runs] == ["run-2", "run-1"]
    assert runs[1].created_at == datetime(2026, 11, 1, 6, tzinfo=UTC)
    assert runs[1].created_at.tzinfo is UTC
    assert (runs[1].season_id, runs[1].season_start, runs[1].simulated) == (SEASON_ID, date(2018, 10, 1), True)


def test_a_run_knows_its_box_and_statuses(loaded: Engine) -> None:
    run = get_run(loaded, "run-1")
    assert run is not None
    assert run.parcels == 6
    assert run.statuses == {Status.OK: 5, Status.INVALID_GEOMETRY: 1}
    assert run.box == pytest.approx((4.0, 51.0, 4.045, 51.005))
    assert run.record["parameters"] == {"season": SEASON_ID}
    assert get_run(loaded, "none") is None


def test_parcels_by_box_touch_it(loaded: Engine) -> None:
    inside = list_parcels(loaded, "run-1", (4.011, 51.001, 4.021, 51.002))
    assert [parcel.parcel_id for parcel in inside] == ["p001", "p002"]
    assert list_parcels(loaded, "run-1", (5.0, 51.0, 6.0, 52.0)) == ()
    assert count_parcels(loaded, "run-1", (4.0, 50.0, 5.0, 52.0)) == 5  # the one without an outline is nowhere
    assert count_parcels(loaded, "run-1") == 6
    assert count_parcels(loaded, "none") == 0


def test_a_window_begins_with_the_index_of_boxes(
    migrated_sqlite_url: str, make_engine: Callable[[str], Engine]
) -> None:
    engine = make_engine(migrated_sqlite_url)
    load_run(engine, *made_up_run().tables)
    refresh_statistics(engine)
    plans: list[str] = []

    def explain(connection: Connection, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        rows = connection.connection.cursor().execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
        plans.extend(str(row) for row in rows)

    event.listen(engine, "before_cursor_execute", explain)
    list_parcels(engine, "run-1", (4.0, 51.0, 4.001, 51.001))
    assert any("ix_parcel_geometry_box" in step for step in plans)
    assert any("run_id=? AND parcel_id=?" in step for step in plans)


def test_a_window_on_an_earlier_outline_finds_nothing(engine: Engine) -> None:
    load_run(engine, *made_up_run("run-1", day=1).tables)
    moved = made_up_run("run-2", day=2, versions={"p001": "new"})
    moved.parcels_geo.loc[1, "geometry"] = shapely.box(8, 51, 8.005, 51.005)
    load_run(engine, *moved.tables)
    old_place = (4.011, 51.001, 4.012, 51.002)
    assert [parcel.parcel_id for parcel in list_parcels(engine, "run-1", old_place)] == ["p001"]
    assert list_parcels(engine, "run-2", old_place) == ()


def test_parcels_come_in_pages(loaded: Engine) -> None:
    pages = [list_parcels(loaded, "run-1", limit=4, offset=offset) for offset in (0, 4, 8)]
    assert [[parcel.parcel_id for parcel in page] for page in pages] == [
        ["p000", "p001", "p002", "p003"],
        ["p004", "p005"],
        [],
    ]


def test_a_run_keeps_the_outline_that_it_saw(loaded: Engine) -> None:
    versions = [list_parcels(loaded, run)[1].geometry_version for run in ("run-1", "run-2")]
    assert versions == [f"{1:012x}", "new"]


def test_a_parcel_tells_all(loaded: Engine) -> None:
    parcel = get_parcel(loaded, "run-1", "p000")
    assert parcel is not None
    assert parcel.summary.geometry is not None
    assert shapely.geometry.shape(parcel.summary.geometry).equals(shapely.box(4, 51, 4.005, 51.005))
    assert (parcel.summary.amount_minor, parcel.summary.currency, parcel.summary.needs_visit) == (100_000, "CNY", False)
    assert (parcel.summary.status, parcel.crop_set, parcel.sos) == (Status.OK, ("wheat", "barley"), date(2019, 3, 1))
    assert [(cycle.cycle, cycle.crop, cycle.crop_prob, cycle.eos) for cycle in parcel.cycles] == [
        (1, "wheat", 0.75, date(2019, 7, 15)),
        (2, "maize", None, None),
    ]
    assert parcel.limit is not None
    assert list(parcel.limit.reasons) == REASONS
    assert sum(line["effect_minor"] for line in parcel.limit.reasons) == parcel.limit.amount_minor
    with pytest.raises(FrozenInstanceError):
        parcel.clear_dates = 3  # type: ignore[misc]  # the point of the test


def test_a_parcel_without_outline_or_limit_is_still_there(loaded: Engine) -> None:
    parcel = get_parcel(loaded, "run-1", "p005")
    assert parcel is not None
    assert (parcel.summary.geometry, parcel.cycles, parcel.summary.amount_minor) == (None, (), None)
    assert parcel.limit is not None
    assert parcel.limit.needs_visit
    assert get_parcel(loaded, "run-1", "p999") is None
    assert get_parcel(loaded, "run-2", "p005") is None


def test_a_run_without_limits_still_shows_its_parcels(engine: Engine) -> None:
    run = made_up_run()
    load_run(engine, run.record, run.parcels_geo, run.parcels, run.seasons, run.limits.head(0))
    parcel = get_parcel(engine, "run-1", "p000")
    assert parcel is not None
    assert (parcel.limit, parcel.summary.currency, parcel.summary.needs_visit) == (None, None, None)
    assert states(engine, "run-1").currency is None


def test_a_farmer_has_a_limit_too(loaded: Engine) -> None:
    limit = get_limit(loaded, "run-1", SubjectKind.FARMER, "f0")
    assert limit is not None
    assert (limit.subject_kind, limit.amount_minor) == ("farmer", 2**40)
    assert get_limit(loaded, "run-1", SubjectKind.FARMER, "p000") is None


def test_states_are_columns_of_one_length(loaded: Engine) -> None:
    columns = states(loaded, "run-1")
    assert columns.parcel_id == tuple(f"p00{index}" for index in range(6))
    assert columns.crop == ("wheat",) * 5 + (None,)
    assert columns.status == (Status.OK,) * 5 + (Status.INVALID_GEOMETRY,)
    assert columns.vigour_pct == (62.5,) * 5 + (None,)
    assert columns.amount_minor == (100_000,) * 5 + (None,)
    assert columns.needs_visit == (False,) * 5 + (True,)
    assert columns.currency == "CNY"
    assert states(loaded, "none").parcel_id == ()


@pytest.mark.parametrize("bbox", [(5.0, 51.0, 4.0, 52.0), (4.0, 52.0, 5.0, 51.0), (float("nan"), 51.0, 5.0, 52.0)])
def test_a_box_without_inside_is_refused(loaded: Engine, bbox: tuple[float, float, float, float]) -> None:
    with pytest.raises(InputError, match="no inside"):
        list_parcels(loaded, "run-1", bbox)


def test_a_page_below_zero_is_refused(loaded: Engine) -> None:
    with pytest.raises(InputError, match="-1"):
        list_parcels(loaded, "run-1", offset=-1)
