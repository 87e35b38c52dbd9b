"""What grew under a site, from the crop map of a run: exact parts of pixels, what is unknown, maps of two zones."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from rasterio.transform import from_origin

from app.jobs.sitewatch.landuse import open_crop_map
from geo.errors import InputError
from geo.legend import load_legend
from geo.runrecord import RunRecord

LEFT, TOP = 600_000.0, 4_000_000.0
WHEAT, GRASS = (load_legend()[key].value for key in ("wheat", "grass"))


def crop_map(folder: Path, values: np.ndarray, name: str = "crop.tif", epsg: int = 32648, **parameters: str) -> Path:
    """A map of 10 m pixels and the record of its run."""
    folder.mkdir(exist_ok=True)
    about = {"driver": "GTiff", "dtype": "uint8", "count": 1, "nodata": 0, "crs": f"EPSG:{epsg}"}
    place = {"height": values.shape[0], "width": values.shape[1], "transform": from_origin(LEFT, TOP, 10, 10)}
    with rasterio.open(folder / name, "w", **about, **place) as raster:
        raster.write(values.astype(np.uint8), 1)
    record = RunRecord(
        "r-1", datetime(2025, 12, 1, tzinfo=UTC), "1", {"season": "2024-10-01/2025-09-30", **parameters}, {}
    )
    (folder / "run.json").write_text(record.to_json(), encoding="utf-8")
    return folder / name


def on_grid(west: float, north: float, east: float, south: float) -> shapely.Geometry:
    """A box of metres east and south of the corner of the map, in degrees."""
    box = shapely.box(LEFT + west, TOP - south, LEFT + east, TOP - north)
    return gpd.GeoSeries([shapely.segmentize(box, 5.0)], crs=32648).to_crs(4326).iloc[0]


@pytest.fixture
def halves(tmp_path: Path) -> Path:
    """Wheat in the west, grass in the east, nothing decided in the lowest tenth."""
    values = np.full((100, 100), WHEAT)
    values[:, 50:] = GRASS
    values[90:] = 0
    return crop_map(tmp_path / "run", values)


def test_shares_are_exact_parts_of_pixels(halves: Path) -> None:
    found = open_crop_map(halves)
    assert found.season_end == date(2025, 9, 30)
    assert found.shares(on_grid(403, 100, 603, 200)) == pytest.approx({"wheat": 0.485, "grass": 0.515}, abs=1e-4)
    assert found.shares(on_grid(102, 102, 106, 106)) == pytest.approx({"wheat": 1.0}, abs=1e-3)  # within one pixel


def test_what_no_crop_was_decided_of_and_what_lies_off_the_map_is_in_no_share(halves: Path) -> None:
    found = open_crop_map(halves)
    assert found.shares(on_grid(0, 800, 100, 1000)) == pytest.approx({"wheat": 0.5}, abs=1e-4)
    assert found.shares(on_grid(-100, 100, 100, 200)) == pytest.approx({"wheat": 0.5}, abs=1e-4)
    assert found.shares(on_grid(5000, 0, 5100, 100)) == {}


def test_the_map_of_another_zone_counts_where_it_knows_more(halves: Path) -> None:
    west = on_grid(5000, 0, 5100, 100)
    left, south, _, _ = gpd.GeoSeries([west], crs=4326).to_crs(32649).total_bounds
    with rasterio.open(
        halves.with_name("crop_32649.tif"),
        "w",
        driver="GTiff",
        dtype="uint8",
        count=1,
        height=40,
        width=40,
        crs="EPSG:32649",
        transform=from_origin(left - 100, south + 250, 10, 10),
    ) as raster:
        raster.write(np.full((40, 40), GRASS, dtype=np.uint8), 1)
    found = open_crop_map(halves)
    assert found.shares(west) == pytest.approx({"grass": 1.0}, abs=1e-3)
    assert found.shares(on_grid(100, 100, 200, 200)) == pytest.approx({"wheat": 1.0}, abs=1e-3)


def test_a_map_that_cannot_be_used_is_refused(tmp_path: Path, halves: Path) -> None:
    strange = crop_map(tmp_path / "strange", np.full((10, 10), 250))
    with pytest.raises(InputError, match="values that the legend does not know"):
        open_crop_map(strange).shares(on_grid(10, 10, 50, 50))
    degrees = crop_map(tmp_path / "degrees", np.ones((10, 10)), epsg=4326)
    with pytest.raises(InputError, match="grid in metres"):
        open_crop_map(degrees).shares(on_grid(10, 10, 50, 50))
    halves.write_bytes(b"no map")
    with pytest.raises(InputError, match="cannot be read"):
        open_crop_map(halves).shares(on_grid(10, 10, 50, 50))
    halves.with_name("run.json").unlink()
    with pytest.raises(InputError, match=r"No run\.json"):
        open_crop_map(halves)
    with pytest.raises(InputError, match="There is no crop map"):
        open_crop_map(tmp_path / "absent.tif")
