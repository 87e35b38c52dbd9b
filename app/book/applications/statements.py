"""What is stated of a borrower with an application: consents, the bureau's report, capacity, rights in land."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, insert, select

from app.book.applications.files import Doing, Filed, Kind, find_for, note
from app.book.applications.stages import Act
from app.book.parties.consents import Agreed, give, valid_consent
from app.db.tables import ApplicationPaper, BureauCheck, LandRight, RepaymentCapacity
from app.db.tables.kinds import BureauOutcome, ConsentPurpose, LandBasis, LandKind
from geo.errors import InputError
from scoring.policy import Pack

#: What the office itself vouches for.
_OFFICE: Final = "office"


@dataclass(frozen=True, slots=True)
class Report:
    """What the credit bureau answered; amounts in minor units, None: not said. Unavailable has none, never 0.

    Attributes:
        outcome: of the question.
        debt_minor: owed elsewhere.
        overdue_minor: of that, overdue.
        as_of: day of the report.
        expires_on: last day on which it counts.
        paper_id: the report as a paper of the application.
    """

    outcome: BureauOutcome
    debt_minor: int | None
    overdue_minor: int | None
    as_of: date
    expires_on: date | None
    paper_id: int | None


@dataclass(frozen=True, slots=True)
class Right:
    """A certificate or lease.

    Attributes:
        basis: what it rests on.
        kind: of right.
        starts_on: first day.
        ends_on: last day; None: open.
        certified_area_ha: area that the paper states, hectares; None: none.
    """

    basis: LandBasis
    kind: LandKind
    starts_on: date
    ends_on: date | None
    certified_area_ha: float | None


def zone_of(pack: Pack) -> ZoneInfo:
    """Time zone of a pack's local days."""
    return ZoneInfo("UTC" if pack.calendar is None else pack.calendar.time_zone)


def agree(
    connection: Connection,
    number: str,
    within: ColumnElement[bool],
    doing: Doing,
    agreed: Agreed,
    paper_id: int | None,
) -> int:
    """Write that the borrower agrees, with the signed paper where there is one; number of the consent."""
    filed = find_for(connection, number, within, Act.CHANGE, doing)
    evidence = _hash_of(connection, filed, paper_id)
    signed = Agreed(agreed.purpose, agreed.text_version, agreed.language, evidence, agreed.expires_on)
    consent = give(connection, filed.party_id, signed, doing.now, doing.now)
    note(connection, filed, Kind.CHANGED, doing)
    return consent


def enter_report(
    connection: Connection, number: str, within: ColumnElement[bool], doing: Doing, report: Report, pack: Pack
) -> None:
    """Write what the bureau answered, under the consent to ask it.

    Raises:
        InputError: see find_for; no such consent stands, an amount beside "unavailable", or a day after today.
    """
    filed = find_for(connection, number, within, Act.CHANGE, doing)
    today = pack.local_day(doing.now)
    consent = valid_consent(connection, filed.party_id, ConsentPurpose.BUREAU, today, zone_of(pack))
    if consent is None:
        said = "The borrower has not agreed to asking the credit bureau."
        raise InputError("CONSENT_MISSING", said, "Write the consent down first, or go on without a report.")
    if report.outcome is BureauOutcome.UNAVAILABLE and (report.debt_minor, report.overdue_minor) != (None, None):
        said = "A report that was not available states no debt."
        raise InputError("BUREAU_AMOUNTS", said, "Leave the amounts empty, or choose what the bureau answered.")
    _refuse_later(report.as_of, today)
    given = report.debt_minor is not None or report.overdue_minor is not None
    row = {
        "party_id": filed.party_id,
        "outcome": report.outcome,
        "debt_minor": report.debt_minor,
        "overdue_minor": report.overdue_minor,
        "currency": pack.currency.code if given else None,
        "report_hash": _hash_of(connection, filed, report.paper_id),
        "consent_id": consent,
        **_vouched(report.as_of, report.expires_on, doing),
    }
    connection.execute(insert(BureauCheck), [row])
    note(connection, filed, Kind.CHANGED, doing)


def enter_capacity(
    connection: Connection,
    number: str,
    within: ColumnElement[bool],
    doing: Doing,
    capacity_minor: int,
    pack: Pack,
) -> None:
    """Write what the household can repay in a year, as the officer reckons."""
    filed = find_for(connection, number, within, Act.CHANGE, doing)
    row = {
        "party_id": filed.party_id,
        "capacity_minor": capacity_minor,
        "currency": pack.currency.code,
        "method": "officer",
        **_vouched(pack.local_day(doing.now), None, doing),
    }
    connection.execute(insert(RepaymentCapacity), [row])
    note(connection, filed, Kind.CHANGED, doing)


def enter_right(
    connection: Connection, number: str, within: ColumnElement[bool], doing: Doing, right: Right, pack: Pack
) -> int:
    """Write a right in land; its number, by which plots name it.

    Raises:
        InputError: see find_for; it ends before it starts, or its area is 0 or less.
    """
    filed = find_for(connection, number, within, Act.CHANGE, doing)
    ends_early = right.ends_on is not None and right.ends_on < right.starts_on
    if ends_early or (right.certified_area_ha is not None and right.certified_area_ha <= 0):
        said = "A right in land ends after it starts, and its area lies above zero."
        raise InputError("LAND_RIGHT", said, "Correct the days or the area.")
    row = {
        "party_id": filed.party_id,
        "basis": right.basis,
        "kind": right.kind,
        "starts_on": right.starts_on,
        "ends_on": right.ends_on,
        "certified_area_ha": right.certified_area_ha,
        **_vouched(pack.local_day(doing.now), None, doing),
    }
    made = connection.scalars(insert(LandRight).returning(LandRight.id), row).one()
    note(connection, filed, Kind.CHANGED, doing)
    return made


def last_report(connection: Connection, party_id: int) -> Any:
    """The latest report: outcome, debt_minor, overdue_minor, currency, as_of, expires_on; None where there is none."""
    check = BureauCheck
    columns = (check.outcome, check.debt_minor, check.overdue_minor, check.currency, check.as_of, check.expires_on)
    newest = (check.as_of.desc(), check.recorded_at.desc(), check.id.desc())
    return connection.execute(
        select(*columns).where(check.party_id == party_id, check.valid_to.is_(None)).order_by(*newest)
    ).first()


def last_capacity(connection: Connection, party_id: int) -> Any:
    """The latest capacity: capacity_minor, currency, as_of; None where there is none."""
    said = RepaymentCapacity
    newest = (said.as_of.desc(), said.recorded_at.desc(), said.id.desc())
    return connection.execute(
        select(said.capacity_minor, said.currency, said.as_of)
        .where(said.party_id == party_id, said.valid_to.is_(None))
        .order_by(*newest)
    ).first()


def rights_of(connection: Connection, party_id: int) -> list[Any]:
    """Rights in land: id, basis, kind, starts_on, ends_on, certified_area_ha."""
    right = LandRight
    columns = (right.id, right.basis, right.kind, right.starts_on, right.ends_on, right.certified_area_ha)
    wanted = select(*columns).where(right.party_id == party_id, right.valid_to.is_(None)).order_by(right.id)
    return list(connection.execute(wanted))


def _hash_of(connection: Connection, filed: Filed, paper_id: int | None) -> str | None:
    if paper_id is None:
        return None
    mine = select(ApplicationPaper.content_hash).where(
        ApplicationPaper.id == paper_id,
        ApplicationPaper.application_id == filed.id,
        ApplicationPaper.removed_at.is_(None),
    )
    found = connection.scalar(mine)
    if found is None:
        raise InputError("PAPER_UNKNOWN", f"There is no paper {paper_id}.", "Load the page again.")
    return found


def _refuse_later(day: date, today: date) -> None:
    if day > today:
        raise InputError("STATED_LATER", f"The report's day {day} lies after today.", "Correct the day.")


def _vouched(as_of: date, expires_on: date | None, doing: Doing) -> dict[str, object]:
    since = {"valid_from": doing.now, "recorded_at": doing.now}
    return {"source": _OFFICE, "as_of": as_of, "expires_on": expires_on, **since}
