"""Colours of map layers: of crops by the legend, of shares and NDVI by ramps that colour-blind eyes can order."""

from __future__ import annotations

from typing import Final, TypeAlias

import numpy as np

from geo.legend import load_legend

Colours: TypeAlias = dict[int, tuple[int, int, int, int]]

_OPAQUE: Final = 255
_PERCENT: Final = 100

#: Vigour and NDVI (as the page colours parcels), and probability (pale to blue).
GREEN_STOPS: Final = ("#f3ecd2", "#cfd99b", "#8fbd7e", "#3f9169", "#0d5148")
PROB_STOPS: Final = ("#f4f1ec", "#c9d7e8", "#86a9d1", "#3f74b0", "#143f75")

#: NDVI as a byte: (byte - 1) / 100 - 1, 1 to 201; 0 is not seen.
NDVI_STEPS: Final = 100
NDVI_MOST: Final = 2 * NDVI_STEPS + 1
#: NDVI at the ends of the ramp: bare soil and water below, closed canopy above.
NDVI_SHOWN: Final = (0.1, 0.9)


def crop_colours() -> Colours:
    """Legend colours by raster value."""
    return {crop.value: _rgba(crop.colour) for crop in load_legend()}


def vigour_colours() -> Colours:
    """Ramp of vigour, 0 to 100."""
    return {percent: _between(GREEN_STOPS, percent / _PERCENT) for percent in range(_PERCENT + 1)}


def prob_colours() -> Colours:
    """Ramp of crop probability, 0 to 100."""
    return {percent: _between(PROB_STOPS, percent / _PERCENT) for percent in range(_PERCENT + 1)}


def ndvi_colours() -> Colours:
    """Ramp of NDVI as a byte, 1 to 201; the ends of the ramp stand for all beyond them."""
    low, high = NDVI_SHOWN
    shares = ((((byte - 1) / NDVI_STEPS - 1) - low) / (high - low) for byte in range(1, NDVI_MOST + 1))
    return {byte: _between(GREEN_STOPS, float(np.clip(share, 0, 1))) for byte, share in enumerate(shares, start=1)}


def _rgba(colour: str) -> tuple[int, int, int, int]:
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue, _OPAQUE


def _between(stops: tuple[str, ...], share: float) -> tuple[int, int, int, int]:
    """Colour at a share of the way along evenly spaced stops."""
    anchors = [_rgba(stop) for stop in stops]
    place = share * (len(anchors) - 1)
    lower = min(int(place), len(anchors) - 2)
    mixed = [round(a + (b - a) * (place - lower)) for a, b in zip(anchors[lower], anchors[lower + 1], strict=True)]
    return mixed[0], mixed[1], mixed[2], _OPAQUE
