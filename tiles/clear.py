"""Which pixels show the ground: scene classification, a margin around cloud and shadow, and outliers along time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from typing import Final, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from geo.bands import BANDS
from geo.errors import InputError
from tiles.csmask import CSMASK_HALO_PX, Sky, classify_sky
from tiles.outliers import OUTLIER_BANDS, Outlier, outliers

#: Classes of the Sen2Cor scene classification that show the ground: vegetation, not vegetated, water.
CLEAR_CLASSES: Final = (4, 5, 6)
#: Classes around which a margin is masked too: shadow, cloud of medium and high probability, cirrus.
SPREADING_CLASSES: Final = (3, 8, 9, 10)
#: Margin by default, in pixels of 10 m: two of the classification's own (docs/adr/0018).
DILATE_PX: Final = 4
#: What can find clouds and shadows.
METHODS: Final = ("scl", "csmask")

_T = TypeVar("_T", bound=np.generic)


class Mask(IntEnum):
    """Why a pixel of an acquisition is used or not.

    CLASSED is cloud, shadow or snow by the scene classification (or the network), NEAR_CLOUD the margin around cloud
    and shadow, DARK and BRIGHT are outliers along time (see `tiles.outliers`).
    """

    NODATA = 0
    CLEAR = 1
    CLASSED = 2
    NEAR_CLOUD = 3
    DARK = 4
    BRIGHT = 5


@dataclass(frozen=True, slots=True)
class Masking:
    """How clear pixels are told from others.

    Attributes:
        method: what finds clouds and shadows: the scene classification ("scl"), or that and a network ("csmask").
        dilate_px: margin around cloud and shadow, in pixels of the 10 m grid, 0 or more.
        outliers: whether pixels that are dark or bright for one date only are masked.

    Raises:
        InputError: no such method, or a margin below zero (BAD_MASKING).
    """

    method: Literal["scl", "csmask"] = "scl"
    dilate_px: int = DILATE_PX
    outliers: bool = True

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise InputError("BAD_MASKING", f"No cloud mask is called {self.method}.", f"Give {' or '.join(METHODS)}.")
        if self.dilate_px < 0:
            raise InputError("BAD_MASKING", f"A margin of {self.dilate_px} pixels around clouds.", "Give 0 or more.")

    @property
    def scl_halo_px(self) -> int:
        """Pixels of scene classification that are needed on each side of a block."""
        return self.dilate_px

    @property
    def bands_halo_px(self) -> int:
        """Pixels of reflectance that are needed on each side of a block."""
        return CSMASK_HALO_PX + self.dilate_px if self.method == "csmask" else 0


def clear_mask(scl: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """True where a pixel shows the ground; no data (0), shadow, cloud, cirrus and snow are False.

    Args:
        scl: scene classification, any shape, uint8.

    Returns:
        Array of the same shape.
    """
    return np.isin(scl, CLEAR_CLASSES)


def mask_block(
    reflectance: NDArray[np.float32],
    scl: NDArray[np.uint8],
    days: Sequence[date],
    masking: Masking,
    *,
    bands: Sequence[str] = BANDS,
    origin: tuple[int, int] | None = None,
) -> NDArray[np.uint8]:
    """Mask all acquisitions of a block; a pixel's result does not depend on the block it is read in.

    Args:
        reflectance: (time, band, y + 2 hb, x + 2 hb) float32, NaN no data; hb is `masking.bands_halo_px`.
        scl: (time, y + 2 hs, x + 2 hs) uint8 scene classification; hs is `masking.scl_halo_px`. Past the grid's edge
            both are padded with no data.
        days: day of each acquisition, in any order.
        masking: how to mask.
        bands: names along the band axis.
        origin: row and column in the grid of the block's first pixel; "csmask" has to know it.

    Returns:
        (time, y, x) uint8, codes of `Mask`.

    Raises:
        InputError: a band that the method needs is missing (OUTLIERS_WITHOUT_BANDS, CLOUD_NETWORK_WITHOUT_BANDS), or
            the network is not installed (NO_CLOUD_NETWORK).
        ValueError: the shapes do not belong together, or the origin is missing.
    """
    seen = _inside(reflectance, masking.bands_halo_px)
    _check_shapes(seen, scl, days, masking.scl_halo_px, bands)
    mask = np.empty((len(seen), *seen.shape[-2:]), dtype=np.uint8)
    for time, codes in enumerate(mask):
        hidden = _hidden(reflectance[time], scl[time], masking, bands, origin)
        codes[...] = _by_class(scl[time], hidden, masking.dilate_px)
        codes[~np.isfinite(seen[time]).all(axis=0)] = Mask.NODATA
    if masking.outliers:
        _mark_outliers(mask, seen, days, bands)
    return mask


def _mark_outliers(
    mask: NDArray[np.uint8], reflectance: NDArray[np.float32], days: Sequence[date], bands: Sequence[str]
) -> None:
    missing = [name for name in OUTLIER_BANDS if name not in bands]
    if missing:
        raise InputError(
            "OUTLIERS_WITHOUT_BANDS",
            f"Outliers along time need the bands {', '.join(OUTLIER_BANDS)}; {', '.join(missing)} not read.",
            "Read these bands too, or switch outliers off.",
        )
    found = outliers([reflectance[:, list(bands).index(name)] for name in OUTLIER_BANDS], mask == Mask.CLEAR, days)
    mask[found == Outlier.DARK] = Mask.DARK
    mask[found == Outlier.BRIGHT] = Mask.BRIGHT


def _hidden(
    reflectance: NDArray[np.float32],
    scl: NDArray[np.uint8],
    masking: Masking,
    bands: Sequence[str],
    origin: tuple[int, int] | None,
) -> NDArray[np.bool_]:
    """Cloud and shadow of one acquisition, with the margin around the block (y + 2 margin, x + 2 margin)."""
    hidden = np.isin(scl, SPREADING_CLASSES)
    if masking.method == "csmask":
        if origin is None:
            raise ValueError("the windows of csmask lie on the grid: give the block's origin")
        corner = origin[0] - masking.dilate_px, origin[1] - masking.dilate_px
        hidden |= classify_sky(reflectance, corner, bands) != Sky.CLEAR
    return hidden


def _by_class(scl: NDArray[np.uint8], hidden: NDArray[np.bool_], margin: int) -> NDArray[np.uint8]:
    """Codes of one acquisition (y, x); classes and what is hidden come with the margin around."""
    inner = _inside(scl, margin)
    codes = np.where(clear_mask(inner) & ~_inside(hidden, margin), np.uint8(Mask.CLEAR), np.uint8(Mask.CLASSED))
    if margin and hidden.any():
        codes[_near(hidden, margin) & (codes == Mask.CLEAR)] = Mask.NEAR_CLOUD
    codes[inner == 0] = Mask.NODATA
    return codes


def _near(hidden: NDArray[np.bool_], margin: int) -> NDArray[np.bool_]:
    """Whether anything hidden lies within a disc of the margin's radius; (y + 2 margin, x + 2 margin) to (y, x)."""
    rows, columns = (side - 2 * margin for side in hidden.shape)
    near = np.zeros((rows, columns), dtype=np.bool_)
    beside, reach = hidden[:, margin : margin + columns].copy(), 0
    for away in range(margin, -1, -1):  # the nearer the row, the farther along it
        while reach < margin and np.hypot(away, reach + 1) <= margin + 0.5:
            reach += 1
            for side in (margin - reach, margin + reach):
                beside |= hidden[:, side : side + columns]
        near |= beside[margin - away : margin - away + rows]
        near |= beside[margin + away : margin + away + rows]
    return near


def _inside(layers: NDArray[_T], halo: int) -> NDArray[_T]:
    return layers[..., halo : layers.shape[-2] - halo, halo : layers.shape[-1] - halo]


def _check_shapes(
    seen: NDArray[np.float32], scl: NDArray[np.uint8], days: Sequence[date], halo: int, bands: Sequence[str]
) -> None:
    wanted = (len(days), len(bands), scl.shape[-2] - 2 * halo, scl.shape[-1] - 2 * halo)
    if seen.shape != wanted or len(scl) != len(days):
        raise ValueError(f"reflectance {seen.shape} and classes {scl.shape} of {len(days)} days do not match")
