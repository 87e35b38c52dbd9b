"""Pages of farmers and facilities, and the portfolio, of two branches: each sees its own, and every look is noted."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from app.api.farmers.land import PAGE_PARCELS
from app.book.parcel_units import place_in_villages
from app.book.villages import InVillage
from app.db.engine import writing
from app.db.tables import (
    Alert,
    BookExport,
    BureauCheck,
    ContractPlot,
    Facility,
    LandRight,
    LoanAccount,
    Parcel,
    Party,
    PersonalView,
    Role,
    Run,
)
from tests.app.api.access.service import NOW, Service
from tests.app.maplayers.bank import alert, watch

TODAY = date(2026, 11, 22)
SINCE: dict[str, Any] = {"valid_from": NOW - timedelta(days=90), "recorded_at": NOW - timedelta(days=90)}
FACT: dict[str, Any] = {"source": "core", "as_of": TODAY - timedelta(days=3), **SINCE}


@pytest.fixture
def lent(service: Service) -> Service:
    """A farmer, facility, account and plot of the branches 010 and 020; the north owes in two currencies."""
    with writing(service.access.engine) as connection:
        for code in ("010", "020"):
            party = service.parties[code]
            connection.execute(Party.__table__.update().where(Party.id == party).values(farmer_id=f"f/{code}"))  # type: ignore[attr-defined]
            terms = {"product": "=planting", "limit_minor": 1_000_000, "currency": "CNY", "revolving": True}
            row = {"number": f"F-{code}", "starts_on": TODAY - timedelta(days=60), "status": "active", **terms, **SINCE}
            line = connection.execute(insert(Facility).values(row).returning(Facility.id)).scalar_one()
            connection.execute(insert(Role), [{"party_id": party, "facility_id": line, "kind": "borrower", **SINCE}])
            account = {"facility_id": line, "product": "p", "opened_on": TODAY - timedelta(days=50), **FACT}
            owed = {"currency": "CNY", "outstanding_minor": 400_000, "loan_class": "normal", "days_overdue": 0}
            connection.execute(insert(LoanAccount), [account | owed | {"account_number": f"A-{code}"}])
            other = {"currency": "EUR", "outstanding_minor": 12_345, "loan_class": "loss", "days_overdue": 99}
            connection.execute(insert(LoanAccount), [account | other | {"account_number": f"B-{code}"}])
            right = {"basis": "lease", "kind": "tenancy", "starts_on": TODAY, "certified_area_ha": 1.5}
            paper = connection.execute(
                insert(LandRight).values({"party_id": party, **right, **FACT}).returning(LandRight.id)
            ).scalar_one()
            plot = {"parcel_id": f"p-{code}", "land_right_id": paper, "facility_id": line, "starts_on": TODAY}
            connection.execute(insert(ContractPlot), [plot | SINCE])
            connection.execute(insert(BureauCheck), [{"party_id": party, "outcome": "unavailable", **FACT}])
    return service


def test_a_farmers_page_shows_its_branch_everything_and_others_nothing(lent: Service) -> None:
    olga, susi = lent.signed_in("olga"), lent.signed_in("susi")
    page = olga.get("/api/v1/farmers/f/010").json()
    assert page["contact"]["name"] == "Farmer of 010"
    assert [each["parcel_id"] for each in page["parcels"]] == ["p-010"]
    areas = page["rights"][0]["areas"]
    assert areas == {"certified_ha": 1.5, "contracted_ha": None, "measured_ha": None, "net_ha": None}
    assert (page["bureau"][0]["debt"], page["bureau"][0]["usable"]) == (None, False), "missing stays missing"
    assert page["facilities"][0]["number"] == "F-010"
    for path in ("farmers/f/010", f"parties/{lent.parties['010']}", "facilities/F-010"):
        assert susi.get(f"/api/v1/{path}").status_code == 404, path
    assert olga.get(f"/api/v1/parties/{lent.parties['010']}").json() == page
    with lent.access.engine.connect() as connection:
        seen = connection.execute(select(PersonalView.party_id, PersonalView.viewed_by_id)).all()
    assert {tuple(row) for row in seen} == {(lent.parties["010"], lent.people["olga"].id)}


def test_a_farmer_of_many_parcels_has_pages_and_alerts_are_called_what_they_are(lent: Service) -> None:
    many = [f"q-{number:03d}" for number in range(PAGE_PARCELS)]
    with writing(lent.access.engine) as connection:
        line = connection.scalar(select(Facility.id).where(Facility.number == "F-010"))
        unit = connection.scalar(select(Parcel.org_unit_id).where(Parcel.parcel_id == "p-010"))
        grounds = [{"parcel_id": name, "org_unit_id": unit, "recorded_at": NOW} for name in many]
        connection.execute(insert(Parcel), grounds)
        plots = [{"parcel_id": name, "facility_id": line, "starts_on": TODAY, **SINCE} for name in many]
        connection.execute(insert(ContractPlot), plots)
        place_in_villages(connection, {many[-1]: InVillage("Liulin", "Liulin")}, lent.people["ada"], NOW)
        run = {"run_id": "run-1", "season_id": "2025-10-01/2026-10-31", "created_at": NOW, "recorded_at": NOW}
        season = {"season_start": date(2025, 10, 1), "season_end": date(2026, 10, 31)}
        connection.execute(insert(Run).values(**run, **season, simulated=True, content_hash="h", record={}))
        watch(connection)
        alert(connection, many[-1], "action", "abrupt_loss")
        connection.execute(update(Alert).values(rules_id="growth-1"))
    olga = lent.signed_in("olga")
    first = olga.get("/api/v1/farmers/f/010").json()
    rest = olga.get("/api/v1/farmers/f/010", params={"after": PAGE_PARCELS}).json()
    assert [first["parcels_found"], len(first["parcels"])] == [PAGE_PARCELS + 1, PAGE_PARCELS]
    assert [(each["parcel_id"], each["village"], each["alerts"]) for each in rest["parcels"]] == [
        (many[-1], {"code": "Liulin", "name": "Liulin"}, 1)
    ]
    assert [each["parcel_id"] for each in first["alerts"]] == [many[-1]], "alerts are those of all parcels"
    assert set(first["causes"]["abrupt_loss"]) == {"en", "zh"}
    assert first["causes"]["abrupt_loss"]["en"] != "abrupt_loss"
    assert olga.get("/api/v1/farmers/f/010", params={"after": -1}).status_code == 422


def test_a_facility_shows_its_accounts_and_plots(lent: Service) -> None:
    page = lent.signed_in("olga").get("/api/v1/facilities/F-010").json()
    assert {each["account_number"]: each["loan_class"] for each in page["accounts"]} == {"A-010": "normal", "B-010": "loss"}  # fmt: skip  # noqa: E501
    assert [each["parcel_id"] for each in page["plots"]] == ["p-010"]
    assert page["position"]["sanctioned"] == {"amount": "10000.00", "currency": "CNY"}
    assert page["unit"] == "010"
    assert page["stages"] is None, "no policy is at hand"


@pytest.mark.parametrize("by", ["branch", "crop", "status", "class", "product"])
def test_the_portfolio_adds_up_by_currency_and_within_reach(lent: Service, by: str) -> None:
    for login, branches in (("rita", 2), ("olga", 1), ("susi", 1)):
        answer = lent.signed_in(login).get("/api/v1/portfolio", params={"by": by}).json()
        groups = answer["groups"]
        if by in ("branch", "class", "product"):
            sums: dict[str, list[float]] = {}
            for amounts in (each for group in groups for each in group["money"] if each["outstanding"]):
                sums.setdefault(amounts["currency"], []).append(float(amounts["outstanding"]["amount"]))
            assert {name: sum(some) for name, some in sums.items()} == {"CNY": 4000.0 * branches, "EUR": 123.45 * branches}  # fmt: skip  # noqa: E501
        parcels = sum(group["parcels"] for group in groups)
        expected = {"rita": 5, "olga": 3, "susi": 2}[login]
        assert parcels == {"class": 2 * branches, "product": branches}.get(by, expected), login


def test_the_portfolio_is_as_of_its_day(lent: Service) -> None:
    browser = lent.signed_in("rita")
    before = browser.get("/api/v1/portfolio", params={"day": "2026-01-01"}).json()
    assert sum(group["facilities"] or 0 for group in before["groups"]) == 0
    answer = browser.get("/api/v1/portfolio", params={"day": "2026-11-23"})
    assert (answer.status_code, answer.json()["code"]) == (400, "PORTFOLIO_DAY")


def test_files_open_as_text_and_are_written_down(lent: Service) -> None:
    browser = lent.signed_in("olga")
    answer = browser.get("/api/v1/portfolio/facilities.csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert {row["facility_number"] for row in rows} == {"F-010"}
    assert {row["product"] for row in rows} == {"'=planting"}
    assert {row["currency"]: row["outstanding"] for row in rows} == {"CNY": "4000.00", "EUR": "123.45"}
    assert "Farmer of" not in answer.text
    assert browser.get("/api/v1/portfolio/parcels.xlsx").content.startswith(b"PK")
    assert browser.get("/api/v1/portfolio.csv").status_code == 200
    with lent.access.engine.connect() as connection:
        made = connection.execute(select(BookExport.what, BookExport.rows).order_by(BookExport.id)).all()
    assert [tuple(row) for row in made] == [("facilities", 2), ("parcels", 3), ("portfolio", 4)]


def test_risk_sees_who_looked_and_administrators_see_people_only(lent: Service) -> None:
    lent.signed_in("olga").get("/api/v1/farmers/f/010")
    views = lent.signed_in("rita").get("/api/v1/audit/views").json()["views"]
    assert [(each["login"], each["farmer_id"]) for each in views] == [("olga", "f/010")]
    people = lent.signed_in("ada").get("/api/v1/people").json()
    assert {each["login"] for each in people["people"]} == set(lent.people)
    assert lent.signed_in("ada").get("/api/v1/audit/views").status_code == 403


def test_policies_say_what_they_say_and_what_another_says_otherwise(small_service: Service) -> None:
    browser = small_service.signed_in("olga")
    listed = browser.get("/api/v1/policies").json()["policies"]
    assert [each["id"] for each in listed] == ["cn-planting-generic", "in-kcc-2018"]
    page = browser.get("/api/v1/policies/in-kcc-2018").json()
    assert page["prices"]
    assert page["citations"]
    assert page["rules"]
    said = browser.get("/api/v1/policies/diff", params={"old": "in-kcc-2018", "new": "cn-planting-generic"}).json()
    assert not said["comparable"]
    assert {"key": "country", "old": "IN", "new": "CN"} in said["changes"]
    assert browser.get("/api/v1/policies/no-such").json()["code"] == "POLICY_UNKNOWN"
    assert browser.get("/api/v1/runs").json() == {"runs": []}
    assert browser.get("/api/v1/watches").json() == {"watches": []}
    assert browser.get("/api/v1/runs/none").status_code == 404
