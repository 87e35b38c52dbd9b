"""Vigour of cycles and parcels: their percentile among the run's stands of the same crop, region and ten days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from app.jobs.observe import Observed
from app.jobs.plan import ZonePlan
from geo.grid import TILE_M
from geo.observations import CLEAR_SHARE
from geo.peers import Peers, peers_of
from geo.season import Season
from tiles.steps import series_steps

#: A region is a square of ten by ten tiles of the zone's grid (102.4 km): one climate, and many parcels.
REGION_TILES: Final = 10

_GROUP: Final = ["column", "row", "crop"]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where stands are among their peers.

    Attributes:
        percent: (k,) float32 percentile of each stand, 0 to 100, NaN below 20 peers.
        peers: what they were ranked among.
        groups: column and row of the region and crop of each group of peers.
    """

    percent: npt.NDArray[np.float32]
    peers: Peers
    groups: pd.DataFrame


def with_vigour(
    seen: Observed, decided: pd.DataFrame, cycles: pd.DataFrame, zone: ZonePlan, season: Season
) -> tuple[pd.DataFrame, pd.DataFrame, Standing]:
    """Decisions (n) and cycles (k) of a zone's parcels with the column vigour_pct, and what they were ranked among.

    A stand is one cycle under its crop; a parcel without a cycle is one stand over the whole season under the parcel's
    best guess. A parcel's figure is that of its main cycle.
    """
    clear = seen.clear_share.T >= CLEAR_SHARE
    steps = series_steps(seen.ndvi.T[..., None].astype(np.float32), clear, seen.days, season)
    stands = _stands(cycles, decided.crop, zone)
    found = rank_stands(stands, np.squeeze(steps.values, axis=2), steps.dates)
    of_parcel = pd.Series(found.percent, index=stands["index"])[stands.main.to_numpy()]
    return (
        decided.assign(vigour_pct=of_parcel.reindex(decided.index)),
        cycles.assign(vigour_pct=found.percent[: len(cycles)]),
        found,
    )


def rank_stands(stands: pd.DataFrame, ndvi: npt.NDArray[np.float32], dates: Sequence[date]) -> Standing:
    """Rank stands among those of the same crop and region while they grow.

    Args:
        stands: index (row of `ndvi`), sos and eos (NaT cuts nothing), crop (None is nobody's peer), column and row of
            the region.
        ndvi: (n, steps) of parcels, NaN where not clear.
        dates: a date of each step.
    """
    group = stands.groupby(_GROUP, sort=True).ngroup().fillna(-1).to_numpy(dtype=np.int64)
    groups = stands[_GROUP].dropna().drop_duplicates().sort_values(_GROUP, ignore_index=True)
    growing = _while_growing(ndvi[stands["index"]], stands, np.array(dates, dtype="datetime64[D]"))
    peers = peers_of(growing, group, len(groups))
    return Standing(peers.percentile(growing, group), peers, groups)


def _stands(cycles: pd.DataFrame, crop: pd.Series[str], zone: ZonePlan) -> pd.DataFrame:
    """Cycles, then parcels without any: index (row of the zone), sos, eos, main, crop, column and row of the region."""
    bare = np.setdiff1d(np.arange(len(crop)), cycles["index"])
    rest = pd.DataFrame({"index": bare, "sos": pd.NaT, "eos": pd.NaT, "main": True, "crop": crop.to_numpy()[bare]})
    columns = list(rest.columns)
    stands = pd.concat([cycles[columns], rest.astype(cycles[columns].dtypes.to_dict())], ignore_index=True)
    centre = zone.shapes.centroid
    for name, metres in (("column", centre.x), ("row", centre.y)):
        stands[name] = region_of(metres.to_numpy() // TILE_M)[stands["index"]]
    return stands


def region_of(tile: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Column (or row) of the region that holds a column (or row) of tiles."""
    return (np.asarray(tile) // REGION_TILES).astype(np.int64)


def _while_growing(
    ndvi: npt.NDArray[np.float32], stands: pd.DataFrame, days: npt.NDArray[np.datetime64]
) -> npt.NDArray[np.float32]:
    """NDVI (k,steps) of stands, NaN before they start and after they end; an unseen start or end cuts nothing."""
    before = days < stands.sos.to_numpy(dtype="datetime64[D]")[:, None]
    after = days > stands.eos.to_numpy(dtype="datetime64[D]")[:, None]
    return np.where(before | after, np.float32(np.nan), ndvi)
