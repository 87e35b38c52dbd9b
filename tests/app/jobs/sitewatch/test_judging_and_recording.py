from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from sqlalchemy import Engine, func, insert, select, update

from app.db import tables as t
from app.db.engine import writing
from app.db.tables.site_kinds import SiteStandingKind
from app.sites.watched import watched_site
from geo.errors import InputError
from geo.sites import SITES_SEASON, SiteType
from scoring.sites.plan import Milestone, MilestoneKind
from tests.app.book.made_up_book import open_bank
from tests.app.sites.looked_sites import ago, asking, at, judged, looked, plan_sites, watched
from tests.app.sites.made_up_sites import MadeUpSite

SOLAR = MadeUpSite(late_days=150)
SOONER = replace(SOLAR, late_days=0)
DAY = SOLAR.as_of
#: Apart from each other: outlines of sites do not overlap.
WIND = MadeUpSite(kind=SiteType.WIND, place=(115.9, 33.37), late_days=0)
DAM = MadeUpSite(kind=SiteType.HYDRO, place=(116.2, 33.37), late_days=0)
DARK = MadeUpSite(kind=SiteType.SOLAR, site_id="dark", place=(116.5, 33.37), standing=SiteStandingKind.UNSEEN)
ALL = (SOLAR, WIND, DAM, DARK)


@pytest.fixture
def book(engine: Engine) -> Engine:
    open_bank(engine)
    plan_sites(engine, at(ago(DAY, 500), 9), *(site.plan for site in ALL))
    return engine


def rows(engine: Engine, table: Any, *order: Any) -> list[dict[str, Any]]:
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(select(table.__table__).order_by(*order)).mappings()]


def test_a_watch_writes_run_looks_alerts_and_standings(book: Engine, tmp_path: Path) -> None:
    told, recorded = watched(book, ALL, DAY, tmp_path)
    assert recorded.done == "recorded"
    assert recorded.new is not None
    assert recorded.new["opened"] == len(
        {(line.site_id, line.cause) for line in recorded.lines if line.kind == "opened"}
    )
    standings = {row["parcel_id"]: row for row in rows(book, t.SiteStanding)}
    assert {name: str(row["standing"]) for name, row in standings.items()} == {
        "solar-1": "action", "wind-1": "on_track", "hydro-1": "on_track", "dark": "unseen",
    }  # fmt: skip
    solar = standings["solar-1"]
    assert (solar["as_of"], solar["seen_on"]) == (DAY, SOLAR.days[-1])
    assert solar["low"] <= SOLAR.true_share(SOLAR.days[-1]) <= solar["high"]
    assert solar["planned"] == 1.0
    assert solar["milestones"]["complete"] is None
    assert solar["detail"]["capacity"]["low"] < solar["detail"]["capacity"]["high"]
    assert standings["dark"]["seen_on"] is None
    assert standings["dark"]["detail"]["failure"]["code"] == "SITES_NO_SCENES"
    (run,) = [row for row in rows(book, t.Run) if row["season_id"] == SITES_SEASON.id]
    seen = {row["parcel_id"]: (str(row["status"]), row["crop"]) for row in rows(book, t.ParcelObservation)}
    assert seen == {site.name: ("OUTSIDE_IMAGERY" if site is DARK else "OK", None) for site in ALL}
    assert len(rows(book, t.SiteLook)) == len(told.looked.looks)
    (watch,) = rows(book, t.Watch)
    assert (watch["run_id"], watch["counts"]["parcels"], watch["counts"]["judged"]) == (run["run_id"], 4, 3)


def test_alerts_of_a_site_are_those_of_its_parcel(book: Engine, tmp_path: Path) -> None:
    watched(book, ALL, DAY, tmp_path)
    alerts = {row["parcel_id"]: row for row in rows(book, t.Alert) if row["cause"] == "behind_plan"}
    assert set(alerts) == {"solar-1"}
    alert = alerts["solar-1"]
    assert (str(alert["level"]), alert["season_id"], alert["ended_on"]) == ("action", SITES_SEASON.id, None)
    (evidence,) = [
        row["evidence"]
        for row in rows(book, t.AlertEvent)
        if str(row["kind"]) == "opened" and row["alert_id"] == alert["id"]
    ]
    assert evidence["expected"]["low"] > evidence["value"]


def test_the_same_watch_again_writes_nothing(book: Engine, tmp_path: Path) -> None:
    first, _ = watched(book, ALL, DAY, tmp_path)
    before = [rows(book, table) for table in (t.Run, t.SiteLook, t.Watch, t.Alert, t.AlertEvent, t.SiteStanding)]
    again, recorded = watched(book, ALL, DAY, tmp_path)
    assert (again.watch_id, recorded.done) == (first.watch_id, "stands")
    tables = (t.Run, t.SiteLook, t.Watch, t.Alert, t.AlertEvent, t.SiteStanding)
    assert [rows(book, table) for table in tables] == before


def test_later_watches_add_what_happened_since_and_withdraw_nothing(book: Engine, tmp_path: Path) -> None:
    for days in (120, 60, 30, 0):
        _, recorded = watched(book, ALL, ago(DAY, days), tmp_path)
        assert recorded.new is not None
        assert (recorded.new["withdrawn"], recorded.new["reopened"]) == (0, 0)
    once = [(row["cause"], row["opened_on"], row["parcel_id"]) for row in rows(book, t.Alert)]
    assert len(once) == len(set(once))
    shares = [row["share"] for row in rows(book, t.SiteStanding, t.SiteStanding.as_of) if row["parcel_id"] == "solar-1"]
    assert shares == sorted(shares)


def test_an_earlier_day_is_compared_and_changes_nothing(book: Engine, tmp_path: Path) -> None:
    watched(book, ALL, DAY, tmp_path)
    kept = [rows(book, table) for table in (t.Watch, t.Alert, t.AlertEvent, t.SiteStanding)]
    _, recorded = watched(book, ALL, ago(DAY, 60), tmp_path)
    assert recorded.replay is not None
    assert (recorded.done, recorded.new, recorded.replay.differences) == ("replay", None, ())
    assert recorded.replay.same > 0
    assert [rows(book, table) for table in (t.Watch, t.Alert, t.AlertEvent, t.SiteStanding)] == kept


def test_a_report_never_states_less_than_one_before(book: Engine, tmp_path: Path) -> None:
    first, _ = watched(book, (SOONER,), ago(DAY, 20), tmp_path)
    second, _ = watched(book, (SOLAR,), DAY, tmp_path)
    before, now = first.sites[0].judged, second.sites[0].judged
    assert before.share is not None
    assert now.share == before.share > SOLAR.true_share(DAY) + 0.2
    assert now.detail["curve"][-1][2] < before.share  # what looks say alone stands in the curve


def test_a_share_of_another_whole_does_not_count(book: Engine, tmp_path: Path) -> None:
    watched(book, (SOLAR,), ago(DAY, 30), tmp_path)
    plan_sites(book, at(ago(DAY, 20), 9), replace(SOLAR.plan, built_ha=44.0))
    told, _ = watched(book, (SOLAR,), DAY, tmp_path)
    smaller = told.sites[0].judged.share
    assert smaller == pytest.approx(SOLAR.true_share(SOLAR.days[-1]) * 36 / 44, abs=0.03)


def test_a_milestone_that_was_reached_stays_reached(book: Engine, tmp_path: Path) -> None:
    first, _ = watched(book, (SOONER,), ago(DAY, 10), tmp_path)
    second, _ = watched(book, (SOLAR,), DAY, tmp_path)
    reached, kept = (told.sites[0].judged.milestones[MilestoneKind.COMPLETE] for told in (first, second))
    assert not np.isnat(reached.by)
    assert kept == reached
    rows_of = rows(book, t.SiteStanding, t.SiteStanding.as_of)
    assert (
        rows_of[1]["milestones"]["complete"]
        == rows_of[0]["milestones"]["complete"]
        == [str(reached.after), str(reached.by)]
    )


def test_a_plan_that_is_moved_ends_the_alert_and_takes_nothing_back(book: Engine, tmp_path: Path) -> None:
    watched(book, (SOLAR,), ago(DAY, 90), tmp_path)
    assert [str(row["level"]) for row in rows(book, t.Alert) if row["ended_on"] is None] != []
    due = (
        Milestone(MilestoneKind.BUILDING, ago(DAY, 60)),
        Milestone(MilestoneKind.COMPLETE, DAY + timedelta(days=500)),
    )
    plan_sites(book, at(ago(DAY, 85), 9), replace(SOLAR.plan, milestones=due))
    _, recorded = watched(book, (SOLAR,), DAY, tmp_path)
    assert recorded.new is not None
    assert (recorded.new["ended"], recorded.new["withdrawn"]) == (1, 0)
    assert str(rows(book, t.SiteStanding, t.SiteStanding.as_of)[-1]["standing"]) == "on_track"


def test_a_site_that_cannot_be_seen_this_time_keeps_its_alerts(book: Engine, tmp_path: Path) -> None:
    watched(book, (SOLAR,), ago(DAY, 30), tmp_path)
    hidden = replace(SOLAR, standing=DARK.standing)
    _, recorded = watched(book, (hidden,), DAY, tmp_path)
    assert recorded.new is not None
    assert recorded.new["withdrawn"] == 0
    assert [row["ended_on"] for row in rows(book, t.Alert) if row["cause"] == "behind_plan"] == [None]


def test_a_reservoir_without_a_planned_area_says_what_its_plan_lacks(book: Engine, tmp_path: Path) -> None:
    plan_sites(book, at(ago(DAY, 20), 9), replace(DAM.plan, built_ha=None))
    told, _ = watched(book, (DAM,), DAY, tmp_path)
    (one,) = told.sites
    assert one.failure is not None
    assert (one.failure.code, one.judged.share) == ("SITES_BUILT_UNKNOWN", None)
    row = rows(book, t.SiteStanding)[0]
    assert str(row["standing"]) == "unseen"
    assert row["detail"]["measures"]["water_m2"]["value"] > 0


def red_line(book: Engine, known: date) -> None:
    """A line over the west of the solar site that was taken in on a day."""
    west, south, east, north = SOLAR.outline.bounds
    shape = shapely.box(west - 0.001, south - 0.001, (west + east) / 2, north + 0.001)
    minx, miny, maxx, maxy = shape.bounds
    with writing(book) as connection:
        user = connection.scalars(select(t.User.id).where(t.User.login == "ada")).one()
        row = {
            "external_id": "RL", "kind": "farmland", "name": None, "source": "land office", "as_of": known,
            "wkb": shapely.to_wkb(shape), "minx": minx, "miny": miny, "maxx": maxx, "maxy": maxy,
            "recorded_at": at(known, 9), "recorded_by_id": user,
        }  # fmt: skip
        connection.execute(insert(t.RedLine), [row])


def test_a_red_line_raises_one_alert_over_all_later_watches(book: Engine, tmp_path: Path) -> None:
    watched(book, (SOLAR,), ago(DAY, 90), tmp_path)
    red_line(book, ago(DAY, 70))
    for days in (60, 30, 0):
        watched(book, (SOLAR,), ago(DAY, days), tmp_path)
    (alert,) = [row for row in rows(book, t.Alert) if row["cause"] == "land_rule"]
    assert (alert["opened_on"], alert["ended_on"]) == (ago(DAY, 60), None)
    with writing(book) as connection:
        connection.execute(update(t.RedLine).values(withdrawn_at=at(DAY, 10)))
    watched(book, (SOLAR,), DAY + timedelta(days=10), tmp_path)
    (alert,) = [row for row in rows(book, t.Alert) if row["cause"] == "land_rule"]
    assert alert["ended_on"] == DAY + timedelta(days=10)


def test_what_is_judged_can_be_read_back_by_its_watch(book: Engine, tmp_path: Path) -> None:
    told, _ = watched(book, ALL, DAY, tmp_path)
    with book.connect() as connection:
        found = watched_site(connection, "wind-1")
    assert found.standing["watch_id"] == told.watch_id
    assert [place["pad"] for place in found.standing["detail"]["places"]] == [0.9] * 4


def test_two_runs_of_one_day_are_two_watches(book: Engine, tmp_path: Path) -> None:
    first, _ = watched(book, (SOLAR,), DAY, tmp_path)
    second, recorded = watched(book, (SOLAR,), DAY, tmp_path, salt="a scene came late")
    assert (recorded.done, first.watch_id != second.watch_id) == ("recorded", True)
    assert recorded.lines == ()


def test_many_withdrawals_are_refused_and_leave_nothing_behind(book: Engine, tmp_path: Path) -> None:
    many = [MadeUpSite(site_id=f"s{n:02d}", place=(110.0 + n / 10, 30.0), late_days=150) for n in range(12)]
    plan_sites(book, at(ago(DAY, 500), 9), *(site.plan for site in many))
    watched(book, many, ago(DAY, 10), tmp_path)
    told = [replace(site, late_days=0) for site in many]
    with pytest.raises(InputError, match="would withdraw 12 of 12"):
        watched(book, told, DAY, tmp_path)
    with book.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(t.Watch)) == 1
        assert connection.scalar(select(func.count()).select_from(t.SiteStanding)) == 12
    _, recorded = watched(book, told, DAY, tmp_path, accept_withdrawals=True)
    assert recorded.new is not None
    assert recorded.new["withdrawn"] == 12


def test_what_comes_after_the_day_is_in_no_judgement(book: Engine, tmp_path: Path) -> None:
    told = judged(book, (SOLAR,), asking(tmp_path, ago(DAY, 45)), at(DAY, 9))
    seen = told.sites[0].judged.seen_on
    assert seen == looked((SOLAR,), ago(DAY, 45), tmp_path).looks["date"].max()
