"""The map stage of a run, from a stored cube to COGs, against the network alone on the same pixels in memory."""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import shapely
import xarray as xr
from scipy.ndimage import gaussian_filter

from app.jobs.maps import chunks_of
from app.jobs.measure import TileWork, make_maps
from app.jobs.plan import HALO_PX, TilePlan, ZonePlan
from app.jobs.progress import Silent
from app.jobs.rasters import write_rasters
from app.jobs.stages import Stage, Workshop
from geo.bands import BANDS, RESOLUTION_M
from geo.files import fingerprint
from geo.grid import TileKey, snapped_geobox
from geo.season import Season
from models.predict import correct, encode
from models.release import Release, load_release
from tiles.clear import Mask
from tiles.cube import NODATA, STEPS_PER_UNIT
from tiles.steps import step_dates, stored_means
from tiles.store import begin, commit, write_block

_SEASON: Final = Season(date(2018, 10, 1), date(2019, 10, 31))
_EPSG: Final = 32631
_CORNER: Final = (573440.0, 5621760.0)
_PARCEL_M: Final = 160.0


class Alone:
    """A crew of one, in this process."""

    def each(self, work: Callable[..., Any], jobs: Iterable[tuple[Any, ...]], done: Callable[[], None]) -> None:
        """Run all jobs, one after another."""
        for job in jobs:
            work(*job)
            done()


def pipeline(options: argparse.Namespace) -> float:
    """Print both speeds. Returns the map stage's, as a share of the network's alone."""
    release = load_release()
    with tempfile.TemporaryDirectory() as scratch:
        work = _tile(options.map_px)
        numbers, clear, days = _season(work.plan.cube.shape.yx, options)
        cube = Path(scratch) / "cube"
        _store(cube, numbers, clear, days)
        means = stored_means(numbers, clear, days, _SEASON, STEPS_PER_UNIT)
        rounds = []
        for number in range(options.rounds + 1):
            with _stopwatch() as whole:
                _map_stage(Workshop(Path(scratch)), work, cube, release, number)
            with _stopwatch() as alone:
                _network_alone(release, means, work)
            rounds.append((whole[0], alone[0]))
    del rounds[0]  # it fills the cache of parcel weights
    shown = f"{np.isfinite(means[:, 0]).mean():.0%} of {len(means)} steps clear, {len(days)} acquisitions"
    print(f"\nMap stage of a tile, {options.map_px} px and halo, {shown}, shipped network, processor time, 1 thread")
    pixels = float(np.prod(work.plan.cube.shape.yx))
    for name, place in (("stored cube to COGs", 0), ("network alone", 1)):
        took = statistics.median(found[place] for found in rounds)
        print(f"{name:22}{took:>8.2f} s{took / pixels * 1e6:>9.2f} us/px")
    share = statistics.median(alone / whole for whole, alone in rounds)
    print(f"the map stage reaches {share:.2f} of the network's own speed")
    return share


@contextmanager
def _stopwatch() -> Iterator[list[float]]:
    """Processor time of all threads: what else runs on the machine does not count, nor would waiting for a disk."""
    seconds, start = [0.0], time.process_time()
    yield seconds
    seconds[0] = time.process_time() - start


def _map_stage(shop: Workshop, work: TileWork, cube: Path, release: Release, number: int) -> None:
    fresh = replace(work, keys={"map": fingerprint("round", number)})
    cubes = {work.plan.key.name: Stage("cube", "", cube, reused=True)}
    maps = make_maps(shop, [fresh], cubes, {}, _SEASON, (release.hash, None), Alone(), Silent())  # type: ignore[arg-type]  # a crew of one
    zone = ZonePlan(_EPSG, np.arange(len(work.shapes)), work.shapes, (work.plan,))
    write_rasters(shop.root / f"round-{number}", [zone], [fresh], {"map": maps}, {}, lambda: None)


def _network_alone(release: Release, means: np.ndarray[Any, Any], work: TileWork) -> None:
    """Every series of the cube once, and the context of the tile's blocks."""
    features = encode(release, means, step_dates(_SEASON))
    for block in work.blocks():
        correct(release, features, *block.shifted(work.core.top, work.core.left).slices)


def _tile(side: int) -> TileWork:
    """A tile full of square parcels."""
    left, top = _CORNER
    extent, halo = side * RESOLUTION_M, HALO_PX * RESOLUTION_M
    core = snapped_geobox((left, top - extent, left + extent, top), _EPSG)
    grid = snapped_geobox((left - halo, top - extent - halo, left + extent + halo, top + halo), _EPSG)
    lefts, bottoms = np.meshgrid(np.arange(0, extent, _PARCEL_M), np.arange(0, extent, _PARCEL_M))
    west, south = left + lefts.ravel() + 5, top - extent + bottoms.ravel() + 5
    shapes = gpd.GeoSeries(shapely.box(west, south, west + _PARCEL_M - 10, south + _PARCEL_M - 10), crs=_EPSG)
    plan = TilePlan(TileKey(_EPSG, 56, 549), core, grid, np.arange(len(shapes)))
    return TileWork(plan, shapes, (), {}, {})


def _season(
    shape: tuple[int, int], options: argparse.Namespace
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], list[date]]:
    """Stored numbers with patches, courses and noise, and clouds that hide half of each image on average."""
    rng = np.random.default_rng(options.seed)
    gap = (_SEASON.end - _SEASON.start) / options.dates
    days = [_SEASON.start + number * gap for number in range(options.dates)]
    fields = gaussian_filter(rng.standard_normal((len(BANDS), *shape)), (0, 4, 4)) * 4000 + 2500
    numbers = np.empty((len(days), len(BANDS), *shape), dtype=np.int16)
    clear = np.empty((len(days), *shape), dtype=np.bool_)
    for place in range(len(days)):
        course = 1 + 0.4 * np.sin(2 * np.pi * place / len(days))
        numbers[place] = (fields * course + rng.normal(0, 60, fields.shape)).clip(50, 9000)
        cloud = gaussian_filter(rng.standard_normal(shape), 24)
        clear[place] = cloud > np.quantile(cloud, rng.beta(0.8, 0.8))
    numbers[0, :, :3] = NODATA
    return numbers, clear, days


def _store(place: Path, numbers: np.ndarray[Any, Any], clear: np.ndarray[Any, Any], days: list[date]) -> None:
    packed = {"units": "1", "scale_factor": 1 / STEPS_PER_UNIT, "_FillValue": NODATA}
    mask = np.where(clear, np.uint8(Mask.CLEAR), np.uint8(Mask.CLASSED))
    axes = {"time": np.array(days, dtype="datetime64[ns]"), "band": np.array(BANDS, dtype=object)}
    template = xr.Dataset(
        {"reflectance": (("time", "band", "y", "x"), numbers, packed), "mask": (("time", "y", "x"), mask)}, axes
    )
    begin(place, template)
    for chunk in chunks_of(mask.shape[1:]):
        rows, columns = chunk.slices
        part = {"reflectance": numbers[..., rows, columns], "mask": mask[..., rows, columns]}
        write_block(place, f"{chunk.top}-{chunk.left}", part, {"y": rows, "x": columns})
    commit(place)
