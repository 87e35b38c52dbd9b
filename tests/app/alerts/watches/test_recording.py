from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select, update

from app.alerts.watches.history import History
from app.alerts.watches.recording import (
    FOUND_AGAIN,
    NOT_FOUND,
    ROSE_AGAIN,
    SEASON_OVER,
    WatchRow,
    is_recorded,
    record_watch,
)
from app.alerts.watches.replaying import Replay, compare, later_watch
from app.db.engine import writing
from app.db.loading import load_run
from app.db.tables import Alert, AlertEvent, OrgUnit, User, Watch
from geo.errors import InputError
from tests.app.alerts.told import SEASON_ID, Line, day, told
from tests.app.db.made_up import made_up_run

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LOSS = "abrupt_loss"
OPENED = ("p000", LOSS, "06-01", "06-01", "opened", "watch")
RAISED = ("p000", LOSS, "06-01", "06-11", "raised", "warning")
ENDED = ("p000", LOSS, "06-01", "07-01", "ended", "none")
OTHER = ("p001", LOSS, "06-01", "06-01", "opened", "info")


def _watch(as_of: str, run_id: str = "run-1", **more: Any) -> WatchRow:
    on = day(as_of)
    said: dict[str, Any] = {
        "id": f"{on:%Y%m%d}-{run_id}",
        "run_id": run_id,
        "as_of": on,
        "season_id": SEASON_ID,
        "rules_id": "growth-1",
        "rules_hash": "ab" * 32,
        "inputs_hash": "cd" * 32,
        "code_version": "0.1.0",
        "causes": frozenset({LOSS, "not_sown"}),
        "counts": {"parcels": 6, "judged": 5},
    }
    return WatchRow(**said | more)


class Book:
    """A database with two runs over the same parcels and one over others, and what watches write to it."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        for number, run_id in enumerate(("run-1", "run-2"), 1):
            load_run(engine, *made_up_run(run_id, day=number).tables, now=NOW)

    def watch(self, as_of: str, *lines: Line, chips: Any = None, **more: Any) -> dict[str, int]:
        with writing(self.engine) as connection:
            return record_watch(connection, _watch(as_of, **more), History.of(told(*lines)), chips or {}, NOW)

    def replay(self, as_of: str, *lines: Line, **more: Any) -> Replay | None:
        with self.engine.connect() as connection:
            watch = _watch(as_of, **more)
            later = later_watch(connection, watch)
            return later and compare(connection, watch, History.of(told(*lines)), later)

    def rows(self, wanted: Any) -> list[Any]:
        with self.engine.connect() as connection:
            return list(connection.execute(wanted))

    def alerts(self) -> dict[tuple[str, date], Any]:
        return {(row.parcel_id, row.opened_on): row for row in self.rows(select(Alert.__table__))}

    def lines(self, parcel: str = "p000") -> list[tuple[str, date, str]]:
        wanted = select(AlertEvent.kind, AlertEvent.happened_on, AlertEvent.level).join(Alert)
        rows = self.rows(wanted.where(Alert.parcel_id == parcel).order_by(AlertEvent.id))
        return [(str(kind), on, str(level)) for kind, on, level in rows]

    def evidence(self, kind: str) -> dict[str, Any]:
        (found,) = self.rows(select(AlertEvent.evidence).where(AlertEvent.kind == kind))
        return dict(found[0])

    def close(self, status: str = "closed") -> None:
        with writing(self.engine) as connection:
            connection.execute(update(Alert).values(status=status, closed_at=NOW))


@pytest.fixture
def book(engine: Engine) -> Book:
    return Book(engine)


def test_a_watch_writes_alerts_with_their_history(book):
    counts = book.watch("07-05", OPENED, RAISED, ENDED, OTHER)
    assert counts == {
        "parcels": 6, "judged": 5, "opened": 2, "raised": 1, "lowered": 0, "ended": 1, "withdrawn": 0, "reopened": 0,
    }  # fmt: skip
    gone, seen = (book.alerts()[parcel, day("06-01")] for parcel in ("p000", "p001"))
    assert (gone.level, gone.ended_on, gone.changed_on, gone.status) == ("warning", day("07-01"), day("07-01"), "open")
    assert (gone.severity, gone.probability, gone.scope) == (0.625, 0.5, "own")  # as it was while it was seen
    assert (seen.level, seen.ended_on, seen.changed_on) == ("info", None, day("06-01"))
    assert book.lines() == [
        ("opened", day("06-01"), "watch"), ("raised", day("06-11"), "warning"), ("ended", day("07-01"), "warning"),
    ]  # fmt: skip
    (watch,) = book.rows(select(Watch.__table__))
    assert (watch.counts, watch.as_of, watch.created_by_id) == (counts, day("07-05"), None)


def test_evidence_says_what_the_change_rests_on(book):
    chips = {"before": {"day": "2019-05-20", "file": "chips/a.png"}}
    history = History.of(told(OPENED))
    book.watch("06-05", OPENED, chips={history.keys[0]: chips})
    assert book.evidence("opened") == {
        "dates": ["2019-05-20", "2019-05-30"],
        "values": [0.75, 0.25],
        "value": 0.25,
        "expected": {"low": 0.5, "high": None},
        "neighbours_fallen": 0.125,
        "severity": 0.625,
        "confidence": 0.75,
        "probability": 0.5,
        "scope": "own",
        "why": "",
        "event_from": "2019-05-20",
        "event_on": "2019-05-30",
        "look_day": "2019-06-01",
        "rule": "losses-1",
        "rules": {"id": "growth-1", "hash": "ab" * 32},
        "run_id": "run-1",
        "chips": chips,
    }


def test_a_later_watch_adds_only_what_is_new(book):
    book.watch("06-05", OPENED, OTHER)
    counts = book.watch("06-12", OPENED, RAISED, OTHER)
    assert (counts["opened"], counts["raised"]) == (0, 1)
    assert [kind for kind, *_ in book.lines()] == ["opened", "raised"]
    assert book.alerts()["p000", day("06-01")].level == "warning"
    assert book.watch("06-13", OPENED, RAISED, OTHER)["raised"] == 0
    assert len(book.rows(select(AlertEvent.id))) == 3


def test_a_watch_is_on_record_once(book):
    book.watch("06-05", OPENED)
    with book.engine.connect() as connection:
        assert is_recorded(connection, _watch("06-05").id)
        assert not is_recorded(connection, _watch("06-06").id)


def test_what_another_run_does_not_find_is_withdrawn_and_found_again_it_is_reopened(book):
    book.watch("06-05", OPENED, OTHER)
    assert book.watch("06-08", OTHER, run_id="run-2")["withdrawn"] == 1
    alert = book.alerts()["p000", day("06-01")]
    assert (alert.ended_on, alert.changed_on, alert.status) == (day("06-08"), day("06-08"), "open")
    assert book.evidence("withdrawn")["why"] == NOT_FOUND
    assert book.watch("06-09", OPENED, OTHER)["reopened"] == 1
    assert book.alerts()["p000", day("06-01")].ended_on is None
    assert book.evidence("reopened")["why"] == FOUND_AGAIN


def test_many_withdrawals_at_once_are_refused_unless_accepted(book):
    lines = [("p000", f"cause_{number}", "06-01", "06-01", "opened", "watch") for number in range(12)]
    causes = frozenset(cause for _, cause, *_ in lines)
    book.watch("06-05", *lines, causes=causes)
    with pytest.raises(InputError, match="would withdraw 12 of 12 alerts"):
        book.watch("06-08", run_id="run-2", causes=causes)
    assert len(book.lines()) == 12
    assert book.watch("06-08", run_id="run-2", causes=causes, accept_withdrawals=True)["withdrawn"] == 12


def test_runs_that_take_turns_on_one_day_write_each_line_once(book):
    for number, lines in enumerate(((OPENED,), (), (OPENED,), (), (OPENED,))):
        book.watch("06-05", *lines, run_id=f"run-{1 + number % 2}", id=f"turn-{number}")
    assert [kind for kind, *_ in book.lines()] == ["opened", "withdrawn", "reopened"]
    assert book.alerts()["p000", day("06-01")].ended_on is None


def test_an_alert_that_a_new_run_dates_otherwise_takes_the_place_of_the_old_one(book):
    book.watch("06-05", OPENED)
    book.watch("06-12", ("p000", LOSS, "05-25", "05-25", "opened", "watch"), run_id="run-2")
    assert {opened: row.ended_on for (_, opened), row in book.alerts().items()} == {
        day("06-01"): day("06-12"), day("05-25"): None,
    }  # fmt: skip


def test_causes_that_a_watch_did_not_look_for_stay_as_they_are(book):
    book.watch("06-05", ("p000", "flood", "06-01", "06-01", "opened", "watch"), causes=frozenset({"flood"}))
    assert book.watch("06-08")["withdrawn"] == 0
    assert book.alerts()["p000", day("06-01")].ended_on is None


def test_an_alert_of_an_earlier_season_ends_with_the_first_watch_of_the_next(book):
    book.watch("06-05", OPENED)
    season = "2019-11-01/2020-10-31"
    later = ("p000", LOSS, "2020-03-01", "2020-03-01", "opened", "watch")
    with writing(book.engine) as connection:
        watch = _watch("2020-03-02", season_id=season, run_id="run-2")
        record_watch(connection, watch, History.of(told(later, season_id=season)), {}, NOW)
    assert book.alerts()["p000", day("06-01")].ended_on == date(2020, 3, 2)
    assert book.evidence("ended")["why"] == SEASON_OVER


@pytest.mark.parametrize("status", ["closed", "false_alarm"])
def test_an_alert_that_people_closed_opens_again_when_it_rises_and_not_otherwise(book, status):
    book.watch("06-05", OPENED)
    book.close(status)
    book.watch("06-06", OPENED)
    assert book.alerts()["p000", day("06-01")].status == status
    assert book.watch("06-12", OPENED, RAISED)["reopened"] == 1
    alert = book.alerts()["p000", day("06-01")]
    assert (alert.status, alert.closed_at) == ("open", None)
    assert book.evidence("reopened")["why"] == ROSE_AGAIN
    book.close(status)
    book.watch("07-05", OPENED, RAISED, ENDED)
    assert book.alerts()["p000", day("06-01")].status == status


def test_a_watch_of_an_earlier_day_is_compared(book):
    book.watch("07-05", OPENED, RAISED, ENDED, OTHER)
    assert book.replay("07-05", OPENED, RAISED, ENDED, OTHER) is None  # the same day is no replay
    replay = book.replay("06-12", OPENED, RAISED, OTHER)
    assert (replay.same, replay.differences, replay.later_day) == (3, (), day("07-05"))
    replay = book.replay("06-12", OPENED, ("p002", LOSS, "06-02", "06-02", "opened", "watch"))
    assert [(one.side, one.parcel_id, one.kind, one.level) for one in replay.differences] == [
        ("record", "p000", "raised", "warning"), ("record", "p001", "opened", "info"),
        ("replay", "p002", "opened", "watch"),
    ]  # fmt: skip


def test_a_run_over_other_parcels_has_days_of_its_own(book):
    other = made_up_run("run-3", n=2)
    for table in (other.parcels_geo, other.parcels, other.seasons, other.limits):
        for column in {"parcel_id", "subject_id"} & set(table.columns):
            table[column] = table[column].str.replace("p", "q")
    load_run(book.engine, *other.tables, now=NOW)
    book.watch("07-05", OPENED)
    assert book.replay("06-12", run_id="run-3") is None
    assert book.replay("06-12", run_id="run-2") is not None


def test_a_watch_names_who_asked(book):
    span = {"valid_from": NOW, "recorded_at": NOW}
    with writing(book.engine) as connection:
        connection.execute(insert(OrgUnit), [{"id": 1, "code": "1", "name": "x", "kind": "branch", **span}])
        person = {"login": "r", "display_name": "r", "role": "risk", "language": "en", "active": True}
        connection.execute(insert(User), [{"id": 7, "org_unit_id": 1, **person, **span}])
        record_watch(connection, replace(_watch("06-05"), created_by=7), History.of(told()), {}, NOW)
    assert book.rows(select(Watch.created_by_id)) == [(7,)]


def test_parcels_that_a_watch_could_not_judge_keep_their_alerts(book):
    book.watch("06-05", OPENED, OTHER)
    assert book.watch("06-08", run_id="run-2", unjudged=frozenset({"p000"}))["withdrawn"] == 1
    ended = {parcel: row.ended_on for (parcel, _), row in book.alerts().items()}
    assert ended == {"p000": None, "p001": day("06-08")}
