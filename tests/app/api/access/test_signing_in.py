from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import Engine, select, update

from app.api.access.passwords import Checked, Passwords
from app.api.access.signing_in import Credentials, look_up, sign_in
from app.api.access.tokens import CSRF_COOKIE, SESSION_COOKIE, token_hash
from app.book.chain.verification import verify
from app.book.chain.witnesses import witnesses
from app.book.decisions.people import deactivate_user, set_password
from app.db.engine import writing
from app.db.tables import SignInAttempt, User, UserSession
from geo.errors import InputError
from tests.app.api.access.service import PASSWORD, PEOPLE, Service, quick_passwords, try_to_sign_in


def _rows(engine: Engine, *columns: Any) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.execute(select(*columns)))


def _code(answer: Any, status: int) -> str:
    assert answer.status_code == status, answer.text
    return str(answer.json()["code"])


@pytest.mark.parametrize("login", ["ada", "olga"])
def test_people_sign_in_see_themselves_and_sign_out(service: Service, login: str) -> None:
    browser = service.browser()
    said = try_to_sign_in(browser, login).json()
    assert said == browser.get("/api/v1/me").json()
    assert said["login"] == login
    role, unit = PEOPLE[login]
    assert (said["role"], said["unit"]) == (role, {"code": unit, "name": f"Unit {unit}"})
    assert said["language"] == "zh"
    again = service.signed_in(login)
    assert again.get("/api/v1/session").json() == {
        "login": login,
        "ends_at": "2026-11-22T20:00:00Z",
        "idle_s": 1800,
    }
    assert again.delete("/api/v1/session").status_code == 204
    assert _code(again.get("/api/v1/me"), 401) == "NOT_SIGNED_IN"
    assert browser.get("/api/v1/me").status_code == 200, "a session elsewhere goes on"


def test_the_cookie_is_kept_from_scripts_and_other_sites(small_service: Service) -> None:
    answer = try_to_sign_in(small_service.browser(), "olga")
    session, csrf = answer.headers.get_list("set-cookie")
    assert session.startswith(f"{SESSION_COOKIE}=")
    assert "HttpOnly" in session
    assert csrf.startswith(f"{CSRF_COOKIE}=")
    assert "HttpOnly" not in csrf
    for cookie in (session, csrf):
        assert "Secure" in cookie
        assert "SameSite=lax" in cookie
        assert "Path=/" in cookie
        assert "Domain" not in cookie
    assert answer.headers["cache-control"] == "no-store"


def test_the_database_holds_no_token_password_or_login_as_typed(service: Service) -> None:
    browser = service.signed_in("olga")
    token = browser.cookies[SESSION_COOKIE]
    try_to_sign_in(browser, PASSWORD, "olga")  # typed into the wrong fields
    engine = service.access.engine
    assert _rows(engine, UserSession.token_hash) == [(token_hash(token),)]
    assert len(token) == 64
    held = str(_rows(engine, UserSession)) + str(_rows(engine, *SignInAttempt.__table__.columns))
    assert token not in held
    assert PASSWORD not in held
    assert "olga" not in held
    assert all(stored.startswith("$argon2id$") for (stored,) in _rows(engine, User.password_hash))


@pytest.mark.parametrize(
    ("login", "password"),
    [("olga", "wrong " + PASSWORD), ("nobody", PASSWORD), ("rob", PASSWORD), ("rita", PASSWORD), ("OLGA", PASSWORD)],
    ids=["wrong password", "unknown", "left", "without password", "other case"],
)
def test_who_may_not_is_refused_alike_and_after_the_same_work(service: Service, login: str, password: str) -> None:
    with writing(service.access.engine) as connection:
        deactivate_user(connection, "rob", service.people["ada"], service.clock.now + timedelta(seconds=1))
        connection.execute(update(User).where(User.login == "rita").values(password_hash=None))
    asked: list[str] = []
    passwords = service.access.passwords
    check = passwords._method.verify_and_update
    passwords._method.verify_and_update = lambda *told: asked.append(told[1]) or check(*told)  # type: ignore[method-assign]
    answer = try_to_sign_in(service.browser(), login, password)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "urn:acreline:problem:SIGN_IN_REFUSED",
        "title": "Unauthorized",
        "status": 401,
        "detail": "Login or password is wrong.",
        "code": "SIGN_IN_REFUSED",
        "message": "Login or password is wrong.",
        "remedy": "Try again, or ask an administrator.",
    }
    assert "set-cookie" not in answer.headers
    assert len(asked) == 1, "one hash is worked out, whoever it is"
    assert asked[0].split("$")[:4] == passwords._decoy.split("$")[:4], "with the same parameters"


def test_a_session_ends_when_nobody_asks_and_after_a_day_of_work(service: Service) -> None:
    idle, busy = service.signed_in("olga"), service.signed_in("olga")
    asked = []
    for _ in range(28):  # 27 minutes each, 12.6 hours in all
        service.clock.pass_by(minutes=27)
        asked.append(busy.get("/api/v1/me").status_code)
    assert asked == [200] * 26 + [401] * 2
    assert idle.get("/api/v1/me").status_code == 401


def test_half_an_hour_without_a_request_ends_a_session(service: Service) -> None:
    browser = service.signed_in("olga")
    service.clock.pass_by(minutes=29, seconds=59)
    assert browser.get("/api/v1/me").status_code == 200
    service.clock.pass_by(minutes=30)
    assert browser.get("/api/v1/me").status_code == 401


def test_a_change_of_the_person_holds_at_once(service: Service) -> None:
    browser, ada = service.signed_in("olga"), service.people["ada"]
    service.clock.pass_by(seconds=1)
    with writing(service.access.engine) as connection:
        connection.execute(update(User).where(User.login == "olga").values(role="reviewer"))
    assert browser.get("/api/v1/me").json()["role"] == "reviewer"
    with writing(service.access.engine) as connection:
        deactivate_user(connection, "olga", ada, service.clock.now)
    assert browser.get("/api/v1/me").status_code == 401


@pytest.mark.parametrize("token", ["", "a", "0" * 64, "é" * 64, "x" * 100_000, "0" * 63 + "\N{DIGIT ZERO}"])
def test_an_invented_token_is_nobody(small_service: Service, token: str) -> None:
    access = small_service.access
    assert look_up(access, token, access.clock()) is None
    assert look_up(access, None, access.clock()) is None


def test_a_password_set_anew_ends_the_sessions_and_is_in_the_chain(service: Service) -> None:
    browser, other = service.signed_in("olga"), service.signed_in("rob")
    service.clock.pass_by(seconds=1)
    engine, new = service.access.engine, "a quite other sentence"
    with writing(engine) as connection:
        before = verify(connection, witnesses()).entries
        set_password(connection, "olga", service.access.passwords.hash(new), service.clock.now)
        found = verify(connection, witnesses())
    assert (found.entries, found.faults) == (before + 1, [])
    assert browser.get("/api/v1/me").status_code == 401
    assert other.get("/api/v1/me").status_code == 200
    assert _code(try_to_sign_in(browser, "olga"), 401) == "SIGN_IN_REFUSED"
    assert service.signed_in("olga", new).get("/api/v1/me").status_code == 200


def test_people_change_their_own_password(service: Service) -> None:
    browser, elsewhere, new = service.signed_in("olga"), service.signed_in("olga"), "a quite other sentence"
    service.clock.pass_by(seconds=1)

    def change(old: str, new: str) -> Any:
        return browser.put("/api/v1/me/password", json={"old": old, "new": new})

    assert _code(change("wrong", new), 401) == "SIGN_IN_REFUSED"
    assert _code(change(PASSWORD, "short"), 400) == "PASSWORD_WEAK"
    assert _code(change(PASSWORD, PASSWORD), 400) == "PASSWORD_SAME"
    assert change(PASSWORD, new).json()["login"] == "olga"
    assert browser.get("/api/v1/me").status_code == 200
    assert elsewhere.get("/api/v1/me").status_code == 401
    assert service.signed_in("olga", new)


def test_a_hash_of_older_parameters_is_renewed(service: Service) -> None:
    weaker = Passwords(PasswordHash((Argon2Hasher(time_cost=2, memory_cost=8, parallelism=1),)))
    service.clock.pass_by(seconds=1)
    with writing(service.access.engine) as connection:
        set_password(connection, "olga", weaker.hash(PASSWORD), service.clock.now)
    service.signed_in("olga")
    stored = dict(tuple(row) for row in _rows(service.access.engine, User.login, User.password_hash))["olga"]
    assert "t=1" in stored
    assert service.signed_in("olga")


def test_a_password_that_changes_while_it_is_checked_lets_nobody_in(service: Service) -> None:
    access = service.access

    class Slow(Passwords):
        def check(self, password: str, stored: str | None) -> Checked:
            checked = super().check(password, stored)
            with writing(access.engine) as connection:
                set_password(connection, "olga", quick_passwords().hash("another sentence for it"), service.clock.now)
            return checked

    slow = Slow(PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),)))
    with pytest.raises(InputError) as caught:
        sign_in(replace(access, passwords=slow), Credentials("olga", PASSWORD), "10.0.0.1")
    assert caught.value.code == "SIGN_IN_REFUSED"
    assert _rows(access.engine, UserSession.id) == []


@pytest.mark.parametrize(
    "body",
    [
        {"login": "olga"},
        {"login": "", "password": PASSWORD},
        {"login": "olga", "password": "x" * 257},
        {"login": "o" * 129, "password": PASSWORD},
        {"login": ["olga"], "password": PASSWORD},
        {"login": "olga", "password": PASSWORD, "role": "admin"},
        [],
    ],
)
def test_a_form_that_does_not_fit_is_refused_and_not_repeated(small_service: Service, body: object) -> None:
    answer = small_service.browser().post("/api/v1/session", json=body)
    assert _code(answer, 422) == "REQUEST_INVALID"
    assert PASSWORD not in answer.text


def test_a_large_body_is_refused(small_service: Service) -> None:
    body = {"login": "olga", "password": "x" * 200_000}
    assert small_service.browser().post("/api/v1/session", json=body).status_code == 413


def test_another_host_name_is_turned_away(small_service: Service) -> None:
    browser: TestClient = small_service.browser()
    assert browser.get("/api/v1/me", headers={"Host": "evil.example"}).status_code == 400
    assert browser.get("/api/v1/me", headers={"Host": "bank.example"}).status_code == 401
