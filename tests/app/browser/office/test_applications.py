"""An application in the browser: farmer found, plots chosen, filled in, submitted, taken up, proposed, explained."""

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
    address = f"#/applications/{number}/{name}"
    if desk.page.evaluate("location.hash") != address:
        drawn_anew(desk.page, lambda: desk.go(address))
    expect(desk.page.locator(f'.steps a[aria-current="step"][href$="/{name}"]')).to_be_visible()
    return desk.page


def send(page: Page, form: Locator) -> None:
    drawn_anew(page, form.locator("button[type=submit]").click)


def form_with(page: Page, words: str) -> Locator:
    return page.locator(".application form.step-form").filter(has_text=words).first


def find_farmer(desk: Desk) -> None:
    """Nobody by a number that there is not, who then could be registered; then one by the keyboard."""
    page, field = desk.page, desk.page.locator("#farmer-search")
    field.fill("F-99999")
    expect(page.locator("#farmer-new")).to_contain_text("Register a farmer")
    assert desk.faults() == []
    field.fill("F-001")
    expect(page.locator("#farmer-hit-0")).to_contain_text("F-001")
    expect(page.locator("#farmer-new")).to_be_hidden()
    field.press("ArrowDown")
    field.press("Enter")
    expect(page.locator("#farmer-chosen")).to_contain_text("F-001")
    assert desk.faults() == []
    desk.keep("application-new-en-1024")


def say_who(desk: Desk, number: str) -> None:
    page = step(desk, number, "person")
    for _ in ("processing", "bureau"):
        form = form_with(page, "Version of the text")
        form.locator("input").fill("v3")
        send(page, form)
    expect(page.locator(".application form.step-form")).to_have_count(2)  # both consents are there
    report = form_with(page, "Day of the report")
    report.locator("input").first.fill("about 5k")
    report.locator("button").click()
    expect(report.locator("[role=alert]")).to_contain_text("This is no number")
    report.locator("input").first.fill("5,000")
    send(page, report)
    expect(page.locator(".application")).to_contain_text("owes ¥5,000 elsewhere")


def hand_in_a_paper(desk: Desk, number: str) -> None:
    page = step(desk, number, "papers")
    paper = {"name": "id.jpg", "mimeType": "image/jpeg", "buffer": photograph()}
    page.locator("input[type=file]").set_input_files(paper)  # type: ignore[arg-type]
    expect(page.locator("img.preview")).to_be_visible()
    send(page, form_with(page, "Photograph"))
    shown = page.locator(".application li img")
    expect(shown).to_have_js_property("naturalWidth", 60)


def plan_plots(desk: Desk, number: str) -> None:
    """One plot from the list, by the keyboard; one that the map shows, taken off and on again by pointing at it."""
    page = step(desk, number, "plots")
    send(page, page.locator("#right-form"))  # a certificate from today on
    expect(page.locator(".plot-picker[data-ready]")).to_be_visible(timeout=READY_MS)
    first, second = (page.locator("#plot-found button").nth(place) for place in (0, 1))
    first.focus()
    first.press("Enter")
    expect(first).to_have_attribute("aria-pressed", "true")
    second.press("Enter")
    chosen = page.locator("#plot-chosen li")
    expect(chosen).to_have_count(2)  # and the map lies on the second
    pointed(page, lambda: expect(second).to_have_attribute("aria-pressed", "false"))
    expect(chosen).to_have_count(1)
    pointed(page, lambda: expect(second).to_have_attribute("aria-pressed", "true"))
    expect(chosen.last.locator(".sub")).not_to_be_empty()  # what lies under it
    desk.keep("application-map-en-1024")
    assert desk.faults() == []
    send(page, page.locator("#plot-chosen form"))
    expect(page.locator("fieldset.plot")).to_have_count(2)
    expect(page.locator("fieldset.plot .note").first).not_to_be_empty()


def pointed(page: Page, came: Callable[[], object]) -> None:
    """Point at the middle of the map, once it is drawn there."""
    expect(page.locator(".plot-map[data-drawn] canvas")).to_be_visible(timeout=READY_MS)
    page.locator(".plot-map canvas").click()
    came()


def ask_for_money(desk: Desk, number: str) -> None:
    page = step(desk, number, "asked")
    form = form_with(page, "Amount asked for")
    form.locator("input").fill("12,000.50")
    send(page, form)
    expect(page.locator(".application")).to_contain_text("12,000.5")


def test_an_application_is_filled_in_submitted_and_taken_up(county_office: Office, sit: Sit) -> None:
    officer = sit(county_office)
    page = officer.sign_in("olga", "#/applications/new")
    expect(page.locator("main h1")).to_have_text("New application")
    find_farmer(officer)
    page.locator("form.step-form button").first.click()
    expect(page.locator(".stage")).to_contain_text("draft")
    number = page.locator("main h1").inner_text()
    for fill in (say_who, hand_in_a_paper, plan_plots, ask_for_money):
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
    send(other, form_with(other, "Turn into a proposal"))
    explained(reviewer)
    assert officer.complaints == reviewer.complaints == []


def explained(desk: Desk) -> None:
    """A proposal of an application has lines by plot and the farmer's words, as any other."""
    page = desk.page
    page.locator('.application a[href^="#/decisions/"]').first.click()
    expect(page.locator("#parcels details")).to_have_count(2)
    assert desk.faults() == []
    page.locator("#explain").click()
    expect(page.locator("#told")).to_contain_text("By the rules of our bank the highest loan is")
    assert desk.faults() == []
    desk.keep("application-explained-en-390")


def test_a_farmers_page_leads_to_an_application(county_office: Office, sit: Sit) -> None:
    desk = sit(county_office)
    page = desk.sign_in("olga", "#/farmers?party=1")
    page.get_by_role("link", name="New application").click()
    expect(page.locator("main h1")).to_have_text("New application")
    expect(page.locator("#farmer-chosen")).to_contain_text("F-001")
    assert desk.complaints == []
