"""A book of a million parcels decided with receipts, refreshed where it changed, and against the same rules in apply.

    python benchmarks/limits.py                    # 1,000,000 parcels of 400,000 farmers
    python benchmarks/limits.py --quick            # 2,000 parcels; what the test runs

Decide: tables of inputs in, limits.parquet with every receipt in English and Chinese out, in a process of its own whose
peak memory counts. Refresh: the inputs on record and today's in, limits of what changed out; all of it is then held
against deciding today's book in full. Peer: benchmarks/limits_peer.py on a sample of farmers, the same receipts,
multiplied up (stated); the sample's limits must be the engine's to the last character. On a machine that others use the
seconds of processor time are the ones to compare.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow.parquet as pq
from limits_book import SEASON, MadeBook, change_book, make_book
from limits_peer import decide_plainly

from app.jobs.inputfiles import open_state, write_state
from geo.observations import LIMITS, to_table
from scoring.inputs import inputs_of
from scoring.limits import limit_book, limit_parts
from scoring.pack_schema import Pack
from scoring.policy import load_pack
from scoring.refresh import refresh

_SECONDS_TARGET: Final = 300.0
_MEMORY_TARGET_GIB: Final = 4.0
_PEER_TARGET: Final = 30.0
_REFRESH_TARGET: Final = 0.05


@dataclass(frozen=True, slots=True)
class Cost:
    """What a step took: wall and processor seconds, those without files, peak memory of its process, rows written."""

    wall_s: float
    cpu_s: float
    engine_s: float
    peak_gib: float
    rows: int

    def __str__(self) -> str:
        took = f"{self.wall_s:>7.1f} s wall {self.cpu_s:>7.1f} s processor ({self.engine_s:.1f} without files)"
        return f"{took} {self.peak_gib:>6.2f} GiB {self.rows:>10,} limits"


def write_inputs(book: MadeBook, pack: Pack, folder: Path) -> None:
    """Record a book's inputs as a refresh finds them."""
    write_state(folder, inputs_of(book.parcels, book.seasons, pack, SEASON))


def decide_step(pack: Pack, before: Path, limits: Path) -> tuple[int, float]:
    """Decide a book part by part. Returns the number of limits and processor seconds spent on files."""
    begun = time.process_time()
    inputs = open_state(before)
    rows, files_s = 0, time.process_time() - begun
    with pq.ParquetWriter(limits, LIMITS, compression="zstd", version="2.6") as writer:
        for part in limit_parts(inputs, pack, SEASON):
            begun = time.process_time()
            writer.write_table(to_table(part, LIMITS))
            files_s += time.process_time() - begun
            rows += len(part)
    return rows, files_s


def refresh_step(pack: Pack, before: Path, after: Path, limits: Path) -> tuple[int, float]:
    """Decide what changed. Returns the number of limits decided again and processor seconds spent on files."""
    begun = time.process_time()
    states = open_state(before), open_state(after)
    read = time.process_time()
    found = refresh(*states, pack, SEASON)
    decided = time.process_time()
    pq.write_table(to_table(found.limits, LIMITS), limits, compression="zstd")
    return len(found.limits), (read - begun) + (time.process_time() - decided)


def in_own_process(options: argparse.Namespace, step: str, *paths: Path) -> Cost:
    """Run a step of this file in a process of its own."""
    command = [sys.executable, __file__, "--policy", options.policy, "--step", step, *map(str, paths)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 - this very file
    return Cost(**json.loads(answer.stdout))


def run_step(options: argparse.Namespace) -> None:
    """Run a step and print what it took."""
    pack, paths = load_pack(options.policy), [Path(path) for path in options.step[1:]]
    warm = make_book(100, 40, 1)
    limit_book(warm.parcels, warm.seasons, pack, SEASON)  # so that all modules are there before the clock starts
    wall, cpu = time.perf_counter(), time.process_time()
    rows, files_s = {"decide": decide_step, "refresh": refresh_step}[options.step[0]](pack, *paths)
    wall_s, cpu_s = time.perf_counter() - wall, time.process_time() - cpu
    cost = {"wall_s": wall_s, "cpu_s": cpu_s, "engine_s": cpu_s - files_s, "rows": rows}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(json.dumps({**cost, "peak_gib": peak}))


def is_refreshed(before: Path, delta: Path, after: Path) -> bool:
    """Whether the limits before, with those of the refresh in their place, are the limits of the whole book after."""
    keys = ["subject_kind", "subject_id"]
    new = pq.read_table(delta).to_pandas().set_index(keys).sort_index()
    seen = 0
    old_file, new_file = pq.ParquetFile(before), pq.ParquetFile(after)
    for group in range(old_file.num_row_groups):
        old, full = (file.read_row_group(group).to_pandas().set_index(keys) for file in (old_file, new_file))
        inside = full.index.isin(new.index)
        seen += int(inside.sum())
        if not full[~inside].equals(old[~inside]) or not full[inside].equals(new.loc[full.index[inside]]):
            return False
    return seen == len(new) and old_file.num_row_groups == new_file.num_row_groups


def compare_peer(book: MadeBook, pack: Pack, farmers: int) -> tuple[float, bool]:
    """Processor seconds per parcel of the peer on a sample, and whether its limits are the engine's."""
    names = book.parcels.farmer_id.drop_duplicates().iloc[:farmers]
    parcels = book.parcels[book.parcels.farmer_id.isin(names)].reset_index(drop=True)
    cycles = book.seasons[book.seasons.parcel_id.isin(parcels.parcel_id)]
    begun = time.process_time()
    plain = decide_plainly(parcels, cycles, pack)
    seconds = time.process_time() - begun
    ours = limit_book(parcels, cycles, pack, SEASON)
    return seconds / len(parcels), to_table(plain, LIMITS).equals(to_table(ours, LIMITS))


def contest(options: argparse.Namespace, folder: Path) -> bool:
    """Run all steps and print them; whether all results agree."""
    pack = load_pack(options.policy)
    book = make_book(options.parcels, options.farmers, options.seed)
    write_inputs(book, pack, folder / "before")
    full = in_own_process(options, "decide", folder / "before", folder / "limits.parquet")
    print(f"{options.parcels:,} parcels of {options.farmers:,} farmers under {pack.id}")
    print(f"decided                    {full}")
    print(
        f"  target {_SECONDS_TARGET:.0f} s and {_MEMORY_TARGET_GIB:.0f} GiB; "
        f"receipts {_megabytes(folder / 'limits.parquet')}"
    )
    agree = True
    for whole, what in ((True, "farmers"), (False, "parcels")):
        agree &= refreshed(
            options, folder, change_book(book, options.changed, options.seed, whole_farmers=whole), what, full
        )
    plain, same = compare_peer(book, pack, options.sample)
    scaled = plain * options.parcels
    print(
        f"plain pandas apply         {scaled:>7.0f} s processor, without files (SCALED from {options.sample:,} farmers)"
    )
    print(f"  {scaled / full.engine_s:.1f}x the engine without files (target {_PEER_TARGET:.0f}x), "
          f"{scaled / full.cpu_s:.1f}x with its files; limits {'the same' if same else 'DIFFER'}")  # fmt: skip
    return agree and same


def refreshed(options: argparse.Namespace, folder: Path, book: MadeBook, what: str, full: Cost) -> bool:
    """Refresh and print; whether the result is that of deciding the whole book again."""
    after, delta, whole = (folder / f"{what}{end}" for end in ("", ".parquet", "-full.parquet"))
    write_inputs(book, load_pack(options.policy), after)
    cost = in_own_process(options, "refresh", folder / "before", after, delta)
    in_own_process(options, "decide", after, whole)
    same = is_refreshed(folder / "limits.parquet", delta, whole)
    print(f"{options.changed:.0%} of {what} changed      {cost}")
    print(
        f"  {cost.cpu_s / full.cpu_s:.1%} of deciding all (target {_REFRESH_TARGET:.0%}); "
        f"{'identical' if same else 'DIFFERS'}"
    )
    return same


def _megabytes(path: Path) -> str:
    raw = sum(pq.ParquetFile(path).metadata.row_group(group).total_byte_size for group in range(
        pq.ParquetFile(path).num_row_groups))  # fmt: skip
    return f"{raw / 1e6:,.0f} MB, {path.stat().st_size / 1e6:,.0f} MB on disk"


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """Options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parcels", type=int, default=1_000_000)
    parser.add_argument("--farmers", type=int, default=400_000)
    parser.add_argument("--sample", type=int, default=2_000, help="farmers for the peer")
    parser.add_argument("--changed", type=float, default=0.01, help="share that changed before the refresh")
    parser.add_argument("--policy", default="cn-planting-generic")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--quick", action="store_true", help="2,000 parcels of 800 farmers, 40 of them for the peer")
    parser.add_argument("--step", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.quick:
        options.parcels, options.farmers, options.sample = 2_000, 800, 40
    return options


def main(arguments: list[str] | None = None) -> int:
    """Run the contest. Returns 0 when all results agree."""
    options = parse(arguments)
    if options.step:
        run_step(options)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        agree = contest(options, Path(folder))
    print(f"results {'agree' if agree else 'DIFFER'}")
    return 0 if agree else 1


if __name__ == "__main__":
    raise SystemExit(main())
