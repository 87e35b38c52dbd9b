"""Small books of parcels."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pandas as pd
import pytest

from geo.season import Season

SEASON = Season(date(2026, 1, 1), date(2026, 12, 31))


@pytest.fixture(scope="session")
def season() -> Season:
    return SEASON


@pytest.fixture(scope="session")
def parcels() -> Callable[..., pd.DataFrame]:
    """Builder of a table of parcels: one keyword dictionary a parcel, over sound defaults."""

    def build(*rows: dict[str, Any]) -> pd.DataFrame:
        return pd.DataFrame([_parcel(number, row) for number, row in enumerate(rows, start=1)])

    return build


@pytest.fixture(scope="session")
def seasons() -> Callable[..., pd.DataFrame]:
    """Builder of a table of cycles from (parcel_id, cycle, crop[, crop_set[, sos]])."""

    def build(*rows: tuple[Any, ...]) -> pd.DataFrame:
        frame = pd.DataFrame(
            [
                {
                    "parcel_id": row[0], "cycle": row[1], "crop": row[2],
                    "crop_set": row[3] if len(row) > 3 else [row[2]], "sos": row[4] if len(row) > 4 else None,
                }
                for row in rows
            ],
            columns=["parcel_id", "cycle", "crop", "crop_set", "sos"],
        )  # fmt: skip
        return frame.assign(season_id=SEASON.id, geometry_version="v1")

    return build


@pytest.fixture(scope="session")
def lines_of() -> Callable[[pd.DataFrame, str], list[dict[str, Any]]]:
    """Receipt of a subject."""

    def read(table: pd.DataFrame, subject: str) -> list[dict[str, Any]]:
        lines: list[dict[str, Any]] = json.loads(table.loc[table.subject_id == subject, "reasons"].iloc[0])
        return lines

    return read


def _parcel(number: int, given: dict[str, Any]) -> dict[str, Any]:
    known = {
        "parcel_id": f"p{number}",
        "geometry_version": "v1",
        "season_id": SEASON.id,
        "status": "OK",
        "farmer_id": None,
        "declared_crop": None,
        "area_ha": 1.0,
        "crop": "wheat",
        "vigour_pct": 50.0,
        "clear_dates": 12,
        "land_right": "certificate",
        "other_debt_minor": 0,
        "household_capacity_minor": 10**9,
    }
    row = known | given
    return {"crop_set": [row["crop"]], "cropped_area_ha": row["area_ha"]} | row
