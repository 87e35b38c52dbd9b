"""A plan of a few simulated sites on little land, for tests."""

from __future__ import annotations

from datetime import date, time

from geo.sites import SiteType
from tiles.simulation.sites.asked import AskedSite, SitesPlan, Track, every
from tiles.simulation.sites.land import Window

BEGINS, DONE, PLANNED = date(2025, 3, 1), date(2025, 9, 1), date(2025, 8, 1)


def small_plan(seed: int = 7) -> SitesPlan:
    """A solar farm that leaves its border and comes a month late, three turbines, and a reservoir."""
    days = (BEGINS, DONE, PLANNED)
    return SitesPlan(
        seed=seed,
        size_px=176,
        days=(*every(date(2024, 11, 3), date(2025, 8, 25), 35), *every(date(2025, 9, 4), date(2025, 12, 20), 12)),
        tracks=(Track(142, time(10, 6, 52), every(date(2024, 12, 1), date(2025, 10, 27), 55)),),
        sites=(
            AskedSite("S-1", "Solar", SiteType.SOLAR, Window(4, 4, 64), *days, outside=0.25),
            AskedSite("W-1", "Wind", SiteType.WIND, Window(76, 72, 96), *days, turbines=3),
            AskedSite("H-1", "Hydro", SiteType.HYDRO, Window(4, 112, 56), *days),
        ),
    )
