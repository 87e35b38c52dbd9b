from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, true

from app.book.decisions.people import NewUser, add_unit, add_user, find_user
from app.db.engine import writing
from app.db.tables import Alert
from app.db.tables.kinds import OrgKind, UserRole
from app.sites.plans import planned_sites
from app.sites.showing import show_site
from app.sites.stopping import resume_site, stop_site
from geo.errors import InputError
from tests.app.book.made_up_book import open_bank
from tests.app.sites.standing_sites import stand_site

NOW = datetime(2026, 11, 10, 9, tzinfo=UTC)
#: After the book was opened.
LATER = datetime(2026, 11, 23, tzinfo=UTC)
SITE = "solar-1"


@pytest.fixture
def book(engine: Engine, tmp_path: Path) -> Engine:
    open_bank(engine)
    stand_site(engine, tmp_path)
    return engine


def stop(engine: Engine, login: str, site: str = SITE, now: datetime = NOW) -> tuple[bool, tuple[int, ...]]:
    with writing(engine) as connection:
        stopped = stop_site(connection, site, find_user(connection, login), now)
        return stopped.already, stopped.alerts


def watched(engine: Engine, at: datetime) -> list[str]:
    with engine.connect() as connection:
        return [site.plan.site_id for site in planned_sites(connection, at, true())]


def test_a_stopped_site_is_watched_no_more_and_keeps_what_was_seen(book: Engine) -> None:
    with book.connect() as connection:
        alert = connection.scalars(select(Alert.id)).one()
    assert stop(book, "rita") == (False, (alert,))
    assert (watched(book, NOW - timedelta(days=1)), watched(book, NOW)) == ([SITE], [])
    assert stop(book, "rita", now=NOW + timedelta(days=1)) == (True, (alert,))
    with book.connect() as connection:
        shown = show_site(connection, SITE, NOW + timedelta(days=2))
    assert shown.ended_at == NOW  # the second word changed nothing
    assert shown.standing is not None
    assert (shown.standing["as_of"], [one["cause"] for one in shown.alerts]) == (date(2026, 11, 9), ["behind_plan"])
    assert shown.as_dict()["watched"] is False


def test_a_site_that_was_stopped_by_mistake_is_taken_up_again(book: Engine) -> None:
    stop(book, "rita")
    with writing(book) as connection:
        rita = find_user(connection, "rita")
        assert resume_site(connection, SITE, rita)
        assert not resume_site(connection, SITE, rita)
    assert watched(book, NOW) == [SITE]


@pytest.mark.parametrize(
    ("login", "site", "code"),
    [("olga", SITE, "ROLE_LACKS"), ("rita", "p000", "SITE_UNKNOWN"), ("far", SITE, "NOT_IN_UNIT")],
)
def test_who_may_not_stop_a_site_changes_nothing(book: Engine, login: str, site: str, code: str) -> None:
    with writing(book) as connection:
        ada = find_user(connection, "ada")
        add_unit(connection, "009", "Far", OrgKind.BRANCH, "001", LATER)
        add_user(connection, NewUser("far", "Far", UserRole.RISK, "009", "en"), ada, LATER)
    with pytest.raises(InputError) as refused:
        stop(book, login, site)
    assert refused.value.code == code
    assert watched(book, NOW) == [SITE]


def test_what_is_shown_of_a_site_is_that_of_the_newest_watch_up_to_a_day(book: Engine) -> None:
    with book.connect() as connection:
        newest, earlier = show_site(connection, SITE, NOW), show_site(connection, SITE, NOW, date(2026, 10, 20))
        never = show_site(connection, SITE, NOW, date(2020, 1, 1))
        with pytest.raises(InputError, match="no site 'solar-2'") as refused:
            show_site(connection, "solar-2", NOW)
    assert refused.value.remedy == "Near it: solar-1."
    assert newest.standing is not None
    assert earlier.standing is not None
    assert (newest.standing["as_of"], earlier.standing["as_of"]) == (date(2026, 11, 9), date(2026, 10, 10))
    assert (never.standing, never.as_dict()["standing"]) == (None, None)
    reached = {one["kind"]: one["by"] for one in newest.milestones()}
    assert list(reached) == ["cleared", "being_built", "complete", "steady"]
    assert reached["being_built"] is not None
    assert reached["complete"] is None
