"""Earlier seasons and plans of small books."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pandas as pd
import pytest

from geo.season import Season
from scoring.seasons.earlier import Earlier, earlier_season

COMING = Season(date(2026, 10, 1), date(2027, 9, 30))


@pytest.fixture(scope="session")
def coming() -> Season:
    return COMING


@pytest.fixture(scope="session")
def shown() -> Callable[..., Earlier]:
    """Builder of a season's evidence from its first year and keyword dictionaries of parcels p1, p2, ..."""

    def build(year: int, *rows: dict[str, Any], cycles: tuple[tuple[str, str, list[str]], ...] = ()) -> Earlier:
        season_id = f"{year}-10-01/{year + 1}-09-30"
        parcels = pd.DataFrame([_seen(number, row) for number, row in enumerate(rows, start=1)])
        seasons = pd.DataFrame(cycles, columns=["parcel_id", "crop", "crop_set"]).assign(season_id=season_id, cycle=2)
        return earlier_season(parcels.assign(season_id=season_id), seasons)

    return build


@pytest.fixture(scope="session")
def book() -> Callable[..., pd.DataFrame]:
    """Builder of the coming season's parcels: one keyword dictionary a parcel."""

    def build(*rows: dict[str, Any]) -> pd.DataFrame:
        known = {"geometry_version": "v1", "area_ha": 2.0, "land_right": "certificate", "other_debt_minor": 0}
        known |= {"household_capacity_minor": 10**9}
        return pd.DataFrame([known | {"parcel_id": f"p{number}"} | row for number, row in enumerate(rows, start=1)])

    return build


@pytest.fixture(scope="session")
def plan() -> Callable[..., pd.DataFrame]:
    """Builder of a plan from (parcel_id, crop[, season])."""

    def build(*rows: tuple[str, ...]) -> pd.DataFrame:
        padded = [(*row, None)[:3] for row in rows]
        return pd.DataFrame(padded, columns=["parcel_id", "crop", "season"]).astype(object)

    return build


def _seen(number: int, row: dict[str, Any]) -> dict[str, Any]:
    known = {"parcel_id": f"p{number}", "geometry_version": "v1", "status": "OK", "crop": "wheat", "area_ha": 2.0}
    return {"cropped_area_ha": row.get("area_ha", 2.0)} | known | row
