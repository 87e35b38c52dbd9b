"""The simulated county: villages, a canal, roads, plots in blocks, and what grows on each."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import LineString
from shapely.geometry.base import BaseGeometry

from geo.season import Season
from tiles.simulation.calendars import Rotation, load_region
from tiles.simulation.growth import draw_effects
from tiles.simulation.mosaic import Layout, Mosaic, burn, cut_plots
from tiles.simulation.plots import MARGIN, Plots
from tiles.simulation.square import Square

_VILLAGES_PER_KM2: Final = 0.34
_POND_SHARE: Final = 0.04
_BLOCK_CROP: Final = 0.55
_SMALLEST_M2: Final = 400.0
_CANAL_HALF_M: Final = 11.0
_ROAD_HALF_M: Final = 6.0


def _default_days() -> tuple[date, ...]:
    """A ten-day rhythm, with the second satellite's passes in April, May and August."""
    rhythm = [date(2023, 10, 4) + timedelta(days=10 * number) for number in range(40)]
    between = [day + timedelta(days=5) for day in rhythm if (day.year, day.month) in {(2024, 4), (2024, 5), (2024, 8)}]
    return tuple(sorted([*rhythm, *between[::2]]))


@dataclass(frozen=True, slots=True)
class CountyPlan(Square):
    """What to simulate.

    Attributes:
        season: first and last day.
        days: acquisition days.
        parcels: number of parcels in the book, fewer where the area holds fewer.
        layout: how the land is cut.
    """

    season: Season = field(default_factory=lambda: Season(date(2023, 10, 1), date(2024, 10, 31)))
    days: tuple[date, ...] = field(default_factory=_default_days)
    parcels: int = 480
    layout: Layout = field(default_factory=lambda: Layout(block_ha=13.0, plot_ha=2.0, road_m=2.5, ridge_m=0.4))


@dataclass(frozen=True, slots=True)
class County:
    """A landscape and what grows on it.

    Attributes:
        plan: what was asked for.
        mosaic: n plots on the grid.
        plots: n + 1 plots; the last stands for roads and ridges.
        villages: (k, 2) centres, metres east and south of the north-west corner.
    """

    plan: CountyPlan
    mosaic: Mosaic
    plots: Plots
    villages: npt.NDArray[np.float64]


def build_county(plan: CountyPlan) -> County:
    """The landscape of a plan, the same for the same plan."""
    rng = np.random.default_rng([plan.seed, 1])
    shapes, blocks = cut_plots(rng, plan.side_m, plan.layout)
    lines = _lines(rng, plan.side_m)
    shapes, blocks = _clear_lines(shapes, blocks, lines)
    villages = _place_villages(rng, plan.side_m)
    rotations = _settle(rng, plan, shapes, blocks, villages)
    shapes = np.concatenate([shapes, np.array([line for line, _ in lines], dtype=object)])
    blocks = np.concatenate([blocks, np.full(len(lines), -1)])
    rotations += [rotation for _, rotation in lines]
    effects = draw_effects(len(shapes) + 1, rng)
    soils = rng.normal(0.0, 0.05, int(blocks.max()) + 2)[np.append(blocks, -1)]
    effects = replace(effects, soil=(effects.soil * np.exp(soils)[:, None]).astype(np.float32))
    plots = Plots((*rotations, MARGIN), effects, load_region(plan.region))
    return County(plan, burn(shapes, blocks, plan.size_px), plots, villages)


def _lines(rng: np.random.Generator, side_m: float) -> list[tuple[BaseGeometry, Rotation]]:
    """A canal and a highway across the county."""
    canal = _winding(rng, side_m, upright=True).buffer(_CANAL_HALF_M)
    highway = _winding(rng, side_m, upright=False).buffer(_ROAD_HALF_M)
    return [(canal, ("water",)), (highway.difference(canal), ("built",))]


def _winding(rng: np.random.Generator, side_m: float, *, upright: bool) -> LineString:
    along = np.linspace(-0.1, 1.1, 7) * side_m
    aside = side_m * (rng.uniform(0.3, 0.7) + np.cumsum(rng.normal(0.0, 0.03, along.size)))
    points = np.stack([aside, along] if upright else [along, aside], axis=1)
    return LineString(points)


def _clear_lines(
    shapes: npt.NDArray[np.object_], blocks: npt.NDArray[np.int64], lines: list[tuple[BaseGeometry, Rotation]]
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.int64]]:
    """Plots without what the lines take; a plot that is cut in two becomes two."""
    left = shapely.difference(shapes, shapely.union_all([line.buffer(2.0) for line, _ in lines]))
    parts, owner = shapely.get_parts(left, return_index=True)
    kept = (shapely.get_type_id(parts) == shapely.GeometryType.POLYGON) & (shapely.area(parts) > _SMALLEST_M2)
    return parts[kept], blocks[owner[kept]]


def _place_villages(rng: np.random.Generator, side_m: float) -> npt.NDArray[np.float64]:
    """Village centres that keep some distance: the best of random candidates, one after the other."""
    count = max(2, round(_VILLAGES_PER_KM2 * (side_m / 1000.0) ** 2))
    centres = rng.uniform(0.08, 0.92, (1, 2)) * side_m
    for _ in range(count - 1):
        candidates = rng.uniform(0.06, 0.94, (12, 2)) * side_m
        distance = np.linalg.norm(candidates[:, None] - centres[None], axis=-1).min(axis=1)
        centres = np.vstack([centres, candidates[np.argmax(distance)]])
    return centres


def _settle(
    rng: np.random.Generator,
    plan: CountyPlan,
    shapes: npt.NDArray[np.object_],
    blocks: npt.NDArray[np.int64],
    villages: npt.NDArray[np.float64],
) -> list[Rotation]:
    """What each plot carries: houses and ponds in villages, else a rotation that neighbours often share."""
    region = load_region(plan.region)
    usual = rng.choice(len(region.rotations), size=int(blocks.max()) + 1, p=region.weights)
    own = rng.choice(len(region.rotations), size=len(shapes), p=region.weights)
    chosen = np.where(rng.random(len(shapes)) < _BLOCK_CROP, usual[blocks], own)
    centres = shapely.get_coordinates(shapely.centroid(shapes))
    reach = rng.uniform(130.0, 260.0, len(villages))
    settled = (np.linalg.norm(centres[:, None] - villages[None], axis=-1) < reach).any(axis=1)
    ponds = settled & (rng.random(len(shapes)) < _POND_SHARE)
    return [
        ("water",) if pond else ("built",) if built else region.rotations[int(number)]
        for number, built, pond in zip(chosen, settled, ponds, strict=True)
    ]
