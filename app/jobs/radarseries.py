"""Radar of parcels: means of every pass over every parcel, as parts of a run and as its table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import dask
import numpy as np
import numpy.typing as npt
import pandas as pd

from app.jobs.crew import Crew
from app.jobs.measure import Parts, TileKind, TileWork, make_stages
from app.jobs.plan import TilePlan, ZonePlan
from app.jobs.progress import Reporter
from app.jobs.publish import RADAR_FILE
from app.jobs.stages import Stage, Workshop
from geo.coverage import Coverage, cached_coverage
from geo.files import fingerprint, whole_file
from geo.observations import RADAR, write_table
from geo.parcels import ParcelBook
from geo.zonal import ZonalSums, zonal_sums
from scoring.growth.flood import is_water
from tiles.radar.scenes import POLARISATIONS
from tiles.reader import Window
from tiles.store import open_cube

#: Passes in one part: of a whole tile, two polarisations and the mask of water: some 300 MB a worker.
PASSES: Final = 8

#: Layers of the sums: power of the polarisations, and whether a pixel is at the level of water.
_LAYERS: Final = (*POLARISATIONS, "water")
_PASS: Final = ["date", "sensed_at", "known_at", "orbit", "source_hash"]


@dataclass(frozen=True, slots=True)
class _ZoneRadar:
    """Sums of all parcels of a zone (n) over its passes (a): layers _LAYERS; and the passes, columns _PASS."""

    passes: pd.DataFrame
    sums: ZonalSums


def make_radar_series(
    shop: Workshop, works: Sequence[TileWork], radars: dict[str, Stage], crew: Crew, report: Reporter
) -> dict[str, Stage]:
    """Zonal sums of the radar of every tile that has any: one part for every span of passes."""
    beside = [work for work in works if work.plan.key.name in radars]
    if not beside:
        return {}

    def passes(work: TileWork, cube: Path, folder: Path) -> list[Parts]:
        coverage = cached_coverage(work.shapes, work.plan.core, shop.root / "work" / "coverage")
        count = open_cube(cube, unpack=False).sizes["time"]
        jobs: list[tuple[object, ...]] = [
            (cube, work.core, slice(first, first + PASSES), coverage, folder / f"part-{first:04d}.npz")
            for first in range(0, count, PASSES)
        ]
        return [(radar_part, jobs)]

    return make_stages(TileKind("Radar series", "radarseries", passes), shop, beside, radars, crew, report)


def radar_part(cube: Path, core: Window, times: slice, coverage: Coverage, out: Path) -> Path:
    """Zonal sums of a span of passes, saved as `out` (.npz).

    area (n,) is that of the parcels on the grid and clear (a,n) the part seen, in pixels; total (a,l,n) are sums of
    linear power, VV and VH, and of the pixels at the level of water.
    """
    if out.exists():
        return out
    # The stage's manifest vouches for the store: hashing all of it for each part would read it over and over.
    part = open_cube(cube, verify=False).isel(
        time=times, y=slice(core.top, core.bottom), x=slice(core.left, core.right)
    )
    with dask.config.set(scheduler="synchronous"):
        power = part.backscatter.transpose("time", "polarisation", "y", "x").to_numpy()
    sums = radar_sums(power, coverage)
    with whole_file(out) as path, path.open("wb") as file:
        np.savez(file, allow_pickle=False, area=sums.area, clear=sums.clear, total=sums.total)
    return out


def radar_sums(power: npt.NDArray[np.float32], coverage: Coverage) -> ZonalSums:
    """Sums over parcels (n) of passes (a): layers VV, VH and water, (a,3,n).

    Args:
        power: (a, polarisation, y, x) linear power, NaN no data.
        coverage: weights of the parcels on that grid.
    """
    water = is_water(power[:, 0], power[:, 1]).astype(power.dtype)
    layers = np.concatenate([power, water[:, None]], axis=1)
    seen: npt.NDArray[np.bool_] = np.asarray(np.isfinite(power).all(axis=1))
    return zonal_sums(coverage, layers, seen, squares=False)


def write_radar(
    folder: Path,
    book: ParcelBook,
    zones: Sequence[ZonePlan],
    works: Sequence[TileWork],
    radars: dict[str, Stage],
    series: dict[str, Stage],
) -> None:
    """Write radar.parquet into a folder; nothing where no tile has radar.

    Args:
        folder: of the run's tables.
        book: all parcels.
        zones: of the run.
        works: tiles of the run.
        radars: finished radar cubes by tile.
        series: finished radar sums by tile.
    """
    parts = []
    for zone in zones:
        tiles = [work for work in works if work.plan.key.epsg == zone.epsg and work.plan.key.name in series]
        if tiles:
            files = [
                (w.plan, radars[w.plan.key.name].folder, sorted(series[w.plan.key.name].folder.glob("*.npz")))
                for w in tiles
            ]
            parts.append(_rows(_gather(zone, files), book.frame.iloc[zone.rows]))
    if parts:
        write_table(pd.concat(parts), RADAR, folder / RADAR_FILE)


def _gather(zone: ZonePlan, parts: Sequence[tuple[TilePlan, Path, Sequence[Path]]]) -> _ZoneRadar:
    """Add up the tiles of a zone: each with its plan, its radar cube and its parts in order of time."""
    of_tiles = [_pass_rows(cube) for _, cube, _ in parts]
    passes = _passes(pd.concat(of_tiles))
    places = pd.MultiIndex.from_frame(passes[["date", "orbit"]])
    n, a = len(zone.rows), len(passes)
    sums = ZonalSums(
        np.zeros(n), np.zeros((a, n)), np.zeros((a, len(_LAYERS), n)), np.full((a, len(_LAYERS), n), np.nan)
    )
    for (plan, _, files), of_tile in zip(parts, of_tiles, strict=True):
        times = places.get_indexer(pd.MultiIndex.from_frame(of_tile[["date", "orbit"]]))
        loaded = [np.load(file) for file in files]
        sums.area[plan.parcels] += loaded[0]["area"]
        sums.clear[np.ix_(times, plan.parcels)] += np.concatenate([part["clear"] for part in loaded])
        every = np.ix_(times, np.arange(len(_LAYERS)), plan.parcels)
        sums.total[every] += np.concatenate([part["total"] for part in loaded])
    return _ZoneRadar(passes, sums)


def _pass_rows(cube: Path) -> pd.DataFrame:
    opened = open_cube(cube, unpack=False)
    return pd.DataFrame(
        {
            "date": opened.day.to_numpy().astype("datetime64[D]").tolist(),
            "sensed_at": pd.to_datetime(opened.time.to_numpy(), utc=True),
            "known_at": pd.to_datetime(opened.known_at.to_numpy(), utc=True),
            "orbit": opened.track.to_numpy().astype(str),
            "source_hash": opened.source_hash.to_numpy().astype(str),
        }
    )


def _passes(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per day and orbit: known when the last of its tiles was."""
    groups = rows.groupby(["date", "orbit"], sort=True)
    joined = groups.source_hash.agg(lambda hashes: _joint(sorted(set(hashes))))
    times = groups.agg(sensed_at=("sensed_at", "min"), known_at=("known_at", "max"))
    return times.assign(source_hash=joined).reset_index()[_PASS]


def _joint(hashes: Sequence[str]) -> str:
    return hashes[0] if len(hashes) == 1 else fingerprint(*hashes)


def _rows(seen: _ZoneRadar, frame: pd.DataFrame) -> pd.DataFrame:
    parcel, time = np.nonzero(seen.sums.clear.T > 0)
    mean = seen.sums.mean()
    rows = seen.passes.iloc[time].reset_index(drop=True)
    power = {name: mean[time, layer, parcel] for layer, name in enumerate(POLARISATIONS)}
    return rows.assign(
        parcel_id=frame.parcel_id.to_numpy()[parcel],
        geometry_version=frame.geometry_version.to_numpy()[parcel],
        **{f"{name}_db": 10.0 * np.log10(values) for name, values in power.items()},
        water_share=np.clip(mean[time, _LAYERS.index("water"), parcel], 0.0, 1.0),
        n_px=seen.sums.clear[time, parcel],
    )
