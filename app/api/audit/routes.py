"""The addresses of the audit. Nothing is changed here: people are kept from the command line."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from sqlalchemy import Connection, func, select
from sqlalchemy.orm import aliased

from app.api.access.roles import access_of, allowed
from app.api.access.scope import Scope
from app.api.access.sessions import Signed
from app.api.audit.schemas import AuditedExport, AuditedView, AuditList, KeptPerson, KeptUnit, PeopleList
from app.api.office.desk import desk_of
from app.api.schemas import Problem
from app.book.decisions.people import users
from app.db.engine import reading
from app.db.tables import BookExport, OrgUnit, Party, PersonalView, User, UserSession
from app.db.tables.kinds import UserRole

Risk = Annotated[Signed, Depends(allowed(UserRole.RISK).person)]
Admin = Annotated[Signed, Depends(allowed(UserRole.ADMIN).person)]
Limit = Annotated[int, Query(ge=1, le=500, description="So many of each at most.")]

audit = APIRouter(prefix="/api/v1", responses={status: {"model": Problem} for status in (401, 403, 422, 500)})


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
        return PeopleList(people=_people(connection), units=_units(connection))


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


def _units(connection: Connection) -> list[KeptUnit]:
    above = aliased(OrgUnit)
    wanted = select(OrgUnit.code, OrgUnit.name, OrgUnit.kind, above.code.label("parent")).outerjoin(
        above, above.id == OrgUnit.parent_id
    )
    return [KeptUnit(**row) for row in connection.execute(wanted.order_by(OrgUnit.code)).mappings()]
