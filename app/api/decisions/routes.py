"""The addresses of proposals, of override requests, and of decisions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from sqlalchemy import Connection

from app.api.access.roles import Lender
from app.api.access.scope import scope_of
from app.api.access.sessions import Signed
from app.api.access.signing_in import Access
from app.api.access.viewing import note_views
from app.api.decisions.bodies import ProposalNumbers, ProposalNumbersWithNote
from app.api.decisions.listing import Wanted, decisions_on, proposal_list
from app.api.decisions.page import farmer_of, proposal_page
from app.api.decisions.reach import proposals_within, require_proposals
from app.api.decisions.receipts import plain_words
from app.api.decisions.schemas import ChangeKind, Decided, ProposalList, ProposalPage
from app.api.decisions.sitting import REFUSALS, In, Number, bench_of, deciding
from app.api.decisions.told import PlainWords
from app.api.decisions.unfolding import unfold
from app.api.kept import Kept
from app.artefacts.folders import Folders
from app.book.decisions.by_people import Sitting, approve, refuse, send_back
from app.book.decisions.cases import find_case
from app.book.decisions.listing import decision_on
from app.db.engine import reading
from app.db.tables.kinds import Outcome, ProposalStatus

router = APIRouter(prefix="/api/v1/proposals", tags=["decisions"], responses=REFUSALS)

_Cursor = Annotated[str | None, Query(max_length=40, description="`next` of the page before.")]


@router.get("")
def show_proposals(
    access: In,
    signed: Lender,
    folders: Kept,
    *,
    status: ProposalStatus = ProposalStatus.OPEN,
    batch: Annotated[str | None, Query(max_length=128, pattern=r"^[^\x00]*$")] = None,
    change: ChangeKind | None = None,
    needs_visit: bool | None = None,
    sort: Literal["size", "latest"] = "size",
    after: _Cursor = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> ProposalList:
    """Proposals of the person's scope, the greatest change first."""
    wanted = Wanted(status, batch, change, needs_visit, sort, after, limit)
    with reading(access.engine) as connection:
        within = proposals_within(connection, scope_of(connection, signed.person))
        return proposal_list(bench_of(connection, access, signed, folders), within, wanted)


@router.get("/{number}")
def show_proposal(access: In, signed: Lender, folders: Kept, number: Number) -> ProposalPage:
    """A proposal with its receipt, and what the person may do with it; that they looked is written down first."""
    farmer = _note_look(access, signed, number, "limit proposal", "proposal page")
    with reading(access.engine) as connection:
        scope = scope_of(connection, signed.person)
        require_proposals(connection, scope, [number])
        return proposal_page(bench_of(connection, access, signed, folders), scope, folders, number, farmer)


@router.get("/{number}/explanation")
def show_explanation(access: In, signed: Lender, folders: Kept, number: Number) -> PlainWords:
    """The amount in plain words, as the farmer is told it."""
    _note_look(access, signed, number, "limit proposal", "explaining it to the farmer")
    with reading(access.engine) as connection:
        require_proposals(connection, scope_of(connection, signed.person), [number])
        return plain_words(unfold(connection, folders, number), access.clock())


@router.post("/approve")
def approve_proposals(access: In, signed: Lender, folders: Kept, asked: ProposalNumbers) -> Decided:
    """Approve proposals with the policy's own amounts: all of them, or none."""
    return _decide(access, signed, folders, asked.numbers, Outcome.APPROVED, approve)


@router.post("/refuse")
def refuse_proposals(access: In, signed: Lender, folders: Kept, asked: ProposalNumbersWithNote) -> Decided:
    """Refuse proposals: no amount is given."""
    return _decide(access, signed, folders, asked.numbers, Outcome.REFUSED, _noted(refuse, asked.note))


@router.post("/return")
def return_proposals(access: In, signed: Lender, folders: Kept, asked: ProposalNumbersWithNote) -> Decided:
    """Return proposals for better facts."""
    return _decide(access, signed, folders, asked.numbers, Outcome.RETURNED, _noted(send_back, asked.note))


_Rule = Callable[[Connection, int, Sitting], int]


def _noted(rule: Callable[[Connection, int, str, Sitting], int], note: str) -> _Rule:
    return lambda connection, number, sitting: rule(connection, number, note, sitting)


def _decide(
    access: Access, signed: Signed, folders: Folders, numbers: list[int], outcome: Outcome, rule: _Rule
) -> Decided:
    """Decide on each; what this person decided so before is not decided again, and is named."""
    own, new = list[int](), list[int]()
    with deciding(access, signed, folders, numbers) as bench:
        for number in dict.fromkeys(numbers):
            made = decision_on(bench.connection, number)
            if made is not None and (made["decided_by_id"], made["outcome"]) == (signed.person.id, outcome):
                own.append(number)
                continue
            rule(bench.connection, number, bench.sitting(find_case(bench.connection, number).policy_id))
            new.append(number)
        found = decisions_on(bench.connection, [*own, *new])
    return Decided(decided=[found[number] for number in new], already=[found[number] for number in own])


def _note_look(access: Access, signed: Signed, number: int, what: str, why: str) -> int | None:
    """Number of the party looked at, the look written down; InputError where the proposal is out of reach."""
    with reading(access.engine) as connection:
        scope = scope_of(connection, signed.person)
        require_proposals(connection, scope, [number])
        farmer = farmer_of(connection, scope, number)
    if farmer is not None:
        note_views(access, signed, [farmer], what, why)
    return farmer
