"""The whole job, with what was seen written down by hand."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from sqlalchemy import Engine, func, select

from app.book.decisions.people import find_user
from app.cli.site_watch_tables import print_site, print_sites_watch
from app.db import tables as t
from app.db.engine import writing
from app.jobs.lock import sole_user
from app.jobs.progress import Silent
from app.jobs.sitewatch import job
from app.jobs.sitewatch.job import watch_sites
from app.jobs.sitewatch.summary import SiteWatchSummary
from app.sites.plans import PlannedSite
from app.sites.showing import show_site
from app.sites.stopping import stop_site
from geo.errors import InputError
from geo.sites import SiteType
from tests.app.book.made_up_book import open_bank
from tests.app.sites.looked_sites import ago, asking, at, looked, plan_sites
from tests.app.sites.made_up_sites import MadeUpSite

LATE = MadeUpSite(late_days=150)
FARM = MadeUpSite(kind=SiteType.WIND, place=(115.9, 33.37), late_days=0)
DAY = LATE.as_of
SITES = {site.name: site for site in (LATE, FARM)}


@pytest.fixture
def watch(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., SiteWatchSummary]:
    def look(request: Any, sites: list[PlannedSite], *_: Any) -> Any:
        return looked([SITES[site.plan.site_id] for site in sites], request.as_of, request.runs)

    monkeypatch.setattr(job, "look_at_sites", look)

    def asked(as_of: date = DAY, now: datetime | None = None, **more: Any) -> SiteWatchSummary:
        moment = now or at(as_of, 20)
        return watch_sites(asking(tmp_path / "runs", as_of, **more), engine, Silent(), lambda: moment)

    return asked


@pytest.fixture
def book(engine: Engine) -> Engine:
    open_bank(engine)
    plan_sites(engine, at(ago(DAY, 500), 9), LATE.plan, FARM.plan)
    return engine


def count(engine: Engine, table: Any) -> int:
    with engine.connect() as connection:
        return connection.scalars(select(func.count()).select_from(table)).one()


@pytest.mark.usefixtures("book")
def test_a_watch_says_how_sites_stand_and_what_is_new(watch: Callable[..., SiteWatchSummary]) -> None:
    found = watch()
    assert (found.done, found.simulated, found.rules) == ("recorded", True, "sites-1")
    by_name = {site.site_id: site for site in found.sites}
    assert {name: site.standing for name, site in by_name.items()} == {"solar-1": "action", "wind-1": "on_track"}
    solar = by_name["solar-1"]
    assert (solar.next_kind, solar.next_due) == ("complete", ago(DAY, 10))
    assert solar.low is not None
    assert solar.high is not None
    assert solar.low < LATE.true_share(LATE.days[-1]) < solar.high
    assert {line.cause for line in found.lines} >= {"behind_plan"}
    assert found.new is not None
    assert found.new["opened"] + found.new["raised"] + found.new["lowered"] + found.new["ended"] == len(found.lines)
    said = json.loads(json.dumps(found.as_dict()))
    assert said["standings"] == {"action": 1, "on_track": 1}
    assert said["sites"][0]["seen_on"] == LATE.days[-1].isoformat()


def test_the_same_request_again_does_nothing_however_much_later(
    book: Engine, watch: Callable[..., SiteWatchSummary]
) -> None:
    first = watch()
    again = watch(now=at(DAY, 20) + timedelta(days=3))
    assert (again.done, again.watch_id, again.new, again.lines) == ("stands", first.watch_id, None, ())
    assert (count(book, t.Watch), count(book, t.SiteStanding)) == (1, 2)


def test_a_dry_run_records_nothing(book: Engine, watch: Callable[..., SiteWatchSummary]) -> None:
    dry = watch(dry_run=True)
    assert (dry.done, dry.new) == ("dry run", None)
    assert [count(book, table) for table in (t.Watch, t.SiteStanding, t.SiteLook, t.Alert)] == [0] * 4
    assert watch().watch_id == dry.watch_id


def test_only_the_sites_that_are_named_are_watched(book: Engine, watch: Callable[..., SiteWatchSummary]) -> None:
    assert [site.site_id for site in watch(sites=("wind-1",)).sites] == ["wind-1"]
    assert count(book, t.SiteStanding) == 1


def test_an_earlier_day_is_a_replay(book: Engine, watch: Callable[..., SiteWatchSummary]) -> None:
    first = watch()
    replay = watch(as_of=ago(DAY, 60), now=at(DAY, 21))
    assert replay.done == "replay"
    assert replay.replay is not None
    assert (replay.replay.later, replay.replay.differences) == (first.watch_id, ())
    assert replay.as_dict()["replay"]["later_day"] == DAY.isoformat()
    assert count(book, t.Watch) == 1


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"sites": ("wind-2",)}, "SITE_UNKNOWN"),
        ({"as_of": DAY + timedelta(days=3), "now": at(DAY, 9)}, "AS_OF_AHEAD"),
        ({"as_of": date(2014, 12, 31), "now": at(DAY, 9)}, "ALERT_RULES_NOT_IN_FORCE"),
        ({"rules": "sites-9"}, "ALERT_RULES_UNKNOWN"),
        ({"protect": frozenset({"ricee"})}, "SITES_USE_UNKNOWN"),
        ({"land_use": Path("absent.tif")}, "SITES_LAND_USE"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    book: Engine, watch: Callable[..., SiteWatchSummary], more: dict[str, Any], code: str
) -> None:
    with pytest.raises(InputError) as refused:
        watch(**more)
    assert refused.value.code == code
    assert count(book, t.Watch) == 0


def test_a_book_without_sites_says_how_to_take_some_in(watch: Callable[..., SiteWatchSummary]) -> None:
    with pytest.raises(InputError, match="No site is watched") as refused:
        watch()
    assert "acreline sites import" in (refused.value.remedy or "")


def test_a_stopped_site_is_told_with_its_open_alerts_and_asked_for_in_vain(
    book: Engine, watch: Callable[..., SiteWatchSummary]
) -> None:
    first = watch()
    alerts = tuple(sorted({line.alert for line in first.lines if line.site_id == "solar-1"}))
    assert alerts
    assert first.stopped == ()
    stop(book, "solar-1")
    again = watch(as_of=DAY, now=at(DAY, 23), dry_run=True)
    assert [site.site_id for site in again.sites] == ["wind-1"]
    (halted,) = again.stopped
    assert (halted.site_id, halted.stopped_on, halted.alerts) == ("solar-1", at(DAY, 21).date(), alerts)
    assert again.as_dict()["stopped"][0]["alerts"] == list(alerts)
    console = Console(file=io.StringIO(), width=200)
    print_sites_watch(console, again)
    assert "solar-1 was stopped on" in console.file.getvalue()  # type: ignore[attr-defined]  # a StringIO
    assert f"`acreline alerts close {' '.join(map(str, alerts))} --by" in console.file.getvalue()  # type: ignore[attr-defined]
    with pytest.raises(InputError, match=r"stopped .* by ada: sold") as refused:
        watch(sites=("solar-1",), now=at(DAY, 23))
    assert (refused.value.code, "resume solar-1" in (refused.value.remedy or "")) == ("SITE_STOPPED", True)
    stop(book, "wind-1")
    with pytest.raises(InputError, match="No site is watched") as none:
        watch(now=at(DAY, 23))
    assert "2 stopped" in (none.value.remedy or "")


def stop(engine: Engine, site: str) -> None:
    with writing(engine) as connection:
        stop_site(connection, site, find_user(connection, "ada"), at(DAY, 21), "sold")


@pytest.mark.usefixtures("book")
def test_one_watch_at_a_time(watch: Callable[..., SiteWatchSummary], tmp_path: Path) -> None:
    with sole_user(tmp_path / "runs"), pytest.raises(InputError) as refused:
        watch()
    assert refused.value.code == "OUT_IN_USE"


@pytest.mark.usefixtures("book")
def test_an_alert_that_a_site_gives_is_told_by_its_line(watch: Callable[..., SiteWatchSummary]) -> None:
    watch(as_of=ago(DAY, 60))
    later = watch()
    assert all(ago(DAY, 60) < line.day <= DAY for line in later.lines)


def printed(show: Callable[[Console], None]) -> str:
    out = io.StringIO()
    show(Console(file=out, width=200))
    return out.getvalue()


@pytest.mark.usefixtures("book")
def test_people_read_how_sites_stand_and_which_alerts_are_new(watch: Callable[..., SiteWatchSummary]) -> None:
    found = watch()
    told = printed(lambda console: print_sites_watch(console, found)).splitlines()
    assert told[0] == f"Watch {found.watch_id} is recorded."
    assert "Simulated data" in told[1]
    (line,) = [each.split() for each in told if each.startswith("solar-1") and "100%" in each]
    solar = next(site for site in found.sites if site.site_id == "solar-1")
    assert line == [
        "solar-1", "action", f"{solar.share:.0%}", f"{solar.low:.0%}-{solar.high:.0%}", "100%", str(solar.seen_on),
        "complete", str(solar.next_due),
    ]  # fmt: skip
    assert any("behind_plan" in each and "opened" in each for each in told)
    assert printed(lambda console: print_sites_watch(console, watch())).startswith("Nothing to do")


def test_people_read_all_about_one_site(book: Engine, watch: Callable[..., SiteWatchSummary]) -> None:
    with book.connect() as connection:
        before = show_site(connection, "wind-1", at(DAY, 9))
    assert "Not watched yet" in printed(lambda console: print_site(console, before))
    watch()
    with book.connect() as connection:
        shown = [show_site(connection, name, at(DAY, 21)) for name in SITES]
    solar, wind = (printed(lambda console, one=one: print_site(console, one)) for one in shown)  # type: ignore[misc]
    for word in ("behind_plan", "36.0 ha to be built on", "MWdc/ha", "panels_m2", "after 20"):
        assert word in solar
    for word in ("4 points", "turbines", "pads", "being_built"):
        assert word in wind
    assert json.loads(json.dumps(shown[0].as_dict()))["standing"]["standing"] == "action"
