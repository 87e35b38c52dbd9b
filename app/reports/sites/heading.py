"""Head of an observation report: who lends, what is built, and how it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from app.db.tables.site_kinds import SiteStandingKind
from app.reports.sites.capacity import ground_text, mounting_and_country
from app.reports.sites.values import area, days_between, hectares, percent
from app.reports.sites.words import KINDS, STANDINGS, named, say
from geo.sites import SiteType
from scoring.receipts.explanation import Language, day_text

#: Digits of a hash that tell one report from another.
SHORT: Final = 16

Facts = Mapping[str, Any]


def head(facts: Facts, facts_hash: str, language: Language, *, draft: bool) -> dict[str, Any]:
    """Head and foot of the document, and what names the site. draft: it is not on record, and says so on each page."""
    site, as_of = facts["site"], date.fromisoformat(facts["watch"]["as_of"])
    labels = [say("simulated", language)] if facts["watch"]["simulated"] else []
    footer = say("footer", language, site=site["id"], day=as_of, digest=facts_hash[:SHORT])
    return {
        "language": language,
        "region": "cn" if language == "zh" else "gb",
        "title": say("title", language),
        "subject": site["name"] or site["id"],
        "bank": site["lender"],
        "office": site["unit_name"] or "",
        "date": day_text(as_of, language),
        "year": as_of.year,
        "month": as_of.month,
        "day": as_of.day,
        "labels": labels + ([say("draft", language)] if draft else []),
        "facts": [list(pair) for pair in _named_facts(facts, language)],
        "footer": footer,
    }


def _named_facts(facts: Facts, language: Language) -> Iterator[tuple[str, str]]:
    site = facts["site"]
    kind, comma = SiteType(site["kind"]), ", " if language == "en" else "，"
    yield say("site", language), site["id"] if site["name"] is None else f"{site['name']}{comma}{site['id']}"
    yield say("kind", language), named(KINDS[kind], language)
    if site["unit_code"] is not None:
        yield say("unit", language), f"{site['unit_name']} ({site['unit_code']})"
    yield say("facility", language), site["facility"] or say("none", language)
    yield say("permits", language), "; ".join(site["permits"]) or say("none", language)
    if site["capacity_mw"] is not None:
        yield say("capacity", language), say("capacity_mw", language, mw=f"{site['capacity_mw']:,g}")
    yield from mounting_and_country(facts, language)
    ground = hectares(site["area_ha"], language)
    if site["built_ha"] is not None:
        ground = say("ground_built", language, area=ground, built=hectares(site["built_ha"], language))
    yield say("ground", language), ground
    holds = ground_text(facts, language)
    if holds is not None:
        yield say("ground_capacity", language), holds
    if kind is SiteType.WIND:
        yield say("turbines_planned", language), str(len(site["points"]))


def standing(facts: Facts, language: Language) -> dict[str, Any]:
    """How the site stands against its plan, in one word, and what that rests on."""
    stood = facts["standing"]
    kind = SiteStandingKind(stood["standing"])
    return {
        "label": say("standing_on", language, day=day_text(date.fromisoformat(facts["watch"]["as_of"]), language)),
        "value": named(STANDINGS[kind], language),
        "tone": str(kind),
        "notes": list(_notes(facts, language)),
    }


def _notes(facts: Facts, language: Language) -> Iterator[str]:
    stood, as_of = facts["standing"], facts["watch"]["as_of"]
    if stood["share"] is None:
        if facts["looks"]:
            yield say("no_share", language)
        else:
            code = facts["failure"]["code"] if facts["failure"] else "-"
            yield say("not_seen", language, code=code)
        return
    shares = {name: percent(stood[name], language) for name in ("low", "share", "high")}
    yield say("built_share", language, **shares, day=stood["seen_on"])
    if stood["planned"] is not None:
        yield say("planned_share", language, share=percent(stood["planned"], language))
    whole = facts["detail"].get("whole")
    if whole is not None and whole["basis"] == "capacity":
        ends = {end: area(whole[end], language) for end in ("least", "most")}
        yield say("whole_capacity", language, **ends)
    since = days_between(stood["seen_on"], as_of)
    if since > 0:
        yield say("unseen_since", language, days=since)
