"""The addresses of the audit. Nothing is changed here but that keys end: people are kept from the command line."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Path, Query, Request
from sqlalchemy import Connection, func, select
from sqlalchemy.orm import aliased

from app.api.access.roles import access_of, allowed
from app.api.access.schemas import MOST_NUMBER
from app.api.access.scope import Scope
from app.api.access.sessions import Signed
from app.api.audit.schemas import AuditedExport, AuditedView, AuditList, KeptKey, KeptPerson, KeptUnit, PeopleList
from app.api.keys.making import keys, revoke_key
from app.api.office.desk import desk_of
from app.api.schemas import Problem
from app.book.decisions.people import users
from app.db.engine import reading, writing
from app.db.tables import BookExport, OrgUnit, Party, PersonalView, User, UserSession
from app.db.tables.kinds import UserRole
from geo.errors import InputError

Risk = Annotated[Signed, Depends(allowed(UserRole.RISK).person)]
Admin = Annotated[Signed, Depends(allowed(UserRole.ADMIN).person)]
Limit = Annotated[int, Query(ge=1, le=500, description="So many of each at most.")]

_KEY_SHOWN: Final = tuple(name for name in KeptKey.model_fields if name not in ("number", "good"))

audit = APIRouter(prefix="/api/v1", responses={status: {"model": Problem} for status in (401, 403, 404, 409, 422, 500)})


@audit.get("/audit/views")
def list_views(request: Request, signed: Risk, limit: Limit = 100, login: str | None = None) -> AuditList:
    """Who looked at whose data, and who took lists out."""
    with desk_of(request, signed) as desk:
        views = _views(desk.connection, desk.scope, limit, login)
        return AuditList(views=views, exports=_exports(desk.connection, desk.scope, limit, login))


@audit.get("/people")
def list_people(request: Request, _signed: Admin) -> PeopleList:
    """People and units of the whole bank, without any farmer's data."""
    with reading(access_of(request).engine) as connection:
        kept = _keys(connection, access_of(request).clock())
        return PeopleList(people=_people(connection), units=_units(connection), keys=kept)


@audit.post("/keys/{number}/revoke", status_code=204)
def end_key(request: Request, signed: Admin, number: Annotated[int, Path(ge=1, le=MOST_NUMBER)]) -> None:
    """End a key of another system at once; the chain notes by whom. Keys are made with `acreline keys make`."""
    access = access_of(request)
    with writing(access.engine) as connection:
        label = next((key.label for key in keys(connection) if key.id == number), None)
        if label is None:
            raise InputError("KEY_UNKNOWN", f"There is no key {number}.", "Load the list again.")
        revoke_key(connection, label, signed.person, access.clock())


def _views(connection: Connection, scope: Scope, limit: int, login: str | None) -> list[AuditedView]:
    wanted = (
        select(PersonalView.id, PersonalView.viewed_at, User.login, Party.id, Party.farmer_id)
        .add_columns(PersonalView.what, PersonalView.reason)
        .join(Party, Party.id == PersonalView.party_id)
        .join(User, User.id == PersonalView.viewed_by_id)
        .where(scope.parties())
        .order_by(PersonalView.id.desc())
    )
    if login is not None:
        wanted = wanted.where(User.login == login)
    names = tuple(AuditedView.model_fields)
    return [AuditedView(**dict(zip(names, row, strict=True))) for row in connection.execute(wanted.limit(limit))]


def _exports(connection: Connection, scope: Scope, limit: int, login: str | None) -> list[AuditedExport]:
    wanted = (
        select(BookExport.id, BookExport.made_at, User.login, BookExport.what, BookExport.asked, BookExport.rows)
        .join(User, User.id == BookExport.made_by_id)
        .where(User.org_unit_id.in_(scope.units))
        .order_by(BookExport.id.desc())
    )
    if login is not None:
        wanted = wanted.where(User.login == login)
    names = tuple(AuditedExport.model_fields)
    return [AuditedExport(**dict(zip(names, row, strict=True))) for row in connection.execute(wanted.limit(limit))]


def _people(connection: Connection) -> list[KeptPerson]:
    counted = select(UserSession.user_id, func.count(), func.max(UserSession.seen_at)).group_by(UserSession.user_id)
    seen = {user: (count, last) for user, count, last in connection.execute(counted)}
    return [
        KeptPerson(
            login=person.login,
            display_name=person.display_name,
            role=person.role,
            unit=person.unit,
            active=person.active,
            sign_ins=seen.get(person.id, (0, None))[0],
            last_seen_at=seen.get(person.id, (0, None))[1],
        )
        for person in users(connection)
    ]


def _keys(connection: Connection, now: datetime) -> list[KeptKey]:
    return [
        KeptKey(number=key.id, good=key.good(now), **{name: getattr(key, name) for name in _KEY_SHOWN})
        for key in keys(connection)
    ]


def _units(connection: Connection) -> list[KeptUnit]:
    above = aliased(OrgUnit)
    wanted = select(OrgUnit.code, OrgUnit.name, OrgUnit.kind, above.code.label("parent")).outerjoin(
        above, above.id == OrgUnit.parent_id
    )
    return [KeptUnit(**row) for row in connection.execute(wanted.order_by(OrgUnit.code)).mappings()]
