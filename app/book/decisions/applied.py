"""Applications that proposals answer: who prepared one decides nothing about it, and it follows what was decided."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import Connection, insert, select, update

from app.book.decisions.cases import Case
from app.book.decisions.people import Person
from app.db.tables import Application, ApplicationEvent
from app.db.tables.kinds import ApplicationStatus, Outcome
from app.db.tables.office_kinds import ApplicationEventKind
from geo.errors import InputError

#: What makes somebody one of those who prepared an application.
PREPARED: Final = (ApplicationEventKind.CREATED, ApplicationEventKind.CHANGED, ApplicationEventKind.SUBMITTED)


def refuse_applicant(connection: Connection, case: Case, by: Person) -> None:
    """Refuse somebody who drafted, changed or submitted the application that a proposal answers (InputError)."""
    prepared = select(ApplicationEvent.id).where(
        ApplicationEvent.application_id == case.application_id,
        ApplicationEvent.by_id == by.id,
        ApplicationEvent.kind.in_(PREPARED),
    )
    if case.application_id is not None and connection.scalar(prepared.limit(1)) is not None:
        said = f"{by.login} prepared the application that the proposal {case.id} answers."
        raise InputError("MAKER_IS_CHECKER", said, "Let another person decide it.")


def follow_decision(
    connection: Connection, application_id: int | None, outcome: Outcome, by_id: int | None, now: datetime
) -> None:
    """Bring an application where the decision on its proposal puts it: returned, it is a draft again.

    Args:
        connection: transaction that writes the decision.
        application_id: the application; None: the proposal answers none.
        outcome: what was decided.
        by_id: who decided; None: the program, which decides on no application.
        now: instant of the decision.
    """
    if application_id is None or by_id is None:
        return
    returned = outcome is Outcome.RETURNED
    status = ApplicationStatus.DRAFT if returned else ApplicationStatus.DECIDED
    kind = ApplicationEventKind.RETURNED if returned else ApplicationEventKind.DECIDED
    connection.execute(update(Application).where(Application.id == application_id).values(status=status))
    row = {"application_id": application_id, "kind": kind, "by_id": by_id, "happened_at": now}
    connection.execute(insert(ApplicationEvent), [row])
