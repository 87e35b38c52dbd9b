from __future__ import annotations

import re
from pathlib import Path

import geopandas as gpd
import pytest

from geo.errors import DataError
from geo.legend import NODATA, Crop, Legend, load_legend

# The keys of docs and tables, in raster order: reordering them would change the meaning of every stored raster.
_KEYS = [
    "wheat",
    "barley",
    "other_cereal",
    "maize",
    "rice",
    "millet_sorghum",
    "soybean",
    "groundnut",
    "rapeseed",
    "sunflower",
    "cotton",
    "potato",
    "cassava",
    "sugar_beet",
    "sugarcane",
    "legumes",
    "vegetables",
    "protected",
    "orchard",
    "vineyard",
    "tea",
    "grass",
    "fallow",
    "forest",
    "built",
    "water",
    "aquaculture",
    "other_crop",
]


def _crop(key: str, value: int, *names: str) -> Crop:
    return Crop(key, value, key.title(), f"{key}-zh", "#000000", "x", names, {})


def test_keys_and_values_never_change() -> None:
    assert [(crop.key, crop.value) for crop in load_legend()] == list(zip(_KEYS, range(1, 29), strict=True))
    assert NODATA == 0


def test_every_crop_has_two_names_and_its_own_colour() -> None:
    legend = load_legend()
    assert all(re.fullmatch(r"#[0-9a-f]{6}", crop.colour) for crop in legend)
    assert len({crop.colour for crop in legend}) == len(legend)
    assert all(re.search(r"[\u4e00-\u9fff]", crop.zh) and crop.en for crop in legend)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Wheat", "wheat"),
        ("  WINTER   wheat ", "wheat"),
        ("sugar-beet", "sugar_beet"),
        ("paddy", "rice"),
        ("水稻", "rice"),
        ("冬小麦", "wheat"),
        ("Vårbyg", "barley"),
        ("Winter wheat (Triticum aestivum)", "wheat"),
    ],
)
def test_names_in_several_languages(text: str, key: str) -> None:
    crop = load_legend().find(text)
    assert crop is not None
    assert crop.key == key


def test_unknown_names_are_unknown() -> None:
    assert load_legend().find("dragon fruit") is None


def test_the_longest_prefix_wins() -> None:
    legend = load_legend()
    for code, key in (
        ("1200", "maize"),
        ("8100", "sugar_beet"),
        ("81000", "cotton"),
        ("91", "grass"),
        ("92", "other_crop"),
    ):
        crop = legend.coded(code, "worldcereal")
        assert crop is not None
        assert crop.key == key
    assert legend.coded("999", "worldcereal") is None
    assert legend.coded("115", "no such scheme") is None


def test_lookups_by_key_and_value() -> None:
    legend = load_legend()
    assert legend["rice"] is legend.at(5)
    assert "rice" in legend
    assert "triticale" not in legend
    with pytest.raises(IndexError):
        legend.at(0)
    with pytest.raises(KeyError):
        legend["triticale"]


def test_two_crops_may_not_share_a_name() -> None:
    with pytest.raises(DataError, match="share"):
        Legend((_crop("one", 1, "same"), _crop("two", 2, "same")))


@pytest.mark.shared_data
def test_all_codes_of_the_flemish_parcels_are_known(shared_data: Path) -> None:
    parcels = gpd.read_file(shared_data / "flanders-2019" / "parcels.gpkg")
    assert all(load_legend().coded(code, "worldcereal") for code in parcels["crop_code"])
