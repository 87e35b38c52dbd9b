"""What stands beside a limit: the facilities of each subject of the book as of a day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import pandas as pd
from sqlalchemy import Connection, select

from app.book.loans.positions import POSITION, facility_positions
from app.book.loans.reconcile import reconcile
from app.book.refresh.facts import Moment, holds
from app.db.tables import ContractPlot, CreditSubject, Decision, Facility
from app.db.tables.kinds import FacilityStatus, SubjectKind
from geo.errors import DataError
from scoring.lending.positions import Position, together

KEYS: Final = ["kind", "subject_id"]


def standing_of_subjects(connection: Connection, moment: Moment) -> pd.DataFrame:
    """Facilities of subjects that are not closed, together.

    Returns:
        One row per subject and currency: kind, subject_id, currency, facility_number (None where there are several),
        facilities (how many), sanctioned_minor, drawing_minor, outstanding_minor, available_minor (Int64, missing where
        not known).
    """
    rows: Iterator[Any] = facility_positions(connection, moment.day).itertuples(index=False)
    lines: dict[str, Any] = {str(row.facility_number): row for row in rows}
    closed = set(connection.scalars(select(Facility.number).where(Facility.status == FacilityStatus.CLOSED)))
    own: dict[tuple[str, str, str], dict[str, Any]] = {}
    for kind, subject, number in _whose(connection, moment, lines):
        if number in lines and number not in closed:
            own.setdefault((kind, subject, str(lines[number].currency)), {})[number] = lines[number]
    found = [[*key, *_together(list(each.values()))] for key, each in own.items()]
    frame = pd.DataFrame.from_records(found, columns=[*KEYS, "currency", "facility_number", "facilities", *POSITION])
    kinds: dict[Any, Any] = dict.fromkeys(POSITION, "Int64") | dict.fromkeys([*KEYS, "currency"], "str")
    return frame.astype(kinds)


def check_reconciled(connection: Connection) -> None:
    """Refuse a book whose counts or sums are not those of the last loan file of a source.

    Raises:
        DataError: names the first figure on both sides.
    """
    for source in reconcile(connection):
        if source.differences:
            first, *others = source.differences
            more = f" ({len(others)} more figures differ)" if others else ""
            raise DataError(
                "BOOK_NOT_RECONCILED",
                f"The book does not reconcile with the file of {source.source!r} of {source.as_of}: {first.figure} in "
                f"{first.currency} is {first.file} in the file and {first.book} in the book{more}.",
                "Import the core system's next file, or find what changed the accounts; nothing was written.",
            )


def check_currencies(standing: pd.DataFrame, currency: str) -> None:
    """Refuse facilities in another currency than the policy's: neither sums nor moves would mean anything.

    Raises:
        DataError: says how many, and names one.
    """
    others = standing[standing.currency != currency]
    if len(others):
        first = others.iloc[0]
        raise DataError(
            "CURRENCY_DIFFERS",
            f"{len(others)} subjects have a facility in another currency than {currency} of the policy: "
            f"{first.facility_number or 'several facilities'} is in {first.currency}.",
            "Refresh each currency with a policy of its own.",
        )


def _whose(connection: Connection, moment: Moment, lines: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Kind, subject and facility number: the borrower's, those of plots, and those of subjects that were decided on."""
    for number, line in lines.items():
        if line.farmer_id is not None:
            yield SubjectKind.FARMER.value, line.farmer_id, number
    plots = (
        select(ContractPlot.parcel_id, Facility.number)
        .join(Facility, Facility.id == ContractPlot.facility_id)
        .where(holds(ContractPlot, moment))
    )
    decided = (
        select(CreditSubject.kind, CreditSubject.subject_id, Facility.number)
        .join(Decision, Decision.id == Facility.decision_id)
        .join(CreditSubject, CreditSubject.id == Decision.credit_subject_id)
        .where(CreditSubject.subject_id.is_not(None))
    )
    for parcel, number in connection.execute(plots):
        yield SubjectKind.PARCEL.value, parcel, number
    for kind, subject, number in connection.execute(decided):
        yield str(kind), str(subject), number


def _together(lines: Sequence[Any]) -> tuple[Any, ...]:
    if len(lines) == 1:
        return (lines[0].facility_number, 1, *(getattr(lines[0], name) for name in POSITION))
    sums = together(Position(*(getattr(line, name) for name in POSITION)) for line in lines)
    return None, len(lines), sums.sanctioned, sums.drawing, sums.outstanding, sums.available
