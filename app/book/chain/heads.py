"""Heads of the chain, kept outside the database: what was the last entry on a day stays provable.

A folder holds one JSON file for each local day and heads.jsonl, to which each export adds a line.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, select

from app.book.chain.links import BEGINNING, head, instant
from app.db.listed import listed_numbers
from app.db.rows import chunked
from app.db.tables import ChainEntry
from geo.errors import DataError, InputError
from geo.files import whole_file

LINES_FILE: Final = "heads.jsonl"
_FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class Kept:
    """A head as an export kept it.

    Attributes:
        day: local day of the export.
        seq: number of the last entry; 0 for an empty chain.
        entry_hash: its hash.
        recorded_at: its instant, ISO 8601 in UTC; None for an empty chain.
        exported_at: instant of the export, likewise.
    """

    day: str
    seq: int
    entry_hash: str
    recorded_at: str | None
    exported_at: str

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"format": _FORMAT, **{name: getattr(self, name) for name in self.__slots__}}


def export_head(connection: Connection, folder: Path, day: date, now: datetime) -> tuple[Kept, bool]:
    """Keep the chain's head of a day.

    Args:
        connection: database.
        folder: made if it is not there.
        day: local day of the export.
        now: instant of it.

    Returns:
        The head, and whether it is new: one that was kept before is not written again.

    Raises:
        DataError: the chain no longer contains a head that the folder keeps: nothing is written.
        InputError: the folder cannot be written, or holds a file that is no head.
    """
    last = head(connection)
    at = None if last.recorded_at is None else instant(last.recorded_at)
    found = Kept(day.isoformat(), last.seq, last.entry_hash, at, instant(now))
    kept = read_heads(folder) if folder.exists() else []
    _refuse_lost(connection, kept)
    if any((each.day, each.seq) == (found.day, found.seq) for each in kept):
        return found, False
    _write(folder, found)
    return found, True


def read_heads(folder: Path) -> list[Kept]:
    """All heads that a folder keeps, of its daily files and of heads.jsonl; each once, by seq.

    Raises:
        InputError: there is no such folder, or a file in it is no head.
    """
    if not folder.is_dir():
        raise InputError("HEADS_FOLDER", f"There is no folder {folder}.", "Name the one that `audit export` writes to.")
    texts = [(path, path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]
    lines = folder / LINES_FILE
    if lines.is_file():
        texts += [(lines, line) for line in lines.read_text(encoding="utf-8").splitlines() if line.strip()]
    found = dict.fromkeys(_head(path, text) for path, text in texts)
    return sorted(found, key=lambda kept: (kept.seq, kept.exported_at))


def lost_heads(connection: Connection, kept: list[Kept]) -> Iterator[tuple[Kept, str]]:
    """Heads that the chain no longer contains, each with what is there instead."""
    for chunk in chunked(kept):
        known = _hashes(connection, [each.seq for each in chunk])
        for each in chunk:
            there = known.get(each.seq)
            if there is None:
                yield each, "the chain ends before it"
            elif there != each.entry_hash:
                yield each, f"the entry {each.seq} has the hash {there}"


def _hashes(connection: Connection, numbers: list[int]) -> Mapping[int, str]:
    wanted = select(ChainEntry.seq, ChainEntry.entry_hash).where(
        ChainEntry.seq.in_(listed_numbers(connection, numbers))
    )
    return {0: BEGINNING, **{row.seq: row.entry_hash for row in connection.execute(wanted)}}


def _refuse_lost(connection: Connection, kept: list[Kept]) -> None:
    lost = next(lost_heads(connection, kept), None)
    if lost is not None:
        raise DataError(
            "CHAIN_HEAD_LOST",
            f"The head of {lost[0].day} (entry {lost[0].seq}) is no longer in the chain: {lost[1]}.",
            "Nothing was written. `acreline audit verify --heads` says more; compare with a backup.",
        )


def _head(path: Path, text: str) -> Kept:
    try:
        said = json.loads(text)
        return {_FORMAT: Kept}[said.pop("format")](**said)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise InputError("HEAD_FILE", f"{path} holds something that is no head.", "Restore it from a copy.") from error


def _write(folder: Path, found: Kept) -> None:
    line = json.dumps(found.as_dict(), sort_keys=True)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with whole_file(folder / f"{found.day}.json") as unfinished:
            unfinished.write_text(f"{line}\n", encoding="utf-8")
        with (folder / LINES_FILE).open("a", encoding="utf-8") as lines:
            lines.write(f"{line}\n")
    except OSError as error:
        raise InputError(
            "HEADS_FOLDER", f"{folder} cannot be written to ({error.strerror}).", "Mend rights or disk."
        ) from error
