"""Open water inside a reservoir's border by date: area with its standard error, clouds as gaps.

Water is told by two indices together: MNDWI (Xu 2006, 10.1080/01431160600589179) and NDWI (McFeeters 1996,
10.1080/01431169608948714). MNDWI rests on B11, which Sentinel-2 measures at 20 m: alone it moves a shore by up to a
pixel, and counts a strip of shore two pixels wide as half water. So the indices only say where water surely is; how
much of a pixel on the shore is water follows from B08, measured at 10 m, mixed linearly between the water and the land
beside it on the same day.

A hidden pixel is never dry: it gets the share of water that clear pixels as far from the last known shore show, and
the look's error grows with the area that is hidden.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy import ndimage

from geo.bands import RESOLUTION_M, band_index
from models.sites.looks import Days, Flags, Floats, Looks, Reflectance
from models.sites.shores import shore_shares

_PIXEL_M2: Final = float(RESOLUTION_M**2)
_GREEN, _NIR, _SWIR = (band_index(name) for name in ("B03", "B08", "B11"))

#: Share of a pixel from which it counts as water where it has to be one or the other.
_HALF: Final = 0.5
#: Pixels around a dam in which its water begins.
_DAM_PX: Final = 10.0
#: Pixels from the last known shore at which bands of hidden pixels end.
_BANDS_PX: Final = np.array([-8.0, -3.0, -1.0, 1.0, 3.0, 6.0, 12.0, 24.0])


@dataclass(frozen=True, slots=True)
class WaterRule:
    """When a look tells how much water there is.

    Attributes:
        least_clear: share of the ground inside the border that must be clear.
        odd_share: share of the pixels that either index calls water on which they may differ; haze and glint make them
            differ, and such a look tells nothing.
        odd_least: pixels on which they may differ whatever their share.
        shore_error: pixels by which a shore may lie wrong as a whole (standard error).
        shore_noise: standard error of the share of one pixel on the shore.
        unseen_share: standard error of any look, as a share of the ground inside: arms of water narrower than two
            pixels are not seen.
    """

    least_clear: float = 0.3
    odd_share: float = 0.35
    odd_least: int = 40
    shore_error: float = 0.1
    shore_noise: float = 0.2
    unseen_share: float = 0.012


@dataclass(frozen=True, slots=True)
class WaterShares:
    """Water of one look.

    Attributes:
        share: (y, x) share of each pixel that is water, 0 to 1; NaN where it is hidden.
        shore: (y, x) pixels on a shore, whose share is mixed.
        odd: pixels on which the two indices differ, away from shores.
    """

    share: Floats
    shore: Flags
    odd: Flags


def water_shares(reflectance: Reflectance, clear: Flags) -> WaterShares:
    """Water of one look.

    Args:
        reflectance: (b, y, x) in the order of geo.bands.BANDS, reflectance with 1 = 100 %.
        clear: (y, x) pixels that show the ground.
    """
    green, near, swir = reflectance[_GREEN], reflectance[_NIR], reflectance[_SWIR]
    modified, plain = _index(green, swir) > 0, _index(green, near) > 0
    water = modified & plain
    land = ~modified & ~plain & clear
    ring = np.ones((3, 3), dtype=np.bool_)
    inner = ndimage.binary_erosion(water, ring, border_value=1)
    outer = ~ndimage.binary_dilation(water, ring, iterations=2)  # B11 hides a share of water up to two pixels away
    shore = clear & ~inner & ~outer
    share = water.astype(np.float64)
    mixed = shore_shares(reflectance, shore, inner & clear, outer & land)
    share[shore] = np.where(np.isnan(mixed), share[shore], mixed)
    odd = clear & (modified != plain) & ~shore
    return WaterShares(np.where(clear, share, np.nan), shore, odd)


def _index(one: Reflectance, other: Reflectance) -> Floats:
    total = np.maximum(one + other, 1e-4).astype(np.float64)
    return np.asarray((one - other) / total, dtype=np.float64)


def water_looks(
    reflectance: Reflectance,
    clear: Flags,
    days: Days,
    inside: Floats,
    dam: tuple[float, float] | None = None,
    rule: WaterRule | None = None,
) -> Looks:
    """Water inside a border by date; each look rests on itself and on looks before it, never on later ones.

    Args:
        reflectance: (t, b, y, x), reflectance with 1 = 100 %; leave some pixels around the border.
        clear: (t, y, x) pixels that show the ground.
        days: (t,) datetime64[D], rising.
        inside: (y, x) share of each pixel inside the border, 0 to 1.
        dam: row and column of the dam in pixels: water that is not joined to its surroundings is a pond or a paddy that
            was there before; None counts all water.
        rule: limits.

    Returns:
        Area in m2 on the grid.
    """
    rule = rule or WaterRule()
    ground = float(inside.sum())
    seen = (clear * inside).sum(axis=(1, 2)) / ground
    values, errors = np.full(len(days), np.nan), np.full(len(days), np.nan)
    known = np.full(inside.shape, np.nan)
    for time in np.flatnonzero(seen >= rule.least_clear):
        shares = water_shares(reflectance[time], clear[time])
        if not _tells(shares, inside, rule):
            continue
        if dam is not None:
            joined = joined_to_dam(np.nan_to_num(shares.share) > 0, ~clear[time], dam)
            shares = replace(shares, share=np.where(joined | ~clear[time], shares.share, 0.0))
        values[time], errors[time] = _area(shares, inside, known, rule)
        known = np.where(np.isnan(shares.share), known, shares.share)
    return Looks(days, values, errors, seen)


def joined_to_dam(wet: Flags, hidden: Flags, dam: tuple[float, float]) -> Flags:
    """(y, x) wet pixels that are joined, through water or hidden ground, to what is wet within 100 m of the dam.

    Gaps of up to two pixels join too: a neck that is narrower than two pixels is not seen as water.
    """
    ring = np.ones((3, 3), dtype=np.bool_)
    patches, _ = ndimage.label(ndimage.binary_dilation(wet | hidden, ring), ring)
    rows, columns = np.mgrid[: wet.shape[0], : wet.shape[1]] + _HALF
    near = np.hypot(rows - dam[0], columns - dam[1]) <= _DAM_PX
    kept = np.unique(patches[near & (wet | hidden)])
    return wet & np.isin(patches, kept)


def _tells(shares: WaterShares, inside: Floats, rule: WaterRule) -> bool:
    here = inside > 0
    odd, wet = int((shares.odd & here).sum()), int((np.nan_to_num(shares.share)[here] >= _HALF).sum())
    return odd <= max(rule.odd_least, rule.odd_share * (odd + wet))


def _area(shares: WaterShares, inside: Floats, known: Floats, rule: WaterRule) -> tuple[float, float]:
    """Area of water in m2 and its standard error: shore, differing indices and hidden ground."""
    hidden = np.isnan(shares.share) & (inside > 0)
    guess, doubt = _hidden_share(shares.share, hidden, known, inside)
    area = float((np.where(hidden, guess, np.nan_to_num(shares.share)) * inside).sum())
    shore = float((shares.shore * inside).sum())
    odd = float((shares.odd * inside).sum())
    parts = rule.shore_error * shore / 2.0, rule.shore_noise * shore**0.5, odd / 4.0, doubt
    unseen = rule.unseen_share * float(inside.sum())
    error = float(np.sqrt(np.square([*parts, unseen]).sum()))
    return area * _PIXEL_M2, error * _PIXEL_M2


def _hidden_share(share: Floats, hidden: Flags, known: Floats, inside: Floats) -> tuple[Floats, float]:
    """(y, x) share of water that is expected of hidden pixels, and the error of their sum in pixels.

    Clear pixels of the look as far from the last known shore tell it; neighbours hide together, so that the errors of
    a band add up in full.
    """
    if not hidden.any():
        return share, 0.0
    band = _bands(known)
    guess, doubt = np.zeros(share.shape), 0.0
    seen = (inside > 0) & ~hidden
    overall = float(share[seen].mean())
    for number in np.unique(band[hidden]):
        of_band = seen & (band == number)
        count = int(of_band.sum())
        part = (float(share[of_band].sum()) + overall) / (count + 1.0)
        chosen = hidden & (band == number)
        guess[chosen] = part
        doubt += float(inside[chosen].sum()) * float(np.sqrt(part * (1.0 - part) + 0.1 / (count + 1.0)))
    return guess, doubt


def _bands(known: Floats) -> np.ndarray:
    """(y, x) band of distance from the last known shore, water first; what was never seen is a band of its own."""
    unseen = np.isnan(known)
    wet = np.nan_to_num(known) >= _HALF
    if not wet.any() or (wet | unseen).all():
        return np.where(unseen, -1, np.where(wet, 0, 1))
    away = ndimage.distance_transform_edt(~wet) - ndimage.distance_transform_edt(wet)
    return np.where(unseen, -1, np.digitize(away, _BANDS_PX))
