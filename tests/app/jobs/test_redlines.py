"""Red lines from the files that land offices hand out: each format says the same, and what cannot be used is named."""

from __future__ import annotations

import zipfile
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from app.jobs.redlines import Columns, read_red_lines
from geo.errors import InputError

PLOTS = gpd.GeoDataFrame(
    {"code": ["610-1", "610-2"], "title": ["North plot", None]},
    geometry=[shapely.box(103.50, 36.0, 103.51, 36.01), shapely.box(103.52, 36.0, 103.53, 36.01)],
    crs=4326,
)
NAMED = Columns("code", "title")


def written(folder: Path, name: str, plots: gpd.GeoDataFrame = PLOTS) -> Path:
    """The plots as a file of the name's format."""
    path = folder / name
    if path.suffix == ".parquet":
        plots.to_parquet(path)
    elif path.suffix == ".zip":
        plots.to_file(folder / "lines.shp")
        with zipfile.ZipFile(path, "w") as archive:
            for part in sorted(folder.glob("lines.*")):
                archive.write(part, part.name)
    else:
        plots.to_file(path)
    return path


@pytest.mark.parametrize("name", ["l.geojson", "l.gpkg", "l.shp", "zipped.zip", "l.parquet"])
@pytest.mark.parametrize("epsg", [4326, 32648])
def test_each_format_and_reference_system_says_the_same(tmp_path: Path, name: str, epsg: int) -> None:
    read = read_red_lines(written(tmp_path, name, PLOTS.to_crs(epsg)), NAMED)
    assert [(line.row, line.external_id, line.name) for line in read.lines] == [
        (1, "610-1", "North plot"),
        (2, "610-2", None),
    ]
    assert read.notes == ()
    for line, plot in zip(read.lines, PLOTS.geometry, strict=True):
        assert line.shape.symmetric_difference(plot).area < 1e-9 * plot.area + 1e-12


def test_ids_made_from_outlines_are_the_same_in_every_format(tmp_path: Path) -> None:
    one, other = (read_red_lines(written(tmp_path, name)).lines for name in ("l.geojson", "l.gpkg"))
    assert [line.external_id for line in one] == [line.external_id for line in other]
    assert len({line.external_id for line in one}) == 2


def test_outlines_that_cross_themselves_are_mended_and_told(tmp_path: Path) -> None:
    crossing = shapely.Polygon([(103.5, 36.0), (103.51, 36.0), (103.51, 36.01), (103.512, 35.999), (103.5, 36.01)])
    read = read_red_lines(written(tmp_path, "l.geojson", PLOTS.set_geometry([crossing, PLOTS.geometry[1]])), NAMED)
    assert read.lines[0].shape.is_valid
    assert read.notes[0].startswith("Row 1: outline mended")


def test_a_reference_system_that_the_file_lacks_is_stated_by_hand(tmp_path: Path) -> None:
    path = written(tmp_path, "l.shp")
    path.with_suffix(".prj").unlink()
    with pytest.raises(InputError, match="does not state its reference system") as refused:
        read_red_lines(path, NAMED)
    assert refused.value.code == "RED_LINE_FILE"
    assert "--crs" in str(refused.value.remedy)
    assert len(read_red_lines(path, NAMED, "EPSG:4326").lines) == 2


@pytest.mark.parametrize(
    ("plots", "columns", "code", "said"),
    [
        (PLOTS.assign(code=["a", "a"]), NAMED, "RED_LINE_ID", "Row 2"),
        (PLOTS.assign(code=["a", None]), NAMED, "RED_LINE_ID", "Row 2"),
        (PLOTS.set_geometry([PLOTS.geometry[0]] * 2), Columns(), "RED_LINE_ID", "the same outline, as row 1"),
        (PLOTS, Columns("number"), "RED_LINE_COLUMN", "no column 'number'"),
        (PLOTS, Columns("code", "label"), "RED_LINE_COLUMN", "no column 'label'"),
        (PLOTS.assign(code=["a", "b" * 129]), NAMED, "RED_LINE_COLUMN", "Row 2"),
        (PLOTS.set_geometry([PLOTS.geometry[0], shapely.Point(103, 36)]), NAMED, "RED_LINE_OUTLINE", "Row 2"),
    ],
)
def test_a_row_that_cannot_be_used_is_named(
    tmp_path: Path, plots: gpd.GeoDataFrame, columns: Columns, code: str, said: str
) -> None:
    with pytest.raises(InputError) as refused:
        read_red_lines(written(tmp_path, "l.geojson", plots), columns)
    assert refused.value.code == code
    assert said in refused.value.message


def test_files_that_are_no_red_lines_are_refused(tmp_path: Path) -> None:
    (tmp_path / "noise.geojson").write_text("not a file of shapes", encoding="utf-8")
    (tmp_path / "noise.zip").write_bytes(b"not a zip")
    (tmp_path / "lines.txt").write_text("lines", encoding="utf-8")
    empty = tmp_path / "empty.geojson"
    empty.write_text('{"type": "FeatureCollection", "features": []}', encoding="utf-8")
    for name, code in [
        ("absent.geojson", "RED_LINE_FILE"),
        ("absent.zip", "RED_LINE_FILE"),
        ("noise.geojson", "RED_LINE_FILE"),
        ("empty.geojson", "RED_LINE_FILE"),
        ("lines.txt", "RED_LINE_FILE"),
        ("noise.zip", "IMPORT_ZIP"),
    ]:
        with pytest.raises(InputError) as refused:
            read_red_lines(tmp_path / name)
        assert refused.value.code == code, name
