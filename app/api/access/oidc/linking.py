"""Who somebody is to the bank's sign-in service: said by whoever keeps the people, never by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, Select, insert, select, update

from app.book.decisions.doors import vouch_identity
from app.book.decisions.people import Person, find_user, require_role
from app.db.tables import User, UserIdentity
from app.db.tables.kinds import UserRole
from geo.errors import InputError

_LONGEST: Final = 255


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is to a service.

    Attributes:
        issuer: the service, exactly as it names itself.
        subject: the person's number there (the claim `sub`), never an address of mail, which others may come to have.
    """

    issuer: str
    subject: str


def link(connection: Connection, login: str, identity: Identity, by: Person, now: datetime) -> None:
    """Let a person sign in by an identity, beside or instead of a password; the chain notes who said so.

    Args:
        connection: transaction that writes.
        login: of an active person.
        identity: who they are there.
        by: an administrator.
        now: instant.

    Raises:
        InputError: who links may not, there is no such person, the identity is empty, too long or taken, or the person
            has another one.
    """
    require_role(by, (UserRole.ADMIN,), "links people")
    person, issuer, subject = find_user(connection, login), identity.issuer, identity.subject
    if not 0 < len(subject) <= _LONGEST or not 0 < len(issuer) <= _LONGEST:
        raise InputError("IDENTITY_FORM", "Issuer and subject have 1 to 255 characters.", "Copy the claim `sub`.")
    taken = (
        select(User.login)
        .join(UserIdentity, UserIdentity.user_id == User.id)
        .where(UserIdentity.issuer == issuer, UserIdentity.subject == subject, UserIdentity.ended_at.is_(None))
    )
    whose = connection.scalar(taken)
    if whose is not None:
        raise InputError("IDENTITY_TAKEN", f"That identity is linked to {whose}.", "`acreline people unlink` it first.")
    if connection.scalar(_living(person.id, issuer)) is not None:
        said = f"{login} is linked to another identity of that service."
        raise InputError("IDENTITY_OTHER", said, f"`acreline people unlink {login}` first.")
    row = {"user_id": person.id, "issuer": issuer, "subject": subject, "linked_by_id": by.id, "recorded_at": now}
    vouch_identity(
        connection, connection.execute(insert(UserIdentity).returning(UserIdentity.id), [row]).scalar_one(), now
    )


def unlink(connection: Connection, login: str, issuer: str, by: Person, now: datetime) -> bool:
    """End a person's link to a service; whether there was one. Sessions that they have stay until they end.

    Raises:
        InputError: who unlinks may not, or nobody has that login.
    """
    require_role(by, (UserRole.ADMIN,), "unlinks people")
    number = connection.scalar(select(User.id).where(User.login == login))
    if number is None:
        raise InputError("UNKNOWN_USER", f"Nobody has the login {login!r}.", "`acreline people list` shows all.")
    found = connection.scalar(_living(number, issuer))
    if found is None:
        return False
    ended = {"ended_by_id": by.id, "ended_at": now}
    connection.execute(update(UserIdentity).where(UserIdentity.id == found).values(ended))
    vouch_identity(connection, found, now)
    return True


def _living(user: int, issuer: str) -> Select[int]:
    ours = UserIdentity.user_id == user, UserIdentity.issuer == issuer, UserIdentity.ended_at.is_(None)
    return select(UserIdentity.id).where(*ours)
