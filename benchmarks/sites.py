"""How fast and in how much memory a wide area is scanned for panels.

    python benchmarks/sites.py [--km2 220] [--dates 24] [--threads 2] [--json]

A simulated area at 10 m with ten bands lies in a Zarr store as integers (uint16, squares of 128 pixels); half of the
dates are the past. The time holds reading, masks, past, network, change points and patches.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import zarr

from geo.bands import BANDS
from models.sites.panels import load_panel_net
from models.sites.scan import Patch, Window, scan
from tiles.simulation.sites.frame import draw_ground, passes, see_ground
from tiles.simulation.sites.solar import build_solar, draw_solar

BLOCK_PX = 128
START = np.datetime64("2023-06-01")


class Area:
    """One simulated block, with panels in it, laid side by side over an area; windows are read from a file."""

    def __init__(self, folder: Path, side: int, dates: int) -> None:
        rng = np.random.default_rng(3)
        before = passes(date(2023, 6, 1) - timedelta(days=10 * 2 * dates), date(2023, 5, 31), 10)
        days = (*before, *passes(date(2023, 6, 2), date(2023, 6, 2) + timedelta(days=10 * 3 * dates), 10))
        ground = draw_ground(rng, BLOCK_PX, days)
        works = draw_solar(rng, BLOCK_PX, START)
        seen = see_ground(rng, ground, build_solar(rng, ground, works))
        half = dates // 2
        kept = np.concatenate([np.flatnonzero(seen.days < START)[-half:], np.flatnonzero(seen.days >= START)[-half:]])
        self.days, times = seen.days[kept], -(-side // BLOCK_PX)
        shape, chunk = (len(kept), len(BANDS), side, side), 128
        self.bands = zarr.create_array(
            folder / "bands", shape=shape, chunks=(1, len(BANDS), chunk, chunk), dtype=np.uint16
        )
        self.classes = zarr.create_array(
            folder / "classes", shape=(shape[0], side, side), chunks=(1, 4 * chunk, 4 * chunk), dtype=np.uint8
        )
        for at, look in enumerate(kept):
            block = np.clip(seen.reflectance[look] * 10_000, 1, 65_535).astype(np.uint16)
            self.bands[at] = np.tile(block, (1, times, times))[:, :side, :side]
            self.classes[at] = np.tile(seen.scl[look], (times, times))[:side, :side]

    def read(self, window: Window) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.uint8]]:
        """Reflectance and classes of a window."""
        part = np.asarray(self.bands[:, :, window[0], window[1]]) * np.float32(1e-4)
        return part, np.asarray(self.classes[:, window[0], window[1]])


def peak_mib() -> float:
    """Greatest memory of the process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024.0


def measure(km2: float, dates: int, threads: int) -> dict[str, float]:
    """Seconds, processor seconds and memory of one scan."""
    side = 2 * round(np.sqrt(km2 * 1e4) / 2)
    with tempfile.TemporaryDirectory() as folder:
        area = Area(Path(folder), side, dates)
        load_panel_net()
        held, begun, worked = _resident_mib(), time.perf_counter(), time.process_time()
        found: tuple[Patch, ...] = scan(area.read, (side, side), area.days, START, threads=threads)
        return {
            "km2": side**2 / 1e4,
            "dates": len(area.days),
            "threads": threads,
            "seconds": time.perf_counter() - begun,
            "processor_seconds": time.process_time() - worked,
            "patches": len(found),
            "held_before_mib": held,
            "peak_mib": peak_mib(),
        }


def _resident_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--km2", type=float, default=220.0)
    parser.add_argument("--dates", type=int, default=24)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = measure(given.km2, given.dates, given.threads)
    print(json.dumps(found) if given.json else "\n".join(f"{name:20s} {value:.4g}" for name, value in found.items()))


if __name__ == "__main__":
    main()
