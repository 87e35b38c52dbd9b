"""Searching a real STAC API and reading what it points to; every failure with its message."""

from __future__ import annotations

import json
import logging
import pickle
import socket
from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pystac
import pytest
import rasterio
from odc.geo.geobox import GeoBox

from geo.bands import BANDS
from geo.errors import AcrelineError, InputError, TransientError
from geo.season import Season
from tests.postgres_server import private_postgres
from tests.tiles.conftest import Scene, write_catalogue
from tests.tiles.file_server import Fault, FileServer, serve_folder
from tests.tiles.sources.stac_server import Gate, gate_before, stac_api
from tiles.access import explain, gdal_options, opened, retries
from tiles.cube import read_block
from tiles.plan import plan_cube
from tiles.reader import Window
from tiles.sources.base import ASSETS
from tiles.sources.presets import PRESETS
from tiles.sources.stac_api import StacApi

pytestmark = pytest.mark.postgres

SEASON = Season(date(2020, 4, 1), date(2020, 6, 30))
AROUND = (4.0, 50.0, 5.0, 51.0)
MAY = [f"2020-05-{day:02d}T10:50:00Z" for day in range(1, 6)]
#: Sides of the antimeridian, with the degree of longitude that a scene starts at.
SIDES = {"west": 179.2, "east": -179.9, "far": 170.0}
QUICK = retries(count=2, pause_s=0.01)
SECRET = "what-nobody-may-see"  # noqa: S105 - of this test only
RADAR = "S1A_IW_GRDH_1SDV_20200502T055000_20200502T055025_032400_03C000_rtc"


def _raw(folder: Path) -> list[dict[str, Any]]:
    """Items of scenes written as COGs below a folder, as the static catalogue has them; hrefs from that folder."""
    scenes = [
        Scene(id=f"S2A_31UES_{when[:10].replace('-', '')}_0_L2A", when=when, number=1000 + 100 * number)
        for number, when in enumerate(MAY)
    ]
    write_catalogue(folder, scenes)
    found = []
    for path in sorted(folder.rglob("item.json")):
        item = json.loads(path.read_text())
        for asset in item["assets"].values():
            asset["href"] = f"{path.parent.relative_to(folder)}/{asset['href'].removeprefix('./')}"
        found.append(item)
    return found


def _moved(item: Mapping[str, Any], **changes: Any) -> dict[str, Any]:
    made = deepcopy(dict(item)) | {key: value for key, value in changes.items() if key in ("id", "collection", "bbox")}
    made["properties"] |= {key.replace("__", ":"): value for key, value in changes.items() if key not in made}
    if "bbox" in changes:
        west, south, east, north = changes["bbox"]
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        made["geometry"] = {"type": "Polygon", "coordinates": [ring]}
    return made


def _renamed(item: Mapping[str, Any], names: Mapping[str, str], **changes: Any) -> dict[str, Any]:
    made = _moved(item, **changes)
    made["assets"] = {names[band]: asset for band, asset in made["assets"].items()}
    return made


def _radar(item: Mapping[str, Any], name: str, collection: str) -> dict[str, Any]:
    made = _moved(item, id=name, collection=collection, platform="sentinel-1a")
    made["assets"] = dict.fromkeys(("vv", "vh"), made["assets"]["B02"])
    return made


def _stored(raw: list[dict[str, Any]], files: str) -> list[dict[str, Any]]:
    """What the API holds: one collection per way of naming, and one per question of a test."""
    for item in raw:
        for asset in item["assets"].values():
            asset["href"] = f"{files}/{asset['href']}"
    first = raw[0]
    items = [_renamed(item, PRESETS["earth-search"].assets) for item in raw]
    items += [
        _renamed(item, PRESETS[key].assets, id=f"{key}-{item['id']}", collection=f"{key}-l2a")
        for key in ("copernicus", "planetary-computer")
        for item in raw
    ]
    taken = {"s2__datatake_id": "GS2A_20200501T105031_025371_N{}", "s2__datastrip_id": "DS_{}_S20200501T105336_N{}"}
    for baseline, strip in (("02.14", "A"), ("05.00", "B"), ("05.10", "C")):
        said = {
            key: value.format(*([strip, baseline] if "strip" in key else [baseline])) for key, value in taken.items()
        }
        items.append(
            _moved(first, id=f"S2A_31UES_{strip}", collection="again-l2a", s2__processing_baseline=baseline, **said)
        )
    items += [
        _moved(first, id=f"S2A_{side}_L2A", collection="edge-l2a", bbox=[lon, 50.2, lon + 0.5, 50.7])
        for side, lon in SIDES.items()
    ]
    lacking = _moved(first, id="S2A_lacking_L2A", collection="lacking-l2a")
    del lacking["assets"]["B11"]
    absent = _moved(first, id="S2A_absent_L2A", collection="absent-l2a")
    absent["assets"]["B02"]["href"] = f"{files}/gone/B02.tif"
    return [
        *items,
        lacking,
        absent,
        _radar(first, RADAR, "sentinel-1-rtc"),
        _radar(first, RADAR.removesuffix("_rtc"), "sentinel-1-grd"),
    ]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FileServer]:
    with serve_folder(tmp_path_factory.mktemp("cogs")) as server:
        yield server


@pytest.fixture(scope="module")
def upstream(files: FileServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    items = _stored(_raw(files.root), files.url)
    collections = sorted({str(item["collection"]) for item in items} | {"empty-l2a"})
    with private_postgres() as postgres, stac_api(postgres, tmp_path_factory.mktemp("api"), collections, items) as url:
        yield url


@pytest.fixture
def api(upstream: str) -> Iterator[Gate]:
    with gate_before(upstream) as gate:
        yield gate


def _source(api: Gate, collection: str = "", **more: Any) -> StacApi:
    place = f"{api.url}/collections/{collection}" if collection else api.url
    return StacApi(place, **({"rule": QUICK} | more))


def _failure(source: StacApi, season: Season = SEASON) -> AcrelineError:
    with pytest.raises(AcrelineError) as caught:
        source.search(AROUND, season)
    return caught.value


def _host(api: Gate) -> str:
    return api.url.removeprefix("http://")


def test_scenes_are_found_and_their_pixels_read(api: Gate, files: FileServer) -> None:
    items = _source(api).search(AROUND, SEASON)
    assert [item.datetime.isoformat() if item.datetime else "" for item in items] == [
        when.replace("Z", "+00:00") for when in MAY
    ]
    for number, item in enumerate(items):
        assert tuple(item.assets) == ASSETS
        assert item.properties["acreline:catalogue"] == _host(api)
        assert "acreline:harmonised" not in item.properties
        href = item.assets["B03"].href
        assert href.startswith(files.url)
        with rasterio.Env(**gdal_options(href)), rasterio.open(opened(href)) as file:
            assert int(file.read(1)[0, 0]) == 1000 + 100 * number + 10 * BANDS.index("B03")


@pytest.mark.parametrize("collection", ["copernicus-l2a", "planetary-computer-l2a"])
def test_names_of_the_other_catalogues_become_ours(api: Gate, collection: str) -> None:
    items = _source(api, collection).search(AROUND, SEASON)
    assert len(items) == len(MAY)
    assert {tuple(item.assets) for item in items} == {ASSETS}
    assert items[0].assets["SCL"].href.endswith("/SCL.tif")


def test_pages_are_followed(api: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tiles.sources.stac_client._PAGE", 2)
    assert len(_source(api).search(AROUND, SEASON)) == len(MAY)
    assert api.seen.count("POST /search") == 3
    assert api.bodies[0]["datetime"] == "2020-04-01T00:00:00Z/2020-07-01T00:00:00Z"


def test_first_and_last_day_of_a_season_belong_to_it(api: Gate) -> None:
    days = [item.datetime for item in _source(api).search(AROUND, Season(date(2020, 5, 2), date(2020, 5, 4)))]
    assert [day.day for day in days if day] == [2, 3, 4]


def test_area_across_the_antimeridian_is_asked_for_in_halves(api: Gate) -> None:
    found = _source(api, "edge-l2a").search((179.0, 50.0, -179.0, 51.0), SEASON)
    assert sorted(item.id for item in found) == ["S2A_east_L2A", "S2A_west_L2A"]
    assert [body["bbox"] for body in api.bodies] == [[179.0, 50.0, 180.0, 51.0], [-180.0, 50.0, -179.0, 51.0]]


def test_acquisition_processed_again_is_taken_once(api: Gate) -> None:
    assert [item.id for item in _source(api, "again-l2a").search(AROUND, SEASON)] == ["S2A_31UES_C"]


def test_items_hold_no_token_and_no_client(api: Gate) -> None:
    api.token = SECRET
    item = _source(api, token=SECRET).search(AROUND, SEASON)[0]
    assert SECRET.encode() not in pickle.dumps(item)
    assert SECRET not in repr(_source(api, token=SECRET))
    assert item.get_root() is None
    assert isinstance(item, pystac.Item)


def test_token_goes_to_the_catalogue_only_and_into_no_log(
    api: Gate, files: FileServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    api.token = SECRET
    href = _source(api, token=SECRET).search(AROUND, SEASON)[0].assets["B02"].href
    with rasterio.Env(**gdal_options(href)), rasterio.open(opened(href)):
        pass
    assert set(api.authorizations) == {f"Bearer {SECRET}"}
    assert not any("Authorization" in headers for headers in files.headers)
    assert SECRET not in caplog.text


def test_token_is_never_sent_over_an_open_line() -> None:
    error = _failure(StacApi("http://catalogue.example.org/v1", token=SECRET))
    assert str(error) == "http://catalogue.example.org/v1 would show the token to the network. Use https://."


def test_expired_token(api: Gate) -> None:
    api.token = SECRET
    error = _failure(_source(api, token=SECRET[1:]))
    assert (type(error), error.code) == (InputError, "TOKEN_EXPIRED")
    assert str(error) == f"{_host(api)} does not accept the token (HTTP 401). Renew the setting stac_token."
    assert str(_failure(_source(api))) == f"{_host(api)} asks for a token (HTTP 401). Set the setting stac_token."


def test_forbidden_search(api: Gate) -> None:
    api.faults["/search"] = Fault(403)
    error = _failure(_source(api))
    assert (error.code, str(error)) == (
        "ACCESS_DENIED",
        f"{_host(api)} refuses the search (HTTP 403). Check what the account may do there.",
    )


def test_too_many_requests(api: Gate) -> None:
    api.faults["/search"] = Fault(429, (("Retry-After", "0"),))
    error = _failure(_source(api))
    assert (type(error), error.code) == (TransientError, "RATE_LIMITED")
    assert str(error) == (
        f"{_host(api)} takes no more requests for now (HTTP 429). Try again later, with fewer workers."
    )
    assert api.seen.count("POST /search") == 3


def test_retry_after_is_waited_for(api: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr("urllib3.util.retry.time.sleep", waited.append)
    api.faults["/search"] = Fault(429, (("Retry-After", "7"),), times=1)
    assert len(_source(api).search(AROUND, SEASON)) == len(MAY)
    assert waited == [7]


def test_short_outage_is_survived(api: Gate) -> None:
    api.faults["/search"] = Fault(502, times=2)
    assert len(_source(api).search(AROUND, SEASON)) == len(MAY)


@pytest.mark.parametrize("status", [500, 503])
def test_catalogue_down(api: Gate, status: int) -> None:
    api.faults["/"] = Fault(status)
    error = _failure(_source(api))
    assert (type(error), error.code) == (TransientError, "SOURCE_DOWN")
    assert str(error) == f"{_host(api)} does not answer: HTTP {status}. Try again later."


def test_nobody_listens() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{unused.getsockname()[1]}"
    error = _failure(StacApi(f"http://{host}", rule=QUICK))
    assert (error.code, str(error)) == ("SOURCE_DOWN", f"{host} does not answer: no connection. Try again later.")


def test_slow_catalogue(api: Gate) -> None:
    api.faults["/"] = Fault(delay_s=0.5)
    error = _failure(_source(api, rule=retries(count=1, pause_s=0.01), timeout_s=0.1))
    assert (error.code, str(error)) == (
        "SOURCE_DOWN",
        f"{_host(api)} does not answer: no answer in time. Try again later.",
    )


def test_empty_search(api: Gate) -> None:
    error = _failure(_source(api), Season(date(2018, 1, 1), date(2018, 12, 31)))
    assert (type(error), error.code) == (InputError, "NO_SCENES")
    assert str(error) == (
        f"{_host(api)} has no Sentinel-2 L2A scene of the season 2018-01-01/2018-12-31 that touches the area "
        "(4.0000, 50.0000, 5.0000, 51.0000). Check the season and the parcels' CRS, or name another catalogue."
    )


def test_scene_without_a_band(api: Gate) -> None:
    error = _failure(_source(api, "lacking-l2a"))
    assert (error.code, str(error)) == (
        "MISSING_BAND",
        f"Scene S2A_lacking_L2A has no asset for band B11. Each scene needs {', '.join(ASSETS)}.",
    )


def test_missing_asset(api: Gate, files: FileServer) -> None:
    href = _source(api, "absent-l2a").search(AROUND, SEASON)[0].assets["B02"].href
    with pytest.raises(rasterio.errors.RasterioError) as caught, rasterio.Env(**gdal_options(href)):
        rasterio.open(opened(href))
    assert str(explain(caught.value, href)) == (
        f"There is no file {files.url}/gone/B02.tif (HTTP 404). Search the catalogue again, or leave the scene out."
    )


_NOT = "{url} is not a STAC API: {why}. Name the landing page of one, or earth-search, copernicus, planetary-computer."


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"<html>welcome</html>", "it is not JSON"),
        (b'{"hello": 1}', "it is not the landing page of a catalogue"),
        (
            b'{"type": "Catalog", "id": "a", "stac_version": "1.0.0", "description": "", "links": []}',
            "it offers no search",
        ),
    ],
)
def test_other_things_than_a_stac_api(api: Gate, body: bytes, why: str) -> None:
    api.faults["/"] = Fault(200, (("Content-Type", "text/html"),), body)
    error = _failure(_source(api))
    assert (error.code, str(error)) == ("NOT_STAC_API", _NOT.format(url=api.url, why=why))


def test_page_that_does_not_exist(api: Gate) -> None:
    error = _failure(StacApi(f"{api.url}/nothing", rule=QUICK))
    assert str(error) == _NOT.format(url=f"{api.url}/nothing", why="it answers HTTP 404")


def test_collection_that_does_not_exist(api: Gate) -> None:
    assert _failure(_source(api, "no-such-l2a")).code == "NO_SCENES"
    assert _failure(_source(api, "empty-l2a")).code == "NO_SCENES"


def test_terrain_corrected_radar(api: Gate) -> None:
    items = _source(api).search_radar(AROUND, SEASON)
    assert [(item.id, tuple(item.assets)) for item in items] == [(RADAR, ("vv", "vh"))]
    assert items[0].properties["acreline:catalogue"] == _host(api)


def test_raw_radar_is_refused(api: Gate) -> None:
    with pytest.raises(InputError) as caught:
        _source(api, "sentinel-1-grd").search_radar(AROUND, SEASON)
    assert caught.value.code == "RAW_GRD"
    declared = _source(api, "sentinel-1-grd").search_radar(AROUND, SEASON, declared="sigma0")
    assert [item.properties["acreline:radar_kind"] for item in declared] == ["sigma0"]


def test_empty_search_for_radar(api: Gate) -> None:
    with pytest.raises(InputError) as caught:
        _source(api).search_radar(AROUND, Season(date(2018, 1, 1), date(2018, 12, 31)))
    assert str(caught.value).startswith(f"{_host(api)} has no Sentinel-1 scene of the season 2018-01-01/2018-12-31")


def test_bands_of_a_found_scene_agree_with_the_files(api: Gate, files: FileServer) -> None:
    item = _source(api).search(AROUND, SEASON)[2]
    for band in BANDS:
        href = item.assets[band].href
        local = files.root / href.removeprefix(f"{files.url}/")
        with rasterio.Env(**gdal_options(href)), rasterio.open(opened(href)) as one, rasterio.open(local) as other:
            assert np.array_equal(one.read(1), other.read(1))


def test_found_scenes_become_a_cube(api: Gate, grid: GeoBox) -> None:
    items = _source(api).search(AROUND, SEASON)
    plan = plan_cube(items, grid)
    block = read_block(plan, Window(0, 16, 0, 16))
    expected = [1000 + 100 * number + 10 * BANDS.index("B04") for number in range(len(MAY))]
    assert block.reflectance[:, BANDS.index("B04"), 0, 0].tolist() == expected
