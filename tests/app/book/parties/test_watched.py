from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, insert

from app.book.decisions.people import NewUser, add_user, find_user
from app.book.parties.access import everything_about
from app.book.parties.erasure import erase
from app.db.engine import writing
from app.db.tables import Alert, AlertEvent, Visit
from app.db.tables.kinds import UserRole
from tests.app.book.farmers import NAME, NOW, Case, farmers_case, own_rules, vault

_SHARED: dict[str, Any] = {"level": "watch", "recorded_at": NOW}


@pytest.fixture
def case(engine: Engine) -> Case:
    """The farmer held p000 from May 2012 on; another parcel, and an earlier alert, are not about the farmer."""
    case = farmers_case(engine)
    with writing(case.engine) as connection:
        admin = find_user(connection, "admin")
        add_user(connection, NewUser("o", "O", UserRole.OFFICER, "001", "en"), admin, NOW)
    for number, (parcel, opened) in enumerate(
        (("p000", date(2019, 6, 1)), ("p001", date(2019, 6, 1)), ("p000", date(2012, 4, 1))), 1
    ):
        _alert(case, number, parcel, opened)
    return case


def _alert(case: Case, number: int, parcel: str, opened: date) -> None:
    plain = {"season_id": "2018-10-01/2019-10-31", "scope": "own", "status": "open", "run_id": "run-1"}
    rules = {"rules_id": "growth-1", "rules_hash": "ab" * 32}
    days = {"opened_on": opened, "changed_on": opened, "ended_on": opened if number == 3 else None}
    event = {"kind": "noted", "evidence": {}, "by_id": case.by_id, "note": f"note {number}"}
    with writing(case.engine) as connection:
        other = find_user(connection, "o").id
        row = {"id": number, "key": f"k{number}", "parcel_id": parcel, "cause": "abrupt_loss"}
        connection.execute(insert(Alert), [row | plain | rules | days | _SHARED])
        connection.execute(insert(AlertEvent), [event | {"alert_id": number, "happened_on": opened} | _SHARED])
        visit = {"parcel_id": parcel, "alert_id": number, "officer_id": case.by_id, "second_officer_id": other}
        said = {"captured_at": datetime(opened.year, opened.month, 2, tzinfo=UTC), "outcome": "confirmed", "note": ""}
        connection.execute(insert(Visit), [visit | said | {"photo_hash": f"{number}" * 64, "recorded_at": NOW}])


def test_a_person_sees_what_watches_and_officers_found_on_their_ground(case: Case) -> None:
    with case.engine.connect() as connection:
        found = everything_about(connection, case.party_id, vault())
    assert [row["id"] for row in found["alert"]] == [1]
    assert [row["note"] for row in found["alert_event"]] == ["note 1"]
    assert [row["photo_hash"] for row in found["visit"]] == ["1" * 64]


def test_an_erasure_names_the_photos_and_cuts_the_tie(case: Case) -> None:
    with writing(case.engine) as connection:
        done = erase(connection, case.party_id, by_id=case.by_id, reason="asked", rules=own_rules(), now=NOW)
    assert done.photos == ("1" * 64,)
    assert case.count(Alert) == 3
    assert case.count(Visit) == 3
    with case.engine.connect() as connection:
        found = everything_about(connection, case.party_id, vault())
    assert not {"alert", "alert_event", "visit"} & found.keys()
    assert NAME not in str(found)
