from __future__ import annotations

import json

import numpy as np
import pytest

from models.evaluation.parcelreport import Figures, Judged, figures_of
from models.labels import LabelMap

MAP = LabelMap(
    {"W": "wheat", "M": "maize", "C": "cereal"},
    {"wheat": frozenset({"wheat"}), "maize": frozenset({"maize"}), "cereal": frozenset({"wheat", "barley"})},
)


def judged(guess: list[str | None], decided: list[bool], sets: list[tuple[str, ...]] | None = None) -> Judged:
    crops = sets or [() if key is None else (key,) for key in guess]
    return Judged(np.array(guess, dtype=object), crops, np.array(decided))


def figures(labels: list[str], said: Judged, blocks: list[str] | None = None) -> Figures:
    names = np.array(blocks or [f"b{number % 3}" for number in range(len(labels))])
    return figures_of(np.array(labels, dtype=object), MAP, said, names, seed=1)


def test_strangers_are_right_only_where_not_decided() -> None:
    said = judged(["wheat", "maize", "wheat", "maize"], [True, True, True, False])
    found = figures(["W", "W", "rye", "oat"], said)
    assert found.accuracy == 0.5
    assert (found.everything.share_decided, found.everything.right_of_decided) == (0.75, pytest.approx(1 / 3))
    assert found.everything.share_decided_wrong == 0.5
    assert (found.mapped.parcels, found.mapped.share_decided, found.mapped.share_decided_wrong) == (2, 1, 0.5)
    assert (found.strangers.parcels, found.strangers.share_decided_wrong) == (2, 0.5)
    assert found.left_out == {"rye": 1, "oat": 1}


def test_a_guess_inside_a_group_is_right_and_scored_by_the_groups_name() -> None:
    said = judged(["barley", "wheat", "maize", "wheat"], [True] * 4)
    found = figures(["C", "C", "C", "W"], said)
    assert found.accuracy == 0.75
    assert found.f1 == {"cereal": pytest.approx(0.8), "wheat": 1.0}
    assert found.confusion["cereal"] == {"cereal": 2, "maize": 1}


def test_macro_f1_takes_names_with_twenty_parcels() -> None:
    labels = ["W"] * 20 + ["M"] * 19
    said = judged(["wheat"] * 20 + ["wheat"] * 19, [True] * 39)
    found = figures(labels, said)
    assert found.macro_f1 == pytest.approx(2 * 20 / 59)
    assert found.macro_f1_all == pytest.approx(found.macro_f1 / 2)
    assert found.counts == {"wheat": 20, "maize": 19}


def test_sets_cover_and_a_parcel_without_a_guess_is_wrong() -> None:
    said = judged(["wheat", None], [True, False], [("maize", "wheat"), ()])
    found = figures(["W", "M"], said)
    assert (found.coverage, found.set_size, found.accuracy) == (0.5, 1.0, 0.5)
    assert found.confusion["maize"] == {"nothing": 1}


def test_intervals_draw_whole_blocks() -> None:
    right = ["wheat"] * 30 + ["maize"] * 30
    apart = figures(["W"] * 60, judged(right, [True] * 60), [f"b{number % 12}" for number in range(60)])
    together = figures(["W"] * 60, judged(right, [True] * 60), [f"b{number // 30}" for number in range(60)])
    assert together.accuracy_interval == (0, 1)
    assert 0.3 < apart.accuracy_interval[0] <= apart.accuracy <= apart.accuracy_interval[1] < 0.7
    assert apart.macro_f1_interval[0] <= apart.macro_f1 <= apart.macro_f1_interval[1]


def test_figures_of_nothing_are_none_in_json() -> None:
    found = figures(["W", "M"], judged(["wheat", "maize"], [False, False])).as_dict()
    text = json.loads(json.dumps(found))
    assert text["right_of_decided"] is None
    assert text["strangers"]["share_decided"] is None
    assert text["macro_f1"] is None
    assert text["accuracy"] == 1
