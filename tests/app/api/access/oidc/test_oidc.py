"""Signing in by the bank's own service: what must hold for a session to begin, and what else may come back."""

from __future__ import annotations

import hmac
import sys
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from fastapi.testclient import TestClient
from joserfc import jwt
from joserfc.jwk import RSAKey
from sqlalchemy import func, insert, select, update

from app.api.access.oidc.flow import FLOW_COOKIE
from app.api.access.oidc.linking import Identity, link, unlink
from app.api.access.oidc.service import BACK, KeyNotThereError, Registration, SignInService
from app.api.access.oidc.setting_up import service_of
from app.api.access.oidc.signatures import signed_claims
from app.api.access.tokens import CSRF_COOKIE, CSRF_HEADER, SESSION_COOKIE
from app.api.institution import create_institution_app
from app.api.keys.making import revoke_key
from app.api.keys.tokens import KeyScope
from app.book.chain.verification import verify
from app.book.chain.witnesses import witnesses
from app.book.decisions.people import deactivate_user
from app.db.engine import writing
from app.db.tables import ApiKey, SignInFlow, UserIdentity
from app.settings import Settings
from geo.errors import InputError, TransientError
from tests.app.api.access.oidc.issuer import CLIENT, SECRET, Issuer, issuing
from tests.app.api.access.service import NOW, ORIGIN, Service

BEGIN = "/api/v1/session/oidc"


@dataclass
class Bank:
    """An office whose people sign in by a service."""

    office: Service
    issuer: Issuer
    seconds: float = 0.0

    def __post_init__(self) -> None:
        ours = Registration(self.issuer.address, CLIENT, SECRET, ORIGIN + BACK)
        self.service = SignInService(ours, signed_claims, lambda: self.seconds)

    def browser(self) -> TestClient:
        app = create_institution_app(self.office.access, service=self.service)
        return TestClient(
            app, base_url=ORIGIN, headers={"Origin": ORIGIN}, raise_server_exceptions=False, follow_redirects=False
        )

    def link(self, login: str = "olga", subject: str = "olga-4711") -> None:
        with writing(self.office.access.engine) as connection:
            link(connection, login, Identity(self.issuer.address, subject), self.office.people["ada"], NOW)

    def begin(self, browser: TestClient) -> tuple[str, str]:
        answer = browser.post(BEGIN)
        assert answer.status_code == 200, answer.text
        return self.issuer.sign_in(answer.json()["address"])

    def come_back(self, browser: TestClient, state: str, code: str, **more: str) -> Any:
        return browser.get(BACK, params={"state": state, "code": code} | more)

    def refusal(self, browser: TestClient, state: str, code: str) -> str:
        """The code that the page is told of who did not come in."""
        answer = self.come_back(browser, state, code)
        assert answer.status_code == 303
        assert SESSION_COOKIE not in browser.cookies
        return str(answer.headers["location"]).removeprefix("/?refused=")

    def count(self, table: Any) -> int:
        with self.office.access.engine.connect() as connection:
            return connection.scalar(select(func.count()).select_from(table)) or 0


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with issuing(NOW) as found:
        yield found


@pytest.fixture
def bank(service: Service, issuer: Issuer) -> Bank:
    return Bank(service, issuer)


@pytest.fixture
def small(small_service: Service, issuer: Issuer) -> Bank:
    return Bank(small_service, issuer)


def test_somebody_signs_in_by_the_service(bank: Bank) -> None:
    bank.link()
    browser = bank.browser()
    assert browser.get("/api/v1/session/ways").json() == {"password": True, "service": True}
    state, code = bank.begin(browser)
    answer = bank.come_back(browser, state, code, next="https://evil.example")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookies = answer.headers.get_list("set-cookie")
    session = next(each for each in cookies if each.startswith(SESSION_COOKIE + "="))
    assert all(word in session for word in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"))
    assert FLOW_COOKIE not in browser.cookies
    assert browser.get("/api/v1/me").json()["login"] == "olga"
    browser.headers[CSRF_HEADER] = browser.cookies[CSRF_COOKIE]
    assert browser.delete("/api/v1/session").status_code == 204
    assert bank.count(SignInFlow) == 0


def test_no_account_is_made_and_none_who_left_comes_in(bank: Bank) -> None:
    browser = bank.browser()
    assert bank.refusal(browser, *bank.begin(browser)) == "OIDC_NOT_LINKED"
    bank.link()
    with writing(bank.office.access.engine) as connection:
        deactivate_user(connection, "olga", bank.office.people["ada"], NOW + timedelta(seconds=1))
    assert bank.refusal(browser, *bank.begin(browser)) == "OIDC_NOT_LINKED"
    assert browser.get("/api/v1/me").status_code == 401
    assert bank.count(UserIdentity) == 1


def test_what_came_back_is_used_once_soon_and_in_its_own_browser(small: Bank) -> None:
    small.link()
    browser, other = small.browser(), small.browser()
    state, code = small.begin(browser)
    assert small.refusal(other, state, code) == "OIDC_STALE"  # somebody else's answer, sent as a link
    small.begin(other)
    assert small.refusal(other, state, code) == "OIDC_STALE"
    flow = browser.cookies[FLOW_COOKIE]
    assert small.come_back(browser, state, code).status_code == 303
    browser.cookies.set(FLOW_COOKIE, flow, domain="bank.example", path="/")
    browser.cookies.delete(SESSION_COOKIE)
    assert small.refusal(browser, state, code) == "OIDC_STALE"
    state, code = small.begin(browser)
    small.office.clock.pass_by(minutes=11)
    assert small.refusal(browser, state, code) == "OIDC_STALE"
    small.begin(other)
    assert small.count(SignInFlow) == 1  # those that never came back are dropped
    for back in ({"error": "access_denied", "state": state}, {"state": "x" * 5000, "code": "y"}):
        answer = browser.get(BACK, params=back | {"error_description": "olga at home"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/?refused=OIDC_REFUSED")


@pytest.mark.parametrize(
    ("wrong", "claim"),
    [
        ({"iss": "https://other.example"}, "iss"),
        ({"aud": "other"}, "aud"),
        ({"aud": [CLIENT, "other"]}, "aud"),
        ({"azp": "other"}, "aud"),
        ({"aud": None}, "aud"),
        ({"exp": NOW.timestamp() - 61}, "exp"),
        ({"exp": None}, "exp"),
        ({"exp": "soon"}, "exp"),
        ({"iat": NOW.timestamp() + 61}, "iat"),
        ({"iat": NOW.timestamp() - 601}, "iat"),
        ({"iat": None}, "iat"),
        ({"nbf": NOW.timestamp() + 61}, "nbf"),
        ({"nonce": "other"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"sub": None}, "sub"),
        ({"sub": ""}, "sub"),
        ({"sub": 4711}, "sub"),
    ],
)
def test_a_token_that_does_not_fit_signs_nobody_in(
    small: Bank, wrong: dict[str, Any], claim: str, caplog: pytest.LogCaptureFixture
) -> None:
    small.link()
    small.issuer.wrong = wrong
    browser = small.browser()
    assert small.refusal(browser, *small.begin(browser)) == "OIDC_TOKEN"
    assert f"OIDC_TOKEN: The answer of the bank's sign-in service does not fit this sign-in ({claim})" in caplog.text
    assert "olga" not in caplog.text


def test_clocks_may_differ_a_little_and_audiences_be_several(small: Bank) -> None:
    small.link()
    at = NOW.timestamp()
    small.issuer.wrong = {"iat": at + 59, "exp": at - 59, "aud": [CLIENT, "other"], "azp": CLIENT}
    browser = small.browser()
    assert small.come_back(browser, *small.begin(browser)).status_code == 303


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
def test_keys_are_kept_and_asked_for_again_when_they_change(small: Bank) -> None:
    small.link()
    browser = small.browser()
    for _ in range(2):
        assert small.come_back(browser, *small.begin(browser)).status_code == 303
    assert [small.issuer.asked.count(path) for path in ("/keys", "/.well-known/openid-configuration")] == [1, 1]
    for number, algorithm in enumerate(("ES256", "EdDSA"), start=2):
        small.issuer.rotate(algorithm)
        small.seconds += 61
        assert small.come_back(browser, *small.begin(browser)).status_code == 303
        assert small.issuer.asked.count("/keys") == number
    small.issuer.published = []
    small.issuer.rotate("ES256")
    for _ in range(3):
        assert small.come_back(browser, *small.begin(browser)).headers["location"] == "/?refused=OIDC_TOKEN"
    assert small.issuer.asked.count("/keys") == 3  # not again within a minute


def test_signatures_of_other_kinds_are_never_taken() -> None:
    key = RSAKey.generate_key(2048, {"kid": "a"})
    keys = {"keys": [key.as_dict(private=False), {"kty": "oct", "k": "c2VjcmV0", "kid": "s"}, "x", {"kty": "RSA"}][:3]}
    claims = {"sub": "olga-4711"}
    assert signed_claims(jwt.encode({"alg": "RS256", "kid": "a"}, claims, key), keys) == claims
    other = RSAKey.generate_key(2048, {"kid": "a"})
    head = "eyJhbGciOiJIUzI1NiIsImtpZCI6ImEifQ.eyJzdWIiOiJvbGdhLTQ3MTEifQ"  # HS256 with the public key as the secret
    mac = hmac.new(key.as_pem(private=False), head.encode(), sha256).digest()
    forged = [
        jwt.encode({"alg": "RS256", "kid": "a"}, claims, other),
        jwt.encode({"alg": "PS256", "kid": "a"}, claims, key, algorithms=["PS256"]),
        f"{head}.{urlsafe_b64encode(mac).rstrip(b'=').decode()}",
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiJvbGdhLTQ3MTEifQ.",
        "x",
        "a.b.c",
    ]
    for token in forged:
        with pytest.raises(InputError, match="not signed as it should be"):
            signed_claims(token, keys)
    with pytest.raises(KeyNotThereError):
        signed_claims(jwt.encode({"alg": "RS256", "kid": "b"}, claims, other), keys)


def test_a_service_that_cannot_be_used_says_so(small: Bank) -> None:
    browser = small.browser()
    small.issuer.discovery = {"issuer": "https://other.example"}
    answer = browser.post(BEGIN)
    assert (answer.status_code, answer.json()["code"]) == (503, "OIDC_DISCOVERY")
    small.issuer.discovery = {"authorization_endpoint": "http://evil.example/authorize"}
    assert browser.post(BEGIN).json()["code"] == "OIDC_ADDRESS"
    small.issuer.discovery, small.seconds = {}, 4000
    state, _ = small.begin(browser)
    assert small.refusal(browser, state, "wrong") == "OIDC_DOWN"
    gone = SignInService(Registration("http://127.0.0.1:9", CLIENT, None, ORIGIN + BACK), signed_claims, lambda: 0.0)
    with pytest.raises(TransientError, match="does not answer"):
        gone.authorization("s", "n", "c")


def test_another_site_begins_nothing(small: Bank) -> None:
    answer = small.browser().post(BEGIN, headers={"Origin": "https://evil.example"})
    assert (answer.status_code, answer.json()["code"]) == (403, "OTHER_ORIGIN")


def test_links_are_one_to_one(bank: Bank) -> None:
    bank.link()
    for login, subject, code in (("olga", "x", "IDENTITY_OTHER"), ("rob", "olga-4711", "IDENTITY_TAKEN")):
        with pytest.raises(InputError) as refused:
            bank.link(login, subject)
        assert refused.value.code == code
    with pytest.raises(InputError, match="1 to 255"):
        bank.link("rob", "")
    with writing(bank.office.access.engine) as connection:
        ada, olga = (bank.office.people[login] for login in ("ada", "olga"))
        assert unlink(connection, "olga", bank.issuer.address, ada, NOW)
        assert not unlink(connection, "olga", bank.issuer.address, ada, NOW)
        with pytest.raises(InputError, match="nobody"):
            unlink(connection, "nobody", bank.issuer.address, ada, NOW)
        with pytest.raises(InputError, match="unlinks people"):
            unlink(connection, "olga", bank.issuer.address, olga, NOW)
        with pytest.raises(InputError, match="links people"):
            link(connection, "olga", Identity(bank.issuer.address, "olga-4711"), olga, NOW)
    browser = bank.browser()
    assert bank.refusal(browser, *bank.begin(browser)) == "OIDC_NOT_LINKED"
    bank.link("rob")
    assert bank.come_back(browser, *bank.begin(browser)).headers["location"] == "/"
    assert browser.get("/api/v1/me").json()["login"] == "rob"


def test_the_chain_vouches_for_links_and_keys(bank: Bank) -> None:
    """Who links, makes and revokes is in it; a link that was slipped in and a key that was widened are found."""
    bank.office.key(KeyScope.PARCELS)
    bank.link()
    with writing(bank.office.access.engine) as connection:
        revoke_key(connection, "core", bank.office.people["ada"], NOW)
        unlink(connection, "olga", bank.issuer.address, bank.office.people["ada"], NOW)
        found = verify(connection, witnesses())
        assert (found.fault_count, found.by_kind["api_key"], found.by_kind["identity"]) == (0, 2, 2)
        ada = bank.office.people["ada"].id
        row = {"user_id": ada, "issuer": "i", "subject": "me", "linked_by_id": ada, "recorded_at": NOW}
        connection.execute(insert(UserIdentity), [row])
        connection.execute(update(ApiKey).values(scopes=["portfolio:read"], revoked_at=None, revoked_by_id=None))
        faults = {each.row.split(" ")[0] for each in verify(connection, witnesses()).faults}
    assert faults == {"identity", "api_key"}


def test_settings_name_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    assert service_of(Settings()) is None
    named = Settings(oidc_issuer="https://id.bank.example", origin="https://acreline.bank.example")
    with pytest.raises(InputError, match="needs ACRELINE_OIDC_CLIENT_ID"):
        service_of(named)
    whole = named.model_copy(update={"oidc_client_id": CLIENT})
    made = service_of(whole)
    assert made is not None
    assert made.registration.redirect == "https://acreline.bank.example/api/v1/session/oidc/back"
    with pytest.raises(InputError, match="needs ACRELINE_ORIGIN"):
        service_of(whole.model_copy(update={"origin": None}))
    with pytest.raises(InputError, match="not https"):
        service_of(whole.model_copy(update={"oidc_issuer": "http://id.bank.example"}))
    monkeypatch.setitem(sys.modules, "app.api.access.oidc.signatures", None)
    with pytest.raises(InputError, match="joserfc is not installed"):
        service_of(whole)
