"""A day at the office of the simulated county: sign in, read the day, work alerts, decide a limit, speak Chinese."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from tests.app.browser.office.banks import Bank
from tests.app.browser.office.desk import Desk

pytestmark = pytest.mark.browser
#: Sites, which have no curve and no limit.
ENERGY = re.compile("SIM-(SOLAR|WIND|HYDRO)")

Sit = Callable[..., Desk]
Office = tuple[str, Bank]


def amounts(page: Page, selector: str) -> list[Decimal]:
    texts = page.locator(selector).all_inner_texts()
    figures = [re.sub(r"[^0-9.\u2212-]", "", text).replace("\u2212", "-") for text in texts]
    return [Decimal(figure) for figure in figures if figure]  # lines without an effect have no figure


def no_sideways_scroll(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def test_a_stranger_meets_the_door_and_a_wrong_password_stays_outside(county_office: Office, sit: Sit) -> None:
    desk = sit(county_office)
    page = desk.open("#/alerts")
    expect(page.locator("#sign-out")).to_have_count(0)
    page.locator("#login").fill("olga")
    page.locator("#password").fill("wrong wrong wrong")
    page.locator("form button[type=submit]").click()
    expect(page.locator("#sign-in-problem")).to_be_visible()
    assert desk.faults() == []
    desk.keep("sign-in-en-1024")
    page = desk.sign_in("olga", "#/alerts")
    expect(page.locator("main h1")).to_have_text("Work list")  # where one wanted to go


def test_the_day_says_what_waits_and_asks_no_other_host(county_office: Office, sit: Sit) -> None:
    desk = sit(county_office)
    page = desk.sign_in("olga")
    expect(page.locator("main h1")).to_have_text("Today")
    expect(page.locator(".tile")).to_have_count(4)
    desk.keep("today-en-1024")
    assert desk.faults() == []
    assert desk.outside() == []
    assert desk.complaints == []


@pytest.mark.parametrize("place", ["#/today", "#/alerts", "#/decisions"])
def test_pages_fit_a_telephone_and_speak_chinese(county_office: Office, sit: Sit, place: str) -> None:
    desk = sit(county_office, 390, 844, lang="zh")
    page = desk.sign_in("wei", place)
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    page.wait_for_load_state("networkidle")
    assert no_sideways_scroll(page)
    desk.keep(f"{place.removeprefix('#/')}-zh-390")
    assert desk.faults() == []


def test_an_alert_is_acknowledged_and_its_parcel_read(county_office: Office, sit: Sit) -> None:
    desk = sit(county_office)
    page = desk.sign_in("olga", "#/alerts")
    rows = page.locator(".alerts-table tbody tr").filter(has_not_text=ENERGY)
    expect(rows.first).to_be_visible()
    desk.keep("work-list-en-1024")
    rows.first.locator("input[type=checkbox]").check()
    page.locator("#acknowledge").click()
    expect(page.locator(".said")).to_contain_text("1 changed")
    expect(rows.first).to_contain_text("acknowledged")
    rows.first.locator("a.parcel-link").first.click()
    expect(page.locator("#season-chart canvas").first).to_be_visible()
    page.locator("#season-chart").press("ArrowRight")
    expect(page.locator("main")).to_contain_text("NDVI")
    lines, total = amounts(page, ".receipt tbody td"), amounts(page, ".receipt tfoot td")
    assert sum(lines) == total[0]
    assert desk.faults() == []
    desk.keep("parcel-en-1024")
    assert desk.complaints == []


def test_a_limit_takes_a_second_person(county_office: Office, sit: Sit) -> None:
    """Rita started the batch, so she may not decide; Rob may."""
    second = sit(county_office)
    page = second.sign_in("rob", "#/decisions")
    page.locator("#proposals tbody a").first.click()
    expect(page.locator("#approve")).to_be_visible()
    second.keep("proposal-second-person-en-1024")
    assert second.faults() == []
    first = sit(county_office)
    before = first.sign_in("rita", "#" + page.url.split("#", 1)[1])
    expect(before.locator("#acts")).to_contain_text("another person decides")
    expect(before.locator("#approve")).to_have_count(0)
    first.keep("proposal-first-person-en-1024")
    page.locator("#approve").click()
    expect(page.locator("#status")).to_contain_text("decided")
    page.locator('a[href*="/made/"]').first.click()
    expect(page.locator("#made")).to_contain_text("Rob Reviewer")
    second.keep("proposal-decided-en-1024")
    assert first.complaints == second.complaints == []


def test_the_language_changes_where_one_stands_and_a_sheet_can_be_printed(county_office: Office, sit: Sit) -> None:
    desk = sit(county_office)
    page = desk.sign_in("olga", "#/alerts")
    expect(page.locator(".alerts-table tbody tr").first).to_be_visible()
    page.locator("#language-zh").click()
    expect(page.locator("main h1")).to_have_text("工作清单")
    page.emulate_media(media="print")
    assert page.locator("#print").is_hidden()
    desk.keep("work-list-zh-print")
    assert len(page.pdf()) > 20_000


def test_signing_out_leaves_nothing_behind(county_office: Office, sit: Sit) -> None:
    desk = sit(county_office)
    page = desk.sign_in("olga")
    page.locator("#sign-out").click()
    expect(page.locator("#login")).to_be_visible()
    page.reload()
    expect(page.locator("#login")).to_be_visible()
    assert page.request.get(f"{desk.base}/api/v1/today").status == 401
