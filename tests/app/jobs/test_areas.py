from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
from affine import Affine
from shapely import Point

from app.jobs.areas import AreasRequest, estimate_areas
from geo.errors import InputError
from geo.legend import load_legend

EDGE = (600_000.0, 5_600_000.0)
LEGEND = load_legend()
WHEAT, MAIZE, RICE = (LEGEND[key].value for key in ("wheat", "maize", "rice"))


@pytest.fixture
def crop_map(tmp_path: Path) -> Path:
    """60 rows of wheat, 30 of maize, 9 of rice, one of nothing; 100 columns."""
    rows = np.repeat(np.array([WHEAT, MAIZE, RICE, 0], dtype=np.uint8), [60, 30, 9, 1])
    path = tmp_path / "crop.tif"
    profile = {"width": 100, "height": 100, "count": 1, "dtype": "uint8", "crs": "EPSG:32631", "nodata": 0}
    with rasterio.open(path, "w", driver="GTiff", transform=Affine(10, 0, EDGE[0], 0, -10, EDGE[1]), **profile) as file:
        file.write(np.repeat(rows[:, None], 100, axis=1), 1)
    return path


def _sample(path: Path, rows: list[tuple[int, str]]) -> Path:
    """Points in the middle of pixels of given rows, each with its label."""
    places = [Point(EDGE[0] + 10 * number + 5, EDGE[1] - 10 * row - 5) for number, (row, _) in enumerate(rows)]
    frame = gpd.GeoDataFrame({"crop": [label for _, label in rows]}, geometry=places, crs=32631)
    frame.to_file(path)
    return path


def test_areas_are_those_of_the_ground_not_of_the_map(crop_map: Path, tmp_path: Path) -> None:
    rows = [(5, "wheat")] * 8 + [(5, "maize")] * 2 + [(65, "maize")] * 10 + [(95, "rice")] * 5
    report = estimate_areas(
        AreasRequest(crop_map=crop_map, sample=_sample(tmp_path / "s.gpkg", rows), design="stratified")
    )
    told = {row["name"]: row for row in report.as_dict()["classes"]}  # type: ignore[union-attr, index, call-overload]
    assert report.names == ("maize", "rice", "wheat")
    assert [told[name]["mapped_ha"] for name in report.names] == [30, 9, 60]
    assert [told[name]["area_ha"] for name in report.names] == pytest.approx([42, 9, 48])
    assert told["wheat"]["users_accuracy"] == pytest.approx(0.8)
    assert told["maize"]["producers_accuracy"] == pytest.approx(30 / 42, abs=1e-4)
    assert report.estimate.overall == pytest.approx((48 + 30 + 9) / 99)
    assert any("± " in value for _, value in report.table())


def test_a_class_with_one_point_is_merged_and_said_so(crop_map: Path, tmp_path: Path) -> None:
    rows = [(5, "wheat")] * 5 + [(65, "maize")] * 4 + [(95, "rice")] + [(99, "wheat")]
    report = estimate_areas(AreasRequest(crop_map=crop_map, sample=_sample(tmp_path / "s.gpkg", rows), design="simple"))
    assert (report.merged, report.names) == (("rice", "maize"), ("wheat", "rest"))
    rows = [(5, "wheat")] * 4 + [(65, "maize")] + [(95, "rice")] + [(99, "wheat")]
    report = estimate_areas(AreasRequest(crop_map=crop_map, sample=_sample(tmp_path / "t.gpkg", rows), design="simple"))
    assert report.merged == ("maize", "rice")
    assert report.names == ("wheat", "rest")
    assert (report.points, report.outside) == (6, 1)
    assert report.mapped_ha.tolist() == [60, 39]


def test_a_csv_in_degrees_is_read(crop_map: Path, tmp_path: Path) -> None:
    rows = [(5, "Weizen"), (6, "Weizen"), (65, "maize"), (66, "maize"), (95, "rice"), (96, "rice")]
    points = gpd.read_file(_sample(tmp_path / "s.gpkg", rows)).to_crs(4326)
    lines = [f"{point.x},{point.y},{label}" for point, (_, label) in zip(points.geometry, rows, strict=True)]
    path = tmp_path / "s.csv"
    path.write_text("\n".join(["lon,lat,crop", *lines]))
    mapping = tmp_path / "map.json"
    mapping.write_text('{"Weizen": "wheat", "maize": "maize", "rice": "rice"}')
    report = estimate_areas(AreasRequest(crop_map=crop_map, sample=path, design="systematic", label_map=mapping))
    assert report.estimate.overall == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("lon,lat,crop\n4.4,50.5,quinoa bitter\n", "The label 'quinoa bitter' of .* is no single crop"),
        ("lon,lat,grows\n4.4,50.5,wheat\n", "has no column 'crop' or"),
        ("lon,crop\n4.4,wheat\n", "cannot be read as points"),
        ("lon,lat,crop\n14.4,50.5,wheat\n", "No point of the sample lies on the map"),
    ],
)
def test_a_sample_that_cannot_be_used_is_refused(crop_map: Path, tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "s.csv"
    path.write_text(content)
    with pytest.raises(InputError, match=message):
        estimate_areas(AreasRequest(crop_map=crop_map, sample=path, design="simple"))


def test_a_missing_sample_or_map_is_named(crop_map: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no sample"):
        estimate_areas(AreasRequest(crop_map=crop_map, sample=tmp_path / "none.csv", design="simple"))
    sample = _sample(tmp_path / "s.gpkg", [(5, "wheat")])
    with pytest.raises(InputError, match=r"The map .* cannot be read"):
        estimate_areas(AreasRequest(crop_map=tmp_path / "none.tif", sample=sample, design="simple"))


def test_a_raster_that_is_no_crop_map_is_refused(crop_map: Path, tmp_path: Path) -> None:
    with rasterio.open(crop_map, "r+") as file:
        file.write(np.full((100, 100), 200, dtype=np.uint8), 1)
    sample = _sample(tmp_path / "s.gpkg", [(5, "wheat")])
    with pytest.raises(InputError, match="is no crop map"):
        estimate_areas(AreasRequest(crop_map=crop_map, sample=sample, design="simple"))
