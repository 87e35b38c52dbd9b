"""What a season of simulated sites is made from: the grid, the days, and what is built where and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Final

from geo.sites import SiteType
from tiles.simulation.sites.land import Window
from tiles.simulation.square import Square

#: Windows of works that the site types need: a turbine wants 200 m of land around.
SOLAR_PX: Final = 64
WIND_PX: Final = 96
HYDRO_PX: Final = 56


@dataclass(frozen=True, slots=True)
class AskedSite:
    """One site that is to be built.

    Attributes:
        site_id: the lender's id.
        name: for people to read.
        kind: "solar", "wind" or "hydro".
        window: where on the grid; works lie well inside it.
        begins: first day of works.
        done: day on which all stands.
        planned: day on which all is to stand after the plan, which begins when works do.
        turbines: that are planned, of a wind farm.
        outside: share of the panels that lie outside the permitted border, about.
    """

    site_id: str
    name: str
    kind: SiteType
    window: Window
    begins: date
    done: date
    planned: date
    turbines: int = 0
    outside: float = 0.0


@dataclass(frozen=True, slots=True)
class Track:
    """Passes of the radar on one relative orbit.

    Attributes:
        orbit: relative orbit, 1 to 175.
        at: time of day of its passes, UTC.
        days: of its passes.
    """

    orbit: int
    at: time
    days: tuple[date, ...]


def every(first: date, last: date, step_days: int) -> tuple[date, ...]:
    """Days from a first one on, none after the last."""
    return tuple(first + timedelta(days=at) for at in range(0, (last - first).days + 1, step_days))


#: Two years and a half, in which the sites below are built; the days before are what the land was.
_FIRST: Final = date(2024, 6, 5)
_LAST: Final = date(2026, 11, 7)
_RADAR_FIRST: Final = date(2025, 3, 2)


def _days() -> tuple[date, ...]:
    """Every ten days while nothing is built, then every five, as both satellites pass."""
    begin = date(2025, 7, 30)
    return (*every(_FIRST, begin - timedelta(days=1), 10), *every(begin, _LAST, 5))


def _tracks() -> tuple[Track, ...]:
    """Two ascending tracks that see the same land, twelve days apart each."""
    other = _RADAR_FIRST + timedelta(days=5)
    return (
        Track(142, time(10, 6, 52), every(_RADAR_FIRST, _LAST, 12)),
        Track(40, time(10, 15, 3), every(other, _LAST, 12)),
    )


def _sites() -> tuple[AskedSite, ...]:
    """A farm that runs, one that falls behind, one that leaves its border, a wind farm and a reservoir."""
    solar, wind, hydro = SiteType.SOLAR, SiteType.WIND, SiteType.HYDRO
    west, east, low = Window(44, 44, SOLAR_PX), Window(44, 276, SOLAR_PX), Window(276, 44, SOLAR_PX)
    middle, corner = Window(144, 144, WIND_PX), Window(280, 280, HYDRO_PX)
    return (
        AskedSite("SIM-SOLAR-1", "柳湾光伏 Liuwan solar", solar, west, *_when("2025-08-20 2026-02-10 2026-02-28")),
        AskedSite("SIM-SOLAR-2", "东岗光伏 Donggang solar", solar, east, *_when("2026-01-20 2027-05-20 2026-09-30")),
        AskedSite(
            "SIM-SOLAR-3", "南洼光伏 Nanwa solar", solar, low, *_when("2025-12-10 2026-08-20 2026-09-15"), outside=0.25
        ),
        AskedSite(
            "SIM-WIND-1", "黄坡风电 Huangpo wind", wind, middle, *_when("2025-11-20 2026-09-10 2026-09-30"), turbines=5
        ),
        AskedSite("SIM-HYDRO-1", "石桥水库 Shiqiao hydro", hydro, corner, *_when("2025-11-05 2026-09-20 2026-10-10")),
    )


def _when(days: str) -> tuple[date, date, date]:
    begins, done, planned = (date.fromisoformat(day) for day in days.split())
    return begins, done, planned


@dataclass(frozen=True, slots=True)
class SitesPlan(Square):
    """What to simulate. The default lies 5 km east of the simulated county.

    Attributes:
        days: of optical acquisitions, rising; overcast ones are not written.
        tracks: of the radar; none: no radar.
        sites: what is built.
    """

    size_px: int = 384
    left_m: int = 378880
    days: tuple[date, ...] = field(default_factory=_days)
    tracks: tuple[Track, ...] = field(default_factory=_tracks)
    sites: tuple[AskedSite, ...] = field(default_factory=_sites)

    @property
    def radar_days(self) -> Sequence[tuple[Track, date]]:
        """Passes of the radar in order."""
        return sorted(((track, day) for track in self.tracks for day in track.days), key=lambda one: one[1])
