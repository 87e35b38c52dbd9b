"""Subjects of the book: rows that stay for ever refer to them and name nobody."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import Connection, insert, select

from app.db.erased import refuse_erased
from app.db.listed import listed
from app.db.rows import chunked
from app.db.tables import CreditSubject
from app.db.tables.kinds import SubjectKind

Key: TypeAlias = tuple[SubjectKind, str]


@dataclass(frozen=True, slots=True)
class Subject:
    """A row of credit_subject.

    Attributes:
        id: its number.
        subject_hash: keyed hash of its name, hexadecimal; the only thing of it that reaches the chain.
    """

    id: int
    subject_hash: str


def subject_hash(kind: SubjectKind, subject_id: str, salt: bytes) -> str:
    """HMAC-SHA256 of a subject's kind and name under the row's own salt, hexadecimal."""
    return hmac.new(salt, f"{kind}\n{subject_id}".encode(), hashlib.sha256).hexdigest()


def ensure_subjects(
    connection: Connection, subjects: Sequence[Key], now: datetime, salts: Callable[[], bytes]
) -> dict[Key, Subject]:
    """Rows of subjects, found or made.

    Args:
        connection: transaction that writes (app.db.engine.writing).
        subjects: kind and name of each; one that comes twice counts once.
        now: when the bank comes to know a new one.
        salts: gives 32 random bytes at each call (secrets.token_bytes).

    Returns:
        Every subject asked for.

    Raises:
        DataError: the data of a new one were erased, and the farmer was not registered anew since.
    """
    found: dict[Key, Subject] = {}
    for kind in SubjectKind:
        wanted = list(dict.fromkeys(name for each, name in subjects if each == kind))
        for chunk in chunked(wanted):
            known = dict(_known(connection, kind, chunk))
            new = [name for name in chunk if name not in known]
            known |= _add(connection, kind, new, now, salts)
            found |= {(kind, name): subject for name, subject in known.items()}
    return found


def _known(connection: Connection, kind: SubjectKind, names: Sequence[str]) -> Iterator[tuple[str, Subject]]:
    wanted = select(CreditSubject.subject_id, CreditSubject.id, CreditSubject.subject_hash).where(
        CreditSubject.kind == kind, CreditSubject.subject_id.in_(listed(connection, names))
    )
    for name, number, hashed in connection.execute(wanted):
        yield str(name), Subject(number, hashed)


def _add(
    connection: Connection, kind: SubjectKind, names: list[str], now: datetime, salts: Callable[[], bytes]
) -> dict[str, Subject]:
    if not names:
        return {}
    if kind is SubjectKind.FARMER:
        refuse_erased(connection, names)
    rows = [_row(kind, name, salts(), now) for name in names]
    made = connection.execute(
        insert(CreditSubject).returning(CreditSubject.subject_id, CreditSubject.id, CreditSubject.subject_hash), rows
    )
    return {str(name): Subject(number, hashed) for name, number, hashed in made}


def _row(kind: SubjectKind, name: str, salt: bytes, now: datetime) -> dict[str, object]:
    hashed = subject_hash(kind, name, salt)
    return {"kind": kind, "subject_id": name, "salt": salt, "subject_hash": hashed, "recorded_at": now}
