from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from geo.bands import BANDS
from geo.errors import DataError, InputError
from geo.season import Season
from tiles.sources.local import LocalCatalog

YEAR = Season(date(2020, 1, 1), date(2020, 12, 31))
Box = tuple[float, float, float, float]


def refused(path: Path, around: Box, code: str, *named: str, season: Season = YEAR) -> None:
    with pytest.raises((InputError, DataError)) as caught:
        LocalCatalog(path).search(around, season)
    assert caught.value.code == code
    for name in named:
        assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def edit(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    read = json.loads(path.read_text())
    change(read)
    path.write_text(json.dumps(read))


def item_files(catalogue: Path) -> list[Path]:
    return sorted(catalogue.parent.glob("*/*/item.json"))


def test_scenes_come_sorted_with_absolute_assets(catalogue: Any, new_scene: Any, around: Box) -> None:
    path = catalogue(
        new_scene(id="S2_B_L2A", when="2020-06-01T10:50:00Z"),
        new_scene(id="S2_Z_L2A", when="2020-05-01T10:50:00Z"),
        new_scene(id="S2_A_L2A", when="2020-06-01T10:50:00Z"),
    )
    items = LocalCatalog(path).search(around, YEAR)
    assert [item.id for item in items] == ["S2_Z_L2A", "S2_A_L2A", "S2_B_L2A"]
    for item in items:
        assert list(item.assets) == [*BANDS, "SCL"]
        assert all(Path(asset.href).is_absolute() and Path(asset.href).is_file() for asset in item.assets.values())


def test_a_relative_path_will_do(catalogue: Any, new_scene: Any, around: Box, monkeypatch: Any) -> None:
    path = catalogue(new_scene())
    monkeypatch.chdir(path.parent)
    (item,) = LocalCatalog(Path("catalog.json")).search(around, YEAR)
    assert Path(item.assets["B02"].href).is_absolute()


def test_both_ends_of_the_season_count_in_utc(catalogue: Any, new_scene: Any, around: Box) -> None:
    path = catalogue(
        new_scene(id="S2_FIRST_L2A", when="2020-05-01T00:00:00Z"),
        new_scene(id="S2_LAST_L2A", when="2020-05-11T01:30:00+02:00"),
        new_scene(id="S2_BEFORE_L2A", when="2020-04-30T23:59:59Z"),
        new_scene(id="S2_AFTER_L2A", when="2020-05-11T00:00:00Z"),
    )
    items = LocalCatalog(path).search(around, Season(date(2020, 5, 1), date(2020, 5, 10)))
    assert [item.id for item in items] == ["S2_FIRST_L2A", "S2_LAST_L2A"]


def test_sentinel1_is_passed_over(catalogue: Any, new_scene: Any, around: Box) -> None:
    radar = new_scene(id="S1_GRD_1", collection="sentinel-1-grd", platform="sentinel-1", omit=(*BANDS, "SCL"))
    items = LocalCatalog(catalogue(radar, new_scene())).search(around, YEAR)
    assert [item.id for item in items] == [new_scene().id]


def test_only_sentinel1(catalogue: Any, new_scene: Any, around: Box) -> None:
    radar = new_scene(id="S1_GRD_1", collection="sentinel-1-grd", platform="sentinel-1")
    refused(catalogue(radar), around, "NO_SENTINEL2", "catalog.json")


def test_a_missing_band_is_named_with_its_scene(catalogue: Any, new_scene: Any, around: Box) -> None:
    refused(catalogue(new_scene(omit=("B11",))), around, "MISSING_BAND", new_scene().id, "B11")


def test_a_missing_scene_classification_is_named(catalogue: Any, new_scene: Any, around: Box) -> None:
    refused(catalogue(new_scene(omit=("SCL",))), around, "MISSING_BAND", new_scene().id, "SCL")


def test_a_scene_outside_the_season_may_lack_a_band(catalogue: Any, new_scene: Any, around: Box) -> None:
    path = catalogue(new_scene(), new_scene(id="S2_OLD_L2A", when="2019-05-01T10:50:00Z", omit=("B11",)))
    assert len(LocalCatalog(path).search(around, YEAR)) == 1


def test_a_missing_file_is_named(catalogue: Any, new_scene: Any, around: Box) -> None:
    path = catalogue(new_scene())
    gone = item_files(path)[0].with_name("B08.tif")
    gone.unlink()
    refused(path, around, "MISSING_ASSET", str(gone), "B08")


@pytest.mark.parametrize(
    "marks",
    [
        {"collection": "sentinel-2-l1c"},
        {"id": "S2A_MSIL1C_20200501T105000_N0209_R051_T31UES_20200501T110000", "collection": "sentinel-2"},
        {"id": "S2_X", "collection": "sentinel-2", "more": {"s2:product_type": "S2MSI1C"}},
        {"id": "S2_X", "collection": "scenes", "more": {"processing:level": "L1C"}, "omit": ("SCL",)},
    ],
)
def test_level_1c_is_refused_and_never_mixed_in(
    catalogue: Any, new_scene: Any, around: Box, marks: dict[str, Any]
) -> None:
    odd = new_scene(**({"id": "S2_ODD"} | marks))
    refused(catalogue(new_scene(), odd), around, "L1C_SCENE", odd.id)


def test_contradicting_levels_are_refused(catalogue: Any, new_scene: Any, around: Box) -> None:
    odd = new_scene(more={"processing:level": "L1C"})
    refused(catalogue(odd), around, "SCENE_LEVEL", odd.id)


def test_no_mark_of_level_and_no_scene_classification(catalogue: Any, new_scene: Any, around: Box) -> None:
    odd = new_scene(id="S2_X", collection="scenes", omit=("SCL",))
    refused(catalogue(odd), around, "SCENE_LEVEL", "S2_X")


def test_a_scene_classification_alone_makes_it_level_2a(catalogue: Any, new_scene: Any, around: Box) -> None:
    path = catalogue(new_scene(id="X1", collection="scenes", platform="Sentinel-2B"))
    assert len(LocalCatalog(path).search(around, YEAR)) == 1


def test_no_scene_in_the_season(catalogue: Any, new_scene: Any, around: Box) -> None:
    later = Season(date(2021, 1, 1), date(2021, 12, 31))
    refused(catalogue(new_scene()), around, "NO_SCENES", later.id, "2020-05-01", season=later)


def test_no_scene_where_the_parcels_are(catalogue: Any, new_scene: Any) -> None:
    refused(catalogue(new_scene()), (8.0, 40.0, 8.1, 40.1), "OUTSIDE_IMAGERY", "8.0000")


def test_common_names_of_assets_are_understood(catalogue: Any, new_scene: Any, around: Box) -> None:
    path = catalogue(new_scene())
    names = {"B02": "blue", "B8A": "nir08", "SCL": "scl"}
    edit(
        item_files(path)[0],
        lambda read: read.update(assets={names.get(key, key): asset for key, asset in read["assets"].items()}),
    )
    (item,) = LocalCatalog(path).search(around, YEAR)
    assert item.assets["B8A"].href.endswith("B8A.tif")


def test_no_such_catalogue(tmp_path: Path, around: Box) -> None:
    refused(tmp_path / "none.json", around, "NO_CATALOG", "none.json")


def test_a_folder_is_not_a_catalogue(tmp_path: Path, around: Box) -> None:
    refused(tmp_path, around, "NO_CATALOG", str(tmp_path))


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"a": 1}', '{"type": "FeatureCollection", "features": []}'])
def test_not_stac(tmp_path: Path, around: Box, text: str) -> None:
    path = tmp_path / "odd.json"
    path.write_text(text)
    refused(path, around, "NOT_STAC", "odd.json")


def test_an_item_is_not_a_catalogue(catalogue: Any, new_scene: Any, around: Box) -> None:
    refused(item_files(catalogue(new_scene()))[0], around, "NOT_STAC", "item.json")


def test_a_link_to_nowhere_is_named(catalogue: Any, new_scene: Any, around: Box) -> None:
    path = catalogue(new_scene())
    item_files(path)[0].unlink()
    refused(path, around, "NO_CATALOG", "item.json")


def test_a_damaged_item_is_named(catalogue: Any, new_scene: Any, around: Box) -> None:
    path = catalogue(new_scene())
    item_files(path)[0].write_text("{ half")
    refused(path, around, "NOT_STAC", "item.json")


def test_remote_catalogues_are_refused(catalogue: Any, new_scene: Any, around: Box) -> None:
    path = catalogue(new_scene())
    edit(path, lambda read: read["links"].append({"rel": "child", "href": "https://example.org/collection.json"}))
    refused(path, around, "REMOTE_HREF", "https://example.org/collection.json")


def test_rasters_may_lie_in_an_object_store(catalogue: Any, new_scene: Any, around: Box) -> None:
    path = catalogue(new_scene())
    edit(item_files(path)[0], lambda read: read["assets"]["B02"].update(href="s3://bucket/B02.tif"))
    (item,) = LocalCatalog(path).search(around, YEAR)
    assert item.assets["B02"].href == "s3://bucket/B02.tif"


@pytest.mark.parametrize("href", ["ftp://host/B02.tif", "/vsicurl/https://host/B02.tif"])
def test_rasters_anywhere_else_are_refused(catalogue: Any, new_scene: Any, around: Box, href: str) -> None:
    path = catalogue(new_scene())
    edit(item_files(path)[0], lambda read: read["assets"]["B02"].update(href=href))
    refused(path, around, "REMOTE_HREF", href)


def test_scenes_carry_the_name_of_their_catalogue(catalogue: Any, new_scene: Any, around: Box) -> None:
    kept = new_scene(id="S2_KEPT_L2A", more={"acreline:catalogue": "copernicus"})
    items = LocalCatalog(catalogue(new_scene(), kept)).search(around, YEAR)
    assert {item.id: item.properties["acreline:catalogue"] for item in items} == {
        new_scene().id: "test",
        "S2_KEPT_L2A": "copernicus",
    }


def test_a_file_cut_short_is_named(catalogue: Any, new_scene: Any, around: Box) -> None:
    path = catalogue(new_scene())
    raster = item_files(path)[0].with_name("B08.tif")
    whole = raster.stat().st_size
    edit(item_files(path)[0], lambda read: read["assets"]["B08"].update({"file:size": whole}))
    assert len(LocalCatalog(path).search(around, YEAR)) == 1
    raster.write_bytes(raster.read_bytes()[:100])
    with pytest.raises(DataError) as caught:
        LocalCatalog(path).search(around, YEAR)
    assert caught.value.code == "WRONG_SIZE"
    assert str(caught.value) == (
        f"{raster} is cut short: 100 bytes, its item says {whole}. Fetch it again, or take its scene out of the "
        "catalogue."
    )


RADAR = {"collection": "sentinel-1-rtc", "platform": "sentinel-1a"}


def _as_radar(path: Path, name: str) -> None:
    """Give a scene of the test catalogue radar's assets."""
    item = path.parent / "sentinel-1-rtc" / name / "item.json"
    edit(item, lambda read: read.update(assets={"vv": {"href": "./B02.tif"}, "vh": {"href": "./B03.tif"}}))


def test_radar_comes_by_box_and_season_too(catalogue: Any, new_scene: Any, around: Box) -> None:
    path = catalogue(
        new_scene(),
        new_scene(id="S1_B", when="2020-06-01T17:30:00Z", **RADAR),
        new_scene(id="S1_A", when="2020-05-01T17:30:00Z", **RADAR),
        new_scene(id="S1_OLD", when="2019-05-01T17:30:00Z", **RADAR),
    )
    for name in ("S1_A", "S1_B", "S1_OLD"):
        _as_radar(path, name)
    items = LocalCatalog(path).search_radar(around, YEAR)
    assert [item.id for item in items] == ["S1_A", "S1_B"]
    assert list(items[0].assets) == ["vv", "vh"]
    assert Path(items[0].assets["vv"].href).is_file()
    with pytest.raises(InputError) as caught:
        LocalCatalog(path).search_radar((8.0, 40.0, 8.1, 40.1), YEAR)
    assert caught.value.code == "OUTSIDE_IMAGERY"


def test_no_radar(catalogue: Any, new_scene: Any, around: Box) -> None:
    with pytest.raises(InputError, match=r"^catalog.json holds no Sentinel-1 scene. Name a source that does.$"):
        LocalCatalog(catalogue(new_scene())).search_radar(around, YEAR)


@pytest.mark.shared_data
def test_raw_grd_is_refused_until_someone_vouches_for_it(shared_data: Path) -> None:
    box, source = (4.06, 50.744, 4.067, 50.748), LocalCatalog(shared_data / "flanders-2019" / "catalog.json")
    season = Season(date(2019, 4, 1), date(2019, 4, 30))
    with pytest.raises(InputError) as caught:
        source.search_radar(box, season)
    assert caught.value.code == "RAW_GRD"
    items = source.search_radar(box, season, "sigma0")
    assert items
    assert {item.properties["acreline:radar_kind"] for item in items} == {"sigma0"}


def test_an_item_without_time_or_place_is_named(catalogue: Any, new_scene: Any, around: Box) -> None:
    path = catalogue(new_scene())
    edit(item_files(path)[0], lambda read: read.pop("bbox"))
    refused(path, around, "SCENE_WITHOUT_BBOX", new_scene().id)


def test_the_same_link_twice_is_one_scene(catalogue: Any, new_scene: Any, around: Box) -> None:
    path = catalogue(new_scene())
    edit(path, lambda read: read["links"].append(read["links"][0]))
    assert len(LocalCatalog(path).search(around, YEAR)) == 1


def test_two_files_with_one_id_are_refused(catalogue: Any, new_scene: Any, around: Box) -> None:
    path = catalogue(new_scene(), new_scene(id="S2_TWIN_L2A"))
    edit(item_files(path)[1], lambda read: read.update(id=new_scene().id))
    refused(path, around, "SCENE_TWICE", new_scene().id)


@pytest.mark.shared_data
def test_flanders(shared_data: Path) -> None:
    season = Season(date(2018, 10, 1), date(2019, 10, 31))
    box = (4.06, 50.744, 4.067, 50.748)
    items = LocalCatalog(shared_data / "flanders-2019" / "catalog.json").search(box, season)
    assert len(items) == 58
    days = [item.datetime.date() for item in items if item.datetime]
    assert (min(days), max(days)) == (date(2018, 10, 3), date(2019, 10, 28))
    collection = LocalCatalog(shared_data / "flanders-2019" / "sentinel-2-l2a" / "collection.json")
    assert [item.id for item in collection.search(box, season)] == [item.id for item in items]


def test_level_1c_is_left_out_on_request(catalogue: Any, new_scene: Any, around: Box) -> None:
    path = catalogue(new_scene(), new_scene(id="S2_ODD", collection="sentinel-2-l1c"))
    (item,) = LocalCatalog(path, levels="leave-out").search(around, YEAR)
    assert item.id == new_scene().id
