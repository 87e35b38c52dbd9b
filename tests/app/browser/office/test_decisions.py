"""Decisions of two people: another amount asked for and answered, a batch released, what is printed and sent."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import pypdf
import pytest
from playwright.sync_api import Page, expect

from app.book.decisions.people import find_user
from app.book.refresh.asking import RefreshRequest
from app.book.refresh.batches import list_batches, withdraw_batch
from app.book.refresh.refreshing import refresh_book
from app.db.engine import writing
from app.db.tables.office_kinds import JobKind
from app.jobs.progress import Silent
from app.jobs.trial.making import BEGINS
from tests.app.browser.office.banks import Bank
from tests.app.browser.office.desk import Desk

pytestmark = pytest.mark.browser
Sit = Callable[..., Desk]
Office = tuple[str, Bank]
Proposal = Mapping[str, Any]
WORKED_WITHIN_MS = 60_000
REFUSED = 400


def open_proposals(desk: Desk) -> list[Proposal]:
    """Those of an amount that the person may approve, the largest change first."""
    lines: list[Proposal] = desk.ask("/proposals?status=open&sort=size&limit=50")["proposals"]
    return [line for line in lines if line["approve"]["allowed"] and Decimal(line["amount"]["amount"]) > 0]


def change(page: Page, path: str) -> int:
    """Status of a change that the page's own session asks the service for."""
    script = """path => fetch('/api/v1' + path, {method: 'POST', headers: {
        'X-CSRF-Token': document.cookie.split('; ').find(c => c.startsWith('__Host-acreline-csrf=')).split('=')[1]
    }}).then(answer => answer.status)"""
    return int(page.evaluate(script, path))


def figures(page: Page, selector: str) -> list[Decimal]:
    texts = page.locator(selector).all_inner_texts()
    found = [re.sub(r"[^0-9.\u2212-]", "", text).replace("\u2212", "-") for text in texts]
    return [Decimal(figure) for figure in found if figure]


def ask_for(desk: Desk, number: int, amount: str, reason: str) -> int:
    """Ask for another amount; number of the request."""
    page = desk.page
    page.locator("#override-amount").fill(amount)
    page.locator("#override-code").select_option(index=1)
    page.locator("#override-reason").fill(reason)
    page.locator("#override-ask").click()
    expect(page.locator("#requests")).to_contain_text(reason)
    return next(
        int(each["number"]) for each in desk.ask(f"/proposals/{number}")["requests"] if each["status"] == "open"
    )


def test_nobody_answers_what_they_asked_for(county_office: Office, sit: Sit) -> None:
    """Rob decides on other amounts, and not on one that he asked for himself."""
    desk = sit(county_office, login="rob")
    page = desk.open("#/decisions")
    number = open_proposals(desk)[-1]["number"]
    bounds = desk.ask(f"/proposals/{number}")["override"]
    desk.go(f"#/decisions/{number}")
    page.locator("#override-amount").fill("1")
    page.locator("#override-ask").click()
    expect(page.locator("#override-problem")).to_contain_text("The policy allows")
    assert desk.faults() == []
    request = ask_for(desk, number, bounds["least"]["amount"], "half of the field is leased out")
    card = page.locator(f"#request-{request}")
    expect(card.locator(".why-not")).to_contain_text("another person")
    expect(page.locator(f"#request-approve-{request}")).to_have_count(0)
    desk.keep("override-own-en-1024")
    assert desk.faults() == []
    assert desk.complaints == []
    assert change(page, f"/override-requests/{request}/approve") == REFUSED
    page.locator(f"#request-withdraw-{request}").click()
    expect(card).to_contain_text("withdrawn by")


def test_another_amount_is_asked_for_and_answered_by_another_person(county_office: Office, sit: Sit) -> None:
    officer = sit(county_office, lang="zh", login="wei")
    page = officer.open("#/decisions")
    reviewer = sit(county_office, 390, 844, "zh", login="shen")
    other = reviewer.open("#/decisions?tab=requests")
    number = open_proposals(reviewer)[-1]["number"]
    wanted = Decimal(officer.ask(f"/proposals/{number}")["override"]["least"]["amount"]) + 1
    officer.go(f"#/decisions/{number}")
    request = ask_for(officer, number, str(wanted), "半数地块已出租")
    assert officer.faults() == []
    other.reload()
    expect(other.locator(f"#request-{request}")).to_contain_text("半数地块已出租")
    assert other.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    reviewer.keep("override-answer-zh-390")
    assert reviewer.faults() == []
    other.locator(f"#request-approve-{request}").click()
    expect(other.locator(f"#request-{request}")).to_have_count(0)
    officer.page.reload()
    page.locator('.decided a[href*="/made/"]').click()
    expect(page.locator("#made")).to_contain_text("魏信贷")
    expect(page.locator("#made")).to_contain_text("沈审批")
    assert figures(page, "#made .amount") == [wanted]
    officer.keep("override-made-zh-1024")
    assert officer.faults() == []
    assert officer.complaints == reviewer.complaints == []


def test_a_decision_is_followed_down_to_what_was_seen(county_office: Office, sit: Sit) -> None:
    """From the decision to its receipt, worked out again; to its parcel's lines; to the looks of the season."""
    desk = sit(county_office, login="rob")
    page = desk.open("#/decisions")
    number = open_proposals(desk)[0]["number"]
    desk.go(f"#/decisions/{number}")
    page.locator("#approve").click()
    page.locator('.decided a[href*="/made/"]').click()
    page.locator("#replay").click()
    expect(page.locator("#replayed")).to_contain_text("the same")
    expect(page.locator("#receipt tfoot td")).to_have_count(1)
    lines, total = figures(page, "#receipt tbody td"), figures(page, "#receipt tfoot td")
    assert sum(lines) == total[0]
    desk.keep("decision-receipt-en-1024")
    assert desk.faults() == []
    desk.go(f"#/decisions/{number}")
    parcel = page.locator("#parcels li").first
    parcel.locator("summary").click()
    expect(parcel.locator("table.receipt tbody tr").first).to_be_visible()
    assert desk.faults() == []
    parcel.locator("a.parcel-link").click()
    expect(page.locator("#season-chart canvas").first).to_be_visible()
    page.locator("section.curve summary").click()
    looks = page.locator("section.curve table.figures tbody tr")
    assert looks.count() > 0
    expect(looks.first).to_contain_text("%")
    expect(page.locator(".limit .origin")).to_contain_text("cn-planting-generic")
    assert desk.complaints == []


def test_the_words_for_the_farmer_are_printed_and_the_committees_sheet_is_written(
    county_office: Office, sit: Sit
) -> None:
    desk = sit(county_office, lang="zh", login="shen")
    page = desk.open("#/decisions")
    proposal = open_proposals(desk)[0]
    amount = f"{Decimal(proposal['amount']['amount']):,.0f}"
    desk.go(f"#/decisions/{proposal['number']}/told")
    expect(page.locator("#told")).to_contain_text(amount)
    page.emulate_media(media="print")
    expect(page.locator("#print")).to_be_hidden()
    desk.keep("told-zh-print")
    sheets = desk.printed()
    assert len(sheets) == 1
    assert amount in sheets[0]
    page.emulate_media(media="screen")
    desk.go(f"#/decisions/{proposal['number']}")
    page.locator("#letter-committee").click()
    expect(page.locator(".job-line")).to_be_visible()
    assert county_office[1].work(JobKind.LETTER) == 1
    page.locator("#open-committee").wait_for(timeout=WORKED_WITHIN_MS)
    address = page.locator("#open-committee").get_attribute("href")
    written = page.evaluate(
        "address => fetch(address).then(a => a.arrayBuffer()).then(b => Array.from(new Uint8Array(b)))", address
    )
    letter = pypdf.PdfReader(io.BytesIO(bytes(written)))
    assert amount in "".join(sheet.extract_text() for sheet in letter.pages)
    assert desk.faults() == []
    assert desk.complaints == []


def held_batch(bank: Bank) -> str:
    """The batch is withdrawn and Rita refreshes the book anew: it moves more than goes without a person."""
    with bank.opened() as (engine, clock):
        with writing(engine) as connection:
            (last,) = list_batches(connection)
            withdraw_batch(connection, last.id, find_user(connection, "ada"), "prices were late", clock())
            starter = find_user(connection, "rita").id
        request = RefreshRequest(BEGINS.date(), bank.root / "runs" / "county", bank.root / "book", by=starter)
        return refresh_book(request, engine, Silent(), clock).batch_id


def test_a_batch_that_is_held_is_released_by_who_did_not_start_it(county_office: Office, sit: Sit) -> None:
    batch = held_batch(county_office[1])
    starter = sit(county_office, login="rita")
    page = starter.open("#/decisions?tab=batches")
    card = page.locator(f"[id='batch-{batch}']")
    expect(card.locator(".mark.held")).to_be_visible()
    expect(card.locator(".why-not")).to_be_visible()
    expect(page.locator(f"[id='release-{batch}']")).to_have_count(0)
    starter.keep("batch-own-en-1024")
    assert starter.faults() == []
    releaser = sit(county_office, 390, 844, "zh", login="ada")
    other = releaser.open("#/decisions")
    other.locator(f"[id='release-{batch}']").click()
    expect(other.locator(f"[id='batch-{batch}'] .problem")).to_be_visible()
    other.locator(f"[id='release-reason-{batch}']").fill("首季")
    assert other.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    releaser.keep("batch-release-zh-390")
    assert releaser.faults() == []
    other.locator(f"[id='release-{batch}']").click()
    expect(other.locator(f"[id='batch-{batch}'] .mark.released")).to_be_visible()
    page.reload()
    expect(card.locator(".mark.released")).to_be_visible()
    assert starter.complaints == releaser.complaints == []
