"""What an observation report says, as data for its template: a function of facts and pictures, and of nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.reports.pictures.ground import Ground, ground_drawing
from app.reports.pictures.progress import ProgressChart, Reported, progress_drawing
from app.reports.sites.capacity import built_text, sources_text
from app.reports.sites.findings import alerts_section
from app.reports.sites.heading import SHORT, head, standing
from app.reports.sites.method import method_of
from app.reports.sites.tables import (
    looks_table,
    measures_table,
    meters_table,
    milestones_table,
    places_table,
    red_lines_table,
)
from app.reports.sites.values import percent
from app.reports.sites.words import UNSEEN, named, say
from geo.sites import SiteType
from scoring.receipts.explanation import Language
from scoring.sites.operation import Unseen

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture of a report: what its facts say of it, and the drawing."""

    facts: Facts
    ground: Ground


def site_report(
    facts: Facts, facts_hash: str, pictures: Sequence[Shown], language: Language, *, draft: bool
) -> dict[str, Any]:
    """Data of the template "site_report".

    Args:
        facts: of app.sites.facts, with scenes of looks and pictures.
        facts_hash: of them.
        pictures: those that the facts name, in their order.
        language: of the report.
        draft: it is not on record, and says so on each page.

    Raises:
        DataError: facts hold a range of capacity that is told in no known way.
    """
    sections = [
        _progress(facts, language),
        milestones_table(facts, language),
        _pictures(facts, pictures, language),
        *_seen(facts, language),
        alerts_section(facts, language),
        red_lines_table(facts, language),
        _unseen(facts, language),
        meters_table(facts, language),
        _signatures(language),
        _method(facts, language),
        looks_table(facts, language),
        _reference(facts, facts_hash, language, draft=draft),
    ]
    return {
        **head(facts, facts_hash, language, draft=draft),
        "standing": standing(facts, language),
        "statement": {"heading": say("statement_title", language), "text": say("statement", language)},
        "sections": [section for section in sections if section is not None],
    }


def _progress(facts: Facts, language: Language) -> dict[str, Any]:
    plan, as_of = facts["plan"], date.fromisoformat(facts["watch"]["as_of"])
    chart = ProgressChart(
        planned=tuple((date.fromisoformat(day), share) for day, share in plan["curve"]),
        reported=tuple(Reported(date.fromisoformat(day), *three) for day, *three in facts["detail"]["curve"]),
        due=tuple(date.fromisoformat(one["due"]) for one in plan["milestones"]),
        as_of=as_of,
    )
    says = say("chart", language, count=len(chart.due), day=as_of)
    return {
        "heading": say("progress", language),
        "kind": "pictures",
        "items": [{"svg": progress_drawing(chart), "says": says}],
        "height": None,
        "note": "",
    }


def _pictures(facts: Facts, pictures: Sequence[Shown], language: Language) -> dict[str, Any]:
    heading = say("pictures", language)
    if not pictures:
        return {"heading": heading, "kind": "text", "items": [say("no_pictures", language)]}
    site = facts["site"]
    drawn = ["drawn_border" if SiteType(site["kind"]) is not SiteType.WIND else ""]
    drawn += ["drawn_points" if site["points"] else "", "drawn_red" if facts["red_lines"] else ""]
    return {
        "heading": heading,
        "kind": "pictures",
        "items": [{"svg": ground_drawing(one.ground), "says": _picture(one.facts, language)} for one in pictures],
        "height": "8.6cm",
        "note": (" " if language == "en" else "").join(say(key, language) for key in drawn if key),
    }


def _picture(picture: Facts, language: Language) -> str:
    when = say(picture["when"], language, day=picture["day"])
    clear, scenes = percent(picture["clear_share"], language), ", ".join(picture["items"])
    told = say("picture", language, clear=clear, scenes=scenes)
    return f"{when}{', ' if language == 'en' else '，'}{told}"


def _seen(facts: Facts, language: Language) -> Iterator[dict[str, Any]]:
    """Measures, and turbines by place; nothing where nothing was seen."""
    if facts["detail"]["measures"]:
        yield measures_table(facts, language, list(_measure_notes(facts, language)))
    if facts["detail"]["places"]:
        yield places_table(facts, language)


def _measure_notes(facts: Facts, language: Language) -> Iterator[str]:
    detail = facts["detail"]
    if detail["capacity"] is not None:
        yield built_text(facts, language)
    if detail["water"] is not None:
        yield _level(detail["water"], language)
    if detail["over_permit"] is not None:
        least, seems = detail["over_permit"]
        yield say("over_permit", language, least=least, seems=seems)


def _level(water: Facts, language: Language) -> str:
    if water["level_m"] is None:
        return say("no_level", language, day=water["day"])
    levels = {
        name: say("off_curve", language) if water[key] is None else f"{water[key]:.1f}"
        for name, key in (("level", "level_m"), ("low", "level_low_m"), ("high", "level_high_m"))
    }
    return say("water_level", language, day=water["day"], **levels)


def _unseen(facts: Facts, language: Language) -> dict[str, Any]:
    items = [named(UNSEEN[Unseen(one)], language) for one in facts["detail"]["unseen"]]
    return {"heading": say("unseen", language), "kind": "bullets", "items": items}


def _signatures(language: Language) -> dict[str, Any]:
    names = ("signed_name", "signed_seen", "signed_judgement", "signed", "signed_on")
    return {
        "heading": say("signatures", language),
        "kind": "fields",
        "items": [{"name": say(name, language), "tall": name == "signed_judgement"} for name in names],
    }


def _method(facts: Facts, language: Language) -> dict[str, Any]:
    items = method_of(SiteType(facts["site"]["kind"]), language)
    sources = sources_text(facts, language)
    items += [] if sources is None else [sources]
    if facts["watch"]["simulated"]:
        items.append(say("imagery_simulated", language))
    elif facts["looks"]:
        years = sorted({facts["looks"][place]["day"][:4] for place in (0, -1)})
        items.append(say("imagery", language, years="-".join(years)))
    return {"heading": say("method", language), "kind": "text", "items": items}


def _reference(facts: Facts, facts_hash: str, language: Language, *, draft: bool) -> dict[str, Any]:
    watch, site = facts["watch"], facts["site"]
    rows = {
        "watch": watch["id"],
        "run": watch["run_id"],
        "rules": f"{watch['rules_id']} {watch['rules_hash']}",
        "version": f"Acreline {watch['code_version']}",
        "model": watch["model_hash"] or "-",
        "plan": facts["plan"]["hash"],
        "facts_hash": facts_hash,
    }
    told = [[say(name, language), text] for name, text in rows.items()]
    if not draft:
        told.append(["", say("again", language, site=site["id"], digest=facts_hash[:SHORT], lang=language)])
    return {"heading": say("reference", language), "kind": "pairs", "rows": told}
