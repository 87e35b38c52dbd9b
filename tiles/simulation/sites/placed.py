"""Works that are drawn on land and held to days: how they are planned, and how they come to be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt
import shapely
from affine import Affine
from rasterio.features import shapes
from shapely.geometry import MultiPoint, shape
from shapely.geometry.base import BaseGeometry

from geo.bands import RESOLUTION_M
from geo.errors import DataError
from geo.sites import SiteType
from tiles.simulation.mosaic import burn
from tiles.simulation.sites.asked import AskedSite
from tiles.simulation.sites.frame import Ground
from tiles.simulation.sites.hydro import HydroWorks, build_hydro, draw_hydro
from tiles.simulation.sites.land import Land
from tiles.simulation.sites.solar import SolarWorks, build_solar, draw_solar
from tiles.simulation.sites.wind import WindWorks, build_wind, draw_works, fields
from tiles.simulation.spectra import Floats

Days: TypeAlias = npt.NDArray[np.datetime64]
Works: TypeAlias = SolarWorks | WindWorks | HydroWorks

_PIXEL_M2: Final = float(RESOLUTION_M**2)
_TRIES: Final = 60
_LEAST_BLOCKS: Final = 4
#: Share by which what lies outside a border may differ from what was asked.
_ABOUT: Final = 0.1
#: Blocks are joined over the tracks between them, and the border runs so far outside them.
_JOINED_M: Final = 20.0
_BESIDE_M: Final = 12.0
_AROUND_TURBINE_M: Final = 110.0
#: A turbine is not planned nearer to the edge of its window, pixels.
_EDGE_PX: Final = 20


@dataclass(frozen=True, slots=True)
class Placed:
    """Works of one site.

    Attributes:
        asked: the site.
        works: as they are built.
        planned: the same works on the days of the plan.
        border: permitted polygon, metres east and south of the window's north-west corner.
        points: (k, 2) planned turbines or the dam, in the same metres.
    """

    asked: AskedSite
    works: Works
    planned: Works
    border: BaseGeometry
    points: npt.NDArray[np.float64]

    @property
    def inside(self) -> Floats:
        """(y, x) share of each pixel of the window inside the border, 0 to 1."""
        alone = burn(np.array([self.border], dtype=object), np.zeros(1, dtype=np.int64), self.asked.window.size_px)
        share: Floats = alone.paint(np.array([[1.0], [0.0]]))[0]
        return share

    @property
    def built_m2(self) -> float | None:
        """Ground under rows of panels inside the border, gaps included, or under water when all is built."""
        match self.planned:
            case SolarWorks():
                return float(_under_rows(self.planned, [self.planned.done.max()], self.inside)[0])
            case HydroWorks():
                return self.planned.planned_m2
        return None

    def share_on(self, days: Sequence[date]) -> npt.NDArray[np.float64]:
        """(t,) true share of the plan that is built, 0 to 1: panels inside the border, pads and towers, water held."""
        return _share_on(self.works, days, self.inside)

    def planned_on(self, days: Sequence[date]) -> npt.NDArray[np.float64]:
        """(t,) share that is planned to be built, 0 to 1."""
        return _share_on(self.planned, days, self.inside)

    def outside_m2_on(self, days: Sequence[date]) -> npt.NDArray[np.float64]:
        """(t,) ground under rows of panels outside the border."""
        if not isinstance(self.works, SolarWorks):
            return np.zeros(len(days))
        return _under_rows(self.works, _days(days), np.asarray(1.0 - self.inside, dtype=np.float32))

    def built(self, rng: np.random.Generator, ground: Ground) -> Floats:
        """(t, b, y, x) the window's ground with the works on it."""
        match self.works:
            case SolarWorks():
                return build_solar(rng, ground, self.works)
            case HydroWorks():
                return build_hydro(rng, ground, self.works)
        return build_wind(ground, self.works)


def place(seed: Sequence[int], land: Land, asked: AskedSite) -> Placed:
    """Draw the works of a site on its window.

    Args:
        seed: of its randomness.
        land: what it is built on.
        asked: the site.

    Raises:
        DataError: no works as asked fit there.
    """
    draw = _drawing(land.part(asked.window), asked)
    for attempt in range(_TRIES):
        drawn = draw(np.random.default_rng([*seed, attempt]))
        if drawn is not None:
            works, border, points = drawn
            planned = _paced(works, asked.begins, asked.planned)
            return Placed(asked, _paced(works, asked.begins, asked.done), planned, border, points)
    raise DataError(
        "SITE_WITHOUT_BLOCKS",
        f"No works of site {asked.site_id} fit their window of {asked.window.size_px} pixels.",
        "Give it a larger window, or take another seed.",
    )


_Drawn: TypeAlias = tuple[Works, BaseGeometry, npt.NDArray[np.float64]]


def _drawing(ground: Ground, asked: AskedSite) -> Callable[[np.random.Generator], _Drawn | None]:
    """What draws works with their border and points on some ground; it gives None for such as are not as asked."""
    start, size = np.datetime64(asked.begins, "D"), ground.size_px
    if asked.kind is SiteType.SOLAR:
        return lambda rng: _solar(draw_solar(rng, size, start), asked.outside)
    if asked.kind is SiteType.WIND:
        free = fields(ground)
        return lambda rng: _wind(rng, free, start, asked.turbines)
    return lambda rng: _hydro(draw_hydro(rng, size, start))


def _wind(rng: np.random.Generator, free: npt.NDArray[np.bool_], start: np.datetime64, turbines: int) -> _Drawn | None:
    """None where not all turbines find fields around them, apart from each other."""
    if not free[_EDGE_PX:-_EDGE_PX, _EDGE_PX:-_EDGE_PX].any():
        return None
    works = draw_works(rng, free, start, turbines)
    border = MultiPoint(works.planned).convex_hull.buffer(_AROUND_TURBINE_M)
    return (works, border, works.planned) if len(works.planned) == turbines else None


def _hydro(works: HydroWorks) -> _Drawn | None:
    """None for water that would fall apart."""
    dam = np.array([works.dam_at[::-1]]) * RESOLUTION_M
    water = _polygon(works.border > 0)
    return (works, water, dam) if water.geom_type == "Polygon" else None


def _solar(works: SolarWorks, outside: float) -> _Drawn | None:
    """None for works that stop for good, keep their grass, or have no blocks in the east that make up what is asked."""
    never = any(np.isnat(days).any() for days in (works.cleared, works.framed, works.begun, works.done))
    if never or len(works.begun) < _LEAST_BLOCKS:
        return None
    blocks = works.mosaic.shapes[np.argsort(-shapely.get_x(shapely.centroid(works.mosaic.shapes)))]
    beyond = np.append(0.0, np.cumsum(shapely.area(blocks))) / shapely.area(blocks).sum()
    left_out = int(np.abs(beyond - outside).argmin())
    joined = shapely.union_all(shapely.buffer(blocks[left_out:], _JOINED_M)).buffer(_BESIDE_M - _JOINED_M)
    fits = abs(beyond[left_out] - outside) <= _ABOUT and joined.geom_type == "Polygon"
    return (works, joined, np.empty((0, 2))) if fits else None


def _polygon(mask: npt.NDArray[np.bool_]) -> BaseGeometry:
    """Outline of pixels, metres east and south of the corner."""
    scale = Affine.scale(RESOLUTION_M)
    found = [shape(one) for one, _ in shapes(mask.astype(np.uint8), mask, connectivity=8, transform=scale)]
    joined: BaseGeometry = shapely.union_all(found)
    return joined


def _paced(works: Works, first: date, last: date) -> Works:
    """The same works from a first day to the day on which all stands."""
    new = np.datetime64(first, "D"), np.datetime64(last, "D")
    match works:
        case SolarWorks():
            days = _Pace((works.cleared.min(), works.done.max()), new)
            cleared, framed = days.moved(works.cleared), days.moved(works.framed)
            return replace(
                works, cleared=cleared, framed=framed, begun=days.moved(works.begun), done=days.moved(works.done)
            )
        case WindWorks():
            days = _Pace((works.begun.min(), works.erected.max()), new)
            begun, laid = days.moved(works.begun), days.moved(works.laid)
            return replace(works, begun=begun, laid=laid, erected=days.moved(works.erected))
    full = works.levels[int((works.levels_m >= works.full_m).argmax())]
    days = _Pace((works.stripped[0], full), new)
    stripped = days.moved(np.array(works.stripped))
    return replace(works, stripped=(stripped[0], stripped[1]), levels=days.moved(works.levels))


@dataclass(frozen=True, slots=True)
class _Pace:
    """Days of one span (first, last) as days of another; what comes after keeps its distance from the end."""

    old: tuple[np.datetime64, np.datetime64]
    new: tuple[np.datetime64, np.datetime64]

    def moved(self, days: Days) -> Days:
        first, last, begin, end = (int(day.astype(np.int64)) for day in (*self.old, *self.new))
        at = days.astype(np.int64)
        within = begin + np.round((at - first) * ((end - begin) / max(last - first, 1))).astype(np.int64)
        moved: Days = np.where(at <= last, within, end + at - last).astype("datetime64[D]")
        return moved


def _share_on(works: Works, days: Sequence[date], inside: Floats) -> npt.NDArray[np.float64]:
    asked = _days(days)
    match works:
        case SolarWorks():
            share: npt.NDArray[np.float64] = _under_rows(works, asked, inside)
            return share / _under_rows(works, [works.done.max()], inside)
        case WindWorks():
            return np.asarray((works.pads_on(asked) + works.turbines_on(asked)) / (2.0 * len(works.planned)))
    return works.held_on(asked)


def _under_rows(works: SolarWorks, days: Days | Sequence[np.datetime64], where: Floats) -> npt.NDArray[np.float64]:
    """(t,) m2 under rows of panels, weighed by a share of each pixel, as it is painted."""
    rows = [float((works.rows_on(day) * where).sum(dtype=np.float64)) for day in days]
    return np.array(rows) * _PIXEL_M2


def _days(days: Sequence[date]) -> Days:
    return np.array(days, dtype="datetime64[D]")
