"""The ground between rows through the years of operation: grass that is denser in places and is mown block by block."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt

from tiles.simulation.clouds import smooth_field
from tiles.simulation.sites.frame import Ground
from tiles.simulation.sites.solar import SolarWorks
from tiles.simulation.spectra import Floats, load_spectra

#: Months in which grass is mown, days between two cuts at least and at most, and days until it has grown again.
#: Judgements.
_MONTHS: Final = (4, 10)
_APART: Final = (40, 120)
_REGROWS: Final = 35.0
#: Part of the ground that a cut or thin growth leaves under dry grass and soil.
_CUT: Final = (0.3, 0.8)
_THIN: Final = 0.35
_WIDE_PX: Final = 12.0


def kept_ground(rng: np.random.Generator, ground: Ground, works: SolarWorks) -> Callable[[int, Floats], None]:
    """What grows unevenly and is mown, to be put below the rows of `build_solar`: changes (b, y, x) in place.

    Args:
        rng: where growth is thin, when blocks are mown and how short.
        ground: the land and its days.
        works: blocks that are built.
    """
    field = smooth_field(rng, ground.size_px, _WIDE_PX)
    thin = _THIN * np.clip(field, 0.0, 1.0)
    soil, straw = load_spectra().soil, load_spectra().dry["straw"]
    parts = rng.dirichlet(np.ones(len(soil) + 1))
    bare = parts @ np.stack([*soil.values(), straw])
    cut = np.stack([_cut_on(rng, ground.days) for _ in works.begun]) if works.grows else np.zeros((len(works.begun), 1))

    def keep(time: int, image: Floats) -> None:
        mown = works.mosaic.paint(np.append(cut[:, time % cut.shape[1]], 0.0)[:, None])[0]
        share = np.clip(np.maximum(thin * (works.inside > 0), mown), 0.0, 1.0).astype(np.float32)
        image += share * (bare.astype(np.float32)[:, None, None] - image)

    return keep


def _cut_on(rng: np.random.Generator, days: npt.NDArray[np.datetime64]) -> npt.NDArray[np.float64]:
    """(t,) part of a block's ground that cuts leave bare."""
    bare = np.zeros(len(days))
    at = days[0] + np.timedelta64(int(rng.integers(0, _APART[1])), "D")
    while at <= days[-1]:
        if _MONTHS[0] <= at.astype("datetime64[M]").astype(int) % 12 + 1 <= _MONTHS[1]:
            since = (days - at) / np.timedelta64(1, "D")
            left = rng.uniform(*_CUT) * np.clip(1.0 - since / _REGROWS, 0.0, 1.0)
            bare = np.maximum(bare, np.where(since >= 0, left, 0.0))
        at += np.timedelta64(int(rng.integers(*_APART)), "D")
    return bare
