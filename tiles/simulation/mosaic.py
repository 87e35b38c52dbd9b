"""Field geometry: a plain cut into blocks by roads, and blocks cut into long plots; exact pixel shares of each."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from affine import Affine
from rasterio.features import rasterize
from scipy.sparse import coo_array, csr_array
from shapely.affinity import rotate
from shapely.geometry import LineString, Polygon, box
from shapely.ops import split

from geo.bands import RESOLUTION_M

#: Plots are burnt on a grid this many times finer, and a pixel gathers a window one fine pixel wider on each side:
#: the sensor's point spread reaches a little beyond the pixel.
_FINE: Final = 3
_WINDOW: Final = _FINE + 2
_SMALLEST_M2: Final = 250.0
_HECTARE_M2: Final = 1e4


@dataclass(frozen=True, slots=True)
class Layout:
    """How a landscape is cut.

    Attributes:
        block_ha: usual area between roads.
        plot_ha: usual area of a plot.
        road_m: half width of a road.
        ridge_m: half width of the ridge between plots.
    """

    block_ha: float = 11.0
    plot_ha: float = 0.75
    road_m: float = 3.0
    ridge_m: float = 0.5


@dataclass(frozen=True, slots=True)
class Mosaic:
    """Plots on a pixel grid.

    Attributes:
        shapes: (n,) polygons, metres east and south of the grid's north-west corner (y points down, as rows do).
        blocks: (n,) number of the block that each plot lies in.
        weights: (rows * columns, n + 1) share of each plot in each pixel; the last column is what no plot covers
            (roads, ridges). Rows add up to 1.
        index: (y, x) int32, the plot with the largest share, -1 where none.
        share: (y, x) float32, that largest share: below 1 on borders.
    """

    shapes: npt.NDArray[np.object_]
    blocks: npt.NDArray[np.int64]
    weights: csr_array
    index: npt.NDArray[np.int32]
    share: npt.NDArray[np.float32]

    @property
    def size_px(self) -> int:
        """Rows, and columns."""
        return int(self.index.shape[0])

    def paint(self, values: npt.NDArray[np.floating]) -> npt.NDArray[np.float32]:
        """Lay one value or vector per plot on the grid, mixed on the borders.

        Args:
            values: (n + 1, ...) one row per plot, the last row for what no plot covers.

        Returns:
            (..., y, x) float32.
        """
        flat = np.ascontiguousarray(values.reshape(len(values), -1), dtype=np.float32)
        painted = (self.weights @ flat).T
        return np.ascontiguousarray(painted).reshape(*values.shape[1:], self.size_px, self.size_px)


def field_mosaic(rng: np.random.Generator, size_px: int, layout: Layout | None = None) -> npt.NDArray[np.int32]:
    """(y, x) int32 index of the plot that covers most of each pixel, -1 for roads and ridges."""
    return cut_mosaic(rng, size_px, layout).index


def cut_mosaic(rng: np.random.Generator, size_px: int, layout: Layout | None = None) -> Mosaic:
    """A landscape of plots over a square of size_px x size_px pixels of 10 m."""
    layout = layout or draw_layout(rng)
    shapes, blocks = cut_plots(rng, size_px * RESOLUTION_M, layout)
    return burn(shapes, blocks, size_px)


def draw_layout(rng: np.random.Generator) -> Layout:
    """A layout between garden plots and large fields."""
    plot_ha = float(np.clip(rng.lognormal(np.log(0.9), 0.7), 0.2, 6.0))
    return Layout(
        block_ha=float(np.clip(plot_ha * rng.uniform(6.0, 18.0), 3.0, 40.0)),
        plot_ha=plot_ha,
        road_m=float(rng.uniform(1.5, 5.0)),
        ridge_m=float(rng.uniform(0.2, 1.2)),
    )


def cut_plots(
    rng: np.random.Generator, side_m: float, layout: Layout
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.int64]]:
    """Plots (polygons) that meet a square of side_m metres, and the block of each."""
    square = box(0.0, 0.0, side_m, side_m)
    turned = rotate(square.buffer(0.35 * side_m, join_style="mitre"), float(rng.uniform(-35.0, 35.0)))
    shapes: list[Polygon] = []
    owners: list[int] = []
    for number, block in enumerate(_cut_blocks(rng, turned, square, layout)):
        plots = _cut_strips(rng, block.buffer(-layout.road_m, join_style="mitre"), layout)
        shapes += plots
        owners += [number] * len(plots)
    kept = shapely.intersects(np.array(shapes, dtype=object), square)
    return np.array(shapes, dtype=object)[kept], np.array(owners, dtype=np.int64)[kept]


def burn(shapes: npt.NDArray[np.object_], blocks: npt.NDArray[np.int64], size_px: int) -> Mosaic:
    """Pixel shares of plots on a grid of size_px x size_px pixels of 10 m (metres, y down, see `Mosaic`)."""
    labels = _burn_fine(shapes, size_px)
    weights = _shares(labels, size_px, len(shapes) + 1)
    index, share = _largest(weights, size_px, len(shapes))
    return Mosaic(shapes, blocks, weights, index, share)


def _cut_blocks(rng: np.random.Generator, start: Polygon, square: Polygon, layout: Layout) -> list[Polygon]:
    waiting, done = [start], []
    while waiting:
        part = waiting.pop()
        if not part.intersects(square):
            continue
        if part.area < layout.block_ha * _HECTARE_M2 * rng.uniform(0.7, 2.0):
            done.append(part)
        else:
            waiting += _halve(rng, part)
    return done


def _halve(rng: np.random.Generator, part: Polygon) -> list[Polygon]:
    """Cut across the long side, a little askew and off the middle."""
    corner, along, across = _frame(part)
    at = corner + along * rng.uniform(0.34, 0.66)
    turn = np.radians(rng.normal(0.0, 2.5))
    way = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ across
    line = LineString([at - way, at + 2.0 * way])
    return [piece for piece in split(part, line).geoms if isinstance(piece, Polygon)]


def _frame(part: Polygon) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A corner of the smallest rectangle around a shape, its long side and its short side as vectors."""
    corners = shapely.get_coordinates(shapely.oriented_envelope(part))[:4]
    first, second = corners[1] - corners[0], corners[3] - corners[0]
    if np.hypot(*first) < np.hypot(*second):
        first, second = second, first
    return corners[0], first, second


def _cut_strips(rng: np.random.Generator, block: Polygon, layout: Layout) -> list[Polygon]:
    """Side-by-side strips across a block; some strips are cut again into two to five."""
    if block.is_empty or block.area < _SMALLEST_M2 or block.geom_type != "Polygon":
        return []
    corner, along, across = _frame(block)
    usual_m2 = layout.plot_ha * _HECTARE_M2 * np.exp(rng.normal(0.0, 0.45))
    slabs = []
    for start, end in _stations(rng, usual_m2 / block.area, 0.55):
        pieces = int(rng.choice([1, 1, 1, 1, 2, 3, 5]))
        cuts = np.concatenate([[-0.1], np.sort(rng.uniform(0.1, 0.9, pieces - 1)), [1.1]])
        slabs += [(start, end, low, high) for low, high in pairwise(cuts)]
    corners = np.array([[(a, low), (b, low), (b, high), (a, high)] for a, b, low, high in slabs])
    rings = corner + corners[..., :1] * along + corners[..., 1:] * across
    parts = shapely.intersection(shapely.polygons(rings), block)
    inner = shapely.buffer(parts, -layout.ridge_m, join_style="mitre")
    return [part for part in inner if part.geom_type == "Polygon" and part.area >= _SMALLEST_M2]


def _stations(rng: np.random.Generator, share: float, spread: float) -> list[tuple[float, float]]:
    """Random cuts of the line from 0 to 1 into steps of about a share each."""
    count = max(1, round(1.0 / max(share, 1e-3)))
    ends = np.cumsum(rng.lognormal(0.0, spread, count))
    stations = np.concatenate([[-0.05], ends[:-1] / ends[-1], [1.05]])
    return list(pairwise(stations.tolist()))


def _burn_fine(shapes: npt.NDArray[np.object_], size_px: int) -> npt.NDArray[np.int32]:
    """Plot numbers on the fine grid, one fine pixel wider on every side."""
    step = RESOLUTION_M / _FINE
    side = size_px * _FINE + 2
    labels: npt.NDArray[np.int32] = rasterize(
        ((shape, number) for number, shape in enumerate(shapes)),
        out_shape=(side, side),
        fill=len(shapes),
        transform=Affine(step, 0.0, -step, 0.0, step, -step),
        dtype="int32",
    )
    return labels


def _shares(labels: npt.NDArray[np.int32], size_px: int, columns: int) -> csr_array:
    windows = np.lib.stride_tricks.sliding_window_view(labels, (_WINDOW, _WINDOW))[::_FINE, ::_FINE]
    members = windows.reshape(size_px * size_px, _WINDOW * _WINDOW)
    rows = np.repeat(np.arange(len(members), dtype=np.int32), _WINDOW * _WINDOW)
    data = np.full(rows.size, 1.0 / _WINDOW**2, dtype=np.float32)
    return coo_array((data, (rows, members.ravel())), shape=(len(members), columns)).tocsr()


def _largest(weights: csr_array, size_px: int, n: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    """Plot of the largest share in each pixel, and that share; of equal shares the first plot's."""
    members = np.diff(weights.indptr)
    share = np.maximum.reduceat(weights.data, weights.indptr[:-1])
    largest = np.flatnonzero(weights.data == np.repeat(share, members))[::-1]
    best = np.empty(len(members), dtype=np.int32)
    best[np.repeat(np.arange(len(members)), members)[largest]] = weights.indices[largest]
    index = np.where(best == n, -1, best).astype(np.int32)
    return index.reshape(size_px, size_px), share.reshape(size_px, size_px)
