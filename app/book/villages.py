"""Which village a parcel lies in, as the bank's own files say it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, insert, select, update

from app.db.listed import listed
from app.db.rows import Row, chunked
from app.db.tables import Parcel, Village


@dataclass(frozen=True, slots=True)
class InVillage:
    """A village by the bank's own code and its name."""

    code: str
    name: str


def keep_villages(connection: Connection, villages: Mapping[str, InVillage], now: datetime) -> int:
    """Say which village parcels lie in; a village that is called otherwise now is called so from now on.

    Args:
        connection: transaction that writes.
        villages: by parcel_id, of parcels that are there; one name for a code.
        now: when the bank comes to know it.

    Returns:
        Number of parcels that lay in another village, or in none, before.
    """
    _keep_names(connection, {each.code: each.name for each in villages.values()}, now)
    before = village_codes(connection, villages)
    changed = [
        {"wanted": parcel, "village": each.code} for parcel, each in villages.items() if before.get(parcel) != each.code
    ]
    for chunk in chunked(changed):
        change = update(Parcel.__table__).where(Parcel.parcel_id == bindparam("wanted"))  # type: ignore[arg-type]
        connection.execute(change.values(village_code=bindparam("village")), chunk)
    return len(changed)


def village_of(connection: Connection, parcel_id: str) -> InVillage | None:
    """Village of a parcel; None where it is not known."""
    return villages_of(connection, [parcel_id]).get(parcel_id)


def villages_of(connection: Connection, parcels: Iterable[str]) -> dict[str, InVillage]:
    """Village of each parcel that lies in one."""
    found: dict[str, InVillage] = {}
    for chunk in chunked(sorted(parcels)):
        wanted = select(Parcel.parcel_id, Village.code, Village.name).join(Village, Village.code == Parcel.village_code)
        for parcel, code, name in connection.execute(wanted.where(Parcel.parcel_id.in_(listed(connection, chunk)))):
            found[parcel] = InVillage(code, name)
    return found


def village_codes(connection: Connection, parcels: Iterable[str]) -> dict[str, str]:
    """Code of the village of each parcel that lies in one."""
    found: dict[str, str] = {}
    for chunk in chunked(sorted(parcels)):
        wanted = select(Parcel.parcel_id, Parcel.village_code).where(
            Parcel.parcel_id.in_(listed(connection, chunk)), Parcel.village_code.is_not(None)
        )
        found |= {parcel: str(code) for parcel, code in connection.execute(wanted)}
    return found


def _keep_names(connection: Connection, names: Mapping[str, str], now: datetime) -> None:
    known: dict[str, str] = {}
    for chunk in chunked(sorted(names)):
        wanted = select(Village.code, Village.name).where(Village.code.in_(listed(connection, chunk)))
        known.update((code, name) for code, name in connection.execute(wanted))
    new: list[Row] = [{"code": code, "name": names[code], "recorded_at": now} for code in sorted(names.keys() - known)]
    for rows in chunked(new):
        connection.execute(insert(Village), rows)
    for code in sorted(code for code, name in known.items() if names[code] != name):
        change = update(Village).where(Village.code == code)
        connection.execute(change.values(name=names[code], recorded_at=now))
