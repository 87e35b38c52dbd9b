"""What an observation report says of a site, as plain JSON: what was planned, seen, judged and read off meters.

Facts are of one watch and say nothing of the language in which they are told, so that the same facts always make the
same report.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
import shapely
from sqlalchemy import Connection, RowMapping, select

from app.alerts.as_of import Standing, standing_on
from app.alerts.worklist.candidates import RulesAtHand
from app.db.tables import Alert, AlertEvent, SiteLook
from app.db.tables.alert_kinds import AlertEventKind, AlertStatus
from app.sites.plans import PlannedSite, stated_mounting
from app.sites.readings import readings_of
from app.sites.redlines import touching
from app.sites.watched import WatchedSite
from scoring.alerts.rules import AlertRules
from scoring.sites.plan import MilestoneKind, planned_share

#: Format of the facts; a report of other facts is another report.
FORMAT: Final = 1
_CLOSED: Final = (AlertStatus.CLOSED, AlertStatus.FALSE_ALARM)
_SHOWS: Final = (AlertEventKind.OPENED, AlertEventKind.RAISED, AlertEventKind.LOWERED)
#: Days between two points of the planned curve, so that no more than about a hundred are drawn.
_POINTS: Final = 100
_DIGITS: Final = 7
_NAMED: Final = (*("as_of", "run_id", "rules_id", "rules_hash", "code_version", "simulated", "model_hash"),)
_SHARES: Final = ("planned", "low", "share", "high")


def facts_of(
    connection: Connection, watched: WatchedSite, rules: RulesAtHand, known_by: date | None = None
) -> dict[str, Any]:
    """Facts of a site as a watch judged it.

    Args:
        connection: reads.
        watched: the site and the watch.
        rules: words of the causes of alerts.
        known_by: meter readings that were stated later do not count; None: all count.

    Returns:
        JSON: format, site, watch, standing, plan (milestones and curve), detail (as the standing holds it), looks (by
        day, each with the hash of its scenes), failure (why the site was not seen; null), alerts (seen as of the day,
        and not closed), red_lines (on the site's ground), meters. Days are ISO, shares 0..1, areas m2 or ha by name.
    """
    standing = watched.standing
    said = {
        "format": FORMAT,
        "site": _site(watched),
        "watch": {"id": standing["watch_id"], **{name: standing[name] for name in _NAMED}},
        "standing": {name: standing[name] for name in ("standing", "seen_on", *_SHARES)},
        "plan": {"hash": watched.plan_hash, **_plan(watched)},
        "detail": standing["detail"],
        "looks": _looks(connection, watched),
        "failure": _failure(watched),
        "alerts": _alerts(connection, watched, rules),
        "red_lines": _red_lines(connection, watched),
        "meters": _meters(connection, watched, known_by),
    }
    facts: dict[str, Any] = json.loads(json.dumps(said, default=date.isoformat))
    return facts


def _site(watched: WatchedSite) -> dict[str, Any]:
    plan = watched.site.plan
    code, unit = watched.unit or (None, None)
    return {
        "id": plan.site_id,
        "name": watched.name,
        "kind": plan.kind,
        "lender": watched.lender,
        "unit_code": code,
        "unit_name": unit,
        "facility": plan.facility or None,
        "permits": plan.permits,
        "capacity_mw": plan.capacity_mw,
        "mounting": stated_mounting(plan),
        "country": plan.country or None,
        "ground_capacity": watched.site.ground_capacity,
        "area_ha": watched.site.area_ha,
        "built_ha": plan.built_ha,
        "border": geojson(plan.outline),
        "points": plan.points,
    }


def geojson(shape: shapely.Geometry) -> dict[str, Any]:
    """A geometry (EPSG:4326) as GeoJSON, to about a centimetre."""
    drawn = json.loads(shapely.to_geojson(shape))
    return {"type": drawn["type"], "coordinates": _rounded(drawn["coordinates"])}


def _rounded(numbers: Any) -> Any:
    return [_rounded(each) for each in numbers] if isinstance(numbers, list) else round(numbers, _DIGITS)


def _plan(watched: WatchedSite) -> dict[str, Any]:
    reached: Mapping[str, Sequence[str | None] | None] = watched.standing["milestones"]
    order = list(MilestoneKind)
    told = []
    for one in sorted(watched.site.plan.milestones, key=lambda each: order.index(each.kind)):
        after, by = reached.get(one.kind) or (None, None)
        told.append({"kind": one.kind, "due": one.due, "draws": one.draws, "after": after, "by": by})
    return {"milestones": told, "curve": _curve(watched.site)}


def _curve(site: PlannedSite) -> list[list[Any]]:
    """Points of the planned S-curve; straight lines between them are the plan, to within a hundredth of its span."""
    plan = site.plan
    due = [one.due for one in plan.milestones]
    step = max((max(due) - min(due)).days // _POINTS, 1)
    even = [min(due) + timedelta(days=n) for n in range(0, (max(due) - min(due)).days + step, step)]
    days = [day for day, _ in plan.curve] or sorted({*even, *due})
    shares = planned_share(plan, np.array(days, dtype="datetime64[D]"))
    return [[day, float(share)] for day, share in zip(days, shares, strict=True)]


def _looks(connection: Connection, watched: WatchedSite) -> list[dict[str, Any]]:
    """Looks of the run by day: what each measured, how much was clear, and the hash of the scenes."""
    standing = watched.standing
    own = (SiteLook.run_id == standing["run_id"], SiteLook.parcel_id == standing["parcel_id"])
    wanted = select(SiteLook.__table__).where(*own, SiteLook.seen_on <= standing["as_of"])
    by_day: dict[date, dict[str, Any]] = {}
    for row in connection.execute(wanted.order_by(SiteLook.seen_on, SiteLook.measure)).mappings():
        day = by_day.setdefault(row["seen_on"], {"day": row["seen_on"], "clear": 0.0, "hashes": [], "measures": {}})
        day["clear"] = max(day["clear"], row["clear_share"])
        day["measures"][row["measure"]] = [row["value"], row["error"]]
        if row["source_hash"] not in day["hashes"]:
            day["hashes"].append(row["source_hash"])
    return list(by_day.values())


def _failure(watched: WatchedSite) -> dict[str, str] | None:
    """Why the watch stated no share."""
    failure: dict[str, str] | None = watched.standing["detail"].get("failure")
    return failure


def _alerts(connection: Connection, watched: WatchedSite, rules: RulesAtHand) -> list[dict[str, Any]]:
    """Alerts that were seen at the end of the day, and that people had not closed by then; the gravest first."""
    standing = watched.standing
    own = (Alert.parcel_id == standing["parcel_id"], Alert.season_id == standing["season_id"])
    wanted = select(Alert.__table__).where(*own, Alert.opened_on <= standing["as_of"])
    rows = connection.execute(wanted.order_by(Alert.id)).mappings().all()
    stood = standing_on(connection, rows, standing["as_of"])
    seen = [row for row in rows if stood[row["id"]].ended_on is None and stood[row["id"]].status not in _CLOSED]
    told = [_alert(connection, row, stood[row["id"]], rules(row["rules_id"]), standing["as_of"]) for row in seen]
    grave = {"action": 0, "warning": 1, "watch": 2, "info": 3}
    return sorted(told, key=lambda each: (grave[each["level"]], each["opened_on"], each["cause"]))


def _alert(
    connection: Connection, row: RowMapping, stood: Standing, rules: AlertRules | None, as_of: date
) -> dict[str, Any]:
    rule = None if rules is None else rules.causes.get(row["cause"])
    evidence = _evidence(connection, row["id"], as_of)
    expected = evidence.get("expected") or {}
    return {
        "cause": row["cause"],
        "title": {"en": row["cause"], "zh": row["cause"]} if rule is None else rule.title.model_dump(),
        "looks_for": None if rule is None else rule.looks_for.model_dump(),
        "unit": None if rule is None else rule.unit,
        "level": stood.level,
        "opened_on": row["opened_on"],
        "changed_on": stood.changed_on,
        "value": evidence.get("value"),
        "least": expected.get("low"),
        "most": expected.get("high"),
        "why": evidence.get("why") or "",
    }


def _evidence(connection: Connection, number: int, as_of: date) -> Mapping[str, Any]:
    """What the latest line of an alert's history by a day rests on, of those that show it."""
    own = (AlertEvent.alert_id == number, AlertEvent.happened_on <= as_of, AlertEvent.kind.in_(_SHOWS))
    wanted = select(AlertEvent.evidence).where(*own).order_by(AlertEvent.happened_on.desc(), AlertEvent.id.desc())
    evidence: Mapping[str, Any] = connection.scalars(wanted.limit(1)).one()
    return evidence


def _red_lines(connection: Connection, watched: WatchedSite) -> list[dict[str, Any]]:
    """Red lines on the site's ground that were known when it was watched."""
    found = touching(connection, watched.site.plan.outline, watched.standing["recorded_at"])
    return [
        {
            "id": touch.line.external_id,
            "kind": touch.line.kind,
            "name": touch.line.name,
            "source": touch.line.source,
            "as_of": touch.line.as_of,
            "area_m2": round(touch.common_m2, 1),
            "common": geojson(touch.common),
        }
        for touch in found
    ]


def _meters(connection: Connection, watched: WatchedSite, known_by: date | None) -> list[dict[str, Any]]:
    found = readings_of(connection, watched.site.plan.site_id, known_by)
    names = ("starts_on", "ends_on", "energy_kwh", "source", "as_of")
    return [{name: getattr(each, name) for name in names} for each in found]
