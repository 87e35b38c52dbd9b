"""parcels.parquet and seasons.parquet: one row per parcel whatever happens, one per cycle."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from app.jobs.observe import DECISION, Observed
from app.jobs.plan import ZonePlan
from app.jobs.zones import ZoneSeries
from geo.bands import RESOLUTION_M
from geo.coverage import full_pixels
from geo.observations import CLEAR_SHARE
from geo.season import Season
from geo.status import Status
from models.card import ModelCard
from models.decide import Evidence
from scoring.status import decide_status

#: A parcel lies inside the imagery where one date shows at least this share of its area.
SEEN_SHARE: Final = 0.99

_MARKS: Final = ["ndvi_peak", "sos", "pos", "eos"]
_VIGOUR: Final = "vigour_pct"


def evidence_table(
    seen: Observed, zone: ZonePlan, series: ZoneSeries, decided: pd.DataFrame, evidence: Evidence, card: ModelCard
) -> pd.DataFrame:
    """What a parcel's status rests on, indexed 0 to n-1; see scoring.status.decide_status for the columns."""
    frame = seen.frame
    full_px = _full_pixels(zone)
    clear = seen.clear_share >= CLEAR_SHARE
    unverified = np.array([not scene.verified for scene in seen.scenes])
    return pd.DataFrame(
        {
            "valid": frame.valid.to_numpy(),
            "inside": _inside(zone, series),
            "full_pixels": full_px,
            "verified": ~(clear & unverified[:, None]).any(axis=0),
            "clear_dates": clear.sum(axis=0),
            "covered": evidence.covered(decided.crop.tolist(), card),
            "set_size": decided.crop_set.map(len).to_numpy(),
        },
        index=pd.RangeIndex(len(frame)),
    )


def _inside(zone: ZonePlan, series: ZoneSeries) -> npt.NDArray[np.bool_]:
    outline_px = zone.shapes.area.to_numpy() / RESOLUTION_M**2
    inside: npt.NDArray[np.bool_] = series.valid.max(axis=0, initial=0.0) >= SEEN_SHARE * outline_px
    return inside


def _full_pixels(zone: ZonePlan) -> npt.NDArray[np.int64]:
    """Whole pixels add up over tiles, whose grids share their edges."""
    count = np.zeros(len(zone.rows), dtype=np.int64)
    for tile in zone.tiles:
        count[tile.parcels] += full_pixels(zone.shapes.iloc[tile.parcels], tile.core)
    return count


def parcel_table(
    seen: Observed, decided: pd.DataFrame, cycles: pd.DataFrame, evidence: pd.DataFrame, season: Season
) -> pd.DataFrame:
    """Rows of parcels.parquet for one zone."""
    main = cycles[cycles.main].set_index("index")[_MARKS].reindex(decided.index)
    frame = seen.frame.reset_index(drop=True)
    table = frame[["parcel_id", "geometry_version", "farmer_id", "declared_crop", "area_ha"]].copy()
    table["season_id"] = season.id
    table["status"] = decide_status(evidence).astype(str).to_numpy()
    table["cropped_area_ha"] = table.area_ha.where(decided.crop.notna())
    table["clear_dates"] = evidence.clear_dates.to_numpy()
    joined: pd.DataFrame = table.join(decided[[*DECISION, _VIGOUR]]).join(main)
    return joined


def unseen_table(frame: gpd.GeoDataFrame, season: Season) -> pd.DataFrame:
    """Rows of parcels.parquet for parcels in no zone with imagery, and those without a usable outline."""
    table = frame[["parcel_id", "geometry_version", "farmer_id", "declared_crop", "area_ha"]].reset_index(drop=True)
    table["season_id"] = season.id
    outside = np.where(frame.valid, Status.OUTSIDE_IMAGERY, Status.INVALID_GEOMETRY)
    table["status"] = outside.astype(object)
    table["crop_set"] = [[] for _ in range(len(table))]
    table["clear_dates"] = 0
    return pd.DataFrame(table)


def season_table(seen: Observed, cycles: pd.DataFrame, season: Season) -> pd.DataFrame:
    """Rows of seasons.parquet for one zone."""
    table = cycles[["index", "cycle", *DECISION, _VIGOUR, *_MARKS]].copy()
    for column in ("parcel_id", "geometry_version"):
        table[column] = seen.frame[column].to_numpy()[table["index"].to_numpy()]
    table["season_id"] = season.id
    return table.drop(columns="index")
