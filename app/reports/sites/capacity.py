"""What observation reports say of capacity: of the ground that a plan builds on, and of what is built."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from app.reports.sites.words import named, say
from geo.errors import DataError
from scoring.receipts.explanation import Language
from scoring.sites.densities import held_densities

#: As ranges were told before their sources were held.
_BASIS: Final = re.compile(r"(\S+) mean (?P<whole>[\d.]+), rows (?P<mounting>\w+) (?P<rows>[\d.]+) MWdc/ha")

Facts = Mapping[str, Any]


def ground_text(facts: Facts, language: Language) -> str | None:
    """Capacity that the plan's ground may hold, and where the planned one lies; None where facts hold no range."""
    held = facts["site"].get("ground_capacity")
    if held is None:
        return None
    told = [say("ground_holds", language, **_figures(held, language)), *_beside("ground", held, language)]
    return _joined(told, language)


def built_text(facts: Facts, language: Language) -> str:
    """Capacity that the built ground may hold.

    Raises:
        DataError: facts hold a range that is told in no known way.
    """
    held, planned = facts["detail"]["capacity"], f"{facts['site']['capacity_mw']:,g}"
    if "low_by_ha" not in held:
        return _as_before(held, planned, language)
    told = [say("built_holds", language, **_figures(held, language), planned=planned)]
    return _joined([*told, *_beside("built", held, language)], language)


def sources_text(facts: Facts, language: Language) -> str | None:
    """Who reports the densities that ranges of capacity rest on; None where there is no range with a source."""
    ranges = (facts["site"].get("ground_capacity"), facts["detail"]["capacity"])
    held = [each for each in ranges if each is not None and "source" in each]
    if not held:
        return None
    sources = dict.fromkeys(source for each in held for source in each["source"].split("; "))
    told = [say("density_sources", language, sources="; ".join(sources))]
    if not all(each["checked"] for each in held):
        told.append(say("density_unread", language))
    return _joined(told, language)


def mounting_and_country(facts: Facts, language: Language) -> Iterator[tuple[str, str]]:
    """How panels are held and the country, where the plan states them."""
    site = facts["site"]
    if site.get("mounting") is not None:
        yield say("mounting", language), say(f"mounting_{site['mounting']}", language)
    if site.get("country") is not None:
        yield say("country", language), _country(site["country"], language) or site["country"]


def _figures(held: Facts, language: Language) -> dict[str, str]:
    return {
        "low": f"{held['low']:,.1f}",
        "high": f"{held['high']:,.1f}",
        "least": f"{held['low_by_ha']:g}",
        "most": f"{held['high_by_ha']:g}",
        "mounting": say(f"mounting_{held['mounting'] or 'unknown'}", language),
        "where": _country(held["country"], language) or say("world", language),
    }


def _country(code: str | None, language: Language) -> str | None:
    """Name of a country whose densities are held."""
    name = held_densities().names.get(code or "")
    return None if name is None else named(name, language)


def _beside(ground: str, held: Facts, language: Language) -> Iterator[str]:
    if held["planned"] in ("below", "above"):
        yield say(f"{ground}_{held['planned']}", language)


def _as_before(held: Facts, planned: str, language: Language) -> str:
    basis = _BASIS.fullmatch(held["basis"])
    if basis is None:
        raise DataError("SITE_FACTS", f"No report knows the basis of capacity {held['basis']!r}.")
    return say(
        "holds",
        language,
        low=f"{held['low']:.1f}",
        high=f"{held['high']:.1f}",
        planned=planned,
        whole=basis["whole"],
        rows=basis["rows"],
        mounting=say(f"mounting_{basis['mounting']}", language),
    )


def _joined(told: list[str], language: Language) -> str:
    return (" " if language == "en" else "").join(told)
