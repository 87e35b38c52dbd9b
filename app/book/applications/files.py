"""An application as those who work with it need it, and the version by which a stale page is found out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, and_, insert, select, update

from app.book.applications.stages import Act, Stage, require
from app.book.decisions.applied import PREPARED
from app.book.decisions.people import Person
from app.db.tables import (
    Application,
    ApplicationEvent,
    Decision,
    Facility,
    OrgUnit,
    Party,
    Proposal,
    Role,
    User,
)
from app.db.tables.kinds import ApplicationStatus, Outcome, ProposalStatus, RoleKind
from app.db.tables.office_kinds import ApplicationEventKind
from geo.errors import InputError

Kind = ApplicationEventKind
_OPEN: Final = (ProposalStatus.OPEN, ProposalStatus.HELD)
_GIVEN: Final = (Outcome.APPROVED, Outcome.REDUCED)
_PLAIN: Final = {
    ApplicationStatus.DRAFT: Stage.DRAFT,
    ApplicationStatus.SUBMITTED: Stage.SUBMITTED,
    ApplicationStatus.WITHDRAWN: Stage.WITHDRAWN,
}


@dataclass(frozen=True, slots=True)
class Filed:
    """An application.

    Attributes:
        id: its row.
        number: by which people know it.
        unit_id: of the unit that keeps it.
        unit: code of that.
        party_id: who borrows.
        farmer_id: the bank's number of who borrows; None: not given yet.
        product: what is applied for.
        policy_id: of the pack that it is weighed by; None where the core system brought it.
        season_id: of the season that is financed; None: not chosen yet.
        requested_minor: amount asked for; 0: not said yet.
        currency: of all amounts.
        status: as the row says.
        stage: where it stands.
        version: number of its last event.
        prepared: numbers of those who drafted, changed or submitted it.
        reviewer: number of who took it up last; None: nobody.
        proposal_id: its newest proposal; None: none yet.
        decision_id: its newest decision; None: none yet.
        facility_id: what was granted from that; None: nothing.
    """

    id: int
    number: str
    unit_id: int
    unit: str
    party_id: int
    farmer_id: str | None
    product: str
    policy_id: str | None
    season_id: str | None
    requested_minor: int
    currency: str
    status: ApplicationStatus
    stage: Stage
    version: int
    prepared: frozenset[int]
    reviewer: int | None
    proposal_id: int | None
    decision_id: int | None
    facility_id: int | None


@dataclass(frozen=True, slots=True)
class Doing:
    """Who does something to an application, when, and what they last saw of it."""

    by: Person
    now: datetime
    version: int


def find(connection: Connection, number: str, within: ColumnElement[bool]) -> Filed:
    """An application that a person reaches; InputError where there is none."""
    row = connection.execute(_wanted().where(Application.number == number, within)).mappings().one_or_none()
    if row is None:
        raise InputError("APPLICATION_UNKNOWN", f"There is no application {number!r}.", "Look for it in the list.")
    return _filed(connection, row)


def find_for(connection: Connection, number: str, within: ColumnElement[bool], act: Act, doing: Doing) -> Filed:
    """An application to which a person may do something now, as the person saw it last.

    Args:
        connection: transaction that writes: nobody else changes it meanwhile.
        number: of the application.
        within: condition on Application: what the person reaches.
        act: what is done.
        doing: who, when, and the version that they saw.

    Raises:
        InputError: there is none, it was changed since (APPLICATION_CHANGED), or the person may not (see stages).
    """
    filed = find(connection, number, within)
    if doing.version != filed.version:
        raise InputError(
            "APPLICATION_CHANGED",
            f"The application {number} was changed since this page was loaded; nothing was written.",
            "Load the page again and repeat what you did.",
        )
    require(act, filed.stage, doing.by, number=number, prepared=filed.prepared, reviewer=filed.reviewer)
    return filed


def note(connection: Connection, filed: Filed, kind: Kind, doing: Doing, text: str | None = None) -> int:
    """Write what happened; the application's new version."""
    row = {"application_id": filed.id, "kind": kind, "by_id": doing.by.id, "note": text, "happened_at": doing.now}
    return connection.scalars(insert(ApplicationEvent).returning(ApplicationEvent.id), row).one()


def move(connection: Connection, filed: Filed, status: ApplicationStatus, **values: Any) -> None:
    """Give an application another status."""
    connection.execute(update(Application).where(Application.id == filed.id).values(status=status, **values))


def events_of(connection: Connection, application_id: int) -> list[Any]:
    """What happened to it, oldest first: id, kind, login, name, note, happened_at."""
    event = ApplicationEvent
    wanted = (
        select(event.id, event.kind, User.login, User.display_name, event.note, event.happened_at)
        .join(User, User.id == event.by_id)
        .where(event.application_id == application_id)
        .order_by(event.id)
    )
    return list(connection.execute(wanted))


def listed_files(connection: Connection, within: ColumnElement[bool], after: int, most: int) -> list[Filed]:
    """Applications that a person reaches, newest first; `after` is the row that the last list ended with, 0: none."""
    wanted = _wanted().where(within).order_by(Application.id.desc()).limit(most)
    rows = connection.execute(wanted.where(Application.id < after) if after else wanted).mappings().all()
    return [_filed(connection, row) for row in rows]


def _wanted() -> Select[*tuple[Any, ...]]:
    borrows = and_(Role.application_id == Application.id, Role.kind == RoleKind.BORROWER)
    return (
        select(
            *(Application.id, Application.number, Application.org_unit_id, OrgUnit.code, Role.party_id),
            *(Party.farmer_id, Application.product, Application.policy_id, Application.season_id),
            *(Application.requested_minor, Application.currency, Application.status),
        )
        .join(OrgUnit, OrgUnit.id == Application.org_unit_id)
        .join(Role, borrows)
        .join(Party, Party.id == Role.party_id)
    )


def _filed(connection: Connection, row: Any) -> Filed:
    number = row["id"]
    event = ApplicationEvent
    events = connection.execute(
        select(event.id, event.kind, event.by_id).where(event.application_id == number).order_by(event.id)
    ).all()
    proposal = connection.execute(
        select(Proposal.id, Proposal.status).where(Proposal.application_id == number).order_by(Proposal.id.desc())
    ).first()
    decision = connection.execute(
        select(Decision.id, Decision.outcome, Facility.id.label("facility_id"))
        .outerjoin(Facility, Facility.decision_id == Decision.id)
        .where(Decision.application_id == number)
        .order_by(Decision.id.desc())
    ).first()
    waits = proposal is not None and proposal.status in _OPEN
    return Filed(
        id=number,
        number=row["number"],
        unit_id=row["org_unit_id"],
        unit=row["code"],
        party_id=row["party_id"],
        farmer_id=row["farmer_id"],
        product=row["product"],
        policy_id=row["policy_id"],
        season_id=row["season_id"],
        requested_minor=row["requested_minor"],
        currency=row["currency"],
        status=row["status"],
        stage=_stage(row["status"], waits=waits, decision=decision),
        version=max((each.id for each in events), default=0),
        prepared=frozenset(each.by_id for each in events if each.kind in PREPARED),
        reviewer=_last(each.by_id for each in events if each.kind is Kind.TAKEN_UP),
        proposal_id=None if proposal is None else proposal.id,
        decision_id=None if decision is None else decision.id,
        facility_id=None if decision is None else decision.facility_id,
    )


def _stage(status: ApplicationStatus, *, waits: bool, decision: Any) -> Stage:
    if status in _PLAIN:
        return _PLAIN[status]
    if status is ApplicationStatus.IN_REVIEW:
        return Stage.PROPOSED if waits else Stage.IN_REVIEW
    if decision is None or decision.outcome not in _GIVEN:
        return Stage.REFUSED
    return Stage.GRANTED if decision.facility_id is not None else Stage.APPROVED


def _last(numbers: Iterable[int]) -> int | None:
    found = list(numbers)
    return found[-1] if found else None
