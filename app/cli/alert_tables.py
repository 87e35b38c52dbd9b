"""Alerts on the terminal, in English or Chinese."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from rich.console import Console
from sqlalchemy import RowMapping

from app.alerts.loans.of_alert import Beside
from app.alerts.visits.seen import is_far
from app.alerts.words import (
    ACTS,
    BASES,
    OUTCOMES,
    SCOPES,
    STATUSES,
    Language,
    cause_title,
    in_language,
    level_words,
    said,
)
from app.alerts.worklist.candidates import RulesAtHand
from app.alerts.worklist.exposure import LoanPart
from app.alerts.worklist.listing import Listed, Listing
from app.alerts.worklist.story import Story
from app.cli.alert_words import word
from app.cli.money import major_text
from scoring.wording import Text
from scoring.wording.relief import sentence


def print_alerts(console: Console, listing: Listing, rules: RulesAtHand, language: Language) -> None:
    """Alerts one a line, and what is not known of them."""
    for alert in listing.alerts:
        _line(console, _alert_line(alert, rules, language))
    shown, others = len(listing.alerts), ", ".join(listing.other_currencies)
    most = "" if shown == listing.found else f" ({word('first', language).format(shown)})"
    _line(console, f"{word('alerts', language)}: {listing.found}{most}")
    if listing.unknown:
        _line(console, word("no_loss", language).format(listing.unknown))
    if others:
        _line(console, word("other_money", language).format(listing.currency, others))


def listed_json(alert: Listed, beside: Mapping[str, object] | None = None) -> str:
    """An alert of the list as one JSON line, with what stands beside it where that is asked for."""
    more = {} if beside is None else {"beside": beside}
    return json.dumps(_listed_facts(alert) | more, ensure_ascii=False, default=str)


def print_story(console: Console, story: Story, beside: Beside, language: Language) -> None:
    """The whole story of an alert, and what stands beside it."""
    for line in _story_lines(story, language):
        _line(console, line)
    _line(console, f"{sentence('BESIDE', language)} ({beside.policy or '-'}):")
    for line in beside.lines(language):
        _line(console, f"  {line}")


def story_json(story: Story, beside: Beside) -> str:
    """The whole story as one JSON line."""
    events = [_shown(row, ("id", "alert_id", "by_id")) for row in story.events]
    visits = [_shown(row, ("officer_id", "second_officer_id")) for row in story.visits]
    rules = {"id": story.alert.rules_id, "hash": story.rules_hash, "at_hand": story.same_rules}
    signals = [
        {name: getattr(each, name) for name in ("kind", "source", "as_of", "level", "said", "starts_on", "ends_on")}
        for each in story.signals
    ]
    facts = _listed_facts(story.alert) | {
        "run_id": story.run_id,
        "event_on": story.event_on,
        "position": story.position,
        "rules": rules,
        "history": events,
        "visits": visits,
        "signals": signals,
        "beside": beside.as_dict(),
    }
    return json.dumps(facts, ensure_ascii=False, default=str)


def loan_words(part: LoanPart, language: Language) -> str:
    """A part of a loan in one phrase."""
    amount = "" if part.amount_minor is None else f"{major_text(part.amount_minor, part.currency)} "
    plots = f", 1/{part.plots} {word('plots', language)}" if part.plots > 1 else ""
    return f"{word('facility', language)} {part.facility_number}: {amount}{said(BASES, part.basis, language)}{plots}"


def exposure_words(parts: tuple[LoanPart, ...], minor: int | None, currency: str | None, language: Language) -> str:
    """What is lent on a parcel, or that it is not known."""
    if not parts:
        return word("no_loan", language)
    return word("unknown", language) if minor is None or currency is None else major_text(minor, currency)


def _alert_line(alert: Listed, rules: RulesAtHand, language: Language) -> str:
    standing = alert.standing
    cause = cause_title(rules(alert.rules_id), alert.cause, language)
    loss, lent = alert.expected_loss_minor, alert.exposure_minor
    expected = word("unknown", language) if loss is None or alert.currency is None else major_text(loss, alert.currency)
    parts = (
        f"{alert.number}",
        level_words(standing.level),
        f"{word('parcel', language)} {alert.parcel_id}",
        cause,
        said(SCOPES, standing.scope, language),
        f"{word('opened', language)} {alert.opened_on}" + _ended(standing.ended_on, language),
        said(STATUSES, standing.status, language) + (f" ({alert.assigned_to})" if alert.assigned_to else ""),
        *_stopped(alert, language),
        f"{word('expected', language)} {expected}",
        f"{word('exposure', language)} {exposure_words(alert.loans, lent, alert.currency, language)}",
    )
    return "  ".join(parts)


def _story_lines(story: Story, language: Language) -> Iterator[str]:
    yield from _head(story, language)
    yield from _evidence(story, language)
    yield f"{word('loans', language)}:"
    yield from (f"  {loan_words(part, language)}" for part in story.alert.loans)
    if not story.alert.loans:
        yield f"  {word('no_loan', language)}"
    yield f"{word('signals', language)}:"
    for signal in story.signals:
        days = f"{signal.starts_on}{f' - {signal.ends_on}' if signal.ends_on else ''}"
        yield f"  {days} {signal.kind} ({signal.source}, {signal.as_of}): {signal.said}"
    if not story.signals:
        yield f"  {word('none', language)}"
    yield f"{word('history', language)}:"
    yield from (f"  {_event(row, language)}" for row in story.events)
    yield f"{word('visits', language)}:"
    yield from (f"  {_visit(row, language)}" for row in story.visits)
    if not story.visits:
        yield f"  {word('none', language)}"
    yield word("caution", language)


def _head(story: Story, language: Language) -> Iterator[str]:
    alert, standing = story.alert, story.alert.standing
    cause = cause_title(story.rules, alert.cause, language)
    yield f"{word('alert', language)} {alert.number}  {level_words(standing.level)}  {cause} ({alert.cause})"
    unit = f", {word('unit', language)} {alert.unit}" if alert.unit else ""
    place = "" if story.position is None else f", {story.position[1]:.6f}, {story.position[0]:.6f}"
    yield f"{word('parcel', language)} {alert.parcel_id}{place}{unit}, {word('season', language)} {alert.season_id}"
    seen = f"{word('opened', language)} {alert.opened_on}, {word('changed', language)} {standing.changed_on}"
    first = "" if story.event_on is None else f", {word('first_seen', language)} {story.event_on}"
    yield seen + first + (_ended(standing.ended_on, language) or f", {word('seen', language)}")
    whose = f", {word('assigned', language)} {alert.assigned_to}" if alert.assigned_to else ""
    yield f"{word('status', language)}: {said(STATUSES, standing.status, language)}{whose}"
    yield from _stopped(alert, language)
    yield f"{said(SCOPES, standing.scope, language)}" + _answer(story, language)
    shares = (
        (word("severity", language), standing.severity),
        (word("probability", language), standing.probability),
    )
    both = (*shares, (word("at_risk", language), alert.at_risk))
    yield ", ".join(f"{name} {_percent(value, language)}" for name, value in both)
    loss = alert.expected_loss_minor
    expected = word("unknown", language) if loss is None or alert.currency is None else major_text(loss, alert.currency)
    lent = exposure_words(alert.loans, alert.exposure_minor, alert.currency, language)
    yield f"{word('expected', language)}: {expected} ({word('exposure', language)}: {lent})"
    rule = None if story.rules is None else story.rules.causes.get(alert.cause)
    if rule is not None:
        yield f"{word('look_for', language)}: {in_language(rule.looks_for, language)}"


def _answer(story: Story, language: Language) -> str:
    """What the rules make of the scope."""
    if story.rules is None:
        return ""
    text: Text = getattr(story.rules.scope, str(story.alert.standing.scope))
    return f". {in_language(text, language)}"


def _evidence(story: Story, language: Language) -> Iterator[str]:
    """What the last change by a watch that names its looks rests on, or the last one; an end may name none."""
    rows = [each for each in reversed(story.events) if each["evidence"].get("dates") is not None]
    if not rows:
        return
    row = next((each for each in rows if each["evidence"]["dates"]), rows[0])
    proof = row["evidence"]
    version = story.rules.version if story.rules is not None and story.same_rules else word("changed_rules", language)
    named = f"{word('rule', language)} {proof['rule']}, {story.alert.rules_id} {version} ({story.rules_hash[:12]})"
    yield f"{word('evidence', language)} ({row['happened_on']}, {named}):"
    pairs = zip(proof["dates"], proof["values"], strict=True)
    yield f"  {word('looks', language)}: " + ", ".join(f"{day} {_figure(value, language)}" for day, value in pairs)
    band = proof["expected"]
    low, high = (_figure(band[end], language) if band[end] is not None else "-" for end in ("low", "high"))
    yield f"  {word('value', language)} {_figure(proof['value'], language)}, {word('band', language)} {low} .. {high}"
    yield f"  {word('neighbours', language)}: {_percent(proof['neighbours_fallen'], language)}"
    if proof["why"]:
        yield f"  {proof['why']}"
    yield from _pictures(story, language)


def _pictures(story: Story, language: Language) -> Iterator[str]:
    found = (row["evidence"]["chips"] for row in reversed(story.events) if row["evidence"].get("chips"))
    chips: Mapping[str, Mapping[str, str]] = next(found, {})
    for when, chip in chips.items():
        yield f"  {word('pictures', language)} {when} {chip.get('day', '')}: {chip.get('file', '')}"


def _event(row: RowMapping, language: Language) -> str:
    to = f" -> {row['evidence']['to']}" if "to" in row["evidence"] else ""
    who = f", {row['by']}" if row["by"] else ""
    why = row["note"] or row["evidence"].get("why") or ""
    act = f"{said(ACTS, row['kind'], language)} ({level_words(row['level'])})"
    return f"{row['happened_on']} {act}{to}{who}{f': {why}' if why else ''}"


def _visit(row: RowMapping, language: Language) -> str:
    where = "" if row["distance_m"] is None else f", {row['distance_m']:.0f} m"
    far = f" {word('far', language)}" if is_far(row["distance_m"], row["accuracy_m"]) else ""
    cause = f", {row['cause_found']}" if row["cause_found"] else ""
    loss = "" if row["loss_share"] is None else f", {row['loss_share']:.0%}"
    photo = f", photo {row['photo_hash'][:12]}" if row["photo_hash"] else ""
    note = f": {row['note']}" if row["note"] else ""
    outcome = said(OUTCOMES, row["outcome"], language)
    at = f"{row['captured_at']:%Y-%m-%d %H:%M} UTC"
    return f"{at} {row['by']} + {row['with']}: {outcome}{cause}{loss}{where}{far}{photo}{note}"


def _listed_facts(alert: Listed) -> dict[str, Any]:
    standing = alert.standing
    facts = {name: getattr(alert, name) for name in _FACTS}
    figures = {name: getattr(standing, name) for name in standing.__dataclass_fields__}
    loans = [
        {name: getattr(part, name) for name in ("facility_number", "basis", "amount_minor", "currency", "plots")}
        for part in alert.loans
    ]
    return facts | figures | {"loans": loans}


_FACTS: Final = (
    *("number", "key", "parcel_id", "unit", "cause", "season_id", "rules_id", "opened_on", "assigned_to"),
    "stopped_on",
    *("currency", "exposure_minor", "at_risk", "expected_loss_minor"),
)


def _shown(row: RowMapping, without: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in without}


def _stopped(alert: Listed, language: Language) -> Iterator[str]:
    if alert.stopped_on is not None:
        yield word("stopped", language).format(alert.stopped_on)


def _ended(day: date | None, language: Language) -> str:
    return "" if day is None else f", {word('ended', language)} {day}"


def _percent(value: float | None, language: Language) -> str:
    return word("unknown", language) if value is None else f"{value:.0%}"


def _figure(value: float | None, language: Language) -> str:
    return word("unknown", language) if value is None else f"{value:.2f}"


def _line(console: Console, text: str) -> None:
    console.print(text, highlight=False, markup=False, soft_wrap=True)
