"""Simulated seasons in memory: series of single plots and small blocks with clouds, for training and tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

from geo.legend import NODATA, load_legend
from tiles.simulation.calendars import DEFAULT_REGION, Region, Rotation, load_region
from tiles.simulation.clouds import apply_sky, classify_scene, draw_sky, smooth_field
from tiles.simulation.growth import draw_effects
from tiles.simulation.mosaic import Layout, Mosaic, cut_mosaic, field_mosaic
from tiles.simulation.plots import MARGIN, VIGOUR_STEP, Plots, plots_reflectance
from tiles.simulation.sensor import add_noise, coarsen, disturb_days
from tiles.simulation.spectra import Floats
from tiles.simulation.weather import cloud_shares, soil_moisture, sun_angles

__all__ = ["Block", "Layout", "Mosaic", "cut_mosaic", "field_mosaic", "pixel_series", "simulate_block"]

#: Vigour differs within a plot by this much (standard deviation, 0 to 1), in patches of about 80 m.
WITHIN_PLOT: Final = 0.07
_PATCH_PX: Final = 8.0
#: What lies between the fields of a block, and its share of the plots.
_SURROUNDINGS: Final[dict[Rotation, float]] = {("built",): 0.05, ("water",): 0.02}
_FIRST_DAY: Final = date(2023, 10, 1)
_REVISIT_DAYS: Final = 5
_SEASON_REVISITS: Final = 79
_PASS_HOUR_LOCAL: Final = 10.8


@dataclass(frozen=True, slots=True)
class Block:
    """A small simulated landscape through one season.

    Attributes:
        days: (t,) acquisition days.
        reflectance: (t, b, y, x) float32 with clouds, shadows and noise; 20 m bands repeated to 10 m. No NaN.
        scl: (t, y, x) uint8 scene classification, as imperfect as the real one.
        crop: (y, x) uint8 legend value of the main crop; 0 where no plot covers the larger part.
        cycles: (2, y, x) uint8 legend values of the first and second crop of the year; 0 where there is none.
        vigour: (y, x) float32, 0 to 100, true vigour of the stand.
        parcel: (y, x) int32 plot number, -1 for roads and ridges.
        share: (y, x) float32 share of that plot in the pixel: below 1 on borders.
    """

    days: tuple[date, ...]
    reflectance: Floats
    scl: npt.NDArray[np.uint8]
    crop: npt.NDArray[np.uint8]
    cycles: npt.NDArray[np.uint8]
    vigour: Floats
    parcel: npt.NDArray[np.int32]
    share: Floats


def pixel_series(
    crop: str | Sequence[str],
    n: int,
    days: Sequence[date],
    rng: np.random.Generator,
    *,
    region: str = DEFAULT_REGION,
) -> Floats:
    """Clear reflectance of n plots of one crop, each with its own dates, vigour, soil and noise.

    Args:
        crop: legend key, "wheat+maize" or ("wheat", "maize") for crops that follow each other.
        n: number of series.
        days: t days.
        rng: source of randomness.
        region: "huanghuai", "europe" or "north_india".

    Returns:
        (n, t, b) float32 reflectance, 1 = 100 %.

    Raises:
        InputError: the region or the crop is not simulated.
    """
    place = load_region(region)
    plots = Plots((_rotation(crop),) * n, draw_effects(n, rng), place)
    series, _ = plots_reflectance(plots, days, soil_moisture(place, days, rng), rng)
    return add_noise(disturb_days(series, rng)[..., None, None], rng)[..., 0, 0]


def simulate_block(
    seed: int,
    size_px: int = 64,
    *,
    n_dates: int = 36,
    days: Sequence[date] | None = None,
    crops: Sequence[str] | None = None,
    region: str = DEFAULT_REGION,
    layout: Layout | None = None,
) -> Block:
    """A landscape of size_px x size_px pixels of 10 m through a season, the same for the same arguments.

    Args:
        seed: of all randomness.
        size_px: rows and columns, even.
        n_dates: acquisitions, drawn from a five-day rhythm, where `days` is not given.
        days: acquisition days.
        crops: what is grown, each as likely: legend keys, or "wheat+maize" for double cropping. By default the
            region's rotations by their weights, with some built-up plots and ponds.
        region: "huanghuai", "europe" or "north_india".
        layout: how the land is cut; random by default.

    Raises:
        InputError: the region or a crop is not simulated.
    """
    rng = np.random.default_rng(seed)
    place = load_region(region)
    chosen = tuple(days) if days is not None else draw_days(rng, n_dates)
    mosaic = cut_mosaic(rng, size_px, layout)
    plots = Plots(
        draw_rotations(rng, place, len(mosaic.shapes), crops), draw_effects(len(mosaic.shapes) + 1, rng), place
    )
    reflectance, texture = _render(mosaic, plots, chosen, rng)
    seen, scl = _through_sky(reflectance, place, chosen, rng)
    cycles = cycle_maps(mosaic, plots.rotations[:-1])
    return Block(
        days=chosen,
        reflectance=seen,
        scl=scl,
        crop=_values(mosaic, plots.main_crops()[:-1]),
        cycles=cycles,
        vigour=vigour_map(mosaic, plots.effects.vigour, texture),
        parcel=mosaic.index,
        share=mosaic.share,
    )


def draw_days(rng: np.random.Generator, n_dates: int) -> tuple[date, ...]:
    """Acquisition days of a season from October to October: some passes of a five-day rhythm."""
    passes = np.sort(rng.choice(_SEASON_REVISITS, size=min(n_dates, _SEASON_REVISITS), replace=False))
    start = _FIRST_DAY + timedelta(days=int(rng.integers(0, _REVISIT_DAYS)))
    return tuple(start + timedelta(days=int(_REVISIT_DAYS * number)) for number in passes)


def draw_rotations(
    rng: np.random.Generator, region: Region, n: int, crops: Sequence[str] | None = None
) -> tuple[Rotation, ...]:
    """Crops of n plots, and last those of what no plot covers: n + 1 rotations."""
    if crops is None:
        options = (*region.rotations, *_SURROUNDINGS)
        weights = (*((1.0 - sum(_SURROUNDINGS.values())) * w for w in region.weights), *_SURROUNDINGS.values())
    else:
        options = tuple(_rotation(crop) for crop in crops)
        weights = (1.0 / len(options),) * len(options)
    return (*(options[int(i)] for i in rng.choice(len(options), size=n, p=weights)), MARGIN)


def cycle_maps(mosaic: Mosaic, rotations: Sequence[Rotation]) -> npt.NDArray[np.uint8]:
    """(2, y, x) uint8 legend values of the first and second crop."""
    padded = [(*rotation, "", "")[:2] for rotation in rotations]
    return np.stack([_values(mosaic, tuple(row[cycle] for row in padded)) for cycle in range(2)])


def vigour_map(mosaic: Mosaic, vigour: Floats, texture: Floats) -> Floats:
    """(y, x) float32 true vigour, 0 to 100: (n + 1,) of the plots, and (y, x) texture within them."""
    return np.clip(100.0 * (mosaic.paint(vigour) + WITHIN_PLOT * texture), 0.0, 100.0).astype(np.float32)


def draw_texture(rng: np.random.Generator, size_px: int) -> Floats:
    """(y, x) patches of better and worse growth, mean 0 and deviation 1."""
    return smooth_field(rng, size_px, _PATCH_PX)


def _render(mosaic: Mosaic, plots: Plots, days: tuple[date, ...], rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Clear reflectance (t, b, y, x) without noise, and the texture (y, x) within the plots."""
    series, slope = plots_reflectance(plots, days, soil_moisture(plots.region, days, rng), rng)
    texture = draw_texture(rng, mosaic.size_px)
    step = (WITHIN_PLOT / VIGOUR_STEP) * texture
    return mosaic.paint(disturb_days(series, rng)) + step * mosaic.paint(slope), texture


def _through_sky(
    clear: Floats, region: Region, days: tuple[date, ...], rng: np.random.Generator
) -> tuple[Floats, npt.NDArray[np.uint8]]:
    shares = cloud_shares(region, days, rng)
    seen, scl = np.empty_like(clear), np.empty((len(days), *clear.shape[2:]), dtype=np.uint8)
    for number, day in enumerate(days):
        elevation, azimuth = sun_angles(region.lon, region.lat, day, _PASS_HOUR_LOCAL - region.lon / 15.0)
        sky = draw_sky(rng, clear.shape[-1], float(shares[number]), elevation, azimuth)
        through = apply_sky(clear[number], sky)
        scl[number] = classify_scene(clear[number], through, sky, rng)
        seen[number] = add_noise(through, rng)
    return coarsen(seen), scl


def _rotation(crop: str | Sequence[str]) -> Rotation:
    return tuple(crop.split("+")) if isinstance(crop, str) else tuple(crop)


def _values(mosaic: Mosaic, keys: Sequence[str]) -> npt.NDArray[np.uint8]:
    legend = load_legend()
    values = np.array([legend[key].value if key else NODATA for key in keys] + [NODATA], dtype=np.uint8)
    return values[mosaic.index]
