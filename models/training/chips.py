"""Chips: labelled series painted into simulated field geometry, with mixed borders, texture, clouds and gaps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from models.series.sample import CYCLES, SeriesSet
from models.series.texture import GREENER, PATCHY, known_spread
from tiles.simulation.mosaic import Mosaic, cut_mosaic

#: Label of pixels that teach nothing: roads, ridges and pixels that no plot fills by half.
IGNORED: Final = -1

_OWN_SHARE: Final = 0.5

_PATCH_PX: Final = 2.5
_CLOUD_PX: Final = 10.0
_CLOUD_REMAINS: Final = 0.03

#: Share of the chips of a source with radar that show it, and what averaging leaves of speckle, dB.
_WITH_RADAR: Final = 0.5
_SPECKLE_DB: Final = 0.8


@dataclass(frozen=True, slots=True)
class Chip:
    """One painted landscape.

    Attributes:
        values: (slots, bands, y, x) float32 reflectance on the training grid, NaN where not clear.
        target: (y, x) int64 class index, IGNORED where nothing is taught.
        vigour: (y, x) float32 target / 100, NaN where there is none.
        rows: (plots,) the series painted on each plot.
        radar: (slots, 2, y, x) float32 backscatter sigma0 in dB, NaN without a pass; None where none is shown.
    """

    values: NDArray[np.float32]
    target: NDArray[np.int64]
    vigour: NDArray[np.float32]
    rows: NDArray[np.intp]
    radar: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True)
class Palette:
    """Series of one source, ready to paint with.

    Attributes:
        filled: (n, slots, bands) gaps filled in time.
        clear: (n, slots) where the source was clear.
        spread: (n, bands) spread within a plot.
        target: (n,) class index.
        vigour: (n,) target / 100, NaN where there is none.
        weight: (n,) chance of being painted, adds up to 1.
        radar: (n, slots, 2) dB, gaps filled in time, NaN throughout for a series without any; None where none has any.
    """

    filled: NDArray[np.float32]
    clear: NDArray[np.bool_]
    spread: NDArray[np.float32]
    target: NDArray[np.int64]
    vigour: NDArray[np.float32]
    weight: NDArray[np.float64]
    radar: NDArray[np.float32] | None = None


def palettes(
    series: SeriesSet, target: NDArray[np.int64], vigour: NDArray[np.float32], weight: NDArray[np.float64]
) -> dict[str, Palette]:
    """A palette for each source of whole seasons; single cycles are not painted."""
    names = [name for name in np.unique(series.source.astype(str)) if not name.endswith(CYCLES)]
    made = {}
    for name in names:
        rows = np.flatnonzero(series.source == name)
        values = series.values[rows]
        clear = np.asarray(np.isfinite(values).all(axis=2))
        spread = known_spread(series.spread[rows])
        chance = weight[rows] / weight[rows].sum()
        made[name] = Palette(
            fill_gaps(values, clear), clear, spread, target[rows], vigour[rows], chance, _passes(series.radar[rows])
        )
    return made


def _passes(radar: NDArray[np.float32]) -> NDArray[np.float32] | None:
    seen = np.asarray(np.isfinite(radar).all(axis=2))
    some = seen.any(axis=1)
    if not some.any():
        return None
    filled = np.full_like(radar, np.nan)
    filled[some] = fill_gaps(radar[some], seen[some])
    return filled


def fill_gaps(values: NDArray[np.float32], clear: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Interpolate (n, slots, bands) linearly over time; ends keep the nearest clear slot."""
    slots = np.arange(values.shape[1])
    filled = np.empty_like(values)
    for row, (series, known) in enumerate(zip(values, clear, strict=True)):
        at = slots[known]
        for band in range(values.shape[2]):
            filled[row, :, band] = np.interp(slots, at, series[known, band])
    return filled


def paint_chip(palette: Palette, size_px: int, rng: np.random.Generator) -> Chip:
    """Paint random series of one source into a random mosaic of fields.

    The acquisition calendar is that of one series of the source, thinned at random; clouds take further pixels.

    Args:
        palette: series to paint with.
        size_px: rows and columns.
        rng: source of randomness.
    """
    mosaic = cut_mosaic(rng, size_px)
    rows = rng.choice(len(palette.weight), size=len(mosaic.shapes) + 1, p=palette.weight)
    calendar = _calendar(palette, rows, rng)
    values = mosaic.paint(palette.filled[rows]) + _texture(mosaic, palette.spread[rows], len(calendar), rng)
    values = _clouded(values, rng)
    clear = calendar[:, None, None] & ~_cloud_cover(len(calendar), size_px, rng)
    own = (mosaic.index >= 0) & (mosaic.share >= _OWN_SHARE)
    return Chip(
        values=np.where(clear[:, None], np.maximum(values, 1e-3), np.float32(np.nan)).astype(np.float32),
        target=np.where(own, palette.target[rows][mosaic.index], IGNORED),
        vigour=np.where(own, palette.vigour[rows][mosaic.index], np.float32(np.nan)).astype(np.float32),
        rows=rows[:-1],
        radar=_radar(mosaic, palette, rows, rng),
    )


def _radar(
    mosaic: Mosaic, palette: Palette, rows: NDArray[np.intp], rng: np.random.Generator
) -> NDArray[np.float32] | None:
    if palette.radar is None or rng.random() >= _WITH_RADAR:
        return None
    painted = mosaic.paint(palette.radar[rows])
    return painted + rng.normal(0, _SPECKLE_DB, painted.shape).astype(np.float32)


def _calendar(palette: Palette, rows: NDArray[np.intp], rng: np.random.Generator) -> NDArray[np.bool_]:
    """Slots that were acquired, (slots,): at least three."""
    clear: NDArray[np.bool_] = palette.clear[rng.choice(rows)]
    thinned = clear & (rng.random(len(clear)) >= rng.uniform(0, 0.5))
    return thinned if thinned.sum() >= 3 else clear  # noqa: PLR2004 - too little left to learn from


def _texture(mosaic: Mosaic, spread: NDArray[np.float32], slots: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Differences within plots, (slots, bands, y, x): patches that stay through the season, and noise."""
    size = mosaic.size_px
    patches = gaussian_filter(rng.standard_normal((size, size)), _PATCH_PX)
    patches = (patches / patches.std()).astype(np.float32)
    sign = np.array(GREENER, dtype=np.float32)
    noise = rng.standard_normal((slots, spread.shape[1], size, size), dtype=np.float32)
    scale = mosaic.paint(spread)
    return np.asarray(scale * (PATCHY * patches * sign[:, None, None] + (1 - PATCHY) * noise), dtype=np.float32)


def _clouded(values: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Remains of cloud that a mask misses: whole patches of some slots are brighter."""
    cover = _blobs(len(values), values.shape[-1], rng) < _CLOUD_REMAINS
    depth = rng.uniform(0.1, 0.6, (len(values), 1, 1, 1)).astype(np.float32)
    return np.where(cover[:, None], values + depth * (0.6 - values), values).astype(np.float32)


def _cloud_cover(slots: int, size_px: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Pixels hidden by clouds, (slots, y, x); each slot draws its own share, mostly small."""
    return _blobs(slots, size_px, rng) < rng.beta(0.4, 1.6, (slots, 1, 1))


def _blobs(slots: int, size_px: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Smooth fields whose values are spread evenly over 0 to 1 in each slot, (slots, y, x)."""
    fields = gaussian_filter(rng.standard_normal((slots, size_px, size_px)), (0, _CLOUD_PX, _CLOUD_PX))
    order = fields.reshape(slots, -1).argsort(axis=1).argsort(axis=1)
    # A cloud is larger than a chip as often as smaller: the field's own level moves the ranks.
    level = rng.uniform(-0.5, 0.5, (slots, 1))
    ranks = order / order.shape[1] + level * (rng.random((slots, 1)) < 0.5)  # noqa: PLR2004 - half of the slots
    return np.asarray(ranks.reshape(fields.shape), dtype=np.float64)
