"""Labelled series from the simulation, for crops and farming systems that the real tables lack."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geo.bands import BANDS
from models.series.sample import CYCLES, SeriesSet, grid_days, grid_starts, joined, no_radar
from tiles.simulation.calendars import Region, Rotation, load_region
from tiles.simulation.chips import pixel_series

#: Main year of the simulated seasons: the calendar is the same for every year.
YEAR: Final = 2024

#: What stands between fields; it is simulated beside the rotations of every region.
_SURROUNDINGS: Final[tuple[Rotation, ...]] = (("built",), ("water",), ("fallow",), ("forest",), ("grass",))


@dataclass(frozen=True, slots=True)
class SimulatedSource:
    """How many series of a simulated region.

    Attributes:
        region: name of the region in tiles.simulation.
        areas: number of areas; plots of one area share weather, soil and habits, so an area is a spatial block.
        plots: plots an area, dealt to rotations by weight, at least two each.
    """

    region: str
    areas: int = 24
    plots: int = 90

    @property
    def name(self) -> str:
        """Source name in tables."""
        return f"simulated-{self.region}"


SIMULATED_SOURCES: Final = (
    SimulatedSource("huanghuai"),
    SimulatedSource("europe", areas=16),
    SimulatedSource("north_india", areas=16),
)


def simulated_series(source: SimulatedSource, seed: int) -> SeriesSet:
    """Simulated series of one region under the label of their main crop, the same for the same seed."""
    region = load_region(source.region)
    shares = rotation_shares(region)
    return joined(
        _area(source, region, shares, number, np.random.default_rng([seed, number])) for number in range(source.areas)
    )


def rotation_shares(region: Region) -> dict[Rotation, float]:
    """Share of each rotation of a region, surroundings among them; adds up to 1."""
    shares = dict(zip(region.rotations, region.weights, strict=True))
    for rotation in _SURROUNDINGS:
        if rotation[0] in region.calendars:
            shares[rotation] = max(shares.get(rotation, 0.0), 0.03)
    total = sum(shares.values())
    return {rotation: share / total for rotation, share in shares.items()}


def _area(
    source: SimulatedSource, region: Region, shares: dict[Rotation, float], number: int, rng: np.random.Generator
) -> SeriesSet:
    days, slot = _days(rng)
    block = f"{source.name}:{number}"
    parts: list[SeriesSet] = []
    for rotation, share in shares.items():
        count = max(2, round(share * source.plots))
        values = _slot_means(pixel_series(rotation, count, days, rng, region=source.region), slot)
        parts.append(_labelled(values, rotation[region.main_crop(rotation)], source.name, block))
        cuts = _cycles(values, rotation, region)
        parts += [_labelled(cut, crop, source.name + CYCLES, block) for cut, crop in cuts]
    return joined(parts)


def _labelled(values: NDArray[np.float32], crop: str, source: str, block: str) -> SeriesSet:
    count = len(values)
    return SeriesSet(
        values=values,
        spread=np.full((count, len(BANDS)), np.nan, dtype=np.float32),
        radar=no_radar(count),
        crop=np.full(count, crop, dtype=object),
        source=np.full(count, source, dtype=object),
        block=np.full(count, block, dtype=object),
        lonlat=np.full((count, 2), np.nan),
        simulated=np.ones(count, dtype=bool),
    )


def _cycles(
    values: NDArray[np.float32], rotation: Rotation, region: Region
) -> Iterator[tuple[NDArray[np.float32], str]]:
    """Of two crops a year each by itself: what is seen until the first harvest, and what is seen from then on."""
    harvest = region.calendars[rotation[0]][0].harvest
    if len(rotation) < 2 or harvest is None:  # noqa: PLR2004 - one crop a year
        return
    some = values[: max(1, len(values) // 2)]
    before = (grid_days() <= harvest + 5)[:, None]
    yield np.where(before, some, np.float32(np.nan)), rotation[0]
    yield np.where(before, np.float32(np.nan), some), rotation[1]


def _days(rng: np.random.Generator) -> tuple[list[date], NDArray[np.intp]]:
    """Passes every five days over the training grid, and the slot of each; about a third fall out under cloud."""
    starts = grid_starts(YEAR)
    first = starts[0] + timedelta(days=int(rng.integers(0, 5)))
    passes = [first + timedelta(days=5 * number) for number in range((starts[-1] - first).days // 5 + 1)]
    days = [day for day in passes if rng.random() > 1 / 3]
    ordinals = np.array([start.toordinal() for start in starts])
    slot = np.searchsorted(ordinals, [day.toordinal() for day in days], side="right") - 1
    return days, slot.astype(np.intp)


def _slot_means(series: NDArray[np.float32], slot: NDArray[np.intp]) -> NDArray[np.float32]:
    """(n, t, bands) to (n, slots, bands), NaN where no pass."""
    means = np.full((len(series), len(grid_starts(YEAR)), series.shape[2]), np.nan, dtype=np.float32)
    for at in np.unique(slot):
        means[:, at] = series[:, slot == at].mean(axis=1)
    return means
