"""The page of a parcel: of one that is an energy site, and with what officers saw on it."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from app.alerts.visits.photos import keep, photo_of
from app.alerts.visits.seen import Seen, record_visit
from app.api.application import BUILT_PAGE
from app.db.engine import writing
from app.db.tables.alert_kinds import VisitOutcome
from tests.app.browser.conftest import needed
from tests.app.browser.office.banks import Bank
from tests.app.browser.office.desk import Desk
from tests.app.browser.office.sitesbank import sites_bank

pytestmark = pytest.mark.browser
Sit = Callable[..., Desk]
Office = tuple[str, Bank]
WIDTH = 64


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    needed(BUILT_PAGE / "office.html", "run `npm ci && npm run build` in app/web")
    bank, _ = sites_bank(tmp_path_factory.mktemp("parcels") / "bank")
    _visited(bank)
    with bank.served() as address:
        yield address, bank


def _visited(bank: Bank) -> None:
    """Two visits to the wind farm: nobody got through at first; the second has a photo."""
    written = io.BytesIO()
    Image.new("RGB", (WIDTH, 48), (90, 140, 60)).save(written, "JPEG")
    photo = photo_of(written.getvalue(), "field.jpg")
    with bank.opened() as (engine, clock), writing(engine) as connection:
        now = clock()
        then = now - timedelta(days=3)
        first = Seen("wind-1", None, ("olga", "otto"), then, VisitOutcome.NOT_REACHED, note="road gone")
        record_visit(connection, first, None, now)
        second = replace(
            first,
            officers=("rob", "olga"),
            captured_at=then + timedelta(days=2),
            outcome=VisitOutcome.OTHER_CAUSE,
            cause_found="built_near",
            loss_share=0.25,
            note="a new shed beside the pad",
        )
        record_visit(connection, second, photo, now)
    keep(_photos(bank), photo)


def _photos(bank: Bank) -> Path:
    folder = bank.folders.photos
    assert folder is not None
    return folder


def no_sideways_scroll(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def test_the_parcel_of_a_site_says_what_it_is_and_has_no_empty_boxes(office: Office, sit: Sit) -> None:
    desk = sit(office, login="olga")
    page = desk.open("#/parcels/solar-1")
    site = page.locator("#parcel-site")
    expect(site).to_contain_text("Solar")
    expect(site.locator(".stands-warning")).to_have_text("Warning")
    expect(site.locator(".site-progress svg")).to_have_attribute("aria-label", _bounds_of(desk, "solar-1"))
    expect(site).to_contain_text("as of 9 Nov 2026")
    for empty in ("#curve-title", ".limit"):
        expect(page.locator(empty)).to_have_count(0)
    expect(page.locator("main")).not_to_contain_text("not declared")
    expect(page.locator("#parcel-visits")).to_contain_text("Nobody has recorded a visit")
    page.wait_for_load_state("networkidle")
    assert not any(url.endswith("/curve") for url in desk.requests)
    desk.keep("parcel-of-a-site-en-1024")
    assert desk.faults() == []
    page.locator("#to-site").click()
    expect(page.locator("main h1")).to_contain_text("solar")
    assert page.url.endswith("#/sites/solar-1")
    assert desk.complaints == []


def _bounds_of(desk: Desk, site: str) -> str:
    said = desk.ask(f"/parcels/{site}")["site"]
    low, share, high, planned = (f"{round(said[name] * 100)}%" for name in ("low", "share", "high", "planned"))
    return f"{share} built, between {low} and {high}; {planned} planned"


@pytest.mark.parametrize(
    ("site", "told"), [("solar-3", "No watch has looked yet."), ("solar-old", "No longer watched since")]
)
def test_what_is_not_known_of_a_site_is_said(office: Office, sit: Sit, site: str, told: str) -> None:
    desk = sit(office, login="olga")
    page = desk.open(f"#/parcels/{site}")
    expect(page.locator("#parcel-site")).to_contain_text(told)
    assert desk.complaints == []


def test_the_parcel_of_a_site_fits_a_telephone_and_speaks_chinese(office: Office, sit: Sit) -> None:
    desk = sit(office, 390, 844, "zh", login="olga")
    page = desk.open("#/parcels/wind-1")
    expect(page.locator("#parcel-site")).to_contain_text("风电")
    expect(page.locator("#parcel-visits")).to_contain_text("场区周边新增建设")
    page.locator("#parcel-visits").scroll_into_view_if_needed()
    expect(page.locator("#parcel-visits img")).to_have_js_property("naturalWidth", WIDTH)
    assert no_sideways_scroll(page)
    desk.keep("parcel-of-a-site-zh-390")
    assert desk.faults() == []
    assert desk.complaints == []


def test_visits_stand_newest_first_with_their_photo(office: Office, sit: Sit) -> None:
    desk = sit(office, login="rob")
    page = desk.open("#/parcels/wind-1")
    visits = page.locator(".parcel-visits > li")
    expect(visits).to_have_count(2)
    expect(visits.first).to_contain_text(_named(desk))
    expect(visits.first).to_contain_text("rob with olga")
    expect(visits.first).to_contain_text("25%")
    expect(visits.nth(1)).to_contain_text("road gone")
    expect(visits.nth(1).locator("img")).to_have_count(0)
    visits.first.scroll_into_view_if_needed()
    expect(visits.first.locator("img")).to_have_js_property("naturalWidth", WIDTH)
    desk.keep("parcel-visits-en-1024")
    assert desk.faults() == []
    assert desk.complaints == []
    address = desk.ask("/visits?parcel=wind-1")["visits"][0]["photo"]
    stranger = sit(office, login="wei")
    stranger.open("#/today")
    assert stranger.page.evaluate("address => fetch(address).then(answer => answer.status)", address) == 404
    assert desk.page.evaluate("address => fetch(address).then(answer => answer.status)", address) == 200


def _named(desk: Desk) -> str:
    """What people call the cause that was found."""
    (cause,) = desk.ask("/visits?parcel=wind-1")["causes"]
    assert cause["key"] == "built_near"
    return str(cause["title"]["en"])


def test_a_photo_that_is_gone_is_said_so(office: Office, sit: Sit) -> None:
    photos = _photos(office[1])
    (file,) = photos.rglob("*.jpg")
    kept = file.read_bytes()
    file.unlink()
    try:
        desk = sit(office, login="olga")
        page = desk.open("#/parcels/wind-1")
        page.locator("#parcel-visits").scroll_into_view_if_needed()
        expect(page.locator("#parcel-visits figcaption")).to_contain_text("The photo cannot be shown")
    finally:
        file.write_bytes(kept)


def test_a_site_is_found_on_the_map_by_its_name(office: Office, sit: Sit) -> None:
    desk = sit(office, 1280, 900, login="olga")
    page = desk.open("#/map")
    page.locator("#map-search").fill("东山 solar")
    options = page.locator("#map-results [role=option]")
    expect(options.first).to_contain_text("Site")
    expect(options.first).to_contain_text("Solar")
    options.filter(has_text="solar-1").click()
    card = page.locator(".map-card")
    expect(card).to_contain_text("Warning")
    expect(card).to_contain_text("as of 9 Nov 2026")
    expect(card).not_to_contain_text("Crop")
    page.wait_for_load_state("networkidle")
    desk.keep("map-card-of-a-site-en-1280")
    assert desk.faults() == []
    page.locator("#map-to-site").click()
    assert page.url.endswith("#/sites/solar-1")
    assert desk.complaints == []
