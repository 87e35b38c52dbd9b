"""All looks at one site on one grid: its quarters joined, read window by window."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import dask
import numpy as np
import numpy.typing as npt
import xarray as xr

from geo.bands import BANDS, RESOLUTION_M
from models.sites.ground import SITE_CLASSES, shows_ground
from models.sites.looks import Days, Flags, Floats, Reflectance
from tiles.reader import Window
from tiles.store import open_cube

Classes = npt.NDArray[np.uint8]
Instants = npt.NDArray[np.datetime64]
Texts = npt.NDArray[np.object_]

#: Rows and columns of a window: a worker holds one with all its looks.
WINDOW_PX: Final = 128
#: Pixels around a window that masks and filters see.
MARGIN_PX: Final = 8
#: Of a pixel of one look: reflectance and class.
_PIXEL_BYTES: Final = 4 * len(BANDS) + 1
#: Looks whose classes show less of the ground than this are not read: whole passes under cloud.
_LEAST_SHOWN: Final = 0.05


@dataclass(frozen=True, slots=True)
class SiteStack:
    """t looks at one site.

    Attributes:
        cubes: quarters in their order.
        days: (t,) datetime64[D], rising, each once.
        known: (t,) datetime64[us], UTC: when a look and all looks before it were known.
        hashes: (t,) of what each was read from.
        items: (t,) ids of its scenes, joined by a space.
        taken: by cube, the looks of it that are read.
        shape: rows and columns.
        held: all that `read` gives of the whole grid, where it is in memory.
    """

    cubes: tuple[xr.Dataset, ...]
    days: Days
    known: Instants
    hashes: Texts
    items: Texts
    taken: tuple[npt.NDArray[np.int64], ...]
    shape: tuple[int, int]
    held: tuple[Reflectance, Classes] | None = None

    def in_memory(self, memory_bytes: int) -> SiteStack:
        """The same looks, read once where they take no more than so many bytes: each measure asks for them anew."""
        rows, columns = self.shape
        whole_bytes = len(self.days) * rows * columns * _PIXEL_BYTES
        return replace(self, held=self.read(self.whole)) if whole_bytes <= memory_bytes else self

    def read(self, window: Window) -> tuple[Reflectance, Classes]:
        """(t, b, y, x) float32 reflectance, NaN no data, and (t, y, x) uint8 scene classification of a window."""
        rows, columns = window.slices
        if self.held is not None:
            reflectance, seen = self.held
            return reflectance[..., rows, columns].copy(), seen[..., rows, columns].copy()
        images, classes = [], []
        with dask.config.set(scheduler="synchronous"):
            for cube, taken in zip(self.cubes, self.taken, strict=True):
                part = cube.isel(time=taken, y=rows, x=columns)
                images.append(part.reflectance.to_numpy())
                classes.append(part.scl.to_numpy())
        return np.concatenate(images), np.concatenate(classes)

    def masks(self, window: Window) -> Classes:
        """(t, y, x) codes of `tiles.clear.Mask` of a window."""
        rows, columns = window.slices
        with dask.config.set(scheduler="synchronous"):
            parts = [
                cube.mask.isel(time=taken, y=rows, x=columns).to_numpy()
                for cube, taken in zip(self.cubes, self.taken, strict=True)
            ]
        return np.concatenate(parts)

    def image(self, time: int, window: Window) -> tuple[Reflectance, Classes]:
        """(b, y, x) reflectance and (y, x) classes of one look."""
        if self.held is not None:
            reflectance, seen = (part[time][..., *window.slices].copy() for part in self.held)
            return reflectance, seen
        counts = np.cumsum([len(taken) for taken in self.taken])
        number = int(np.searchsorted(counts, time, side="right"))
        at = int(self.taken[number][time - (counts[number - 1] if number else 0)])
        rows, columns = window.slices
        with dask.config.set(scheduler="synchronous"):
            part = self.cubes[number].isel(time=at, y=rows, x=columns)
            return part.reflectance.to_numpy(), part.scl.to_numpy()

    @property
    def whole(self) -> Window:
        """All rows and columns."""
        return Window(0, self.shape[0], 0, self.shape[1])

    def clear_shares(self, ground: Floats) -> Floats:
        """(t,) share of the ground that each look shows.

        Args:
            ground: (y, x) weights of the ground, 0 to 1.
        """
        shown = np.zeros(len(self.days))
        for core in windows_of(around(ground > 0, self.shape)):
            outer, inner = widened(core, self.shape)
            seen = shows_ground(*self.read(outer))[:, *inner]
            shown += seen.reshape(len(seen), -1) @ ground[core.slices].ravel()
        return shown / max(float(ground.sum()), 1e-9)


def open_stack(
    places: Sequence[Path], ground: Floats, known_after: int | None, zone_shape: tuple[int, int]
) -> SiteStack:
    """Looks of some cubes that show some of a ground by their classes.

    Args:
        places: cubes by quarter.
        ground: (y, x) weights of the ground.
        known_after: a look counts as known so many days after its own; None: as the catalogue says.
        zone_shape: rows and columns of the grid.

    Raises:
        DataError: a cube is damaged.
    """
    cubes = tuple(open_cube(place) for place in places)
    taken = tuple(_shown(cube, ground) for cube in cubes)

    def joined(name: str) -> Texts:
        parts = [cube[name].to_numpy()[at] for cube, at in zip(cubes, taken, strict=True)]
        return np.concatenate(parts) if parts else np.array([], dtype=object)

    days = joined("time").astype("datetime64[D]")
    known = joined("known_at") if known_after is None else (days + np.timedelta64(known_after, "D"))
    whole = np.maximum.accumulate(known.astype("datetime64[us]")) if len(days) else known.astype("datetime64[us]")
    return SiteStack(cubes, days, whole, joined("source_hash"), joined("items"), taken, zone_shape)


def _shown(cube: xr.Dataset, ground: Floats) -> npt.NDArray[np.int64]:
    rows, columns = (np.flatnonzero((ground > 0).any(axis=axis)) for axis in (1, 0))
    part = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    weights = ground[part].ravel()
    with dask.config.set(scheduler="synchronous"):
        classes = cube.scl.isel(y=part[0], x=part[1]).to_numpy()
    shares = np.isin(classes, SITE_CLASSES).reshape(len(classes), -1) @ weights / weights.sum()
    return np.flatnonzero(shares >= _LEAST_SHOWN)


def around(pixels: Flags, shape: tuple[int, int], margin_px: int = 0) -> Window:
    """Smallest window that holds some pixels and a margin, within a grid."""
    rows, columns = (np.flatnonzero(pixels.any(axis=axis)) for axis in (1, 0))
    return Window(
        max(int(rows[0]) - margin_px, 0),
        min(int(rows[-1]) + 1 + margin_px, shape[0]),
        max(int(columns[0]) - margin_px, 0),
        min(int(columns[-1]) + 1 + margin_px, shape[1]),
    )


def windows_of(area: Window) -> Iterator[Window]:
    """Windows that cover a part of a grid, row by row."""
    for top in range(area.top, area.bottom, WINDOW_PX):
        for left in range(area.left, area.right, WINDOW_PX):
            yield Window(top, min(top + WINDOW_PX, area.bottom), left, min(left + WINDOW_PX, area.right))


def widened(core: Window, shape: tuple[int, int]) -> tuple[Window, tuple[slice, slice]]:
    """A window with the margin of masks and filters, and the slices of it that are the window."""
    outer = core.grown(MARGIN_PX, shape)
    return outer, core.shifted(-outer.top, -outer.left).slices


def disc(at: Floats, radius_m: float, shape: tuple[int, int]) -> Flags:
    """(y, x) pixels whose centre lies within a distance of a place, (row, column) in pixels."""
    rows, columns = np.mgrid[: shape[0], : shape[1]] + 0.5
    return np.asarray(np.hypot(rows - at[0], columns - at[1]) <= radius_m / RESOLUTION_M, dtype=np.bool_)
