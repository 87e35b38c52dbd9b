"""Whether the chain still vouches for everything: entries, the rows under them, exported heads, subjects.

Everything is read by and by: the memory does not grow with the book.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from sqlalchemy import Connection, func, select

from app.book.chain.heads import Kept, lost_heads
from app.book.chain.links import BEGINNING, content_hash, entry_hash, instant
from app.book.chain.witness import Content, Witness
from app.book.subjects import subject_hash
from app.db.listed import listed
from app.db.rows import CHUNK_ROWS
from app.db.tables import ChainEntry, CreditSubject
from app.db.tables.kinds import EntryKind
from geo.errors import DataError

#: Faults that are told; the others are counted.
SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that the chain does not vouch for.

    Attributes:
        code: what is wrong, for programs.
        row: the entry, row, head or subject, as people can find it ("decision 17", "entry 4").
        says: what is wrong, in words.
    """

    code: str
    row: str
    says: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What was looked at, and what was found.

    Attributes:
        entries: of the chain.
        head: hash of the last one.
        by_kind: entries by kind.
        subjects: that limits are for.
        erased: of them, that nobody can name any more.
        heads: exported ones that were compared.
        faults: the first ones.
        fault_count: all of them.
    """

    entries: int
    head: str
    by_kind: Mapping[str, int]
    subjects: int
    erased: int
    heads: int
    faults: Sequence[Fault]
    fault_count: int


@dataclass(slots=True)
class _Tally:
    """Counts that grow while faults are read."""

    last: Any
    by_kind: defaultdict[str, int]
    subjects: int = 0
    erased: int = 0


def verify(connection: Connection, witnesses: Mapping[EntryKind, Witness], kept: Sequence[Kept] = ()) -> Verified:
    """Check the whole chain and everything that it vouches for.

    Args:
        connection: database, in one transaction: what is written meanwhile does not count.
        witnesses: how the rows of each kind are checked (app.book.chain.witnesses).
        kept: exported heads.

    Raises:
        DataError: a row holds a word that no version writes, so that it cannot even be read.
    """
    tally = _Tally(None, defaultdict(int))
    faults = _faults(connection, witnesses, kept, tally)
    try:
        shown = list(islice(faults, SHOWN))
        more = sum(1 for _ in faults)
    except LookupError as error:  # of SQLAlchemy, for a closed list
        raise DataError(
            "CHAIN_WORD",
            f"A row holds a word that no version writes: {error}.",
            "Somebody wrote past the database's own checks: see The chain in docs/runbook.md.",
        ) from error
    return Verified(
        entries=sum(tally.by_kind.values()),
        head=BEGINNING if tally.last is None else tally.last.entry_hash,
        by_kind=dict(sorted(tally.by_kind.items())),
        subjects=tally.subjects,
        erased=tally.erased,
        heads=len(kept),
        faults=shown,
        fault_count=len(shown) + more,
    )


def _faults(
    connection: Connection, witnesses: Mapping[EntryKind, Witness], kept: Sequence[Kept], tally: _Tally
) -> Iterator[Fault]:
    for chunk in _entries(connection):
        yield from _links(chunk, tally)
        by_kind: defaultdict[EntryKind, list[Any]] = defaultdict(list)
        for entry in chunk:
            by_kind[entry.kind].append(entry)
        for kind, entries in by_kind.items():
            yield from _rows(connection, kind, entries, witnesses.get(kind))
    for kind, witness in witnesses.items():
        yield from _unvouched(connection, kind, witness)
    yield from _lost(connection, kept)
    yield from _subjects(connection, tally)


def _entries(connection: Connection) -> Iterator[Sequence[Any]]:
    last = None
    while True:
        wanted = select(ChainEntry.__table__).order_by(ChainEntry.seq).limit(CHUNK_ROWS)
        chunk = connection.execute(wanted if last is None else wanted.where(ChainEntry.seq > last)).all()
        if not chunk:
            return
        yield chunk
        last = chunk[-1].seq


def _links(chunk: Iterable[Any], tally: _Tally) -> Iterator[Fault]:
    """Faults of entries among themselves: numbers, hashes and instants."""
    for entry in chunk:
        last, name = tally.last, f"entry {entry.seq}"
        expected = 1 if last is None else last.seq + 1
        if entry.seq != expected:
            yield Fault("GAP", name, f"follows entry {expected - 1}: what lay between is gone")
        if entry.previous_hash != (BEGINNING if last is None else last.entry_hash):
            yield Fault("PREVIOUS_HASH", name, "does not name the hash of the entry before it")
        if entry.entry_hash != entry_hash(
            entry.seq, entry.kind, entry.row_key, entry.content_hash, entry.previous_hash, entry.recorded_at
        ):
            yield Fault("ENTRY_HASH", name, f"is not what was written ({entry.kind} {entry.row_key})")
        if last is not None and entry.recorded_at < last.recorded_at:
            yield Fault("CLOCK", name, f"is of {instant(entry.recorded_at)}, before the entry that it follows")
        tally.last = entry
        tally.by_kind[str(entry.kind)] += 1


def _rows(connection: Connection, kind: EntryKind, entries: Sequence[Any], witness: Witness | None) -> Iterator[Fault]:
    """Faults between entries of one kind and their rows. Only the last entry of a row can be compared with it."""
    if witness is None:
        yield Fault("NO_WITNESS", f"{kind} {entries[0].row_key}", "this version cannot check such rows")
        return
    keys = list(dict.fromkeys(entry.row_key for entry in entries))
    told = _told(connection, kind, keys)
    contents = witness.contents(connection, keys)
    for entry in entries:
        name = f"{kind} {entry.row_key}"
        last, count = told[entry.row_key]
        if entry.seq != last:
            continue
        if count > 1 and witness.once:
            yield Fault("TWICE", name, f"has {count} entries, and never changes")
        content = contents.get(entry.row_key)
        if content is None:
            yield Fault("ROW_GONE", name, f"is not there, and entry {entry.seq} vouches for it")
        elif not _fits(content, entry.content_hash):
            yield Fault("ROW_CHANGED", name, f"is not what entry {entry.seq} vouches for")


def _fits(content: Content, hashed: str) -> bool:
    try:
        return content_hash(content) == hashed
    except TypeError:  # a fraction, which no row held when it was vouched for
        return False


def _told(connection: Connection, kind: EntryKind, keys: Sequence[str]) -> Mapping[str, tuple[int, int]]:
    wanted = (
        select(ChainEntry.row_key, func.max(ChainEntry.seq), func.count())
        .where(ChainEntry.kind == kind, ChainEntry.row_key.in_(listed(connection, keys)))
        .group_by(ChainEntry.row_key)
    )
    return {key: (last, count) for key, last, count in connection.execute(wanted)}


def _unvouched(connection: Connection, kind: EntryKind, witness: Witness) -> Iterator[Fault]:
    for keys in witness.keys(connection):
        told = _told(connection, kind, keys)
        for key in keys:
            if key not in told:
                yield Fault("NO_ENTRY", f"{kind} {key}", "has no entry in the chain")


def _lost(connection: Connection, kept: Sequence[Kept]) -> Iterator[Fault]:
    for head, there in lost_heads(connection, list(kept)):
        yield Fault("HEAD_LOST", f"head of {head.day}", f"was entry {head.seq}, {head.entry_hash}; now {there}")


def _subjects(connection: Connection, tally: _Tally) -> Iterator[Fault]:
    last = -1
    while True:
        wanted = select(CreditSubject.__table__).where(CreditSubject.id > last).order_by(CreditSubject.id)
        chunk = connection.execute(wanted.limit(CHUNK_ROWS)).all()
        if not chunk:
            return
        last = chunk[-1].id
        tally.subjects += len(chunk)
        for row in chunk:
            if row.salt is None or row.subject_id is None:
                tally.erased += 1
            elif subject_hash(row.kind, row.subject_id, row.salt) != row.subject_hash:
                yield Fault("SUBJECT", f"subject {row.id}", "its name and salt do not give its hash")
