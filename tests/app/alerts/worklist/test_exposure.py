from __future__ import annotations

from datetime import UTC, date, datetime

from sqlalchemy import update

from app.alerts.worklist.exposure import Basis, amount_in, exposures, usual_currency
from app.db.tables import ContractPlot, Facility, LoanAccount
from tests.app.alerts.desk import TODAY, Desk

ALL = [f"p{number:03d}" for number in range(6)]


def _parts(desk: Desk, day: date = TODAY) -> dict[str, list[tuple[str, str, int | None]]]:
    with desk.engine.connect() as connection:
        found = exposures(connection, ALL, day)
    return {
        parcel: [(part.facility_number, str(part.basis), part.amount_minor) for part in parts]
        for parcel, parts in sorted(found.items())
    }


def test_what_is_owed_is_shared_by_area_else_what_may_be_drawn_counts(desk: Desk) -> None:
    assert _parts(desk) == {
        "p000": [("F-1", "outstanding", 200_000)],
        "p001": [("F-1", "outstanding", 100_000)],
        "p002": [("F-2", "drawing", 50_000)],
        "p003": [("F-3", "unknown", None)],
    }


def test_plots_share_by_the_first_area_that_all_have_else_evenly_and_parts_add_up(desk: Desk) -> None:
    desk.lend("F-4", {"p003": 1.0, "p004": 1.0, "p005": 1.0}, owed=100)
    shares = [part[2] for parcel in ("p003", "p004", "p005") for part in _parts(desk)[parcel] if part[0] == "F-4"]
    assert sorted(share or 0 for share in shares) == [33, 33, 34]
    facility = desk.lend("F-5", {"p004": 9.0, "p005": None}, owed=100)
    assert [_parts(desk)[parcel][-1] for parcel in ("p004", "p005")] == [("F-5", "outstanding", 50)] * 2
    with desk.engine.begin() as connection:
        for parcel, area in (("p004", 1.0), ("p005", 3.0)):
            plot = (ContractPlot.facility_id == facility) & (ContractPlot.parcel_id == parcel)
            connection.execute(update(ContractPlot).where(plot).values(measured_area_ha=area))
    assert [_parts(desk)[parcel][-1][2] for parcel in ("p004", "p005")] == [25, 75]


def test_what_nobody_knows_the_balance_of_falls_back_and_what_is_over_exposes_nothing(desk: Desk) -> None:
    desk.account(desk.lend("F-4", {"p004": 1.0}, limit_minor=70_000), None)
    assert _parts(desk)["p004"] == [("F-4", "sanctioned", 70_000)]
    with desk.engine.begin() as connection:
        connection.execute(update(LoanAccount).values(valid_to=datetime(2019, 3, 1, tzinfo=UTC)))
        connection.execute(update(Facility).where(Facility.number == "F-2").values(status="closed"))
    assert sorted(_parts(desk)) == ["p003"]
    assert _parts(desk, date(2019, 2, 1))["p000"] == [("F-1", "outstanding", 200_000)]
    assert _parts(desk, date(2017, 1, 1)) == {}


def test_plots_that_run_count_and_all_of_them_where_none_does(desk: Desk) -> None:
    with desk.engine.begin() as connection:
        ended = update(ContractPlot).where(ContractPlot.parcel_id == "p001")
        connection.execute(ended.values(ends_on=date(2019, 1, 31)))
    parts = _parts(desk)
    assert parts["p000"] == [("F-1", "outstanding", 300_000)]
    assert "p001" not in parts
    with desk.engine.begin() as connection:
        connection.execute(update(ContractPlot).values(ends_on=date(2019, 1, 31)))
    assert _parts(desk)["p000"] == [("F-1", "outstanding", 200_000)]  # overdue: still owed


def test_currencies_are_never_added(desk: Desk) -> None:
    desk.lend("F-4", {"p000": 1.0}, owed=7, currency="USD")
    with desk.engine.connect() as connection:
        found = exposures(connection, ALL, TODAY)
    assert (amount_in(found["p000"], "CNY"), amount_in(found["p000"], "USD")) == (200_000, 7)
    assert amount_in(found["p001"], "USD") is None
    assert amount_in(found["p003"], "CNY") is None  # a loan of which nothing is known
    assert usual_currency(found) == "CNY"
    assert usual_currency({}) is None
    assert {part.basis for part in found["p003"]} == {Basis.UNKNOWN}
