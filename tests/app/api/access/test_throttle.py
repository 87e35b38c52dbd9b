from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select

from app.api.access.signing_in import Credentials, sign_in
from app.api.access.throttle import OF_ADDRESS, OF_LOGIN, forgive, login_hash, network_of, note_attempt
from app.db.engine import writing
from app.db.tables import SignInAttempt
from geo.errors import InputError
from tests.app.api.access.service import PASSWORD, Service, try_to_sign_in

HERE = "10.0.0.1"


def _failed(service: Service, *tries: tuple[str, str, int]) -> None:
    """Write down failures at this instant: login, address, how many."""
    rows = [
        {"login_hash": login_hash(login), "network": address, "tried_at": service.clock.now, "succeeded": False}
        for login, address, number in tries
        for _ in range(number)
    ]
    with writing(service.access.engine) as connection:
        connection.execute(insert(SignInAttempt), rows)


def _wait_s(service: Service, login: str, address: str) -> object:
    """Seconds that a try now would have to wait; None where it is let through to the password."""
    with writing(service.access.engine) as connection:
        try:
            note_attempt(connection, login, address, service.clock.now)
        except InputError as error:
            return error.context["retry_after_s"]
    return None


@pytest.mark.parametrize("login", ["olga", "nobody"])
def test_guessing_at_a_login_stops_known_or_not(service: Service, login: str) -> None:
    browser = service.browser()
    said = [try_to_sign_in(browser, login, f"guess {number}").status_code for number in range(12)]
    assert said == [401] * 10 + [429] * 2
    refused = try_to_sign_in(browser, login)
    assert refused.json()["code"] == "SIGN_IN_THROTTLED"
    assert refused.headers["retry-after"] == "900"
    assert try_to_sign_in(browser, "rob").status_code == 201, "others at that place come in"
    service.clock.pass_by(minutes=15, seconds=1)
    assert try_to_sign_in(browser, login).status_code == (201 if login == "olga" else 401)


def test_a_login_is_guessed_at_most_fifty_times_a_day_from_wherever(service: Service) -> None:
    for number in range(5):
        _failed(service, ("olga", f"10.0.0.{number}", 10))
        assert _wait_s(service, "olga", "10.9.9.9") is not None
        service.clock.pass_by(minutes=16)
    assert _wait_s(service, "olga", "10.9.9.9") == (timedelta(days=1) - timedelta(minutes=80)).total_seconds()


def test_an_address_is_stopped_whatever_logins_it_tries(service: Service) -> None:
    _failed(service, *((f"login {number}", HERE, 1) for number in range(OF_ADDRESS[0].failures)))
    assert _wait_s(service, "olga", HERE) == 900
    assert _wait_s(service, "olga", "10.0.0.2") is None


def test_a_success_forgets_failures_of_the_login_and_not_of_the_address(service: Service) -> None:
    _failed(service, ("susi", HERE, 9), ("olga", HERE, OF_ADDRESS[0].failures - 10))
    sign_in(service.access, Credentials("susi", PASSWORD), HERE)
    _failed(service, ("susi", HERE, 1))
    assert _wait_s(service, "susi", "10.0.0.3") is None
    assert _wait_s(service, "susi", HERE) == 900


def test_a_new_password_opens_the_door_again(service: Service) -> None:
    _failed(service, ("olga", HERE, OF_LOGIN[0].failures))
    assert _wait_s(service, "olga", HERE) is not None
    with writing(service.access.engine) as connection:
        forgive(connection, "olga")
    assert _wait_s(service, "olga", HERE) is None


def test_tries_at_the_same_time_count_each_other(service: Service) -> None:
    def guess(number: int) -> str:
        try:
            sign_in(service.access, Credentials("olga", f"guess {number}"), HERE)
        except InputError as error:
            return error.code
        return "in"

    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(guess, range(16)))
    assert sorted(said) == ["SIGN_IN_REFUSED"] * 10 + ["SIGN_IN_THROTTLED"] * 6


def test_tries_that_count_no_more_are_dropped(service: Service) -> None:
    _failed(service, ("olga", HERE, 3))
    service.clock.pass_by(days=1, seconds=1)
    sign_in(service.access, Credentials("rob", PASSWORD), HERE)
    with service.access.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(SignInAttempt)) == 1


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("10.0.0.1", "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("testclient", "testclient"),
        ("x" * 500, "x" * 128),
    ],
)
def test_an_address_counts_as_its_network(address: str, network: str) -> None:
    assert network_of(address) == network
