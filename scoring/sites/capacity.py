"""Footprint to capacity, as an interval of reported densities: what a solar outline can hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from geo.errors import InputError
from geo.sites import Mounting, SiteType
from scoring.sites.densities import WORLD, Densities, Density, held_densities
from scoring.sites.plan import SitePlan

#: Where a planned capacity lies against a range.
Beside: TypeAlias = Literal["below", "within", "above"]

_SQUARE_METRES: Final = 10_000.0
_DIGITS: Final = 4
#: A plant of a stated mounting holds this much more or less than the median of its mounting; a judgement. The medians
#: of the two mountings lie 1.47 apart.
_AROUND: Final = 1.15


@dataclass(frozen=True, slots=True)
class Capacity:
    """What an outline may hold, MW of direct current; no interval of probability but a range of reported densities.

    Attributes:
        low: at the lowest density that is reported of whole plants.
        high: if rows of panels cover all of it, or at the highest reported density of plants that do not track.
        low_by_ha: density that low rests on, MW by hectare.
        high_by_ha: density that high rests on.
        mounting: of the panels.
        country: whose densities low rests on; "": the world's.
        sources: who reports the densities.
        checked: the words of all sources were read, and not what others say of them.
    """

    low: float
    high: float
    low_by_ha: float
    high_by_ha: float
    mounting: Mounting
    country: str
    sources: tuple[str, ...]
    checked: bool

    @property
    def basis(self) -> str:
        """What the range rests on, in one line."""
        where = self.country or "world"
        return f"{where} {self.low_by_ha:g} MWdc/ha of whole plants, {self.mounting} {self.high_by_ha:g} at most"

    def beside(self, capacity_mw: float) -> Beside:
        """Where a capacity lies against the range."""
        if capacity_mw < self.low:
            return "below"
        return "above" if capacity_mw > self.high else "within"


def capacity_of(area_m2: float, mounting: Mounting = Mounting.UNKNOWN, country: str = WORLD) -> Capacity:
    """Range of capacity of a solar outline.

    Args:
        area_m2: area of the outline on the ground, m2.
        mounting: how panels are held.
        country: ISO 3166-1 alpha-2; "" where unknown. Of one without a reported density the world's counts.

    Raises:
        InputError: the area is not above 0.
    """
    if not 0 < area_m2 < float("inf"):
        raise InputError("SITES_AREA", f"A site of {area_m2:g} m2 holds nothing.", "Give the outline's area, above 0.")
    held, hectares = held_densities(), area_m2 / _SQUARE_METRES
    rows = held.rows(mounting)
    whole = _fitting(held, mounting, country) or _fitting(held, mounting, WORLD)
    least = min(whole, key=lambda each: each.low)
    most = max((rows, *_dense(whole, mounting)), key=lambda each: each.high)
    return Capacity(
        low=hectares * least.low,
        high=hectares * most.high,
        low_by_ha=least.low,
        high_by_ha=most.high,
        mounting=mounting,
        country=least.country,
        sources=tuple(dict.fromkeys((least.citation, most.citation))),
        checked=least.checked and most.checked,
    )


def _fitting(held: Densities, mounting: Mounting, country: str) -> tuple[Density, ...]:
    """Densities of whole plants that speak of a mounting.

    One that counts all mountings together speaks of trackers only below what rows of trackers hold: above it, it is
    that of plants that stand fixed.
    """
    rows = held.rows(mounting).high
    any_of = (mounting, Mounting.UNKNOWN)
    fits = (each for each in held.whole(country) if mounting is Mounting.UNKNOWN or each.mounting in any_of)
    return tuple(each for each in fits if each.low < rows or mounting is not Mounting.TRACKING)


def _dense(whole: Sequence[Density], mounting: Mounting) -> tuple[Density, ...]:
    """Those of some densities that bound a range from above: of trackers, only what was reported of trackers."""
    return tuple(each for each in whole if mounting is not Mounting.TRACKING or each.mounting is mounting)


def ground_capacity(plan: SitePlan, area_m2: float) -> dict[str, Any] | None:
    """What the ground of a solar plan may hold, and where its planned capacity lies; None of another type.

    Args:
        plan: the plan; its `built_ha` counts, without it all inside the border.
        area_m2: area of the border, m2.
    """
    if plan.kind is not SiteType.SOLAR:
        return None
    ground = area_m2 if plan.built_ha is None else plan.built_ha * _SQUARE_METRES
    held = capacity_of(ground, plan.mounting, plan.country)
    return capacity_json(held, None if plan.capacity_mw is None else held.beside(plan.capacity_mw))


def capacity_json(held: Capacity, beside: Beside | None) -> dict[str, Any]:
    """A range as standings, reports and answers hold it.

    Returns:
        low, high: MW; low_by_ha, high_by_ha: MW by hectare that they rest on; basis: one line; source; checked;
        mounting and country (null: unknown, the world); planned: where the planned capacity lies, null: not judged.
    """
    return {
        "low": round(held.low, _DIGITS),
        "high": round(held.high, _DIGITS),
        "low_by_ha": held.low_by_ha,
        "high_by_ha": held.high_by_ha,
        "basis": held.basis,
        "source": "; ".join(held.sources),
        "checked": held.checked,
        "mounting": None if held.mounting is Mounting.UNKNOWN else str(held.mounting),
        "country": held.country or None,
        "planned": beside,
    }


def rows_of(mounting: Mounting) -> tuple[float, float]:
    """Least and most MW of direct current that a hectare under rows may hold.

    Of a stated mounting 15 % around its median, a judgement; else from the median of trackers to that of fixed rows.
    """
    held = held_densities()
    if mounting is Mounting.UNKNOWN:
        return held.rows(Mounting.TRACKING).low, held.rows(Mounting.FIXED).high
    median = held.rows(mounting).high
    return median / _AROUND, median * _AROUND
