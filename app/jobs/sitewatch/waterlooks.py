"""A hydro plant or a reservoir: water inside the border by look and by pass, and the dam's site laid bare."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, cast

import numpy as np
import pandas as pd

from app.jobs.sitewatch.measured import Sources
from app.jobs.sitewatch.passes import RadarStack
from app.jobs.sitewatch.restated import Stated, picked
from app.jobs.sitewatch.stacks import SiteStack, around, disc, widened, windows_of
from geo.errors import DataError
from geo.sites import SiteMeasure
from models.sites.alignment import aligned
from models.sites.dam import DamRule, dam_looks
from models.sites.ground import shows_ground
from models.sites.looks import Flags, Floats, Looks, Reflectance
from models.sites.radarwater import radar_water_looks
from models.sites.water import joined_to_dam, water_looks, water_shares
from tiles.reader import Window

_HALF: Final = 0.5
_DAM_MARGIN_M: Final = 100.0
#: Looks that are gone back over for what the latest ones hide.
_BACK: Final = 10
#: Pixels around the border: land beside the shore tells what a mixed pixel is.
_SHORE_PX: Final = 16
#: Bytes that a pixel takes with one look, and with one pass, while areas are measured.
_LOOK_BYTES: Final = 9
_PASS_BYTES: Final = 26
#: Memory that a worker takes before it reads anything, and for single images.
_BASE_BYTES: Final = 600 * 2**20


class _ByLook:
    """(t, b, y, x) reflectance of which one look is in memory at a time; as water_looks asks for it."""

    def __init__(self, stack: SiteStack, window: Window) -> None:
        self._stack, self._window = stack, window

    def __getitem__(self, time: int) -> Reflectance:
        image, _ = self._stack.image(int(time), self._window)
        return np.nan_to_num(image, nan=1e-4)


@dataclass(frozen=True, slots=True)
class WaterSeen:
    """Water of one site as each kind of look shows it.

    Attributes:
        optical: by look of the stack.
        radar: by pass; None: none.
    """

    optical: Looks
    radar: Looks | None

    def by(self, day: np.datetime64) -> Looks:
        """Looks up to a day in the light of these alone: on one scale, of one day the surer."""
        optical = picked(self.optical, self.optical.days <= day)
        if self.radar is None:
            return optical
        return surer([*aligned(optical, picked(self.radar, self.radar.days <= day))])

    def rows(self, site_id: str, sources: Sources, border_m2: float) -> Iterator[pd.DataFrame]:
        """Rows of SITE_LOOKS as they became known: after every look, those of the looks up to it that it moves.

        Args:
            site_id: the site.
            sources: of looks and passes.
            border_m2: area within the border.
        """
        stated = Stated(len(sources.days), border_m2)
        for day, known in zip(sources.days, sources.known, strict=True):
            now = self.by(day)
            yield sources.rows(site_id, SiteMeasure.WATER, picked(now, stated.anew(now)), known)


def water_of(
    site_id: str,
    stack: SiteStack,
    radar: RadarStack | None,
    inside: Floats,
    dam: Floats | None,
    memory_bytes: int,
) -> tuple[WaterSeen, Flags]:
    """Water by look and pass; and (y, x) what is water as of the latest optical look that tells.

    Args:
        site_id: the site.
        stack: optical looks.
        radar: passes; None: none.
        inside: (y, x) share of each pixel within the border.
        dam: row and column of the dam; None: all water within the border counts.
        memory_bytes: what a worker may take.

    Raises:
        DataError: the border is too large for that (SITES_TOO_LARGE).
    """
    window = around(inside > 0, stack.shape, _SHORE_PX)
    _require_memory(site_id, window, len(stack.days), 0 if radar is None else len(radar.days), memory_bytes)
    part = inside[window.slices]
    at = None if dam is None else (float(dam[0]) - window.top, float(dam[1]) - window.left)
    clear = _clear(stack, window)
    optical = water_looks(cast(Reflectance, _ByLook(stack, window)), clear, stack.days, part, at)
    passes = None if radar is None else radar_water_looks(radar.read(window), radar.days, part, at)
    return WaterSeen(optical, passes), _now(stack, window, clear, optical, part, at)


def dam_of(stack: SiteStack, dam: Floats) -> Looks:
    """Ground laid bare near a dam."""
    near = disc(dam, DamRule().radius_m + _DAM_MARGIN_M, stack.shape)
    window = around(near, stack.shape)
    images, classes = stack.read(window)
    at = float(dam[0]) - window.top, float(dam[1]) - window.left
    return dam_looks(np.nan_to_num(images, nan=1e-4), shows_ground(images, classes), stack.days, at)


def surer(looks: list[Looks]) -> Looks:
    """Looks of several kinds by day; of one day the one with the smallest error."""
    names = ("days", "values", "errors", "clear")
    days, values, errors, clear = (np.concatenate([getattr(one, name) for one in looks]) for name in names)
    whole = Looks(days, values, errors, clear)
    order = np.lexsort((np.where(np.isfinite(values), errors, np.inf), days))
    first = np.append(True, days[order][1:] != days[order][:-1]) if len(order) else np.array([], dtype=np.bool_)
    return picked(whole, order[first])


def _clear(stack: SiteStack, window: Window) -> Flags:
    """(t, y, x) what looks show of a window."""
    clear = np.zeros((len(stack.days), *window.shape), dtype=np.bool_)
    for core in windows_of(window):
        outer, inner = widened(core, stack.shape)
        at = core.shifted(-window.top, -window.left).slices
        clear[:, *at] = shows_ground(*stack.read(outer))[:, *inner]
    return clear


def _now(
    stack: SiteStack, window: Window, clear: Flags, looks: Looks, inside: Floats, dam: tuple[float, float] | None
) -> Flags:
    """(y, x) water on the whole grid as of the latest look; of a hidden pixel, as of the look that showed it last."""
    shares = np.full(window.shape, np.nan)
    for time in np.flatnonzero(np.isfinite(looks.values))[: -_BACK - 1 : -1].tolist():
        hidden = np.isnan(shares)
        if not (hidden & (inside > 0)).any():
            break
        image, _ = stack.image(time, window)
        shown = water_shares(np.nan_to_num(image, nan=1e-4), clear[time]).share
        shares = np.where(hidden, shown, shares)
    wet = np.nan_to_num(shares) >= _HALF
    joined = wet if dam is None else joined_to_dam(wet, np.isnan(shares), dam)
    water = np.zeros(stack.shape, dtype=np.bool_)
    water[window.slices] = wet & joined & (inside > 0)
    return water


def _require_memory(site_id: str, window: Window, looks: int, passes: int, memory_bytes: int) -> None:
    pixels = window.shape[0] * window.shape[1]
    need = _BASE_BYTES + pixels * (looks * _LOOK_BYTES + passes * _PASS_BYTES)
    if need > memory_bytes:
        raise DataError(
            "SITES_TOO_LARGE",
            f"Site {site_id!r} takes {need / 2**20:.0f} MiB with all its looks; a worker may take "
            f"{memory_bytes / 2**20:.0f} MiB.",
            "Raise ACRELINE_WORKER_MEMORY_MIB, or plan the site as several.",
        )
