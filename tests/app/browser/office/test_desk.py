"""Signing in, the day's page, the work list and a parcel, in the simulated county."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.app.browser.office.banks import Bank
from tests.app.browser.office.desk import Desk

pytestmark = pytest.mark.browser
Sit = Callable[..., Desk]
Office = tuple[str, Bank]


def test_an_officer_signs_in_and_sees_the_day(county_office: Office, sit: Sit) -> None:
    desk = sit(county_office)
    page = desk.sign_in("olga")
    expect(page.locator("main h1")).to_have_text("Today")
    desk.keep("today-en-1024")
    assert desk.faults() == []
    assert desk.outside() == []
    assert desk.complaints == []
