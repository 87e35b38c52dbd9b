from __future__ import annotations

import json
from pathlib import Path

import pytest

from geo.errors import InputError
from geo.legend import load_legend
from models import labels
from models.labels import read_label_map

MAPS = Path(labels.__file__).with_name("data") / "labels"


def written(tmp_path: Path, content: object) -> Path:
    path = tmp_path / "map.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def test_labels_lead_to_keys_and_groups(tmp_path: Path) -> None:
    content = {
        "labels": {"Weizen": "wheat", "Wintergetreide": "winter_cereal"},
        "groups": {"winter_cereal": ["wheat", "barley"]},
    }
    found = read_label_map(written(tmp_path, content))
    assert found.keys_of(" Weizen ") == {"wheat"}
    assert found.keys_of("Wintergetreide") == {"wheat", "barley"}
    assert found.keys_of("Roggen") is None
    assert found.names == ("wheat", "winter_cereal")


def test_the_flat_form_says_the_same_and_names_lists_by_their_keys(tmp_path: Path) -> None:
    found = read_label_map(written(tmp_path, {"a": "wheat", "b": ["barley", "wheat"]}))
    assert found.name_of("b") == "wheat/barley"
    assert found.keys_of("b") == {"wheat", "barley"}


def test_a_guess_counts_as_what_is_meant_where_it_is_right_and_else_as_the_smallest_name(tmp_path: Path) -> None:
    found = read_label_map(written(tmp_path, {"a": "wheat", "b": ["barley", "wheat"], "c": "maize"}))
    assert found.said_as("wheat", "wheat/barley") == "wheat/barley"
    assert found.said_as("wheat", "maize") == "wheat"
    assert found.said_as("barley", "maize") == "wheat/barley"
    assert found.said_as("rice", "maize") == "rice"
    assert found.said_as("maize", None) == "maize"
    assert found.said_as("wheat/barley", "wheat/barley") == "wheat/barley"


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ({"a": "spelt"}, "'spelt'"),
        ({"labels": {"a": "winter"}, "groups": {"winter": ["wheat", "dinkel"]}}, "'dinkel'"),
        ({"a": 3}, "3"),
        ({"a": []}, "[]"),
        ({}, "no label"),
        ([1], "not an object"),
        ({"labels": []}, "objects"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path: Path, content: object, word: str) -> None:
    with pytest.raises(InputError) as error:
        read_label_map(written(tmp_path, content))
    assert error.value.code == "LABEL_MAP"
    assert word in error.value.message


def test_a_missing_or_broken_file_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.json", tmp_path / "broken.json"):
        if path.stem == "broken":
            path.write_text("{", encoding="utf-8")
        with pytest.raises(InputError) as error:
            read_label_map(path)
        assert path.name in error.value.message


@pytest.mark.parametrize("name", ["bavaria", "centralasia"])
def test_shipped_maps_agree_with_the_legend(name: str) -> None:
    shipped = read_label_map(MAPS / f"{name}.json")
    for label in shipped.labels:
        crop = load_legend().coded(label, name)
        assert crop is not None
        assert crop.key in (shipped.keys_of(label) or ())
    assert {"wheat", "maize", "grass"} <= set(shipped.names)
