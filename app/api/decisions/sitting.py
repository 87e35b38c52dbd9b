"""What all addresses of decisions share: who may sit, and over which proposals."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Final, TypeAlias

from fastapi import Depends, Path
from sqlalchemy import Connection

from app.api.access.roles import access_of
from app.api.access.schemas import MOST_NUMBER
from app.api.access.scope import scope_of
from app.api.access.sessions import Signed
from app.api.access.signing_in import Access
from app.api.decisions.judging import Bench
from app.api.decisions.reach import require_proposals
from app.api.schemas import Problem
from app.artefacts.folders import Folders
from app.db.engine import writing

REFUSALS: Final[dict[int | str, dict[str, Any]]] = {
    status: {"model": Problem} for status in (400, 401, 403, 404, 409, 422, 500, 503)
}

In: TypeAlias = Annotated[Access, Depends(access_of)]
Number: TypeAlias = Annotated[int, Path(ge=1, le=MOST_NUMBER)]


def bench_of(connection: Connection, access: Access, signed: Signed, folders: Folders) -> Bench:
    """Who is signed in, over proposals, now."""
    return Bench(connection, signed.person, access.clock(), folders.packs)


@contextmanager
def deciding(access: Access, signed: Signed, folders: Folders, proposals: list[int]) -> Iterator[Bench]:
    """Transaction that writes, over proposals that the person reaches (else InputError): all or nothing."""
    with writing(access.engine) as connection:
        require_proposals(connection, scope_of(connection, signed.person), proposals)
        yield bench_of(connection, access, signed, folders)
