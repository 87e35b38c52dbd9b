"""Override requests: one person asks for another amount than the policy's, it waits, another person answers.

The pack's rules hold when somebody asks and again when somebody approves. A request changes nothing but its own row
until it is approved, which is an override (app.book.decisions.by_people).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, insert, select, update
from sqlalchemy.orm import aliased

from app.book.decisions.by_people import Sitting, override, past_overrides, require_closing, require_undecided
from app.book.decisions.cases import find_case, in_force, require_policy
from app.book.decisions.people import Person, find_user
from app.db.tables import OverrideRequest, Proposal, User
from app.db.tables.office_kinds import RequestStatus
from geo.errors import InputError
from scoring.lending.authority import require_pack_ceiling
from scoring.lending.overrides import Change, require_override


@dataclass(frozen=True, slots=True)
class Request:
    """A request; amounts in minor units, None where not known.

    Attributes:
        id: number.
        proposal_id: the proposal.
        policy_amount_minor: what the policy gives.
        to_minor: what somebody wants instead.
        currency: of both.
        reason_code: one of the pack's.
        reason: in words.
        made_by: login of who asks.
        made_by_name: their name.
        recorded_at: when they asked.
        status: of the request.
        answered_by: login of who answered; None: nobody yet, or it ended with its proposal.
        answer_note: why it was refused or withdrawn.
        answered_at: when.
        decision_id: the decision, where it was approved.
    """

    id: int
    proposal_id: int
    policy_amount_minor: int | None
    to_minor: int
    currency: str
    reason_code: str
    reason: str
    made_by: str
    made_by_name: str
    recorded_at: datetime
    status: RequestStatus
    answered_by: str | None
    answer_note: str | None
    answered_at: datetime | None
    decision_id: int | None

    @property
    def change(self) -> Change:
        """What is asked for, as an override."""
        return Change(self.policy_amount_minor, self.to_minor, self.reason_code, self.reason)


def ask(connection: Connection, proposal_id: int, change: Change, sitting: Sitting) -> int:
    """Ask for another amount than the policy's; the proposal stays open meanwhile.

    Args:
        connection: transaction that writes.
        proposal_id: the proposal.
        change: amount and reason; its from_minor is taken from the proposal.
        sitting: who asks, by the pack that made the proposal, when.

    Returns:
        Number of the request.

    Raises:
        InputError: the proposal is not open, rests on another pack or has an open request; or the pack is not in force
            or does not allow the override.
    """
    case = find_case(connection, proposal_id)
    require_undecided(connection, case)
    require_policy(case, sitting.pack)
    whole = Change(case.amount_minor, change.to_minor, change.reason_code, change.reason.strip())
    require_override(sitting.pack, whole, past_overrides(connection, sitting))
    require_pack_ceiling(sitting.pack, whole.to_minor, in_force(sitting.pack, sitting.now))
    _refuse_second(connection, proposal_id)
    row = {
        "proposal_id": proposal_id,
        "to_minor": whole.to_minor,
        "currency": case.currency,
        "reason_code": whole.reason_code,
        "reason": whole.reason,
        "made_by_id": sitting.by.id,
        "status": RequestStatus.OPEN,
        "recorded_at": sitting.now,
    }
    return int(connection.execute(insert(OverrideRequest).returning(OverrideRequest.id), [row]).scalar_one())


def approve_request(connection: Connection, number: int, sitting: Sitting) -> int:
    """Approve what was asked for: an override made by who asked and approved by another person.

    Args:
        connection: transaction that writes.
        number: of the request.
        sitting: who approves, by the pack that made the proposal, when.

    Returns:
        Number of the decision.

    Raises:
        InputError: there is no such request, it is not open, or its maker is no longer here; or as
            app.book.decisions.by_people.override.
    """
    request = _open(connection, number)
    made_by = find_user(connection, request.made_by)
    decision = override(connection, request.proposal_id, request.change, made_by, sitting)
    # closing the proposal ended its open request, which is the very one that was answered
    _answer(connection, number, sitting, RequestStatus.APPROVED, decision_id=decision, answer_note=None)
    return decision


def refuse_request(connection: Connection, number: int, note: str, sitting: Sitting) -> None:
    """Refuse what was asked for; the proposal stays open.

    Raises:
        InputError: there is no such request, it is not open, its maker would answer it, no note says why, or the
            person may not decide on the proposal.
    """
    require_answer(connection, _open(connection, number), sitting)
    if not note.strip():
        raise InputError("NOTE_MISSING", "A request that is refused needs a note.", "Say why in a few words.")
    _answer(connection, number, sitting, RequestStatus.REFUSED, answer_note=note.strip())


def require_answer(connection: Connection, request: Request, sitting: Sitting) -> None:
    """Refuse a person who may not answer a request, whatever the answer; errors as refuse_request's."""
    require_other(request, sitting.by)
    require_closing(connection, find_case(connection, request.proposal_id), sitting)


def withdraw_request(connection: Connection, number: int, by: Person, note: str, now: datetime) -> None:
    """Take one's own request back.

    Raises:
        InputError: there is no such request, it is not open, or another person made it.
    """
    require_own(_open(connection, number), by)
    values = {"answered_by_id": by.id, "answer_note": note.strip() or None, "answered_at": now}
    _set(connection, number, status=RequestStatus.WITHDRAWN, **values)


def require_other(request: Request, by: Person) -> None:
    """Refuse the person who asked: another one answers (InputError)."""
    if request.made_by == by.login:
        raise InputError(
            "MAKER_IS_CHECKER", f"{by.login} made the request {request.id}.", "Let another person answer, or withdraw."
        )


def require_own(request: Request, by: Person) -> None:
    """Refuse everybody but the person who asked (InputError)."""
    if request.made_by != by.login:
        raise InputError(
            "REQUEST_OF_OTHER",
            f"The request {request.id} is {request.made_by}'s, who alone can withdraw it.",
            "Refuse it, with a note.",
        )


def find_request(connection: Connection, number: int) -> Request:
    """A request by its number; InputError where there is none."""
    found = next(iter(list_requests(connection, OverrideRequest.id == number)), None)
    if found is None:
        raise InputError(
            "UNKNOWN_REQUEST", f"There is no override request {number}.", "`acreline decisions requests` lists them."
        )
    return found


def list_requests(connection: Connection, *where: ColumnElement[bool], most: int | None = None) -> list[Request]:
    """Requests that meet conditions on OverrideRequest and Proposal, in the order in which they were made."""
    wanted = _wanted().where(*where).order_by(OverrideRequest.id).limit(most)
    return [Request(*row) for row in connection.execute(wanted)]


def _wanted() -> Select[*tuple[Any, ...]]:
    maker, checker = aliased(User), aliased(User)
    columns: tuple[Any, ...] = (
        *(OverrideRequest.id, OverrideRequest.proposal_id, Proposal.amount_minor, OverrideRequest.to_minor),
        *(OverrideRequest.currency, OverrideRequest.reason_code, OverrideRequest.reason, maker.login),
        *(maker.display_name, OverrideRequest.recorded_at, OverrideRequest.status, checker.login),
        *(OverrideRequest.answer_note, OverrideRequest.answered_at, OverrideRequest.decision_id),
    )
    return (
        select(*columns)
        .join(Proposal, Proposal.id == OverrideRequest.proposal_id)
        .join(maker, maker.id == OverrideRequest.made_by_id)
        .outerjoin(checker, checker.id == OverrideRequest.answered_by_id)
    )


def _open(connection: Connection, number: int) -> Request:
    request = find_request(connection, number)
    require_waiting(request)
    return request


def require_waiting(request: Request) -> None:
    """Refuse a request that was answered or ended; the message says by whom (InputError)."""
    if request.status != RequestStatus.OPEN:
        who = f" by {request.answered_by}" if request.answered_by else ""
        why = f": {request.answer_note}" if request.answer_note else "."
        said = f"The request {request.id} was {request.status}{who} already{why}"
        raise InputError("REQUEST_CLOSED", said, "See what became of the proposal.")


def _refuse_second(connection: Connection, proposal_id: int) -> None:
    mine = (OverrideRequest.proposal_id == proposal_id, OverrideRequest.status == RequestStatus.OPEN)
    waiting = next(iter(list_requests(connection, *mine)), None)
    if waiting is not None:
        raise InputError(
            "REQUEST_WAITS",
            f"The proposal {proposal_id} has an open request already: {waiting.id}, by {waiting.made_by}.",
            "Answer or withdraw that one first.",
        )


def _answer(connection: Connection, number: int, sitting: Sitting, status: RequestStatus, **values: Any) -> None:
    _set(connection, number, status=status, answered_by_id=sitting.by.id, answered_at=sitting.now, **values)


def _set(connection: Connection, number: int, **values: Any) -> None:
    connection.execute(update(OverrideRequest).where(OverrideRequest.id == number).values(**values))
