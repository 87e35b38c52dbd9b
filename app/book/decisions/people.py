"""People of the bank and their units. Every change of a person is an entry of the chain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, case, func, insert, select, update

from app.book.chain.links import Link, append
from app.book.chain.witness import Content, Witness, numbered, numbers_of, text_hash
from app.db.listed import listed_numbers
from app.db.tables import OrgUnit, User, UserSession
from app.db.tables.kinds import EntryKind, OrgKind, UserRole
from geo.errors import InputError


@dataclass(frozen=True, slots=True)
class Person:
    """A user.

    Attributes:
        id: number; what decisions and the chain name.
        login: name to sign in with.
        display_name: for people to read.
        role: what the person does.
        unit: code of the unit.
        active: whether the person still works here.
    """

    id: int
    login: str
    display_name: str
    role: UserRole
    unit: str
    active: bool


@dataclass(frozen=True, slots=True)
class NewUser:
    """A person to add: login, name, role, code of the unit, language ("en", "zh")."""

    login: str
    display_name: str
    role: UserRole
    unit: str
    language: str


def find_user(connection: Connection, login: str) -> Person:
    """The active user of a login.

    Raises:
        InputError: nobody has it, or the person is no longer active.
    """
    found = next((person for person in users(connection, login)), None)
    if found is None:
        raise InputError("UNKNOWN_USER", f"Nobody has the login {login!r}.", "`acreline people list` shows all.")
    if not found.active:
        raise InputError("USER_INACTIVE", f"{login} is no longer active.", "Name somebody who is.")
    return found


def users(connection: Connection, login: str | None = None) -> list[Person]:
    """All users by login, or the one of a login."""
    wanted = select(User.id, User.login, User.display_name, User.role, OrgUnit.code, User.active).join(
        OrgUnit, OrgUnit.id == User.org_unit_id
    )
    if login is not None:
        wanted = wanted.where(User.login == login)
    return [Person(*row) for row in connection.execute(wanted.order_by(User.login))]


def require_role(by: Person, roles: Sequence[UserRole], what: str) -> None:
    """Refuse a person who has none of some roles; `what` says what they would do ("adds users")."""
    if by.role not in roles:
        allowed = " or ".join(roles)
        raise InputError("ROLE_LACKS", f"{by.login} has the role {by.role}; who {what} is {allowed}.", "Ask one.")


def add_unit(connection: Connection, code: str, name: str, kind: OrgKind, parent: str | None, now: datetime) -> None:
    """Add a unit of the bank.

    Args:
        connection: transaction that writes.
        code: of the unit.
        name: of it.
        kind: its level.
        parent: code of the unit above; None: the top.
        now: instant.

    Raises:
        InputError: the code is taken, or there is no such parent.
    """
    if connection.scalar(select(OrgUnit.id).where(OrgUnit.code == code)) is not None:
        raise InputError("UNIT_TAKEN", f"There is a unit {code!r} already.", "Choose another code.")
    above = None if parent is None else _unit(connection, parent)
    row = {"parent_id": above, "code": code, "name": name, "kind": kind, "valid_from": now, "recorded_at": now}
    connection.execute(insert(OrgUnit), [row])


def place_unit(connection: Connection, code: str, at: tuple[float, float], by: Person) -> None:
    """Say where a unit is: rounds of visits begin and end there.

    Args:
        connection: transaction that writes.
        code: of the unit.
        at: longitude and latitude, degrees (WGS 84), within -180..180 and -90..90.
        by: who says so: an administrator.

    Raises:
        InputError: there is no such unit, or the person is no administrator.
    """
    require_role(by, (UserRole.ADMIN,), "places units")
    longitude, latitude = at
    row = update(OrgUnit).where(OrgUnit.id == _unit(connection, code))
    connection.execute(row.values(longitude=longitude, latitude=latitude))


def add_user(connection: Connection, new: NewUser, by: Person | None, now: datetime) -> Person:
    """Add a person.

    Args:
        connection: transaction that writes.
        new: the person.
        by: an administrator; None for the very first user, who must be one.
        now: instant.

    Raises:
        InputError: who adds may not, the login is taken, or there is no such unit.
    """
    _check_adder(connection, new, by)
    if users(connection, new.login):
        raise InputError("LOGIN_TAKEN", f"The login {new.login!r} is taken.", "Choose another.")
    row = {
        "org_unit_id": _unit(connection, new.unit),
        "login": new.login,
        "display_name": new.display_name,
        "role": new.role,
        "language": new.language,
        "active": True,
        "valid_from": now,
        "recorded_at": now,
    }
    connection.execute(insert(User), [row])
    added = find_user(connection, new.login)
    _vouch(connection, added.id, now)
    return added


def set_password(connection: Connection, login: str, password_hash: str, now: datetime) -> Person:
    """Let a person sign in with another password, and end the sessions that they have; the chain notes the change.

    Args:
        connection: transaction that writes.
        login: of the person.
        password_hash: hash of the password, as app.api.access.passwords makes it.
        now: instant.

    Raises:
        InputError: there is no such active person.
    """
    person = find_user(connection, login)
    connection.execute(update(User).where(User.id == person.id).values(password_hash=password_hash))
    running = update(UserSession).where(UserSession.user_id == person.id, UserSession.ended_at.is_(None))
    connection.execute(running.values(ended_at=case((UserSession.started_at > now, UserSession.started_at), else_=now)))
    _vouch(connection, person.id, now)
    return person


def deactivate_user(connection: Connection, login: str, by: Person, now: datetime) -> None:
    """End a person's part in the book; what they decided stays.

    Args:
        connection: transaction that writes.
        login: of the person.
        by: another person, an administrator.
        now: instant.

    Raises:
        InputError: who does this may not, or there is no such active person.
    """
    require_role(by, (UserRole.ADMIN,), "deactivates users")
    person = find_user(connection, login)
    if person.id == by.id:
        raise InputError("MAKER_IS_CHECKER", f"{login} cannot deactivate themselves.", "Let another do it.")
    connection.execute(update(User).where(User.id == person.id).values(active=False, valid_to=now))
    _vouch(connection, person.id, now)


def user_contents(connection: Connection, keys: Sequence[str]) -> Mapping[str, Content]:
    """What the chain vouches for of users: login and name by their hashes."""
    wanted = select(User.__table__).where(User.id.in_(listed_numbers(connection, numbers_of(keys))))
    return {str(row["id"]): _content(row) for row in connection.execute(wanted).mappings()}


def user_witness() -> Witness:
    """How users are checked against the chain."""
    return Witness(user_contents, numbered(User.id), once=False)


def _content(row: RowMapping) -> Content:
    return {
        "id": row["id"],
        "login_hash": text_hash(row["login"]),
        "name_hash": text_hash(row["display_name"]),
        "role": str(row["role"]),
        "org_unit_id": row["org_unit_id"],
        "active": row["active"],
    }


def _vouch(connection: Connection, number: int, now: datetime) -> None:
    content = user_contents(connection, [str(number)])[str(number)]
    append(connection, [Link(EntryKind.USER, str(number), content)], now)


def _check_adder(connection: Connection, new: NewUser, by: Person | None) -> None:
    if by is not None:
        require_role(by, (UserRole.ADMIN,), "adds users")
    elif connection.scalar(select(func.count()).select_from(User)):
        raise InputError("WHO_ADDS", "Only the first user is added by nobody.", "Name an administrator with --by.")
    elif new.role != UserRole.ADMIN:
        raise InputError("FIRST_USER", "The first user must be an administrator.", "Give --role admin.")


def _unit(connection: Connection, code: str) -> Any:
    found = connection.scalar(select(OrgUnit.id).where(OrgUnit.code == code))
    if found is None:
        raise InputError("UNKNOWN_UNIT", f"There is no unit {code!r}.", "`acreline people add-unit` adds it.")
    return found
