"""A stack of cloud-optimised GeoTIFFs to Zarr with ten-day medians: Acreline, odc-stac and stackstac, in one run.

    python benchmarks/cube.py                        # 2048 x 2048 px, 24 dates, 5 bands and scene classification
    python benchmarks/cube.py --quick                # a minute, to see that it runs

The stack comes from the simulator. Everybody reads the same files, masks by the same scene classes, takes the same
medians and writes the same numbers in the same chunks with the same compressor; the results are compared pixel by
pixel. Everybody has as many Dask workers, each of one thread and with the same memory limit, started anew for every
run; starting them and their imports is not timed. Peers get the chunks that served them best here: odc-stac 512 px
with all dates, stackstac 512 px with all dates; and flox, which xarray takes for medians of groups where it is there.
Acreline's time includes hashing all sources and all it writes, clear counts and (in the second table) its mask.
Rounds are interleaved; a ratio is the median of the rounds' ratios.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import shutil
import statistics
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any, Final

import numpy as np
import psutil
import zarr
from cube_peers import Work, odc_stac, peer_cube, peer_medians, stack_stac
from cube_stack import BANDS, Stack, make_stack, mirrored
from distributed import Client, LocalCluster
from odc.geo.geobox import GeoBox

from tiles.build import build_cube
from tiles.clear import Masking
from tiles.composite import StepsPlan, begin_steps, build_steps, build_steps_block, steps_blocks
from tiles.plan import plan_cube
from tiles.store import commit

_MEMORY_BYTES: Final = 2 * 1024**3
_ODC_TARGET: Final = 1.0
_STACKSTAC_TARGET: Final = 0.7


@dataclass(frozen=True, slots=True)
class Timing:
    """What one run took.

    Attributes:
        seconds: from start to end.
        cpu_seconds: of the workers' processors, which a busy machine disturbs less.
        largest_mib: most memory that one worker process held.
        together_mib: most memory that all of them held at one time.
    """

    seconds: float
    cpu_seconds: float
    largest_mib: float
    together_mib: float


def acreline_medians(stack: Stack, client: Client, place: Path) -> None:
    """Ten-day medians by Acreline."""
    build_steps(_plan(stack), place, memory_bytes=_MEMORY_BYTES, each=_on(client))


def acreline_cube(stack: Stack, client: Client, place: Path) -> None:
    """All dates by Acreline."""
    build_cube(_plan(stack).cube, place, memory_bytes=_MEMORY_BYTES, each=_on(client))


def _plan(stack: Stack) -> StepsPlan:
    """What Acreline reads, masked by scene class alone, as the peers do."""
    masking = Masking(dilate_px=0, outliers=False)
    return StepsPlan(plan_cube(stack.items, stack.geobox, bands=BANDS, masking=masking), stack.season)


def _on(client: Client) -> Callable[[Callable[..., None], Iterable[tuple[Any, ...]]], None]:
    return lambda work, jobs: client.gather([client.submit(work, *job, pure=False) for job in jobs])


def timed(work: Work, stack: Stack, place: Path, options: argparse.Namespace) -> Timing:
    """One run with fresh workers."""
    shutil.rmtree(place, ignore_errors=True)
    place.parent.mkdir(parents=True, exist_ok=True)
    hired = {
        "n_workers": options.workers,
        "threads_per_worker": 1,
        "processes": not options.quick,
        # a worker in this process would take all that the process holds for its own, and wait for it to be freed
        "memory_limit": 0 if options.quick else _MEMORY_BYTES,
        "protocol": "tcp",
        "host": "127.0.0.1",
        "dashboard_address": "127.0.0.1:0",
    }
    with LocalCluster(**hired) as cluster, Client(cluster) as client:
        client.run(exec, "import odc.stac, stackstac, tiles.composite")
        client.run(warnings.simplefilter, "ignore")  # "All-NaN slice" of the peers' medians
        pids = list(client.run(os.getpid).values())
        with peak_memory(pids) as peak:
            start, cpu = time.perf_counter(), _cpu_seconds(pids)
            work(stack, client, place)
            seconds, cpu = time.perf_counter() - start, _cpu_seconds(pids) - cpu
    return Timing(seconds, cpu, peak["largest"] / 2**20, peak["together"] / 2**20)


def _cpu_seconds(pids: Iterable[int]) -> float:
    return sum(sum(psutil.Process(pid).cpu_times()[:2]) for pid in pids)


@contextmanager
def peak_memory(pids: Iterable[int]) -> Iterator[dict[str, int]]:
    """The most memory that processes hold while the block runs, bytes; looked up every 20 ms."""
    processes, peak, done = [psutil.Process(pid) for pid in pids], {"largest": 0, "together": 0}, threading.Event()

    def watch() -> None:
        while not done.wait(0.02):
            held = [process.memory_info().rss for process in processes]
            peak["largest"] = max(peak["largest"], *held)
            peak["together"] = max(peak["together"], sum(held))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield peak
    finally:
        done.set()
        watcher.join()


MEDIANS: Final[dict[str, Work]] = {
    "acreline": acreline_medians,
    "odc-stac": peer_medians(odc_stac),
    "stackstac": peer_medians(stack_stac),
}
CUBES: Final[dict[str, Work]] = {
    "acreline": acreline_cube,
    "odc-stac": peer_cube(odc_stac),
    "stackstac": peer_cube(stack_stac),
}


def contest(title: str, works: Mapping[str, Work], stack: Stack, folder: Path, options: argparse.Namespace) -> bool:
    """One table; whether all wrote the same."""
    rounds: list[dict[str, Timing]] = []
    for number in range(options.rounds):
        order = list(works)[number % len(works) :] + list(works)[: number % len(works)]
        rounds.append({name: timed(works[name], stack, folder / name, options) for name in order})
    print(f"\n{title}\n{'':12}{'seconds':>9}{'acreline/it':>13}{'CPU s':>8}{'largest worker':>16}{'all workers':>13}")
    for name in works:
        seconds = statistics.median(found[name].seconds for found in rounds)
        cpu = statistics.median(found[name].cpu_seconds for found in rounds)
        ratio = statistics.median(found["acreline"].seconds / found[name].seconds for found in rounds)
        largest, together = (
            max(getattr(found[name], part) for found in rounds) for part in ("largest_mib", "together_mib")
        )
        print(f"{name:12}{seconds:>9.1f}{ratio:>13.2f}{cpu:>8.1f}{largest:>12.0f} MiB{together:>9.0f} MiB")
    same = all(_same(folder / "acreline", folder / name) for name in works)
    print(f"numbers written: {'the same' if same else 'DIFFERENT'}")
    return same


def _same(ours: Path, theirs: Path) -> bool:
    """Whether the variables that both hold are equal, in the same chunks and compressor."""
    a, b = (zarr.open_group(place / "cube.zarr", mode="r") for place in (ours, theirs))
    return all(
        a[name].chunks == b[name].chunks
        and a[name].metadata.codecs == b[name].metadata.codecs
        and all(
            np.array_equal(a[name][start : start + 8], b[name][start : start + 8])
            for start in range(0, a[name].shape[0], 8)
        )
        for name in ("reflectance", "scl")
        if name in a
    )


def scaling(stack: Stack, folder: Path, options: argparse.Namespace) -> None:
    """Acreline's medians over 1, 4 and 16 tiles of half the stack's side, each a place of its own."""
    larger, side = mirrored(stack, folder / "mirrored"), stack.geobox.shape.x // 2
    print(f"\nAcreline over tiles of {side} x {side} px\n{'tiles':>5}{'seconds':>9}{'a tile':>9}{'largest worker':>16}")
    for along in (1, 2, 4):
        corners = list(product(range(0, along * side, side), repeat=2))
        parts = [larger.geobox[top : top + side, left : left + side] for top, left in corners]
        timing = timed(_tiles(parts), larger, folder / "tiles", options)
        each = timing.seconds / len(parts)
        print(f"{len(parts):>5}{timing.seconds:>9.1f}{each:>9.2f}{timing.largest_mib:>12.0f} MiB")


def _tiles(parts: Sequence[GeoBox]) -> Work:
    """Medians of several tiles, the blocks of all of them side by side."""

    def work(stack: Stack, client: Client, place: Path) -> None:
        plans = {place / str(number): _plan(replace(stack, geobox=part)) for number, part in enumerate(parts)}
        for tile, plan in plans.items():
            begin_steps(plan, tile)
        _on(client)(
            build_steps_block,
            [(plan, window, tile) for tile, plan in plans.items() for window in steps_blocks(plan, _MEMORY_BYTES)],
        )
        for tile in plans:
            commit(tile)

    return work


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=2048, help="pixels along one side")
    parser.add_argument("--dates", type=int, default=24)
    parser.add_argument("--rounds", type=int, default=3, help="interleaved rounds; medians count")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="Dask workers, one thread each")
    parser.add_argument("--folder", type=Path, help="where the stack is kept for another run; by default it is not")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument(
        "--quick", action="store_true", help="256 x 256 px, 5 dates, one round, one worker in this process"
    )
    options = parser.parse_args(arguments)
    if options.quick:
        options.size, options.dates, options.rounds, options.workers = 256, 5, 1, 1
    return options


def main(arguments: list[str] | None = None) -> int:
    """Run all contests. Returns 0 when all wrote the same."""
    options = parse(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.folder or Path(scratch)
        stack = make_stack(folder / f"stack-{options.size}-{options.dates}", options.size, options.dates, options.seed)
        flox = "with" if importlib.util.find_spec("flox") else "without"
        what = f"{options.size} x {options.size} px, {options.dates} dates, {len(BANDS)} bands"
        print(f"{what}, {options.workers} workers of one thread, peers {flox} flox")
        out = Path(scratch) / "out"
        same = contest("Ten-day medians to Zarr", MEDIANS, stack, out, options)
        same &= contest("All dates to Zarr, no medians", CUBES, stack, out, options)
        print(f"\ntargets for medians: {_ODC_TARGET} of odc-stac, {_STACKSTAC_TARGET} of stackstac")
        scaling(stack, folder, options)
    return 0 if same else 1


if __name__ == "__main__":
    raise SystemExit(main())
