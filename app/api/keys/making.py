"""Keys made, listed and revoked by administrators; each that is made or revoked is an entry of the chain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.orm import aliased

from app.api.access.tokens import Entropy
from app.api.keys.tokens import SHOWN, KeyScope, key_hash, new_key
from app.book.decisions.doors import vouch_key
from app.book.decisions.people import Person, require_role
from app.db.tables import ApiKey, OrgUnit, User
from app.db.tables.kinds import UserRole
from geo.errors import InputError

#: A key that nobody renews ends: at most a year and a day from now.
MOST_DAYS: Final = 366
_LONGEST_LABEL: Final = 128


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key to make: its label, the code of the unit, what it may ask for, and for how many days."""

    label: str
    unit: str
    scopes: Sequence[KeyScope]
    days: int


@dataclass(frozen=True, slots=True)
class KeyLine:
    """A key as lists show it; the key itself is with the other system only.

    Attributes:
        id: its number.
        label: what it is called.
        prefix: its first characters.
        unit: code of the unit whose part of the book it sees.
        scopes: what it may ask for.
        created_by: login of who made it.
        created_at: when.
        expires_at: when it ends by itself.
        last_used_at: to the minute; None: never.
        revoked_by: login of who revoked it; None: nobody.
        revoked_at: when.
    """

    id: int
    label: str
    prefix: str
    unit: str
    scopes: Sequence[str]
    created_by: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    revoked_by: str | None
    revoked_at: datetime | None

    def good(self, now: datetime) -> bool:
        """Whether it lets in now."""
        return self.revoked_at is None and now < self.expires_at


def make_key(connection: Connection, new: NewKey, by: Person, entropy: Entropy, now: datetime) -> str:
    """The new key, which is told once and kept nowhere.

    Args:
        connection: transaction that writes.
        new: what it is for.
        by: an administrator.
        entropy: gives random bytes.
        now: instant.

    Raises:
        InputError: who makes it may not, the label is taken or empty, it has no scope, there is no such unit, or it
            would last for less than a day or more than MOST_DAYS.
    """
    require_role(by, (UserRole.ADMIN,), "makes keys")
    unit = _checked_unit(connection, new)
    key = new_key(entropy)
    row = {
        "label": new.label,
        "prefix": key[:SHOWN],
        "key_hash": key_hash(key),
        "org_unit_id": unit,
        "scopes": sorted({scope.value for scope in new.scopes}),
        "created_by_id": by.id,
        "created_at": now,
        "expires_at": now + timedelta(days=new.days),
    }
    number = connection.execute(insert(ApiKey).returning(ApiKey.id), [row]).scalar_one()
    vouch_key(connection, number, now)
    return key


def keys(connection: Connection) -> list[KeyLine]:
    """All keys, those that ended too, by label."""
    maker, ender = aliased(User), aliased(User)
    wanted = (
        select(
            ApiKey.id,
            ApiKey.label,
            ApiKey.prefix,
            OrgUnit.code,
            ApiKey.scopes,
            maker.login,
            ApiKey.created_at,
            ApiKey.expires_at,
            ApiKey.last_used_at,
            ender.login,
            ApiKey.revoked_at,
        )
        .join(OrgUnit, OrgUnit.id == ApiKey.org_unit_id)
        .join(maker, maker.id == ApiKey.created_by_id)
        .outerjoin(ender, ender.id == ApiKey.revoked_by_id)
        .order_by(ApiKey.label)
    )
    return [KeyLine(*row) for row in connection.execute(wanted)]


def revoke_key(connection: Connection, label: str, by: Person, now: datetime) -> None:
    """End a key at once.

    Raises:
        InputError: who does it may not, or there is no such key, or it was revoked before.
    """
    require_role(by, (UserRole.ADMIN,), "revokes keys")
    row = connection.execute(select(ApiKey.id, ApiKey.revoked_at).where(ApiKey.label == label)).one_or_none()
    if row is None:
        raise InputError("KEY_UNKNOWN", f"There is no key {label!r}.", "`acreline keys list` shows all.")
    if row.revoked_at is not None:
        raise InputError("KEY_REVOKED", f"The key {label!r} was revoked already.", "Nothing is to be done.")
    ended = {"revoked_by_id": by.id, "revoked_at": now}
    connection.execute(update(ApiKey).where(ApiKey.id == row.id).values(ended))
    vouch_key(connection, row.id, now)


def _checked_unit(connection: Connection, new: NewKey) -> int:
    """Number of the unit of a key that can be made."""
    if not new.label.strip() or len(new.label) > _LONGEST_LABEL:
        raise InputError("KEY_LABEL", "A key has a label of 1 to 128 characters.", "Name the system that will have it.")
    if not new.scopes:
        raise InputError("KEY_SCOPE", "A key that may ask for nothing is of no use.", "Give --scope.")
    if not 1 <= new.days <= MOST_DAYS:
        raise InputError("KEY_DAYS", f"A key lasts for 1 to {MOST_DAYS} days.", "Give --days, and renew it in time.")
    if connection.scalar(select(ApiKey.id).where(ApiKey.label == new.label)) is not None:
        raise InputError("KEY_TAKEN", f"There is a key {new.label!r} already.", "Choose another label, with its year.")
    unit = connection.scalar(select(OrgUnit.id).where(OrgUnit.code == new.unit))
    if unit is None:
        raise InputError("UNKNOWN_UNIT", f"There is no unit {new.unit!r}.", "`acreline people add-unit` adds it.")
    return unit
