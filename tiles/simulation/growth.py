"""Green, dry, flowering and flooded cover of plots through the season, with random effects from plot to plot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Final

import numpy as np
from scipy.special import expit

from tiles.simulation.calendars import Calendar, Phase
from tiles.simulation.spectra import SOILS, Floats, load_spectra

#: The logistic curve climbs from 5 % to 95 % over this many of its widths.
_CLIMB: Final = 5.889
_MAX_PHASES: Final = 6
#: Vigour of an ordinary stand, and how far its reflectance and dates move with it.
_ORDINARY: Final = 0.62
_RIPENS_EARLIER_DAYS: Final = 10.0
#: Periods of the slow ups and downs of a stand, and their size against its green cover.
_WAVES_DAYS: Final = (47.0, 83.0, 171.0)
_WAVE: Final = 0.035


@dataclass(frozen=True, slots=True)
class Effects:
    """What makes each of n plots its own.

    Attributes:
        vigour: (n,) 0 to 1.
        shift_days: (n,) early or late plots, in units of the calendar's spread.
        jitter_days: (n, phases) further shift of each stretch of green.
        pace: (n,) length of climbs against the calendar's.
        pigment: (n,) visible and red-edge absorption against the usual, log.
        structure: (n,) near infrared against the usual, log.
        water: (n,) short-wave infrared absorption against the usual, log.
        soil: (n, b) dry soil reflectance.
        damp: (n,) moisture against the area's.
        residue: (n,) straw left against the usual.
        ploughed_days: (n,) days from harvest until the soil is turned.
        weeds: (n,) cover of weeds and volunteers in summer where nothing else grows.
        wobble: (n, waves) phases of slow ups and downs (dry spells, frost, pests), radians.
    """

    vigour: Floats
    shift_days: Floats
    jitter_days: Floats
    pace: Floats
    pigment: Floats
    structure: Floats
    water: Floats
    soil: Floats
    damp: Floats
    residue: Floats
    ploughed_days: Floats
    weeds: Floats
    wobble: Floats

    def take(self, plots: np.ndarray) -> Effects:
        """The effects of some plots only."""
        return Effects(*(getattr(self, field.name)[plots] for field in fields(self)))

    def with_vigour(self, vigour: Floats) -> Effects:
        """The same plots, better or worse grown."""
        return replace(self, vigour=np.clip(vigour, 0.0, 1.0).astype(np.float32))


def draw_effects(n: int, rng: np.random.Generator) -> Effects:
    """Random effects of n plots that lie in one area: part of each is shared, part is the plot's own."""

    def around(shared: float, own: float) -> Floats:
        return (rng.normal(0.0, shared) + rng.normal(0.0, own, n)).astype(np.float32)

    return Effects(
        vigour=_draw_vigour(n, rng),
        shift_days=around(0.45, 0.95),
        jitter_days=rng.normal(0.0, 2.5, (n, _MAX_PHASES)).astype(np.float32),
        pace=np.exp(around(0.04, 0.13)),
        pigment=around(0.03, 0.10),
        structure=around(0.03, 0.07),
        water=around(0.03, 0.09),
        soil=_draw_soil(n, rng),
        damp=around(0.05, 0.07),
        residue=np.exp(around(0.1, 0.35)),
        ploughed_days=rng.gamma(2.0, 16.0, n).astype(np.float32),
        weeds=np.minimum(rng.gamma(0.8, 0.09, n), 0.6).astype(np.float32),
        wobble=rng.uniform(0.0, 2.0 * np.pi, (n, len(_WAVES_DAYS))).astype(np.float32),
    )


@dataclass(frozen=True, slots=True)
class Cover:
    """Cover of n plots on t days by one crop, all (n, t), 0 to 1.

    Attributes:
        green: green canopy.
        dry: standing dead canopy, then straw and stubble.
        flower: share of the green canopy that flowers hide.
        flood: standing water between the plants.
    """

    green: Floats
    dry: Floats
    flower: Floats
    flood: Floats


def cover_of(calendar: Calendar, effects: Effects, days: Sequence[date]) -> Cover:
    """Cover of plots under one crop, year after year, on the given days."""
    shape = (effects.vigour.size, len(days))
    bare, dry, flower, flood = np.ones(shape), np.zeros(shape), np.zeros(shape), np.zeros(shape)
    for year in range(min(days).year, max(days).year + 2):
        t = _days_into(year, days, calendar, effects)
        stand, dead = _stand(calendar, effects, t)
        bare *= 1.0 - stand
        dry = np.maximum(dry, dead)
        flower = np.maximum(flower, _flowering(calendar, t))
        flood = np.maximum(flood, _flooding(calendar, t))
    green = 1.0 - bare * (1.0 - _closed(calendar.evergreen, effects.vigour)[:, None])
    green = np.clip(green * _wobble(effects, days), 0.0, 0.995)
    dry = np.minimum(dry, 1.0 - green)
    return Cover(*(part.astype(np.float32) for part in (green, dry, flower, flood)))


def weed_cover(effects: Effects, days: Sequence[date]) -> Floats:
    """(n, t) green cover of weeds on open soil: most in summer, least in winter, up and down in between."""
    season = np.array([0.5 - 0.42 * np.cos(2.0 * np.pi * (day.timetuple().tm_yday - 20) / 365.25) for day in days])
    wander = np.clip(1.0 + 12.0 * (_wobble(effects, days) - 1.0), 0.05, 2.5)
    cover: Floats = np.minimum(effects.weeds[:, None] * season * wander, 0.8).astype(np.float32)
    return cover


def _draw_vigour(n: int, rng: np.random.Generator) -> Floats:
    """Mostly ordinary stands; about one in forty fails."""
    vigour = rng.beta(6.0, 3.6, n)
    return np.where(rng.random(n) < 1 / 40, 0.35 * vigour, vigour).astype(np.float32)


def _draw_soil(n: int, rng: np.random.Generator) -> Floats:
    soils = np.stack([load_spectra().soil[name] for name in SOILS])
    area = rng.dirichlet((4.0, 1.2, 1.5))
    shares = rng.dirichlet(area * 12.0 + 0.2, n)
    brightness = np.exp(rng.normal(0.0, 0.07) + rng.normal(0.0, 0.07, n))
    return (shares @ soils * brightness[:, None]).astype(np.float32)


def _days_into(year: int, days: Sequence[date], calendar: Calendar, effects: Effects) -> np.ndarray:
    """(n, t) days since 1 January of a harvest year, as each plot's own calendar counts them."""
    since = np.array([(day - date(year, 1, 1)).days for day in days], dtype=np.float64)
    return since[None, :] - (calendar.spread_days * effects.shift_days)[:, None]


def _wobble(effects: Effects, days: Sequence[date]) -> np.ndarray:
    t = np.array([day.toordinal() for day in days], dtype=np.float64)
    waves = [np.sin(2.0 * np.pi * t / period + effects.wobble[:, i, None]) for i, period in enumerate(_WAVES_DAYS)]
    moved: np.ndarray = 1.0 + _WAVE * np.sum(waves, axis=0)
    return moved


def _stand(calendar: Calendar, effects: Effects, t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Green and dry cover of one year's stand."""
    bare, ripe = np.ones_like(t), np.zeros_like(t)
    for number, phase in enumerate(calendar.phases):
        green, dead = _phase(phase, effects, t - effects.jitter_days[:, number, None])
        bare *= 1.0 - green
        ripe = dead
    green = (1.0 - bare) * _uncut(calendar, t)
    if calendar.harvest is None:
        return green, calendar.residue * ripe * np.exp(-np.maximum(t - calendar.phases[-1].fall, 0.0) / 75.0)
    standing = expit((calendar.harvest - t) / 0.7)
    return green * standing, ripe * standing + _straw(calendar, effects, t - calendar.harvest)


def _phase(phase: Phase, effects: Effects, t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Double logistic climb and decline; a weak stand covers less and ripens earlier."""
    peak = _closed(phase.cover, effects.vigour)[:, None]
    pace = effects.pace[:, None]
    fall = phase.fall + _RIPENS_EARLIER_DAYS * (effects.vigour - _ORDINARY)[:, None]
    climb = expit((t - phase.rise) * _CLIMB / (phase.rise_days * pace))
    decline = expit((t - fall) * _CLIMB / (phase.fall_days * pace))
    return peak * climb * (1.0 - decline), 0.9 * peak * climb * decline


def _closed(cover: float, vigour: np.ndarray) -> np.ndarray:
    """Greatest cover of a stand: leaf area grows with vigour, cover follows Beer's law."""
    return 1.0 - (1.0 - cover) ** (0.30 + 1.15 * vigour)


def _uncut(calendar: Calendar, t: np.ndarray) -> np.ndarray:
    left = np.ones_like(t)
    for cut in calendar.cuts:
        left *= 1.0 - 0.62 * np.exp(-np.maximum(t - cut, 0.0) / 16.0) * (t >= cut)
    return left


def _straw(calendar: Calendar, effects: Effects, since: np.ndarray) -> np.ndarray:
    """Straw left since the harvest: it rots slowly and goes when the soil is turned."""
    turned = expit((since - effects.ploughed_days[:, None]) / 1.5)
    left = calendar.residue * effects.residue[:, None] * np.exp(-np.maximum(since, 0.0) / 70.0)
    straw: np.ndarray = np.minimum(left, 0.9) * expit(since / 0.7) * (1.0 - 0.85 * turned)
    return straw


def _flowering(calendar: Calendar, t: np.ndarray) -> np.ndarray:
    if calendar.flower is None:
        return np.zeros_like(t)
    return calendar.flower.share * expit((t - calendar.flower.first) / 3.0) * expit((calendar.flower.last - t) / 3.0)


def _flooding(calendar: Calendar, t: np.ndarray) -> np.ndarray:
    """Standing water; drained for some days in mid-season (about day 45 of 80)."""
    if calendar.flood is None:
        return np.zeros_like(t)
    first, last = calendar.flood
    standing = expit((t - first) / 1.2) * expit((last - t) / 3.0)
    drained = np.exp(-(((t - first - 46.0) / 5.0) ** 2))
    return 0.95 * standing * (1.0 - 0.8 * drained)
