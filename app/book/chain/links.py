"""The institution's chain: each entry vouches for a row by its hash, and for all entries before it.

Contents name nobody: subjects by their hashes, people of the bank by their numbers, amounts in minor units.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

from sqlalchemy import Connection, insert, select

from app.db.rows import chunked
from app.db.tables import ChainEntry
from app.db.tables.kinds import EntryKind
from geo.errors import InputError

#: What a content may hold: no fractions, whose text depends on who writes them.
Said: TypeAlias = "bool | int | str | Sequence[Said] | Mapping[str, Said] | None"

#: Hash before the first entry.
BEGINNING: Final = "0" * 64


@dataclass(frozen=True, slots=True)
class Link:
    """What an entry shall vouch for.

    Attributes:
        kind: of what table.
        row_key: the row's own key, as text.
        content: what the row says; no names, no fractions.
    """

    kind: EntryKind
    row_key: str
    content: Mapping[str, Said]


@dataclass(frozen=True, slots=True)
class Head:
    """Last entry of the chain: its number, hash and instant; seq 0 of an empty one."""

    seq: int
    entry_hash: str
    recorded_at: datetime | None


def head(connection: Connection) -> Head:
    """Where the chain ends."""
    last = connection.execute(
        select(ChainEntry.seq, ChainEntry.entry_hash, ChainEntry.recorded_at).order_by(ChainEntry.seq.desc()).limit(1)
    ).first()
    return Head(0, BEGINNING, None) if last is None else Head(*last)


def append(connection: Connection, links: Sequence[Link], now: datetime) -> str:
    """Append entries to the chain.

    Args:
        connection: transaction that writes (app.db.engine.writing): two at once would both follow the same entry.
        links: what the new entries vouch for, in order.
        now: instant of all of them.

    Returns:
        Hash of the last entry.

    Raises:
        InputError: the clock shows a time before the last entry's.
        TypeError: a content holds a fraction or something that is no JSON.
    """
    last = head(connection)
    check_clock(last, now)
    rows = list(_entries(last, links, now))
    for chunk in chunked(rows):
        connection.execute(insert(ChainEntry), chunk)
    return str(rows[-1]["entry_hash"]) if rows else last.entry_hash


def check_clock(last: Head, now: datetime) -> None:
    """Refuse an instant before the last entry's."""
    if last.recorded_at is not None and now < last.recorded_at:
        raise InputError(
            "CLOCK_BACK",
            f"The clock shows {instant(now)}, and the chain's last entry is of {instant(last.recorded_at)}.",
            "Set this machine's clock right, and do it again.",
        )


def canonical(content: Mapping[str, Said]) -> bytes:
    """JSON with sorted keys and no spaces, in UTF-8; TypeError with anything but whole numbers and text."""
    _refuse_fractions(content)
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def content_hash(content: Mapping[str, Said]) -> str:
    """SHA-256 of a content's canonical JSON, hexadecimal."""
    return hashlib.sha256(canonical(content)).hexdigest()


def entry_hash(
    seq: int, kind: EntryKind, row_key: str, content_hash: str, previous_hash: str, recorded_at: datetime
) -> str:
    """SHA-256 of an entry's canonical JSON, hexadecimal."""
    said: dict[str, Said] = {
        "seq": seq,
        "kind": str(kind),
        "row_key": row_key,
        "content_hash": content_hash,
        "previous_hash": previous_hash,
        "recorded_at": instant(recorded_at),
    }
    return hashlib.sha256(canonical(said)).hexdigest()


def instant(at: datetime) -> str:
    """An aware instant as contents and entries write it: UTC, ISO 8601 with microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _entries(last: Head, links: Sequence[Link], now: datetime) -> Iterator[dict[str, Any]]:
    previous = last.entry_hash
    for seq, link in enumerate(links, start=last.seq + 1):
        said = content_hash(link.content)
        hashed = entry_hash(seq, link.kind, link.row_key, said, previous, now)
        yield {
            "seq": seq,
            "kind": link.kind,
            "row_key": link.row_key,
            "content_hash": said,
            "previous_hash": previous,
            "entry_hash": hashed,
            "recorded_at": now,
        }
        previous = hashed


def _refuse_fractions(value: object) -> None:
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise TypeError("a content's keys are texts")
        for each in value.values():
            _refuse_fractions(each)
    elif isinstance(value, list | tuple):
        for each in value:
            _refuse_fractions(each)
    elif not (value is None or isinstance(value, bool | int | str)):
        raise TypeError(f"a content holds whole numbers and text, not {type(value).__name__}")
