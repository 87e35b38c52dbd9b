"""The story of an alert as the page has it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import RowMapping, select

from app.alerts.loans.of_alert import Beside, Policies, beside_alert
from app.alerts.signals.about import Signal
from app.alerts.visits.seen import is_far
from app.alerts.worklist.candidates import RulesAtHand
from app.alerts.worklist.story import Story, story_of
from app.api.office.alerts.listing import require_alerts
from app.api.office.alerts.pictures import Kept, Side, pictures_of
from app.api.office.alerts.schemas import (
    AlertChange,
    AlertEvidence,
    AlertPicture,
    AlertPictures,
    AlertSignal,
    AlertStory,
    AlertVisit,
    ExpectedRange,
    LinesBeside,
    RulesNamed,
    ValueUnit,
)
from app.api.office.desk import Desk
from app.api.office.naming import cause_names
from app.api.office.shapes import alert_answer, names_of
from app.artefacts.runs import RunShelf
from app.db.tables import EnergySite
from geo.sites import SiteType
from scoring.alerts.rules import CauseRule


def alert_story(desk: Desk, runs: RunShelf, number: int) -> AlertStory:
    """Everything about one alert; InputError ALERT_UNKNOWN where it is not there for the person."""
    require_alerts(desk.connection, desk.scope, [number])
    rules = RulesAtHand()
    story = story_of(desk.connection, number, desk.day, rules)
    beside = beside_alert(desk.connection, number, desk.day, Policies(folder=desk.packs))
    return AlertStory(
        alert=alert_answer(story.alert),
        cause=cause_names(rules, story.alert.cause, story.alert.rules_id),
        looks_for=None if (rule := _rule(story)) is None else names_of(rule.looks_for),
        answer=None if story.rules is None else names_of(getattr(story.rules.scope, story.alert.standing.scope)),
        event_on=story.event_on,
        site=_site(desk, story.alert.parcel_id),
        evidence=_evidence(story, pictures_of(desk.connection, runs, number)),
        history=[_change(row) for row in story.events],
        visits=[_visit(row) for row in story.visits],
        signals=[_signal(each) for each in story.signals],
        beside=_lines(beside),
    )


def picture_url(alert: int, side: Side, kept: Kept) -> str:
    """Address of a picture, which never changes under it."""
    return f"/api/v1/alerts/{alert}/pictures/{side}?v={kept.content_hash}"


def _rule(story: Story) -> CauseRule | None:
    return None if story.rules is None else story.rules.causes.get(story.alert.cause)


def _unit(story: Story) -> ValueUnit:
    rule = _rule(story)
    return ValueUnit.NDVI if rule is None or rule.unit is None else ValueUnit(rule.unit)


def _site(desk: Desk, parcel_id: str) -> SiteType | None:
    return desk.connection.scalar(select(EnergySite.kind).where(EnergySite.parcel_id == parcel_id))


def _lines(beside: Beside) -> LinesBeside:
    return LinesBeside(en=beside.lines("en"), zh=beside.lines("zh"))


def _evidence(story: Story, kept: Mapping[Side, Kept]) -> AlertEvidence | None:
    """Of the last change by a watch that names its looks, or the last one; an end may name none."""
    rows = [each for each in reversed(story.events) if each["evidence"].get("dates") is not None]
    if not rows:
        return None
    row = next((each for each in rows if each["evidence"]["dates"]), rows[0])
    said: Mapping[str, Any] = row["evidence"]
    return AlertEvidence(
        happened_on=row["happened_on"],
        dates=said["dates"],
        values=said["values"],
        value=said["value"],
        expected=ExpectedRange(**said["expected"]),
        unit=_unit(story),
        neighbours_fallen=said["neighbours_fallen"],
        why=said["why"],
        rule=said["rule"],
        rules=RulesNamed(**said["rules"]),
        same_rules=story.same_rules,
        chips=AlertPictures(**{side: _picture(story, side, kept.get(side)) for side in Side}),
    )


def _picture(story: Story, side: Side, kept: Kept | None) -> AlertPicture | None:
    return None if kept is None else AlertPicture(day=kept.day, url=picture_url(story.alert.number, side, kept))


def _change(row: RowMapping) -> AlertChange:
    said = row["evidence"]
    note = row["note"] or said.get("why") or None
    plain = {name: row[name] for name in ("kind", "happened_on", "level", "by")}
    return AlertChange(**plain, to=said.get("to"), note=note)


def _visit(row: RowMapping) -> AlertVisit:
    names = ("captured_at", "by", "outcome", "cause_found", "loss_share", "distance_m")
    plain = {name: row[name] for name in names}
    far = is_far(row["distance_m"], row["accuracy_m"])
    return AlertVisit(**plain, second=row["with"], far=far, note=row["note"] or None)


def _signal(signal: Signal) -> AlertSignal:
    return AlertSignal(**{name: getattr(signal, name) for name in AlertSignal.model_fields})
