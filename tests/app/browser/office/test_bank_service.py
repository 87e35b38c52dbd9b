"""Signing in by the bank's own service, in a browser: there, back to where one wanted to go, refused in one line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from playwright.sync_api import expect

from app.api.access.oidc.linking import Identity, link
from app.api.access.oidc.routes import keep_service
from app.api.access.oidc.service import BACK, Registration, SignInService
from app.api.access.oidc.signatures import signed_claims
from app.api.application import BUILT_PAGE
from app.api.institution import create_institution_app
from app.api.keys.tokens import KeyScope
from app.db.engine import open_engine, sqlite_url, writing
from tests.app.api.access.oidc.issuer import CLIENT, SECRET, Issuer, issuing
from tests.app.api.access.service import NOW, PASSWORD, Service, open_service
from tests.app.browser.conftest import needed
from tests.app.browser.office.desk import Desk
from tests.app.browser.serving import serving

pytestmark = pytest.mark.browser


@dataclass(frozen=True)
class Office:
    """An office that is served, and the service that its people sign in by."""

    address: str
    service: Service
    issuer: Issuer
    password: str = PASSWORD


@pytest.fixture(scope="module")
def office(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    needed(BUILT_PAGE / "office.html", "run `npm ci && npm run build` in app/web")
    file = tmp_path_factory.mktemp("service") / "acreline.db"
    file.write_bytes(sqlite_template.read_bytes())
    engine = open_engine(sqlite_url(file))
    service = open_service(engine)
    app = create_institution_app(replace(service.access, origin=None))
    with issuing(NOW) as issuer, serving(app) as address:
        ours = Registration(issuer.address, CLIENT, SECRET, address + BACK)
        keep_service(app, SignInService(ours, signed_claims, lambda: 0.0))
        yield Office(address, service, issuer)
    engine.dispose()


Sit = Callable[..., Desk]


def test_nobody_comes_in_without_a_link_and_is_told_why(office: Office, sit: Sit) -> None:
    desk = sit((office.address, office), 390, 844, lang="zh")
    page = desk.open("#/people")
    page.locator("#sign-in-service").click()
    expect(page.locator(".sign-in .problem[role=alert]").first).to_contain_text("没有与之关联的账户")
    assert page.url == f"{office.address}/#/people"  # neither code nor state, nor the refusal itself
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    desk.keep("sign-in-service-refused-zh-390")
    assert desk.faults() == []
    office.issuer.refusing = True
    page.locator("#sign-in-service").click()
    expect(page.locator(".sign-in .problem[role=alert]").first).to_contain_text("未让您登录")
    office.issuer.refusing = False
    page.reload()
    expect(page.locator("#sign-in-service")).to_be_visible()
    expect(page.locator(".sign-in .problem:visible")).to_have_count(0)
    assert desk.complaints == []


def test_somebody_signs_in_there_and_is_where_they_wanted_to_go(office: Office, sit: Sit) -> None:
    with writing(office.service.access.engine) as connection:
        identity = Identity(office.issuer.address, "olga-4711")
        link(connection, "ada", identity, office.service.people["ada"], NOW)
    office.service.key(KeyScope.PARCELS)
    desk = sit((office.address, office))
    page = desk.open("#/people")
    expect(page.locator("#sign-in-service")).to_have_text("Sign in with the bank's own service")
    desk.keep("sign-in-service-en-1024")
    assert desk.faults() == []
    page.locator("#sign-in-service").click()
    expect(page.locator("#sign-out")).to_be_visible()
    expect(page.locator("main h1")).to_have_text("People")
    assert page.url == f"{office.address}/#/people"
    card = page.locator("#keys")
    expect(card).to_contain_text("good")
    desk.keep("people-keys-en-1024")
    assert desk.faults() == []
    card.get_by_role("button", name="Revoke the key of core").click()
    card.get_by_role("button", name="Revoke the key of core: Revoke for good?").click()
    expect(card).to_contain_text("revoked by ada")
    expect(page.locator(".said")).to_contain_text("The key of core is revoked.")
    assert desk.complaints == []
