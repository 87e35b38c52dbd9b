"""What goes wrong on a built site, simulated: canopy over rows, standing water, fire; with its truth by date."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from geo.bands import RESOLUTION_M
from tiles.simulation.sites.surfaces import site_surfaces
from tiles.simulation.spectra import Floats, load_spectra

Days = npt.NDArray[np.datetime64]

_DAY: Final = np.timedelta64(1, "D")
#: Days in which plants close over rows, and in which burnt ground turns green again. Judgements.
_GROWS: Final = 45.0
_HEALS: Final = 160.0


class MishapKind(StrEnum):
    """What may happen."""

    CANOPY = "canopy"
    WATER = "water"
    BURNT = "burnt"


@dataclass(frozen=True, slots=True)
class Mishap:
    """One thing that happens on a patch of ground.

    Attributes:
        kind: what it is.
        where: (y, x) share of each pixel that it takes, 0 to 1.
        since: first day.
        until: day from which it is over.
        dense: part of the ground on the patch that it hides at its height.
    """

    kind: MishapKind
    where: Floats
    since: np.datetime64
    until: np.datetime64
    dense: float

    @property
    def area_m2(self) -> float:
        """Area of the patch."""
        return float(self.where.sum()) * RESOLUTION_M**2

    def strength_on(self, days: Days) -> npt.NDArray[np.float64]:
        """(t,) 0 to 1: a canopy grows up, water stands until it is gone, burnt ground heals."""
        since = (days - self.since) / _DAY
        here = (days >= self.since) & (days < self.until)
        if self.kind is MishapKind.CANOPY:
            return np.where(here, np.clip(since / _GROWS, 0.0, 1.0), 0.0)
        if self.kind is MishapKind.BURNT:
            return np.where(here, np.clip(1.0 - since / _HEALS, 0.0, 1.0), 0.0)
        return here.astype(np.float64)


def draw_mishap(
    rng: np.random.Generator, kind: MishapKind, ground: npt.NDArray[np.bool_], since: np.datetime64
) -> Mishap:
    """Something on a round patch of 0.3 to 3 ha in the middle of the ground on which it may happen.

    Args:
        rng: source of randomness.
        kind: what it is.
        ground: (y, x) pixels on which it may; the patch is cut to them.
        since: first day.
    """
    rows, columns = np.nonzero(ground)
    middle = rng.integers(0, len(rows))
    y, x = np.mgrid[: ground.shape[0], : ground.shape[1]]
    radius = rng.uniform(30.0, 100.0) / RESOLUTION_M
    disc = np.clip(radius - np.hypot(y - rows[middle], x - columns[middle]) + 0.5, 0.0, 1.0) * ground
    lasts = int(rng.integers(15, 50)) if kind is MishapKind.WATER else int(_HEALS)
    dense = rng.uniform(0.8, 1.0) if kind is MishapKind.BURNT else rng.uniform(0.6, 0.95)
    return Mishap(kind, disc.astype(np.float32), since, since + lasts, float(dense))


def happening(rng: np.random.Generator, mishap: Mishap, days: Days) -> Callable[[int, Floats], None]:
    """What a mishap does to the (b, y, x) ground of the look of a number, in place.

    A canopy closes over rows: it happens to what is built. Water and fire lie between them: they happen to the ground
    before rows are laid over it (`build_solar`, below).

    Args:
        rng: what grows, how muddy water is, how charred ground.
        mishap: what happens.
        days: (t,) of the looks.
    """
    spectrum, strengths = _look_of(rng, mishap.kind), mishap.strength_on(days)
    dense = 1.0 if mishap.kind is MishapKind.WATER else mishap.dense

    def happen(time: int, image: Floats) -> None:
        image += np.asarray(mishap.where * strengths[time] * dense, dtype=np.float32) * (
            spectrum[:, None, None] - image
        )

    return happen


def befall(rng: np.random.Generator, land: Floats, days: Days, mishap: Mishap) -> Floats:
    """(t, b, y, x) land or what is built on it, under a clear sky, with what happens to all of it.

    Args:
        rng: as of `happening`.
        land: (t, b, y, x).
        days: (t,) of the looks.
        mishap: what happens.
    """
    happened, happen = land.astype(np.float32), happening(rng, mishap, days)
    for time, image in enumerate(happened):
        happen(time, image)
    return happened


def _look_of(rng: np.random.Generator, kind: MishapKind) -> Floats:
    """(b,) reflectance of it."""
    spectra = load_spectra()
    if kind is MishapKind.CANOPY:
        look = spectra.canopy[str(rng.choice(["weeds", "grass", "legumes"]))]
    elif kind is MishapKind.WATER:
        muddy = np.float32(rng.beta(1.2, 3.0))
        look = spectra.ground["water"] + muddy * (spectra.ground["paddy"] - spectra.ground["water"])
    else:
        look = site_surfaces()["surface"]["burnt"]
    return np.asarray(look * np.float32(np.exp(rng.normal(0.0, 0.1))), dtype=np.float32)
