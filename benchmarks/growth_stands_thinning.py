"""Thinning injected into series of forest: what is found of it, live and in hindsight; printed by growth_stands.py.

Simulated: reflectance of a forest is mixed linearly with that of a place without forest, by a known share from a known
day on. Forest and other land of the held-out blocks are mixed; medians of both and the limit are of the other blocks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt

from scoring.growth.trees.thinning import PastThinning, Thinning, ThinningRule, find_thinning, past_thinning

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

SHARES: Final = (0.2, 0.4, 0.6)
_FALSE: Final = 0.02
_DRAWS: Final = 40
#: Positions in STAND_BANDS.
_NIR, _NARROW, _SHORT, _NDVI = 2, 3, 4, 6


@dataclass(frozen=True, slots=True)
class _Fold:
    """Untouched forest of the held-out blocks, and the same with a thinning; scores, shares and days."""

    plain: Floats
    score: Floats
    share: Floats
    off: Floats
    inside: Floats


def thinning_lines(
    bands: Floats, days: Sequence[date], kinds: npt.NDArray[np.str_], fold: npt.NDArray[np.int64], seed: int
) -> Iterator[str]:
    """Lines of a table: index, live or hindsight, share, recall, false alarms, errors of share and date."""
    yield "thinning by mixed series (simulated); limit for 2 % of the untouched forest of the other blocks"
    heads = ("share", "recall", " false", "  bias", " error", "in 90 %", " days", " late", "limit")
    yield f"{'':16} {' '.join(heads)}"
    for index in ("NDVI", "NDMI"):
        for live in (True, False):
            for share in SHARES:
                yield _line(
                    index, live=live, share=share, folds=_folds(bands, days, kinds, fold, seed, index, live, share)
                )


def _line(index: str, *, live: bool, share: float, folds: Sequence[tuple[_Fold, float]]) -> str:
    hit = np.concatenate([one.score >= limit for one, limit in folds])
    false = np.concatenate([one.plain >= limit for one, limit in folds])
    parts = (np.concatenate([getattr(one, name) for one, _ in folds])[hit] for name in ("share", "off", "inside"))
    shares, off, inside = parts
    name = f"{index} {'live' if live else 'hindsight'}"
    away, late = np.median(np.abs(off)), np.median(off)
    return (
        f"{name:16} {share:5.1f} {hit.mean():6.2f} {false.mean():6.3f} {np.mean(shares - share):+6.2f} "
        f"{np.median(np.abs(shares - share)):6.2f} {inside.mean():7.2f} {away:5.0f} {late:+5.0f} "
        f"{np.mean([limit for _, limit in folds]):5.1f}"
    )


def _folds(
    bands: Floats,
    days: Sequence[date],
    kinds: npt.NDArray[np.str_],
    fold: npt.NDArray[np.int64],
    seed: int,
    index: str,
    live: bool,
    share: float,
) -> list[tuple[_Fold, float]]:
    found = []
    at_day = np.array(days, dtype="datetime64[D]")
    for one in np.unique(fold):
        rng = np.random.default_rng([seed, int(one), int(100 * share)])
        forest, other = kinds == "forest", kinds == "other"
        train, test = fold != one, fold == one
        if not (forest & test).any() or not (other & test).any():
            continue
        level = _index(bands, index)
        same, bare = (np.median(level[train & kind], axis=0) for kind in (forest, other))
        first, second = (
            rng.choice(np.flatnonzero(forest & test), _DRAWS),
            rng.choice(np.flatnonzero(other & test), _DRAWS),
        )
        at = rng.integers(10, len(days) - 6, _DRAWS)
        thinned = _index(mixed(bands[first], bands[second], at, share), index)
        limit = float(np.quantile(_scores(level[train & forest], at_day, same, bare, live=live), 1 - _FALSE))
        plain = _scores(level[test & forest], at_day, same, bare, live=live)
        found.append((_Fold(plain, *_found(thinned, at_day, same, bare, at, share, limit, live=live)), limit))
    return found


def _scores(level: Floats, days: npt.NDArray[np.datetime64], same: Floats, bare: Floats, *, live: bool) -> Floats:
    if live:
        score = find_thinning(level, days, same, bare, replace(ThinningRule(), limit=-np.inf)).score
        return np.nanmax(score, axis=1, initial=-np.inf)
    return np.nan_to_num(past_thinning(level, days, same, bare).score, nan=-np.inf)


def _found(
    level: Floats,
    days: npt.NDArray[np.datetime64],
    same: Floats,
    bare: Floats,
    at: npt.NDArray[np.int64],
    share: float,
    limit: float,
    *,
    live: bool,
) -> tuple[Floats, Floats, Floats, Floats]:
    """Score, share, days off and whether the interval holds the share: live at the last look, in hindsight once."""
    rows = np.arange(len(level))
    if live:
        found: Thinning = find_thinning(level, days, same, bare, replace(ThinningRule(), limit=limit))
        score = np.nanmax(found.score, axis=1, initial=-np.inf)
        when = found.raised.argmax(axis=1)
        said, error = found.share[rows, -1], found.error[rows, -1]
        inside = np.abs(said - share) <= 1.645 * error
        return score, said, (found.first[rows, when] - days[at]) / np.timedelta64(1, "D"), inside.astype(np.float64)
    past: PastThinning = past_thinning(level, days, same, bare)
    inside = (past.low <= share) & (share <= past.high)
    return (
        np.nan_to_num(past.score),
        past.share,
        (past.day - days[at]) / np.timedelta64(1, "D"),
        inside.astype(np.float64),
    )


def mixed(first: Floats, second: Floats, at: npt.NDArray[np.int64], share: float) -> Floats:
    """(n, t, 7) series of the first, mixed with a share of the second from a date's position on, in reflectance."""
    both = (1 - share) * first + share * second
    red = (1 - share) * _red(first) + share * _red(second)
    both[..., _NDVI] = (both[..., _NIR] - red) / np.maximum(both[..., _NIR] + red, 1e-6)
    since = np.arange(first.shape[1]) >= at[:, None]
    return np.where(since[..., None], both, first)


def _red(bands: Floats) -> Floats:
    """Red reflectance, which the samples lack, from near infrared and NDVI."""
    red: Floats = bands[..., _NIR] * (1 - bands[..., _NDVI]) / (1 + bands[..., _NDVI])
    return red


def _index(bands: Floats, name: str) -> Floats:
    if name == "NDVI":
        return bands[..., _NDVI]
    index: Floats = (bands[..., _NARROW] - bands[..., _SHORT]) / (bands[..., _NARROW] + bands[..., _SHORT])
    return index
