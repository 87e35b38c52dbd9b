"""Two crops in a parcel: what is cut in two, and what only varies."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from scoring.growth.pixels.curves import Pixels
from scoring.growth.pixels.split import Split, SplitRule, split_parcels, split_uneven, uneven_looks, usable_looks
from tests.scoring.growth.fields_of_pixels import DAYS, SIDE, green, noisy, square

Floats = npt.NDArray[np.float64]
RULE = SplitRule()
WHEAT, MAIZE = green(3, 12), green(10, 20)


def of_two(second: npt.NDArray[np.bool_]) -> Floats:
    """(p, t) wheat, and maize where said."""
    return noisy(np.where(second[:, None], MAIZE, WHEAT))


def cut(ndvi: Floats, pixels: Pixels | None = None) -> Split:
    return split_parcels(ndvi, DAYS, pixels or square())


def raised(found: Split, pixels: Pixels | None = None) -> list[bool]:
    judged = found.judged((pixels or square()).count, RULE)
    return (judged & found.raised(RULE)).tolist()


def columns() -> npt.NDArray[np.int64]:
    return np.tile(np.arange(SIDE), SIDE)


@pytest.mark.parametrize("share", [0.2, 0.5])
def test_two_crops_side_by_side(share: float) -> None:
    found = cut(of_two(columns() < share * SIDE))
    assert raised(found) == [True]
    assert found.share[0] == pytest.approx(share)
    assert found.gap[0] > 0.4
    assert found.since[0] < DAYS[12]


def test_one_crop_is_one() -> None:
    assert raised(cut(noisy(np.tile(WHEAT, (SIDE * SIDE, 1))))) == [False]


def test_salt_and_pepper_is_no_second_crop() -> None:
    mixed = np.random.default_rng(1).random(SIDE * SIDE) < 0.5
    found = cut(of_two(mixed))
    assert found.gap[0] > 0.4
    assert raised(found) == [False]


def test_a_rim_is_no_second_crop() -> None:
    row, column = np.divmod(np.arange(SIDE * SIDE), SIDE)
    rim = (np.minimum(row, column) < 2) | (np.maximum(row, column) > SIDE - 3)
    found = cut(of_two(rim))
    assert found.apart[0] < 0.1
    assert raised(found) == [False]


def test_a_soil_that_ripens_earlier_is_no_second_crop() -> None:
    slower = np.where((columns() < SIDE // 2)[:, None], WHEAT, 0.88 * WHEAT)
    assert raised(cut(noisy(slower))) == [False]


def test_a_shadow_over_half_of_it_on_two_looks_is_no_second_crop() -> None:
    ndvi = noisy(np.tile(WHEAT, (SIDE * SIDE, 1)))
    ndvi[columns() < SIDE // 2, 6:8] = 0.1
    assert raised(cut(ndvi)) == [False]


def test_clouded_pixels_and_looks_are_left_out() -> None:
    ndvi = of_two(columns() < SIDE // 2)
    ndvi[:, ::3] = np.nan
    ndvi[np.random.default_rng(2).random(ndvi.shape) < 0.1] = np.nan
    ndvi[: SIDE * SIDE // 2, 4] = np.nan
    found = cut(ndvi)
    assert found.looks[0] == 13
    assert raised(found) == [True]


def test_too_little_to_judge() -> None:
    half = columns() < SIDE // 2
    few = split_parcels(of_two(half)[:, :3], DAYS[:3], square())
    assert not few.judged(square().count, RULE)[0]
    dark = split_parcels(np.full((SIDE * SIDE, 22), np.nan), DAYS, square())
    assert not dark.judged(square().count, RULE)[0]
    none = split_parcels(np.zeros((SIDE * SIDE, 0)), DAYS[:0], square())
    assert np.isnan(none.gap[0])


def test_parcels_do_not_touch_each_other() -> None:
    parts = [of_two(columns() < SIDE // 2), noisy(np.tile(WHEAT, (SIDE * SIDE, 1))), of_two(columns() < 5)]
    together = split_parcels(np.concatenate(parts), DAYS, square(3))
    for number, part in enumerate(parts):
        alone = cut(part)
        for name in ("share", "gap", "ratio", "compact", "apart"):
            assert getattr(together, name)[number] == pytest.approx(getattr(alone, name)[0]), name
    assert raised(together, square(3)) == [True, False, True]


def test_even_parcels_are_left_uncut_and_nothing_else_changes() -> None:
    parts = [of_two(columns() < SIDE // 2), noisy(np.tile(WHEAT, (SIDE * SIDE, 1))), of_two(columns() < 4)]
    ndvi, pixels = np.concatenate(parts), square(3)
    ndvi[np.random.default_rng(5).random(ndvi.shape) < 0.1] = np.nan
    found = split_uneven(ndvi, DAYS, pixels, usable_looks(ndvi, pixels), uneven_looks(ndvi, pixels))
    whole = split_parcels(ndvi, DAYS, pixels)
    assert np.isnan(found.gap).tolist() == [False, True, False]
    assert raised(found, pixels) == raised(whole, pixels) == [True, False, True]
    assert found.gap[[0, 2]] == pytest.approx(whole.gap[[0, 2]])
    assert found.judged(pixels.count, RULE).all()


def test_pairs_are_pixels_that_share_an_edge() -> None:
    pixels = Pixels.of(np.array([0, 0, 0, 1]), np.array([0, 0, 1, 0]), np.array([0, 1, 0, 2]), 2)
    assert sorted(zip(*pixels.pairs.tolist(), strict=True)) == [(0, 1), (0, 2)]
    assert pixels.count.tolist() == [3, 1]
