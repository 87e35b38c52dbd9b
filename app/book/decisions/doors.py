"""What lets in beside passwords: keys of other systems, and links to the bank's own sign-in service.

Each that is made or ended is an entry of the chain: a key that was widened, and a link that was slipped in, are found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, select

from app.book.chain.links import Link, append, instant
from app.book.chain.witness import Content, Witness, numbered, numbers_of, text_hash
from app.db.listed import listed_numbers
from app.db.tables import ApiKey, UserIdentity
from app.db.tables.kinds import EntryKind


def vouch_key(connection: Connection, number: int, now: datetime) -> None:
    """Append what a key is now to the chain."""
    _vouch(connection, EntryKind.API_KEY, key_contents(connection, [str(number)]), now)


def vouch_identity(connection: Connection, number: int, now: datetime) -> None:
    """Append what a link is now to the chain."""
    _vouch(connection, EntryKind.IDENTITY, identity_contents(connection, [str(number)]), now)


def key_contents(connection: Connection, keys: Sequence[str]) -> Mapping[str, Content]:
    """What the chain vouches for of keys: all but their use; the label by its hash."""
    wanted = select(ApiKey.__table__).where(ApiKey.id.in_(listed_numbers(connection, numbers_of(keys))))
    return {str(row["id"]): _key(row) for row in connection.execute(wanted).mappings()}


def identity_contents(connection: Connection, keys: Sequence[str]) -> Mapping[str, Content]:
    """What the chain vouches for of links: issuer and subject by their hashes."""
    among = UserIdentity.id.in_(listed_numbers(connection, numbers_of(keys)))
    rows = connection.execute(select(UserIdentity.__table__).where(among)).mappings()
    return {str(row["id"]): _identity(row) for row in rows}


def key_witness() -> Witness:
    """How keys are checked against the chain."""
    return Witness(key_contents, numbered(ApiKey.id), once=False)


def identity_witness() -> Witness:
    """How links are checked against the chain."""
    return Witness(identity_contents, numbered(UserIdentity.id), once=False)


def _vouch(connection: Connection, kind: EntryKind, contents: Mapping[str, Content], now: datetime) -> None:
    append(connection, [Link(kind, key, content) for key, content in contents.items()], now)


def _key(row: RowMapping) -> Content:
    return {
        "id": row["id"],
        "label_hash": text_hash(row["label"]),
        "key_hash": row["key_hash"],
        "org_unit_id": row["org_unit_id"],
        "scopes": sorted(row["scopes"]),
        "created_by_id": row["created_by_id"],
        "created_at": instant(row["created_at"]),
        "expires_at": instant(row["expires_at"]),
        "revoked_by_id": row["revoked_by_id"],
        "revoked_at": _instant(row["revoked_at"]),
    }


def _identity(row: RowMapping) -> Content:
    return {
        "id": row["id"],
        "user_id": row["user_id"],
        "issuer_hash": text_hash(row["issuer"]),
        "subject_hash": text_hash(row["subject"]),
        "linked_by_id": row["linked_by_id"],
        "recorded_at": instant(row["recorded_at"]),
        "ended_by_id": row["ended_by_id"],
        "ended_at": _instant(row["ended_at"]),
    }


def _instant(at: datetime | None) -> str | None:
    return None if at is None else instant(at)
