from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geo.errors import InputError
from geo.parcel_file import hash_of_source, read_features

_FIELDS = [shapely.box(4.0, 51.0, 4.001, 51.001), shapely.box(4.01, 51.0, 4.011, 51.001)]


@pytest.fixture
def frame() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"parcel_id": ["a", "b"]}, geometry=_FIELDS, crs=4326)


def _write(frame: gpd.GeoDataFrame, path: Path) -> Path:
    frame.to_parquet(path) if path.suffix == ".parquet" else frame.to_file(path)
    return path


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".shp", ".parquet", ".GPKG"])
def test_all_formats_give_the_same_features(frame: gpd.GeoDataFrame, tmp_path: Path, suffix: str) -> None:
    path = _write(frame, tmp_path / f"parcels{suffix.lower()}").rename(tmp_path / f"parcels{suffix}")
    read = read_features(path, None)
    assert read["parcel_id"].tolist() == ["a", "b"]
    assert read.geometry.normalize().geom_equals_exact(frame.geometry.normalize(), 1e-9).all()


def _code(path: Path, crs: str | None = None) -> str:
    with pytest.raises(InputError) as caught:
        read_features(path, crs)
    assert caught.value.remedy
    assert "\n" not in str(caught.value)
    return caught.value.code


def test_missing_and_unknown_files(tmp_path: Path) -> None:
    assert _code(tmp_path / "none.gpkg") == "PARCELS_MISSING"
    (tmp_path / "parcels.dwg").touch()
    assert _code(tmp_path / "parcels.dwg") == "PARCELS_FORMAT"


@pytest.mark.parametrize("suffix", ["gpkg", "geojson", "shp", "parquet"])
def test_damaged_files(tmp_path: Path, suffix: str) -> None:
    (tmp_path / f"parcels.{suffix}").write_bytes(b"\x00\x01 nothing of the kind")
    assert _code(tmp_path / f"parcels.{suffix}") == "PARCELS_UNREADABLE"


def test_tables_without_outlines(tmp_path: Path) -> None:
    pd.DataFrame({"parcel_id": ["a"]}).to_parquet(tmp_path / "plain.parquet")
    assert _code(tmp_path / "plain.parquet") == "PARCELS_UNREADABLE"


def test_no_features(frame: gpd.GeoDataFrame, tmp_path: Path) -> None:
    assert _code(_write(frame.iloc[:0], tmp_path / "empty.gpkg")) == "PARCELS_EMPTY"


def test_several_polygon_layers_are_named_and_point_layers_ignored(frame: gpd.GeoDataFrame, tmp_path: Path) -> None:
    path = tmp_path / "layers.gpkg"
    frame.set_geometry(frame.geometry.representative_point()).to_file(path, layer="centres")
    frame.to_file(path, layer="fields")
    assert len(read_features(path, None)) == 2
    frame.to_file(path, layer="copies")
    with pytest.raises(InputError, match="fields, copies"):
        read_features(path, None)


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_a_missing_crs_must_be_stated(frame: gpd.GeoDataFrame, tmp_path: Path) -> None:
    path = _write(frame.set_crs(None, allow_override=True), tmp_path / "bare.shp")
    with pytest.raises(InputError, match="--parcels-crs EPSG") as caught:
        read_features(path, None)
    assert caught.value.code == "PARCELS_WITHOUT_CRS"
    assert read_features(path, "EPSG:4490").crs.to_epsg() == 4490


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
def test_the_undefined_crs_of_geopackage_is_none(frame: gpd.GeoDataFrame, tmp_path: Path) -> None:
    path = tmp_path / "undefined.gpkg"
    frame.set_crs(None, allow_override=True).to_file(path)
    assert _code(path) == "PARCELS_WITHOUT_CRS"
    assert read_features(path, "EPSG:4326").crs.to_epsg() == 4326


def test_a_stated_crs_must_agree_with_the_file(frame: gpd.GeoDataFrame, tmp_path: Path) -> None:
    path = _write(frame.to_crs(32631), tmp_path / "utm.gpkg")
    assert read_features(path, "EPSG:32631").crs.to_epsg() == 32631
    assert _code(path, "EPSG:32632") == "PARCELS_CRS_CLASH"
    assert read_features(_write(frame, tmp_path / "wgs.gpkg"), "OGC:CRS84").crs.to_epsg() == 4326


@pytest.mark.filterwarnings("ignore:'crs' was not provided")
@pytest.mark.parametrize("text", ["EPSG:999999", "somewhere", 'LOCAL_CS["site"]'])
def test_nonsense_is_no_crs(frame: gpd.GeoDataFrame, tmp_path: Path, text: str) -> None:
    path = _write(frame.set_crs(None, allow_override=True), tmp_path / "bare.shp")
    assert _code(path, text) == "CRS_UNKNOWN"


def test_geojson_without_crs_is_wgs84(tmp_path: Path) -> None:
    feature = {"type": "Feature", "properties": {"pid": 1}, "geometry": shapely.geometry.mapping(_FIELDS[0])}
    path = tmp_path / "plain.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    assert read_features(path, None).crs.to_epsg() == 4326


def test_a_shapefile_is_hashed_with_its_attributes(frame: gpd.GeoDataFrame, tmp_path: Path) -> None:
    first = hash_of_source(_write(frame, tmp_path / "parcels.shp"))
    second = hash_of_source(_write(frame.assign(parcel_id=["a", "c"]), tmp_path / "parcels.shp"))
    assert first != second
