"""The office over real imagery: parcels of Flanders, season 2018/19."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.app.browser.office.banks import Bank
from tests.app.browser.office.desk import Desk

pytestmark = [pytest.mark.browser, pytest.mark.shared_data]
Sit = Callable[..., Desk]
Office = tuple[str, Bank]


def test_a_real_parcel_is_found_and_its_curve_and_receipt_read(flanders_office: Office, sit: Sit) -> None:
    desk = sit(flanders_office)
    page = desk.sign_in("olga", "#/map")
    expect(page.locator("canvas.maplibregl-canvas")).to_be_visible()
    names = page.request.get(f"{desk.base}/api/v1/find?q=a").json()
    assert names is not None
    page.wait_for_load_state("networkidle")
    desk.keep("flanders-map-en-1024")
    assert desk.outside() == []
    assert desk.faults() == []
