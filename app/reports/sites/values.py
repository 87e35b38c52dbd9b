"""Figures as reports write them: shares, areas, counts, days."""

from __future__ import annotations

from datetime import date
from typing import Final

from geo.sites import SiteMeasure
from scoring.receipts.explanation import Language

_HECTARE_M2: Final = 10_000.0
_WHOLE: Final = 100


def percent(share: float | None, language: Language) -> str:
    """A share 0..1: "62 %", "62%"; a dash where it is not known."""
    if share is None:
        return "-"
    return f"{round(share * _WHOLE)}{' %' if language == 'en' else '%'}"


def area(square_metres: float, language: Language) -> str:
    """An area: "32.4 ha" from a hectare on, else "850 m2"."""
    if square_metres >= _HECTARE_M2:
        return hectares(square_metres / _HECTARE_M2, language)
    return f"{square_metres:,.0f}{' m²' if language == 'en' else '平方米'}"


def hectares(value: float, language: Language) -> str:
    """An area in hectares: "32.4 ha"."""
    return f"{value:,.1f}{' ha' if language == 'en' else '公顷'}"


def measured(measure: str, value: float, language: Language) -> str:
    """A value of a measure in its unit: an area, or a count to a tenth (chances add up)."""
    return area(value, language) if SiteMeasure(measure).endswith("_m2") else f"{value:.1f}"


def span(low: str, high: str, language: Language) -> str:
    """From one figure to another."""
    return f"{low} to {high}" if language == "en" else f"{low}至{high}"


def days_between(first: str, last: str) -> int:
    """Days from one ISO day to another."""
    return (date.fromisoformat(last) - date.fromisoformat(first)).days
