"""Which unit of the bank keeps a parcel, where the bank says so rather than the loan on it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import Connection, bindparam, select, update

from app.book.decisions.people import Person, require_role
from app.db.listed import listed
from app.db.rows import chunked
from app.db.tables import OrgUnit, Parcel
from app.db.tables.kinds import UserRole
from app.jobs.tabular import read_cells
from geo.errors import InputError


def read_units(path: Path) -> Mapping[str, str]:
    """Code of the unit by parcel_id, from a CSV or Parquet file with columns parcel_id and org_unit.

    Raises:
        InputError: the file cannot be read, lacks a column, or a row is empty or says otherwise than one before.
    """
    cells = read_cells(path)
    lacking = sorted({"parcel_id", "org_unit"} - set(cells.columns))
    if lacking:
        raise InputError("PLACING_FILE", f"{path} has no column {lacking[0]!r}.", "Name it parcel_id and org_unit.")
    found: dict[str, str] = {}
    for number, (parcel_id, unit) in enumerate(zip(cells.parcel_id, cells.org_unit, strict=True), start=1):
        if not parcel_id or not unit or found.setdefault(parcel_id, unit) != unit:
            said = f"Row {number} of {path} is empty or names another unit than a row before."
            raise InputError("PLACING_ROW", said, "Correct the row.")
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


def _units(connection: Connection, units: Mapping[str, str]) -> Mapping[str, int]:
    known = {str(code): int(number) for number, code in connection.execute(select(OrgUnit.id, OrgUnit.code))}
    strange = sorted(set(units.values()) - known.keys())
    if strange:
        raise InputError("UNKNOWN_UNIT", f"There is no unit {strange[0]!r}.", "`acreline people list` shows all.")
    return known


def _kept(connection: Connection, units: Mapping[str, str]) -> Mapping[str, int | None]:
    found: dict[str, int | None] = {}
    for chunk in chunked(sorted(units)):
        wanted = select(Parcel.parcel_id, Parcel.org_unit_id).where(Parcel.parcel_id.in_(listed(connection, chunk)))
        found |= {str(parcel_id): unit for parcel_id, unit in connection.execute(wanted)}
    missing = sorted(units.keys() - found.keys())
    if missing:
        raise InputError("PARCEL_UNKNOWN", f"There is no parcel {missing[0]!r}.", "Load a run or a loan file first.")
    return found
