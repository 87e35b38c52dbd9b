from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import shapely
from sqlalchemy import Connection, Engine, select, update
from sqlalchemy.orm import Session

from app.book.chain.verification import verify
from app.book.chain.witnesses import witnesses
from app.book.decisions.people import NewUser, add_unit, add_user, find_user
from app.book.ground import decide, find_ground, findings, plots_as_of
from app.db.engine import writing
from app.db.tables import ContractPlot, Facility, GroundFinding, LandRight, LoanAccount, Parcel, ParcelGeometry, Party
from app.db.tables.kinds import FacilityStatus, FindingStatus, OrgKind, UserRole
from app.db.tables.observation import ParcelPeriod
from geo.errors import InputError
from scoring.lending.ground import Tolerance

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TODAY = NOW.date()
SINCE = {"valid_from": LONG_AGO, "recorded_at": LONG_AGO}
FACT = {"source": "registry", "as_of": LONG_AGO.date(), **SINCE}
MOVED = datetime(2024, 1, 1, tzinfo=UTC)


def _outline(parcel: str, version: str, west: float) -> list[object]:
    shape = shapely.box(west, 36, west + 0.002, 36.002)
    return [
        ParcelGeometry(
            parcel_id=parcel, geometry_version=version, wkb=shape.wkb, area_ha=4.0, recorded_at=LONG_AGO,
            minx=west, miny=36, maxx=west + 0.002, maxy=36.002,
        )
    ]  # fmt: skip


@pytest.fixture
def book(engine: Engine) -> Engine:
    """Parcel b lay on parcel a until 2024, and lies beside it since; c has no outline."""
    with Session(engine) as session:
        session.add_all([Parcel(parcel_id=each, recorded_at=LONG_AGO) for each in "abc"])
        session.flush()
        session.add_all([*_outline("a", "1", 114.0), *_outline("b", "1", 114.0005), *_outline("b", "2", 114.01)])
        session.flush()
        session.add_all(
            ParcelPeriod(parcel_id=p, geometry_version=v, valid_from=start, valid_to=end, recorded_at=LONG_AGO)
            for p, v, start, end in (
                ("a", "1", LONG_AGO, None),
                ("b", "1", LONG_AGO, MOVED),
                ("b", "2", MOVED, None),
            )
        )
        session.commit()
    with writing(engine) as connection:
        add_unit(connection, "001", "Head office", OrgKind.HEAD_OFFICE, None, LONG_AGO)
        add_user(connection, NewUser("risk", "R", UserRole.ADMIN, "001", "en"), None, LONG_AGO)
    return engine


def _add(engine: Engine, *rows: object) -> list[int]:
    with Session(engine, expire_on_commit=False) as session:
        session.add_all(rows)
        session.commit()
        return [row.id for row in rows]  # type: ignore[attr-defined] # every table here has one


def _facility(engine: Engine, number: str, **changed: object) -> int:
    plain = {"product": "kcc", "currency": "INR", "revolving": False, "status": "active"}
    dates = {"starts_on": LONG_AGO.date(), "ends_on": None}
    return _add(engine, Facility(number=number, **{**plain, **dates, **SINCE, **changed}))[0]


def _plot(engine: Engine, parcel: str, **contract: object) -> int:
    return _add(engine, ContractPlot(parcel_id=parcel, **{"starts_on": LONG_AGO.date(), **SINCE, **contract}))[0]


def _risk(connection: Connection) -> int:
    return find_user(connection, "risk").id


def _two_loans(engine: Engine) -> tuple[int, int]:
    return (
        _plot(engine, "a", facility_id=_facility(engine, "F-1")),
        _plot(engine, "a", facility_id=_facility(engine, "F-2")),
    )


def _find(engine: Engine, day: date = TODAY) -> tuple[int, int]:
    with writing(engine) as connection:
        found = find_ground(connection, day, Tolerance(), NOW)
    return len(found.pairs), len(found.new)


def test_a_pair_is_found_once_and_stays_decided(book: Engine) -> None:
    plots = _two_loans(book)
    assert _find(book) == (1, 1)
    assert _find(book) == (1, 0)
    with writing(book) as connection:
        (found,) = findings(connection, FindingStatus.OPEN)
        decide(
            connection,
            found["id"],
            FindingStatus.DISMISSED,
            by_id=_risk(connection),
            reason="one contract, two papers",
            now=NOW,
        )
    assert _find(book) == (1, 0)
    with book.connect() as connection:
        (row,) = findings(connection)
        assert (row["first_plot_id"], row["second_plot_id"], row["status"]) == (*plots, FindingStatus.DISMISSED)
        assert (row["first_parcel_id"], row["share_of_smaller"]) == ("a", pytest.approx(1.0))
        assert findings(connection, FindingStatus.OPEN) == []
        assert set(connection.scalars(select(Facility.status))) == {FacilityStatus.ACTIVE}
        assert verify(connection, witnesses()).faults == []


def test_a_decision_that_was_changed_is_found_by_the_chain(book: Engine) -> None:
    _two_loans(book)
    _find(book)
    with writing(book) as connection:
        (found,) = findings(connection)
        decide(connection, found["id"], FindingStatus.CONFIRMED, by_id=_risk(connection), reason="twice", now=NOW)
    with book.begin() as connection:
        connection.execute(update(GroundFinding).values(status="dismissed"))
    with book.connect() as connection:
        (fault,) = verify(connection, witnesses()).faults
    assert (fault.code, fault.row) == ("ROW_CHANGED", f"finding {found['id']}")


def test_a_finding_is_decided_once_with_a_reason(book: Engine) -> None:
    _two_loans(book)
    _find(book)
    with writing(book) as connection:
        number = findings(connection)[0]["id"]
        with pytest.raises(InputError, match="reason"):
            decide(connection, number, FindingStatus.CONFIRMED, by_id=_risk(connection), reason=" ", now=NOW)
        with pytest.raises(InputError, match="no finding 99"):
            decide(connection, 99, FindingStatus.CONFIRMED, by_id=_risk(connection), reason="r", now=NOW)
        decide(connection, number, FindingStatus.CONFIRMED, by_id=_risk(connection), reason="r", now=NOW)
        with pytest.raises(InputError, match="confirmed already"):
            decide(connection, number, FindingStatus.DISMISSED, by_id=_risk(connection), reason="r", now=NOW)


def test_outlines_are_those_of_the_day(book: Engine) -> None:
    _plot(book, "a", facility_id=_facility(book, "F-1"))
    _plot(book, "b", facility_id=_facility(book, "F-2"))
    _plot(book, "c", facility_id=_facility(book, "F-3"))
    assert _find(book) == (0, 0)
    assert _find(book, date(2023, 6, 1)) == (1, 1)
    with book.connect() as connection:
        plots = plots_as_of(connection, TODAY)
    assert plots.geometry.isna().tolist() == [False, False, True]


def test_loans_that_are_over_back_nothing(book: Engine) -> None:
    first, _ = _two_loans(book)
    with book.begin() as connection:
        connection.execute(update(Facility).where(Facility.number == "F-2").values(status="closed"))
    assert _find(book) == (0, 0)
    with book.begin() as connection:
        connection.execute(update(Facility).where(Facility.number == "F-2").values(status="active"))
        second = connection.scalars(select(Facility.id).where(Facility.number == "F-2")).one()
    account = {"product": "kcc", "currency": "INR", "opened_on": LONG_AGO.date(), **FACT}
    _add(book, LoanAccount(facility_id=second, account_number="1", outstanding_minor=5, **account))
    with writing(book) as connection:
        undone = connection.begin_nested()
        assert len(find_ground(connection, TODAY, Tolerance(), NOW).new) == 1
        undone.rollback()
    with book.begin() as connection:
        connection.execute(update(LoanAccount).values(valid_to=NOW - timedelta(days=30)))
    assert _find(book) == (0, 0)
    assert _find(book, date(2026, 1, 1)) == (1, 1)
    assert first > 0


def test_an_overdue_loan_still_holds_its_ground(book: Engine) -> None:
    ended = date(2025, 1, 1)
    _plot(book, "a", facility_id=_facility(book, "F-1", ends_on=ended))
    _plot(book, "a", facility_id=_facility(book, "F-2"), starts_on=TODAY - timedelta(days=1))
    with book.connect() as connection:
        assert plots_as_of(connection, TODAY).ends_on.tolist() == [TODAY, None]
    assert _find(book, TODAY - timedelta(days=1)) == (0, 0)  # one day in common: the loan may be over the next
    assert _find(book) == (1, 1)


def test_lessor_and_lessee_are_both_right_and_two_lessees_are_not(book: Engine) -> None:
    owner, tenant, other = _add(book, *(Party(kind="person", farmer_id=f"f{n}", **SINCE) for n in range(3)))
    rights = _add(
        book,
        *(
            LandRight(party_id=party, basis="lease", kind=kind, starts_on=LONG_AGO.date(), **FACT)
            for party, kind in ((owner, "ownership"), (tenant, "tenancy"), (other, "tenancy"))
        ),
    )
    plots = [_plot(book, "a", land_right_id=right) for right in rights]
    with writing(book) as connection:
        found = find_ground(connection, TODAY, Tolerance(), NOW)
    assert [(each.first_plot_id, each.second_plot_id) for each in found.new] == [(plots[1], plots[2])]
