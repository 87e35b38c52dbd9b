"""Every catalogue known by name x right and wrong flags x offset in the pixels or not, on real scenes."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import pystac
import pytest

from tests.tiles.guard.archives import by_id, described, moved
from tiles.guard.evidence import Sample
from tiles.guard.metadata import reflectance_rule
from tiles.guard.verdicts import Verdict, assess
from tiles.sources.presets import PRESETS

pytestmark = pytest.mark.shared_data

FLAG = "earthsearch:boa_offset_applied"


@dataclass(frozen=True)
class Said:
    """How a catalogue describes its scenes, and the offset that this amounts to."""

    catalogue: str
    offset: float
    words: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return " ".join([self.catalogue, *(f"{key}={value}" for key, value in self.words.items())])


SAID = (
    # flagged: harmonised or not; the statement of raster:bands does not always follow the flag
    Said("earth-search", 0.0, {FLAG: True, "stated": 0.0}),
    Said("earth-search", 0.0, {FLAG: True, "stated": -0.1}),
    Said("earth-search", -0.1, {FLAG: False, "stated": -0.1}),
    Said("earth-search", -0.1, {FLAG: False, "stated": 0.0}),
    Said("earth-search", 0.0, {FLAG: False, "stated": 0.0, "baseline": "03.01"}),
    # as ESA delivers them
    Said("copernicus", -0.1, {"harmonised": False, "stated": -0.1, "baseline": "05.11"}),
    Said("copernicus", 0.0, {"harmonised": False, "stated": 0.0, "baseline": "02.14"}),
    Said("planetary-computer", -0.1, {"harmonised": False, "baseline": "05.09"}),
    Said("planetary-computer", 0.0, {"harmonised": False, "baseline": "03.00"}),
    # fetched through a process API, harmonised on request
    Said("sentinel-hub", 0.0, {"harmonised": True, "stated": 0.0, "baseline": None}),
    # any other server or folder
    Said("stac.example.org", -0.1, {"baseline": "05.10"}),
    Said("stac.example.org", -0.1, {"baseline": None, "stated": -0.1}),
    Said("stac.example.org", 0.0, {"baseline": None, "stated": 0.0}),
    Said("stac.example.org", 0.0, {"baseline": None}),
)


def items_of(said: Said, samples: list[Sample]) -> list[pystac.Item]:
    return described(samples, catalogue=said.catalogue, **said.words)


def test_the_matrix_holds_every_preset() -> None:
    assert set(PRESETS) <= {said.catalogue for said in SAID}


@pytest.mark.parametrize("said", SAID, ids=str)
@pytest.mark.parametrize("present", [False, True], ids=["absent", "present"])
@pytest.mark.parametrize("name", ["flanders", "boadella"])
def test_the_pixels_decide(archives: dict[str, list[Sample]], name: str, said: Said, present: bool) -> None:
    truth = -0.1 if present else 0.0
    samples = moved(archives[name], 1000 * present)
    items = items_of(said, samples)
    assert {reflectance_rule(item).offset for item in items} == {said.offset}
    assessment = assess(items, by_id(samples))
    (group,) = assessment.groups
    assert group.verdict is (Verdict.CONFIRMED if said.offset == truth else Verdict.CORRECTED)
    assert set(assessment.rules) == {item.id for item in items}
    for rule in assessment.rules.values():
        assert (rule.scale, rule.offset, rule.verified) == (1e-4, truth, True)
    assert reflectance_rule(items[0]).reason.rstrip(".") in group.reason


@pytest.mark.parametrize("wrong", [0, 1, 2])
def test_only_the_faulty_group_of_three_is_corrected(flanders: list[Sample], wrong: int) -> None:
    names = tuple(PRESETS)
    parts = [flanders[number::3] for number in range(3)]
    parts[wrong] = moved(parts[wrong], 1000)
    items = [
        item
        for name, part in zip(names, parts, strict=True)
        for item in described(part, catalogue=name, harmonised=True, stated=0.0)
    ]
    found = {group.catalogue: group for group in assess(items, by_id(chain(*parts))).groups}
    for number, name in enumerate(names):
        assert found[name].verdict is (Verdict.CORRECTED if number == wrong else Verdict.CONFIRMED)
        assert found[name].offset == (-0.1 if number == wrong else 0.0)


def test_seasons_across_the_change_of_baseline(flanders: list[Sample]) -> None:
    old, new = flanders[:36], moved(flanders[36:], 1000)
    items = [*described(old, baseline="03.01"), *described(new, baseline="04.00", harmonised=True)]
    before, after = assess(items, by_id([*old, *new])).groups
    assert (before.verdict, before.offset) == (Verdict.CONFIRMED, 0.0)
    assert (after.verdict, after.offset) == (Verdict.CORRECTED, -0.1)
    assert "offset taken out" in after.reason
