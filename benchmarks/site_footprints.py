"""Outlines of solar farms: whether the stated areas hold, how many overlap, and what they may hold in MW.

python benchmarks/site_footprints.py --data ../shared/data
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

from geo.area import HECTARE_M2, geodesic_area_ha
from geo.sites import Mounting
from scoring.sites.capacity import capacity_of

FILE = "india-solar-farms/solar_farms_india_2021_merged_simplified.geojson"

#: From this share a stated area is off.
_OFF = 0.05


def main() -> None:
    """Print one JSON line."""
    parser = argparse.ArgumentParser(description="Outlines of solar farms.")
    parser.add_argument("--data", type=Path, required=True)
    features = json.loads((parser.parse_args().data / FILE).read_text(encoding="utf-8"))["features"]
    outlines = np.array([shapely.geometry.shape(one["geometry"]) for one in features], dtype=object)
    areas = geodesic_area_ha(gpd.GeoSeries(outlines, crs=4326)) * float(HECTARE_M2)
    stated = np.array([one["properties"]["Area"] for one in features])
    sound = shapely.is_valid(outlines)
    ranges = [capacity_of(float(area), Mounting.UNKNOWN, "IN") for area in areas]
    pairs = shapely.STRtree(outlines[sound]).query(outlines[sound], predicate="overlaps")
    print(
        json.dumps(
            {
                "outlines": len(outlines),
                "invalid": int((~sound).sum()),
                "overlapping_pairs": pairs.shape[1] // 2,
                "area_km2": round(float(areas.sum()) / 1e6, 1),
                "stated_over_measured_median": round(float(np.median(stated / areas)), 3),
                "stated_off_by_over_5_percent": int((np.abs(stated / areas - 1) > _OFF).sum()),
                "capacity_gw": [round(sum(getattr(one, side) for one in ranges) / 1000, 1) for side in ("low", "high")],
            }
        )
    )


if __name__ == "__main__":
    main()
