"""The layer over HTTP: one description, squares kept for good, columns asked for again, nothing of another branch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from app.api.errors import install_error_handlers
from app.api.parcels.reach import reach_of
from app.api.parcels.routes import keep_parcels, parcel_layer
from app.db.engine import open_engine, sqlite_url, writing
from app.maplayers.making import make_outlines
from app.maplayers.outlines import MAX_ZOOM
from app.maplayers.parcelset import parcels_within
from app.maplayers.shelf import ParcelShelf
from tests.app.maplayers.bank import UNITS, alert, build_bank, watch
from tests.app.maplayers.test_outlines import LAT, LON, square

LAYER = "/api/v1/parcel-layer"


@dataclass(frozen=True)
class Asked:
    unit: str


async def by_header(request: Request) -> Asked:
    return Asked(request.headers["unit"])


@pytest.fixture(scope="module")
def bank(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, Path]]:
    folder = tmp_path_factory.mktemp("bank")
    file = folder / "acreline.db"
    file.write_bytes(sqlite_template.read_bytes())
    engine = open_engine(sqlite_url(file))
    build_bank(engine)
    with writing(engine) as connection:
        watch(connection)
        alert(connection, "p001", "warning")
    with engine.connect() as connection:
        make_outlines(connection, parcels_within(connection, [UNITS["north"]]), folder)
    yield engine, folder
    engine.dispose()


@pytest.fixture(scope="module")
def client(bank: tuple[Engine, Path]) -> Iterator[TestClient]:
    engine, folder = bank
    app = FastAPI()
    install_error_handlers(app)
    app.include_router(parcel_layer)
    app.dependency_overrides[reach_of] = by_header
    keep_parcels(app, ParcelShelf(engine, folder, lambda: 0.0))
    with TestClient(app, headers={"unit": "north"}) as client:
        yield client


def column(client: TestClient, fact: str, key: str = "url") -> str:
    return next(each[key] for each in client.get(LAYER).json()["columns"] if each["fact"] == fact)


def square_at(client: TestClient, lon: float = LON) -> str:
    x, y, z = square(lon, LAT, MAX_ZOOM)
    address: str = client.get(LAYER).json()["outlines"]["url"]
    return address.format(x=x, y=y, z=z)


def test_the_description_leads_to_everything(client: TestClient) -> None:
    layer = client.get(LAYER).json()
    assert (layer["parcels"], layer["without_outline"]) == (4, 1)
    assert layer["bounds"] == pytest.approx([4.0, 51.0, 4.045, 51.005])
    assert [each["fact"] for each in layer["columns"]] == ["alert", "crop", "status", "vigour", "limit"]
    assert layer["columns"][0]["values"][4] == {"value": 4, "key": "action"}
    for each in layer["columns"]:
        assert len(client.get(each["url"]).content) == 4
        assert len(client.get(each["cells_url"]).content) == layer["cells"]["width"] * layer["cells"]["height"]


def test_squares_are_kept_for_good_and_sent_as_they_lie(client: TestClient) -> None:
    answer = client.get(square_at(client))
    assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-encoding"] == "gzip"
    assert b"parcels" in answer.content
    plain = client.get(square_at(client), headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.content == answer.content
    assert client.get(square_at(client), headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
    assert client.get(square_at(client, -LON)).status_code == 204


def test_a_column_is_one_small_answer_that_is_asked_for_again(client: TestClient) -> None:
    answer = client.get(column(client, "alert"))
    assert answer.content == bytes([0, 3, 0, 0])
    assert answer.headers["cache-control"] == "private, no-cache"
    again = client.get(column(client, "alert"), headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get(column(client, "alert"), headers={"Accept-Encoding": "identity"}).content == answer.content


def test_numbers_and_names_lead_to_each_other(client: TestClient) -> None:
    prefix = f"{LAYER}/{client.get(LAYER).json()['set']}"
    named = client.get(f"{prefix}/parcels/p001").json()
    assert named == client.get(f"{prefix}/numbers/1").json()
    assert named["bounds"] == pytest.approx([4.01, 51.0, 4.015, 51.005])
    assert client.get(f"{prefix}/numbers/3").json() == {"number": 3, "parcel_id": "p005", "bounds": None}
    for stranger in ("numbers/4", "parcels/p002", "parcels/no/such"):
        answer = client.get(f"{prefix}/{stranger}")
        assert (answer.status_code, answer.json()["code"]) == (404, "PARCEL_UNKNOWN")


@pytest.mark.parametrize(
    "way", ["numbers/1", "parcels/p001", "columns/alert", "columns/crop/cells", "outlines/14/1/1.mvt"]
)
def test_another_branch_reaches_nothing_of_it(client: TestClient, way: str) -> None:
    content_hash = client.get(LAYER).json()["set"]
    answer = client.get(f"{LAYER}/{content_hash}/{way}", headers={"unit": "south"})
    assert (answer.status_code, answer.json()["code"]) == (404, "LAYER_CHANGED")


def test_a_set_that_was_refused_is_looked_for_anew(client: TestClient) -> None:
    known = client.get(LAYER).json()
    assert client.get(LAYER, params={"other_than": known["set"]}).json() == known
    assert client.get(LAYER, params={"other_than": "0" * 32}).json() == known
    assert client.get(LAYER, params={"other_than": "../x"}).status_code == 422


def test_outlines_that_are_not_made_are_said_to_be(client: TestClient) -> None:
    layer = client.get(LAYER, headers={"unit": "south"}).json()
    assert layer["outlines"] is None
    answer = client.get(f"{LAYER}/{layer['set']}/outlines/14/1/1.mvt", headers={"unit": "south"})
    assert (answer.status_code, answer.json()["code"]) == (404, "OUTLINES_NOT_MADE")


@pytest.mark.parametrize(
    "way",
    [
        "../../x/outlines/1/1/1.mvt",
        "x" * 32 + "/columns/alert",
        "HASH/columns/wkb",
        "HASH/outlines/25/0/0.mvt",
        "HASH/outlines/1/-1/0.mvt",
        "HASH/numbers/-1",
        "HASH/numbers/99999999999999999999",
        "%00/columns/alert",
    ],
)
def test_addresses_that_do_not_fit_are_refused(client: TestClient, way: str) -> None:
    content_hash = client.get(LAYER).json()["set"]
    assert client.get(f"{LAYER}/{way.replace('HASH', content_hash)}").status_code in {404, 422}


def test_cells_show_the_alert(client: TestClient) -> None:
    answer = client.get(column(client, "alert", "cells_url"))
    assert answer.headers["content-encoding"] == "gzip"
    assert 3 in answer.content
