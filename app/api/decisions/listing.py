"""Proposals as lists have them: by the size of their change, or the latest first, page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, func, or_, select

from app.api.answers import money
from app.api.decisions.judging import Bench
from app.api.decisions.schemas import (
    ChangeKind,
    DecisionMade,
    LimitSubject,
    ProposalLine,
    ProposalList,
)
from app.book.decisions.cases import Case, cases
from app.db.tables import CreditSubject, Decision, OverrideRequest, Proposal, User
from app.db.tables.kinds import ProposalStatus
from app.db.tables.office_kinds import RequestStatus
from geo.errors import InputError


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which proposals, in which order, from where on.

    Attributes:
        status: of them.
        batch: of this batch only.
        change: only those that do this.
        needs_visit: only those that do or do not.
        sort: "size": the greatest change first, in minor units; "latest": the newest number first.
        after: cursor of the page before.
        limit: how many at most.
    """

    status: ProposalStatus
    batch: str | None
    change: ChangeKind | None
    needs_visit: bool | None
    sort: Literal["size", "latest"]
    after: str | None
    limit: int


def proposal_list(bench: Bench, within: ColumnElement[bool], wanted: Wanted) -> ProposalList:
    """One page of proposals within reach; InputError for a cursor that is none."""
    connection, where = bench.connection, [within, *_where(wanted)]
    found = connection.scalar(select(func.count()).select_from(Proposal).where(*where))
    size = _size()
    order = (size.desc(), Proposal.id.desc()) if wanted.sort == "size" else (Proposal.id.desc(),)
    page = select(Proposal.id, size.label("size")).where(*where, *_after(wanted)).order_by(*order)
    rows = connection.execute(page.limit(wanted.limit + 1)).all()
    shown = rows[: wanted.limit]
    lines = proposal_lines(bench, [row.id for row in shown])
    last = shown[-1] if len(rows) > wanted.limit else None
    return ProposalList(
        found=found or 0,
        next=None if last is None else f"{last.size}.{last.id}",
        proposals=[lines[row.id] for row in shown],
    )


def proposal_lines(bench: Bench, numbers: Sequence[int]) -> dict[int, ProposalLine]:
    """Lines of proposals by their numbers."""
    if not numbers:
        return {}
    connection = bench.connection
    found = {case.id: case for part in cases(connection, Proposal.id.in_(numbers)) for case in part}
    more, made, asked = _more(connection, numbers), decisions_on(connection, numbers), _asked(connection, numbers)
    return {
        number: _line(bench, case, more[number], made.get(number), asked.get(number)) for number, case in found.items()
    }


def decisions_on(connection: Connection, numbers: Sequence[int]) -> dict[int, DecisionMade]:
    """The last decision on each proposal that has one."""
    wanted = (
        select(Decision.__table__, User.login)
        .outerjoin(User, User.id == Decision.decided_by_id)
        .where(Decision.proposal_id.in_(numbers))
        .order_by(Decision.id)
    )
    return {row["proposal_id"]: decision_made(row) for row in connection.execute(wanted).mappings()}


def decision_made(row: RowMapping) -> DecisionMade:
    """A decision in short, from its row with the login of who decided."""
    return DecisionMade(
        number=row["id"],
        proposal=row["proposal_id"],
        outcome=row["outcome"],
        amount=money(row["amount_minor"], row["currency"]),
        by=row["login"],
        decided_at=row["decided_at"],
    )


def change_of(case: Case) -> ChangeKind:
    """What a proposal does to the last approved amount."""
    if case.amount_minor is None:
        return ChangeKind.NONE
    if case.before_minor is None:
        return ChangeKind.NEW
    if case.amount_minor == case.before_minor:
        return ChangeKind.SAME
    return ChangeKind.RAISED if case.amount_minor > case.before_minor else ChangeKind.LOWERED


def _where(wanted: Wanted) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = [Proposal.status == wanted.status]
    if wanted.batch is not None:
        where.append(Proposal.batch_id == wanted.batch)
    if wanted.needs_visit is not None:
        where.append(Proposal.needs_visit == wanted.needs_visit)
    if wanted.change is not None:
        where.append(_of_kind(wanted.change))
    return where


def _of_kind(change: ChangeKind) -> ColumnElement[bool]:
    amount, before = Proposal.amount_minor, Proposal.before_minor
    return {
        ChangeKind.RAISED: amount > before,
        ChangeKind.LOWERED: amount < before,
        ChangeKind.SAME: amount == before,
        ChangeKind.NEW: and_(amount.is_not(None), before.is_(None)),
        ChangeKind.NONE: amount.is_(None),
    }[change]


def _after(wanted: Wanted) -> list[ColumnElement[bool]]:
    if wanted.after is None:
        return []
    last, number = _read_cursor(wanted.after)
    if wanted.sort == "latest":
        return [Proposal.id < number]
    return [or_(_size() < last, and_(_size() == last, Proposal.id < number))]


def _size() -> ColumnElement[int]:
    """How far a proposal moves its amount, in minor units; nothing counts as 0."""
    return func.abs(func.coalesce(Proposal.amount_minor, 0) - func.coalesce(Proposal.before_minor, 0))


def _read_cursor(text: str) -> tuple[int, int]:
    parts = text.split(".")
    digits = all(part.isascii() and part.isdigit() and len(part) <= 18 for part in parts)  # noqa: PLR2004 - of a bigint
    if len(parts) != 2 or not digits:  # noqa: PLR2004 - size and number
        raise InputError("CURSOR", "The cursor is none that a list gave.", "Start from the first page.")
    return int(parts[0]), int(parts[1])


def _more(connection: Connection, numbers: Sequence[int]) -> dict[int, Any]:
    columns: tuple[Any, ...] = (Proposal.id, CreditSubject.kind, CreditSubject.subject_id, Proposal.facility_number)
    wanted = select(*columns, Proposal.recorded_at, Proposal.closed_at).join(
        CreditSubject, CreditSubject.id == Proposal.credit_subject_id
    )
    return {row.id: row for row in connection.execute(wanted.where(Proposal.id.in_(numbers)))}


def _asked(connection: Connection, numbers: Sequence[int]) -> dict[int, int]:
    wanted = select(OverrideRequest.proposal_id, OverrideRequest.id).where(
        OverrideRequest.proposal_id.in_(numbers), OverrideRequest.status == RequestStatus.OPEN
    )
    return {row.proposal_id: row.id for row in connection.execute(wanted)}


def _line(bench: Bench, case: Case, more: Any, made: DecisionMade | None, asked: int | None) -> ProposalLine:
    closed: datetime | None = more.closed_at
    return ProposalLine(
        number=case.id,
        status=case.status,
        change=change_of(case),
        subject=LimitSubject(kind=more.kind, id=more.subject_id),
        facility_number=more.facility_number,
        product=case.product,
        amount=money(case.amount_minor, case.currency),
        before=money(case.before_minor, case.currency),
        needs_visit=case.needs_visit,
        reasons=case.reasons,
        batch_id=case.batch_id,
        policy_id=case.policy_id,
        recorded_at=more.recorded_at,
        closed_at=closed,
        open_request=asked,
        decision=made,
        approve=bench.approving(case),
    )
