"""The square of land that a simulation is about."""

from __future__ import annotations

from dataclasses import dataclass

from geo.bands import RESOLUTION_M
from tiles.simulation.calendars import DEFAULT_REGION


@dataclass(frozen=True, slots=True)
class Square:
    """A square on the 10 m grid, with the seed of what happens there; the default is that of the simulated county.

    Attributes:
        seed: of all randomness.
        size_px: rows and columns of the 10 m grid, even.
        left_m: easting of the west edge, a multiple of 20.
        top_m: northing of the north edge, a multiple of 20.
        epsg: UTM zone.
        grid_code: MGRS square, for the items.
        region: calendars and weather.
    """

    seed: int = 7
    size_px: int = 512
    left_m: int = 368640
    top_m: int = 3696640
    epsg: int = 32650
    grid_code: str = "MGRS-50SLB"
    region: str = DEFAULT_REGION

    @property
    def side_m(self) -> int:
        """Length of one side."""
        return self.size_px * RESOLUTION_M
