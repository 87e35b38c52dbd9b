"""Floods, two crops in a parcel and construction: recall of planted cases, and false ones on real parcels.

    python benchmarks/growth_pixels.py --data ../shared/data

`flanders-2019`: 17 parcels, 80 Sentinel-1 passes and 72 Sentinel-2 dates of 16 months, real throughout; nobody says
that any was flooded, carries two crops or is being built on, so that whatever is raised on them as they are counts as
false. Planted into the real pixels, one parcel at a time, and judged look by look with what was known until then:

- floods: one side of the parcel (share) at the level of open water for two passes, calm (VV -20, VH -27 dB), rippled
  (-18, -25.5) or rough (-16, -25); levels from the literature on open water, not measured here;
- two crops: two parcels that lie beside each other, of different crops, as one outline (real pixels, real border);
- construction: from a day on, one side of the parcel shows the series of the four pixels of the scene that are never
  green (roads, a yard), on their own days; as a negative, bare soil of the scene's fields instead.

More parcels without a case: `bavaria-yield-2018` (15 fields of wheat and barley, clipped) for two crops, and the plots
of `mowing-slovakia` for floods (points rather than parcels, with their speckle).
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
from growth_pixels_built import construction_lines
from growth_pixels_flood import flood_lines
from growth_pixels_scene import read_scene
from growth_pixels_split import split_lines


def main() -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of the shared data")
    parser.add_argument("--seed", type=int, default=6)
    arguments = parser.parse_args()
    scene = read_scene(arguments.data / "flanders-2019")
    rng = np.random.default_rng(arguments.seed)
    for lines in (flood_lines, split_lines, construction_lines):
        for line in lines(scene, arguments.data, rng):
            print(line, flush=True)
        print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
