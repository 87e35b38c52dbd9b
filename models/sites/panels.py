"""Panels by pixel: from the ten bands of one look and what the pixel showed before works began.

A small network of two hidden layers, trained on simulated works (models.training.panels). It says what share of a pixel
lies under rows of panels, gaps between rows included.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load

from geo.bands import BANDS, band_index
from geo.errors import DataError
from models.sites.looks import Flags, Reflectance

Singles = npt.NDArray[np.float32]

#: Bands of which low and high levels of the past count too.
_RANGED: Final = tuple(band_index(name) for name in ("B02", "B04", "B08", "B11"))
_LOW: Final = 0.15
_MIDDLE: Final = 0.5
_HIGH: Final = 0.85
_LEAST: Final = 0.001
FEATURES: Final = 2 * len(BANDS) + 2 * len(_RANGED)

#: Looks that a pixel's past needs.
LEAST_PAST: Final = 3

WEIGHTS: Final = "panels.safetensors"
CARD: Final = "panels.json"


@dataclass(frozen=True, slots=True)
class PanelNet:
    """Two hidden layers on standardised features.

    Attributes:
        centre: (f,) mean of each feature.
        spread: (f,) standard deviation of each.
        layers: matrices (f, h), (h, g), (g, 1) and offsets (h,), (g,), (1,), in turn.
    """

    centre: Singles
    spread: Singles
    layers: tuple[tuple[Singles, Singles], ...]

    def share(self, features: Singles) -> Singles:
        """(n,) float32 share 0..1 of each pixel that lies under rows of panels; features (n, f)."""
        values = (features - self.centre) / self.spread
        for matrix, offset in self.layers[:-1]:
            values = np.maximum(values @ matrix + offset, 0.0)
        matrix, offset = self.layers[-1]
        return np.asarray(1.0 / (1.0 + np.exp(-np.clip(values @ matrix + offset, -30.0, 30.0)))[:, 0])


@cache
def load_panel_net() -> PanelNet:
    """The network that ships with Acreline.

    Raises:
        DataError: weights and card do not belong together.
    """
    folder = resources.files("models.sites").joinpath("data")
    blob = folder.joinpath(WEIGHTS).read_bytes()
    card = json.loads(folder.joinpath(CARD).read_text(encoding="utf-8"))
    if hashlib.sha256(blob).hexdigest() != card["weights_sha256"]:
        raise DataError("MODEL_DAMAGED", f"{WEIGHTS} does not belong to its card.", "Install Acreline again.")
    held = load(blob)
    count = len(held) // 2 - 1
    layers = tuple((held[f"matrix{at}"], held[f"offset{at}"]) for at in range(count))
    return PanelNet(held["centre"], held["spread"], layers)


@cache
def weights_hash() -> str:
    """SHA-256 (hex) of the weights that ship with Acreline."""
    return hashlib.sha256(resources.files("models.sites").joinpath("data", WEIGHTS).read_bytes()).hexdigest()


def past_of(reflectance: Reflectance, seen: Flags) -> Singles:
    """What pixels showed before works began: (y, x, 18) logarithms of median, low and high reflectance.

    Args:
        reflectance: (t, b, y, x) of looks before works.
        seen: (t, y, x) which show the ground.

    Returns:
        float32; NaN where fewer than LEAST_PAST looks show the pixel.
    """
    count = seen.sum(axis=0)
    wanted = [(_MIDDLE, _LOW, _HIGH) if band in _RANGED else (_MIDDLE,) for band in range(len(BANDS))]
    planes = [_levels(reflectance[:, band], seen, count, levels) for band, levels in enumerate(wanted)]
    past = np.concatenate([plane[:1] for plane in planes] + [planes[band][1:] for band in _RANGED])
    past[:, count < LEAST_PAST] = np.nan
    moved: Singles = np.moveaxis(past, 0, -1)
    return moved


def _levels(plane: Reflectance, seen: Flags, count: npt.NDArray[np.int64], levels: tuple[float, ...]) -> Singles:
    """(levels, y, x) logarithms of quantiles over the looks that are seen; nearest rank."""
    ranked = np.sort(np.where(seen, plane, np.float32(np.inf)), axis=0)
    last = np.maximum(count - 1, 0)
    at = [np.rint(level * last).astype(np.int64)[None] for level in levels]
    picked: list[Singles] = [np.take_along_axis(ranked, rank, axis=0)[0] for rank in at]
    return np.asarray(np.log(np.clip(np.stack(picked), _LEAST, 2.0)), dtype=np.float32)


def panel_features(look: Reflectance, past: Singles) -> Singles:
    """(n, FEATURES) of n pixels: look (n, b) reflectance, past (n, 18) from `past_of`."""
    now = np.log(np.maximum(look, _LEAST))
    return np.concatenate([now, past], axis=1, dtype=np.float32)


def panel_shares(reflectance: Reflectance, seen: Flags, past: Singles, net: PanelNet | None = None) -> Singles:
    """(t, y, x) float32 share of each pixel under rows of panels; NaN where it is not seen or has no past.

    Args:
        reflectance: (t, b, y, x), 1 = 100 %.
        seen: (t, y, x) which pixels show the ground.
        past: (y, x, 18) from `past_of`.
        net: the one that ships, by default.
    """
    net = net or load_panel_net()
    known = np.isfinite(past[..., 0])
    shares = np.full(seen.shape, np.nan, dtype=np.float32)
    for time, image in enumerate(reflectance):
        here = seen[time] & known
        if here.any():
            shares[time][here] = net.share(panel_features(image[:, here].T, past[here]))
    return shares
