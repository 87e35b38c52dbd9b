"""Decisions of people on proposals: approve, refuse, return, or override. None changes a contract.

Maker is not checker: nobody decides what they proposed, started or released, and an override takes two people.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, func, select

from app.book.decisions.applied import refuse_applicant
from app.book.decisions.authorities import authorities_of
from app.book.decisions.cases import Case, find_case, in_force, require_open, require_policy
from app.book.decisions.listing import decision_on
from app.book.decisions.people import Person
from app.book.decisions.rulings import Ruling, record
from app.db.tables import Decision, Override
from app.db.tables.kinds import Outcome, ProposalStatus
from geo.errors import InputError
from scoring.lending.authority import Asked, require_covering, require_pack_ceiling
from scoring.lending.overrides import Change, Past, require_override
from scoring.policy import Pack


@dataclass(frozen=True, slots=True)
class Sitting:
    """Who decides by which pack, when.

    Attributes:
        by: the person who decides.
        pack: that made the proposals.
        now: instant.
    """

    by: Person
    pack: Pack
    now: datetime


def approve(connection: Connection, proposal_id: int, sitting: Sitting) -> int:
    """Approve a proposal with the policy's own amount.

    Args:
        connection: transaction that writes.
        proposal_id: the proposal.
        sitting: who decides, by which pack, when.

    Returns:
        Number of the decision.

    Raises:
        InputError: the proposal is not open, gives no amount or rests on another pack; the pack is not in force; the
            person made it or started or released its batch, or no authority covers the amount; the clock is behind.
    """
    case = find_case(connection, proposal_id)
    covers = require_approval(connection, case, sitting)
    return _write(connection, _ruling(case, Outcome.APPROVED, case.amount_minor, None, sitting, covers), sitting)


def require_approval(connection: Connection, case: Case, sitting: Sitting) -> int:
    """Number of the authority under which a proposal may be approved; errors as approve's."""
    day = _open(connection, case, sitting)
    if case.amount_minor is None:
        raise InputError(
            "NOTHING_PROPOSED",
            f"The proposal {case.id} gives no amount: what it needs is not known.",
            "Complete the facts and refresh the book; or refuse or return it.",
        )
    return _covers(connection, case, sitting, case.amount_minor, day, override=False)


def override(connection: Connection, proposal_id: int, change: Change, made_by: Person, sitting: Sitting) -> int:
    """Approve another amount than the policy's, which one person wants and another one decides.

    Args:
        connection: transaction that writes.
        proposal_id: the proposal.
        change: amount and reason; its from_minor is taken from the proposal.
        made_by: who wants it.
        sitting: who decides under an authority that allows overrides.

    Returns:
        Number of the decision; reduced where the amount lies below the proposal's.

    Raises:
        InputError: as for approve; or both are one person, or the pack does not allow the override.
    """
    case = find_case(connection, proposal_id)
    whole = Change(case.amount_minor, change.to_minor, change.reason_code, change.reason.strip())
    covers = require_overriding(connection, case, whole, made_by, sitting)
    lower = case.amount_minor is not None and whole.to_minor < case.amount_minor
    outcome = Outcome.REDUCED if lower else Outcome.APPROVED
    proposer = case.made_by_id if case.made_by_id is not None else made_by.id
    ruling = Ruling(case, outcome, whole.to_minor, None, proposer, sitting.by.id, covers, whole, made_by.id)
    return _write(connection, ruling, sitting)


def require_overriding(connection: Connection, case: Case, change: Change, made_by: Person, sitting: Sitting) -> int:
    """Number of the authority under which another amount may be approved; errors as override's."""
    day = _open(connection, case, sitting)
    if made_by.id == sitting.by.id:
        raise InputError(
            "MAKER_IS_CHECKER", f"{made_by.login} makes the override and approves it.", "Let another person approve it."
        )
    require_override(sitting.pack, change, past_overrides(connection, sitting))
    return _covers(connection, case, sitting, change.to_minor, day, override=True)


def refuse(connection: Connection, proposal_id: int, note: str, sitting: Sitting) -> int:
    """Refuse a proposal: no amount is given. Arguments and errors as for approve; the note says why."""
    return _without_amount(connection, proposal_id, Outcome.REFUSED, note, sitting)


def send_back(connection: Connection, proposal_id: int, note: str, sitting: Sitting) -> int:
    """Return a proposal for better facts; the next refresh proposes anew. As refuse otherwise."""
    return _without_amount(connection, proposal_id, Outcome.RETURNED, note, sitting)


def _without_amount(connection: Connection, proposal_id: int, outcome: Outcome, note: str, sitting: Sitting) -> int:
    case = find_case(connection, proposal_id)
    covers = require_closing(connection, case, sitting)
    if not note.strip():
        raise InputError("NOTE_MISSING", "A proposal that is refused or returned needs a note.", "Say why with --note.")
    return _write(connection, _ruling(case, outcome, None, note.strip(), sitting, covers), sitting)


def require_closing(connection: Connection, case: Case, sitting: Sitting) -> int:
    """Number of the authority under which a proposal may be refused or returned; errors as refuse's."""
    day = _open(connection, case, sitting)
    return _covers(connection, case, sitting, 0, day, override=False)


def require_undecided(connection: Connection, case: Case) -> None:
    """Refuse a proposal that is not open to decisions; of a decided one the message says who decided what.

    Raises:
        InputError: as app.book.decisions.cases.require_open.
    """
    made = decision_on(connection, case.id) if case.status == ProposalStatus.DECIDED else None
    if made is not None:
        raise InputError(
            "PROPOSAL_CLOSED",
            f"The proposal {case.id} was decided already: {made['outcome']} by {made['decided_by'] or 'the program'},"
            f" {made['decided_at']:%Y-%m-%d %H:%M} UTC.",
            "A decision is followed by a new one, never changed.",
        )
    require_open(case)


def _open(connection: Connection, case: Case, sitting: Sitting) -> date:
    require_undecided(connection, case)
    require_policy(case, sitting.pack)
    _refuse_maker(case, sitting.by)
    refuse_applicant(connection, case, sitting.by)
    return in_force(sitting.pack, sitting.now)


def _refuse_maker(case: Case, by: Person) -> None:
    for number, did in (
        (case.made_by_id, "made the proposal"),
        (case.batch_created_by_id, f"started the batch {case.batch_id} of the proposal"),
        (case.batch_released_by_id, f"released the batch {case.batch_id} of the proposal"),
    ):
        if number == by.id:
            raise InputError("MAKER_IS_CHECKER", f"{by.login} {did} {case.id}.", "Let another person decide it.")


def _covers(
    connection: Connection, case: Case, sitting: Sitting, amount_minor: int, day: date, *, override: bool
) -> int:
    asked = Asked(amount_minor, case.currency, case.product, case.policy_id, sitting.now, override)
    exponent = sitting.pack.currency.exponent
    found = require_covering(authorities_of(connection, sitting.by.id), asked, sitting.by.login, exponent)
    require_pack_ceiling(sitting.pack, amount_minor, day)
    return found.id


def _ruling(
    case: Case, outcome: Outcome, amount_minor: int | None, note: str | None, sitting: Sitting, authority_id: int
) -> Ruling:
    return Ruling(case, outcome, amount_minor, note, case.made_by_id, sitting.by.id, authority_id)


def _write(connection: Connection, ruling: Ruling, sitting: Sitting) -> int:
    return record(connection, [ruling], sitting.now)[0]


def past_overrides(connection: Connection, sitting: Sitting) -> Past:
    """Decisions of people under the policy within the pack's days; the program's own would hide overrides."""
    if sitting.pack.overrides is None:
        return Past(0, 0)
    since = sitting.now - timedelta(days=sitting.pack.overrides.days)
    wanted = (
        select(func.count(Decision.id.distinct()), func.count(Override.id))
        .outerjoin(Override, Override.decision_id == Decision.id)
        .where(Decision.policy_id == sitting.pack.id, Decision.decided_by_id.is_not(None), Decision.decided_at > since)
    )
    return Past(*connection.execute(wanted).one())
