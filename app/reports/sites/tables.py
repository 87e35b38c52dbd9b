"""Tables of observation reports, as data for the template."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from app.db.tables.site_kinds import RedLineKind
from app.reports.sites.values import area, days_between, measured, percent, span
from app.reports.sites.words import MEASURES, MILESTONES, RED_LINES, named, say
from geo.sites import SiteMeasure
from scoring.receipts.explanation import Language
from scoring.sites.plan import MilestoneKind

#: Rows to fill in where no meter was read.
_BLANK_ROWS: Final = 4

Facts = Mapping[str, Any]


def table(
    heading: str,
    titles: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    wide: Sequence[int],
    right: Sequence[int] = (),
    before: Sequence[str] = (),
    after: Sequence[str] = (),
    small: bool = False,
) -> dict[str, Any]:
    """A table with a heading, and sentences before and after it."""
    columns = [{"title": title, "right": at in right, "wide": at in wide} for at, title in enumerate(titles)]
    said = {"columns": columns, "rows": [list(row) for row in rows], "small": small}
    return {"heading": heading, "kind": "table", **said, "before": list(before), "after": list(after)}


def milestones_table(facts: Facts, language: Language) -> dict[str, Any]:
    """Milestones: planned, between which looks reached, how late, and the share of draw-downs."""
    milestones = facts["plan"]["milestones"]
    rows = [
        [
            str(number),
            named(MILESTONES[MilestoneKind(one["kind"])], language),
            one["due"],
            _reached(one, language),
            _against(one, facts["watch"]["as_of"], language),
            percent(one["draws"], language),
        ]
        for number, one in enumerate(milestones, 1)
    ]
    titles = [say(key, language) for key in ("number", "milestone", "due", "reached", "against", "draws")]
    drawn = sum(one["draws"] for one in milestones if one["by"])
    note = say("milestones_note", language, share=percent(drawn, language))
    return table(say("milestones", language), titles, rows, wide=(3,), right=(5,), after=[note])


def _reached(milestone: Facts, language: Language) -> str:
    if not milestone["by"]:
        return say("not_reached", language)
    if not milestone["after"]:
        return say("by_first", language, by=milestone["by"])
    return say("between", language, after=milestone["after"], by=milestone["by"])


def _against(milestone: Facts, as_of: str, language: Language) -> str:
    due, after, by = milestone["due"], milestone["after"], milestone["by"]
    if by:
        most = days_between(due, by)
        least = days_between(due, after) + 1 if after else most
        if most <= 0:
            return say("in_time", language)
        return say("late", language, least=least, most=most) if least > 0 else say("late_most", language, most=most)
    over = days_between(due, as_of)
    return say("overdue", language, days=over) if over > 0 else say("not_due", language)


def measures_table(facts: Facts, language: Language, notes: Sequence[str]) -> dict[str, Any]:
    """The latest look of each measure that told something."""
    latest = facts["detail"]["measures"]
    rows = [
        [
            named(MEASURES[measure], language),
            latest[measure]["day"],
            measured(measure, latest[measure]["value"], language),
            _interval(measure, latest[measure], language),
            percent(latest[measure]["clear"], language),
        ]
        for measure in SiteMeasure
        if measure in latest
    ]
    titles = [say(key, language) for key in ("measure", "look", "value", "interval", "clear")]
    return table(say("measures", language), titles, rows, wide=(0,), right=(2, 4), after=notes)


def _interval(measure: str, latest: Facts, language: Language) -> str:
    low, high = (measured(measure, latest[end], language) for end in ("low", "high"))
    return span(low, high, language)


def places_table(facts: Facts, language: Language) -> dict[str, Any]:
    """Chance of a pad and of a tower at each planned place."""
    rows = [
        [
            str(number),
            *(f"{one[axis]:.5f}" for axis in ("lon", "lat")),
            *(_chance(one[what], language) for what in ("pad", "tower")),
        ]
        for number, one in enumerate(facts["detail"]["places"], 1)
    ]
    titles = [say(key, language) for key in ("number", "lon", "lat", "pad", "tower")]
    note = say("places_note", language)
    return table(say("places", language), titles, rows, wide=(), right=(1, 2, 3, 4), after=[note])


def _chance(chance: float | None, language: Language) -> str:
    return say("not_shown", language) if chance is None else percent(chance, language)


def red_lines_table(facts: Facts, language: Language) -> dict[str, Any]:
    """Red lines on the site's ground."""
    heading, lines = say("red_lines", language), facts["red_lines"]
    if not lines:
        return {"heading": heading, "kind": "text", "items": [say("no_red_lines", language)]}
    rows = [
        [
            f"R{number}",
            one["name"] or one["id"],
            named(RED_LINES[RedLineKind(one["kind"])], language),
            one["source"],
            one["as_of"],
            area(one["area_m2"], language),
        ]
        for number, one in enumerate(lines, 1)
    ]
    titles = [say(key, language) for key in ("number", "name", "kind", "source", "stated_on", "shared_area")]
    return table(heading, titles, rows, wide=(1,), right=(5,))


def meters_table(facts: Facts, language: Language) -> dict[str, Any]:
    """Meter readings; rows to fill in where there is none."""
    titles = [say(key, language) for key in ("from", "to", "energy", "source", "stated_on")]
    heading, readings = say("meters", language), facts["meters"]
    if not readings:
        blank = [[""] * len(titles)] * _BLANK_ROWS
        return table(heading, titles, blank, wide=range(len(titles)), before=[say("meters_empty", language)])
    rows = [
        [one["starts_on"], one["ends_on"], f"{one['energy_kwh']:,.1f}", one["source"], one["as_of"]] for one in readings
    ]
    return table(heading, titles, rows, wide=(3,), right=(2,), after=[say("meters_note", language)])


def looks_table(facts: Facts, language: Language) -> dict[str, Any]:
    """Every look that told something, with what was clear of it and its scenes."""
    heading = say("looks", language)
    if not facts["looks"]:
        return {"heading": heading, "kind": "text", "items": [say("no_looks", language)]}
    titles = [say(key, language) for key in ("look", "clear", "scenes")]
    return table(heading, titles, list(_looks(facts, language)), wide=(2,), right=(1,), small=True)


def _looks(facts: Facts, language: Language) -> Iterator[list[str]]:
    for look in facts["looks"]:
        yield [look["day"], percent(look["clear"], language), " ".join(look["scenes"]) or "-"]
