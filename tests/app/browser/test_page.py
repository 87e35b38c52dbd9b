"""The page in a real browser, over a made-up run."""

from __future__ import annotations

from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from tests.app.browser.conftest import Watched

pytestmark = pytest.mark.browser


def number(text: str) -> Decimal:
    return Decimal("".join(c for c in text.replace("\u2212", "-") if c in "-.0123456789"))


def click_a_parcel(page: Page) -> None:
    """Click where the map shows a parcel: the pointer turns into a hand there, once the map has been drawn."""
    canvas = page.locator(".maplibregl-canvas")
    box = canvas.bounding_box()
    assert box is not None
    for pause_ms in (60, 120, 240, 480):
        for step in range(12, 88, 4):
            x, y = box["x"] + box["width"] * step / 100, box["y"] + box["height"] * step / 100
            page.mouse.move(x, y)
            page.wait_for_timeout(pause_ms)
            if canvas.evaluate("canvas => canvas.style.cursor") == "pointer":
                page.mouse.click(x, y)
                return
    pytest.fail("no parcel was found on the map")


def test_loads_without_a_complaint_and_asks_no_other_host(watched: Watched) -> None:
    page = watched.open()
    page.wait_for_load_state("networkidle")
    expect(page.locator("h1")).to_have_text("Acreline")
    expect(page.locator(".badge")).to_have_text("Simulated data")
    expect(page.locator(".controls .legend-rows li")).to_have_count(6)
    assert watched.complaints == []
    outside = [url for url in watched.requests if not url.startswith((watched.base, "blob:" + watched.base, "data:"))]
    assert outside == []
    assert any("/map-layers/mosaic/" in url for url in watched.requests)


def test_a_click_opens_the_parcel_and_its_receipt_adds_up(watched: Watched) -> None:
    page = watched.open()
    page.wait_for_load_state("networkidle")
    click_a_parcel(page)
    expect(page.locator("#parcel-title")).to_be_visible()
    assert "parcel=P-" in page.url
    page.goto(f"{watched.base}/?lang=en#parcel=P-005")
    page.reload()
    page.wait_for_selector(".receipt tfoot")
    lines = [number(text) for text in page.locator(".receipt tbody td").all_inner_texts()]
    assert len(lines) == 3
    assert sum(lines) == number(page.locator(".receipt tfoot td").inner_text())
    assert sum(lines) == number(page.locator(".amount").inner_text())
    expect(page.locator(".tag.differs")).to_have_text("Other than declared")
    assert page.locator(".chart").get_attribute("aria-label", timeout=5000)
    assert watched.complaints == []


def test_an_undecided_parcel_says_why_and_asks_for_a_visit(watched: Watched) -> None:
    page = watched.open("/?lang=en#parcel=P-019")
    expect(page.locator(".status")).to_have_attribute("data-status", "AMBIGUOUS")
    expect(page.locator(".visit")).to_contain_text("Visit needed")
    expect(page.locator(".amount")).to_have_text("No amount can be given yet")


def test_the_language_is_switched_and_kept(watched: Watched) -> None:
    page = watched.open("/#parcel=P-005")
    page.get_by_role("button", name="中文").click()
    expect(page.locator(".badge")).to_have_text("模拟数据")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.locator(".receipt tbody th").first).to_contain_text("亩")
    page.reload()
    page.wait_for_selector("html[data-ready]")
    expect(page.locator(".badge")).to_have_text("模拟数据")


def test_search_finds_by_farmer_and_escape_closes(watched: Watched) -> None:
    page = watched.open()
    page.get_by_role("combobox").fill("f-002")
    expect(page.get_by_role("option")).to_have_count(2)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#parcel-title")).to_contain_text("P-005")
    page.keyboard.press("Escape")
    expect(page.locator("#parcel-title")).to_have_count(0)
    assert "parcel" not in page.url
    page.get_by_role("combobox").fill("nobody")
    expect(page.locator(".search-note")).to_contain_text("Nothing found")


def test_colouring_changes_legend_and_address(watched: Watched) -> None:
    page = watched.open()
    page.get_by_role("radio", name="Status").check(force=True)
    expect(page.locator(".controls .legend-rows li")).to_have_count(8)
    assert page.url.endswith("#by=status")
    page.get_by_role("radio", name="Vigour").check(force=True)
    with page.expect_response(lambda response: "/map-layers/vigour/" in response.url) as drawn:
        page.get_by_label("Show pixels instead of parcels").check()
    assert drawn.value.ok
    assert watched.complaints == []


def test_an_unknown_parcel_in_the_address_is_said_not_hidden(watched: Watched) -> None:
    page = watched.open("/?lang=en#parcel=NOPE")
    expect(page.get_by_role("alert")).to_contain_text("no parcel 'NOPE'")


@pytest.mark.parametrize("watched", [(390, 844), (1024, 768)], indirect=True)
@pytest.mark.parametrize("path", ["/?lang=en", "/?lang=zh#parcel=P-005"])
def test_nothing_spills_over_on_small_screens(watched: Watched, path: str) -> None:
    page = watched.open(path)
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(overflow) == 0
    for selector in (".languages", ".side", ".controls", ".maplibregl-canvas"):
        box = page.locator(selector).bounding_box()
        size = page.viewport_size
        assert box is not None
        assert size is not None
        assert box["width"] > 0
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= size["width"] + 1
