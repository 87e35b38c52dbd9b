"""Map layers: drawn in the right place and colours, silent outside, closed to everything but their names."""

from __future__ import annotations

import io
import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from app.api.application import create_app
from app.maplayers.colours import crop_colours, prob_colours, vigour_colours
from app.maplayers.rasters import LAYERS
from geo.legend import load_legend
from tests.app.api.run_folder import build_run_folder

ZOOM = 15


def square_at(lon: float, lat: float, zoom: int = ZOOM) -> tuple[int, int]:
    turn = math.log(math.tan(math.pi / 4 + math.radians(lat) / 2))
    return int((lon + 180) / 360 * 2**zoom), int((1 - turn / math.pi) / 2 * 2**zoom)


def middle(client: TestClient) -> tuple[int, int]:
    west, south, east, north = client.get("/api/parcels/P-005").json()["bounds"]
    return square_at((west + east) / 2, (south + north) / 2)


def pixels(content: bytes) -> npt.NDArray[np.uint8]:
    with Image.open(io.BytesIO(content)) as image:
        return np.asarray(image.convert("RGBA"))


@pytest.mark.parametrize("name", list(LAYERS))
@pytest.mark.parametrize("size", [256, 512])
def test_each_layer_is_drawn_in_both_sizes(client: TestClient, name: str, size: int) -> None:
    x, y = middle(client)
    answer = client.get(f"/map-layers/{name}/{ZOOM}/{x}/{y}.png?size={size}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    drawn = pixels(answer.content)
    assert drawn.shape == (size, size, 4)
    assert drawn[..., 3].max() == 255


def test_crops_have_the_colours_of_the_legend_and_nothing_between(client: TestClient) -> None:
    x, y = middle(client)
    drawn = pixels(client.get(f"/map-layers/crop/{ZOOM}/{x}/{y}.png").content)
    opaque = {tuple(colour) for colour in drawn[drawn[..., 3] == 255].tolist()}
    assert opaque <= set(crop_colours().values())
    wheat = bytes.fromhex(load_legend()["wheat"].colour[1:])
    assert (*wheat, 255) in opaque


@pytest.mark.parametrize("name", list(LAYERS))
@pytest.mark.parametrize("square", ["15/0/0", "22/1/1", "3/7/7", "24/16777215/16777215", "2/9999/9999"])
def test_outside_there_is_nothing_rather_than_an_error(client: TestClient, name: str, square: str) -> None:
    answer = client.get(f"/map-layers/{name}/{square}.png")
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize("name", list(LAYERS))
def test_the_whole_world_can_be_asked_for(client: TestClient, name: str) -> None:
    assert client.get(f"/map-layers/{name}/0/0/0.png").status_code == 200


@pytest.mark.parametrize(
    "name", ["evil", "run.json", "crop.tif", "..%2Fcrop", "%2e%2e", "http%3A%2F%2Fexample.org%2Fa", "vsicurl", "CROP"]
)
def test_only_names_on_the_list_are_layers(client: TestClient, name: str) -> None:
    answer = client.get(f"/map-layers/{name}/{ZOOM}/1/1.png")
    assert answer.status_code == 404
    assert "example.org" not in answer.text


@pytest.mark.parametrize("square", ["-1/0/0", "25/0/0", "1/-1/0", "a/b/c", "1/1/1?size=1024", "1/1/1?size=0"])
def test_squares_that_do_not_exist_are_refused(client: TestClient, square: str) -> None:
    path, _, query = square.partition("?")
    assert client.get(f"/map-layers/crop/{path}.png?{query}").status_code == 422


def test_layers_are_kept_for_good_under_their_hash(client: TestClient) -> None:
    x, y = middle(client)
    layer = next(layer for layer in client.get("/api/run").json()["layers"] if layer["name"] == "crop")
    url = layer["url"].replace("{z}", str(ZOOM)).replace("{x}", str(x)).replace("{y}", str(y))
    answer = client.get(url)
    assert "immutable" in answer.headers["cache-control"]
    assert pixels(answer.content).shape[0] == layer["tile_px"]
    assert client.get(url, headers={"If-None-Match": answer.headers["etag"]}).status_code == 304


def test_layer_bounds_hold_the_parcels(client: TestClient) -> None:
    run = client.get("/api/run").json()
    west, south, east, north = run["bounds"]
    for layer in run["layers"]:
        left, bottom, right, top = layer["bounds"]
        assert left < west < east < right
        assert bottom < south < north < top


def test_a_damaged_raster_is_named_and_nothing_else_fails(tmp_path: Path) -> None:
    folder = build_run_folder(tmp_path / "run")
    with TestClient(create_app(folder), base_url="http://localhost", raise_server_exceptions=False) as client:
        x, y = middle(client)
        raster = folder / "crop.tif"
        raster.write_bytes(raster.read_bytes()[:200])
        answer = client.get(f"/map-layers/crop/{ZOOM}/{x}/{y}.png")
        assert answer.status_code == 500
        assert answer.json()["code"] == "LAYER_UNREADABLE"
        assert "crop.tif" in answer.json()["message"]
        assert str(folder) not in answer.text
        assert client.get(f"/map-layers/vigour/{ZOOM}/{x}/{y}.png").status_code == 200


@pytest.mark.parametrize("ramp", [vigour_colours(), prob_colours()])
def test_ramps_darken_all_the_way(ramp: dict[int, tuple[int, int, int, int]]) -> None:
    assert sorted(ramp) == list(range(101))
    light = [0.2126 * red + 0.7152 * green + 0.0722 * blue for red, green, blue, _ in ramp.values()]
    assert all(after <= before for before, after in pairwise(light))
