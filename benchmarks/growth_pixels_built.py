"""Construction planted with the scene's own never-green pixels; bare soil planted as the negative."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from growth_pixels_scene import SceneData

from scoring.growth.pixels.construction import BuiltWatch, ConstructionRule
from scoring.growth.pixels.curves import Pixels

Floats = npt.NDArray[np.floating]
Draw = Callable[[int, int], Floats]

_STARTS: Final = tuple(np.datetime64(day) for day in ("2018-10-10", "2019-03-01", "2019-05-01", "2019-06-15"))
_SHARES: Final = (0.15, 0.3, 0.6, 1.0)
_NEVER_GREEN: Final = 0.35
_NINE_TENTHS: Final = 90
_BARE: Final = 0.25


def construction_lines(scene: SceneData, data: Path, rng: np.random.Generator) -> Iterator[str]:
    """Raised as they are, with built series and with bare soil from a day on."""
    del data
    parcels = [
        parcel for parcel in range(len(scene.crops)) if scene.interior(parcel).size >= ConstructionRule().least_pixels
    ]
    pixels = scene.pixels([scene.interior(parcel) for parcel in parcels])
    values = scene.values(pixels)
    dates = int(np.isfinite(values[:, 0]).any(axis=0).sum())
    yield f"Construction: {len(parcels)} parcels, {dates} dates with clear pixels"
    plain = _first_raised(scene, pixels, values)
    yield f"as they are: {np.isfinite(plain).sum()} of {len(parcels)} parcels raised"
    yield "planted       share   raised   days to the first finding, median"
    built, soil = _built(scene, rng), _soil(scene, pixels, values, rng)
    for name, draw in (("built", built), ("bare soil", soil)):
        for share in _SHARES:
            found = _planted(scene, pixels, values, share, draw, rng)
            delay = np.median(found[np.isfinite(found)]) if np.isfinite(found).any() else np.nan
            yield f"{name:12s} {share:6.2f} {np.isfinite(found).mean():8.2f} {delay:8.0f}"


def _planted(
    scene: SceneData, pixels: Pixels, values: Floats, share: float, draw: Draw, rng: np.random.Generator
) -> Floats:
    """Days from the plant to the first finding by parcel and start, infinite where there is none."""
    found = []
    for start in _STARTS:
        changed = values.copy()
        for parcel in range(len(pixels.count)):
            own = np.flatnonzero(pixels.parcel == parcel)
            turn = rng.uniform(0, 2 * np.pi)
            along = pixels.row[own] * np.sin(turn) + pixels.column[own] * np.cos(turn)
            side = own[along <= np.quantile(along, share)]
            for time in np.flatnonzero(scene.days >= start):
                seen = side[np.isfinite(changed[side, 0, time])]
                changed[seen, :4, time] = draw(int(time), len(seen))
        found.append(_first_raised(scene, pixels, changed) - float(start.astype("datetime64[D]").astype(int)))
    return np.concatenate(found)


def _first_raised(scene: SceneData, pixels: Pixels, values: Floats) -> Floats:
    """(n,) day of the first finding, as a number; infinite where there is none."""
    rule = ConstructionRule()
    watch, first = BuiltWatch(pixels, rule), np.full(len(pixels.count), np.inf)
    for time, day in enumerate(scene.days):
        blue, red, nir, swir = (values[:, band, time] for band in range(4))
        watch.look(day, blue, red, nir, swir)
        raised = watch.built().raised(rule) & (pixels.count >= rule.least_pixels)
        first = np.where(raised, np.minimum(first, float(day.astype(int))), first)
    return first


def _built(scene: SceneData, rng: np.random.Generator) -> Draw:
    """Reflectances of the never-green pixels outside all parcels, of the same date or of the nearest that shows one."""
    bands = scene.bands[:, :, np.asarray(scene.coverage.matrix.sum(axis=0)).reshape(scene.coverage.shape) == 0]
    ndvi = (bands[:, 2] - bands[:, 1]) / (bands[:, 2] + bands[:, 1])
    grey = bands[:, :, _high(ndvi) < _NEVER_GREEN]
    shown = np.flatnonzero(np.isfinite(grey[:, 0]).any(axis=1))

    def draw(time: int, count: int) -> Floats:
        at = shown[np.abs(shown - time).argmin()]
        held = grey[at][:, np.isfinite(grey[at, 0])].T[:, :4]
        return held[rng.integers(len(held), size=count)] * rng.normal(1.0, 0.03, (count, 1))

    return draw


def _high(ndvi: Floats) -> Floats:
    """(p,) NDVI that nine tenths of the clear dates stay below; all pixels have some."""
    seen = ndvi[np.isfinite(ndvi).any(axis=1)]
    high: Floats = np.nanpercentile(seen, _NINE_TENTHS, axis=0)
    return high


def _soil(scene: SceneData, pixels: Pixels, values: Floats, rng: np.random.Generator) -> Draw:
    """Reflectances of bare soil of the parcels, of whatever date."""
    del scene, pixels
    flat = values[:, :4].transpose(0, 2, 1).reshape(-1, 4)
    bare = flat[(flat[:, 2] - flat[:, 1]) / (flat[:, 2] + flat[:, 1]) < _BARE]

    def draw(time: int, count: int) -> Floats:
        del time
        return bare[rng.integers(len(bare), size=count)]

    return draw
