"""Units and people of the made-up bank, and what each may decide."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from app.book.decisions.authorities import Grant, grant
from app.book.decisions.people import NewUser, add_unit, add_user, find_user, place_unit, set_password
from app.db.tables.kinds import OrgKind, UserRole

#: Code, name, kind, parent.
UNITS: Final = (
    ("001", "县农村商业银行 County Rural Bank", OrgKind.HEAD_OFFICE, None),
    ("010", "北支行 North branch", OrgKind.BRANCH, "001"),
    ("011", "北支行营业所 North outlet", OrgKind.OUTLET, "010"),
    ("020", "南支行 South branch", OrgKind.BRANCH, "001"),
)
#: Longitude and latitude of the branches, between the villages that they keep.
PLACES: Final = {"001": (115.615, 33.378), "010": (115.611, 33.385), "011": (115.601, 33.360), "020": (115.625, 33.372)}
#: The first one is the administrator who adds the others.
PEOPLE: Final = (
    NewUser("ada", "Ada Admin", UserRole.ADMIN, "001", "en"),
    NewUser("rita", "Rita Risk", UserRole.RISK, "001", "en"),
    NewUser("rob", "Rob Reviewer", UserRole.REVIEWER, "010", "en"),
    NewUser("olga", "Olga Officer", UserRole.OFFICER, "010", "en"),
    NewUser("otto", "Otto Officer", UserRole.OFFICER, "010", "en"),
    NewUser("wei", "魏信贷", UserRole.OFFICER, "020", "zh"),
    NewUser("shen", "沈审批", UserRole.REVIEWER, "020", "zh"),
)
#: Login, greatest amount in minor units, whether overrides may be approved.
AUTHORITIES: Final = (
    ("olga", 2_000_000, False),
    ("otto", 2_000_000, False),
    ("wei", 2_000_000, False),
    ("rob", 20_000_000, True),
    ("shen", 20_000_000, True),
    ("rita", 50_000_000, True),
)
CURRENCY: Final = "CNY"


def open_bank(connection: Connection, hash_password: Callable[[], str], clock: Callable[[], datetime]) -> None:
    """Add units, people with their passwords, and authorities.

    Args:
        connection: transaction that writes, on a database without people.
        hash_password: makes the hash of the trial's password, with a salt of its own each time.
        clock: gives instants that never go back.
    """
    for code, name, kind, parent in UNITS:
        add_unit(connection, code, name, kind, parent, clock())
    first = None
    for new in PEOPLE:
        person = add_user(connection, new, first, clock())
        first = first or person
        set_password(connection, new.login, hash_password(), clock())
    admin = find_user(connection, PEOPLE[0].login)
    for code, at in PLACES.items():
        place_unit(connection, code, at, admin)
    for login, up_to_minor, may_override in AUTHORITIES:
        now = clock()
        whose = find_user(connection, login).id
        grant(connection, Grant(whose, up_to_minor, CURRENCY, now, may_override=may_override), admin, now)
