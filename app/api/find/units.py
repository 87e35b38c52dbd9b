"""Units of a person's part of the book, and which parcels of a set belong to each."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Final

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, Engine, Row, select

from app.alerts.reach import unit_of_parcel, units_below, within
from app.db.tables import OrgUnit, Parcel
from app.maplayers.facts import UNKNOWN, Bytes
from app.maplayers.parcelset import ParcelSet
from geo.errors import InputError

#: A parcel that moved between two units of one person's part is filtered by the old one for so long, seconds.
FRESH_S: Final = 300.0
_MOST_SETS: Final = 64


@dataclass(frozen=True, slots=True)
class UnitColumn:
    """Units by code, in the order of their bytes, and the byte of every parcel of a set.

    Attributes:
        numbers: rows of the units; the place of one is its byte. Those past the 255th have none.
        codes: their codes.
        names: their names.
        column: shape (parcels,), UNKNOWN for parcels of no unit.
    """

    numbers: tuple[int, ...]
    codes: tuple[str, ...]
    names: tuple[str, ...]
    column: Bytes

    def below(self, connection: Connection, code: str) -> npt.NDArray[np.bool_]:
        """Parcels of a unit and of those below it, shape (parcels,); InputError where it is not among these."""
        if code not in self.codes:
            raise InputError("UNKNOWN_UNIT", f"There is no unit {code!r}.", "Choose your own unit or one below it.")
        inner = set(units_below(connection, code))
        chosen = np.zeros(UNKNOWN + 1, dtype=np.bool_)
        chosen[[place for place, number in enumerate(self.numbers) if number in inner]] = True
        return chosen[self.column]


class UnitShelf:
    """Columns of units by set; safe to use from several threads."""

    def __init__(self, engine: Engine, clock: Callable[[], float]) -> None:
        """Shelf over a database; clock counts seconds and never goes back."""
        self._engine = engine
        self._clock = clock
        self._held: OrderedDict[tuple[str, str], tuple[float, UnitColumn]] = OrderedDict()
        self._lock = Lock()

    def column(self, unit: str, parcels: ParcelSet) -> UnitColumn:
        """Units of the parcels that people of a unit see."""
        key = (unit, parcels.content_hash)
        with self._lock:
            held = self._held.get(key)
        if held is not None and self._clock() - held[0] < FRESH_S:
            return held[1]
        read_at = self._clock()
        with self._engine.connect() as connection:
            column = _read(connection, unit, parcels)
        with self._lock:
            self._held[key] = (read_at, column)
            self._held.move_to_end(key)
            while len(self._held) > _MOST_SETS:
                self._held.popitem(last=False)
        return column


def unit_rows(connection: Connection, unit: str) -> Sequence[Row[int, str, str]]:
    """Number, code and name of a unit and of those below it, in the order of their bytes."""
    mine = OrgUnit.id.in_(units_below(connection, unit))
    wanted = select(OrgUnit.id, OrgUnit.code, OrgUnit.name).where(mine).order_by(OrgUnit.code)
    return connection.execute(wanted.limit(UNKNOWN)).all()


def _read(connection: Connection, unit: str, parcels: ParcelSet) -> UnitColumn:
    numbers, rows = units_below(connection, unit), unit_rows(connection, unit)
    byte_of = {row.id: place for place, row in enumerate(rows)}
    column = np.full(len(parcels), UNKNOWN, dtype=np.uint8)
    for name, number in connection.execute(select(Parcel.parcel_id, unit_of_parcel()).where(within(numbers))):
        place = parcels.number_of.get(name)
        if place is not None:
            column[place] = byte_of.get(number, UNKNOWN)
    ids, codes, names = ([getattr(row, key) for row in rows] for key in ("id", "code", "name"))
    return UnitColumn(tuple(ids), tuple(codes), tuple(names), column)
