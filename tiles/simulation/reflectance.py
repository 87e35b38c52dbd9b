"""Reflectance of plots: ground, dry matter, canopy and flowers mixed by cover."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

import numpy as np

from tiles.simulation.calendars import Calendar
from tiles.simulation.growth import Cover, Effects, cover_of, weed_cover
from tiles.simulation.spectra import Floats, load_spectra, wet_soil

#: Parts of the bands that pigment, leaf structure and leaf water act on, in the order of geo.bands.BANDS.
_PIGMENT: Final = np.array([0.7, 0.8, 1.0, 0.9, 0.25, 0.05, 0.0, 0.0, 0.0, 0.0], dtype=np.float32)
_STRUCTURE: Final = np.array([0.0, 0.1, 0.0, 0.3, 0.8, 1.0, 1.0, 1.0, 0.3, 0.1], dtype=np.float32)
_WATER: Final = np.array([0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.05, 0.1, 0.8, 1.0], dtype=np.float32)
#: Near infrared that a thin canopy lacks against a closed one (fewer leaf layers scatter less).
_THIN: Final = 0.28
_ORDINARY: Final = 0.62


def plot_reflectance(calendars: Sequence[Calendar], effects: Effects, days: Sequence[date], moisture: Floats) -> Floats:
    """Clear-sky reflectance of plots that carry the same crops.

    Args:
        calendars: crops of one year, in order.
        effects: of n plots.
        days: t days.
        moisture: (t,) surface moisture of the area, 0 to 1.

    Returns:
        (n, t, b) float32, reflectance within 0..1.
    """
    covers = [cover_of(calendar, effects, days) for calendar in calendars]
    bare = np.prod([1.0 - cover.green for cover in covers], axis=0)
    mixed = _ground(calendars, covers, effects, moisture)
    mixed = _lay_weeds(_lay_dry(mixed, calendars, covers), effects, days, calendars[0].ground)
    green = 1.0 - bare
    total = np.maximum(sum(cover.green for cover in covers), 1e-6)
    canopy = sum(
        (cover.green / total)[:, :, None] * _canopy(calendar, cover, effects)
        for calendar, cover in zip(calendars, covers, strict=True)
    )
    result: Floats = mixed * bare[:, :, None] + canopy * green[:, :, None]
    return np.clip(result, 0.001, 1.0).astype(np.float32)


def _ground(calendars: Sequence[Calendar], covers: Sequence[Cover], effects: Effects, moisture: Floats) -> Floats:
    """Soil, or what lies there instead, under water where the field is flooded: (n, t, b)."""
    spectra = load_spectra()
    flood = np.max([cover.flood for cover in covers], axis=0)
    damp = np.clip(moisture[None, :] + effects.damp[:, None], 0.0, 1.0)
    ground = calendars[0].ground
    if ground == "soil":
        surface = wet_soil(effects.soil, np.maximum(damp, 0.9 * np.minimum(50.0 * flood, 1.0)), spectra.wetness)
    else:
        tone = np.exp(0.5 * effects.pigment)[:, None, None]
        surface = spectra.ground[ground] * tone * (1.0 - 0.15 * damp[:, :, None])
    water = spectra.ground["paddy"] * np.exp(effects.pigment)[:, None, None]
    wet: Floats = surface + flood[:, :, None] * (water - surface)
    return wet


def _lay_dry(ground: Floats, calendars: Sequence[Calendar], covers: Sequence[Cover]) -> Floats:
    """Dry matter upon the ground, as a share of what is not green."""
    spectra = load_spectra()
    for calendar, cover in zip(calendars, covers, strict=True):
        share = np.clip(cover.dry / np.maximum(1.0 - cover.green, 1e-6), 0.0, 1.0)[:, :, None]
        ground = ground + share * (spectra.dry[calendar.material] - ground)
    return ground


def _lay_weeds(ground: Floats, effects: Effects, days: Sequence[date], kind: str) -> Floats:
    """Weeds between and after the crops, on open soil only."""
    if kind != "soil":
        return ground
    weeds = load_spectra().canopy["weeds"]
    return ground + weed_cover(effects, days)[:, :, None] * (weeds - ground)


def _canopy(calendar: Calendar, cover: Cover, effects: Effects) -> Floats:
    """Spectrum of the green part: plots differ in pigment, structure and leaf water, and vigour moves all three."""
    spectra = load_spectra()
    above = effects.vigour - _ORDINARY
    factor = np.exp(
        -np.outer(effects.pigment + 0.45 * above, _PIGMENT)
        + np.outer(effects.structure + 0.30 * above, _STRUCTURE)
        - np.outer(effects.water + 0.25 * above, _WATER)
    )
    thin = 1.0 - _THIN * _STRUCTURE * (1.0 - cover.green[:, :, None])
    canopy: Floats = spectra.canopy[calendar.canopy] * factor[:, None, :] * thin
    if calendar.flower is None:
        return canopy
    return canopy + cover.flower[:, :, None] * (spectra.flower[calendar.flower.kind] - canopy)
