"""Ground between rows: mown block by block where grass grows, uneven in any case, and only on the site."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from tiles.simulation.sites.frame import Ground, draw_ground, passes
from tiles.simulation.sites.solar import SolarWorks, draw_solar
from tiles.simulation.sites.upkeep import kept_ground

SIZE = 32


@pytest.fixture(scope="module")
def ground() -> Ground:
    return draw_ground(np.random.default_rng(3), SIZE, passes(date(2022, 3, 1), date(2022, 11, 1), 10))


@pytest.fixture(scope="module")
def works() -> SolarWorks:
    return draw_solar(np.random.default_rng(5), SIZE, np.datetime64("2020-01-01"))


def kept(ground: Ground, works: SolarWorks) -> np.ndarray:
    """(t, b, y, x) an even meadow, kept."""
    keep = kept_ground(np.random.default_rng(7), ground, works)
    images = np.repeat(np.repeat(ground.grass[:, :, None, None], SIZE, axis=2), SIZE, axis=3).astype(np.float32)
    for time, image in enumerate(images):
        keep(time, image)
    return images


def test_grass_is_mown_and_grows_again(ground: Ground, works: SolarWorks) -> None:
    images = kept(ground, replace(works, grows=True))
    off = np.abs(images - ground.grass[:, :, None, None]).sum(axis=1)
    assert (off[:, np.asarray(works.inside) == 0] == 0).all()
    block = off[:, works.mosaic.index == 0].mean(axis=1)
    assert block.max() > 4 * block.min()
    assert (np.diff(block) < 0).any()
    assert (np.diff(block) > 0).any()


def test_what_does_not_grow_is_not_mown(ground: Ground, works: SolarWorks) -> None:
    bare = kept(ground, replace(works, grows=False))
    mown = kept(ground, replace(works, grows=True))
    inside = np.asarray(works.inside) > 0.9
    ndvi = [(one[:, 6] - one[:, 2]) / (one[:, 6] + one[:, 2]) for one in (bare, mown)]
    lower = (ndvi[0] - ndvi[1])[:, inside]
    assert lower.min() > -0.02
    assert lower.max() > 0.1


def test_the_same_draw_keeps_it_alike(ground: Ground, works: SolarWorks) -> None:
    np.testing.assert_array_equal(kept(ground, works), kept(ground, works))
