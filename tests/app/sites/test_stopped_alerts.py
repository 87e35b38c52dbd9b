"""Alerts of a stopped site on the work list: named as such, and closed by whom they concern."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine, select, update

from app.alerts.visits.weeks import Draw, draw_list, tasks_of
from app.alerts.worklist.listing import Listed, Wanted, list_alerts
from app.alerts.worklist.workflow import Act, close
from app.book.decisions.people import find_user
from app.db.engine import writing
from app.db.tables import Alert
from app.sites.stopping import resume_site, stop_site
from geo.errors import InputError

STOPPED = datetime(2026, 11, 12, 9, tzinfo=UTC)
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
SITE = "solar-1"


def stop(engine: Engine) -> None:
    with writing(engine) as connection:
        stop_site(connection, SITE, find_user(connection, "rita"), STOPPED, "loan repaid")


def listed(engine: Engine, as_of: date | None = None) -> Listed:
    with engine.connect() as connection:
        (alert,) = list_alerts(connection, Wanted(as_of=as_of), NOW.date()).alerts
    return alert


def close_as(engine: Engine, login: str) -> tuple[int, ...]:
    with writing(engine) as connection:
        number = connection.scalars(select(Alert.id)).one()
        return close(connection, [number], Act(find_user(connection, login), NOW, "financed no more")).changed


def test_the_work_list_says_since_when_a_site_is_watched_no_more(book: Engine) -> None:
    assert listed(book).stopped_on is None
    stop(book)
    assert listed(book).stopped_on == STOPPED.date()
    assert listed(book, date(2026, 11, 11)).stopped_on is None
    assert listed(book, date(2026, 11, 12)).stopped_on == STOPPED.date()
    with writing(book) as connection:
        resume_site(connection, SITE, find_user(connection, "rita"), NOW)
    assert listed(book).stopped_on is None
    assert listed(book, date(2026, 11, 15)).stopped_on == STOPPED.date()


def test_an_officer_closes_what_no_watch_will_end(book: Engine) -> None:
    with pytest.raises(InputError, match="nobody was there"):
        close_as(book, "olga")
    stop(book)
    assert len(close_as(book, "olga")) == 1


def test_an_alert_of_crops_on_a_stopped_site_is_closed_as_any_other(book: Engine) -> None:
    """Crops are watched on, whatever becomes of the site that is planned there."""
    stop(book)
    with writing(book) as connection:
        connection.execute(update(Alert).values(season_id="2026-04-01/2026-10-31"))
    assert listed(book).stopped_on is None
    with pytest.raises(InputError, match="nobody was there"):
        close_as(book, "olga")


def drawn_for_a_visit(engine: Engine, week: date) -> list[str]:
    with writing(engine) as connection:
        draw = Draw(week, unit="001", capacity=5, as_of=NOW.date(), seed="1", random_share=0.0)
        number = draw_list(connection, draw, find_user(connection, "rita"), NOW)
        return [task["parcel_id"] for task in tasks_of(connection, number) if task["alert_id"] is not None]


def test_nobody_is_sent_to_a_stopped_site_for_its_alert(book: Engine) -> None:
    assert drawn_for_a_visit(book, date(2026, 11, 16)) == [SITE]
    stop(book)
    assert drawn_for_a_visit(book, date(2026, 11, 23)) == []
