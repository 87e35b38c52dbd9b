"""What grows on each plot of a landscape, and its clear reflectance through the season."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt

from tiles.simulation.calendars import Calendar, Region, Rotation
from tiles.simulation.growth import Effects
from tiles.simulation.reflectance import plot_reflectance
from tiles.simulation.spectra import Floats

#: What roads and ridges look like.
MARGIN: Final[Rotation] = ("fallow",)
#: Difference of vigour over which `plots_reflectance` measures the change.
VIGOUR_STEP: Final = 0.12


@dataclass(frozen=True, slots=True)
class Plots:
    """n plots and what they carry.

    Attributes:
        rotations: (n,) crops of one year in order, per plot.
        effects: of the plots.
        region: whose calendars they follow.
    """

    rotations: tuple[Rotation, ...]
    effects: Effects
    region: Region

    def main_crops(self) -> tuple[str, ...]:
        """The main crop of each plot."""
        return tuple(rotation[self.region.main_crop(rotation)] for rotation in self.rotations)


def plots_reflectance(
    plots: Plots, days: Sequence[date], moisture: Floats, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Clear reflectance of plots, and how it changes where the stand is better.

    Args:
        plots: n plots.
        days: t days.
        moisture: (t,) soil moisture, 0 to 1.
        rng: picks a form where a crop has several calendars.

    Returns:
        (n, t, b) float32 reflectance, and (n, t, b) float32 change for a vigour that is higher by 0.12.
    """
    base: list[Floats] = [np.empty(0, dtype=np.float32)] * len(plots.rotations)
    slope = list(base)
    for calendars, members in _groups(plots, rng):
        effects = plots.effects.take(members)
        usual = plot_reflectance(calendars, effects, days, moisture)
        poorer = plot_reflectance(calendars, effects.with_vigour(effects.vigour - VIGOUR_STEP), days, moisture)
        for row, member in enumerate(members):
            base[member], slope[member] = usual[row], usual[row] - poorer[row]
    return np.stack(base), np.stack(slope)


def _groups(plots: Plots, rng: np.random.Generator) -> list[tuple[tuple[Calendar, ...], npt.NDArray[np.int64]]]:
    """Plots that share all their calendars."""
    members: dict[tuple[Calendar, ...], list[int]] = {}
    for number, rotation in enumerate(plots.rotations):
        calendars = tuple(plots.region.pick(crop, rng) for crop in rotation)
        members.setdefault(calendars, []).append(number)
    return [(calendars, np.array(numbers)) for calendars, numbers in members.items()]
