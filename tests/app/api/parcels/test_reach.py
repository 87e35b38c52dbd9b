"""The layer behind sign-in: who may ask, and that each sees their own part of the book."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine

from tests.app.api.access.service import Service, open_service

LAYER = "/api/v1/parcel-layer"
WAYS = ("", "/{set}/numbers/0", "/{set}/parcels/p-010", "/{set}/columns/alert", "/{set}/columns/crop/cells")
#: What each sees of the parcels of units and of none.
SEEN = {
    "rita": {"p-001", "p-010", "p-011", "p-020", "p-None"},
    "rob": {"p-010", "p-011", "p-None"},
    "olga": {"p-010", "p-011", "p-None"},
    "otto": {"p-011", "p-None"},
    "susi": {"p-020", "p-None"},
}


@pytest.fixture
def service(engine: Engine) -> Service:
    return open_service(engine)


def names(browser: Any) -> set[str]:
    layer = browser.get(LAYER).json()
    found = (browser.get(f"{LAYER}/{layer['set']}/numbers/{number}") for number in range(layer["parcels"]))
    return {each.json()["parcel_id"] for each in found}


def test_each_sees_the_parcels_of_their_unit_those_below_and_nobodys(service: Service) -> None:
    assert {login: names(service.signed_in(login)) for login in SEEN} == SEEN


def test_the_set_of_another_unit_is_not_there_for_anybody_else(service: Service) -> None:
    south, north = service.signed_in("susi"), service.signed_in("olga")
    theirs = south.get(LAYER).json()["set"]
    for way in WAYS[1:]:
        answer = north.get(LAYER + way.format(set=theirs))
        assert (answer.status_code, answer.json()["code"]) == (404, "LAYER_CHANGED"), way


def test_nobody_and_administrators_are_refused(service: Service) -> None:
    own = service.signed_in("olga").get(LAYER).json()["set"]
    for browser, status in ((service.browser(), 401), (service.signed_in("ada"), 403)):
        assert {browser.get(LAYER + way.format(set=own)).status_code for way in WAYS} == {status}


def test_answers_may_be_kept_by_the_browser_only(service: Service) -> None:
    browser = service.signed_in("olga")
    column = f"{LAYER}/{browser.get(LAYER).json()['set']}/columns/status"
    answer = browser.get(column)
    assert answer.headers["cache-control"] == "private, no-cache"
    assert browser.get(column, headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
