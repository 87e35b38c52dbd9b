"""Open alerts of an observation report: what was measured, and what to look for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.reports.sites.values import area, percent
from app.reports.sites.words import named, say
from scoring.alerts.notice_text import LEVELS
from scoring.receipts.explanation import Language

Facts = Mapping[str, Any]


def alerts_section(facts: Facts, language: Language) -> dict[str, Any]:
    """Alerts that were open at the end of the day, the gravest first."""
    alerts = [_alert(alert, language) for alert in facts["alerts"]]
    items = alerts or [say("no_alerts", language)]
    return {"heading": say("alerts", language), "kind": "bullets" if alerts else "text", "items": items}


def _alert(alert: Facts, language: Language) -> str:
    said = [_alert_value(alert, language)]
    if alert["why"]:
        said.append(say(f"why_{alert['why']}", language))
    gap = " " if language == "en" else ""
    told = say(
        "alert",
        language,
        level=named(LEVELS[alert["level"]], language),
        title=alert["title"][language],
        day=alert["opened_on"],
        value=gap.join(each for each in said if each),
    )
    if alert["looks_for"] is None:
        return told
    return told + gap + say("look_for", language, what=alert["looks_for"][language])


def _alert_value(alert: Facts, language: Language) -> str:
    """What was measured, beside what is expected; of a rule whose unit is not known nothing."""
    write = {"share": percent, "m2": area}.get(alert["unit"] or "")
    if write is None or alert["value"] is None:
        return ""
    value = write(alert["value"], language)
    if alert["least"] is not None:
        return say("alert_least", language, value=value, bound=write(alert["least"], language))
    if alert["most"] is not None:
        return say("alert_most", language, value=value, bound=write(alert["most"], language))
    return say("alert_value", language, value=value)
