"""Plots of a core loan file: parcels and their outlines, the contract's plots, and the crops declared on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import geopandas as gpd
import pandas as pd
from sqlalchemy import Connection, insert, select, update

from app.book.loans.holding import hold
from app.book.villages import InVillage, keep_villages
from app.db.listed import listed
from app.db.outlines import add_geometries, add_parcels
from app.db.rows import Row, chunked, outline_rows
from app.db.tables import ContractPlot, CropCycle, ParcelObservation, ParcelPeriod
from app.db.tables.kinds import CropOrigin
from geo.season import Season
from scoring.lending.loanbook import LoanBook


@dataclass(frozen=True, slots=True)
class Land:
    """What a file's plots brought.

    Attributes:
        parcels: that the book did not know.
        outlines: that the book did not know.
        plots: of contracts, new or changed.
        crops: declared, new or changed.
        crops_without_season: plots whose crop is stated without both days; their crop stays in the file.
        other_outlines: parcels that a run saw with another outline, which holds on.
        villages: parcels that lie in another village than the book knew.
    """

    parcels: int
    outlines: int
    plots: int
    crops: int
    crops_without_season: int
    other_outlines: int
    villages: int


def hold_land(connection: Connection, book: LoanBook, lines: Mapping[str, int], at: datetime, now: datetime) -> Land:
    """Write the plots of a file.

    Args:
        connection: transaction that writes.
        book: the file.
        lines: number of each facility by its name.
        at: instant from which the plots hold.
        now: when the bank comes to know them.

    Raises:
        InputError: the book says otherwise from the same day on.
    """
    plots = book.plots.merge(book.loans[["loan_number", "facility_number", "opened_on"]], on="loan_number")
    alone = gpd.GeoDataFrame(plots.assign(area_ha=plots.measured_ha.astype(float)), crs=4326)
    outlines = outline_rows(alone.drop_duplicates("parcel_id"))
    parcels = add_parcels(connection, outlines, now)
    drawn = outlines[outlines.wkb.notna()]
    shapes = add_geometries(connection, drawn, now)
    other = _hold_periods(connection, drawn, at, now)
    contract = hold(connection, ContractPlot, ("facility_id", "parcel_id", "starts_on"), _plots(plots, lines), at, now)
    crops = _crops(plots, book)
    declared = hold(connection, CropCycle, ("parcel_id", "season_id", "cycle", "origin"), crops, at, now)
    return Land(
        parcels,
        shapes,
        contract.new + contract.changed,
        declared.new + declared.changed,
        int(plots.crop.notna().sum()) - len(_with_days(plots)),
        other,
        keep_villages(connection, _villages(plots), now),
    )


def _villages(plots: pd.DataFrame) -> dict[str, InVillage]:
    stated = plots[plots.village_code.notna()]
    rows = zip(stated.parcel_id, stated.village_code, stated.village, strict=True)
    return {parcel: InVillage(code, name) for parcel, code, name in rows}


def _plots(plots: pd.DataFrame, lines: Mapping[str, int]) -> list[Row]:
    """Plots of contracts, season by season; one without a day of its own starts with its loan."""
    rows: dict[tuple[str, str, date], Row] = {}
    for row in plots.drop(columns="geometry").to_dict("records"):
        start = row["starts_on"] or row["opened_on"]
        rows.setdefault(
            (row["facility_number"], row["parcel_id"], start),
            {
                "facility_id": lines[row["facility_number"]],
                "parcel_id": row["parcel_id"],
                "plot_code": row["plot_code"],
                "starts_on": start,
                "ends_on": row["ends_on"],
                "contracted_area_ha": row["area_ha"],
                "measured_area_ha": row["measured_ha"] or None,
            },
        )
    return list(rows.values())


def _with_days(plots: pd.DataFrame) -> pd.DataFrame:
    return plots[plots.crop.notna() & plots.starts_on.notna() & plots.ends_on.notna()]


def _crops(plots: pd.DataFrame, book: LoanBook) -> list[Row]:
    stated = _with_days(plots).drop(columns="geometry").to_dict("records")
    rows: dict[tuple[str, str], Row] = {}
    for row in stated:
        season = Season(row["starts_on"], row["ends_on"]).id
        rows[(row["parcel_id"], season)] = {
            "parcel_id": row["parcel_id"],
            "season_id": season,
            "cycle": 1,
            "origin": CropOrigin.DECLARED,
            "crop": row["crop"],
            "area_ha": row["area_ha"],
            "source": book.source,
            "as_of": book.as_of,
        }
    return list(rows.values())


def _hold_periods(connection: Connection, outlines: pd.DataFrame, at: datetime, now: datetime) -> int:
    """Which outline a parcel has from now on; how many were seen by a run with another one, which is left alone."""
    ids = outlines["parcel_id"].tolist()
    holding = _holding(connection, ids)
    seen = _seen(connection, ids)
    new: list[Row] = []
    other = 0
    for parcel_id, version in zip(outlines["parcel_id"], outlines["geometry_version"], strict=True):
        before = holding.get(parcel_id)
        if before is not None and before[0] == version:
            continue
        if parcel_id in seen or (before is not None and before[1] >= at):
            other += before is not None
            continue
        new.append({"parcel_id": parcel_id, "valid_from": at, "geometry_version": version, "recorded_at": now})
    ending = [row["parcel_id"] for row in new if row["parcel_id"] in holding]
    for chunk in chunked(ending):
        open_now = ParcelPeriod.parcel_id.in_(listed(connection, chunk)), ParcelPeriod.valid_to.is_(None)
        connection.execute(update(ParcelPeriod).where(*open_now).values(valid_to=at))
    for rows in chunked(new):
        connection.execute(insert(ParcelPeriod), rows)
    return other


def _holding(connection: Connection, ids: list[str]) -> dict[str, tuple[str, datetime]]:
    found: dict[str, tuple[str, datetime]] = {}
    for chunk in chunked(ids):
        rows = connection.execute(
            select(ParcelPeriod.parcel_id, ParcelPeriod.geometry_version, ParcelPeriod.valid_from).where(
                ParcelPeriod.parcel_id.in_(listed(connection, chunk)), ParcelPeriod.valid_to.is_(None)
            )
        )
        found |= {parcel_id: (version, start) for parcel_id, version, start in rows}
    return found


def _seen(connection: Connection, ids: list[str]) -> set[str]:
    found: set[str] = set()
    for chunk in chunked(ids):
        found |= set(
            connection.scalars(
                select(ParcelObservation.parcel_id)
                .where(ParcelObservation.parcel_id.in_(listed(connection, chunk)))
                .distinct()
            )
        )
    return found
