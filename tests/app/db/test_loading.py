from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pandas as pd
import pytest
from sqlalchemy import Engine, func, select

from app.db.base import Base
from app.db.loading import load_run, refresh_statistics
from app.db.tables import CreditLimit, Parcel, ParcelGeometry, ParcelObservation, ParcelPeriod, Run, SeasonObservation
from geo.errors import DataError
from tests.app.db.made_up import NOW, made_up_run

DAY_1, DAY_2, DAY_3 = (datetime(2026, 11, day, 6, tzinfo=UTC) for day in (1, 2, 3))
LOADED = (Parcel, ParcelGeometry, ParcelPeriod, Run, ParcelObservation, SeasonObservation, CreditLimit)


def _everything(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    with engine.connect() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in Base.metadata.sorted_tables
        }


def _periods(engine: Engine, parcel_id: str) -> list[tuple[str, datetime, datetime | None]]:
    wanted = select(ParcelPeriod.geometry_version, ParcelPeriod.valid_from, ParcelPeriod.valid_to)
    with engine.connect() as connection:
        rows = connection.execute(wanted.where(ParcelPeriod.parcel_id == parcel_id).order_by(ParcelPeriod.valid_from))
        return [tuple(row) for row in rows]  # type: ignore[misc]  # three columns


def test_every_row_arrives_once(engine: Engine) -> None:
    run = made_up_run()
    counts = load_run(engine, *run.tables, now=NOW)
    assert (counts.parcels, counts.cycles, counts.limits) == (6, 6, 7)
    assert (counts.new_parcels, counts.new_outlines, counts.changed_outlines) == (6, 6, 0)
    assert not counts.already_loaded
    with engine.connect() as connection:
        found = {table.__tablename__: connection.scalar(select(func.count()).select_from(table)) for table in LOADED}
        assert set(connection.scalars(select(Run.recorded_at))) == {NOW}
    assert found == {
        "parcel": 6,
        "parcel_geometry": 6,
        "parcel_period": 6,
        "run": 1,
        "parcel_observation": 6,
        "season_observation": 6,
        "credit_limit": 7,
    }


def test_nan_becomes_null_and_large_amounts_stay_whole(engine: Engine) -> None:
    load_run(engine, *made_up_run().tables)
    with engine.connect() as connection:
        seen = connection.execute(select(ParcelObservation).where(ParcelObservation.parcel_id == "p005")).one()
        outline = connection.execute(select(ParcelGeometry).where(ParcelGeometry.parcel_id == "p005")).one()
        amounts = connection.execute(select(CreditLimit.subject_id, CreditLimit.amount_minor)).all()
    assert (seen.crop, seen.crop_prob, seen.vigour_pct, seen.sos, seen.cropped_area_ha) == (None,) * 5
    assert (seen.crop_set, seen.clear_dates) == ([], 0)
    assert (outline.wkb, outline.minx, outline.maxy) == (None, None, None)
    assert dict(map(tuple, amounts)) == {**{f"p00{i}": 100_000 for i in range(5)}, "p005": None, "f0": 2**40}  # type: ignore[arg-type]  # pairs


def test_parcels_of_invalid_geometry_need_no_outline(engine: Engine) -> None:
    run = made_up_run()
    counts = load_run(engine, run.record, run.parcels_geo.head(5), run.parcels, run.seasons, run.limits)
    assert (counts.parcels, counts.new_outlines) == (6, 6)
    again = load_run(engine, *run.tables)  # with the empty outline: the same run
    assert again.already_loaded


def test_a_second_load_changes_nothing(engine: Engine) -> None:
    run = made_up_run()
    load_run(engine, *run.tables, now=NOW)
    before = _everything(engine)
    shuffled = run.parcels.sample(frac=1, random_state=1)
    again = load_run(engine, run.record, run.parcels_geo.iloc[::-1], shuffled, run.seasons, run.limits)
    assert again.already_loaded
    assert (again.parcels, again.cycles, again.limits, again.new_parcels) == (6, 6, 7, 0)
    assert _everything(engine) == before


@pytest.mark.parametrize("what", ["parcels", "seasons", "limits", "outlines"])
def test_a_run_does_not_change_under_its_name(engine: Engine, what: str) -> None:
    run = made_up_run()
    load_run(engine, *run.tables)
    before = _everything(engine)
    if what == "parcels":
        run.parcels.loc[0, "vigour_pct"] = 63.0
    elif what == "seasons":
        run.seasons.loc[0, "crop"] = "rice"
    elif what == "limits":
        run.limits.loc[0, "amount_minor"] += 1
    else:
        for frame in (run.parcels, run.parcels_geo, run.seasons):
            frame.loc[frame["parcel_id"] == "p000", "geometry_version"] = "other"
    with pytest.raises(DataError, match="run-1") as caught:
        load_run(engine, *run.tables)
    assert caught.value.code == "RUN_CHANGED"
    assert _everything(engine) == before


def test_a_new_outline_closes_the_old_one(engine: Engine) -> None:
    load_run(engine, *made_up_run("a", day=1).tables)
    counts = load_run(engine, *made_up_run("b", day=2, versions={"p001": "new"}).tables)
    assert (counts.new_parcels, counts.new_outlines, counts.changed_outlines) == (0, 1, 1)
    assert _periods(engine, "p001") == [(f"{1:012x}", DAY_1, DAY_2), ("new", DAY_2, None)]
    assert _periods(engine, "p000") == [(f"{0:012x}", DAY_1, None)]


def test_an_outline_may_come_back(engine: Engine) -> None:
    old = f"{1:012x}"
    load_run(engine, *made_up_run("a", day=1).tables)
    load_run(engine, *made_up_run("b", day=2, versions={"p001": "new"}).tables)
    load_run(engine, *made_up_run("c", day=3).tables)
    assert _periods(engine, "p001") == [(old, DAY_1, DAY_2), ("new", DAY_2, DAY_3), (old, DAY_3, None)]


def test_the_order_of_loading_does_not_matter(engine: Engine) -> None:
    old = f"{1:012x}"
    load_run(engine, *made_up_run("c", day=3).tables)
    load_run(engine, *made_up_run("b", day=2, versions={"p001": "new"}).tables)
    load_run(engine, *made_up_run("a", day=1).tables)
    assert _periods(engine, "p001") == [(old, DAY_1, DAY_2), ("new", DAY_2, DAY_3), (old, DAY_3, None)]
    assert _periods(engine, "p000") == [(f"{0:012x}", DAY_1, None)]


def _no_season(run: object) -> None:
    run.parcels["season_id"] = ["2018-10-01/2019-10-31"] * 5 + ["2019-10-01/2020-10-31"]  # type: ignore[attr-defined]  # a made-up run


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (_no_season, "LOAD_SEASONS"),
        (lambda run: setattr(run, "parcels_geo", run.parcels_geo.to_crs(3857)), "LOAD_CRS"),
        (lambda run: setattr(run, "parcels_geo", run.parcels_geo.drop(columns="area_ha")), "LOAD_COLUMN"),
        (lambda run: setattr(run, "parcels_geo", run.parcels_geo.iloc[1:]), "LOAD_STRANGER"),
        (lambda run: setattr(run, "parcels_geo", pd.concat([run.parcels_geo, run.parcels_geo])), "LOAD_DUPLICATE"),
        (lambda run: setattr(run, "parcels", pd.concat([run.parcels, run.parcels])), "LOAD_DUPLICATE"),
        (lambda run: setattr(run, "seasons", pd.concat([run.seasons, run.seasons])), "LOAD_DUPLICATE"),
        (lambda run: run.seasons.loc.__setitem__((0, "parcel_id"), "p999"), "LOAD_STRANGER"),
        (lambda run: run.limits.loc.__setitem__((0, "subject_id"), "p999"), "LOAD_STRANGER"),
        (lambda run: run.limits.loc.__setitem__((0, "reasons"), "because"), "LOAD_REASONS"),
        (lambda run: setattr(run, "parcels", run.parcels.drop(columns="status")), "TABLE_COLUMN"),
        (lambda run: run.parcels.loc.__setitem__((0, "status"), "FINE"), "LOAD_FAILED"),
        (lambda run: run.limits.loc.__setitem__((0, "amount_minor"), -1), "LOAD_FAILED"),
    ],
)
def test_what_does_not_fit_is_refused_whole(engine: Engine, spoil: Callable[[object], None], code: str) -> None:
    run = made_up_run()
    spoil(run)
    before = _everything(engine)
    with pytest.raises(DataError) as caught:
        load_run(engine, *run.tables)
    assert caught.value.code == code
    assert "\n" not in str(caught.value)
    assert _everything(engine) == before


def test_a_load_never_touches_decisions(engine: Engine, decided: Callable[[Engine], None]) -> None:
    run = made_up_run()
    load_run(engine, *run.tables)
    decided(engine)
    kept = {name: rows for name, rows in _everything(engine).items() if name in {"application", "decision", "facility"}}
    assert all(kept.values())
    later = made_up_run("run-2", day=2)
    later.limits["amount_minor"] = later.limits["amount_minor"] // 2
    load_run(engine, *later.tables)
    load_run(engine, *run.tables)
    assert {name: rows for name, rows in _everything(engine).items() if name in kept} == kept


def test_two_loads_at_once_give_one_set_of_rows(database_url: str, make_engine: Callable[[str], Engine]) -> None:
    outcomes: list[bool] = []

    def load(engine: Engine) -> None:
        outcomes.append(load_run(engine, *made_up_run().tables).already_loaded)

    threads = [threading.Thread(target=load, args=(make_engine(database_url),)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [False, True, True]


def test_an_empty_season_and_no_limits_still_load(engine: Engine) -> None:
    run = made_up_run()
    record = replace(run.record, policy_id=None, policy_hash=None, model_hash=None)
    counts = load_run(engine, record, run.parcels_geo, run.parcels, run.seasons.head(0), run.limits.head(0))
    assert (counts.parcels, counts.cycles, counts.limits) == (6, 0, 0)
    refresh_statistics(engine)
