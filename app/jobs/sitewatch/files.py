"""The folder of a run over energy sites: what its files are called, and how they are read back.

RUNS/sites-<day>-<run>/    run.json, the tables, footprints and pictures; manifest.json comes last
RUNS/.sites-work/          below it cube/, radar/, guard/ and looks/ by site: kept by what they depend on
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import pyarrow as pa

from geo.observations import SITE_LOOKS, read_table
from geo.runrecord import Failure, RunRecord

KIND: Final = "sites"
RECORD: Final = "run.json"
LOOKS_FILE: Final = "site_looks.parquet"
KNOWN_FILE: Final = "site_looks_known.parquet"
PLACES_FILE: Final = "site_places.parquet"
FOOTPRINTS_FILE: Final = "footprints.geojson"
PICTURES_FILE: Final = "pictures.json"
PICTURES_FOLDER: Final = "pictures"
SITES_FILE: Final = "sites.json"
_ID_LETTERS: Final = 12

#: One row per site, planned place (0 for the first of the plan) and day: chance that its pad is laid and that its tower
#: stands, null where the day tells nothing of it.
SITE_PLACES: Final = pa.schema(
    [
        pa.field("site_id", pa.string(), nullable=False),
        pa.field("place", pa.int32(), nullable=False),
        pa.field("date", pa.date32(), nullable=False),
        pa.field("pad", pa.float32()),
        pa.field("tower", pa.float32()),
    ]
)


@dataclass(frozen=True, slots=True)
class SitesLooked:
    """What was seen of some sites.

    Attributes:
        folder: of the run.
        record: of the run; parameters.kind is "sites".
        looks: SITE_LOOKS, one row per site, measure and day, in the light of all looks of the run; known_at is when the
            look itself, and all before it, were known.
        known: SITE_LOOKS as it was known: of the days of which later looks told otherwise, further rows with the
            instants at which they did. With `scoring.sites.looks.observed_of(known, ..., as_of=instant)` the reports
            of any earlier day come out as they were; `looks` would lend them hindsight.
        places: SITE_PLACES, of wind farms.
        footprints: site_id, kind ("inside" or "outside" the border) and geometry (EPSG:4326) of what is built, or of
            water, as of the latest look.
        failures: why nothing is known of a site, by its id.
    """

    folder: Path
    record: RunRecord
    looks: pd.DataFrame
    known: pd.DataFrame
    places: pd.DataFrame
    footprints: gpd.GeoDataFrame
    failures: Mapping[str, Failure]


def folder_name(as_of: date, run_id: str) -> str:
    """Name of a run's folder: "sites-2026-06-30-0c1d5a2b9e7f"."""
    return f"{KIND}-{as_of.isoformat()}-{run_id[:_ID_LETTERS]}"


def read_looked(folder: Path) -> SitesLooked:
    """A finished run over sites, from its folder.

    Raises:
        DataError: the record or a table is missing or damaged.
    """
    record = RunRecord.from_json((folder / RECORD).read_bytes())
    return SitesLooked(
        folder,
        record,
        read_table(folder / LOOKS_FILE, SITE_LOOKS),
        read_table(folder / KNOWN_FILE, SITE_LOOKS),
        read_table(folder / PLACES_FILE, SITE_PLACES),
        read_footprints(folder / FOOTPRINTS_FILE),
        {failure.subject: failure for failure in record.failures},
    )


def read_footprints(path: Path) -> gpd.GeoDataFrame:
    """Columns site_id, kind and geometry (EPSG:4326); also where there is no row."""
    rows = json.loads(path.read_bytes())["features"]
    if not rows:
        return gpd.GeoDataFrame({"site_id": [], "kind": []}, geometry=[], crs=4326)
    return gpd.GeoDataFrame.from_features(rows, crs=4326)[["site_id", "kind", "geometry"]]


def collection(features: list[dict[str, Any]]) -> dict[str, Any]:
    """A GeoJSON document."""
    return {"type": "FeatureCollection", "features": features}
