"""The addresses of batches: a refresh proposes for the whole book, so who sees all of it sees them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from sqlalchemy import Connection, select

from app.api.access.roles import allowed
from app.api.access.scope import scope_of
from app.api.access.sessions import Signed
from app.api.answers import money
from app.api.decisions.bodies import ReleaseReason
from app.api.decisions.judging import able_to
from app.api.decisions.schemas import BatchHold, DecisionAct, LimitBatches, LimitBatchLine
from app.api.decisions.sitting import REFUSALS, In
from app.book.decisions.listing import proposals_by_status
from app.book.decisions.people import Person
from app.book.refresh.batches import ACTS, RELEASING, list_batches, release_batch, require_release
from app.db.engine import reading, writing
from app.db.tables import User
from geo.errors import InputError

router = APIRouter(prefix="/api/v1/batches", tags=["decisions"], responses=REFUSALS)

Releaser = Annotated[Signed, Depends(allowed(*RELEASING).person)]
BatchId = Annotated[str, Path(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9_.-]+$")]


@router.get("")
def show_batches(access: In, signed: Releaser) -> LimitBatches:
    """Batches, the newest first."""
    with reading(access.engine) as connection:
        rows = _rows(connection, signed.person)
        logins = _logins(connection, rows)
        lines = [_line(connection, row, signed.person, logins) for row in reversed(rows)]
    return LimitBatches(batches=lines)


@router.get("/{batch_id}")
def show_batch(access: In, signed: Releaser, batch_id: BatchId) -> LimitBatchLine:
    """One batch."""
    with reading(access.engine) as connection:
        return _shown(connection, signed.person, batch_id)


@router.post("/{batch_id}/release")
def release(access: In, signed: Releaser, batch_id: BatchId, asked: ReleaseReason) -> LimitBatchLine:
    """Open the proposals of a held batch to decisions."""
    with writing(access.engine) as connection:
        _shown(connection, signed.person, batch_id)
        release_batch(connection, batch_id, signed.person, asked.reason, access.clock())
        return _shown(connection, signed.person, batch_id)


def _shown(connection: Connection, person: Person, batch_id: str) -> LimitBatchLine:
    rows = [row for row in _rows(connection, person) if row.id == batch_id]
    if not rows:
        raise InputError("UNKNOWN_BATCH", f"There is no batch {batch_id!r}.", "See the list of batches.")
    return _line(connection, rows[0], person, _logins(connection, rows))


def _rows(connection: Connection, person: Person) -> list[Any]:
    """All batches, or none for somebody who does not see the whole book."""
    return list_batches(connection) if scope_of(connection, person).whole else []


def _logins(connection: Connection, rows: Sequence[Any]) -> Mapping[int, str]:
    numbers = {number for row in rows for number in (row.created_by_id, row.released_by_id) if number is not None}
    known = select(User.id, User.login).where(User.id.in_(numbers))
    return {row.id: row.login for row in connection.execute(known)}


def _line(connection: Connection, row: Any, person: Person, logins: Mapping[int, str]) -> LimitBatchLine:
    return LimitBatchLine(
        id=row.id,
        as_of=row.as_of,
        status=row.status,
        policy_id=row.policy_id,
        run_id=row.run_id,
        proposals=row.proposals,
        before=money(row.before_minor, row.currency),
        after=money(row.after_minor, row.currency),
        by_status=proposals_by_status(connection, row.id),
        held_for=[_hold(hold, row.currency) for hold in row.held_for if hold["code"] not in ACTS],
        created_by=logins.get(row.created_by_id),
        released_by=logins.get(row.released_by_id),
        release_reason=row.release_reason,
        released_at=row.released_at,
        recorded_at=row.recorded_at,
        can=[able_to(DecisionAct.RELEASE, lambda: require_release(row, person))],
    )


def _hold(hold: Mapping[str, Any], currency: str) -> BatchHold:
    return BatchHold(
        code=hold["code"],
        most=hold["most"],
        subjects=hold["subjects"],
        before=money(hold["before_minor"], currency),
        after=money(hold["after_minor"], currency),
    )
