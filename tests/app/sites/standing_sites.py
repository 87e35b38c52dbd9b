"""Sites that were watched three times: all rows of the database and the run folders with pictures."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Connection, Engine, insert, select, true, update

from app.alerts.watches.history import History
from app.alerts.watches.recording import WatchRow, record_watch
from app.book.drawn.registering import Giver
from app.db import tables as t
from app.db.engine import writing
from app.db.tables.site_kinds import SiteStandingKind
from app.sites.plans import PlannedSite, planned_sites
from app.sites.registering import take_plans
from geo.files import fingerprint
from geo.runrecord import RunRecord
from geo.sites import SITES_SEASON, SiteType
from scoring.alerts.rules import load_rules
from scoring.sites.plan import planned_share
from tests.app.alerts.told import told
from tests.app.sites.made_up_sites import MadeUpSite
from tests.app.sites.site_run_folder import folder_of, write_site_run

#: Days between two watches.
APART = 30
_ALERTED = (SiteStandingKind.WATCH, SiteStandingKind.WARNING, SiteStandingKind.ACTION)


@dataclass(frozen=True)
class StoodSite:
    """A site with its rows; runs and watches are oldest first, the last one is as of site.as_of."""

    site: MadeUpSite
    plan_id: int
    run_ids: tuple[str, ...]
    watch_ids: tuple[str, ...]
    folders: tuple[Path, ...]

    @property
    def site_id(self) -> str:
        return self.site.name


def stand_site(
    engine: Engine, runs: Path, kind: SiteType = SiteType.SOLAR, *, unit: str = "001", by: str = "ada",
    watches: int = 3, meters: bool = True, red_lines: bool = True, **made_up: Any
) -> StoodSite:  # fmt: skip
    """Write a site into a database that has the unit and the person: plan, runs, looks, watches, standings, alerts.

    Args:
        engine: database at the newest revision.
        runs: folder of run folders.
        kind: type of the site.
        unit: code of the unit that watches it.
        by: login of who gives the plan.
        watches: how many; 0: planned and never watched.
        meters: write two meter readings.
        red_lines: write a red line across the border's east.
        made_up: further fields of MadeUpSite.
    """
    standing = SiteStandingKind(made_up.pop("standing", SiteStandingKind.WARNING))
    site = MadeUpSite(kind=SiteType(kind), standing=standing, **made_up)
    planned = _plan(engine, site, unit, by)
    as_ofs = [site.day(APART * step) for step in reversed(range(watches))]
    stood = [_watch(engine, runs, site, planned, as_of) for as_of in as_ofs]
    with writing(engine) as connection:
        if meters:
            connection.execute(insert(t.MeterReading), _meters(site))
        if red_lines:
            connection.execute(insert(t.RedLine), [_red_line(connection, site, by)])
    return StoodSite(
        site,
        planned.plan_id,
        tuple(record.run_id for record, _ in stood),
        tuple(watch for _, watch in stood),
        tuple(runs / folder_of(record) for record, _ in stood),
    )


def instant(day: date, hour: int = 9) -> datetime:
    """An hour of a day, UTC."""
    return datetime.combine(day, time(hour), UTC)


def _plan(engine: Engine, site: MadeUpSite, unit: str, by: str) -> PlannedSite:
    known = instant(site.day(500))
    with writing(engine) as connection:
        user = connection.scalars(select(t.User.id).where(t.User.login == by)).one()
        take_plans(connection, [site.plan], Giver.of(connection, user, unit), "ab" * 32, known)
        named = update(t.EnergySite).where(t.EnergySite.parcel_id == site.name)
        connection.execute(named.values(name=f"{site.said}东山 {site.kind}"))
        return next(one for one in planned_sites(connection, known, true()) if one.plan.site_id == site.name)


def _watch(
    engine: Engine, runs: Path, site: MadeUpSite, planned: PlannedSite, as_of: date
) -> tuple[RunRecord, str]:  # fmt: skip
    record = write_site_run(runs, site, as_of)
    rules = load_rules("sites-1")
    watch = WatchRow(
        id=fingerprint(record.run_id, rules.content_hash),
        run_id=record.run_id,
        as_of=as_of,
        season_id=SITES_SEASON.id,
        rules_id=rules.id,
        rules_hash=rules.content_hash,
        inputs_hash="cd" * 32,
        code_version="0.1.0",
        causes=frozenset({"behind_plan"}),
        counts={"parcels": 1, "judged": 1},
    )
    with writing(engine) as connection:
        connection.execute(insert(t.Run), [_run(record)])
        connection.execute(insert(t.ParcelObservation), [_observation(record, site, planned)])
        looks = site.looks(as_of)
        if len(looks):
            connection.execute(insert(t.SiteLook), _looks(record, site, as_of))
        record_watch(connection, watch, _history(site, as_of, rules.content_hash), {}, instant(as_of))
        connection.execute(insert(t.SiteStanding), [_standing(watch, site, planned, as_of)])
    return record, watch.id


def _run(record: RunRecord) -> dict[str, Any]:
    return {
        "run_id": record.run_id, "season_id": SITES_SEASON.id,
        "season_start": SITES_SEASON.start, "season_end": SITES_SEASON.end,
        "created_at": record.created_at, "model_hash": record.model_hash, "simulated": record.simulated,
        "content_hash": fingerprint(record.run_id, "rows"), "record": json.loads(record.to_json()),
        "recorded_at": record.created_at,
    }  # fmt: skip


def _observation(record: RunRecord, site: MadeUpSite, planned: PlannedSite) -> dict[str, Any]:
    return {
        "run_id": record.run_id, "parcel_id": site.name, "geometry_version": planned.geometry_version,
        "status": "OK" if site.days else "OUTSIDE_IMAGERY", "area_ha": planned.area_ha, "crop_set": [],
        "clear_dates": len(site.days),
    }  # fmt: skip


def _looks(record: RunRecord, site: MadeUpSite, as_of: date) -> list[dict[str, Any]]:
    rows = site.looks(as_of).rename(columns={"site_id": "parcel_id", "date": "seen_on"}).to_dict("records")
    return [{**row, "run_id": record.run_id, "known_at": row["known_at"].to_pydatetime()} for row in rows]


def _history(site: MadeUpSite, as_of: date, rules_hash: str) -> History:
    """Behind its plan since 55 days before the last watch, at the standing's level since 25 days."""
    opened = site.day(55)
    if site.standing not in _ALERTED or as_of < opened:
        return History.of(told())
    lines = [(site.name, "behind_plan", str(opened), str(opened), "opened", "watch")]
    if site.standing is not SiteStandingKind.WATCH and as_of >= site.day(25):
        lines.append((site.name, "behind_plan", str(opened), str(site.day(25)), "raised", str(site.standing)))
    own = {"rules_id": "sites-1", "rules_hash": rules_hash, "rule": "behind-plan-1", "scope": "unclear"}
    looks = {"evidence_dates": [site.day(60)], "evidence_values": [0.25], "look_day": site.day(60)}
    return History.of(told(*lines, season_id=SITES_SEASON.id, event_from=None, event_on=None, **own, **looks))


def _standing(watch: WatchRow, site: MadeUpSite, planned: PlannedSite, as_of: date) -> dict[str, Any]:
    row: dict[str, Any] = {
        "watch_id": watch.id, "parcel_id": site.name, "as_of": as_of, "plan_id": planned.plan_id, "seen_on": None,
        "planned": None, "low": None, "share": None, "high": None, "standing": site.standing,
        "milestones": site.milestones(as_of), "detail": site.detail(as_of),
    }  # fmt: skip
    curve = site.curve(as_of)
    if not curve:
        return row
    seen_on, low, share, high = curve[-1]
    planned_then = float(planned_share(site.plan, np.array([np.datetime64(seen_on, "D")]))[0])
    return row | {"low": low, "share": share, "high": high, "seen_on": seen_on, "planned": planned_then}


def _meters(site: MadeUpSite) -> list[dict[str, Any]]:
    spans = ((40, 26, 18_250.0), (25, 11, 21_400.5))
    source = f"{site.said}State Grid meter 7"
    shared = {"parcel_id": site.name, "source": source, "as_of": site.day(10), "recorded_at": instant(site.day(10))}
    return [
        {**shared, "starts_on": site.day(first), "ends_on": site.day(last), "energy_kwh": energy}
        for first, last, energy in spans
    ]


def _red_line(connection: Connection, site: MadeUpSite, by: str) -> dict[str, Any]:
    """Ground that is not to be built on: across the east of the border, 400 m wide and 300 m high."""
    east = shapely.Polygon([site.lonlat(*corner) for corner in ((85, 20), (125, 20), (125, 50), (85, 50))])
    minx, miny, maxx, maxy = east.bounds
    return {
        "external_id": f"{site.said}RL-{site.name}", "kind": "farmland", "name": f"{site.said}基本农田 3",
        "source": f"{site.said}land office", "as_of": site.day(600), "wkb": shapely.to_wkb(east),
        "minx": minx, "miny": miny, "maxx": maxx, "maxy": maxy, "recorded_at": instant(site.day(400)),
        "recorded_by_id": connection.scalars(select(t.User.id).where(t.User.login == by)).one(),
    }  # fmt: skip
