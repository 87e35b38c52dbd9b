from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin
from shapely import box

from app.jobs.labels import label_pairs, legend_map, parcel_labels, raster_beside, raster_labels
from geo.errors import InputError
from geo.legend import load_legend

WHEAT, GRASS = (load_legend()[key].value for key in ("wheat", "grass"))


def parcels(folder: Path, **columns: list[object]) -> Path:
    count = len(next(iter(columns.values())))
    frame = gpd.GeoDataFrame(columns, geometry=[box(4 + n, 50, 4.001 + n, 50.001) for n in range(count)], crs=4326)
    frame.to_file(folder / "book.gpkg")
    return folder / "book.gpkg"


def raster(
    path: Path, values: object, dtype: str = "uint16", *, crs: int | None = 32631, step: float = 10.0, nodata: int = 0
) -> Path:
    array = np.array(values, dtype=dtype)
    place = from_origin(500000, 5600000, step, step)
    shape = {"width": array.shape[1], "height": array.shape[0], "count": 1}
    with rasterio.open(
        path, "w", driver="GTiff", dtype=dtype, crs=crs, transform=place, nodata=nodata, **shape
    ) as file:
        file.write(array, 1)
    return path


def test_names_and_codes_that_the_legend_knows_need_no_map(tmp_path: Path) -> None:
    found = parcel_labels(
        parcels(tmp_path, crop=["winter wheat", "Grass and fodder", None, "quinoa"]), None, None, None
    )
    assert found.column == "crop"
    assert found.labels == ("winter wheat", "Grass and fodder", None, "quinoa")
    assert [found.label_map.name_of(label) for label in found.labels if label] == ["wheat", "grass", None]
    assert legend_map(["1510", "1101060000", "12", "171"]).labels == {"1510": "barley", "1101060000": "maize"}


def test_numbers_in_a_column_are_codes(tmp_path: Path) -> None:
    found = parcel_labels(parcels(tmp_path, crop_code=[1110.0, np.nan, 9120.0]), None, None, None)
    assert found.labels == ("1110", None, "9120")
    assert found.label_map.keys_of("9120") == {"grass"}


def test_a_map_alone_says_what_labels_mean(tmp_path: Path) -> None:
    (tmp_path / "map.json").write_text(json.dumps({"A": "wheat", "B": ["wheat", "barley"]}))
    found = parcel_labels(parcels(tmp_path, kind=["A", "B", "wheat"]), None, "kind", tmp_path / "map.json")
    assert [found.label_map.keys_of(label or "") for label in found.labels] == [{"wheat"}, {"wheat", "barley"}, None]


@pytest.mark.parametrize(
    ("columns", "column", "line"),
    [
        ({"x": ["wheat"]}, None, "has no column 'crop' or 'label' or 'crop_code'; it has x. Name the one that holds"),
        (
            {"crop": ["wheat"]},
            "krop",
            "has no column 'krop'; it has crop. Name the one that holds the crops with",
        ),
        ({"crop": [None, ""]}, None, "There is no label in the column 'crop' of"),
        ({"crop": ["p", "q"]}, None, "is known: p, q. Say what they mean with --label-map."),
    ],
)
def test_labels_that_cannot_be_used(tmp_path: Path, columns: dict[str, list[object]], column: str, line: str) -> None:
    with pytest.raises(InputError) as caught:
        parcel_labels(parcels(tmp_path, **columns), None, column, None)
    assert line in str(caught.value)


def test_codes_of_a_raster_are_the_legends_unless_the_map_names_them(tmp_path: Path) -> None:
    path = raster(tmp_path / "codes.tif", [[0, 1110], [9120, 7]])
    assert raster_labels(path, None).label_map.labels == {"1110": "wheat", "9120": "grass"}
    (tmp_path / "names.json").write_text('{"winter wheat": "wheat"}')
    assert raster_labels(path, tmp_path / "names.json").label_map.labels == {"1110": "wheat", "9120": "grass"}
    (tmp_path / "numbers.json").write_text('{"7": "maize"}')
    assert raster_labels(path, tmp_path / "numbers.json").label_map.labels == {"7": "maize"}


@pytest.mark.parametrize("how", ["missing", "text", "float", "no crs", "empty", "unknown"])
def test_rasters_that_cannot_be_used(tmp_path: Path, how: str) -> None:
    path = tmp_path / "labels.tif"
    if how == "text":
        path.write_text("no raster")
    elif how != "missing":
        values = {"empty": [[0, 0]], "unknown": [[7, 8]]}.get(how, [[1110, 0]])
        raster(path, values, "float32" if how == "float" else "uint16", crs=None if how == "no crs" else 32631)
    with pytest.raises(InputError) as caught:
        raster_labels(path, None)
    assert str(path) in str(caught.value)
    assert caught.value.code == {"empty": "NO_LABELS", "unknown": "LABELS_UNKNOWN"}.get(how, "LABEL_RASTER")


def test_pixels_meet_the_map_at_the_nearest_pixel_and_zones_fill_each_other(tmp_path: Path) -> None:
    codes = raster_labels(
        raster(tmp_path / "codes.tif", [[1110, 1110, 9120, 0], [1110, 9120, 9120, 65535]], nodata=65535), None
    )
    fine = raster(tmp_path / "crop.tif", np.kron([[WHEAT, GRASS], [WHEAT, 0]], np.ones((2, 2))), "uint8", step=5.0)
    other = raster(tmp_path / "crop_32632.tif", np.full((2, 3), GRASS), "uint8")
    assert dict(label_pairs(codes, [fine])) == {
        ("1110", WHEAT): 2,
        ("1110", GRASS): 1,
        ("9120", 0): 3,
    }
    assert dict(label_pairs(codes, [fine, other])) == {
        ("1110", WHEAT): 2,
        ("1110", GRASS): 1,
        ("9120", GRASS): 3,
    }


def test_the_one_raster_beside_a_catalogue_is_found(tmp_path: Path) -> None:
    assert raster_beside(str(tmp_path / "catalog.json")) is None
    (tmp_path / "labels").mkdir()
    first = raster(tmp_path / "labels" / "crop_code.tif", [[1110]])
    assert raster_beside(str(tmp_path / "catalog.json")) == first
    assert raster_beside(str(tmp_path)) == first
    assert raster_beside("https://host/stac") is None
    raster(tmp_path / "labels" / "other.tif", [[1110]])
    assert raster_beside(str(tmp_path / "catalog.json")) is None
