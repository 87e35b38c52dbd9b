"""Rows that hold for a time: what is said anew ends what was said before, and what is said again writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Table, insert, select, update

from app.db.base import Base
from app.db.listed import listed, listed_numbers
from app.db.rows import Row, chunked
from geo.errors import InputError


@dataclass(frozen=True, slots=True)
class Held:
    """What telling a table anew did.

    Attributes:
        new: rows whose key nothing held before.
        changed: rows that ended one that said otherwise.
        ended: numbers of the rows that were ended.
    """

    new: int
    changed: int
    ended: tuple[int, ...]


def hold(
    connection: Connection, entity: type[Base], keys: tuple[str, ...], rows: Sequence[Row], at: datetime, now: datetime
) -> Held:
    """Tell rows of a table with valid_from and valid_to.

    Two rows say the same where every column is equal but those of knowing: as_of and source stay those of the first.

    Args:
        connection: transaction that writes.
        entity: table with a column id.
        keys: columns that name what a row is about; the first narrows the search.
        rows: one per key, with the same columns each.
        at: instant from which they hold.
        now: when the bank comes to know it.

    Raises:
        InputError: a row says otherwise than one that holds from the same instant, or from a later one.
    """
    table: Table = entity.__table__  # type: ignore[assignment]
    held = _holding(connection, table, keys, [row[keys[0]] for row in rows])
    new, changed = [], []
    for row in rows:
        before = held.get(tuple(row[key] for key in keys))
        if before is None:
            new.append(row)
        elif any(before[name] != value for name, value in row.items() if name not in _KNOWING):
            _refuse_same_day(table, before, at, [str(row[key]) for key in keys])
            changed.append((int(before["id"]), row))
    ended = tuple(number for number, _ in changed)
    end(connection, entity, ended, at)
    span = {"valid_from": at, "valid_to": None, "recorded_at": now}
    for chunk in chunked([*new, *(row for _, row in changed)]):
        connection.execute(insert(table), [row | span for row in chunk])
    return Held(len(new), len(changed), ended)


_KNOWING: Final = frozenset({"as_of", "source"})


def end(connection: Connection, entity: type[Base], numbers: Sequence[int], at: datetime) -> None:
    """End rows at an instant."""
    table: Table = entity.__table__  # type: ignore[assignment]
    for chunk in chunked(numbers):
        connection.execute(update(table).where(table.c.id.in_(listed_numbers(connection, chunk))).values(valid_to=at))


def _holding(connection: Connection, table: Table, keys: tuple[str, ...], firsts: list[Any]) -> dict[Any, Row]:
    found: dict[Any, Row] = {}
    for chunk in chunked(list(dict.fromkeys(firsts))):
        numbers = isinstance(chunk[0], int)
        among = listed_numbers(connection, chunk) if numbers else listed(connection, chunk)
        wanted = select(table).where(table.c[keys[0]].in_(among), table.c.valid_to.is_(None))
        for row in connection.execute(wanted).mappings():
            found[tuple(row[key] for key in keys)] = dict(row)
    return found


def _refuse_same_day(table: Table, before: Row, at: datetime, key: list[str]) -> None:
    if before["valid_from"] >= at:
        raise InputError(
            "BOOK_SAME_DAY",
            f"The book says otherwise of {table.name} {', '.join(key)} from {before['valid_from']:%Y-%m-%d} on.",
            "Give the file the later day on which it was exported: nothing was written.",
        )
