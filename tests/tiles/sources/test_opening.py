from __future__ import annotations

from pathlib import Path

import pytest

from geo.errors import InputError
from tests.tiles.sources.safe.safe_product import Product, write_safe, write_zip
from tiles.sources.folder import RasterFolder
from tiles.sources.local import LocalCatalog
from tiles.sources.opening import Access, name_of, open_source, radar_source
from tiles.sources.presets import PRESETS
from tiles.sources.safe import SafeFolder
from tiles.sources.stac_api import StacApi

ACCESS = Access(Path("cache"), stac_token="hush")  # noqa: S106 - must not show


@pytest.mark.parametrize("text", [*PRESETS, "https://stac.example.org/v1", "http://127.0.0.1:8080"])
def test_presets_and_addresses_are_stac_apis(text: str) -> None:
    source = open_source(text, ACCESS)
    assert isinstance(source, StacApi)
    assert (source.place, source.token) == (text, "hush")


def test_a_catalogue_by_file_or_folder(tmp_path: Path) -> None:
    path = tmp_path / "catalog.json"
    path.write_text("{}")
    assert open_source(str(path), ACCESS) == LocalCatalog(path)
    assert open_source(f"file://{path}", ACCESS) == LocalCatalog(path)
    assert open_source(str(tmp_path), ACCESS) == LocalCatalog(path)
    path.rename(tmp_path / "collection.json")
    assert open_source(str(tmp_path), ACCESS) == LocalCatalog(tmp_path / "collection.json")


def test_products_by_folder_archive_or_folder_of_them(tmp_path: Path) -> None:
    archive = write_zip(tmp_path, Product())
    folder = write_safe(tmp_path, Product())
    for path in (archive, folder, tmp_path):
        source = open_source(str(path), ACCESS)
        assert isinstance(source, SafeFolder)
        assert (source.path, source.cache) == (path, Path("cache"))


def test_rasters_by_folder_or_rule(tmp_path: Path) -> None:
    assert open_source(str(tmp_path), ACCESS) == RasterFolder(str(tmp_path))
    rule = f"{tmp_path}/{{date}}/{{band}}.tif"
    assert open_source(rule, ACCESS) == RasterFolder(rule)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nowhere/catalog.json", "There is no file nowhere/catalog.json. Check --catalog."),
        ("earth_search", "There is no file earth_search. Did you mean earth-search?"),
        (
            "s3://bucket/catalog.json",
            (
                "s3://bucket/catalog.json is not a local file. Copy the scenes to disk and name a catalogue whose "
                "links are local."
            ),
        ),
    ],
)
def test_what_is_not_there(text: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        open_source(text, ACCESS)
    assert str(caught.value) == said


def test_radar_only_where_there_may_be_some(tmp_path: Path) -> None:
    api = open_source("planetary-computer", ACCESS)
    assert radar_source(api, "planetary-computer") is api
    with pytest.raises(InputError) as caught:
        radar_source(RasterFolder(str(tmp_path)), "scenes")
    assert str(caught.value) == "scenes holds no Sentinel-1 scene. Name a source that does."


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("/data/flanders/catalog.json", "catalog.json"),
        ("/data/products/", "products"),
        ("/data/{date}/{band}.tif", "{band}.tif"),
        ("earth-search", "earth-search"),
        (PRESETS["copernicus"].url, "copernicus"),
        ("https://me:hush@stac.example.org/v1?token=hush", "stac.example.org"),
    ],
)
def test_records_keep_a_name_without_path_or_secret(text: str, name: str) -> None:
    assert name_of(text) == name


def test_secrets_do_not_show() -> None:
    assert "hush" not in repr(ACCESS)
    assert "hush" not in repr(open_source("copernicus", ACCESS))
