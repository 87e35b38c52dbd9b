"""What people do with alerts over the service: all that is asked for, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from sqlalchemy import Connection

from app.alerts.worklist.workflow import Act, Done, acknowledge, assign, call_false, close, note, reopen
from app.api.access.scope import require_colleague, scope_of
from app.api.access.sessions import Signed
from app.api.access.signing_in import Access
from app.api.office.alerts.listing import require_alerts
from app.api.office.alerts.schemas import ActAsked, ActDone, WorkAct
from app.book.decisions.people import find_user
from app.db.engine import writing
from geo.errors import InputError

_Plain = Callable[[Connection, Sequence[int], Act], Done]

#: Acts that name nobody else.
_PLAIN: Final[Mapping[WorkAct, _Plain]] = {
    WorkAct.ACKNOWLEDGE: acknowledge,
    WorkAct.NOTE: note,
    WorkAct.CLOSE: close,
    WorkAct.FALSE_ALARM: call_false,
    WorkAct.REOPEN: reopen,
}


def act_on(access: Access, signed: Signed, act: WorkAct, asked: ActAsked) -> ActDone:
    """Do one thing to alerts.

    Raises:
        InputError: an alert is not there for the person, or one of them refuses the act (app.alerts.worklist.workflow);
            then none of them changed.
    """
    with writing(access.engine) as connection:
        require_alerts(connection, scope_of(connection, signed.person), asked.numbers)
        done = _do(connection, act, asked, Act(signed.person, access.clock(), asked.said))
    return ActDone(changed=list(done.changed), already=list(done.already))


def _do(connection: Connection, act: WorkAct, asked: ActAsked, by: Act) -> Done:
    if act is not WorkAct.ASSIGN:
        return _PLAIN[act](connection, asked.numbers, by)
    if asked.to is None:
        raise InputError("ASSIGN_WHOM", "Nobody is named to give the alerts to.", "Name one of the assignees.")
    require_colleague(connection, by.by, asked.to)
    return assign(connection, asked.numbers, find_user(connection, asked.to), by)
