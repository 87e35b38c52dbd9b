"""What a notice tells: one event of an alert, without anything about a person."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final, TypeAlias

from geo.errors import InputError
from scoring.alerts.notice_text import LEVELS, headline
from scoring.alerts.rules import AlertRules, load_rules
from scoring.wording import Text

#: Title of a cause by the rules that found it.
Titles: TypeAlias = Callable[[str, str], Text]
#: Figures of an event that a webhook carries, as the event's evidence has them.
_FIGURES: Final = ("scope", "severity", "probability", "event_from", "event_on")
_MOST_LINES: Final = 200
_ORDER: Final = tuple(reversed(tuple(LEVELS)))


@dataclass(frozen=True, slots=True)
class Told:
    """One event, as it was recorded: it reads the same in every attempt.

    Attributes:
        key: the notice's own, the same in every attempt.
        event_id: number of the event; later events have greater ones.
        kind: of the event.
        level: after it.
        happened_on: as of which day.
        recorded_at: when it was recorded.
        evidence: of it.
        alert_key: the alert's name.
        parcel_id: the parcel.
        cause: key of the cause.
        season_id: of the alert.
        opened_on: first day of the alert.
        rules_id: the rules that found it.
    """

    key: str
    event_id: int
    kind: str
    level: str
    happened_on: date
    recorded_at: datetime
    evidence: Mapping[str, Any]
    alert_key: str
    parcel_id: str
    cause: str
    season_id: str
    opened_on: date
    rules_id: str

    def headline(self, titles: Titles) -> Text:
        """One line in both languages."""
        title, scope = titles(self.rules_id, self.cause), self.evidence.get("scope")
        return headline(title, self.level, self.kind, self.parcel_id, self.happened_on, scope)


def payload(told: Told, titles: Titles) -> bytes:
    """JSON of a webhook, the same bytes in every attempt; docs/alerts.md lists its keys."""
    title, line = titles(told.rules_id, told.cause), told.headline(titles)
    data = {
        "alert": told.alert_key,
        "event": told.event_id,
        "kind": told.kind,
        "parcel_id": told.parcel_id,
        "season_id": told.season_id,
        "cause": told.cause,
        "title": title.model_dump(),
        "headline": line.model_dump(),
        "level": told.level,
        "opened_on": told.opened_on.isoformat(),
        "happened_on": told.happened_on.isoformat(),
        "rules": told.evidence.get("rules", {"id": told.rules_id}),
        **{name: told.evidence.get(name) for name in _FIGURES},
    }
    at = told.recorded_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    said = {"type": f"alert.{told.kind}", "timestamp": at, "data": data}
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def mail_text(told: Sequence[Told], titles: Titles, language: str) -> tuple[str, str]:
    """Subject and text of one mail about events, the gravest first; "zh", or English."""
    ordered = sorted(told, key=lambda each: (_ORDER.index(each.level), each.event_id))
    lines = [_in(each.headline(titles), language) for each in ordered[:_MOST_LINES]]
    counts = [(LEVELS[level], sum(each.level == level for each in told)) for level in _ORDER]
    summary = ", ".join(f"{_in(name, language)} {count}" for name, count in counts if count)
    more = len(told) - len(lines)
    if language == "zh":
        subject, rest = f"作物预警 {len(told)} 条：{summary}", f"另有 {more} 条，见 acreline alerts list。"
        closing = "本通知由系统自动发出。预警本身不冻结或收回任何贷款，也不认定任何人的责任，请先核实。"
    else:
        subject, rest = f"{len(told)} crop alerts: {summary}", f"And {more} more: acreline alerts list."
        closing = "Sent by a program. No alert alone freezes or recalls a loan or blames anybody: look first."
    return subject, "\n".join([*lines, *([rest] if more else []), "", closing, ""])


def titles_of(rules_dir: Path | None = None) -> Titles:
    """Titles from alert rules, each read once; a cause whose rules are not there goes by its key."""
    read: dict[str, AlertRules | None] = {}

    def title(rules_id: str, cause: str) -> Text:
        if rules_id not in read:
            try:
                read[rules_id] = load_rules(rules_id, rules_dir)
            except InputError:
                read[rules_id] = None
        rules = read[rules_id]
        rule = None if rules is None else rules.causes.get(cause)
        return Text(en=cause, zh=cause) if rule is None else rule.title

    return title


def _in(text: Text, language: str) -> str:
    return text.zh if language == "zh" else text.en
