"""An application in the browser: begun at a farmer's page, filled in, submitted, and taken up by another person."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.app.browser.office.banks import Bank
from tests.app.browser.office.desk import READY_MS, Desk

pytestmark = pytest.mark.browser
Sit = Callable[..., Desk]
Office = tuple[str, Bank]


def photograph() -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (60, 40), (200, 60, 40)).save(written, "JPEG")
    return written.getvalue()


def drawn_anew(page: Page, act: Callable[[], object]) -> None:
    """Do something that draws the application again, and wait for that."""
    page.locator(".application").evaluate("shown => { shown.dataset.before = 'yes' }")
    act()
    expect(page.locator(".application:not([data-before])")).to_be_visible(timeout=READY_MS)


def step(desk: Desk, number: str, name: str) -> Page:
    drawn_anew(desk.page, lambda: desk.go(f"#/applications/{number}/{name}"))
    expect(desk.page.locator(f'.steps a[aria-current="step"][href$="/{name}"]')).to_be_visible()
    return desk.page


def send(page: Page, form: Locator) -> None:
    drawn_anew(page, form.locator("button[type=submit]").click)


def form_with(page: Page, words: str) -> Locator:
    return page.locator(".application form.step-form").filter(has_text=words).first


def say_who(desk: Desk, number: str) -> None:
    page = step(desk, number, "person")
    for _ in ("processing", "bureau"):
        form = form_with(page, "Version of the text")
        form.locator("input").fill("v3")
        send(page, form)
    expect(page.locator(".application form.step-form")).to_have_count(2)  # both consents are there
    send(page, form_with(page, "Day of the report"))


def hand_in_a_paper(desk: Desk, number: str) -> None:
    page = step(desk, number, "papers")
    paper = {"name": "id.jpg", "mimeType": "image/jpeg", "buffer": photograph()}
    page.locator("input[type=file]").set_input_files(paper)  # type: ignore[arg-type]
    expect(page.locator("img.preview")).to_be_visible()
    send(page, form_with(page, "Photograph"))
    shown = page.locator(".application li img")
    expect(shown).to_have_js_property("naturalWidth", 60)


def plan_a_plot(desk: Desk, number: str) -> None:
    page = step(desk, number, "plots")
    send(page, page.locator(".application form.step-form").last)  # a certificate from today on
    send(page, form_with(page, "Pick"))
    expect(page.locator("fieldset.plot")).to_have_count(1)
    expect(page.locator("fieldset.plot .note")).not_to_be_empty()


def ask_for_money(desk: Desk, number: str) -> None:
    page = step(desk, number, "asked")
    form = form_with(page, "Amount asked for")
    form.locator("input").fill("12,000.50")
    send(page, form)
    expect(page.locator(".application")).to_contain_text("12,000.5")


def test_an_application_is_filled_in_submitted_and_taken_up(county_office: Office, sit: Sit) -> None:
    officer = sit(county_office)
    page = officer.sign_in("olga", "#/applications/new?party=1")
    expect(page.locator("main h1")).to_have_text("New application")
    assert officer.faults() == []
    page.locator("form.step-form button").first.click()
    expect(page.locator(".stage")).to_contain_text("draft")
    number = page.locator("main h1").inner_text()
    for fill in (say_who, hand_in_a_paper, plan_a_plot, ask_for_money):
        fill(officer, number)
        assert officer.faults() == []
    step(officer, number, "limit")
    expect(page.locator(".application")).to_contain_text("This is no promise")
    officer.keep("application-limit-en-1024")
    step(officer, number, "onward")
    send(page, form_with(page, "Submit"))
    expect(page.locator(".stage")).to_contain_text("submitted")
    reviewer = sit(county_office, 390, 844)
    other = reviewer.sign_in("rob", f"#/applications/{number}")
    send(other, form_with(other, "Take up"))
    expect(other.locator(".stage")).to_contain_text("in review")
    expect(form_with(other, "Turn into a proposal")).to_be_visible()
    expect(form_with(other, "Take up")).to_have_count(0)
    assert reviewer.faults() == []
    reviewer.keep("application-in-review-en-390")
    assert officer.complaints == reviewer.complaints == []


def test_a_farmers_page_leads_to_an_application(county_office: Office, sit: Sit) -> None:
    desk = sit(county_office)
    page = desk.sign_in("olga", "#/farmers?party=1")
    page.get_by_role("link", name="New application").click()
    expect(page.locator("main h1")).to_have_text("New application")
    expect(page.locator("form.step-form input").first).to_have_value("1")
    assert desk.complaints == []
