"""Keys of other systems: made once, known by their hash, good for a while, and never beside a session."""

from __future__ import annotations

from base64 import b64encode
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from app.api.access.throttle import OF_ADDRESS
from app.api.access.tokens import SESSION_COOKIE
from app.api.keys.making import MOST_DAYS, NewKey, keys, make_key, revoke_key
from app.api.keys.tokens import PREFIX, KeyScope, is_key, key_hash
from app.db.engine import writing
from app.db.tables import ApiKey, SignInAttempt
from geo.errors import InputError
from tests.app.api.access.service import Service, try_to_sign_in

PARCELS = "/api/v1/data/parcels"


def test_a_key_is_told_once_and_only_its_hash_is_kept(service: Service) -> None:
    key = service.key(KeyScope.PARCELS, KeyScope.ALERTS)
    assert is_key(key)
    assert key.startswith(PREFIX)
    with service.access.engine.connect() as connection:
        row = connection.execute(select(ApiKey.__table__)).mappings().one()
        line = keys(connection)[0]
    assert row["key_hash"] == key_hash(key)
    assert key not in str(dict(row))
    assert (line.scopes, line.created_by, line.unit) == (["alerts:read", "parcels:read"], "ada", "001")
    assert line.good(service.clock())


def test_a_key_sees_its_unit_and_those_below(service: Service) -> None:
    system = service.system(KeyScope.PARCELS, unit="010")
    found = {row["parcel_id"] for row in system.get(PARCELS).json()["items"]}
    assert found == {"p-010", "p-011", "p-None"}


def test_use_is_written_down_once_a_minute(small_service: Service) -> None:
    system, begun, used = small_service.system(KeyScope.PARCELS), small_service.clock.now, []
    for seconds in (0, 59, 60):
        small_service.clock.now = begun + timedelta(seconds=seconds)
        assert system.get(PARCELS).status_code == 200
        with small_service.access.engine.connect() as connection:
            used.append(connection.scalar(select(ApiKey.last_used_at)))
    assert used == [begun, begun, begun + timedelta(seconds=60)]


def test_a_key_ends_by_itself_and_when_it_is_revoked(small_service: Service) -> None:
    system, admin = small_service.system(KeyScope.PARCELS), small_service.people["ada"]
    small_service.clock.pass_by(days=29, hours=23)
    assert system.get(PARCELS).status_code == 200
    small_service.clock.pass_by(hours=1)
    assert system.get(PARCELS).json()["code"] == "KEY_REFUSED"
    other = small_service.system(KeyScope.PARCELS, label="other")
    assert other.get(PARCELS).status_code == 200
    with writing(small_service.access.engine) as connection:
        revoke_key(connection, "other", admin, small_service.clock())
    answer = other.get(PARCELS)
    assert (answer.status_code, answer.json()["code"]) == (401, "KEY_REFUSED")
    with writing(small_service.access.engine) as connection, pytest.raises(InputError, match="revoked already"):
        revoke_key(connection, "other", admin, small_service.clock())


def test_administrators_see_keys_and_end_them(service: Service) -> None:
    key = service.key(KeyScope.PARCELS, KeyScope.ALERTS)
    system, admin = service.browser(Authorization=f"Bearer {key}"), service.signed_in("ada")
    assert system.get(PARCELS).status_code == 200
    answer = admin.get("/api/v1/people")
    [line] = answer.json()["keys"]
    assert key not in answer.text
    assert (line["label"], line["scopes"], line["good"]) == ("core", ["alerts:read", "parcels:read"], True)
    assert line["last_used_at"] is not None
    revoke = f"/api/v1/keys/{line['number']}/revoke"
    assert admin.post(revoke).status_code == 204
    assert system.get(PARCELS).json()["code"] == "KEY_REFUSED"
    [line] = admin.get("/api/v1/people").json()["keys"]
    assert (line["good"], line["revoked_by"]) == (False, "ada")
    assert (admin.post(revoke).status_code, admin.post("/api/v1/keys/99/revoke").status_code) == (409, 404)


def test_a_key_beside_a_session_is_refused(small_service: Service) -> None:
    key, browser = small_service.key(KeyScope.PARCELS), small_service.signed_in("olga")
    assert browser.get(PARCELS).status_code == 200
    answer = browser.get(PARCELS, headers={"Authorization": f"Bearer {key}"})
    assert (answer.status_code, answer.json()["code"]) == (400, "KEY_AND_SESSION")
    stale = {"Authorization": f"Bearer {key}", "Cookie": f"{SESSION_COOKIE}=over"}
    assert small_service.browser().get(PARCELS, headers=stale).json()["code"] == "KEY_AND_SESSION"


def test_a_key_may_be_the_password_of_any_name(small_service: Service) -> None:
    key = small_service.key(KeyScope.PARCELS)
    said = "Basic " + b64encode(f"qgis:{key}".encode()).decode()
    answer = small_service.browser().get(PARCELS, headers={"Authorization": said})
    bearer = small_service.browser().get(PARCELS, headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 200
    assert answer.json() == bearer.json()


@pytest.mark.parametrize(
    "said", ["", "Bearer", "Bearer x", "Basic YTpi", "Basic ?", "Basic /w==", "Basic", "Bearer " + PREFIX + "A" * 43]
)
def test_wrong_keys_are_one_and_the_same(small_service: Service, said: str) -> None:
    answer = small_service.browser().get(PARCELS, headers={"Authorization": said})
    assert (answer.status_code, answer.json()["code"]) == (401, "KEY_REFUSED")


def test_a_key_without_the_scope_learns_nothing(small_service: Service) -> None:
    answer = small_service.system(KeyScope.ALERTS).get(PARCELS)
    assert (answer.status_code, answer.json()["code"]) == (403, "SCOPE_LACKS")


def test_wrong_keys_of_a_network_are_throttled_and_nobody_else_is(service: Service) -> None:
    good, wrong = service.system(KeyScope.PARCELS), service.browser(Authorization="Bearer wrong")
    most = OF_ADDRESS[0].failures
    for _ in range(most):
        assert wrong.get(PARCELS).status_code == 401
    answer = wrong.get(PARCELS)
    assert (answer.status_code, answer.json()["code"]) == (429, "KEYS_THROTTLED")
    assert 0 < int(answer.headers["retry-after"]) <= 15 * 60
    assert good.get(PARCELS).status_code == 200
    assert try_to_sign_in(service.browser(), "olga").status_code == 201
    with service.access.engine.connect() as connection:
        assert connection.scalar(select(func.count()).where(~SignInAttempt.succeeded)) == most
    service.clock.pass_by(minutes=16)
    assert wrong.get(PARCELS).status_code == 401


@pytest.mark.parametrize(
    ("new", "code"),
    [
        (NewKey(" ", "001", [KeyScope.ALERTS], 1), "KEY_LABEL"),
        (NewKey("a" * 129, "001", [KeyScope.ALERTS], 1), "KEY_LABEL"),
        (NewKey("a", "001", [], 1), "KEY_SCOPE"),
        (NewKey("a", "001", [KeyScope.ALERTS], 0), "KEY_DAYS"),
        (NewKey("a", "001", [KeyScope.ALERTS], MOST_DAYS + 1), "KEY_DAYS"),
        (NewKey("core", "001", [KeyScope.ALERTS], 1), "KEY_TAKEN"),
        (NewKey("a", "999", [KeyScope.ALERTS], 1), "UNKNOWN_UNIT"),
    ],
)
def test_a_key_that_cannot_be_is_not_made(small_service: Service, new: NewKey, code: str) -> None:
    small_service.key(KeyScope.PARCELS)
    access, admin = small_service.access, small_service.people["ada"]
    with writing(access.engine) as connection, pytest.raises(InputError) as refused:
        make_key(connection, new, admin, access.entropy, small_service.clock())
    assert refused.value.code == code


def test_only_administrators_make_and_revoke_keys(small_service: Service) -> None:
    access, olga = small_service.access, small_service.people["olga"]
    with writing(access.engine) as connection:
        with pytest.raises(InputError, match="makes keys"):
            make_key(connection, NewKey("a", "001", [KeyScope.ALERTS], 1), olga, access.entropy, small_service.clock())
        with pytest.raises(InputError, match="revokes keys"):
            revoke_key(connection, "core", olga, small_service.clock())
        with pytest.raises(InputError, match="no key 'core'"):
            revoke_key(connection, "core", small_service.people["ada"], small_service.clock())
