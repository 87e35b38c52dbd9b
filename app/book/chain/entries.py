"""One entry of the chain beside what its row says now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from app.book.chain.links import content_hash, entry_hash, instant
from app.book.chain.witness import Witness
from app.db.tables import ChainEntry
from app.db.tables.kinds import EntryKind
from geo.errors import InputError


def entry_with_row(connection: Connection, witnesses: Mapping[EntryKind, Witness], seq: int) -> dict[str, Any]:
    """An entry with the content of its row; `fits` says whether its hash is that of the row as it is now.

    Of a row that changed in a vouched way only the last entry fits.

    Raises:
        InputError: the chain has no such entry.
    """
    entry = connection.execute(select(ChainEntry.__table__).where(ChainEntry.seq == seq)).mappings().one_or_none()
    if entry is None:
        raise InputError("UNKNOWN_ENTRY", f"The chain has no entry {seq}.", "`acreline audit verify` counts them.")
    witness = witnesses.get(entry["kind"])
    content = None if witness is None else witness.contents(connection, [entry["row_key"]]).get(entry["row_key"])
    hashed = entry_hash(
        seq, entry["kind"], entry["row_key"], entry["content_hash"], entry["previous_hash"], entry["recorded_at"]
    )
    return {
        **entry,
        "kind": str(entry["kind"]),
        "recorded_at": instant(entry["recorded_at"]),
        "entry_hash_fits": hashed == entry["entry_hash"],
        "row": content,
        "fits": content is not None and content_hash(content) == entry["content_hash"],
    }
