"""All passes of Sentinel-1 over one site: its quarters joined, read window by window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import dask
import numpy as np
import numpy.typing as npt
import xarray as xr

from app.jobs.sitewatch.measured import Sources
from app.jobs.sitewatch.stacks import Instants, Texts
from models.sites.looks import Days, Reflectance
from tiles.facts import joint_hash
from tiles.reader import Window
from tiles.store import open_cube


@dataclass(frozen=True, slots=True)
class RadarStack:
    """p passes over one site, by time.

    Attributes:
        cubes: quarters in their order.
        days: (p,) datetime64[D], rising; two tracks may pass on the same day.
        known: (p,) datetime64[us], UTC.
        hashes: (p,) of what each was read from.
        tracks: (p,) relative orbits.
    """

    cubes: tuple[xr.Dataset, ...]
    days: Days
    known: Instants
    hashes: Texts
    tracks: npt.NDArray[np.str_]

    def read(self, window: Window) -> Reflectance:
        """(p, 2, y, x) float32 linear power of VV and VH of a window, NaN no data."""
        rows, columns = window.slices
        with dask.config.set(scheduler="synchronous"):
            return np.concatenate([cube.backscatter.isel(y=rows, x=columns).to_numpy() for cube in self.cubes])


def open_passes(places: Sequence[Path], tracks: Mapping[str, str], known_after: int | None) -> RadarStack | None:
    """Passes of some cubes; None where there is no cube.

    Args:
        places: cubes by quarter.
        tracks: relative orbit by scene id: where scenes state none, quarters alone would name them differently.
        known_after: a pass counts as known so many days after its own; None: as the catalogue says.

    Raises:
        DataError: a cube is damaged.
    """
    if not places:
        return None
    cubes = tuple(open_cube(place) for place in places)

    def joined(name: str) -> Texts:
        return np.concatenate([cube[name].to_numpy() for cube in cubes])

    days = joined("day").astype("datetime64[D]")
    known = joined("known_at") if known_after is None else days + np.timedelta64(known_after, "D")
    own = np.array([tracks[str(names).split()[0]] for names in joined("items")], dtype=np.str_)
    return RadarStack(cubes, days, known.astype("datetime64[us]"), joined("source_hash"), own)


def with_passes(optical: Sources, radar: RadarStack | None) -> Sources:
    """What measures rest on that take looks and passes alike; of one day all together."""
    if radar is None:
        return optical
    every, known = np.concatenate([optical.days, radar.days]), np.concatenate([optical.known, radar.known])
    hashes = np.concatenate([optical.hashes, radar.hashes])
    days = np.unique(every)
    latest = np.array([known[every == day].max() for day in days], dtype="datetime64[us]")
    whole = np.array([joint_hash(hashes[every == day]) for day in days], dtype=object)
    return Sources(days, np.maximum.accumulate(latest), whole)
