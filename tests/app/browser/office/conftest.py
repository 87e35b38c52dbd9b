"""Browsers on the office of a bank."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from app.api.application import BUILT_PAGE
from tests.app.browser.conftest import needed
from tests.app.browser.office.banks import Bank, county_bank, flanders_bank, made_once
from tests.app.browser.office.desk import Desk, session_cookies

WAITS_MS = 20_000


@pytest.fixture(scope="session", autouse=True)
def _patience() -> None:
    """How long something is waited for: others may use the machine."""
    expect.set_options(timeout=WAITS_MS)


@pytest.fixture(scope="session")
def county(tmp_path_factory: pytest.TempPathFactory, scheduler: str) -> Bank:
    needed(BUILT_PAGE / "office.html", "run `npm ci && npm run build` in app/web")
    return made_once(_shared(tmp_path_factory) / "county", county_bank, scheduler)


@pytest.fixture(scope="session")
def flanders(tmp_path_factory: pytest.TempPathFactory, shared_data: Path, scheduler: str) -> Bank:
    needed(BUILT_PAGE / "office.html", "run `npm ci && npm run build` in app/web")
    place = _shared(tmp_path_factory) / "flanders"
    return made_once(place, lambda root, at: flanders_bank(root, shared_data, at), scheduler)


def _shared(factory: pytest.TempPathFactory) -> Path:
    """A folder that all test processes of this run share."""
    base = factory.getbasetemp()
    return (base.parent if base.name.startswith("popen-") else base) / "banks"


@pytest.fixture(scope="module")
def county_office(county: Bank, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Bank]]:
    """The trial's office on a database of the module's own."""
    bank = county.copy(tmp_path_factory.mktemp("county") / "bank")
    with bank.served() as address:
        yield address, bank


@pytest.fixture(scope="module")
def flanders_office(flanders: Bank, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Bank]]:
    bank = flanders.copy(tmp_path_factory.mktemp("flanders") / "bank")
    with bank.served() as address:
        yield address, bank


@pytest.fixture
def sit(browser: Browser) -> Iterator[Callable[..., Desk]]:
    """Opens browsers, each with cookies of its own: sit((address, bank), width, height).

    With a login (login="olga") somebody is signed in already.
    """
    with ExitStack() as stack:

        def open_desk(
            office: tuple[str, Bank], width: int = 1024, height: int = 768, lang: str = "en", login: str | None = None
        ) -> Desk:
            address, bank = office
            context = browser.new_context(viewport={"width": width, "height": height}, locale="en-GB")
            stack.callback(context.close)
            if login is not None:
                context.add_cookies(session_cookies(address, bank.session(login)))
            return Desk(context.new_page(), address, bank.password, lang)

        yield open_desk
