"""A short way from place to place: nearest neighbour, then 2-opt (Croes 1958, doi:10.1287/opre.6.6.791)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

#: Longitude and latitude, degrees (WGS 84).
At: TypeAlias = tuple[float, float]

_EARTH_M: Final = 6_371_008.8
#: Metres by which a turn must shorten the way: less is rounding.
_LEAST_GAIN_M: Final = 1e-6


def short_way(stops: Sequence[At], start: At | None = None, end: At | None = None) -> list[int]:
    """Order of stops, as indexes, from a start to an end by a short way; it need not be the shortest.

    Args:
        stops: where to go.
        start: where the way begins; None: at the first stop.
        end: where it ends; None: anywhere.
    """
    if not stops:
        return []
    first = 1 if start is None else 0
    points = [*([] if start is None else [start]), *stops]
    gaps = gaps_m([*points, end or points[0]])
    if end is None:
        gaps[:, -1] = gaps[-1, :] = 0.0
    order = _untangled([*_nearest(gaps, len(points)), len(points)], gaps)
    return [at - 1 + first for at in order[:-1] if at >= 1 - first]


def length_m(stops: Sequence[At]) -> float:
    """Metres of the way along stops in their order, on the sphere of the mean radius."""
    gaps = gaps_m(stops)
    return float(sum(gaps[at, at + 1] for at in range(len(stops) - 1)))


def gaps_m(stops: Sequence[At]) -> npt.NDArray[np.float64]:
    """(n, n) metres between stops by the haversine formula, on the sphere of the mean radius."""
    lon, lat = np.radians(np.asarray(stops, dtype=np.float64).reshape(-1, 2)).T
    half = np.sin((lat[:, None] - lat) / 2) ** 2
    half += np.cos(lat[:, None]) * np.cos(lat) * np.sin((lon[:, None] - lon) / 2) ** 2
    gaps: npt.NDArray[np.float64] = 2 * _EARTH_M * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0)))
    return gaps


def _nearest(gaps: npt.NDArray[np.float64], count: int) -> list[int]:
    order, left = [0], set(range(1, count))
    while left:
        near = min(left, key=lambda at: (gaps[order[-1], at], at))
        order.append(near)
        left.remove(near)
    return order


def _untangled(order: list[int], gaps: npt.NDArray[np.float64]) -> list[int]:
    """Turn stretches round as long as that makes the way shorter; its two ends stay."""
    way = np.array(order)
    turned = True
    while turned:
        turned = False
        for at in range(1, len(way) - 2):
            last, after = way[at + 1 : -1], way[at + 2 :]
            before, here = way[at - 1], way[at]
            gain = gaps[before, here] + gaps[last, after] - gaps[before, last] - gaps[here, after]
            best = int(np.argmax(gain))
            if gain[best] > _LEAST_GAIN_M:
                stretch = slice(at, at + best + 2)
                way[stretch] = way[stretch][::-1].copy()
                turned = True
    return [int(each) for each in way]
