"""Parties, facilities and borrowers of a core loan file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import pandas as pd
from sqlalchemy import Connection, bindparam, insert, select, update

from app.book.loans.holding import hold
from app.db.listed import listed, listed_numbers
from app.db.rows import Row, chunked
from app.db.tables import Facility, LoanAccount, Party, Role
from app.db.tables.kinds import FacilityStatus, PartyKind, RoleKind
from geo.errors import InputError

#: What the core system may say anew of a line that it brought itself.
_TERMS: Final = ("limit_minor", "drawing_minor", "revolving", "starts_on", "ends_on")


@dataclass(frozen=True, slots=True)
class Lines:
    """Facilities of a file in the book.

    Attributes:
        ids: number of each by its name.
        new: how many the book did not know.
        changed: how many have other terms than before.
        other_limits: names of those that were decided here with another sanctioned amount than the file states; the
            decision stands.
    """

    ids: dict[str, int]
    new: int
    changed: int
    other_limits: tuple[str, ...]


def ensure_parties(
    connection: Connection, farmers: Iterable[str | None], at: datetime, now: datetime
) -> dict[str, int]:
    """Numbers of parties by farmer_id, found or made; one whose kind nobody states is a person."""
    wanted = sorted({farmer for farmer in farmers if farmer is not None})
    found = _parties(connection, wanted)
    new = [farmer for farmer in wanted if farmer not in found]
    for chunk in chunked(new):
        span = {"kind": PartyKind.PERSON, "valid_from": at, "recorded_at": now}
        connection.execute(insert(Party), [{"farmer_id": farmer} | span for farmer in chunk])
    return found | _parties(connection, new)


def ensure_lines(connection: Connection, loans: pd.DataFrame, at: datetime, now: datetime) -> Lines:
    """Facilities of a file: new ones, and those that the core system brought with other terms now.

    Args:
        connection: transaction that writes.
        loans: of a LoanBook.
        at: instant from which the terms hold.
        now: when the bank comes to know them.

    Raises:
        InputError: a facility has another product or currency in the book, or other terms from the same day on.
    """
    rows = _terms(loans)
    known = _known(connection, [row["number"] for row in rows])
    new = [row for row in rows if row["number"] not in known]
    span = {"valid_from": at, "recorded_at": now, "status": FacilityStatus.ACTIVE}
    for chunk in chunked(new):
        connection.execute(insert(Facility), [row | span for row in chunk])
    differing = [(known[row["number"]], row) for row in rows if row["number"] in known]
    changed, decided = _differences(differing, at)
    _update(connection, changed, at, now)
    ids = {number: row["id"] for number, row in _known(connection, [row["number"] for row in rows]).items()}
    return Lines(ids, len(new), len(changed), tuple(decided))


def hold_borrowers(
    connection: Connection, loans: pd.DataFrame, lines: dict[str, int], parties: dict[str, int],
    at: datetime, now: datetime,
) -> int:  # fmt: skip
    """Who owes on each line, where the file says; how many rows are new or changed."""
    pairs = {
        lines[str(number)]: parties[str(farmer)]
        for number, farmer in zip(loans.facility_number, loans.farmer_id, strict=True)
        if farmer is not None
    }
    rows: list[Row] = [
        {"facility_id": line, "kind": RoleKind.BORROWER, "party_id": party} for line, party in pairs.items()
    ]
    held = hold(connection, Role, ("facility_id", "kind"), rows, at, now)
    return held.new + held.changed


def close_lines(connection: Connection, numbers: Sequence[int], at: datetime) -> None:
    """Close those of the facilities that the core system brought and that have no account left."""
    left = select(LoanAccount.facility_id).where(LoanAccount.valid_to.is_(None), LoanAccount.facility_id.is_not(None))
    for chunk in chunked(sorted(set(numbers))):
        connection.execute(
            update(Facility)
            .where(Facility.id.in_(listed_numbers(connection, chunk)), Facility.id.not_in(left))
            .where(Facility.decision_id.is_(None), Facility.valid_from < at)
            .values(status=FacilityStatus.CLOSED, valid_to=at)
        )


def _terms(loans: pd.DataFrame) -> list[Row]:
    """Terms of each facility, in the order of their numbers; it lasts from its first loan to the last one's end."""
    names = ["facility_number", "product", "currency", "sanctioned_minor", "drawing_minor", "revolving"]
    first = loans[names].drop_duplicates("facility_number").sort_values("facility_number")
    days: dict[str, list[tuple[date, date | None]]] = {}
    for number, opened, due in zip(loans.facility_number, loans.opened_on, loans.due_on, strict=True):
        days.setdefault(number, []).append((opened, due))
    return [
        {
            "number": number,
            "product": product,
            "currency": currency,
            "limit_minor": sanctioned,
            "drawing_minor": drawing,
            "revolving": revolving,
            "starts_on": min(opened for opened, _ in days[number]),
            "ends_on": _last([due for _, due in days[number]]),
        }
        for number, product, currency, sanctioned, drawing, revolving in first.itertuples(index=False, name=None)
    ]


def _last(days: list[date | None]) -> date | None:
    known = [day for day in days if day is not None]
    return max(known) if len(known) == len(days) else None


def _parties(connection: Connection, farmers: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for chunk in chunked(farmers):
        rows = connection.execute(
            select(Party.farmer_id, Party.id).where(Party.farmer_id.in_(listed(connection, chunk)))
        )
        found |= {str(farmer): number for farmer, number in rows}
    return found


def _known(connection: Connection, numbers: list[str]) -> dict[str, Row]:
    found: dict[str, Row] = {}
    for chunk in chunked(numbers):
        wanted = select(Facility.__table__).where(Facility.number.in_(listed(connection, chunk)))
        found |= {str(row["number"]): dict(row) for row in connection.execute(wanted).mappings()}
    return found


def _differences(pairs: list[tuple[Row, Row]], at: datetime) -> tuple[list[tuple[Row, Row]], list[str]]:
    changed: list[tuple[Row, Row]] = []
    decided: list[str] = []
    for before, row in pairs:
        for name in ("product", "currency"):
            if before[name] != row[name]:
                raise InputError(
                    "BOOK_OTHER_LINE",
                    f"The facility {row['number']} has the {name} {before[name]} in the book, {row[name]} in the file.",
                    "Correct the file, or give the new contract a number of its own: nothing was written.",
                )
        if before["decision_id"] is not None:
            if row["limit_minor"] not in (None, before["limit_minor"]):
                decided.append(str(row["number"]))
        elif before["status"] is FacilityStatus.CLOSED or any(before[name] != row[name] for name in _TERMS):
            _refuse_same_day(before, at)
            changed.append((before, row))
    return changed, decided


def _refuse_same_day(before: Row, at: datetime) -> None:
    if before["valid_from"] >= at:
        raise InputError(
            "BOOK_SAME_DAY",
            f"The book says otherwise of the facility {before['number']} from {before['valid_from']:%Y-%m-%d} on.",
            "Give the file the later day on which it was exported: nothing was written.",
        )


def _update(connection: Connection, changed: list[tuple[Row, Row]], at: datetime, now: datetime) -> None:
    table: Any = Facility.__table__
    span = {"valid_from": at, "valid_to": None, "recorded_at": now, "status": FacilityStatus.ACTIVE}
    for chunk in chunked(changed):
        said = [{"_id": before["id"]} | {name: row[name] for name in _TERMS} | span for before, row in chunk]
        connection.execute(update(table).where(table.c.id == bindparam("_id")), said)
