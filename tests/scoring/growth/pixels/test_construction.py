"""Construction: grey ground that stays bare, and what only looks like it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from scoring.growth.pixels.construction import Built, BuiltWatch, ConstructionRule
from tests.scoring.growth.fields_of_pixels import DAYS, SIDE, square

Flags = npt.NDArray[np.bool_]
Colours = tuple[float, float, float, float]

RULE = ConstructionRule()
#: Reflectances of B02, B04, B08, B11.
GREEN: Colours = (0.03, 0.04, 0.40, 0.18)
SOIL: Colours = (0.08, 0.16, 0.24, 0.30)
CONCRETE: Colours = (0.20, 0.24, 0.28, 0.30)
WATER: Colours = (0.06, 0.05, 0.03, 0.02)
CLOUD: Colours = (np.nan, np.nan, np.nan, np.nan)


def watched(*looks: Colours, on: Flags | None = None, spacing: int = 1) -> Built:
    """Looks ten days apart: those given on some pixels, green on the others."""
    watch = BuiltWatch(square())
    here = np.ones(SIDE * SIDE, dtype=np.bool_) if on is None else on
    for day, colours in zip(DAYS[::spacing], looks, strict=False):
        watch.look(day, *(np.where(here, value, other) for value, other in zip(colours, GREEN, strict=True)))
    return watch.built()


def part(share: float) -> Flags:
    kept: Flags = np.tile(np.arange(SIDE), SIDE) < share * SIDE
    return kept


@pytest.mark.parametrize("share", [0.2, 1.0])
def test_concrete_where_a_crop_stood(share: float) -> None:
    built = watched(*[GREEN] * 3, *[CONCRETE] * 8, on=part(share))
    assert built.raised(RULE)[0]
    assert built.share[0] == pytest.approx(share)
    assert (built.before[0], built.since[0]) == (DAYS[2], DAYS[3])


@pytest.mark.parametrize(
    "looks",
    [
        [*[GREEN] * 3, *[SOIL] * 12],  # fallow
        [*[GREEN] * 3, *[CONCRETE] * 5],  # plastic until the plants come through: 40 days
        [*[GREEN] * 3, *[CONCRETE] * 8, GREEN],  # green again
        [*[GREEN] * 3, *[WATER] * 8],  # flooded
        [*[CONCRETE] * 12],  # never a field in these looks
        [GREEN, *[CONCRETE] * 12],  # green once: an odd look
        [*[GREEN] * 3, CONCRETE, *[CLOUD] * 8, CONCRETE],  # too few looks in ninety days
        [*[GREEN] * 3, *[SOIL, SOIL, CONCRETE] * 3],  # haze over soil
    ],
)
def test_what_is_no_construction(looks: list[Colours]) -> None:
    assert not watched(*looks).raised(RULE)[0]


def test_scattered_pixels_are_no_site() -> None:
    scattered = np.random.default_rng(3).random(SIDE * SIDE) < 0.2
    built = watched(*[GREEN] * 3, *[CONCRETE] * 8, on=scattered)
    assert built.share[0] > RULE.least_share
    assert not built.raised(RULE)[0]


def test_clouds_neither_raise_nor_clear() -> None:
    looks = [*[GREEN] * 3, *[CONCRETE] * 8]
    assert watched(*looks, *[CLOUD] * 3).raised(RULE)[0]
    assert not watched(*[GREEN] * 3, *[CLOUD] * 12).raised(RULE)[0]


def test_nothing_seen() -> None:
    built = BuiltWatch(square()).built()
    assert built.share.tolist() == [0.0]
    assert np.isnan(built.compact[0])
    assert np.isnat(built.since[0])
