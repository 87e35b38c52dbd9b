"""Facts of a site as a watch judged it, and reports on record."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from app.alerts.worklist.candidates import RulesAtHand
from app.alerts.worklist.workflow import Act, close
from app.book.decisions.people import find_user
from app.db import tables as t
from app.db.engine import writing
from app.sites.facts import facts_of
from app.sites.reports import hash_of, keep_report, report_with
from app.sites.watched import watched_site
from geo.errors import DataError, InputError
from geo.sites import SiteType
from tests.app.book.made_up_book import open_bank, tamper
from tests.app.sites.standing_sites import APART, StoodSite, instant, stand_site

NOW = datetime(2026, 11, 12, 8, tzinfo=UTC)


@pytest.fixture
def stood(engine: Engine, tmp_path: Path) -> StoodSite:
    open_bank(engine)
    return stand_site(engine, tmp_path)


def facts(engine: Engine, site_id: str = "solar-1", by_day: date | None = None) -> dict[str, Any]:
    with engine.connect() as connection:
        return facts_of(connection, watched_site(connection, site_id, by_day), RulesAtHand(), by_day)


def test_facts_are_those_of_the_newest_watch(engine: Engine, stood: StoodSite) -> None:
    said = facts(engine)
    assert said == json.loads(json.dumps(said))
    assert (
        said["watch"] | {"run_id": stood.run_ids[-1], "id": stood.watch_ids[-1], "as_of": "2026-11-09"} == said["watch"]
    )
    assert (said["site"]["lender"], said["site"]["unit_code"], said["site"]["capacity_mw"]) == (
        "Head office",
        "001",
        40,
    )
    curve = stood.site.curve(stood.site.as_of)
    assert said["standing"]["share"] == curve[-1][2]
    assert said["standing"]["seen_on"] == curve[-1][0].isoformat()
    assert [one["kind"] for one in said["plan"]["milestones"]] == ["cleared", "being_built", "complete", "steady"]
    assert said["plan"]["milestones"][0]["by"] == "2026-07-02"
    assert said["plan"]["milestones"][2] | {"after": None, "by": None, "draws": 0.5} == said["plan"]["milestones"][2]
    assert [look["day"] for look in said["looks"]] == [day.isoformat() for day in stood.site.days]
    assert set(said["looks"][-1]["measures"]) == {"panels_m2", "panels_outside_m2", "cleared_m2"}


def test_the_planned_curve_runs_from_nothing_to_all(engine: Engine, stood: StoodSite) -> None:
    curve = facts(engine)["plan"]["curve"]
    days, shares = zip(*curve, strict=True)
    assert list(days) == sorted(days)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert list(shares) == sorted(shares)
    assert dict(curve)[stood.site.day(10).isoformat()] == 1.0  # the day on which it is to be complete


def test_an_earlier_day_tells_what_was_known_then(engine: Engine, stood: StoodSite) -> None:
    earlier = facts(engine, by_day=stood.site.day(APART) + timedelta(days=3))
    assert earlier["watch"]["as_of"] == stood.site.day(APART).isoformat()
    assert earlier["watch"]["id"] == stood.watch_ids[1]
    assert max(look["day"] for look in earlier["looks"]) <= stood.site.day(APART).isoformat()
    assert [alert["level"] for alert in earlier["alerts"]] == ["watch"]  # raised five days later
    assert [alert["level"] for alert in facts(engine)["alerts"]] == ["warning"]
    assert earlier["meters"] == []  # both were stated later
    assert len(facts(engine)["meters"]) == 2
    with pytest.raises(InputError) as refused:
        facts(engine, by_day=date(2020, 1, 1))
    assert refused.value.code == "SITE_NOT_WATCHED"
    assert "as of 2020-01-01" in refused.value.message


def test_an_alert_says_what_was_measured_and_what_to_look_for(engine: Engine, stood: StoodSite) -> None:
    (alert,) = facts(engine)["alerts"]
    assert (alert["cause"], alert["unit"], alert["value"], alert["least"]) == ("behind_plan", "share", 0.25, 0.5)
    assert alert["title"] == {"en": "Behind its plan", "zh": "进度落后于计划"}
    assert alert["looks_for"]["en"].startswith("What is built")
    with writing(engine) as connection:
        number = connection.scalars(select(t.Alert.id)).one()
        close(connection, [number], Act(find_user(connection, "rob"), instant(stood.site.as_of), "seen on site"))
    assert facts(engine)["alerts"] == []


def test_only_red_lines_on_the_ground_that_were_known_then_count(engine: Engine, stood: StoodSite) -> None:
    (line,) = facts(engine)["red_lines"]
    assert (line["kind"], line["name"], line["as_of"]) == ("farmland", "基本农田 3", "2025-03-19")
    assert line["area_m2"] == pytest.approx(100 * 300, rel=0.01)  # 100 m of its 400 m lie inside the border
    with writing(engine) as connection:
        row = dict(connection.execute(select(t.RedLine.__table__)).mappings().one())
        late = row | {"id": row["id"] + 1, "external_id": "RL-late", "recorded_at": instant(stood.site.as_of, 23)}
        connection.execute(t.RedLine.__table__.insert(), [late])
    assert len(facts(engine)["red_lines"]) == 1


def test_a_site_that_was_not_seen_says_why(engine: Engine, tmp_path: Path) -> None:
    open_bank(engine)
    stand_site(engine, tmp_path, standing="unseen", watches=1, meters=False, red_lines=False)
    said = facts(engine)
    assert said["standing"] == dict.fromkeys(("seen_on", "planned", "low", "share", "high")) | {"standing": "unseen"}
    assert said["failure"]["code"] == "SITES_NO_SCENES"
    assert said["looks"] == said["alerts"] == said["red_lines"] == said["meters"] == []


@pytest.mark.usefixtures("stood")
def test_the_plan_is_that_which_was_judged(engine: Engine, tmp_path: Path) -> None:
    before = facts(engine)["plan"]
    moved = stand_site(engine, tmp_path, SiteType.WIND, site_id="other", watches=0, meters=False, red_lines=False)
    with writing(engine) as connection:
        columns = select(t.SitePlanVersion.__table__)
        other = dict(connection.execute(columns.where(t.SitePlanVersion.id == moved.plan_id)).mappings().one())
        newer = {**other, "id": other["id"] + 1, "parcel_id": "solar-1", "recorded_at": NOW}
        connection.execute(t.SitePlanVersion.__table__.insert(), [newer])
    assert facts(engine)["plan"] == before


def test_unknown_sites_and_sites_that_nobody_watched(engine: Engine, tmp_path: Path) -> None:
    open_bank(engine)
    stand_site(engine, tmp_path, watches=0)
    for name, code in (("solar-1", "SITE_NOT_WATCHED"), ("p000", "SITE_UNKNOWN"), ("nothing", "SITE_UNKNOWN")):
        with pytest.raises(InputError) as refused:
            facts(engine, name)
        assert refused.value.code == code


@pytest.mark.usefixtures("stood")
def test_the_same_facts_are_one_report(engine: Engine) -> None:
    said = facts(engine)
    with writing(engine) as connection:
        ada, rob = (find_user(connection, login).id for login in ("ada", "rob"))
        first = keep_report(connection, said, ada, NOW)
        again = keep_report(connection, said, rob, NOW + timedelta(days=1))
        other = keep_report(connection, {**said, "meters": []}, ada, NOW)
    assert (first.already_there, again.already_there, other.already_there) == (False, True, False)
    assert (again.id, again.facts_hash) == (first.id, first.facts_hash)
    assert other.facts_hash != first.facts_hash == hash_of(said)
    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(t.SiteReport)) == 2
        assert report_with(connection, "solar-1", first.facts_hash[:16]) == (again, said)


@pytest.mark.usefixtures("stood")
def test_a_report_is_found_by_the_hash_of_its_facts_alone(engine: Engine) -> None:
    with writing(engine) as connection:
        kept = keep_report(connection, facts(engine), find_user(connection, "ada").id, NOW)
    with engine.connect() as connection:
        for site, digest in (("solar-1", "0" * 16), ("solar-1", kept.facts_hash[:4]), ("p000", kept.facts_hash)):
            with pytest.raises(InputError) as refused:
                report_with(connection, site, digest)
            assert refused.value.code == "SITE_REPORT_UNKNOWN"
    tamper(engine, "UPDATE site_report SET facts_hash = replace(facts_hash, substr(facts_hash, 1, 8), 'aaaaaaaa')")
    with engine.connect() as connection, pytest.raises(DataError) as changed:
        report_with(connection, "solar-1", "a" * 8)
    assert changed.value.code == "SITE_REPORT_CHANGED"
