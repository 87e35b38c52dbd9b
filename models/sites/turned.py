"""What became of the pixels of a built site: which have turned to water, to charred ground or to canopy.

Rows of panels hide .3 to .7 of a pixel from above, and water or fire changes only what lies between them. What a pixel
shows beyond what it ought to (`models.sites.expected`) is set against what each surface would change if it took a share
of the open part: a matched filter. A surface counts where it explains the change better than all others do: dry and
dark soil, straw, gravel, panels that are laid, the shadow of a cloud. A canopy grows over the rows themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final

import numpy as np
from scipy import ndimage

from models.sites.expected import Beyond, ExpectedRule, judge_looks
from models.sites.looks import Days, Flags, Floats, Reflectance


class Became(IntEnum):
    """What a pixel may turn to."""

    WATER = 0
    CHAR = 1
    CANOPY = 2


# Typical reflectance by band; sources: tiles/simulation/data/spectra.toml and sites.toml, rounded.
_CLEAR_WATER: Final = (0.052, 0.060, 0.046, 0.040, 0.034, 0.032, 0.028, 0.026, 0.014, 0.009)
_MUDDY_WATER: Final = (0.068, 0.088, 0.088, 0.086, 0.078, 0.074, 0.068, 0.064, 0.034, 0.024)
_CHAR: Final = (0.045, 0.048, 0.052, 0.058, 0.064, 0.069, 0.074, 0.080, 0.130, 0.135)
_GRASS: Final = (0.032, 0.068, 0.042, 0.112, 0.298, 0.366, 0.384, 0.398, 0.206, 0.108)
_HERBS: Final = (0.028, 0.062, 0.034, 0.098, 0.344, 0.430, 0.448, 0.458, 0.192, 0.092)
#: Loam, sand, dark clay, straw, gravel.
_GROUND: Final = (
    (0.095, 0.125, 0.158, 0.182, 0.200, 0.214, 0.228, 0.242, 0.312, 0.285),
    (0.125, 0.168, 0.212, 0.242, 0.262, 0.278, 0.295, 0.308, 0.385, 0.355),
    (0.043, 0.057, 0.071, 0.083, 0.091, 0.099, 0.107, 0.114, 0.150, 0.133),
    (0.082, 0.122, 0.162, 0.192, 0.232, 0.258, 0.276, 0.300, 0.342, 0.262),
    (0.142, 0.160, 0.176, 0.188, 0.200, 0.208, 0.218, 0.224, 0.250, 0.232),
)
#: Panels of silicon and of cadmium telluride.
_PANELS: Final = (
    (0.066, 0.058, 0.052, 0.050, 0.050, 0.052, 0.055, 0.060, 0.150, 0.098),
    (0.052, 0.050, 0.048, 0.048, 0.050, 0.056, 0.066, 0.092, 0.120, 0.082),
)
#: Light that is left in the shadow of a cloud, by band.
_SHADE: Final = np.array([0.62, 0.52, 0.46, 0.45, 0.42, 0.41, 0.40, 0.40, 0.34, 0.32])
#: What thin cloud adds, by band and part of the sky; what haze adds. Shadows lie under the edges of clouds.
_THIN_CLOUD: Final = np.array([0.40, 0.39, 0.39, 0.40, 0.41, 0.42, 0.42, 0.42, 0.24, 0.20])
_HAZE: Final = np.array([1.0, 0.80, 0.62, 0.54, 0.48, 0.43, 0.36, 0.34, 0.08, 0.04])
_VEILS: Final = (
    *(part * _THIN_CLOUD for part in (0.0, 0.02, 0.04, 0.08)),
    *(part * _HAZE for part in (0.01, 0.02)),
)
#: Parts of a pixel that rows may hide from above.
_COVERS: Final = (0.3, 0.5, 0.7)
#: Median of chi squared of ten degrees of freedom over its mean.
_MEDIAN: Final = 0.934


@dataclass(frozen=True, slots=True)
class TurnedRule:
    """When pixels have turned. Evidence is in squared standard errors by pixel, averaged over a patch.

    Attributes:
        least_z: standard errors by which a pixel must differ from what it ought to show, and its share from none.
        least_shares: of the open part (of the pixel for a canopy) that must have turned under rows, by `Became`,
        open_shares: and where there are none: a field that is flooded for rice is wet in part, so only its level
            tells open water there.
        recent_part: part of the share by which it must differ from its latest state as well.
        least_px: pixels of the smallest patch.
        edge: part of a patch's share that a pixel of it has at least.
        likely: evidence for a surface against any other from which a patch may be it,
        sure: and from which one look is enough; shadows below thin cloud or haze are rivals then too.
        again_days: without that a pixel's look before, so many days earlier at most, must have said the same.
        expected: how the past is learned.
    """

    least_z: float = 4.0
    least_shares: tuple[float, float, float] = (0.2, 0.2, 0.35)
    open_shares: tuple[float, float, float] = (np.inf, 0.5, 0.35)
    recent_part: float = 0.4
    least_px: int = 8
    edge: float = 0.5
    likely: tuple[float, float, float] = (4.0, 2.0, 9.0)
    sure: tuple[float, float, float] = (18.0, 18.0, np.inf)
    again_days: int = 60
    expected: ExpectedRule = field(default_factory=ExpectedRule)


@dataclass(frozen=True, slots=True)
class _Option:
    """A mixture that a pixel may turn to: (b,) reflectance, what it stands for; None for something harmless."""

    spectrum: Floats
    what: Became | None


def _mixed(spectrum: Sequence[float], what: Became | None) -> list[_Option]:
    """What lies between rows, with rows of each kind and width over it."""
    ground = np.array(spectrum)
    return [_Option((1 - part) * ground + part * np.array(panel), what) for part in _COVERS for panel in _PANELS]


def _options(*, rows: bool) -> list[_Option]:
    water = [(one, Became.WATER) for one in (_CLEAR_WATER, _MUDDY_WATER)]
    below = [*water, (_CHAR, Became.CHAR), *((one, None) for one in _GROUND)]
    canopy = [_Option(np.array(one), Became.CANOPY) for one in (_GRASS, _HERBS)]
    # Rows that are laid late change a pixel too, also one that is under rows by now.
    laid = [_Option(np.array(one), None) for one in _PANELS]
    if rows:
        return [*(option for one, what in below for option in _mixed(one, what)), *canopy, *laid]
    return [*(_Option(np.array(one), what) for one, what in below), *canopy, *laid]


def turned(
    reflectance: Reflectance,
    clear: Flags,
    days: Days,
    ground: Flags,
    rows: Flags,
    rule: TurnedRule | None = None,
) -> tuple[Flags, Flags]:
    """(3, t, y, x) pixels that have turned, by `Became`, and (t, y, x) pixels that a look could judge.

    Args:
        reflectance: (t, b, y, x) in the order of geo.bands.BANDS, reflectance with 1 = 100 %, no NaN.
        clear: (t, y, x) pixels that show the ground.
        days: (t,) datetime64[D], rising.
        ground: (y, x) the site's own.
        rows: (y, x) pixels under rows.
        rule: when a pixel counts.
    """
    rule = rule or TurnedRule()
    likely = np.zeros((len(Became), *clear.shape), dtype=np.bool_)
    sure = np.zeros_like(likely)
    options = {under: _options(rows=under) for under in (False, True)}

    def judge(time: int, able: Flags, beyond: Beyond) -> Flags:
        odd, scale = _odd(beyond, rule)
        for under, choices in options.items():
            asked = able & (rows == under)
            asked[able] &= odd
            if asked.sum() >= rule.least_px:
                fits = _fits(
                    _part(beyond, asked[able]), choices, scale, rule.least_shares if under else rule.open_shares
                )
                for what in Became:
                    likely[what, time] |= _patches(asked, fits, what, rule, rule.likely[what])
                    sure[what, time] |= _patches(asked, fits, what, rule, rule.sure[what], lone=True)
        return odd

    judged = judge_looks(reflectance, clear, ground, judge, rule.expected)
    lasts = np.stack([again(one, judged, days, rule.again_days) for one in likely])
    return sure | lasts, judged


def _odd(beyond: Beyond, rule: TurnedRule) -> tuple[Flags, float]:
    """(n,) pixels that differ from what they ought to show at all, and by how much a common look does."""
    size = np.einsum("bn,bc,cn->n", beyond.beyond, beyond.inverse, beyond.beyond)
    scale = max(float(np.median(size)) / len(beyond.inverse) / _MEDIAN, 1.0)
    return size >= rule.least_z**2 * scale, scale


def _part(beyond: Beyond, asked: Flags) -> Beyond:
    return Beyond(beyond.expected[:, asked], beyond.beyond[:, asked], beyond.recent[:, asked], beyond.inverse)


@dataclass(frozen=True, slots=True)
class _Fits:
    """How k options explain n pixels. What is left and errors are in those of a look of that day.

    Attributes:
        least: share that each surface asks for.
        kinds: what each option stands for; None for something harmless.
        veiled: (k,) shadows below a veil of thin cloud or haze.
        share: (k, n) part of the way to the option that a pixel has gone.
        left: (k, n) what that leaves unexplained.
        errors: (k, n) standard error of the share.
        recent: (k, n) share since the pixel's latest state.
    """

    least: tuple[float, float, float]
    kinds: tuple[Became | None, ...]
    veiled: Flags
    share: Floats
    left: Floats
    errors: Floats
    recent: Floats


def _fits(beyond: Beyond, options: Sequence[_Option], scale: float, least: tuple[float, float, float]) -> _Fits:
    ways = [option.spectrum[:, None] - beyond.expected for option in options]
    ways += [veil[:, None] - beyond.expected * (1.0 - _SHADE[:, None]) for veil in _VEILS]
    share, left, errors, recent = (np.stack(part) for part in zip(*(_fit(beyond, way) for way in ways), strict=True))
    kinds = (*(option.what for option in options), *(None for _ in _VEILS))
    veiled = np.arange(len(kinds)) > len(options)
    return _Fits(least, kinds, veiled, share, left / scale, errors * np.sqrt(scale), recent)


def _fit(beyond: Beyond, way: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    weighted = beyond.inverse @ way
    size = np.maximum((weighted * way).sum(axis=0), 1e-9)
    share = np.clip((weighted * beyond.beyond).sum(axis=0) / size, 0.0, 1.2)
    rest = beyond.beyond - share * way
    left = ((beyond.inverse @ rest) * rest).sum(axis=0)
    return share, left, 1.0 / np.sqrt(size), (weighted * beyond.recent).sum(axis=0) / size


def _patches(asked: Flags, fits: _Fits, what: Became, rule: TurnedRule, least: float, *, lone: bool = False) -> Flags:
    """(y, x) pixels of patches that a surface explains better than all others, as one surface over the whole patch.

    A lone look may show the shadow of a cloud below thin cloud or haze, which is as dark as water.
    """
    own = np.array([kind is what for kind in fits.kinds])
    best = fits.left[own].argmin(axis=0)[None]
    share, errors, recent = (
        np.take_along_axis(part[own], best, axis=0)[0] for part in (fits.share, fits.errors, fits.recent)
    )
    told = (share >= fits.least[what]) & (share >= rule.least_z * errors) & (recent >= rule.recent_part * share)
    grid = np.zeros(asked.shape, dtype=np.bool_)
    grid[asked] = told
    labels, count = ndimage.label(grid, np.ones((3, 3)))
    numbers = labels[asked]
    size = np.maximum(np.bincount(numbers, minlength=count + 1), 1)
    left = np.stack([np.bincount(numbers, one, minlength=count + 1) / size for one in fits.left])
    rivals = ~own if lone else ~own & ~fits.veiled
    fits_best = (left[rivals].min(axis=0) - left[own].min(axis=0) >= least) & (size >= rule.least_px)
    fits_best[0] = False
    # Averages reach one pixel beyond a patch: what has turned by less than half of what the patch has is its edge.
    whole = np.bincount(numbers, share**2, minlength=count + 1) / np.maximum(
        np.bincount(numbers, share, count + 1), 1e-9
    )
    grid[asked] = fits_best[numbers] & (share >= rule.edge * whole[numbers])
    return grid


def again(found: Flags, judged: Flags, days: Days, within_days: int) -> Flags:
    """(t, y, x) what a pixel's judged look shortly before showed too: the shadow of a cloud is gone by then.

    Args:
        found: (t, y, x) what looks show.
        judged: (t, y, x) pixels that a look could judge.
        days: (t,) datetime64[D], rising.
        within_days: greatest distance of the two looks.
    """
    lasting = np.zeros_like(found)
    before = np.zeros(found.shape[1:], dtype=np.bool_)
    since = np.full(found.shape[1:], np.datetime64("NaT", "D"))
    for time, day in enumerate(days):
        near = (day - since) <= np.timedelta64(within_days, "D")
        lasting[time] = found[time] & before & near
        before = np.where(judged[time], found[time], before)
        since = np.where(judged[time], day, since)
    return lasting
