from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.alerts.visits.outcomes import outcomes
from app.alerts.visits.weeks import Draw, draw_list, list_of, monday_of, tasks_of
from app.book.decisions.people import find_user
from app.db.engine import writing
from app.db.tables import VisitList, VisitTask
from geo.errors import DataError, InputError
from scoring.alerts.outcomes import misses, precision
from tests.app.alerts.desk import NOW, TODAY, Desk

WEEK = date(2019, 6, 17)


def _draw(desk: Desk, login: str = "rob", **changed: Any) -> list[tuple[int, str, str, int | None]]:
    chosen: dict[str, Any] = {"week": WEEK, "unit": "001", "capacity": 3, "as_of": date(2019, 6, 16), "seed": "s"}
    with writing(desk.engine) as connection:
        number = draw_list(connection, Draw(**chosen | changed), find_user(connection, login), NOW)
        return [
            (row["rank"], row["parcel_id"], str(row["drawn"]), row["expected_loss_minor"])
            for row in tasks_of(connection, number)
        ]


def test_the_greatest_losses_and_a_tenth_by_chance_make_the_list(desk: Desk) -> None:
    tasks = _draw(desk)
    assert [(rank, parcel, drawn) for rank, parcel, drawn, _ in tasks[:2]] == [
        (1, "p000", "ranked"),
        (2, "p001", "ranked"),
    ]
    assert tasks[0][3] is not None
    assert (tasks[2][0], tasks[2][2]) == (3, "random")
    assert tasks[2][1] in {"p002", "p003", "p004"}  # p005 has no outline
    with desk.engine.connect() as connection:
        drawn = list_of(connection, WEEK, "001")
        assert drawn is not None
        assert (drawn["candidates"], drawn["capacity"], drawn["drawn_by"], drawn["seed"]) == (5, 3, "rob", "s")
        assert list_of(connection, WEEK, "010") is None


def test_a_unit_draws_from_its_own_parcels_and_those_of_none(desk: Desk) -> None:
    parcels = {parcel for _, parcel, _, _ in _draw(desk, "berta", unit="020", capacity=9)}
    assert parcels == {"p002", "p003", "p004"}
    for login, unit, said in (
        ("olga", "020", "not above"),
        ("olga", "001", "not above"),
        ("ada", "001", "has the role"),
    ):
        with pytest.raises(InputError, match=said):
            _draw(desk, login, unit=unit)


def test_what_was_visited_is_not_drawn_again(desk: Desk) -> None:
    desk.visit("confirmed", parcel="p000")
    tasks = _draw(desk, as_of=TODAY, capacity=5)
    assert "p000" not in {parcel for _, parcel, _, _ in tasks}
    assert len(tasks) == 4


def test_a_list_stays_as_it_was_drawn(desk: Desk) -> None:
    _draw(desk)
    with pytest.raises(DBAPIError, match="never change"), desk.engine.begin() as connection:
        connection.execute(text("UPDATE visit_list SET capacity = 9"))
    with pytest.raises(DBAPIError, match=r"(?i)unique"):
        _draw(desk)


def test_days_ahead_and_units_without_a_watch_are_refused(desk: Desk) -> None:
    with pytest.raises(InputError, match="lies ahead"):
        _draw(desk, as_of=TODAY + timedelta(days=1))
    with pytest.raises(DataError, match="growth watch"):
        _draw(desk, as_of=date(2019, 6, 10))


def test_weeks_are_written_as_iso_says() -> None:
    assert monday_of("2026-W48") == date(2026, 11, 23)
    assert monday_of("2020-w53") == date(2020, 12, 28)
    for wrong in ("2026-48", "2026-W54", "next", "2026-W4", "2026-W48-2", ""):
        with pytest.raises(InputError, match="is no week"):
            monday_of(wrong)


def _table(desk: Desk, **wanted: Any) -> list[dict[str, Any]]:
    with desk.engine.connect() as connection:
        return outcomes(connection, **wanted).to_pylist()


def test_outcomes_are_of_the_list_that_asked_for_the_visit(desk: Desk) -> None:
    chance = _draw(desk)[2][1]
    desk.visit("not_reached", captured_at=datetime(2019, 6, 17, 9, tzinfo=UTC))
    desk.visit("confirmed")
    desk.visit("not_confirmed", parcel="p001")
    unalerted = chance == "p003"
    more = {"parcel_id": "p003"} if unalerted else {}
    desk.visit(
        "other_cause", parcel=None if unalerted else chance, cause_found="hail", officers=("rob", "rita"), **more
    )
    first, second, third = _table(desk)
    assert (first["subject_id"], first["outcome"], first["level"], first["rank"]) == ("p000", "confirmed", "warning", 1)
    assert (first["drawn"], first["draw_probability"], first["confidence"]) == ("ranked", None, 0.75)
    assert (second["cause"], second["outcome"]) == ("abrupt_loss", "not_confirmed")
    assert (third["drawn"], third["draw_probability"]) == ("random", pytest.approx(1 / 3))
    with desk.engine.connect() as connection:
        table = outcomes(connection)
    assert next((row.reached, row.confirmed) for row in precision(table)) == (2, 1)
    assert misses(table).found == int(unalerted)


def test_a_miss_is_something_found_by_chance_where_no_alert_was(desk: Desk) -> None:
    seed = next(str(n) for n in range(99) if _chance(desk, n) == "p003")
    assert seed
    desk.visit("confirmed", parcel=None, parcel_id="p003", cause_found="hail", officers=("rob", "rita"))
    (row,) = _table(desk)
    assert (row["drawn"], row["level"], row["cause"], row["outcome"]) == ("random", "none", None, "confirmed")
    with desk.engine.connect() as connection:
        found = misses(outcomes(connection))
    assert (found.drawn, found.reached, found.found) == (1, 1, 1)


def _chance(desk: Desk, number: int) -> str:
    """Parcel that a seed draws; a list that drew another one is taken back."""
    with writing(desk.engine) as connection:
        undone = connection.begin_nested()
        draw = Draw(WEEK, "001", 3, date(2019, 6, 16), str(number))
        tasks = tasks_of(connection, draw_list(connection, draw, find_user(connection, "rob"), NOW))
        parcel = str(tasks[2]["parcel_id"])
        if parcel != "p003":
            undone.rollback()
    return parcel


def test_visits_that_no_list_asked_for_are_told_apart(desk: Desk) -> None:
    desk.visit("confirmed")
    (row,) = _table(desk)
    assert (row["drawn"], row["rank"], row["level"]) == ("asked", None, "warning")
    assert _table(desk, first=date(2019, 6, 19)) == []
    assert _table(desk, last=date(2019, 6, 17)) == []
    assert len(_table(desk, first=date(2019, 6, 18), last=date(2019, 6, 18), unit="010")) == 1
    assert _table(desk, unit="020") == []
    with desk.engine.connect() as connection:
        assert connection.scalars(select(VisitTask.id)).all() == []
        assert connection.scalars(select(VisitList.id)).all() == []
