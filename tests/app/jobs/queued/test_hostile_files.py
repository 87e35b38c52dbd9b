"""Uploads that mean harm: each is refused with a code, and takes nothing else down."""

from __future__ import annotations

import io
import json
import sqlite3
import stat
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely

from app.book.drawn.uploads import FileKind, check_kind
from app.jobs.queued.parcelfiles import child
from app.jobs.queued.parcelfiles.apart import read_apart
from app.jobs.queued.parcelfiles.geojson import corners_of
from app.jobs.queued.parcelfiles.reading import MOST_CORNERS, ROWS_FILE, Asked, read_upload
from app.jobs.queued.parcelfiles.unzipping import unzip_shapefile
from geo.errors import InputError

FIELD = shapely.box(115.60, 33.40, 115.602, 33.402)


def asked(kind: FileKind, **further: Any) -> Asked:
    return Asked(**{"kind": kind.value, "datum": "as_stated", "crs": None, "id_column": None} | further)


def features(*geometries: Any) -> bytes:
    rows = [{"type": "Feature", "properties": {}, "geometry": each} for each in geometries]
    return json.dumps({"type": "FeatureCollection", "features": rows}).encode()


@pytest.fixture
def parts(tmp_path: Path) -> dict[str, bytes]:
    """Parts of a Shapefile of one field, by name."""
    folder = tmp_path / "good"
    folder.mkdir()
    gpd.GeoDataFrame({"name": ["a"]}, geometry=[FIELD], crs=4326).to_file(folder / "fields.shp")
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def zipped(folder: Path, members: Mapping[str, bytes]) -> Path:
    path = folder / "upload.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def refused(path: Path, folder: Path) -> str:
    with pytest.raises(InputError) as caught:
        unzip_shapefile(path, folder)
    return caught.value.code


def test_a_zipped_shapefile_is_extracted_under_our_own_names(tmp_path: Path, parts: dict[str, bytes]) -> None:
    out = tmp_path / "out"
    out.mkdir()
    nested = {f"some/folder/{name}": content for name, content in parts.items()}
    unzip_shapefile(zipped(tmp_path, nested | {"some/folder/fields.shp.xml": b"<x/>"}), out)
    assert sorted(path.name for path in out.iterdir()) == sorted(f"upload{Path(name).suffix}" for name in parts)
    assert len(gpd.read_file(out / "upload.shp")) == 1


@pytest.mark.parametrize(
    "name", ["../evil.shp", "/etc/evil.shp", "a\\..\\evil.shp", "C:evil.shp", "inner.zip", "fields.vrt", "run.exe", "x"]
)
def test_paths_outside_and_other_files_are_refused(tmp_path: Path, parts: dict[str, bytes], name: str) -> None:
    assert refused(zipped(tmp_path, parts | {name: b"x"}), tmp_path) == "IMPORT_ZIP"
    assert not (tmp_path / "upload.shp").exists()
    assert not (tmp_path.parent / "evil.shp").exists()


def test_links_are_refused(tmp_path: Path, parts: dict[str, bytes]) -> None:
    path = zipped(tmp_path, {name: content for name, content in parts.items() if not name.endswith(".prj")})
    link = zipfile.ZipInfo("fields.prj")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    assert refused(path, tmp_path) == "IMPORT_ZIP"


def test_a_zip_bomb_is_refused_before_anything_is_extracted(tmp_path: Path, parts: dict[str, bytes]) -> None:
    path = zipped(tmp_path, parts | {"fields.dbf": bytes(8 * 2**20)})
    assert path.stat().st_size < 2**16
    assert refused(path, tmp_path) == "IMPORT_TOO_HEAVY"
    assert not (tmp_path / "upload.shp").exists()
    many = zipped(tmp_path, {f"{number}.txt": b"" for number in range(65)} | parts)
    assert refused(many, tmp_path) == "IMPORT_ZIP"


def test_a_zip_that_lies_about_a_size_is_refused(tmp_path: Path, parts: dict[str, bytes]) -> None:
    path = zipped(tmp_path, parts | {"fields.dbf": bytes(2**20)})
    content = path.read_bytes()
    path.write_bytes(content.replace(struct.pack("<I", 2**20), struct.pack("<I", 100)))
    assert refused(path, tmp_path) == "IMPORT_ZIP"


@pytest.mark.parametrize("lacks", [".shp", ".dbf", ".shx"])
def test_a_zip_without_one_whole_shapefile_is_refused(tmp_path: Path, parts: dict[str, bytes], lacks: str) -> None:
    some = {name: content for name, content in parts.items() if not name.endswith(lacks)}
    assert refused(zipped(tmp_path, some), tmp_path) == "IMPORT_ZIP"
    two = parts | {name.replace("fields", "more"): content for name, content in parts.items()}
    assert refused(zipped(tmp_path, two), tmp_path) == "IMPORT_ZIP"
    (tmp_path / "upload.zip").write_bytes(b"PK\x03\x04 no zip")
    assert refused(tmp_path / "upload.zip", tmp_path) == "IMPORT_ZIP"


def _of_json(monkeypatch: pytest.MonkeyPatch, folder: Path, content: bytes, **further: Any) -> str:
    monkeypatch.chdir(folder)
    Path("upload.geojson").write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_upload(asked(FileKind.GEOJSON, **further))
    return caught.value.code


def test_a_geojson_of_a_million_corners_is_refused_before_shapes_are_built(tmp_path: Path) -> None:
    path = tmp_path / "upload.geojson"
    path.write_bytes(b'{"type":"Polygon","coordinates":[[' + b",".join([b"[1,2]"] * 1_000_000) + b"]]}")
    with pytest.raises(InputError) as caught:
        corners_of(path, MOST_CORNERS)
    assert caught.value.code == "IMPORT_TOO_HEAVY"
    path.write_bytes(b'{"type":"Polygon","coordinates":[[[1,2],[3,4],[5,6],[1,2]]]}')
    assert corners_of(path, MOST_CORNERS) == 4


@pytest.mark.parametrize(
    "content",
    [
        b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"type":"Polygon","coordinates":[[[NaN,1],[2,3],[4,5]]]}',
        b'{"type":"Polygon","coordinates":[[[-Infinity,1],[2,3],[4,5]]]}',
        b"[1, 2]",
        b'{"type": "FeatureCollection", "features": ',
        b'{"\xff": 1}',
    ],
)
def test_a_geojson_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes) -> None:
    assert _of_json(monkeypatch, tmp_path, content) == "IMPORT_UNREADABLE"


def test_too_many_corners_and_huge_numbers_are_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("app.jobs.queued.parcelfiles.reading.MOST_CORNERS", 100)
    ring = b'{"type":"Polygon","coordinates":[[' + b",".join([b"[1,2]"] * 101) + b"]]}"
    assert _of_json(monkeypatch, tmp_path, ring) == "IMPORT_TOO_HEAVY"
    huge = {"type": "Polygon", "coordinates": [[[1e308, 1e308], [0, 1], [1, 0], [1e308, 1e308]]]}
    Path("upload.geojson").write_bytes(features(huge, shapely.geometry.mapping(FIELD)))
    read_upload(asked(FileKind.GEOJSON))
    assert gpd.read_parquet(ROWS_FILE).usable.tolist() == [False, True]


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (FileKind.GEOPACKAGE, b'<?xml version="1.0"?><!DOCTYPE k [<!ENTITY a "aaa">]><kml>&a;</kml>'),
        (FileKind.GEOPACKAGE, b"PK\x03\x04"),
        (FileKind.GEOJSON, b"<kml/>"),
        (FileKind.GEOJSON, b"<OGRVRTDataSource/>"),
        (FileKind.SHAPEFILE_ZIP, b"{}"),
        (FileKind.GEOPARQUET, b"SQLite format 3\x00"),
        (FileKind.GEOJSON, b""),
    ],
)
def test_a_file_is_what_it_is_said_to_be(kind: FileKind, content: bytes) -> None:
    with pytest.raises(InputError, match="is no") as caught:
        check_kind(content, kind)
    assert caught.value.code == "IMPORT_KIND"


def test_what_begins_as_it_should_is_taken() -> None:
    check_kind(b"\xef\xbb\xbf \n{", FileKind.GEOJSON)


def _apart(content: bytes, folder: Path, kind: FileKind) -> str:
    folder.mkdir()
    with pytest.raises(InputError) as caught:
        read_apart(content, asked(kind), folder)
    assert str(folder) not in str(caught.value)
    return caught.value.code


def test_only_the_driver_of_the_kind_opens_a_file(tmp_path: Path) -> None:
    """A GeoJSON driver's file that GDAL would open with another one: a remote service as JSON."""
    service = b'{"type": "GDALG", "command_line": "gdal vector pipeline ! read /etc/passwd ! stream"}'
    assert _apart(service, tmp_path / "a", FileKind.GEOJSON) in ("IMPORT_UNREADABLE", "PARCELS_UNREADABLE")


def test_a_geopackage_whose_view_never_ends_costs_its_own_process_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "a.gpkg"
    gpd.GeoDataFrame({"name": ["a"]}, geometry=[FIELD], crs=4326).to_file(source, layer="fields", SPATIAL_INDEX="NO")
    with sqlite3.connect(source) as database:
        database.executescript(
            "ALTER TABLE fields RENAME TO kept;"
            "CREATE VIEW fields AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)"
            " SELECT c.x AS fid, kept.geom, kept.name FROM c, kept WHERE c.x < 0 OR c.x > 9e18;"
        )
    database.close()
    monkeypatch.setattr("app.jobs.queued.parcelfiles.apart._LONGEST_S", 4)
    assert _apart(source.read_bytes(), tmp_path / "b", FileKind.GEOPACKAGE) in ("IMPORT_TOO_HEAVY", "IMPORT_UNREADABLE")


def test_the_child_bounds_itself() -> None:
    assert child._MEMORY_BYTES <= 2 * 2**30
    assert child._PROCESSOR_S <= 90


def test_a_geopackage_of_fields_is_read_apart(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    twice = gpd.GeoDataFrame({"nr": ["a", "b", "c"]}, geometry=[FIELD, FIELD, FIELD.buffer(0.001)], crs=4490)
    twice.to_file(tmp_path / "x.gpkg")
    buffer.write((tmp_path / "x.gpkg").read_bytes())
    (tmp_path / "in").mkdir()
    told = read_apart(buffer.getvalue(), asked(FileKind.GEOPACKAGE, id_column="nr"), tmp_path / "in")
    rows = gpd.read_parquet(tmp_path / "in" / ROWS_FILE)
    assert told["reference_system"] == "China Geodetic Coordinate System 2000"
    assert (rows.parcel_id.tolist(), rows.twin_of.tolist()) == (["a", "b", "c"], [-1, 0, -1])
    assert rows.area_ha[0] == pytest.approx(4.13, abs=0.01)
