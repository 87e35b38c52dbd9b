"""How the chain's word on a kind of rows is checked against the rows."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from sqlalchemy import ColumnElement, Connection, select
from sqlalchemy.orm import InstrumentedAttribute

from app.book.chain.links import Said
from app.db.rows import CHUNK_ROWS

Content: TypeAlias = Mapping[str, Said]
_DIGITS: Final = 18


@dataclass(frozen=True, slots=True)
class Witness:
    """Checks entries of one kind.

    Attributes:
        contents: what rows say now, by row_key; a row that is not there is left out.
        keys: row_keys of all rows that need an entry, in lists of some thousands.
        once: a row has one entry and never changes; otherwise its last entry must fit.
    """

    contents: Callable[[Connection, Sequence[str]], Mapping[str, Content]]
    keys: Callable[[Connection], Iterator[Sequence[str]]]
    once: bool


def numbered(
    column: InstrumentedAttribute[int], *where: ColumnElement[bool]
) -> Callable[[Connection], Iterator[Sequence[str]]]:
    """Reads the numbers of a table's rows as row_keys, by and by, so that no length of it fills the memory."""

    def keys(connection: Connection) -> Iterator[Sequence[str]]:
        last = -1
        while found := connection.scalars(
            select(column).where(column > last, *where).order_by(column).limit(CHUNK_ROWS)
        ).all():
            yield [str(number) for number in found]
            last = found[-1]

    return keys


def numbers_of(keys: Sequence[str]) -> list[int]:
    """Numbers that row_keys name; one that is no number was tampered with, and names no row."""
    return [int(key) for key in keys if key.isascii() and key.isdecimal() and len(key) <= _DIGITS]


def text_hash(text: str | None) -> str | None:
    """SHA-256 (hexadecimal) of what people wrote: a change is found, and the chain's contents repeat no names."""
    return None if text is None else hashlib.sha256(text.encode()).hexdigest()
