"""The list of a week and its sheets, and the precision of alerts, as plain text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import typer
from sqlalchemy import Connection, RowMapping

from app.alerts.visits.weeks import tasks_of
from app.alerts.words import (
    DRAWN,
    OUTCOMES,
    SCOPES,
    WHOLE_PARCEL,
    Language,
    cause_title,
    in_language,
    level_words,
    said,
)
from app.alerts.worklist.candidates import RulesAtHand
from app.alerts.worklist.exposure import exposures
from app.alerts.worklist.story import Story, position_of, story_of
from app.book.villages import villages_of
from app.cli.alert_tables import loan_words
from app.cli.money import major_text
from scoring.alerts.outcomes import COVERAGE, Misses, Precision, Prior, rules_text
from scoring.alerts.rules import AlertRules

_BLANK = "________"


def print_list(
    connection: Connection, drawn: RowMapping, rules: RulesAtHand, language: Language, *, sheets: bool, as_json: bool
) -> None:
    """A week's list: a line or a sheet for each visit, or JSON lines."""
    tasks = tasks_of(connection, drawn["id"])
    if as_json:
        for task in tasks:
            typer.echo(json.dumps(_facts(connection, drawn, task), ensure_ascii=False, default=str))
        return
    year, number, _ = drawn["week"].isocalendar()
    head = f"{year}-W{number:02d}  {drawn['unit']}  {len(tasks)} visits, drawn {drawn['recorded_at']:%Y-%m-%d}"
    typer.echo(f"{head} by {drawn['drawn_by']} as of {drawn['as_of']}, from {drawn['candidates']} parcels")
    villages = villages_of(connection, [task["parcel_id"] for task in tasks])
    for task in tasks:
        village = villages.get(task["parcel_id"])
        story = None if task["alert_id"] is None else story_of(connection, task["alert_id"], drawn["as_of"], rules)
        where = "-" if village is None else village.name
        if not sheets:
            typer.echo(f"{_line(task, story, language)}  {where}")
            continue
        head, *lines = _sheet(connection, drawn, task, story, language)
        typer.echo("\n".join([head, lines[0], f"Village 行政村: {where}", *lines[1:]]))


def print_precision(confirmed: Sequence[Precision], missed: Misses, visits: int, top: int | None) -> None:
    """Shares with their intervals; says what they rest on."""
    typer.echo(f"{visits} visits. Precision of the ranked ones{'' if top is None else f', ranks 1 to {top}'}:")
    for row in confirmed:
        whose = " ".join(part for part in (row.cause, row.level) if part) or "all"
        right = row.confirmed + row.partly
        counts = f"{right} of {row.reached} reached ({row.visits - row.reached} not reached)"
        typer.echo(f"  {whose}: {_share(row.share, row.low, row.high)}, {counts}")
    typer.echo(f"Visits by chance: {missed.drawn}, of them to parcels without an alert and reached: {missed.reached}.")
    typer.echo(
        f"  something was found on {missed.found}: {_share(missed.share, missed.low, missed.high)} of such parcels"
    )


def print_priors(found: tuple[Prior, ...], rules: AlertRules) -> None:
    """Causes and levels with a visit, and the lines for the rules file."""
    visited = [row for row in found if row.visits]
    for row in visited:
        expected = f"{row.confirmed} confirmed of {row.visits}, {row.expected:.1f} expected"
        typer.echo(f"{row.cause} {row.level}: {row.before:.3f} -> {row.after:.3f} ({expected})")
    if not visited:
        typer.echo(f"No visit that reached a parcel with an alert: the priors of {rules.id} stand.")
        return
    typer.echo(f"For the next version of {rules.id} (now {rules.version}); nothing is changed by this command:")
    for cause, line in rules_text(found).items():
        typer.echo(f"  [causes.{cause}]\n  {line}")


def _share(share: float | None, low: float | None, high: float | None) -> str:
    if share is None or low is None or high is None:
        return "not known: no visit"
    return f"{share:.0%} ({COVERAGE:.0%}: {low:.0%} to {high:.0%})"


def _facts(connection: Connection, drawn: RowMapping, task: RowMapping) -> dict[str, Any]:
    position = position_of(connection, task["parcel_id"], drawn["as_of"])
    shown = {name: value for name, value in task.items() if name not in ("id", "list_id")}
    return {"week": drawn["week"], "unit": drawn["unit"], "as_of": drawn["as_of"], "position": position} | shown


def _line(task: RowMapping, story: Story | None, language: Language) -> str:
    about = "-" if story is None else f"{story.alert.number} {_cause(story, language)}"
    why = said(DRAWN, task["drawn"], language)
    return f"{task['rank']:>3}  {task['parcel_id']}  {why}  {about}  {_loss(task)}"


def _sheet(
    connection: Connection, drawn: RowMapping, task: RowMapping, story: Story | None, language: Language
) -> Iterator[str]:
    yield ""
    yield f"--- {task['rank']}  {task['parcel_id']}  ({said(DRAWN, task['drawn'], language)}) ---"
    place = position_of(connection, task["parcel_id"], drawn["as_of"])
    yield "Position 位置: " + ("-" if place is None else f"{place[1]:.6f}, {place[0]:.6f}")
    if story is None:
        yield in_language(WHOLE_PARCEL, language)
    else:
        yield from _about(story, language)
    parts = exposures(connection, [task["parcel_id"]], drawn["as_of"]).get(task["parcel_id"], ())
    yield "Loans 贷款: " + ("; ".join(loan_words(part, language) for part in parts) or "-")
    boxes = "  ".join(f"[ ] {in_language(text, language)}" for text in OUTCOMES.values())
    yield f"Found 结果: {boxes}"
    yield f"Loss 损失 (%): {_BLANK}  Cause 原因: {_BLANK}  Time 时间: {_BLANK}"
    yield f"Officers 走访人: 1 {_BLANK}{_BLANK}  2 {_BLANK}{_BLANK}"


def _about(story: Story, language: Language) -> Iterator[str]:
    alert = story.alert
    yield f"Alert 预警 {alert.number}: {level_words(alert.standing.level)}, {_cause(story, language)}"
    yield f"{said(SCOPES, alert.standing.scope, language)}; {alert.opened_on}"
    rule = None if story.rules is None else story.rules.causes.get(alert.cause)
    if rule is not None:
        yield in_language(rule.looks_for, language)


def _cause(story: Story, language: Language) -> str:
    return cause_title(story.rules, story.alert.cause, language)


def _loss(task: RowMapping) -> str:
    if task["expected_loss_minor"] is None or task["currency"] is None:
        return "expected loss not known" if task["drawn"] == "ranked" else ""
    return major_text(task["expected_loss_minor"], task["currency"])
