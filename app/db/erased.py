"""Numbers of farmers whose data were erased: a run that still names them does not bring them back."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from hashlib import sha256
from secrets import token_hex
from typing import Final

from sqlalchemy import Connection, insert, select

from app.db.rows import Row, chunked
from app.db.tables import ErasedNumber, Party
from geo.errors import DataError

#: How a name begins that was put in the place of an erased number.
PSEUDONYM: Final = "erased-"
_PSEUDONYM_BYTES: Final = 16
_SALT_BYTES: Final = 32


def pseudonym(random: Callable[[int], str] = token_hex) -> str:
    """A random name in place of a number; nobody keeps which stands for whom."""
    return f"{PSEUDONYM}{random(_PSEUDONYM_BYTES)}"


def remember(connection: Connection, number: str, now: datetime, salts: Callable[[int], bytes]) -> None:
    """Note that a number must not come back; all numbers share one random salt, so that a long list is read fast."""
    salt = connection.scalar(select(ErasedNumber.salt).limit(1)) or salts(_SALT_BYTES)
    hashed = _hashed(number, salt)
    if connection.scalar(select(ErasedNumber.number_hash).where(ErasedNumber.number_hash == hashed)) is None:
        connection.execute(insert(ErasedNumber).values(number_hash=hashed, salt=salt, erased_at=now))


def erased_among(
    connection: Connection, numbers: Iterable[str | None], made_at: datetime | None = None
) -> frozenset[str]:
    """Those of the numbers that must not be written.

    A number that was erased may be written again once a party has it anew: the person came back. What was made before
    the erasure stays without it even then.

    Args:
        connection: database.
        numbers: of farmers; None is nobody.
        made_at: when the rows that name them were made; None: now.
    """
    salts = {bytes(salt) for salt in connection.scalars(select(ErasedNumber.salt).distinct())}
    hashed = {_hashed(each, salt): each for salt in salts for each in set(numbers) if each is not None}
    found: dict[str, datetime] = {}
    for chunk in chunked(list(hashed)):
        rows = connection.execute(
            select(ErasedNumber.number_hash, ErasedNumber.erased_at).where(ErasedNumber.number_hash.in_(chunk))
        )
        found |= {hashed[each]: erased_at for each, erased_at in rows}
    back = {
        number
        for chunk in chunked(sorted(found))
        for number in connection.scalars(select(Party.farmer_id).where(Party.farmer_id.in_(chunk)))
    }
    return frozenset(
        number
        for number, erased_at in found.items()
        if number not in back or (made_at is not None and made_at <= erased_at)
    )


def refuse_erased(connection: Connection, numbers: Iterable[str | None]) -> None:
    """Refuse to write of farmers whose data were erased, unless they came back.

    Raises:
        DataError: some were; the message holds no number.
    """
    count = len(erased_among(connection, numbers))
    if count:
        raise DataError(
            "FARMER_ERASED",
            f"The data of {count} of the farmers were erased.",
            "Take them out of the file; somebody who came back is registered with acreline parties add --again.",
        )


def without(chunks: Iterator[list[Row]], names: Mapping[str, str]) -> Iterator[list[Row]]:
    """Rows of a run with names in place of erased numbers, in farmer_id and as the subject of a farmer's limit."""
    return ([_renamed(row, names) for row in chunk] for chunk in chunks) if names else chunks


def _renamed(row: Row, names: Mapping[str, str]) -> Row:
    name = names.get(str(row["farmer_id"]))
    if name is None:
        return row
    if row.get("subject_kind") == "farmer":
        return {**row, "farmer_id": name, "subject_id": name}
    return {**row, "farmer_id": name}


def _hashed(number: str, salt: bytes) -> str:
    return hmac.new(salt, number.encode(), sha256).hexdigest()
