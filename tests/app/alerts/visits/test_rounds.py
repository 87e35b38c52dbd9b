from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise, permutations

import numpy as np
import pytest
from shapely.geometry import Point, box
from shapely.geometry.base import BaseGeometry

from app.alerts.visits.positions import between_m
from app.alerts.visits.rounds import in_rounds, way_m
from app.alerts.visits.way import At, gaps_m, length_m, short_way
from app.book.villages import InVillage

HOME: At = (116.0, 35.0)


@dataclass(frozen=True)
class Stop:
    name: str
    village: InVillage | None
    outline: BaseGeometry | None
    done: bool = False
    list_unit: str = "010"
    unit: tuple[str, str] | None = ("010", "North")


def _stop(name: str, village: str | None, lon: float, lat: float, **said: object) -> Stop:
    ground = Point(HOME[0] + lon, HOME[1] + lat).buffer(0.0005)
    return Stop(name, None if village is None else InVillage(village, village), ground, **said)  # type: ignore[arg-type]


def test_a_round_of_few_places_is_nearly_the_shortest() -> None:
    rng = np.random.default_rng(11)
    ratios = []
    for _ in range(20):
        stops: list[At] = [(float(lon), float(lat)) for lon, lat in HOME + rng.uniform(-0.1, 0.1, (6, 2))]
        gaps = gaps_m([HOME, *stops])
        rounds = [(0, *order, 0) for order in permutations(range(1, 7))]
        best = min(sum(gaps[a, b] for a, b in pairwise(each)) for each in rounds)
        order = short_way(stops, HOME, HOME)
        assert sorted(order) == list(range(6))
        ratios.append(length_m([HOME, *(stops[at] for at in order), HOME]) / best)
    assert max(ratios) < 1.15
    assert np.mean(ratios) < 1.02


def test_ways_begin_and_end_where_they_must() -> None:
    line: list[At] = [(116.0 + step / 100, 35.0) for step in (3, 0, 2, 1)]
    assert short_way(line) == [0, 2, 3, 1], "it begins at the first"
    assert short_way(line, start=(115.9, 35.0)) == [1, 3, 2, 0]
    assert short_way(line, start=(115.9, 35.0), end=(115.95, 35.0))[-1] == 1
    assert [short_way([]), short_way([HOME]), short_way([HOME], HOME, HOME)] == [[], [0], [0]]
    assert length_m([HOME, (116.1, 35.1)]) == pytest.approx(between_m(HOME, (116.1, 35.1)), rel=0.004)


def test_visits_go_village_by_village_from_the_branch_and_back() -> None:
    visits = [
        _stop("far", "C", 0.09, 0.0),
        _stop("near", "A", 0.01, 0.008),
        _stop("middle", "B", 0.05, 0.02),
        _stop("near too", "A", 0.012, 0.008),
        _stop("over", "B", 0.0, 0.0, done=True),
        _stop("elsewhere", None, 0.05, -0.02),
    ]
    order = [each.name for each in in_rounds(visits, {"010": HOME})]
    assert order == ["near", "near too", "middle", "over", "far", "elsewhere"], "a ring, village by village"


def test_without_a_place_of_the_branch_the_first_visit_begins_the_round() -> None:
    visits = [_stop("first", "B", 0.05, 0.0), _stop("second", "A", 0.01, 0.0), _stop("third", "B", 0.052, 0.0)]
    order = [each.name for each in in_rounds(visits, {})]
    assert order[0] == "first"
    assert {order.index("first"), order.index("third")} == {0, 1}


def test_lists_have_rounds_of_their_own_and_what_is_done_or_nowhere_comes_last() -> None:
    visits = [
        _stop("done", "A", 0.01, 0.0, done=True),
        Stop("drawn nowhere", InVillage("D", "D"), None),
        Stop("drawn empty", InVillage("D", "D"), box(0, 0, 1, 1).difference(box(0, 0, 1, 1))),
        _stop("left", "B", 0.02, 0.0),
        _stop("south", "B", 0.021, 0.0, list_unit="020"),
    ]
    order = [each.name for each in in_rounds(visits, {"010": HOME})]
    assert order == ["left", "drawn nowhere", "drawn empty", "done", "south"]
    assert in_rounds([], {}) == []


def test_the_way_of_what_is_left_is_measured_there_and_back() -> None:
    done = _stop("done", "B", 5.0, 5.0, done=True)
    nowhere = Stop("nowhere", None, None)
    near, far = _stop("near", "A", 0.0, 0.1), _stop("far", "A", 0.0, 0.3)
    there = between_m(HOME, (HOME[0], HOME[1] + 0.3))
    assert way_m([near, far, done, nowhere], {"010": HOME}) == pytest.approx(2 * there, rel=0.004)
    between = between_m((HOME[0], HOME[1] + 0.1), (HOME[0], HOME[1] + 0.3))
    assert way_m([near, far], {}) == pytest.approx(2 * between, rel=0.004), "from the first visit back to it"
    other = _stop("other", "A", 0.0, 0.2, list_unit="020")
    assert way_m([near, other], {}) == 0.0, "two rounds of one visit each"
    assert way_m([done, nowhere], {"010": HOME}) is None
    assert way_m([], {}) is None
