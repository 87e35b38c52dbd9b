"""A solar farm in the making: ground is cleared, frames rise, rows of panels fill block after block, grass returns.

The same works may lay something else (greenhouses, film, roofs, asphalt, water, fire): what panels are mistaken for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from shapely.affinity import translate
from shapely.geometry import box
from shapely.geometry.base import BaseGeometry

from geo.bands import RESOLUTION_M
from geo.errors import DataError
from tiles.simulation.mosaic import Layout, Mosaic, burn, cut_plots
from tiles.simulation.sites.frame import Ground
from tiles.simulation.sites.surfaces import NETS, PANELS, draw_spectrum, site_surfaces
from tiles.simulation.spectra import SOILS, Floats, load_spectra, wet_soil

Days = npt.NDArray[np.datetime64]
Doubles = npt.NDArray[np.float64]

_DAY: Final = np.timedelta64(1, "D")
#: Part of a block over which rows are begun but not filled.
_FRONT: Final = 0.15
_ROAD_M: Final = 4.0
#: Light left where rows shade the ground between them.
_SHADED: Final = 0.45
#: Reflection of the sky on glass, more in the blue, in the order of geo.bands.BANDS.
_GLINT: Final = np.array([1.6, 1.3, 1.1, 1.0, 0.95, 0.9, 0.85, 0.8, 0.5, 0.4], dtype=np.float32)


@dataclass(frozen=True, slots=True)
class SolarWorks:
    """k blocks of a site; (k,) datetime64[D] each where days are meant, NaT for never.

    Attributes:
        mosaic: of the k blocks; what no block covers is its last plot.
        inside: (y, x) share of each pixel that lies within the permitted border.
        along: (y, x) 0 to 1, in which order a block is filled.
        cleared: day on which a block's ground is cleared; NaT if it keeps its grass.
        framed: day on which frames stand.
        begun: first day of its rows.
        done: day on which its last row is laid.
        laid: name of what is laid: "panel", or one of MISTAKEN.
        spectrum: (b,) of it.
        cover: part of a block that it covers as seen from above.
        grows: whether grass grows up between the rows.
        soil: (b,) dry soil.
    """

    mosaic: Mosaic
    inside: Floats
    along: Floats
    cleared: Days
    framed: Days
    begun: Days
    done: Days
    laid: str
    spectrum: Floats
    cover: float
    grows: bool
    soil: Floats

    @property
    def planned_m2(self) -> float:
        """Ground that rows are to cover when all is done, gaps between rows included."""
        return float(self._areas().sum())

    def share_on(self, days: Days) -> Doubles:
        """(t,) share 0..1 of the planned rows that are laid."""
        laid = _risen(self.begun, self.done, days)
        shares: Doubles = self._areas() @ laid / self.planned_m2
        return shares

    def rows_on(self, day: np.datetime64) -> Floats:
        """(y, x) share of each pixel that lies under rows of panels, gaps between rows included."""
        filled = _risen(self.begun, self.done, np.array([day]))[:, 0]
        return self._filled(filled)

    def _areas(self) -> Doubles:
        weights = np.asarray(self.mosaic.weights.sum(axis=0)).ravel()[:-1]
        return np.asarray(weights * RESOLUTION_M**2, dtype=np.float64)

    def _filled(self, part: Doubles) -> Floats:
        """(y, x) each block filled from one end to the other; its mean over a block is the part but for edges."""
        front = self.mosaic.paint(np.append(part, 0.0)[:, None])[0] / np.maximum(self._blocks(), 1e-6)
        local = np.clip((front * (1.0 + _FRONT) - self.along) / _FRONT, 0.0, 1.0)
        return np.asarray(local * self._blocks(), dtype=np.float32)

    def _blocks(self) -> Floats:
        ones = np.ones((len(self.begun) + 1, 1))
        ones[-1] = 0.0
        blocks: Floats = self.mosaic.paint(ones)[0]
        return blocks


def draw_solar(rng: np.random.Generator, size_px: int, start: np.datetime64, laid: str = PANELS) -> SolarWorks:
    """Works in the middle of a grid that begin after a day, on 4 to 14 blocks.

    Args:
        rng: source of randomness.
        size_px: rows and columns, even.
        start: first day of works.
        laid: "panel", or one of MISTAKEN.

    Raises:
        DataError: nothing of that name is laid.
    """
    mosaic = _draw_blocks(rng, size_px)
    count = len(mosaic.shapes)
    cleared, framed, begun, done = _draw_days(rng, start, count)
    spectra = load_spectra()
    soil = rng.dirichlet(np.ones(len(SOILS))) @ np.stack([spectra.soil[name] for name in SOILS])
    return SolarWorks(
        mosaic=mosaic,
        inside=_inside(mosaic),
        along=_along(rng, mosaic),
        cleared=np.full(count, np.datetime64("NaT", "D")) if rng.random() < 0.2 else cleared,  # noqa: PLR2004
        framed=framed,
        begun=begun,
        done=done,
        laid=laid,
        spectrum=draw_spectrum(rng, laid),
        cover=_cover(rng, laid),
        grows=bool(rng.random() < 0.6),  # noqa: PLR2004
        soil=np.asarray(soil * np.exp(rng.normal(0.05, 0.12)), dtype=np.float32),
    )


def _cover(rng: np.random.Generator, laid: str) -> float:
    """Part of a block that is covered: between rows of panels lies ground, between threads of a net are gaps."""
    if laid == PANELS:
        return float(rng.uniform(0.3, 0.7))
    return float(rng.uniform(0.5, 0.95) if laid in NETS else rng.uniform(0.75, 1.0))


def build_solar(
    rng: np.random.Generator, ground: Ground, works: SolarWorks, below: Callable[[int, Floats], None] | None = None
) -> Floats:
    """(t, b, y, x) ground under a clear sky with the works on it.

    Args:
        rng: sky reflected by glass and dust, which differ from day to day.
        ground: the land.
        works: what is built.
        below: changes the ground (b, y, x) of the look of a number, in place, before rows are laid over it.
    """
    built = ground.clear.astype(np.float32)
    soil = wet_soil(works.soil[None], ground.moisture[None], load_spectra().wetness)[0]
    gravel = site_surfaces()["surface"]["gravel"]
    between = _between(works, ground, soil)
    bare = _since(works.cleared, ground.days, 6.0)
    frames = _since(works.framed, ground.days, 10.0)
    laid = _risen(works.begun, works.done, ground.days)
    roads = np.clip(works.inside - works._blocks(), 0.0, 1.0)  # noqa: SLF001
    glint = np.abs(rng.normal(0.0, 0.006, len(ground.days)))
    level = np.exp(rng.normal(0.0, 0.05, len(ground.days)))
    for time, image in enumerate(built):
        stripped = works.mosaic.paint(np.append(bare[:, time], 0.0)[:, None])[0]
        begun = float(bare[:, time].max(initial=0.0))
        _mix(image, stripped, between[time])
        _mix(image, roads * begun, gravel)
        if below is not None:
            below(time, image)
        rows = works._filled(laid[:, time])  # noqa: SLF001
        metal = works.mosaic.paint(np.append(frames[:, time], 0.0)[:, None])[0] * 0.12 - rows
        _mix(image, np.clip(metal, 0.0, 1.0), site_surfaces()["surface"]["metal"])
        _lay(image, works, rows, float(level[time]), float(glint[time]), float(ground.sun[time, 0]))
    return np.clip(built, 0.001, 1.0)


def _lay(image: Floats, works: SolarWorks, rows: Floats, level: float, glint: float, elevation: float) -> None:
    """What is laid, and the shade that rows throw between them; in place."""
    shade = (1.0 - works.cover) * np.clip(0.75 * works.cover / np.tan(np.radians(max(elevation, 10.0))), 0.0, 0.8)
    if works.laid == PANELS:
        image *= 1.0 - rows * shade * (1.0 - _SHADED)
    spectrum = works.spectrum * level + (glint * _GLINT if works.laid == PANELS else 0.0)
    _mix(image, rows * works.cover, np.asarray(spectrum, dtype=np.float32))


def _mix(image: Floats, share: Floats, spectrum: Floats) -> None:
    image += share * (spectrum[:, None, None] - image)


def _between(works: SolarWorks, ground: Ground, soil: Floats) -> Floats:
    """(t, b) ground between the rows: soil, then grass within a year where it grows."""
    if not works.grows or np.isnat(works.cleared).all():
        return soil
    since = (ground.days - works.cleared.min()) / _DAY
    grown = np.clip((since - 150.0) / 300.0, 0.0, 0.85)[:, None]
    return np.asarray(soil + grown * (ground.grass - soil), dtype=np.float32)


def _draw_blocks(rng: np.random.Generator, size_px: int) -> Mosaic:
    """Blocks of one site, apart by tracks, a fifth or so of the grid from its edge."""
    side = size_px * RESOLUTION_M
    inner = side * rng.uniform(0.5, 0.64)
    block_ha = inner**2 / 1e4 / rng.uniform(5.0, 11.0)
    shapes, blocks = cut_plots(rng, inner, Layout(block_ha, block_ha, _ROAD_M, 1.0))
    moved = np.array([_moved(shape, (side - inner) / 2.0, inner) for shape in shapes], dtype=object)
    kept = np.array([shape.area > 2500.0 for shape in moved])  # noqa: PLR2004
    if not kept.any():
        raise DataError("SITE_WITHOUT_BLOCKS", f"No block of a site fits a grid of {size_px} pixels.")
    return burn(moved[kept], blocks[kept], size_px)


def _moved(shape: BaseGeometry, offset: float, side: float) -> BaseGeometry:
    return translate(shape.intersection(box(0.0, 0.0, side, side)), offset, offset)


def _inside(mosaic: Mosaic) -> Floats:
    """(y, x) share within the outline of all blocks and the tracks between them."""
    outline = shapely.union_all([shape.buffer(_ROAD_M + 4.0) for shape in mosaic.shapes]).buffer(-2.0)
    alone = burn(np.array([outline], dtype=object), np.zeros(1, dtype=np.int64), mosaic.size_px)
    inside: Floats = alone.paint(np.array([[1.0], [0.0]]))[0]
    return inside


def _along(rng: np.random.Generator, mosaic: Mosaic) -> Floats:
    """(y, x) rank of a pixel within its block along one direction, 0 to 1."""
    angle = rng.uniform(0.0, 2.0 * np.pi)
    y, x = np.mgrid[: mosaic.size_px, : mosaic.size_px]
    place = np.cos(angle) * x + np.sin(angle) * y
    rank = np.zeros(place.shape, dtype=np.float32)
    for block in range(len(mosaic.shapes)):
        here = mosaic.index == block
        if here.any():
            rank[here] = (place[here].argsort().argsort() + 0.5) / here.sum()
    return rank


def _draw_days(rng: np.random.Generator, start: np.datetime64, count: int) -> tuple[Days, Days, Days, Days]:
    """Days of clearing, frames, first and last row by block: some sites pause, finish late or stop part way."""
    whole = rng.uniform(90.0, 330.0)
    cleared = np.sort(rng.uniform(0.0, 0.25 * whole, count))
    begun = 0.25 * whole + np.sort(rng.uniform(0.0, 0.6 * whole, count))
    length = rng.uniform(0.1, 0.3, count) * whole
    fate = rng.random()
    if fate < 0.3:  # noqa: PLR2004
        late = begun > np.quantile(begun, rng.uniform(0.3, 0.7))
        begun = begun + late * rng.uniform(60.0, 240.0)
    begun = np.maximum(begun, cleared + rng.uniform(20.0, 45.0))
    framed, done = begun - rng.uniform(5.0, 20.0), begun + length
    days = [start + np.round(part).astype(np.int64).astype("timedelta64[D]") for part in (cleared, framed, begun, done)]
    if fate > 0.9:  # noqa: PLR2004
        never = begun >= np.quantile(begun, rng.uniform(0.3, 0.8))
        for part in days[1:]:
            part[never] = np.datetime64("NaT", "D")
    return days[0], days[1], days[2], days[3]


def _risen(begun: Days, done: Days, days: Days) -> Doubles:
    """(k, t) part of each block that is laid, 0 to 1, evenly from the first day to the last; 0 for never."""
    span = np.maximum((done - begun) / _DAY, 1.0)
    part = np.clip((days[None] - begun[:, None]) / _DAY / span[:, None], 0.0, 1.0)
    return np.nan_to_num(part, nan=0.0)


def _since(begun: Days, days: Days, length: float) -> Doubles:
    """(k, t) 0 before a day, 1 some days after it; 0 for never."""
    part = np.clip((days[None] - begun[:, None]) / _DAY / length, 0.0, 1.0)
    return np.nan_to_num(part, nan=0.0)
