"""Imagery over HTTP: for who has parcels in the run, for good under its content, closed to any other name."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from fastapi.testclient import TestClient
from PIL import Image
from sqlalchemy import Engine, insert

from app.api.access.tokens import CSRF_COOKIE, CSRF_HEADER
from app.api.imagery import routes
from app.api.institution import create_institution_app
from app.artefacts.folders import Folders
from app.db.engine import open_engine, sqlite_url, writing
from app.db.tables import ParcelGeometry, ParcelObservation, Run
from app.maplayers.dated import DATED_ZOOM, INDEX_NAME, imagery_folder
from app.maplayers.imagery import HASH_CHARACTERS
from geo.raster import write_cog
from tests.app.api.access.service import NOW, ORIGIN, open_service, try_to_sign_in
from tests.app.api.run_folder import build_run_folder
from tests.app.maplayers.dated_imagery import GRID, add_season, write_dated

IMAGERY = "/api/v1/imagery"
RUN = "test-run"


@dataclass
class Bank:
    """Somebody of each unit on one service; the run shows a parcel of unit 020."""

    browse: Callable[[str], TestClient]
    folders: Folders

    @property
    def dated(self) -> Path:
        assert self.folders.layers is not None
        return imagery_folder(self.folders.layers, RUN)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Folders:
    root = tmp_path_factory.mktemp("bank")
    (root / "layers").mkdir()
    build_run_folder(root / "runs" / "any")
    write_dated(root / "layers", RUN)
    return Folders(layers=root / "layers", runs=root / "runs")


@pytest.fixture
def bank(engine: Engine, folders: Folders) -> Bank:
    """On SQLite and on PostgreSQL, for what queries decide."""
    return open_bank(engine, folders)


@pytest.fixture(scope="module")
def small_bank(sqlite_template: Path, folders: Folders, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bank]:
    file = tmp_path_factory.mktemp("small") / "acreline.db"
    file.write_bytes(sqlite_template.read_bytes())
    engine = open_engine(sqlite_url(file))
    yield open_bank(engine, folders)
    engine.dispose()


@pytest.fixture(scope="module")
def susi(small_bank: Bank) -> TestClient:
    return small_bank.browse("susi")


def open_bank(engine: Engine, folders: Folders) -> Bank:
    service = open_service(engine)
    with writing(engine) as connection:
        _load_run(connection, "p-020")
    app = create_institution_app(service.access, folders=folders)

    def browse(login: str) -> TestClient:
        browser = TestClient(app, base_url=ORIGIN, headers={"Origin": ORIGIN}, raise_server_exceptions=False)
        assert try_to_sign_in(browser, login).status_code == 201
        browser.headers[CSRF_HEADER] = browser.cookies[CSRF_COOKIE]
        return browser

    return Bank(browse, folders)


def _load_run(connection: Any, parcel_id: str) -> None:
    season = {"season_id": "2025-10-01/2026-09-30", "season_start": NOW.date(), "season_end": NOW.date()}
    run = {"run_id": RUN, "simulated": True, "content_hash": "0" * 64, "record": {}, "created_at": NOW}
    connection.execute(insert(Run), [season | run | {"recorded_at": NOW}])
    seen = {"geometry_version": "v", "crop_set": [], "area_ha": 1.0, "clear_dates": 1, "status": "OK"}
    outline = {"geometry_version": "v", "parcel_id": parcel_id, "wkb": b"", "area_ha": 1.0, "recorded_at": NOW}
    connection.execute(insert(ParcelGeometry), [outline])
    connection.execute(insert(ParcelObservation), [seen | {"run_id": RUN, "parcel_id": parcel_id}])


def squares_of(run: dict[str, Any], layer: str, zoom: int = DATED_ZOOM) -> list[str]:
    """Addresses of the squares around the middle of a layer."""
    every = [*run["layers"], *(each for day in run["dates"] for each in day["layers"])]
    found = next(each for each in every if each["layer"] == layer)
    west, south, east, north = found["bounds"]
    turn = np.arcsinh(np.tan(np.radians([north, south])))
    columns = ((np.array([west, east]) + 180) / 360 * 2**zoom).astype(int)
    rows = ((1 - turn / np.pi) / 2 * 2**zoom).astype(int)
    places = [(x, y) for x in _middle(*columns) for y in _middle(*rows)]
    return [found["url"].format(z=zoom, x=x, y=y) for x, y in places]


def _middle(first: int, last: int) -> range:
    middle = (first + last) // 2
    return range(max(first, middle - 1), min(last, middle + 1) + 1)


def pictures(browser: TestClient, addresses: list[str]) -> list[npt.NDArray[np.uint8]]:
    answers = [browser.get(address) for address in addresses]
    assert {answer.status_code for answer in answers} <= {200, 204}
    shown = [Image.open(io.BytesIO(answer.content)).convert("RGBA") for answer in answers if answer.status_code == 200]
    return [np.asarray(image) for image in shown]


def test_runs_with_parcels_of_ones_own_are_listed_and_drawn(bank: Bank) -> None:
    browser = bank.browse("susi")
    (run,) = browser.get(IMAGERY).json()["runs"]
    assert {each["layer"] for each in run["layers"]} == {"mosaic", "crop", "crop_prob", "vigour"}
    (day,) = run["dates"]
    assert (day["date"], day["clear_share"], day["scenes"]) == ("2026-05-03", 0.75, ["S2_made_up"])
    assert day["layers"][1]["ramp"]["low"] == 0.1
    for layer in ("mosaic", "crop", "crop_prob", "vigour", "true-colour", "ndvi"):
        seen = pictures(browser, squares_of(run, layer))
        assert seen
        assert all(each.shape == (512, 512, 4) for each in seen)
        assert max(each[..., 3].max() for each in seen) == 255


def test_nobody_else_has_them(bank: Bank) -> None:
    (run,) = bank.browse("rita").get(IMAGERY).json()["runs"]
    square = squares_of(run, "true-colour")[0]
    for login in ("olga", "otto", "rob"):
        browser = bank.browse(login)
        assert browser.get(IMAGERY).json() == {"runs": []}
        answer = browser.get(square)
        assert (answer.status_code, answer.json()["code"]) == (404, "LAYER_UNKNOWN")
    assert bank.browse("ada").get(square).status_code == 403


def test_a_runs_layers_are_asked_for_once_by_who_answers_for_risk(bank: Bank) -> None:
    address, rita = f"/api/v1/runs/{RUN}/layers", bank.browse("rita")
    before = rita.get(address).json()
    assert before == {"dates": 1, "newest": "2026-05-03", "season": False, "job": None}
    asked = [rita.post(address) for _ in range(2)]
    assert [answer.status_code for answer in asked] == [202, 202]
    first, again = (answer.json() for answer in asked)
    assert (first["kind"], first["state"]) == ("map_layers", "queued")
    assert again["number"] == first["number"]
    assert rita.get(address).json()["job"]["number"] == first["number"]
    assert rita.get(f"/api/v1/jobs/{first['number']}").status_code == 200
    susi = bank.browse("susi")
    assert susi.post(address).status_code == 403
    assert susi.get(address).json() == before  # what the head office asked for is not theirs to follow
    for path in (address, "/api/v1/runs/none/layers"):
        answer = bank.browse("olga").get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "RUN_UNKNOWN")


def test_a_run_whose_files_are_gone_is_not_asked_for(sqlite_template: Path, tmp_path: Path) -> None:
    (tmp_path / "acreline.db").write_bytes(sqlite_template.read_bytes())
    engine = open_engine(sqlite_url(tmp_path / "acreline.db"))
    rita = open_bank(engine, Folders(layers=tmp_path, runs=tmp_path)).browse("rita")
    answer = rita.post(f"/api/v1/runs/{RUN}/layers")
    assert (answer.status_code, answer.json()["code"]) == (404, "RUN_FILES_MISSING")
    rita.app.state.folders = Folders(runs=tmp_path)  # type: ignore[attr-defined]  # of the service
    answer = rita.post(f"/api/v1/runs/{RUN}/layers")
    assert (answer.status_code, answer.json()["code"]) == (503, "FOLDER_MISSING")
    engine.dispose()


def test_a_square_is_kept_for_good(susi: TestClient) -> None:
    (run,) = susi.get(IMAGERY).json()["runs"]
    answer = next(answer for each in squares_of(run, "true-colour") if (answer := susi.get(each)).status_code == 200)
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "image/webp"
    assert answer.content[:4] == b"RIFF"
    again = susi.get(str(answer.url), headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("layer", ["true-colour", "ndvi"])
@pytest.mark.parametrize("zoom", [0, 9, 10, 11, 12, 14, 16])
def test_blocks_and_drawn_squares_show_the_same_ground(susi: TestClient, layer: str, zoom: int) -> None:
    (run,) = susi.get(IMAGERY).json()["runs"]
    seen = np.concatenate([each.reshape(-1, 4) for each in pictures(susi, squares_of(run, layer, zoom))])
    opaque = seen[seen[:, 3] == 255][:, :3].astype(int)
    expected = (120, 90, 40) if layer == "true-colour" else (143, 189, 126)  # NDVI .5
    assert len(opaque) or zoom == 0
    assert not len(opaque) or np.abs(np.median(opaque, axis=0) - expected).max() < 12


def test_a_season_on_squares_goes_before_that_of_the_run_whose_address_stays(
    susi: TestClient, small_bank: Bank, tmp_path: Path
) -> None:
    (before,) = susi.get(IMAGERY).json()["runs"]
    assert small_bank.folders.layers is not None
    colour = np.array([120, 90, 40], dtype=np.uint8)[:, None, None]
    write_cog(tmp_path / "mosaic.tif", np.broadcast_to(colour, (3, *GRID.shape)).copy(), GRID, nodata=0)
    add_season(small_bank.folders.layers, RUN, tmp_path / "mosaic.tif")
    (run,) = susi.get(IMAGERY).json()["runs"]
    (mosaic,) = (each for each in run["layers"] if each["layer"] == "mosaic")
    assert (mosaic["max_zoom"], mosaic["url"][-5:]) == (DATED_ZOOM, ".webp")
    seen = np.concatenate([each.reshape(-1, 4) for each in pictures(susi, squares_of(run, "mosaic"))])
    assert np.abs(np.median(seen[seen[:, 3] == 255], axis=0)[:3] - colour.ravel()).max() < 6
    assert susi.get(squares_of(run, "mosaic")[0]).headers["content-type"] == "image/webp"
    old = squares_of(before, "mosaic")
    assert not set(old) & set(squares_of(run, "mosaic"))
    assert pictures(susi, old)


HASH = "0" * HASH_CHARACTERS


@pytest.mark.parametrize(
    "path",
    [
        f"{HASH}/mosaic/13/1/1.webp",
        f"{HASH}/..%2F..%2Frun/13/1/1.png",
        f"{HASH}/%2e%2e/13/1/1.png",
        f"{HASH}/%2Fetc%2Fpasswd/13/1/1.png",
        f"{HASH}/crop%00/13/1/1.png",
        f"{HASH}/crop.tif/13/1/1.png",
        f"{HASH}/http%3A%2F%2Fexample.org/13/1/1.png",
        f"..%2F..%2F{HASH}/crop/13/1/1.png",
        "%2e%2e/crop/13/1/1.png",
        "%2Fetc%2Fpasswd/crop/13/1/1.png",
        f"%00{HASH[1:]}/crop/13/1/1.png",
        f"{HASH}%0A/crop/13/1/1.png",
        "true-colour-0/crop/13/1/1.png",
        f"{HASH}/crop/13/1/1.tif",
        f"{HASH}/crop/13/1/..%2F1.png",
        f"{HASH}/crop/25/1/1.png",
        f"{HASH}/crop/-1/1/1.png",
        f"{HASH}/crop/13/99999999999999999999/1.png",
    ],
)
def test_nothing_else_can_be_named(susi: TestClient, path: str) -> None:
    answer = susi.get(f"{IMAGERY}/{path}")
    assert answer.status_code in {404, 422}
    assert "example.org" not in answer.text
    assert "passwd" not in answer.text


def test_a_layer_under_the_content_of_another_or_in_another_form_is_unknown(susi: TestClient) -> None:
    (run,) = susi.get(IMAGERY).json()["runs"]
    square = squares_of(run, "crop")[0]
    assert susi.get(square).status_code == 200
    for other in (square.replace("/crop/", "/vigour/"), square.replace("/crop/", "/ndvi/"), square[:-3] + "webp"):
        answer = susi.get(other)
        assert (answer.status_code, answer.json()["code"]) == (404, "LAYER_UNKNOWN")


def test_what_the_list_no_longer_says_is_gone_at_once(susi: TestClient, small_bank: Bank) -> None:
    (run,) = susi.get(IMAGERY).json()["runs"]
    square = squares_of(run, "ndvi")[0]
    index = small_bank.dated / INDEX_NAME
    whole = index.read_bytes()
    try:
        index.unlink()
        assert susi.get(square).status_code == 404
        assert susi.get(IMAGERY).json()["runs"][0]["dates"] == []
    finally:
        index.write_bytes(whole)
        os.utime(index)
    assert susi.get(square).status_code in {200, 204}


def test_a_damaged_list_is_said_so(susi: TestClient, small_bank: Bank) -> None:
    index = small_bank.dated / INDEX_NAME
    whole = index.read_bytes()
    try:
        index.write_bytes(b"{}")
        answer = susi.get(IMAGERY)
    finally:
        index.write_bytes(whole)
    assert (answer.status_code, answer.json()["code"]) == (500, "IMAGERY_DAMAGED")


def test_the_address_of_the_list_is_the_prefix() -> None:
    assert routes.imagery.prefix == IMAGERY
