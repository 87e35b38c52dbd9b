"""The addresses of override requests, and of decisions."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from app.api.access.roles import Lender
from app.api.access.scope import scope_of
from app.api.access.sessions import Signed
from app.api.access.signing_in import Access
from app.api.decisions.asked import request_lines
from app.api.decisions.bodies import AnswerNote, OverrideAsked
from app.api.decisions.judging import Bench
from app.api.decisions.listing import decisions_on
from app.api.decisions.made import decision_page, found_decision
from app.api.decisions.reach import proposals_within
from app.api.decisions.schemas import Decided, OverrideRequestLine, OverrideRequests
from app.api.decisions.sitting import REFUSALS, In, Number, bench_of, deciding
from app.api.decisions.told import DecisionPage
from app.api.kept import Kept
from app.book.decisions.cases import find_case
from app.book.decisions.requests import (
    approve_request,
    ask,
    find_request,
    list_requests,
    refuse_request,
    withdraw_request,
)
from app.db.engine import reading
from app.db.tables import OverrideRequest
from app.db.tables.office_kinds import RequestStatus
from geo.errors import InputError
from scoring.lending.overrides import Change
from scoring.money import exact_decimal, to_minor

router = APIRouter(prefix="/api/v1", tags=["decisions"], responses=REFUSALS)
_MOST_REQUESTS = 200


@router.post("/proposals/{number}/override-requests", status_code=201)
def ask_override(
    access: In, signed: Lender, folders: Kept, number: Number, asked: OverrideAsked
) -> OverrideRequestLine:
    """Ask for another amount than the policy's; another person answers."""
    with deciding(access, signed, folders, [number]) as bench:
        case = find_case(bench.connection, number)
        sitting = bench.sitting(case.policy_id)
        minor = to_minor(exact_decimal(asked.amount), sitting.pack.currency.exponent)
        change = Change(case.amount_minor, minor, asked.reason_code, asked.reason)
        return _line(bench, ask(bench.connection, number, change, sitting))


@router.get("/override-requests")
def show_requests(
    access: In,
    signed: Lender,
    folders: Kept,
    status: RequestStatus = RequestStatus.OPEN,
    limit: Annotated[int, Query(ge=1, le=_MOST_REQUESTS)] = _MOST_REQUESTS,
) -> OverrideRequests:
    """Requests of the person's scope, the oldest first."""
    with reading(access.engine) as connection:
        within = proposals_within(connection, scope_of(connection, signed.person))
        found = list_requests(connection, OverrideRequest.status == status, within, most=limit)
        return OverrideRequests(requests=request_lines(bench_of(connection, access, signed, folders), found))


@router.post("/override-requests/{number}/approve")
def approve_override(access: In, signed: Lender, folders: Kept, number: Number) -> Decided:
    """Approve what another person asked for."""
    with deciding(access, signed, folders, [_proposal(access, signed, number)]) as bench:
        request = find_request(bench.connection, number)
        mine = request.status == RequestStatus.APPROVED and request.answered_by == signed.person.login
        if not mine:
            policy_id = find_case(bench.connection, request.proposal_id).policy_id
            approve_request(bench.connection, number, bench.sitting(policy_id))
        made = list(decisions_on(bench.connection, [request.proposal_id]).values())
    return Decided(decided=[] if mine else made, already=made if mine else [])


@router.post("/override-requests/{number}/refuse")
def refuse_override(
    access: In, signed: Lender, folders: Kept, number: Number, asked: AnswerNote
) -> OverrideRequestLine:
    """Refuse what another person asked for; the proposal stays open."""
    with deciding(access, signed, folders, [_proposal(access, signed, number)]) as bench:
        case = find_case(bench.connection, find_request(bench.connection, number).proposal_id)
        refuse_request(bench.connection, number, asked.note, bench.sitting(case.policy_id))
        return _line(bench, number)


@router.post("/override-requests/{number}/withdraw")
def withdraw_override(
    access: In, signed: Lender, folders: Kept, number: Number, asked: AnswerNote
) -> OverrideRequestLine:
    """Take one's own request back."""
    with deciding(access, signed, folders, [_proposal(access, signed, number)]) as bench:
        withdraw_request(bench.connection, number, signed.person, asked.note, bench.now)
        return _line(bench, number)


@router.get("/decisions/{number}")
def show_decision(access: In, signed: Lender, folders: Kept, number: Number, *, replay: bool = False) -> DecisionPage:
    """A decision with its receipt; with `replay` the limit is worked out again and compared byte by byte."""
    with reading(access.engine) as connection:
        within = proposals_within(connection, scope_of(connection, signed.person))
        return decision_page(
            bench_of(connection, access, signed, folders),
            folders,
            found_decision(connection, within, number),
            replay=replay,
        )


def _line(bench: Bench, number: int) -> OverrideRequestLine:
    return request_lines(bench, [find_request(bench.connection, number)])[0]


def _proposal(access: Access, signed: Signed, number: int) -> int:
    """Proposal of a request within reach; one of others is not there."""
    with reading(access.engine) as connection:
        within = proposals_within(connection, scope_of(connection, signed.person))
        found = list_requests(connection, OverrideRequest.id == number, within)
    if not found:
        raise InputError("UNKNOWN_REQUEST", f"There is no override request {number}.", "See the list of what waits.")
    return found[0].proposal_id
