"""Authorities: who may decide up to which amount, granted and ended by another person, each change in the chain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, Select, insert, select, update

from app.book.chain.links import Link, append, instant
from app.book.chain.witness import Content, Witness, numbered, numbers_of
from app.book.decisions.people import Person, require_role
from app.db.listed import listed_numbers
from app.db.tables import Authority as AuthorityRow
from app.db.tables.kinds import EntryKind, UserRole
from geo.errors import InputError
from scoring.lending.authority import Authority

#: Who may grant and end authorities.
GRANTING: Final = (UserRole.RISK, UserRole.ADMIN)
#: A span that never began still needs a length: the least that both databases can tell apart.
_LEAST: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Grant:
    """An authority to give.

    Attributes:
        user_id: to whom; None lets the program approve by itself.
        up_to_minor: greatest amount.
        currency: of it.
        valid_from: first instant.
        valid_to: first instant without it; None: open.
        product: for one product only.
        policy_id: for one policy only.
        may_override: whether amounts other than the policy's may be approved under it.
    """

    user_id: int | None
    up_to_minor: int
    currency: str
    valid_from: datetime
    valid_to: datetime | None = None
    product: str | None = None
    policy_id: str | None = None
    may_override: bool = False


def grant(connection: Connection, given: Grant, by: Person, now: datetime) -> int:
    """Give an authority.

    Args:
        connection: transaction that writes.
        given: the authority.
        by: who grants it, of risk or administration, and never to themselves.
        now: instant.

    Returns:
        Its number.

    Raises:
        InputError: who grants may not, it ends before it begins or has ended, or lets the program approve
            without an end or a policy, or override.
    """
    require_role(by, GRANTING, "grants authorities")
    if given.user_id == by.id:
        raise InputError("MAKER_IS_CHECKER", f"{by.login} cannot grant themselves an authority.", "Let another do it.")
    _check_span(given, now)
    _check_automatic(given)
    row = {name: getattr(given, name) for name in Grant.__slots__} | {"granted_by_id": by.id, "recorded_at": now}
    number = connection.execute(insert(AuthorityRow).returning(AuthorityRow.id), [row]).scalar_one()
    _vouch(connection, number, now)
    return int(number)


def end_authority(connection: Connection, number: int, by: Person, now: datetime) -> None:
    """End an authority at once; one that has not begun never does.

    Raises:
        InputError: who does this may not, there is no such authority, or it ended before.
    """
    require_role(by, GRANTING, "ends authorities")
    row = connection.execute(
        select(AuthorityRow.valid_from, AuthorityRow.valid_to).where(AuthorityRow.id == number)
    ).one_or_none()
    if row is None:
        raise InputError("UNKNOWN_AUTHORITY", f"There is no authority {number}.", "`acreline people list` shows them.")
    if row.valid_to is not None and row.valid_to <= now:
        raise InputError("AUTHORITY_ENDED", f"The authority {number} ended before.", "There is nothing to do.")
    ends = max(now, row.valid_from + _LEAST)
    connection.execute(update(AuthorityRow).where(AuthorityRow.id == number).values(valid_to=ends))
    _vouch(connection, number, now)


def authorities(connection: Connection) -> list[Authority]:
    """All authorities, ended ones too, in the order in which they were given."""
    return [_authority(row) for row in connection.execute(_columns().order_by(AuthorityRow.id)).mappings()]


def authorities_of(connection: Connection, user_id: int | None) -> list[Authority]:
    """Authorities of a person; of the program itself for None."""
    own = AuthorityRow.user_id.is_(None) if user_id is None else AuthorityRow.user_id == user_id
    return [_authority(row) for row in connection.execute(_columns().where(own)).mappings()]


def authority_contents(connection: Connection, keys: Sequence[str]) -> Mapping[str, Content]:
    """What the chain vouches for of authorities."""
    among = AuthorityRow.id.in_(listed_numbers(connection, numbers_of(keys)))
    rows = connection.execute(select(AuthorityRow.__table__).where(among)).mappings()
    return {str(row["id"]): _content(row) for row in rows}


def authority_witness() -> Witness:
    """How authorities are checked against the chain."""
    return Witness(authority_contents, numbered(AuthorityRow.id), once=False)


def _columns() -> Select[*tuple[Any, ...]]:
    return select(*(getattr(AuthorityRow, name) for name in Authority.__slots__))


def _authority(row: RowMapping) -> Authority:
    return Authority(**row)


def _content(row: RowMapping) -> Content:
    return {
        "id": row["id"],
        "user_id": row["user_id"],
        "granted_by_id": row["granted_by_id"],
        "product": row["product"],
        "policy_id": row["policy_id"],
        "up_to_minor": row["up_to_minor"],
        "currency": row["currency"],
        "may_override": row["may_override"],
        "valid_from": instant(row["valid_from"]),
        "valid_to": None if row["valid_to"] is None else instant(row["valid_to"]),
    }


def _vouch(connection: Connection, number: int, now: datetime) -> None:
    key = str(number)
    append(connection, [Link(EntryKind.AUTHORITY, key, authority_contents(connection, [key])[key])], now)


def _check_span(given: Grant, now: datetime) -> None:
    if given.valid_to is not None and given.valid_to <= max(given.valid_from, now):
        raise InputError(
            "AUTHORITY_SPAN", "The authority ends before it begins, or has ended already.", "Give a later --to."
        )


def _check_automatic(given: Grant) -> None:
    if given.user_id is not None:
        return
    if given.valid_to is None or given.policy_id is None:
        raise InputError(
            "AUTOMATIC_UNDATED",
            "An authority that lets the program approve by itself needs a policy and an end.",
            "Give --policy and --to.",
        )
    if given.may_override:
        raise InputError(
            "AUTOMATIC_OVERRIDE", "The program never overrides the policy.", "Leave --may-override out, or name a user."
        )
