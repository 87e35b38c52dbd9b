"""The zonal engine against exactextract and rasterstats on a synthetic county, in one run.

    python benchmarks/zonal.py                       # 14,641 parcels, 1098 x 1098 px, 24 dates x 4 bands
    python benchmarks/zonal.py --parcels 20 --size 256 --dates 3 --rounds 1

Cold: weights and product. Warm: weights from the cache, and product. Everybody gets the same pixels; what is cloudy is
NaN for the peers and a mask for the engine. Peers work on arrays in memory, with the outlines already in their form.
exactextract and rasterstats use one core; the engine is timed with one thread and with `--threads`.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from affine import Affine
from exactextract import exact_extract
from exactextract.raster import NumPyRasterSource
from odc.geo.geobox import GeoBox
from rasterstats import zonal_stats

from geo.coverage import cached_coverage, coverage_of
from geo.zonal import zonal_sums

_CRS = "EPSG:32631"
_PIXEL_M = 10.0
_TOLERANCE = 1e-5
_COLD_TARGET = 6.0
_WARM_TARGET = 50.0


@dataclass(frozen=True, slots=True)
class County:
    """A square of jittered quadrilaterals that fill it, and its pixels.

    Attributes:
        shapes: (n,) parcels in the grid's CRS.
        geobox: 10 m grid.
        pixels: shape (t, b, y, x), float32.
        clear: shape (t, y, x).
    """

    shapes: gpd.GeoSeries
    geobox: GeoBox
    pixels: npt.NDArray[np.float32]
    clear: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of one contestant, and the means it found, shape (t, b, n); None where it was timed on a sample."""

    name: str
    seconds: float
    means: npt.NDArray[np.float64] | None


def make_county(side: int, size_px: int, dates: int, bands: int, cloud_share: float, seed: int) -> County:
    """County of side x side parcels; the same seed gives the same county."""
    rng = np.random.default_rng(seed)
    geobox = GeoBox((size_px, size_px), Affine(_PIXEL_M, 0, 500000, 0, -_PIXEL_M, 5600000), _CRS)
    shape = (dates, size_px, size_px)
    clear = np.ones(shape, np.bool_) if cloud_share <= 0 else rng.random(shape, dtype=np.float32) >= cloud_share
    pixels = rng.random((dates, bands, size_px, size_px), dtype=np.float32)
    return County(gpd.GeoSeries(_quilt(side, geobox, rng), crs=_CRS), geobox, pixels, clear)


def _quilt(side: int, geobox: GeoBox, rng: np.random.Generator) -> npt.NDArray[np.object_]:
    box = geobox.boundingbox
    x, y = np.meshgrid(np.linspace(box.left, box.right, side + 1), np.linspace(box.bottom, box.top, side + 1))
    reach = 0.2 * (box.right - box.left) / side
    for axis in (x, y):
        axis[1:-1, 1:-1] += rng.uniform(-reach, reach, (side - 1, side - 1))
    corners = [(slice(None, -1), slice(None, -1)), (slice(None, -1), slice(1, None))]
    corners += [(slice(1, None), slice(1, None)), (slice(1, None), slice(None, -1))]
    rings = np.stack([np.stack([x[corner], y[corner]], axis=-1).reshape(-1, 2) for corner in corners], axis=1)
    return np.asarray(shapely.polygons(rings), dtype=object)


def time_engine(county: County, rounds: int, threads: int, *, warm: bool, squares: bool) -> Timing:
    """Time our engine, weights included: computed (cold) or from the cache (warm)."""
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder)
        cached_coverage(county.shapes, county.geobox, cache)

        def work() -> npt.NDArray[np.float64]:
            shapes, geobox = county.shapes, county.geobox
            coverage = cached_coverage(shapes, geobox, cache) if warm else coverage_of(shapes, geobox)
            sums = zonal_sums(coverage, county.pixels, county.clear, squares=squares, threads=threads)
            if squares:
                sums.std()
            return sums.mean()

        what = f"acreline {'warm' if warm else 'cold'}, {threads} thread{'s' if threads > 1 else ''}"
        return _timed(what, work, rounds)


def time_exactextract(county: County, rounds: int, strategy: str, statistics_: list[str]) -> Timing:
    """Time exactextract over all layers in one call."""
    dates, bands = county.pixels.shape[:2]
    box = county.geobox.boundingbox
    layers = [
        NumPyRasterSource(_cloudy_as_nan(county, date, band), *(box.left, box.bottom, box.right, box.top), name=name)
        for date in range(dates)
        for band, name in ((band, f"d{date}b{band}") for band in range(bands))
    ]
    parcels = gpd.GeoDataFrame(geometry=county.shapes)

    def work() -> npt.NDArray[np.float64]:
        found: pd.DataFrame = exact_extract(layers, parcels, statistics_, strategy=strategy, output="pandas")
        means = found[[f"d{date}b{band}_mean" for date in range(dates) for band in range(bands)]]
        return means.to_numpy(np.float64).T.reshape(dates, bands, -1)

    return _timed(f"exactextract {strategy}", work, rounds)


def time_rasterstats(county: County, sample: int) -> Timing:
    """Time rasterstats on one layer and a sample of parcels, multiplied up: it would take many minutes otherwise."""
    dates, bands = county.pixels.shape[:2]
    chosen = county.shapes.iloc[:: max(1, len(county.shapes) // sample)]
    layer = _cloudy_as_nan(county, 0, 0)

    def work() -> None:
        zonal_stats(chosen, layer, affine=county.geobox.affine, stats=["mean"], nodata=np.nan)

    factor = dates * bands * len(county.shapes) / len(chosen)
    start = time.perf_counter()
    work()
    seconds = (time.perf_counter() - start) * factor
    return Timing(f"rasterstats (EXTRAPOLATED from {len(chosen)} parcels x 1 layer)", seconds, None)


def _cloudy_as_nan(county: County, date: int, band: int) -> npt.NDArray[np.float32]:
    return np.where(county.clear[date], county.pixels[date, band], np.float32(np.nan))


def _timed(name: str, work: Callable[[], npt.NDArray[np.float64]], rounds: int) -> Timing:
    seconds = []
    for _ in range(rounds):
        start = time.perf_counter()
        means = work()
        seconds.append(time.perf_counter() - start)
    return Timing(name, statistics.median(seconds), means)


def report(title: str, ours: list[Timing], peers: list[Timing]) -> float:
    """Print one table; the ratio stands against the fastest exactextract. Returns the largest difference of means."""
    best = min((peer for peer in peers if peer.means is not None), key=lambda peer: peer.seconds)
    print(f"\n{title}\n{'':60}{'seconds':>10}{'ratio':>10}")
    for timing in [*ours, *peers]:
        print(f"{timing.name:60}{timing.seconds:>10.3f}{best.seconds / timing.seconds:>9.3g}x")
    differences = [_difference(timing.means, best.means) for timing in ours]
    print(f"largest difference of means from exactextract: {max(differences):.1e}")
    return max(differences)


def _difference(ours: Any, theirs: Any) -> float:
    if not np.array_equal(np.isnan(ours), np.isnan(theirs)):
        return float("inf")
    return float(np.nanmax(np.abs(ours - theirs)))


def contest(county: County, options: argparse.Namespace, title: str, *, squares: bool, sample: int = 0) -> bool:
    """One table on one county; whether the means agree with exactextract."""
    engine = [
        time_engine(county, options.rounds, threads, warm=warm, squares=squares)
        for warm in (False, True)
        for threads in sorted({1, options.threads})
    ]
    wanted = ["mean", "stdev"] if squares else ["mean"]
    strategies = ("raster-sequential",) if squares else ("raster-sequential", "feature-sequential")
    peers = [time_exactextract(county, options.peer_rounds, strategy, wanted) for strategy in strategies]
    best = min(peer.seconds for peer in peers)
    if sample:
        peers.append(time_rasterstats(county, sample))
    difference = report(title, engine, peers)
    cold, warm = (min(timing.seconds for timing in engine if word in timing.name) for word in ("cold", "warm"))
    print(f"cold {best / cold:.1f}x (target {_COLD_TARGET:.0f}x), warm {best / warm:.1f}x (target {_WARM_TARGET:.0f}x)")
    if sample:
        print(
            f"against rasterstats (extrapolated): {peers[-1].seconds / cold:,.0f}x and {peers[-1].seconds / warm:,.0f}x"
        )
    return difference <= _TOLERANCE


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parcels", type=int, default=121, help="parcels along one side (121: 14,641 in all)")
    parser.add_argument("--size", type=int, default=1098, help="pixels along one side")
    parser.add_argument("--dates", type=int, default=24)
    parser.add_argument("--bands", type=int, default=4)
    parser.add_argument("--clouds", type=float, default=0.2, help="cloudy share in the tables with clouds")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of the engine; the median counts")
    parser.add_argument("--peer-rounds", type=int, default=1, help="rounds of exactextract")
    parser.add_argument("--threads", type=int, default=2, help="threads of the engine in its second timing")
    parser.add_argument("--sample", type=int, default=300, help="parcels for rasterstats")
    parser.add_argument("--seed", type=int, default=7)
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Run all contests. Returns 0 when all means agree."""
    options = parse(arguments)
    shape = (options.parcels, options.size, options.dates, options.bands)
    clear = make_county(*shape, 0.0, options.seed)
    print(
        f"{len(clear.shapes):,} parcels, {options.size} x {options.size} px, {options.dates} x {options.bands} layers"
    )
    agree = contest(clear, options, "Means, clear sky", squares=False, sample=options.sample)
    cloudy = make_county(*shape, options.clouds, options.seed)
    sky = f"{options.clouds:.0%} of pixels cloudy"
    agree &= contest(cloudy, options, f"Means, {sky}", squares=False)
    agree &= contest(cloudy, options, f"Means and standard deviations, {sky}", squares=True)
    print(f"\nmeans {'agree' if agree else 'DIFFER'} to {_TOLERANCE:g}")
    return 0 if agree else 1


if __name__ == "__main__":
    raise SystemExit(main())
