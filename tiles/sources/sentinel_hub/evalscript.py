"""What is asked of the service: which bands, on which grid, and the script that writes them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from geo.bands import BANDS, RESOLUTION_M, SCL
from geo.grid import TILE_PX

_COARSE: Final = ("B05", "B06", "B07", "B8A", "B11", "B12", SCL)
_COARSE_FACTOR: Final = 2


@dataclass(frozen=True, slots=True)
class Layer:
    """One request of an acquisition: some bands on one grid of the tile.

    Attributes:
        bands: bands and perhaps the scene classification, in the order of the answer.
        resolution_m: side of a pixel.
    """

    bands: tuple[str, ...]
    resolution_m: int

    @property
    def side_px(self) -> int:
        """Rows and columns of a tile on this grid."""
        return TILE_PX * RESOLUTION_M // self.resolution_m

    @property
    def name(self) -> str:
        """Short name, "10m"."""
        return f"{self.resolution_m}m"


#: Everything on the 10 m grid in one request, coarse bands repeated by the service.
ONE_REQUEST: Final = (Layer((*BANDS, SCL), RESOLUTION_M),)

#: Each band on its own grid, so that nothing is resampled.
TWO_REQUESTS: Final = (
    Layer(tuple(band for band in BANDS if band not in _COARSE), RESOLUTION_M),
    Layer(_COARSE, _COARSE_FACTOR * RESOLUTION_M),
)

_SCRIPT: Final = """//VERSION=3
const BANDS = @BANDS@;
const CLASSES = @CLASSES@;

function setup() {
  return {
    input: [{ bands: [...BANDS, ...CLASSES, "dataMask"], units: "DN" }],
    mosaicking: "SIMPLE",
    output: { id: "default", bands: @COUNT@, sampleType: "UINT16" },
  };
}

// 0 is kept for "no data": harmonised numbers of very dark pixels are clamped to 0 by the service and become 1 here.
function evaluatePixel(sample) {
  if (sample.dataMask !== 1) {
    return Array(@COUNT@).fill(0);
  }
  return [...BANDS.map((band) => Math.max(sample[band], 1)), ...CLASSES.map((name) => sample[name])];
}
"""


def evalscript(bands: Sequence[str]) -> str:
    """Script that returns bands as digital numbers, uint16.

    Args:
        bands: reflectance bands, and perhaps SCL last.

    Returns:
        Evalscript, version 3, with one output: reflectance as 1 to 65535, classes as they are, 0 wherever dataMask
        says that there is no data.
    """
    reflectance = [band for band in bands if band != SCL]
    classes = [band for band in bands if band == SCL]
    filled = _SCRIPT.replace("@BANDS@", json.dumps(reflectance)).replace("@CLASSES@", json.dumps(classes))
    return filled.replace("@COUNT@", str(len(bands)))
