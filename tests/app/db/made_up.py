"""Made-up runs over a row of square parcels: small, but with gaps, two cycles, every kind of limit."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import geopandas as gpd
import numpy as np
import pandas as pd
from shapely.geometry import Polygon, box

from geo.runrecord import RunRecord
from geo.status import Status

SEASON_ID = "2018-10-01/2019-10-31"
NOW = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
REASONS = [
    {"code": "COST", "effect_minor": 120_000, "en": "cost", "zh": "成本", "facts": {"area_mu": "12.0"}},
    {"code": "ROUNDING", "effect_minor": -20_000, "en": "rounded", "zh": "取整", "facts": {}},
]


@dataclass
class MadeUpRun:
    record: RunRecord
    parcels_geo: gpd.GeoDataFrame
    parcels: pd.DataFrame
    seasons: pd.DataFrame
    limits: pd.DataFrame
    extra: dict[str, object] = field(default_factory=dict)

    @property
    def tables(self) -> tuple[RunRecord, gpd.GeoDataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
        return self.record, self.parcels_geo, self.parcels, self.seasons, self.limits


def made_up_run(
    run_id: str = "run-1", *, day: int = 1, n: int = 6, versions: dict[str, str] | None = None
) -> MadeUpRun:
    """Parcels p000, p001, ... 0.01 degrees apart; the last one has no outline and no decision."""
    ids = [f"p{index:03d}" for index in range(n)]
    version = [(versions or {}).get(parcel_id, f"{index:012x}") for index, parcel_id in enumerate(ids)]
    shapes: list[Polygon] = [box(4 + i / 100, 51, 4 + i / 100 + 0.005, 51.005) for i in range(n - 1)]
    decided = np.arange(n) < n - 1
    parcels = pd.DataFrame(
        {
            "parcel_id": ids,
            "geometry_version": version,
            "season_id": SEASON_ID,
            "status": np.where(decided, "OK", "INVALID_GEOMETRY"),
            "farmer_id": [f"f{index // 2}" for index in range(n)],
            "declared_crop": ["wheat", None] * (n // 2),
            "area_ha": np.where(decided, 19.5, 0.0),
            "cropped_area_ha": np.where(decided, 19.0, np.nan),
            "crop": np.where(decided, "wheat", None),
            "crop_prob": np.where(decided, 0.75, np.nan),
            "crop_set": [["wheat", "barley"] if each else [] for each in decided],
            "vigour_pct": np.where(decided, 62.5, np.nan),
            "ndvi_peak": np.where(decided, 0.875, np.nan),
            "sos": [date(2019, 3, 1) if each else None for each in decided],
            "pos": [date(2019, 5, 20) if each else None for each in decided],
            "eos": [date(2019, 7, 15) if each else None for each in decided],
            "clear_dates": np.where(decided, 31, 0),
        }
    )
    geo = gpd.GeoDataFrame(parcels[["parcel_id", "geometry_version", "area_ha"]], geometry=[*shapes, None], crs=4326)
    return MadeUpRun(_record(run_id, day), geo, parcels, _seasons(parcels), _limits(parcels))


def _record(run_id: str, day: int) -> RunRecord:
    return RunRecord(
        run_id=run_id,
        created_at=datetime(2026, 11, day, 6, tzinfo=UTC),
        code_version="0.1.0",
        parameters={"season": SEASON_ID},
        inputs={"parcels": "ab" * 32},
        model_hash="cd" * 32,
        policy_id="cn-planting-generic",
        policy_hash="ef" * 32,
        simulated=True,
    )


def _seasons(parcels: pd.DataFrame) -> pd.DataFrame:
    first = parcels[parcels["status"] == Status.OK].assign(cycle=1)
    second = first.head(1).assign(cycle=2, crop="maize", crop_set=[["maize"]], crop_prob=np.nan, eos=None)
    return pd.concat([second, first], ignore_index=True)


def _limits(parcels: pd.DataFrame) -> pd.DataFrame:
    decided = parcels["status"] == Status.OK
    limits = pd.DataFrame(
        {
            "subject_kind": "parcel",
            "subject_id": parcels["parcel_id"],
            "farmer_id": parcels["farmer_id"],
            "amount_minor": pd.array(np.where(decided, 100_000, 0), dtype="Int64"),
            "low_minor": pd.array(np.where(decided, 90_000, 0), dtype="Int64"),
            "high_minor": pd.array(np.where(decided, 110_000, 0), dtype="Int64"),
            "needs_visit": ~decided,
        }
    )
    limits.loc[~decided, ["amount_minor", "low_minor", "high_minor"]] = pd.NA
    farmers = limits.head(1).assign(subject_kind="farmer", subject_id="f0", amount_minor=2**40)
    both = pd.concat([limits, farmers], ignore_index=True)
    return both.assign(
        currency="CNY",
        policy_id="cn-planting-generic",
        policy_hash="ef" * 32,
        reasons=json.dumps(REASONS, ensure_ascii=False),
    )
