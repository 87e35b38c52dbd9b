"""Who works on applications, within which reach; and writes on one, as the person saw it last."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Final, TypeAlias

from fastapi import Depends
from fastapi import Path as InPath
from sqlalchemy import ColumnElement, Connection

from app.api.access.roles import Lender, access_of
from app.api.access.scope import Scope, scope_of
from app.api.access.sessions import Signed
from app.api.access.signing_in import Access
from app.api.kept import Kept
from app.api.schemas import Problem
from app.artefacts.contents import ContentStore
from app.artefacts.folders import Folders, required
from app.book.applications.files import Doing, Filed, find
from app.db.engine import reading, writing
from app.db.tables import Application
from geo.errors import InputError
from scoring.policy import Pack, load_pack

REFUSALS: Final[dict[int | str, dict[str, Any]]] = {
    status: {"model": Problem} for status in (400, 401, 403, 404, 409, 413, 422, 500, 503)
}

In: TypeAlias = Annotated[Access, Depends(access_of)]
ByNumber: TypeAlias = Annotated[str, InPath(min_length=1, max_length=128, pattern=r"^[^\x00/]+$")]


@dataclass(frozen=True, slots=True)
class Desk:
    """A person at work in one transaction.

    Attributes:
        connection: of the transaction.
        signed: who.
        scope: what they reach.
        now: instant.
        folders: where files lie.
    """

    connection: Connection
    signed: Signed
    scope: Scope
    now: datetime
    folders: Folders

    @property
    def within(self) -> ColumnElement[bool]:
        """Condition on Application: what the person reaches."""
        return self.scope.rows(Application.org_unit_id)

    def filed(self, number: str) -> Filed:
        """An application within reach, else InputError."""
        return find(self.connection, number, self.within)

    def doing(self, version: int) -> Doing:
        """What the person does, having seen a version."""
        return Doing(self.signed.person, self.now, version)

    def pack(self, policy_id: str | None) -> Pack:
        """A policy, of the bank's own folder or a shipped one; InputError where it is not at hand."""
        return pack_at(policy_id, self.folders.packs)

    def today(self, pack: Pack) -> date:
        """Local day of a policy."""
        return pack.local_day(self.now)


def pack_at(policy_id: str | None, packs: Path | None) -> Pack:
    """The pack of an application."""
    if policy_id is None:
        said = "The application came from the core system and names no policy."
        raise InputError("APPLICATION_FOREIGN", said, "It is kept there.")
    return load_pack(policy_id, packs_dir=packs)


def store_of(folders: Folders) -> ContentStore:
    """Where papers and receipts lie; InputError where no folder is set."""
    return ContentStore(required(folders.files, "ACRELINE_FILES_DIR"))


@contextmanager
def looking(access: Access, signed: Signed, folders: Folders) -> Iterator[Desk]:
    """Transaction that reads."""
    with reading(access.engine) as connection:
        yield Desk(connection, signed, scope_of(connection, signed.person), access.clock(), folders)


@contextmanager
def working(access: Access, signed: Signed, folders: Folders) -> Iterator[Desk]:
    """Transaction that writes: all or nothing."""
    with writing(access.engine) as connection:
        yield Desk(connection, signed, scope_of(connection, signed.person), access.clock(), folders)


__all__ = ["REFUSALS", "ByNumber", "Desk", "In", "Kept", "Lender", "looking", "pack_at", "store_of", "working"]
