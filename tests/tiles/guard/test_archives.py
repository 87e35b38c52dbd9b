"""The guard over all real acquisitions at hand: no false correction, every fault found."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo.bands import BANDS, band_index
from tests.tiles.guard.archives import by_id, described, moved
from tiles.guard.evidence import Sample
from tiles.guard.findings import Pixels
from tiles.guard.verdicts import GroupVerdict, Verdict, assess

pytestmark = pytest.mark.shared_data

Archives = dict[str, list[Sample]]

CEREALS = ("2021_BEL", "2022_FRA", "2023_FRA", "canada_2")
MOWING = tuple(f"{region}_{year}" for region in ("LR", "NB", "NS") for year in (2021, 2022, 2023))
OTHERS = ("flanders", "boadella", "bavaria", "bavaria-rasters", "rondonia", "arkansas", "california")
FIELDS = ("raw_s2_ndvi_field", "s2_meadow")
SURFACE = (*OTHERS, *FIELDS, *CEREALS, *MOWING)
#: Top of atmosphere: 101 dates of one archive, one scene of another.
TOP, ONE_SCENE = "centralasia", "cloud-mask"


def judged(samples: list[Sample], **metadata: object) -> GroupVerdict:
    (verdict,) = assess(described(samples, **metadata), by_id(samples)).groups  # type: ignore[arg-type]
    return verdict


def test_every_archive_is_judged(archives: Archives) -> None:
    assert set(archives) == {*SURFACE, TOP, ONE_SCENE}


@pytest.mark.parametrize("name", SURFACE)
@pytest.mark.parametrize("present", [False, True])
@pytest.mark.parametrize("right", [True, False])
def test_right_flags_are_confirmed_and_wrong_ones_corrected(
    archives: Archives, name: str, present: bool, right: bool
) -> None:
    samples = moved(archives[name], 1000) if present else archives[name]
    said = present if right else not present
    verdict = judged(samples, harmonised=not said, stated=-0.1 if said else 0.0)
    assert verdict.verdict is (Verdict.CONFIRMED if right else Verdict.CORRECTED)
    assert verdict.offset == (-0.1 if present else 0.0)


@pytest.mark.parametrize("name", SURFACE)
def test_an_old_baseline_with_the_offset_in_its_pixels_is_corrected(archives: Archives, name: str) -> None:
    assert judged(archives[name], baseline="02.14").verdict is Verdict.CONFIRMED
    verdict = judged(moved(archives[name], 1000), baseline="02.14")
    assert (verdict.verdict, verdict.offset) == (Verdict.CORRECTED, -0.1)


@pytest.mark.parametrize("name", SURFACE)
def test_an_offset_taken_off_twice_is_refused(archives: Archives, name: str) -> None:
    verdict = judged(moved(archives[name], -1000), harmonised=True)
    assert verdict.verdict in (Verdict.REFUSED, Verdict.UNVERIFIED)
    assert verdict.pixels in (Pixels.CLIPPED, Pixels.UNKNOWN)


@pytest.mark.parametrize("name", SURFACE)
def test_a_wrong_scale_is_never_confirmed(archives: Archives, name: str) -> None:
    for factor in (0.1, 10):
        wrong = [
            Sample(each.scene, each.day, each.place, each.numbers * np.float32(factor), each.ground, each.dark)
            for each in archives[name]
        ]
        assert judged(wrong, harmonised=True).verdict in (Verdict.REFUSED, Verdict.UNVERIFIED)


@pytest.mark.parametrize("present", [False, True])
@pytest.mark.parametrize("said", [False, True])
def test_top_of_atmosphere_is_refused_and_never_corrected(archives: Archives, present: bool, said: bool) -> None:
    samples = moved(archives[TOP], 1000 * present)
    verdict = judged(samples, harmonised=not said)
    assert (verdict.verdict, verdict.pixels) == (Verdict.REFUSED, Pixels.TOP_OF_ATMOSPHERE)


def test_levels_mixed_in_one_group_are_refused(archives: Archives) -> None:
    mixed = [*archives["bavaria"][::2], *archives[TOP][::2]]
    verdict = judged(mixed, harmonised=True)
    assert (verdict.verdict, verdict.pixels) == (Verdict.REFUSED, Pixels.TOP_OF_ATMOSPHERE)


def test_one_scene_is_too_little(archives: Archives) -> None:
    verdict = judged(archives[ONE_SCENE], harmonised=True)
    assert verdict.verdict is Verdict.UNVERIFIED
    assert verdict.reason.endswith("blue lies 0.038 above red over dense vegetation in 1 of 1 scenes.")


@pytest.mark.parametrize("name", ["flanders", "boadella", "california", "bavaria"])
def test_a_group_with_and_without_the_offset_is_refused(archives: Archives, name: str) -> None:
    samples = archives[name]
    half = [*samples[::2], *moved(samples[1::2], 1000)]
    verdict = judged(half, harmonised=True)
    assert (verdict.verdict, verdict.pixels) == (Verdict.REFUSED, Pixels.MIXED)


@pytest.mark.parametrize("band", BANDS)
@pytest.mark.parametrize("numbers", [-1000, 1000])
@pytest.mark.parametrize("name", OTHERS)
def test_one_band_with_another_offset_is_never_confirmed(
    archives: Archives, name: str, band: str, numbers: int
) -> None:
    samples = moved(archives[name], 1000)  # so that a lowered band keeps its numbers
    place = band_index(band)
    if not any(np.isfinite(each.numbers[place]).any() for each in samples):
        return
    lift = np.zeros((len(BANDS), 1), dtype=np.float32)
    lift[place] = numbers
    verdict = judged([replace(each, numbers=each.numbers + lift) for each in samples], harmonised=False)
    assert verdict.verdict in (Verdict.REFUSED, Verdict.UNVERIFIED)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(
    name=st.sampled_from((*SURFACE, TOP)),
    present=st.booleans(),
    said=st.booleans(),
    chosen=st.randoms(use_true_random=False),
    size=st.integers(1, 12),
)
def test_no_choice_of_real_scenes_is_judged_wrongly(
    archives: Archives, name: str, present: bool, said: bool, chosen: object, size: int
) -> None:
    some = chosen.sample(archives[name], min(size, len(archives[name])))  # type: ignore[attr-defined]
    verdict = judged(moved(some, 1000 * present), harmonised=not said)
    if verdict.verdict is Verdict.REFUSED:
        assert name == TOP
    elif verdict.verdict is not Verdict.UNVERIFIED:
        assert verdict.offset == (-0.1 if present else 0.0)
        assert (verdict.verdict is Verdict.CONFIRMED) == (present == said)


def bare(samples: list[Sample]) -> list[Sample]:
    """The points that stay without dense vegetation and water on all dates."""
    red, nir = band_index("B04"), band_index("B08")
    stack = np.stack([each.numbers for each in samples])
    dull = (np.nanmax(stack[:, nir] - stack[:, red], axis=0) < 2000) & (np.nanmin(stack[:, nir], axis=0) > 1500)
    return [
        Sample(each.scene, each.day, f"bare {each.place}", each.numbers[:, dull], each.ground[dull], each.dark[dull])
        for each in samples
    ]


@pytest.mark.parametrize("present", [False, True])
@pytest.mark.parametrize("said", [False, True])
def test_bare_ground_is_settled_by_the_dates_before_the_offset_came(
    archives: Archives, present: bool, said: bool
) -> None:
    dull = bare(archives["california"][12:24])
    old, new = dull[:6], moved(dull[6:], 1000 * present)
    assert judged(new, harmonised=not said).verdict is Verdict.UNVERIFIED
    items = [*described(old, baseline="03.01"), *described(new, harmonised=not said)]
    before, after = assess(items, by_id([*old, *new])).groups
    assert (after.verdict is Verdict.CONFIRMED) == (present == said)
    assert after.offset == (-0.1 if present else 0.0)
    assert before.verdict is (Verdict.CONFIRMED if present == said else Verdict.UNVERIFIED)
