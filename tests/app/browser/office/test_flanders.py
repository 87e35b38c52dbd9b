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
    expect(page.locator("#map-count")).to_contain_text("17 parcels in view")
    page.wait_for_load_state("networkidle")
    desk.keep("flanders-map-en-1024")
    assert desk.outside() == []
    assert desk.faults() == []
    page.locator("#map-search").fill("flanders-2019-014")
    expect(page.locator("#map-hit-0")).to_contain_text("flanders-2019-014")
    page.locator("#map-search").press("ArrowDown")
    page.locator("#map-search").press("Enter")
    page.get_by_role("link", name="Open the parcel's page").click()
    expect(page.locator("#season-chart canvas").first).to_be_visible()
    expect(page.locator("main")).to_contain_text("Credit limit")
    assert page.locator(".receipt tbody tr").count() >= 1
    assert page.locator(".badge").count() == 0  # nothing here is simulated
    desk.keep("flanders-parcel-en-1024")
    assert desk.faults() == []
    assert desk.complaints == []


def test_imagery_of_a_chosen_date_lies_beneath_the_parcels(flanders_office: Office, sit: Sit) -> None:
    desk = sit(flanders_office)
    page = desk.sign_in("olga", "#/map")
    expect(page.locator("canvas.maplibregl-canvas")).to_be_visible()
    page.get_by_text("Imagery", exact=True).click()
    with page.expect_response(lambda answer: "/api/v1/imagery/" in answer.url and answer.url.endswith(".webp")) as seen:
        page.locator("#map-date").press("ArrowLeft")
    assert seen.value.status == 200
    assert "immutable" in seen.value.headers["cache-control"]
    desk.keep("flanders-imagery-en-1024")
