"""Who asks, which part of the book they see, and which day it is there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, TypeAlias

from fastapi import Depends, Request
from sqlalchemy import Connection, select

from app.api.access.roles import access_of
from app.api.access.scope import Scope, scope_of
from app.api.access.sessions import Signed
from app.api.access.signing_in import Access
from app.db.engine import reading
from app.db.tables import Run
from geo.errors import InputError
from scoring.policy import Pack, open_pack

In: TypeAlias = Annotated[Access, Depends(access_of)]


@dataclass(frozen=True, slots=True)
class Desk:
    """One look at the book.

    Attributes:
        connection: transaction that reads one state of the database.
        signed: who looks.
        scope: what they see.
        day: local day, by the policy of the newest run.
        packs: folder of the bank's own policies.
    """

    connection: Connection
    signed: Signed
    scope: Scope
    day: date
    packs: Path | None

    @property
    def unit(self) -> str:
        """Code of the person's unit."""
        return self.signed.person.unit


@contextmanager
def desk_of(request: Request, signed: Signed) -> Iterator[Desk]:
    """Look at the book for somebody who is signed in."""
    access = access_of(request)
    packs: Path | None = request.app.state.folders.packs
    with reading(access.engine) as connection:
        day = local_day(connection, access.clock(), packs)
        yield Desk(connection, signed, scope_of(connection, signed.person), day, packs)


def local_day(connection: Connection, now: datetime, packs: Path | None) -> date:
    """Day by the calendar of the newest run's policy; that of UTC where no policy is at hand."""
    wanted = select(Run.policy_id).where(Run.policy_id.is_not(None)).order_by(Run.created_at.desc(), Run.run_id)
    pack = pack_at_hand(connection.scalar(wanted.limit(1)), packs)
    return now.date() if pack is None else pack.local_day(now)


def pack_at_hand(name: str | None, packs: Path | None) -> Pack | None:
    """The policy of an id; None where it is neither shipped nor the bank's."""
    if name is None:
        return None
    try:
        return open_pack(name, packs_dir=packs)
    except InputError:
        return None
