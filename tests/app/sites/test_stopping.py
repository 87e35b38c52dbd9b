from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, delete, insert, select, true, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.book.decisions.people import NewUser, add_unit, add_user, find_user
from app.db.base import Base
from app.db.engine import writing
from app.db.tables import Alert, SiteResumption, SiteStop
from app.db.tables.kinds import OrgKind, UserRole
from app.sites.plans import Which, planned_sites
from app.sites.showing import show_site
from app.sites.stopping import resume_site, stop_site
from app.sites.stops import standing_stop, stopped_sites, stops_of
from geo.errors import InputError

NOW = datetime(2026, 11, 10, 9, tzinfo=UTC)
#: After the book was opened.
LATER = datetime(2026, 11, 23, tzinfo=UTC)
SITE = "solar-1"


def stop(
    engine: Engine, login: str, site: str = SITE, now: datetime = NOW, reason: str = "loan repaid"
) -> tuple[bool, tuple[int, ...]]:
    with writing(engine) as connection:
        stopped = stop_site(connection, site, find_user(connection, login), now, reason)
        return stopped.already, stopped.alerts


def resume(engine: Engine, login: str, now: datetime) -> bool:
    with writing(engine) as connection:
        return resume_site(connection, SITE, find_user(connection, login), now)


def watched(engine: Engine, at: datetime, which: Which = "watched") -> list[str]:
    with engine.connect() as connection:
        return [site.plan.site_id for site in planned_sites(connection, at, true(), which)]


def test_a_stopped_site_is_watched_no_more_and_keeps_what_was_seen(book: Engine) -> None:
    with book.connect() as connection:
        alert = connection.scalars(select(Alert.id)).one()
    assert stop(book, "rita") == (False, (alert,))
    assert (watched(book, NOW - timedelta(days=1)), watched(book, NOW)) == ([SITE], [])
    assert (watched(book, NOW - timedelta(days=1), "stopped"), watched(book, NOW, "stopped")) == ([], [SITE])
    assert watched(book, NOW, "all") == [SITE]
    assert stop(book, "rita", now=NOW + timedelta(days=1), reason="again") == (True, (alert,))
    with book.connect() as connection:
        shown = show_site(connection, SITE, NOW + timedelta(days=2))
    assert shown.stop is not None
    assert (shown.stop.stopped_at, shown.stop.reason) == (NOW, "loan repaid")  # the second word changed nothing
    assert shown.standing is not None
    assert (shown.standing["as_of"], [one["cause"] for one in shown.alerts]) == (date(2026, 11, 9), ["behind_plan"])
    assert shown.as_dict()["watched"] is False


def test_a_site_that_was_stopped_by_mistake_is_taken_up_again(book: Engine) -> None:
    stop(book, "rita")
    assert resume(book, "rita", NOW)
    assert not resume(book, "rita", NOW + timedelta(days=1))
    assert watched(book, NOW) == [SITE]


def test_who_stopped_a_site_and_why_stays_readable_after_it_is_taken_up_again(book: Engine) -> None:
    """The past of each stop is read back, however often it was stopped."""
    days = [NOW + timedelta(days=step) for step in range(4)]
    stop(book, "rita", now=days[0])
    assert resume(book, "ada", days[1])
    stop(book, "ada", now=days[2], reason="sold")
    assert [watched(book, day) for day in days] == [[], [SITE], [], []]
    assert watched(book, days[1] - timedelta(seconds=1), "stopped") == [SITE]
    with book.connect() as connection:
        first, second = stops_of(connection, SITE)
        standing = standing_stop(connection, SITE)
        held = {day: list(stopped_sites(connection, day)) for day in days}
    assert (first.stopped_at, first.stopped_by, first.reason) == (days[0], "rita", "loan repaid")
    assert (first.resumed_at, first.resumed_by) == (days[1], "ada")
    assert (second.stopped_by, second.reason, second.resumed_at, second.resumed_by) == ("ada", "sold", None, None)
    assert standing == second
    assert held == {days[0]: [SITE], days[1]: [], days[2]: [SITE], days[3]: [SITE]}


def test_a_clock_that_was_set_back_ends_a_stop_no_sooner_than_it_began(book: Engine) -> None:
    stop(book, "rita")
    assert resume(book, "rita", NOW - timedelta(hours=1))
    with book.connect() as connection:
        (known,) = stops_of(connection, SITE)
    assert known.resumed_at == known.stopped_at == NOW
    assert watched(book, NOW) == [SITE]


@pytest.mark.parametrize(
    ("reason", "code"), [("  ", "REASON_MISSING"), ("x" * 256, "REASON_LONG"), ("see 13912345678", "NOTE_NAMES")]
)
def test_a_stop_needs_a_short_reason_that_names_nobody(book: Engine, reason: str, code: str) -> None:
    with pytest.raises(InputError) as refused:
        stop(book, "rita", reason=reason)
    assert refused.value.code == code
    assert watched(book, NOW) == [SITE]


@pytest.mark.parametrize("table", [SiteStop, SiteResumption])
@pytest.mark.parametrize("change", [update, delete])
def test_what_was_stopped_and_taken_up_is_never_changed(book: Engine, table: type[Base], change: Any) -> None:
    stop(book, "rita")
    resume(book, "rita", NOW)
    statement = change(table)
    if change is update:
        statement = statement.values({name: NOW for name in ("stopped_at", "resumed_at") if hasattr(table, name)})
    with pytest.raises(DBAPIError, match=r"never change"), writing(book) as connection:
        connection.execute(statement)


def test_a_site_is_stopped_with_who_said_so_and_why_or_with_neither(book: Engine) -> None:
    with writing(book) as connection:
        connection.execute(insert(SiteStop).values(parcel_id=SITE, stopped_at=NOW))  # from before both were kept
    with book.connect() as connection:
        (known,) = stops_of(connection, SITE)
    assert (known.stopped_by, known.reason) == (None, None)
    with pytest.raises(IntegrityError, match="said"), writing(book) as connection:
        connection.execute(insert(SiteStop).values(parcel_id=SITE, stopped_at=NOW, reason="repaid"))


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
