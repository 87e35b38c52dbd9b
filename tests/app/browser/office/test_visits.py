"""Visits on a telephone: a form without a network, sent once; one that is refused and not lost; sheets on paper."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from app.book.decisions.people import find_user
from app.book.parcel_units import keep_parcels_at
from app.db.engine import writing
from tests.app.browser.office.banks import Bank
from tests.app.browser.office.desk import Desk

pytestmark = pytest.mark.browser
Sit = Callable[..., Desk]
Office = tuple[str, Bank]
Task = Mapping[str, Any]
#: The address of a visit itself, apart from that of its photo.
ONE_VISIT = re.compile(r"/api/v1/visits/[0-9a-f-]{36}$")
PHOTO_SIDE = 48


def photograph() -> Any:
    written = io.BytesIO()
    Image.new("RGB", (PHOTO_SIDE, PHOTO_SIDE), (90, 140, 60)).save(written, "JPEG")
    return {"name": "field.jpg", "mimeType": "image/jpeg", "buffer": written.getvalue()}


def of_an_alert(desk: Desk) -> Task:
    """A visit of the week's list to an alert."""
    tasks: list[Task] = desk.ask("/visits/week")["tasks"]
    return next(task for task in tasks if task["alert"] and task["outline"] and not task["done"])


def stand_on(page: Page, task: Task) -> None:
    """The telephone finds itself on a corner of the parcel."""
    longitude, latitude = task["outline"][0][0][0]
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"longitude": longitude, "latitude": latitude, "accuracy": 8})


def fill_in(page: Page, second: str) -> None:
    page.locator("#visit-second").select_option(second)
    page.locator("#visit-locate").click()
    expect(page.locator(".visit-inside")).to_be_visible()
    page.locator("#visit-outcome-confirmed").check()
    page.locator("#visit-loss").fill("35")
    page.locator("#visit-note").fill("lodged after the storm")


def no_sideways_scroll(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))


def take_along(desk: Desk) -> Task:
    """The week's list comes onto the telephone; one of its visits."""
    page = desk.open("#/visits")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.locator("#visit-take").click()
    expect(page.locator("#visit-forget")).to_be_visible()
    assert no_sideways_scroll(page)
    desk.keep("visits-list-en-390")
    assert desk.faults() == []
    assert desk.complaints == []
    return of_an_alert(desk)


def record(desk: Desk, task: Task) -> None:
    """Two officers, where, what they found, and a photo."""
    page = desk.page
    page.get_by_label(f"Record a visit: {task['parcel_id']}").click()
    page.locator("#visit-keep").click()
    expect(page.locator(".visit-form [role=alert]")).to_contain_text("Still missing")
    fill_in(page, "otto")
    page.locator("#visit-photo").set_input_files(photograph())
    expect(page.locator("img.visit-picture")).to_have_js_property("naturalWidth", PHOTO_SIDE)
    assert no_sideways_scroll(page)
    desk.keep("visit-form-offline-en-390")
    assert desk.faults() == []
    page.locator("#visit-keep").click()
    expect(page.locator("#visit-queue")).to_contain_text("1 visit waits")


def send_it_twice(desk: Desk) -> None:
    """The network comes back, and loses the answer of the service once: the telephone has to ask again."""
    page = desk.page
    sent: list[int] = []

    def lose_the_answer(route: Route) -> None:
        sent.append(route.fetch().status)
        route.abort()

    page.context.route(ONE_VISIT, lose_the_answer, times=1)
    with page.expect_event("requestfailed", lambda asked: ONE_VISIT.search(asked.url) is not None):
        page.context.set_offline(False)
    assert sent == [200]
    page.locator("#visit-send").click()
    expect(page.locator("#visit-queue")).to_contain_text("sent: visit")


def test_a_visit_without_a_network_is_sent_once(county_office: Office, sit: Sit) -> None:
    desk = sit(county_office, 390, 844, login="olga")
    task, page = take_along(desk), desk.page
    stand_on(page, task)
    page.context.set_offline(True)
    record(desk, task)
    page.reload()  # there is no network: the service worker has the page, and the telephone the list
    expect(page.locator(".visit-away")).to_contain_text("No network")
    expect(page.locator("#visit-queue")).to_contain_text(task["parcel_id"])
    desk.keep("visits-offline-en-390")
    assert desk.faults() == []
    send_it_twice(desk)
    [visit] = desk.ask(f"/visits?parcel={task['parcel_id']}")["visits"]
    assert (visit["officers"], visit["distance_m"], visit["far"]) == (["olga", "otto"], 0, False)
    assert page.evaluate("address => fetch(address).then(answer => answer.ok)", visit["photo"])
    desk.go(f"#/parcels/{task['parcel_id']}?alert={task['alert']['number']}")
    expect(page.locator("#parcel-visits")).to_contain_text("lodged after the storm")
    page.locator("#parcel-visits").scroll_into_view_if_needed()  # photos come when they are looked at
    expect(page.locator("#parcel-visits img")).to_have_js_property("naturalWidth", PHOTO_SIDE)
    expect(page.locator(".timeline").last).to_contain_text("visit")
    desk.keep("visit-on-the-parcel-en-390")
    assert desk.faults() == []


def test_a_visit_that_is_refused_says_so_and_stays(county_office: Office, sit: Sit) -> None:
    """The parcel goes to another branch while the visit is written, and comes back."""
    bank = county_office[1]

    def give_to(unit: str) -> None:
        with bank.opened() as (engine, _), writing(engine) as connection:
            keep_parcels_at(connection, {task["parcel_id"]: unit}, find_user(connection, "ada"))

    desk = sit(county_office, 390, 844, "zh", login="wei")
    page = desk.open("#/visits")
    task = of_an_alert(desk)
    stand_on(page, task)
    desk.go(f"#/visits/form/{task['parcel_id']}")
    fill_in(page, "shen")
    assert no_sideways_scroll(page)
    desk.keep("visit-form-zh-390")
    assert desk.faults() == []
    give_to("010")
    page.locator("#visit-keep").click()
    expect(page.locator("#visit-queue .problem")).to_contain_text("服务拒绝接收：该地块不在您的权限范围内")
    desk.keep("visit-refused-zh-390")
    assert desk.faults() == []
    page.reload()
    expect(page.locator("#visit-queue .problem")).to_contain_text("服务拒绝接收")
    give_to("020")
    page.get_by_role("button", name="重试").click()
    expect(page.locator("#visit-queue")).to_contain_text("已发送")
    assert len(desk.ask(f"/visits?parcel={task['parcel_id']}")["visits"]) == 1


def test_a_refused_visit_is_corrected_and_both_are_remembered(county_office: Office, sit: Sit) -> None:
    """Its note holds a number that may not be kept; everything else that was entered stands when it is opened again."""
    desk = sit(county_office, 390, 844, login="rob")
    page = desk.open("#/visits")
    task = of_an_alert(desk)
    stand_on(page, task)
    desk.go(f"#/visits/form/{task['parcel_id']}")
    fill_in(page, "otto")
    page.locator("#visit-note").fill("ask 13912345678")
    page.locator("#visit-photo").set_input_files(photograph())
    expect(page.locator("img.visit-picture")).to_be_visible()
    page.locator("#visit-keep").click()
    expect(page.locator("#visit-queue .problem")).to_contain_text("The note holds a long number")
    page.get_by_role("link", name=f"Correct: {task['parcel_id']}").click()
    expect(page.locator("#visit-refusal")).to_contain_text("The note holds a long number")
    assert page.locator("#visit-second").input_value() == "otto"
    expect(page.locator("#visit-outcome-confirmed")).to_be_checked()
    assert (page.locator("#visit-loss").input_value(), page.locator("#visit-note").input_value()) == (
        "35",
        "ask 13912345678",
    )
    expect(page.locator("img.visit-picture")).to_have_js_property("naturalWidth", PHOTO_SIDE)
    expect(page.locator(".visit-inside")).to_be_visible()
    made = page.locator("#visit-when").input_value()
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d", made)
    assert no_sideways_scroll(page)
    desk.keep("visit-correcting-en-390")
    assert desk.faults() == []
    page.locator("#visit-note").fill("ask the neighbour")
    page.locator("#visit-keep").click()
    expect(page.locator("#visit-queue")).to_contain_text("sent: visit")
    page.locator(".visit-before summary").click()
    expect(page.locator(".visit-before li")).to_contain_text("ask 13912345678")
    expect(page.locator(".visit-before li")).to_contain_text("The service refused it")
    desk.keep("visit-corrected-en-390")
    assert desk.faults() == []
    [visit] = desk.ask(f"/visits?parcel={task['parcel_id']}")["visits"]
    assert (visit["note"], visit["officers"], visit["loss_share"]) == ("ask the neighbour", ["rob", "otto"], 0.35)
    assert visit["photo"] is not None
    page.reload()
    page.locator(".visit-before summary").click()
    page.get_by_role("button", name="Delete what was refused").click()
    expect(page.locator(".visit-before")).to_have_count(0)


def stop_of(task: Task) -> str:
    """Where a visit is listed: sites lie in no village."""
    return str(task["village"]["name"] if task["village"] else f"{task['unit']['name']} · village not known")


def test_sheets_are_printed_a_page_for_each_village_and_one_for_each_of_its_parcels(
    county_office: Office, sit: Sit
) -> None:
    desk = sit(county_office, login="rob")
    page = desk.open("#/visits")
    tasks = [task for task in desk.ask("/visits/week")["tasks"] if not task["done"]]
    villages = list(dict.fromkeys(map(stop_of, tasks)))
    first = [task for task in tasks if stop_of(task) == villages[0]]
    page.get_by_role("link", name=f"Print its sheets: {villages[0]}").click()
    expect(page.locator("article.sheet")).to_have_count(1 + len(first))
    page.get_by_role("link", name="To the list").click()
    page.get_by_role("link", name="Sheets to print").click()
    expect(page.locator("article.sheet")).to_have_count(len(villages) + len(tasks))
    assert desk.faults() == []
    page.emulate_media(media="print")
    desk.keep("visit-sheets-en-print")
    pages = desk.printed()
    assert len(pages) == len(villages) + len(tasks)
    sheets = [sheet for sheet in pages if "Visits:" not in sheet]
    assert len(sheets) == len(tasks), "the others name a village and list what is to be visited there"
    assert all(task["parcel_id"] in sheet and task["code"] in sheet for task, sheet in zip(tasks, sheets, strict=True))
    heads = [page for page in pages if "Visits:" in page]
    assert all(village.split()[-1] in page for village, page in zip(villages, heads, strict=True))


def test_signing_out_takes_the_list_off_the_telephone(county_office: Office, sit: Sit) -> None:
    desk = sit(county_office, 390, 844, login="otto")
    page = desk.open("#/visits")
    page.locator("#visit-take").click()
    expect(page.locator("#visit-forget")).to_be_visible()
    page.locator("#sign-out").click()
    expect(page.locator("#login")).to_be_visible()
    kept = """new Promise(done => {
        indexedDB.open('acreline-office').onsuccess = asked =>
            asked.target.result.transaction('weeks').objectStore('weeks').count().onsuccess = n => done(n.target.result)
    })"""
    assert page.evaluate(kept) == 0
