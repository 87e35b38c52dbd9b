"""Everything about one site."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Final

import shapely
from sqlalchemy import Connection, RowMapping, select

from app.alerts.worklist.candidates import RulesAtHand
from app.alerts.worklist.workflow import LIVE
from app.api.office.desk import Desk
from app.api.office.naming import cause_names
from app.api.sites.detail import site_detail
from app.api.sites.listing import between_looks, milestones_in_order, row_facts
from app.api.sites.meters import meter_rows
from app.api.sites.page_schemas import (
    CapacityRange,
    SiteAlert,
    SiteLookRow,
    SiteMilestone,
    SitePage,
    SiteReportRow,
    SiteWatchRow,
)
from app.api.sites.planned import planned_points
from app.api.sites.reading import NEWEST, Seen, newest_standing, site_seen
from app.api.sites.redlines import red_lines_of
from app.api.sites.stopping import stop_rows
from app.db.tables import Alert, Run, SiteLook, SiteReport, SiteStanding, User, Watch
from app.db.tables.alert_kinds import AlertLevel

_RANKS: Final = {level: rank for rank, level in enumerate(AlertLevel)}


def site_page(desk: Desk, site_id: str, now: datetime) -> SitePage:
    """A site; InputError SITE_UNKNOWN where it is not there for the person."""
    connection = desk.connection
    seen = site_seen(connection, desk.scope, site_id, now)
    plan, standing = seen.site.plan, newest_standing(connection, site_id)
    return SitePage(
        **row_facts(seen),
        stops=stop_rows(connection, site_id),
        border=json.loads(shapely.to_geojson(plan.outline)),
        points=list(plan.ground.points),
        permits=list(plan.permits),
        ground_capacity=CapacityRange.model_validate(held) if (held := seen.site.ground_capacity) else None,
        built_ha=plan.built_ha,
        planned_curve=planned_points(plan),
        milestones=_milestones(seen),
        detail=None if standing is None else site_detail(standing["detail"]),
        looks=[] if standing is None else _looks(connection, standing["run_id"], site_id),
        watches=_watches(connection, site_id),
        simulated=standing is not None and _simulated(connection, standing["run_id"]),
        meters=meter_rows(connection, site_id),
        reports=_reports(connection, site_id),
        red_lines=red_lines_of(connection, plan.outline, now),
        open_alerts=_alerts(connection, site_id),
    )


def _milestones(seen: Seen) -> list[SiteMilestone]:
    looks = between_looks(seen)
    said = ((each, *looks.get(each.kind, (None, None))) for each in milestones_in_order(seen))
    return [
        SiteMilestone.model_validate(
            {"kind": each.kind, "due": each.due, "draws": each.draws, "after": after, "by": by}
        )
        for each, after, by in said
    ]


def _looks(connection: Connection, run_id: str, site_id: str) -> list[SiteLookRow]:
    wanted = (
        select(SiteLook.__table__)
        .where(SiteLook.run_id == run_id, SiteLook.parcel_id == site_id)
        .order_by(SiteLook.measure, SiteLook.seen_on)
    )
    names = ("measure", "value", "error", "clear_share")
    rows = connection.execute(wanted).mappings()
    return [SiteLookRow(day=row["seen_on"], **{name: row[name] for name in names}) for row in rows]


def _watches(connection: Connection, site_id: str) -> list[SiteWatchRow]:
    wanted = (
        select(SiteStanding.__table__)
        .join(Watch, Watch.id == SiteStanding.watch_id)
        .where(SiteStanding.parcel_id == site_id)
        .order_by(*NEWEST)
    )
    rows = connection.execute(wanted).mappings().all()
    return [SiteWatchRow(**{name: row[name] for name in SiteWatchRow.model_fields}) for row in reversed(rows)]


def _simulated(connection: Connection, run_id: str) -> bool:
    return bool(connection.scalar(select(Run.simulated).where(Run.run_id == run_id)))


def _reports(connection: Connection, site_id: str) -> list[SiteReportRow]:
    wanted = (
        select(SiteReport.id, Watch.as_of, SiteReport.made_at, User.login.label("made_by"), SiteReport.facts_hash)
        .join(Watch, Watch.id == SiteReport.watch_id)
        .join(User, User.id == SiteReport.made_by_id)
        .where(SiteReport.parcel_id == site_id)
        .order_by(SiteReport.id.desc())
    )
    return [SiteReportRow(**row) for row in connection.execute(wanted).mappings()]


def _alerts(connection: Connection, site_id: str) -> list[SiteAlert]:
    wanted = select(Alert.__table__).where(Alert.parcel_id == site_id, Alert.ended_on.is_(None), Alert.status.in_(LIVE))
    rules = RulesAtHand()
    return [_alert(row, rules) for row in sorted(connection.execute(wanted).mappings(), key=_gravest)]


def _gravest(row: RowMapping) -> tuple[Any, ...]:
    return -_RANKS[row["level"]], -row["changed_on"].toordinal(), row["id"]


def _alert(row: RowMapping, rules: RulesAtHand) -> SiteAlert:
    title = cause_names(rules, row["cause"], row["rules_id"])
    names = ("id", "cause", "level", "opened_on", "changed_on")
    return SiteAlert(title=title, **{name: row[name] for name in names})
