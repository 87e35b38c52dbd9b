"""Panels where none is planned: a wide area looked through in windows, patches of panels found with the day they show.

Bounds memory: a window holds its own looks only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from models.sites.ground import shows_ground
from models.sites.looks import Days, Flags, Reflectance
from models.sites.panels import PanelNet, Singles, panel_shares, past_of
from models.sites.settled import settled
from tiles.clear import DILATE_PX

_HALF: Final = 0.5

Classes = npt.NDArray[np.uint8]
#: Gives (t, b, y, x) reflectance and (t, y, x) scene classification of a window of rows and columns.
Window = tuple[slice, slice]
Reader = Callable[[Window], tuple[Reflectance, Classes]]


@dataclass(frozen=True, slots=True)
class ScanRule:
    """What counts as panels that nobody planned.

    Attributes:
        neutral: share of a pixel under rows that speaks neither way; stricter than inside a planned border.
        chance: chance from which a pixel counts.
        least_looks: looks of a pixel that show panels.
        shows: share from which a look shows them.
        least_days: days from the change to the last look that shows them: low sun darkens whole fields for weeks.
        least_px: pixels of a patch, which hang together.
        already: share of a pixel's looks before that may show panels.
    """

    neutral: float = 0.45
    chance: float = 0.95
    least_looks: int = 3
    shows: float = 0.7
    least_days: float = 60.0
    least_px: int = 50
    already: float = 0.2


@dataclass(frozen=True, slots=True)
class Patch:
    """Panels that hang together.

    Attributes:
        row: of its centre on the grid.
        column: of its centre.
        pixels: how many.
        since: datetime64[D], first look by which half of it is there.
    """

    row: float
    column: float
    pixels: int
    since: np.datetime64


def panels_found(shares: Singles, days: Days, rule: ScanRule | None = None) -> tuple[Flags, npt.NDArray[np.int64]]:
    """(y, x) pixels that became panels, and (y, x) the look by which they did.

    Args:
        shares: (t, y, x) from `panel_shares`, looks after the past.
        days: (t,) of these looks.
        rule: what counts.
    """
    rule = rule or ScanRule()
    chance = settled(shares, rule.neutral)
    with np.errstate(invalid="ignore"):
        shows = shares >= rule.shows
    since = (chance < _HALF).sum(axis=0)
    last = len(days) - 1 - shows[::-1].argmax(axis=0)
    lasted = (days[last] - days[np.minimum(since, len(days) - 1)]) / np.timedelta64(1, "D")
    found: Flags = (chance[-1] >= rule.chance) & (shows.sum(axis=0) >= rule.least_looks)
    return found & (lasted >= rule.least_days), since


def scan(
    read: Reader,
    shape: tuple[int, int],
    days: Days,
    start: np.datetime64,
    *,
    window_px: int = 256,
    threads: int = 2,
    rule: ScanRule | None = None,
    net: PanelNet | None = None,
) -> tuple[Patch, ...]:
    """Patches of panels that appeared since a day, on a whole grid.

    Args:
        read: gives the looks of a window; called once for each.
        shape: rows and columns of the grid.
        days: (t,) of the looks, rising; three or more before `start`.
        start: first day of what is looked for.
        window_px: rows and columns of a window.
        threads: windows that are held at a time.
        rule: what counts.
        net: what tells panels; the one that ships, by default.
    """
    found = np.zeros(shape, dtype=np.bool_)
    since = np.zeros(shape, dtype=np.int16)
    before = days < start
    look = partial(_window_found, read, shape=shape, days=days, before=before, rule=rule, net=net)
    parts = list(windows(shape, window_px))
    with ThreadPoolExecutor(threads) as pool:
        for window, (here, by) in zip(parts, pool.map(look, parts), strict=True):
            found[window], since[window] = here, by
    return patches(found, since, days[~before], rule)


def _window_found(
    read: Reader,
    window: Window,
    shape: tuple[int, int],
    days: Days,
    before: Flags,
    rule: ScanRule | None,
    net: PanelNet | None,
) -> tuple[Flags, npt.NDArray[np.int64]]:
    """A window is read with the margin of its clouds, so that the result does not depend on windows."""
    wide, inner = zip(*(_widened(part, side) for part, side in zip(window, shape, strict=True)), strict=True)
    reflectance, scl = read((wide[0], wide[1]))
    seen = shows_ground(reflectance, scl)[:, inner[0], inner[1]]
    reflectance = reflectance[:, :, inner[0], inner[1]]
    return find_panels(reflectance, seen, days, before, rule, net)


def find_panels(
    reflectance: Reflectance,
    seen: Flags,
    days: Days,
    before: Flags,
    rule: ScanRule | None = None,
    net: PanelNet | None = None,
) -> tuple[Flags, npt.NDArray[np.int64]]:
    """(y, x) pixels that became panels since the past, and (y, x) the look by which they did.

    Shrubs on pale soil or the shore of a lake may look like rows time and again: what looked so before is not found.

    Args:
        reflectance: (s, b, y, x) of all looks.
        seen: (s, y, x) which show the ground.
        days: (s,) of the looks, rising.
        before: (s,) which looks are the past.
        rule: what counts.
        net: what tells panels; the one that ships, by default.
    """
    rule = rule or ScanRule()
    past = past_of(reflectance[before], seen[before])
    found, since = panels_found(panel_shares(reflectance[~before], seen[~before], past, net), days[~before], rule)
    looked = looked_so(reflectance[before][:, :, found], seen[before][:, found], past[found], net, rule)
    found[found] = ~looked
    return found, since


def looked_so(
    reflectance: Reflectance, seen: Flags, past: Singles, net: PanelNet | None = None, rule: ScanRule | None = None
) -> Flags:
    """(n,) whether pixels looked like panels before anything was built; not where they were not seen.

    Args:
        reflectance: (s, b, n) of the looks before.
        seen: (s, n) which show the ground.
        past: (n, 18) from `past_of`.
        net: what tells panels; the one that ships, by default.
        rule: what counts.
    """
    rule = rule or ScanRule()
    earlier = panel_shares(reflectance[..., None], seen[..., None], past[:, None], net)[..., 0]
    judged = np.maximum(np.isfinite(earlier).sum(axis=0), 1)
    with np.errstate(invalid="ignore"):
        return np.asarray((earlier >= _HALF).sum(axis=0) > rule.already * judged)


def _widened(part: slice, side: int) -> tuple[slice, slice]:
    first, last = max(part.start - DILATE_PX, 0), min(part.stop + DILATE_PX, side)
    return slice(first, last), slice(part.start - first, part.stop - first)


def windows(shape: tuple[int, int], window_px: int) -> Iterator[Window]:
    """Windows that cover a grid, row by row."""
    for row in range(0, shape[0], window_px):
        for column in range(0, shape[1], window_px):
            yield slice(row, min(row + window_px, shape[0])), slice(column, min(column + window_px, shape[1]))


def patches(
    found: Flags, since: npt.NDArray[np.integer], days: Days, rule: ScanRule | None = None
) -> tuple[Patch, ...]:
    """Patches of pixels that hang together (also by corners), the largest first."""
    rule = rule or ScanRule()
    labels, count = ndimage.label(found, structure=np.ones((3, 3)))
    sizes = np.bincount(labels.ravel(), minlength=count + 1)[1:]
    large = np.flatnonzero(sizes >= rule.least_px) + 1
    centres = np.array(ndimage.center_of_mass(found, labels, large)).reshape(-1, 2)
    told = [
        Patch(float(centre[0]), float(centre[1]), int(sizes[label - 1]), days[int(np.median(since[labels == label]))])
        for label, centre in zip(large, centres, strict=True)
    ]
    return tuple(sorted(told, key=lambda patch: -patch.pixels))
