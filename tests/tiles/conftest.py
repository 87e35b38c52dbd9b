"""Small static STAC catalogues, written where a test wants them."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from affine import Affine
from odc.geo.geobox import GeoBox
from rasterio.warp import transform_bounds

from geo.bands import BANDS

EPSG = 32631
LEFT, TOP, SIDE_PX = 600_000, 5_600_000, 16
COARSE = ("B05", "B06", "B07", "B8A", "B11", "B12", "SCL")


@dataclass(frozen=True)
class Scene:
    """One scene to write: digital numbers are `number` + 10 x the band's place, plus the pixel's place."""

    id: str = "S2_31UES_20200501T105000_L2A"
    when: str = "2020-05-01T10:50:00Z"
    number: int = 2000
    scl: int = 4
    baseline: str | None = "02.14"
    offset: float | None = 0.0
    harmonised: bool | None = False
    left: int = LEFT
    omit: tuple[str, ...] = ()
    collection: str = "sentinel-2-l2a"
    platform: str = "sentinel-2a"
    more: Mapping[str, Any] = field(default_factory=dict)

    def pixels(self, band: str) -> np.ndarray[Any, Any]:
        side = SIDE_PX // 2 if band in COARSE else SIDE_PX
        if band == "SCL":
            return np.full((side, side), self.scl, dtype=np.uint8)
        place = np.arange(side * side, dtype=np.uint16).reshape(side, side)
        return (self.number + 10 * BANDS.index(band) + place).astype(np.uint16)


def _write_raster(path: Path, scene: Scene, band: str) -> None:
    pixels = scene.pixels(band)
    step = SIDE_PX * 10 // len(pixels)
    profile = {
        "driver": "GTiff",
        "height": len(pixels),
        "width": len(pixels),
        "count": 1,
        "dtype": pixels.dtype,
        "nodata": 0,
        "crs": f"EPSG:{EPSG}",
        "transform": Affine(step, 0, scene.left, 0, -step, TOP),
        "compress": "deflate",
    }
    with rasterio.open(path, "w", **profile) as file:
        file.write(pixels, 1)


def _asset(scene: Scene, band: str) -> dict[str, Any]:
    stated: dict[str, Any] = {"data_type": "uint16", "nodata": 0}
    if scene.offset is not None and band != "SCL":
        stated |= {"scale": 0.0001, "offset": scene.offset}
    return {"href": f"./{band}.tif", "roles": ["data"], "raster:bands": [stated]}


def _item(scene: Scene) -> dict[str, Any]:
    box = (scene.left, TOP - 10 * SIDE_PX, scene.left + 10 * SIDE_PX, TOP)
    west, south, east, north = transform_bounds(f"EPSG:{EPSG}", "EPSG:4326", *box)
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    said = {"s2:processing_baseline": scene.baseline, "earthsearch:boa_offset_applied": scene.harmonised}
    properties = {"datetime": scene.when, "platform": scene.platform, "proj:epsg": EPSG}
    return {
        "type": "Feature",
        "stac_version": "1.0.0",
        "id": scene.id,
        "collection": scene.collection,
        "geometry": {"type": "Polygon", "coordinates": [ring]},
        "bbox": [west, south, east, north],
        "properties": properties | {k: v for k, v in said.items() if v is not None} | dict(scene.more),
        "assets": {band: _asset(scene, band) for band in (*BANDS, "SCL") if band not in scene.omit},
        "links": [],
    }


def _write_scene(folder: Path, scene: Scene) -> str:
    place = folder / scene.collection / scene.id
    place.mkdir(parents=True)
    for band in (*BANDS, "SCL"):
        _write_raster(place / f"{band}.tif", scene, band)
    (place / "item.json").write_text(json.dumps(_item(scene)))
    return f"./{scene.collection}/{scene.id}/item.json"


def write_catalogue(folder: Path, scenes: Sequence[Scene]) -> Path:
    """Write scenes and a catalog.json that links to them; its path."""
    links = [{"rel": "item", "href": _write_scene(folder, scene)} for scene in scenes]
    path = folder / "catalog.json"
    path.write_text(
        json.dumps({"type": "Catalog", "stac_version": "1.0.0", "id": "test", "description": "-", "links": links})
    )
    return path


@pytest.fixture
def new_scene() -> type[Scene]:
    return Scene


@pytest.fixture
def catalogue(tmp_path: Path) -> Callable[..., Path]:
    """Writes the given scenes below tmp_path/catalogue, returns the path of catalog.json."""
    return lambda *scenes: write_catalogue(tmp_path / "catalogue", scenes)


@pytest.fixture
def grid() -> GeoBox:
    """The grid that a scene fills exactly: 16 x 16 px of 10 m."""
    return GeoBox((SIDE_PX, SIDE_PX), Affine(10, 0, LEFT, 0, -10, TOP), f"EPSG:{EPSG}")


@pytest.fixture
def around() -> tuple[float, float, float, float]:
    """Degrees that hold every scene."""
    return (4.0, 50.0, 5.0, 51.0)


@pytest.fixture
def object_store(bucket_maker: Callable[[str], str]) -> str:
    """Address of an S3 server on loopback, with a bucket "cubes"; the environment points at it while the test runs."""
    return bucket_maker("cubes")


@pytest.fixture(params=["folder", "object store"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a cube may be written: a folder, then an object store."""
    if request.param == "folder":
        return str(tmp_path / "stage" / "32631_1_2")
    request.getfixturevalue("object_store")
    return f"s3://cubes/{uuid.uuid4().hex}/32631_1_2"
