from __future__ import annotations

import math

import pytest

from geo.legend import load_legend
from models.evaluation.pixels import pixel_figures
from models.labels import LabelMap

CEREALS = frozenset({"wheat", "barley"})
MAP = LabelMap(
    {"1": "wheat", "2": "grass", "3": "winter_cereal"},
    {"wheat": frozenset({"wheat"}), "grass": frozenset({"grass"}), "winter_cereal": CEREALS},
)


def value(key: str) -> int:
    return load_legend()[key].value


def test_figures_by_hand() -> None:
    pairs = {
        ("1", value("wheat")): 6,
        ("1", value("grass")): 2,
        ("1", 0): 2,
        ("2", value("grass")): 8,
        ("2", value("maize")): 2,
        ("9", value("wheat")): 5,
    }
    found = pixel_figures(pairs, MAP)
    assert found.pixels == 20
    assert found.accuracy() == pytest.approx(14 / 20)
    assert found.accuracy(frozenset({"wheat"})) == pytest.approx(0.6)
    assert math.isnan(found.accuracy(frozenset({"rice"})))
    assert found.left_out == {"9": 5}
    assert found.confusion == {
        "wheat": {"nothing": 2, "wheat": 6, "grass": 2},
        "grass": {"maize": 2, "grass": 8},
    }
    answer = found.as_dict()
    assert answer["f1"] == {"wheat": 0.75, "grass": 0.8}
    assert answer["macro_f1"] == 0.775
    assert answer["counts"] == {"wheat": 10, "grass": 10}


def test_any_crop_of_a_group_is_right() -> None:
    found = pixel_figures({("3", value("wheat")): 3, ("3", value("barley")): 4, ("3", value("maize")): 1}, MAP)
    assert found.accuracy() == pytest.approx(7 / 8)
    assert found.confusion == {"winter_cereal": {"winter_cereal": 7, "maize": 1}}


def test_strangers_alone_give_no_figure() -> None:
    answer = pixel_figures({("9", value("wheat")): 5}, MAP).as_dict()
    assert answer["accuracy"] is None
    assert answer["macro_f1"] is None
