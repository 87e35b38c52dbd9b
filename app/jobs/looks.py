"""Clear looks that a season's scenes promise, from the cloud cover that their catalogue states."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pystac
import shapely
from shapely import box
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from geo.lonlat import middle_lon, pieces
from tiles.facts import solar_day
from tiles.sources.base import box_of

_COVER: Final = "eo:cloud_cover"


@dataclass(frozen=True, slots=True)
class Looks:
    """What n parcels may expect of a season.

    Attributes:
        passes: shape (n,), days on which a scene covers the parcel's centre.
        clear: shape (n,), expected number of them that are clear: the sum over days of 1 - cloud cover; NaN where no
            scene states its cloud cover.
        enough: shape (n,), probability of at least `least` clear days, were days independent and each clear over the
            parcel with probability 1 - cloud cover; where no scene states it, were all days clear.
        months: months (1 to 12) with a pass, for each parcel.
        without_cover: scenes that state no cloud cover; they count with the mean of the others.
        cover_known: whether any scene states it.
    """

    passes: npt.NDArray[np.int64]
    clear: npt.NDArray[np.float64]
    enough: npt.NDArray[np.float64]
    months: tuple[frozenset[int], ...]
    without_cover: int
    cover_known: bool


def expected_looks(centres: gpd.GeoSeries, items: Sequence[pystac.Item], least: int) -> Looks:
    """Clear looks at parcels.

    Args:
        centres: one point for each of n parcels on WGS 84, None where it has no outline.
        items: scenes of the season.
        least: clear days that a parcel needs.
    """
    cover, known = _covers(items)
    seen = _seen(centres, items)
    patterns, inverse = np.unique(seen, axis=0, return_inverse=True)
    days = [solar_day(item, middle_lon(box_of(item))) for item in items]
    found = [_of_pattern(pattern, days, cover, least) for pattern in patterns]
    of_parcel = [found[index] for index in inverse.ravel()]
    return Looks(
        passes=np.array([len(each.days) for each in of_parcel], dtype=np.int64),
        clear=np.array([each.clear if known else np.nan for each in of_parcel]),
        enough=np.array([each.enough for each in of_parcel]),
        months=tuple(frozenset(day.month for day in each.days) for each in of_parcel),
        without_cover=len(items) - known,
        cover_known=known > 0,
    )


@dataclass(frozen=True, slots=True)
class _Pattern:
    """Expectation of all parcels that the same scenes cover."""

    days: tuple[date, ...]
    clear: float
    enough: float


def _covers(items: Sequence[pystac.Item]) -> tuple[npt.NDArray[np.float64], int]:
    """Cloud cover of each scene, 0 to 1, the mean of the others where it states none; and how many state it."""
    said = [item.properties.get(_COVER) for item in items]
    known = [float(cover) for cover in said if cover is not None]
    usual = float(np.mean(known)) if known else 0.0
    return np.array([usual if cover is None else float(cover) for cover in said]) / 100, len(known)


def _seen(centres: gpd.GeoSeries, items: Sequence[pystac.Item]) -> npt.NDArray[np.bool_]:
    """Shape (n, m): whether scene m covers the centre of parcel n."""
    points = np.asarray(centres.array, dtype=object)
    seen = np.zeros((len(points), len(items)), dtype=bool)
    scene, parcel = shapely.STRtree(points).query([_footprint(item) for item in items], predicate="intersects")
    seen[parcel, scene] = True
    return seen


def _footprint(item: pystac.Item) -> BaseGeometry:
    if item.geometry is not None:
        return shape(item.geometry)
    return shapely.union_all([box(*piece) for piece in pieces(box_of(item))])


def _of_pattern(
    pattern: npt.NDArray[np.bool_], days: Sequence[date], cover: npt.NDArray[np.float64], least: int
) -> _Pattern:
    covers: dict[date, list[float]] = {}
    for index in np.flatnonzero(pattern).tolist():
        covers.setdefault(days[index], []).append(float(cover[index]))
    clear = 1 - np.array([np.mean(covers[day]) for day in sorted(covers)])
    return _Pattern(tuple(sorted(covers)), float(clear.sum()), at_least(clear, least))


def at_least(chances: npt.NDArray[np.float64], least: int) -> float:
    """Probability that at least `least` of independent events of the given probabilities happen, shape (k,)."""
    counts = np.zeros(least + 1)  # the last stands for `least` and more
    counts[0] = 1.0
    for chance in chances:
        stays = counts * (1 - chance)
        stays[-1] = counts[-1]
        counts = stays + np.concatenate([[0.0], counts[:-1] * chance])
    return float(counts[-1])
