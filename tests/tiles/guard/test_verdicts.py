"""Groups that cannot be told, groups that contradict each other, and the report."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.errors import DataError
from tests.tiles.guard.archives import GROUND, by_id, described, made_of, moved
from tiles.guard.continuity import step_between
from tiles.guard.evidence import Sample, classified, measure
from tiles.guard.findings import Pixels
from tiles.guard.verdicts import Assessment, Verdict, assess

LATER = date(2022, 1, 28)


def judge(samples: list[Sample], **metadata: Any) -> Assessment:
    return assess(described(samples, **metadata), by_id(samples))


@pytest.mark.parametrize("kind", ["water", "desert", "snow", "cloud"])
@pytest.mark.parametrize("present", [False, True])
@pytest.mark.parametrize("said", [False, True])
def test_ground_without_dark_targets_stays_unverified(kind: str, present: bool, said: bool) -> None:
    assessment = judge(moved(made_of(kind, "a"), 1000 * present), harmonised=not said)
    (group,) = assessment.groups
    assert (group.verdict, group.pixels) == (Verdict.UNVERIFIED, Pixels.UNKNOWN)
    assert {(rule.offset, rule.verified) for rule in assessment.rules.values()} == {(-0.1 if said else 0.0, False)}


def test_what_is_missing_is_said() -> None:
    (cloudy,) = judge(made_of("cloud", "a"), harmonised=True).groups
    assert cloudy.reason == (
        "processing baseline 05.10, offset taken out; no scale and offset in raster:bands; "
        "none of 6 scenes sampled has clear pixels enough."
    )
    (desert,) = judge(made_of("desert", "a"), harmonised=True).groups
    assert desert.reason.endswith("0 of 6 scenes sampled show dense vegetation, or water beside land.")


@pytest.mark.parametrize("present", [False, True])
@pytest.mark.parametrize("said", [False, True])
def test_water_beside_land_is_told(present: bool, said: bool) -> None:
    samples = moved(beside(made_of("water", "a"), made_of("desert", "a")), 1000 * present)
    (group,) = judge(samples, harmonised=not said).groups
    # glint lifts water as much as the offset does, so water overrules nobody who says that there is none
    expected = Verdict.CONFIRMED if present == said else Verdict.UNVERIFIED if present else Verdict.CORRECTED
    assert group.verdict is expected


def beside(one: list[Sample], other: list[Sample]) -> list[Sample]:
    return [
        Sample(
            a.scene,
            a.day,
            "both",
            np.concatenate([a.numbers, b.numbers], axis=1),
            np.concatenate([a.ground, b.ground]),
            np.concatenate([a.dark, b.dark]),
        )
        for a, b in zip(one, other, strict=True)
    ]


@pytest.mark.parametrize(("count", "right", "wrong"), [(1, "UNVERIFIED", "UNVERIFIED"), (2, "CONFIRMED", "UNVERIFIED")])
def test_few_scenes_confirm_but_do_not_correct(count: int, right: str, wrong: str) -> None:
    samples = made_of("vegetation", "a", scenes=count)
    assert judge(samples, harmonised=True).groups[0].verdict == right
    assert judge(samples, harmonised=False).groups[0].verdict == wrong


def test_two_scenes_against_the_metadata_are_mentioned() -> None:
    (group,) = judge(made_of("vegetation", "a", scenes=2), harmonised=False).groups
    assert "pixels speak against it, but too few to overrule it: dense vegetation shows" in group.reason
    assert group.offset == group.stated_offset == -0.1


@pytest.mark.parametrize("said", [False, True])
@pytest.mark.parametrize("present", [False, True])
def test_a_group_without_targets_follows_one_with_them(present: bool, said: bool) -> None:
    told = beside(made_of("vegetation", "a"), made_of("desert", "a"))
    bare = [replace(each, place="both") for each in hidden(moved(made_of_both("b", LATER), 1000 * present))]
    items = [*described(told, harmonised=True, catalogue="a"), *described(bare, harmonised=not said, catalogue="b")]
    known, followed = assess(items, by_id([*told, *bare])).groups
    assert known.verdict is Verdict.CONFIRMED
    assert followed.verdict is (Verdict.CONFIRMED if present == said else Verdict.CORRECTED)
    assert followed.offset == (-0.1 if present else 0.0)
    assert "against those of a, baseline 05.10, offset 0 in 12 pairs of dates" in followed.reason


def made_of_both(name: str, start: date) -> list[Sample]:
    return beside(made_of("vegetation", name, start=start), made_of("desert", name, start=start))


def hidden(samples: list[Sample]) -> list[Sample]:
    """The same with the vegetation under cloud."""
    return [
        replace(each, ground=each.ground & (np.arange(each.ground.size) >= each.ground.size // 2)) for each in samples
    ]


def test_numbers_below_those_of_a_neighbour_are_refused() -> None:
    told = made_of_both("a", date(2022, 1, 1))
    lowered = [replace(each, place="both") for each in hidden(moved(made_of_both("b", LATER), -1000))]
    items = [*described(told, harmonised=True, catalogue="a"), *described(lowered, harmonised=True, catalogue="b")]
    _, low = assess(items, by_id([*told, *lowered])).groups
    assert (low.verdict, low.pixels, low.offset) == (Verdict.REFUSED, Pixels.CLIPPED, None)


def test_targets_that_contradict_continuity_are_refused() -> None:
    """Vegetation alone is moved, so the targets say that there is an offset and the ground around says not."""
    one, other = (
        beside(made_of("vegetation", name, start=start, pixels=100), made_of("desert", name, start=start))
        for name, start in (("a", date(2022, 1, 1)), ("b", LATER))
    )
    odd = [replace(each, numbers=each.numbers + np.where(np.arange(500) < 100, 1000, 0)) for each in other]
    items = [*described(one, harmonised=True, catalogue="a"), *described(odd, harmonised=False, catalogue="b")]
    found = assess(items, by_id([*one, *odd])).groups
    assert {(group.verdict, group.pixels) for group in found} == {(Verdict.REFUSED, Pixels.CONTRADICTED)}


def test_refused_scenes_have_no_verified_rule_and_stop_a_run() -> None:
    samples = [replace(each, numbers=each.numbers * 10) for each in made_of("desert", "a")]
    assessment = judge(samples, harmonised=True)
    assert {rule.verified for rule in assessment.rules.values()} == {False}
    with pytest.raises(DataError) as caught:
        assessment.required()
    assert caught.value.code == "REFLECTANCE_REFUSED"
    assert str(caught.value) == (
        "The pixels of 6 scenes (archive, baseline 05.10, offset 0) are not usable: not reflectance at the stated "
        "scale. processing baseline 05.10, offset taken out; no scale and offset in raster:bands; 100% of the clear "
        "pixels are brighter than any ground. Take these scenes from another catalogue, or leave them out."
    )


def test_the_report_is_json_and_the_whole_crosses_processes() -> None:
    samples = made_of("vegetation", "a")
    assessment = assess(described(samples, harmonised=True), by_id(samples), {"a 2022-01-01": "There is no file x."})
    assert assessment.required() is assessment
    assert pickle.loads(pickle.dumps(assessment)) == assessment  # noqa: S301
    (record,) = json.loads(json.dumps(assessment.record()))
    assert record["verdict"] == "CONFIRMED"
    assert record["unread"] == {"a 2022-01-01": "There is no file x."}
    assert record["red"] == pytest.approx(0.033, abs=0.004)


def test_reasons_of_rules_carry_no_figures_of_the_sample() -> None:
    one = judge(made_of("vegetation", "a"), harmonised=True)
    other = judge(made_of("vegetation", "a", scenes=6, seed=1, pixels=60), harmonised=True)
    assert one.rules == other.rules
    assert one.groups[0].red != other.groups[0].red


@given(order=st.permutations(range(8)))
def test_the_order_of_items_and_samples_does_not_matter(order: list[int]) -> None:
    samples = [*made_of("vegetation", "a", scenes=4), *moved(made_of("desert", "b", scenes=4), 1000)]
    items = [*described(samples[:4], harmonised=True), *described(samples[4:], harmonised=False)]
    straight = assess(items, by_id(samples))
    turned = assess([items[i] for i in order], by_id(samples[i] for i in order))
    assert straight == turned


@given(
    height=st.sampled_from([-1000, 0, 1000]),
    drift=st.floats(-0.02, 0.02),
    seed=st.integers(0, 99),
)
def test_a_step_is_found_whatever_the_season_does(height: int, drift: float, seed: int) -> None:
    one = moved(made_of("desert", "a", seed=seed), 1200)
    other = moved(made_of("desert", "b", start=LATER, seed=seed), 1200 + height + drift * 1e4)
    step = step_between(other, one, (1e-4, 1e-4))
    assert step is not None
    assert step.height == pytest.approx(height * 1e-4)
    assert step.measured == pytest.approx(height * 1e-4 + drift, abs=0.01)
    back = step_between(one, other, (1e-4, 1e-4))
    assert back is not None
    assert replace(back, measured=0) == replace(step.reversed(), measured=0)
    assert back.measured == pytest.approx(-step.measured, abs=1e-6)


def test_ground_that_changed_gives_no_step() -> None:
    one, other = made_of("desert", "a"), made_of("vegetation", "b", start=LATER)
    changed = [replace(each, place="desert") for each in other]
    assert step_between(one, changed, (1e-4, 1e-4)) is None
    assert step_between(one, made_of("desert", "b", start=date(2022, 6, 1)), (1e-4, 1e-4)) is None


@given(
    offset=st.integers(-200, 3000),
    kind=st.sampled_from(sorted(GROUND)),
    seed=st.integers(0, 99),
)
def test_targets_are_found_alike_whatever_the_offset(offset: int, kind: str, seed: int) -> None:
    """Targets are told by differences between bands, so an offset moves their level and nothing else."""
    (plain,) = moved(made_of(kind, "a", scenes=1, seed=seed), 500)
    (raised,) = moved([plain], offset)
    one, other = measure(plain, 1e-4), measure(raised, 1e-4)
    assert (one.clear, one.vegetation, one.water) == (other.clear, other.vegetation, other.water)
    if one.vegetation:
        assert other.red - one.red == pytest.approx(offset * 1e-4, abs=1e-6)
        assert other.tilt == pytest.approx(one.tilt, abs=1e-6)


def test_a_scene_without_a_pixel_is_no_evidence() -> None:
    empty = classified("a", LATER, "x", np.zeros((10, 5)), np.full(5, 4, dtype=np.uint8))
    seen = measure(empty, 1e-4)
    assert (seen.clear, seen.vegetation, seen.water) == (0, 0, 0)
    assert all(np.isnan([seen.red, seen.blue, seen.tilt, seen.swir, seen.negative, seen.lost, seen.top, seen.bright]))
