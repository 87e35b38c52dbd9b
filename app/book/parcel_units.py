"""Which unit of the bank keeps a parcel, and in which village it lies, where the bank says so in a file of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pandas as pd
from sqlalchemy import Connection, bindparam, select, update

from app.book.decisions.people import Person, require_role
from app.book.villages import InVillage, keep_villages
from app.db.listed import listed
from app.db.rows import chunked
from app.db.tables import OrgUnit, Parcel
from app.db.tables.kinds import UserRole
from app.jobs.tabular import read_cells
from geo.errors import InputError
from scoring.lending.villages import village_faults


@dataclass(frozen=True, slots=True)
class Placing:
    """What a file says of parcels by parcel_id: codes of their units, and villages; empty where it has no column."""

    units: Mapping[str, str]
    villages: Mapping[str, InVillage]


def read_placing(path: Path) -> Placing:
    """Units and villages from a CSV or Parquet file with a column parcel_id, and org_unit, village or both.

    Beside village there may be village_code; without it the name is the code. A row may have no village.

    Raises:
        InputError: the file cannot be read, lacks a column, or a row is empty or says otherwise than one before.
    """
    cells = read_cells(path)
    if "parcel_id" not in cells.columns or not {"org_unit", "village"} & set(cells.columns):
        said = f"{path} has no column parcel_id, or neither org_unit nor village."
        raise InputError("PLACING_FILE", said, "Name them parcel_id, org_unit, village and village_code.")
    return Placing(
        _stated(path, cells.parcel_id, cells.org_unit, "unit") if "org_unit" in cells.columns else {},
        _villages(path, cells) if "village" in cells.columns else {},
    )


def _villages(path: Path, cells: pd.DataFrame) -> Mapping[str, InVillage]:
    coded = "village_code" in cells.columns
    codes = cells.village_code if coded else cells.village
    for row, said in village_faults(codes.tolist(), cells.village.tolist(), coded=coded):
        raise InputError("PLACING_ROW", f"Row {row + 1} of {path}: {said}.", "Correct the row.")
    there = cells.village.notna()
    stated = _stated(path, cells.parcel_id[there], codes[there], "village")
    names = dict(zip(codes, cells.village, strict=True))
    return {parcel: InVillage(code, names[code]) for parcel, code in stated.items()}


def _stated(path: Path, parcels: pd.Series, said: pd.Series, what: str) -> Mapping[str, str]:
    """What each parcel is said to have; the numbers of rows are those of the file."""
    found: dict[str, str] = {}
    for number, (parcel_id, value) in zip(parcels.index + 1, zip(parcels, said, strict=True), strict=True):
        if not parcel_id or not value or found.setdefault(parcel_id, value) != value:
            wrong = f"Row {number} of {path} is empty or names another {what} than a row before."
            raise InputError("PLACING_ROW", wrong, "Correct the row.")
    return found


def keep_parcels_at(connection: Connection, units: Mapping[str, str], by: Person) -> int:
    """Say which unit keeps which parcels, all or none.

    Args:
        connection: transaction that writes.
        units: code of the unit by parcel_id.
        by: who says so: an administrator.

    Returns:
        Number of parcels that another unit, or none, kept before.

    Raises:
        InputError: a parcel or unit is not known, or the person is no administrator.
    """
    require_role(by, [UserRole.ADMIN], "places parcels")
    numbers = _units(connection, units)
    changed = [
        {"wanted": parcel_id, "unit": numbers[units[parcel_id]]}
        for parcel_id, unit in _kept(connection, units).items()
        if unit != numbers[units[parcel_id]]
    ]
    for chunk in chunked(changed):
        change = update(Parcel.__table__).where(Parcel.parcel_id == bindparam("wanted"))  # type: ignore[arg-type]
        connection.execute(change.values(org_unit_id=bindparam("unit")), chunk)
    return len(changed)


def place_in_villages(connection: Connection, villages: Mapping[str, InVillage], by: Person, now: datetime) -> int:
    """Say in which villages parcels lie, all or none; number of those that lay in another one, or in none, before.

    Raises:
        InputError: a parcel is not known, or the person is no administrator.
    """
    require_role(by, [UserRole.ADMIN], "places parcels")
    _kept(connection, villages)
    return keep_villages(connection, villages, now)


def _units(connection: Connection, units: Mapping[str, str]) -> Mapping[str, int]:
    known = {str(code): int(number) for number, code in connection.execute(select(OrgUnit.id, OrgUnit.code))}
    strange = sorted(set(units.values()) - known.keys())
    if strange:
        raise InputError("UNKNOWN_UNIT", f"There is no unit {strange[0]!r}.", "`acreline people list` shows all.")
    return known


def _kept(connection: Connection, parcels: Iterable[str]) -> Mapping[str, int | None]:
    """Number of the unit that keeps each parcel."""
    found: dict[str, int | None] = {}
    wanted_ids = sorted(parcels)
    for chunk in chunked(wanted_ids):
        wanted = select(Parcel.parcel_id, Parcel.org_unit_id).where(Parcel.parcel_id.in_(listed(connection, chunk)))
        found |= {str(parcel_id): unit for parcel_id, unit in connection.execute(wanted)}
    missing = [parcel_id for parcel_id in wanted_ids if parcel_id not in found]
    if missing:
        raise InputError("PARCEL_UNKNOWN", f"There is no parcel {missing[0]!r}.", "Load a run or a loan file first.")
    return found
