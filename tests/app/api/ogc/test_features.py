"""Parcels as OGC API - Features: as the standard asks, within reach, and read by GDAL over the network."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyogrio
import pytest
from fastapi.testclient import TestClient
from openapi_spec_validator import validate
from shapely.geometry import shape
from sqlalchemy import Engine

from app.api.institution import create_institution_app
from app.api.keys.making import NewKey, make_key
from app.api.keys.tokens import KeyScope
from app.book.decisions.people import find_user
from app.db.engine import open_engine, sqlite_url, writing
from tests.app.api.access.service import ORIGIN
from tests.app.api.branches import NORTH, NOW, SOUTH, TwoBranches, build_branches
from tests.app.browser.serving import serving

ITEMS = "/ogc/collections/parcels/items"


@pytest.fixture
def bank(engine: Engine, tmp_path: Path) -> Iterator[TwoBranches]:
    built = build_branches(engine, tmp_path)
    with built.open:
        yield built


@pytest.fixture(scope="module")
def small(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoBranches]:
    """On SQLite only, once: for what no query decides."""
    folder = tmp_path_factory.mktemp("features")
    (folder / "acreline.db").write_bytes(sqlite_template.read_bytes())
    engine = open_engine(sqlite_url(folder / "acreline.db"))
    built = build_branches(engine, folder)
    with built.open:
        yield built
    engine.dispose()


@pytest.fixture(scope="module")
def north(small: TwoBranches) -> TestClient:
    return small.browser("Nordolf")


def _key(bank: TwoBranches, *scopes: KeyScope, unit: str = "head") -> str:
    with writing(bank.engine) as connection:
        ada = find_user(connection, "ada")
        return make_key(connection, NewKey(f"gis {unit}", unit, scopes, 9), ada, bank.chance.randbytes, NOW)


def _ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [feature["id"] for feature in answer.json()["features"]]


def test_the_links_lead_from_the_landing_page_to_each_parcel(bank: TwoBranches) -> None:
    north = bank.browser("Nordolf")
    landing = north.get("/ogc").json()
    assert landing == north.get("/ogc/").json()
    links = {link["rel"]: link["href"] for link in landing["links"]}
    assert north.get(links["conformance"]).json()["conformsTo"][0].endswith("/conf/core")
    found = north.get(links["data"]).json()["collections"][0]
    assert found["extent"]["spatial"]["bbox"] == [pytest.approx([4, 51, 4.035, 51.005])]
    page = north.get(next(link["href"] for link in found["links"] if link["rel"] == "items"))
    assert page.headers["content-type"] == "application/geo+json"
    assert _ids(page) == NORTH.parcels
    assert (page.json()["numberMatched"], page.json()["numberReturned"]) == (4, 4)
    one = north.get(f"{ITEMS}/Nord-p0").json()
    assert {key: one[key] for key in ("id", "geometry", "properties")} == {
        key: page.json()["features"][0][key] for key in ("id", "geometry", "properties")
    }
    said = one["properties"]
    assert (said["crop"], said["status"], said["vigour_pct"], said["alert_level"]) == ("wheat", "OK", 62.5, "action")
    assert (said["limit"], said["currency"]) == (f"{(NORTH.base + 66) / 100:.2f}", "CNY")
    assert all(shape(feature["geometry"]).exterior.is_ccw for feature in page.json()["features"])


def test_the_definition_is_openapi_of_3_0(north: TestClient) -> None:
    answer = north.get("/ogc/api")
    assert answer.headers["content-type"] == "application/vnd.oai.openapi+json;version=3.0"
    validate(answer.json())
    assert answer.json()["servers"] == [{"url": f"{ORIGIN}/ogc"}]


@pytest.mark.parametrize("limit", [1, 2, 3, 8])
def test_pages_lead_to_each_other(small: TwoBranches, limit: int) -> None:
    browser, found = small.browser("rita"), []
    following: str | None = f"{ITEMS}?limit={limit}&bbox=3,50,5,52"
    while following:
        answer = browser.get(following)
        found += _ids(answer)
        following = next((link["href"] for link in answer.json()["links"] if link["rel"] == "next"), None)
    assert found == NORTH.parcels + SOUTH.parcels[:-1]  # the last one has no outline, and so meets no box


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ("bbox=4.011,51.001,4.012,51.002", [1]),
        ("bbox=4.005,51.005,4.01,51.006", [0, 1]),  # borders meet
        ("bbox=4.006,51,4.009,52", []),
        ("bbox=4.011,51.001,0,4.012,51.002,9", [1]),
        ("bbox=4.029,50,4,52", [3]),  # across the 180th meridian: from 4.029 east round to 4
        ("limit=999999999999", [0, 1, 2, 3]),
        ("datetime=2018-09-30", []),
        ("datetime=2019-01-01", []),
        ("datetime=2027-01-01", [0, 1, 2, 3]),
        ("datetime=../2018-09-30T23:00:00Z", []),
        ("datetime=2018-09-30/..", [0, 1, 2, 3]),
        ("datetime=2018-09-30/2030-01-01", [0, 1, 2, 3]),
    ],
)
def test_which_parcels_match(north: TestClient, asked: str, wanted: list[int]) -> None:
    expected = [NORTH.parcels[number] for number in wanted]
    if asked.startswith("bbox=4.029"):
        expected = [NORTH.parcels[0], *expected]  # its west side lies at 4
    assert _ids(north.get(f"{ITEMS}?{asked}")) == expected


@pytest.mark.parametrize(
    "asked",
    [
        *("limit=0", "limit=x", "limit=-1", "bbox=1,2,3", "bbox=nan,0,1,1", "bbox=0,1,1,0", "bbox=a,b,c,d", "crs=x"),
        *("datetime=x", "datetime=../..", "datetime=2020-01-01/2019-01-01", "datetime=2020-13-01T00:00:00Z", "f=1"),
    ],
)
def test_what_the_standard_does_not_know_is_400(north: TestClient, asked: str) -> None:
    answer = north.get(f"{ITEMS}?{asked}")
    assert (answer.status_code, answer.json()["code"]) == (400, "FEATURES_PARAMETER")
    assert north.get("/ogc?x=1").status_code == 400


def test_parcels_of_others_are_not_there(north: TestClient) -> None:
    assert north.get(f"{ITEMS}/Sued-p0").status_code == 404
    assert north.get(f"{ITEMS}/none").status_code == 404
    assert "Sued" not in north.get(ITEMS).text


def test_a_key_sees_the_properties_that_it_has_scopes_for(small: TwoBranches) -> None:
    key = _key(small, KeyScope.PARCELS, KeyScope.ALERTS, unit=NORTH.name("branch"))
    app = create_institution_app(small.access, folders=small.folders)
    system = TestClient(app, base_url=ORIGIN, headers={"Authorization": f"Bearer {key}"})
    properties = system.get(f"{ITEMS}/Nord-p0").json()["properties"]
    assert properties["alert_level"] == "action"
    assert "limit" not in properties
    held = system.get(ITEMS)
    assert system.get(ITEMS, headers={"If-None-Match": held.headers["etag"]}).status_code == 304


#: In a process of its own: GDAL waits for the answer with Python's lock in its hands, and the server needs it.
_READER = """
import json, sys
import pyogrio, shapely
from pyogrio.raw import read
source = sys.argv[1]
found = {"layers": pyogrio.list_layers(source)[:, 0].tolist(), "crs": pyogrio.read_info(source)["crs"]}
for name, bbox in (("all", None), ("part", (4.011, 51.001, 4.012, 51.002))):
    meta, _, shapes, values = read(source, layer="parcels", bbox=bbox, columns=["parcel_id"])
    found[name] = values[0].tolist()
    found[name + " box"] = list(shapely.from_wkb(shapes[0]).bounds)
print(json.dumps(found))
"""


def test_gdal_reads_the_parcels_over_the_network(small: TwoBranches) -> None:
    if "OAPIF" not in pyogrio.list_drivers():
        pytest.skip("GDAL was built without the driver OAPIF")
    access = small.access
    here = type(access)(access.engine, access.passwords, access.spans, access.clock, access.entropy)  # no proxy
    said = {"GDAL_HTTP_AUTH": "BEARER", "GDAL_HTTP_BEARER": _key(small, *KeyScope), "OGR_WFS_PAGE_SIZE": "3"}
    with serving(create_institution_app(here, folders=small.folders)) as address:
        command = [sys.executable, "-c", _READER, f"OAPIF:{address}/ogc"]
        ran = subprocess.run(command, env=os.environ | said, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    assert (found["layers"], found["crs"]) == (["parcels"], "EPSG:4326")  # GDAL's name; x is east
    assert found["all"] == NORTH.parcels + SOUTH.parcels
    assert found["all box"] == pytest.approx([4, 51, 4.005, 51.005])
    assert found["part"] == ["Nord-p1"]
