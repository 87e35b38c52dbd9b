"""The table of known catalogues, and what needs no server to be tested."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pystac
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import InputError
from geo.season import Season
from tiles.sources.base import ASSETS
from tiles.sources.presets import PRESETS, STORES, asset_keys
from tiles.sources.reprocessed import newest_only
from tiles.sources.stac_api import StacApi
from tiles.sources.stac_client import Connection

SEASON = Season(date(2020, 4, 1), date(2020, 6, 30))
AROUND = (4.0, 50.0, 5.0, 51.0)
SPEND = "S2A_MSIL2A_20200501T105031_N{}_R051_T31UES_20200501T140000"


def _item(name: str, when: str = "2020-05-01T10:53:36Z", **properties: Any) -> pystac.Item:
    return pystac.Item(
        name,
        None,
        None,
        datetime.fromisoformat(when).astimezone(UTC),
        {key.replace("__", ":"): value for key, value in properties.items()},
    )


def _esa(baseline: str, strip: str = "20200501T105336", tile: str = "31UES", stated: bool = True) -> pystac.Item:
    said = {
        "s2__datatake_id": f"GS2A_20200501T105031_025371_N{baseline}",
        "s2__datastrip_id": f"S2A_OPER_MSI_L2A_DS_VGS2_20200501T140000_S{strip}_N{baseline}",
        "grid__code": f"MGRS-{tile}",
    }
    name = SPEND.format(baseline.replace(".", "")).replace("31UES", tile) + f"_{strip}"
    return _item(name, s2__processing_baseline=baseline, **(said if stated else {}))


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_each_preset_names_all_assets_once(preset: Any) -> None:
    assert PRESETS[preset.key] is preset
    assert tuple(preset.assets) == ASSETS
    assert len(set(preset.assets.values())) == len(ASSETS)
    assert preset.url.startswith("https://")
    assert not preset.url.endswith("/")
    assert asset_keys(dict.fromkeys(preset.assets.values()), None) == preset.assets


def test_names_by_catalogue() -> None:
    assert {key: preset.assets["B8A"] for key, preset in PRESETS.items()} == {
        "earth-search": "nir08",
        "copernicus": "B8A_20m",
        "planetary-computer": "B8A",
    }
    assert {key: preset.offset for key, preset in PRESETS.items()} == {
        "earth-search": "flagged",
        "copernicus": "kept",
        "planetary-computer": "kept",
    }
    assert [key for key, preset in PRESETS.items() if preset.signing] == ["planetary-computer"]
    assert STORES["eodata"].endpoint == "https://eodata.dataspace.copernicus.eu"


def test_catalogue_is_known_by_key_and_by_url() -> None:
    for key, preset in PRESETS.items():
        assert [StacApi(place).name for place in (key, preset.url, f"{preset.url}/")] == [key] * 3
    assert StacApi("https://stac.example.org:8080/v1/collections/s2").name == "stac.example.org:8080"


def test_bands_of_a_preset_are_renamed_and_its_offset_is_stated() -> None:
    for key, preset in PRESETS.items():
        item = _item("a")
        for name in (*preset.assets.values(), "thumbnail"):
            item.add_asset(name, pystac.Asset(f"https://example.org/{name}"))
        made = StacApi(key)._with_bands(item)
        assert tuple(made.assets) == ASSETS
        assert made.assets["SCL"].href == f"https://example.org/{preset.assets['SCL']}"
        assert made.properties["acreline:catalogue"] == key
        assert made.properties.get("acreline:harmonised") == (None if key == "earth-search" else False)


@pytest.mark.parametrize("key", ["earth-search", "copernicus"])
def test_raw_radar_of_a_preset_is_refused_with_the_reason(key: str) -> None:
    with pytest.raises(InputError) as caught:
        StacApi(key).search_radar(AROUND, SEASON)
    assert caught.value.code == "RAW_GRD"
    assert str(caught.value) == (
        f"{key} has Sentinel-1 only as raw GRD without terrain correction: on slopes it lies beside the fields and "
        "changes with the orbit. Use planetary-computer, or a catalogue of your own terrain-corrected rasters."
    )


@pytest.mark.parametrize(
    ("present", "names", "chosen"),
    [
        (["landsat", "sentinel-2-c1-l2a", "sentinel-2-l2a"], "", "sentinel-2-l2a"),
        (["SENTINEL2_L2A", "SENTINEL2_L1C"], "", "SENTINEL2_L2A"),
        (["s2a-l2a", "s2b-l2a"], "s2a-l2a, s2b-l2a", None),
        (["sentinel-2-c1-l2a", "sentinel-2-pre-c1-l2a", "a"], "sentinel-2-c1-l2a, sentinel-2-pre-c1-l2a", None),
        ([], "none", None),
    ],
)
def test_collection_of_any_catalogue(
    monkeypatch: pytest.MonkeyPatch, present: list[str], names: str, chosen: str | None
) -> None:
    asked: list[list[str]] = []
    monkeypatch.setattr(Connection, "collections", lambda _: present)
    monkeypatch.setattr(Connection, "search", lambda _, collections, *__: asked.append(collections) or [])
    with pytest.raises(InputError) as caught:
        StacApi("https://stac.example.org/v1").search(AROUND, SEASON)
    assert asked == ([[chosen]] if chosen else [])
    if chosen is None:
        assert str(caught.value) == (
            f"stac.example.org has no collection sentinel-2-l2a; it has {names}. "
            "Name one by its URL, which ends in /collections/ID."
        )


def test_newest_baseline_of_an_acquisition_stays() -> None:
    items = [_esa("02.14"), _esa("05.10"), _esa("05.00")]
    assert [item.id for item in newest_only(items)] == [items[1].id]


def test_parts_and_neighbours_of_a_scene_stay() -> None:
    items = [_esa("05.10"), _esa("05.10", strip="20200501T105801"), _esa("02.14", tile="31UFS")]
    assert newest_only(items) == items


def test_without_datatakes_time_and_tile_tell_acquisitions_apart() -> None:
    items = [_esa("02.14", stated=False), _esa("05.00", stated=False), _esa("02.14", tile="31UFS", stated=False)]
    assert newest_only(items) == items[1:]


def test_scenes_that_state_nothing_stay() -> None:
    items = [_item("a"), _item("b")]
    assert newest_only(items) == items


@given(st.lists(st.tuples(st.sampled_from(["02.14", "04.00", "05.10"]), st.sampled_from(["31UES", "31UFS"]))))
def test_each_acquisition_keeps_exactly_its_newest(pairs: list[tuple[str, str]]) -> None:
    kept = newest_only([_esa(baseline, tile=tile) for baseline, tile in pairs])
    by_tile = {tile: max(baseline for baseline, each in pairs if each == tile) for _, tile in pairs}
    assert {(item.properties["grid:code"], item.properties["s2:processing_baseline"]) for item in kept} == {
        (f"MGRS-{tile}", baseline) for tile, baseline in by_tile.items()
    }
