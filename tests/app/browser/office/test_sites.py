"""Energy sites at the office: list and map, one site with its curve and pictures, readings, and the report."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from app.api.application import BUILT_PAGE
from app.db.tables.office_kinds import JobKind
from tests.app.browser.conftest import needed
from tests.app.browser.office.banks import Bank
from tests.app.browser.office.desk import Desk
from tests.app.browser.office.sitesbank import sites_bank

pytestmark = pytest.mark.browser
Sit = Callable[..., Desk]
Office = tuple[str, Bank]
ROWS = ".sites-table tbody tr"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    needed(BUILT_PAGE / "office.html", "run `npm ci && npm run build` in app/web")
    bank, _ = sites_bank(tmp_path_factory.mktemp("sites") / "bank")
    with bank.served() as address:
        yield address, bank


def no_sideways_scroll(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def names(page: Page) -> list[str]:
    return page.locator(f"{ROWS} .parcel-link").all_inner_texts()


def map_is_drawn(page: Page) -> None:
    expect(page.locator(".sites-map-card[data-ready]")).to_be_visible()
    page.wait_for_load_state("networkidle")


def chart_is_drawn(page: Page) -> None:
    expect(page.locator("#site-chart canvas").first).to_be_visible()
    page.wait_for_load_state("networkidle")


def test_the_list_is_reached_from_the_menu_and_shows_ones_own_sites(office: Office, sit: Sit) -> None:
    desk = sit(office)
    page = desk.sign_in("olga")
    expect(page.locator("main h1")).to_have_text("Today")  # the menu is drawn anew with the page
    page.locator("#menu-more").click()
    page.get_by_role("link", name="Energy sites").click()
    expect(page.locator("main h1")).to_have_text("Energy sites")
    expect(page.locator(ROWS)).to_have_count(6)
    map_is_drawn(page)
    assert page.locator(f'{ROWS}[data-site="solar-south"]').count() == 0
    assert page.locator(ROWS).first.get_attribute("data-site") == "wind-1"  # the gravest first
    desk.keep("sites-en-1024")
    assert desk.faults() == []
    assert desk.outside() == []
    assert desk.complaints == []


def test_the_list_is_sorted_and_filtered_with_the_keyboard(office: Office, sit: Sit) -> None:
    desk = sit(office, login="olga")
    page = desk.open("#/sites")
    expect(page.locator(ROWS)).to_have_count(6)
    page.locator("#sort-site").press("Enter")
    up = names(page)
    assert up == sorted(up)
    expect(page.locator("#sort-site")).to_be_focused()
    page.locator("#sort-site").press("Enter")
    assert names(page) == up[::-1]
    expect(page.locator("th:has(#sort-site)")).to_have_attribute("aria-sort", "descending")
    page.locator("#site-kind").select_option("solar")
    expect(page.locator(ROWS)).to_have_count(3)
    assert "kind=solar" in page.url
    page.locator("#standing-warning").click()
    expect(page.locator(ROWS)).to_have_count(1)
    page.locator("#site-reset").click()
    expect(page.locator(ROWS)).to_have_count(6)
    page.locator("#site-text").fill("reserv")
    page.locator("#site-text").press("Enter")
    expect(page.locator(ROWS)).to_have_count(1)
    page.locator("#site-text").fill("no such site")
    page.locator("#site-text").press("Enter")
    expect(page.locator(".sites-frame")).to_contain_text("No site fits")
    assert desk.complaints == []


def test_a_click_on_the_map_opens_a_site(office: Office, sit: Sit) -> None:
    desk = sit(office, login="olga")
    page = desk.open("#/sites?q=hydro-1")
    expect(page.locator(ROWS)).to_have_count(1)
    map_is_drawn(page)
    box = page.locator(".sites-map").bounding_box()
    assert box is not None
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(*middle)
    expect(page.locator(".sites-tip")).to_contain_text("Watch")
    desk.keep("sites-map-tip-en-1024")
    page.mouse.click(*middle)
    expect(page.locator("main h1")).to_contain_text("hydro")
    assert desk.complaints == []


def test_the_map_is_opened_with_the_keyboard(office: Office, sit: Sit) -> None:
    desk = sit(office, login="olga")
    page = desk.open("#/sites?q=wind-1")
    map_is_drawn(page)
    page.locator(".sites-map canvas").press("Enter")
    expect(page.locator("main h1")).to_contain_text("wind")
    assert desk.complaints == []


def test_a_solar_site_tells_progress_pictures_and_what_it_released(office: Office, sit: Sit) -> None:
    desk = sit(office, login="olga")
    page = desk.open("#/sites/solar-1")
    chart_is_drawn(page)
    said = desk.ask("/sites/solar-1")
    built = page.locator("main .four dd").first
    expect(built).to_contain_text(f"{said['share']:.0%}")
    page.locator("#site-chart").press("End")
    expect(page.locator(".readout")).to_contain_text("planned")
    page.locator("#site-chart").press("ArrowLeft")
    expect(page.locator("#site-milestones tbody tr")).to_have_count(4)
    expect(page.locator("#site-alerts a")).to_have_count(1)
    expect(page.locator("#site-unseen li").first).to_be_visible()
    desk.keep("site-solar-en-1024")
    assert desk.faults() == []
    assert desk.outside() == []
    assert desk.complaints == []


def test_the_divider_moves_by_hand_and_by_keys_and_days_are_chosen(office: Office, sit: Sit) -> None:
    desk = sit(office, login="olga")
    page = desk.open("#/sites/solar-1")
    before, after = page.locator(".site-before"), page.locator(".site-after")
    expect(before).to_be_visible()
    for image in (before, after):
        assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    divider = page.locator("#site-divider")
    divider.press("ArrowRight")
    expect(divider).to_have_value("51")
    assert "51%" in (divider.get_attribute("aria-valuetext") or "")
    assert before.evaluate("image => image.style.clipPath") == "inset(0px 49% 0px 0px)"
    box = page.locator(".site-frame").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.51 * box["width"], box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + box["height"] / 2, steps=4)
    page.mouse.up()
    expect(divider).to_have_value("20")
    line = page.locator(".site-line").bounding_box()
    assert line is not None
    assert abs(line["x"] + line["width"] / 2 - box["x"] - 0.2 * box["width"]) < 2
    days = page.locator("#site-after-day option").evaluate_all("all => all.map(one => one.value)")
    with page.expect_response(lambda answer: answer.url.endswith(f"/{days[1]}")) as seen:
        page.locator("#site-after-day").select_option(days[1])
    assert seen.value.headers["content-type"] == "image/png"
    assert "immutable" in seen.value.headers["cache-control"]
    expect(page.locator(".site-scenes")).to_contain_text("S2A_")
    page.locator("#site-outlines").uncheck()
    expect(page.locator(".site-outlines")).to_be_hidden()
    assert desk.complaints == []


def test_the_border_lies_where_the_picture_shows_the_site(office: Office, sit: Sit) -> None:
    """The border of the made-up site is drawn in whole pixels of its picture: 15 to 95 and 17 to 73."""
    desk = sit(office, login="olga")
    page = desk.open("#/sites/solar-1")
    drawn = page.locator(".site-outlines path.border:not(.halo)")
    box = drawn.evaluate("path => { const b = path.getBBox(); return [b.x, b.y, b.x + b.width, b.y + b.height] }")
    assert box == pytest.approx([15, 17, 95, 73], abs=0.1)


@pytest.mark.parametrize("site", ["wind-1", "hydro-1", "reservoir-1", "solar%2F2", "solar-3"])
def test_each_type_and_a_site_that_was_not_seen(office: Office, sit: Sit, site: str) -> None:
    desk = sit(office, login="olga")
    page = desk.open(f"#/sites/{site}")
    chart_is_drawn(page)
    if site == "wind-1":
        expect(page.locator("#site-places tbody tr")).to_have_count(4)
        expect(page.locator("#site-places")).to_contain_text("not shown")
    if site == "hydro-1":
        expect(page.locator("#site-measures")).to_contain_text("617.3 m")
    if site in ("solar%2F2", "solar-3"):
        expect(page.locator("#site-pictures")).to_contain_text("no picture")
        expect(page.locator("#site-measures")).to_contain_text("No measure yet")
    desk.keep(f"site-{site.replace('%2F', '-')}-en-1024")
    assert desk.faults() == []
    assert desk.complaints == []


@pytest.mark.parametrize("place", ["#/sites", "#/sites/solar-south", "#/sites/solar%2F2"])
def test_sites_fit_a_telephone_and_speak_chinese(office: Office, sit: Sit, place: str) -> None:
    desk = sit(office, 390, 844, lang="zh", login="olga" if "solar%2F2" in place else "wei")
    page = desk.open(place)
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    if place == "#/sites":
        map_is_drawn(page)
    else:
        chart_is_drawn(page)
    assert no_sideways_scroll(page)
    desk.keep(f"{place[2:].replace('/', '-').replace('%2F', '-')}-zh-390")
    assert desk.faults() == []
    assert desk.complaints == []


def test_a_site_of_another_branch_is_not_there(office: Office, sit: Sit) -> None:
    desk = sit(office, login="olga")
    page = desk.open("#/sites")
    expect(page.locator(ROWS)).to_have_count(6)
    desk.go("#/sites/solar-south")
    expect(page.locator(".failure")).to_contain_text("There is no site")
    expect(page.locator("main h1")).to_have_count(0)


def test_a_meter_reading_is_added(office: Office, sit: Sit) -> None:
    desk = sit(office, login="olga")
    page = desk.open("#/sites/wind-1")
    rows = page.locator("#site-meters .lines li")
    expect(rows).to_have_count(2)
    page.locator("#meter-open").click()
    page.locator("#meter-add").click()
    expect(page.locator("#site-meters .problem")).to_have_text("Fill in every field.")
    page.locator("#meter-starts").fill("2026-11-01")
    page.locator("#meter-ends").fill("2026-10-31")
    page.locator("#meter-energy").fill("20500.5")
    page.locator("#meter-source").fill("meter 9")
    page.locator("#meter-as-of").fill("2026-11-08")
    page.locator("#meter-add").click()
    expect(page.locator("#site-meters .problem")).to_contain_text("before the first")
    desk.keep("site-meter-en-1024")
    assert desk.faults() == []
    page.locator("#meter-ends").fill("2026-11-07")
    page.locator("#meter-energy").fill("20500500000")
    page.locator("#meter-add").click()
    expect(page.locator("#site-meters .problem")).to_contain_text("at full power")
    page.locator("#meter-energy").fill("20500.5")
    page.locator("#meter-add").click()
    expect(page.locator(".said")).to_contain_text("added")
    expect(rows).to_have_count(3)
    expect(page.locator("#site-meters")).to_contain_text("meter 9")
    assert [each for each in desk.complaints if "/meters" not in each] == []  # but for the refusal


def test_a_corrected_reading_says_what_was_said_before(office: Office, sit: Sit) -> None:
    desk = sit(office, login="rita")
    page = desk.open("#/sites/solar-1")
    rows = page.locator("#site-meters .lines li")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("17,900 kWh")
    expect(rows.first.locator(".site-earlier")).to_contain_text("Corrected: 18,250 kWh was said on")
    expect(rows.nth(1).locator(".site-earlier")).to_have_count(0)
    assert desk.complaints == []


def test_why_a_site_was_not_seen_is_said(office: Office, sit: Sit) -> None:
    desk = sit(office, login="olga")
    page = desk.open("#/sites?q=solar/2")
    expect(page.locator(f"{ROWS} .site-remark")).to_have_text("no clear scene")
    desk.go("#/sites/solar%2F2")
    expect(page.locator("#site-summary")).to_contain_text("free of clouds.")
    expect(page.locator("#site-failure strong")).to_contain_text("No scene that was known by the day")
    page.locator("#site-failure summary").click()
    expect(page.locator("#site-failure details")).to_contain_text("SITES_NO_SCENES")
    desk.keep("site-unseen-en-1024")
    assert desk.faults() == []
    assert desk.complaints == []


def test_the_map_has_parcels_beneath_and_pictures_of_sites_near_by(office: Office, sit: Sit) -> None:
    desk = sit(office, 1280, 900, login="olga")
    with desk.page.expect_response(lambda answer: "/outlines/" in answer.url and answer.status == 200):
        page = desk.open("#/sites?q=solar-1")
    map_is_drawn(page)
    expect(page.locator(".sites-map-card[data-ground]")).to_be_visible()
    expect(page.locator(".sites-degrees .of-lon").first).to_contain_text("° E")
    expect(page.locator(".sites-degrees .of-lat").first).to_contain_text("° N")
    expect(page.locator(".sites-map-card")).to_contain_text(re.compile(r"Pictures of sites: \d+ \w+ 2026"))
    assert any("/pictures/" in url for url in desk.requests)
    desk.keep("sites-map-near-en-1280")
    scale = page.locator(".sites-map .maplibregl-ctrl-scale")
    before = scale.inner_text()
    page.locator(".sites-map canvas").press("-")
    expect(scale).not_to_have_text(before)
    page.locator("#sites-whole").click()
    expect(scale).to_have_text(before)
    assert desk.faults() == []
    assert desk.outside() == []
    assert desk.complaints == []


def test_risk_stops_a_site_and_takes_it_up_again(office: Office, sit: Sit) -> None:
    desk = sit(office, login="rita")
    page = desk.open("#/sites/solar-south")
    page.locator("#stop-open").click()
    page.locator("#site-stop").click()
    expect(page.locator("#site-watching .problem")).to_have_text("Say why.")
    page.locator("#stop-reason").fill("sold in 20261109")
    page.locator("#site-stop").click()
    expect(page.locator("#site-watching .problem")).to_contain_text("long number")
    page.locator("#stop-reason").fill("the plant was sold")
    assert desk.faults() == []
    page.locator("#site-stop").click()
    expect(page.locator(".said")).to_contain_text("Alerts that stay open: 1.")
    expect(page.locator(".page-head .site-note")).to_contain_text("by rita: the plant was sold")
    desk.keep("site-stopped-en-1024")
    assert desk.faults() == []
    desk.go("#/sites?stopped=true")
    expect(page.locator(ROWS)).to_have_count(2)
    expect(page.locator("#site-watched")).to_have_value("stopped")
    map_is_drawn(page)
    desk.keep("sites-stopped-en-1024")
    assert desk.faults() == []
    page.locator("#site-watched").select_option("")
    expect(page.locator(ROWS)).to_have_count(6)
    desk.go("#/sites/solar-south")
    page.locator("#site-resume").click()
    expect(page.locator(".said")).to_contain_text("watched again")
    expect(page.locator("#site-watching")).to_contain_text("taken up again")
    assert [each for each in desk.complaints if "/stop" not in each] == []  # but for the refusal


def test_officers_see_that_a_site_is_stopped_and_change_nothing(office: Office, sit: Sit) -> None:
    desk = sit(office, login="rob")
    page = desk.open("#/sites/solar-old")
    expect(page.locator("#site-watching")).to_contain_text("by rita: the loan was repaid")
    expect(page.locator("#site-watching button")).to_have_count(0)
    assert desk.complaints == []


def test_a_report_is_asked_for_and_opened(office: Office, sit: Sit) -> None:
    desk = sit(office, login="olga")
    page = desk.open("#/sites/solar-1")
    page.locator("#site-report").click()
    expect(page.locator("#site-reports .job-line")).to_contain_text("waits for a worker")
    assert office[1].work(JobKind.SITE_REPORT) == 1
    link = page.locator("#site-report-open")
    expect(link).to_be_visible()
    answer = page.request.get(office[0] + str(link.get_attribute("href")))
    assert answer.status == 200
    assert answer.body().startswith(b"%PDF")
    assert desk.complaints == []


def test_an_alert_of_a_site_says_shares_and_leads_back_to_it(office: Office, sit: Sit) -> None:
    desk = sit(office, login="olga")
    page = desk.open("#/sites/solar-1")
    page.locator("#site-alerts a").click()
    expect(page.locator("main h1")).to_contain_text("solar-1")
    expect(page.locator(".story-head h3")).to_contain_text("Behind its plan")
    expect(page.locator(".evidence .facts")).to_contain_text("25%")
    desk.keep("site-alert-en-1024")
    assert desk.faults() == []
    page.locator("#to-site").click()
    expect(page.locator("main h1")).to_contain_text("东山 solar")
    assert [each for each in desk.complaints if "/curve" not in each] == []  # no crop was looked at
