"""A book of a million parcels decided with receipts, refreshed where it changed, and against the same rules in apply.

    python benchmarks/limits.py                    # 1,000,000 parcels of 400,000 farmers
    python benchmarks/limits.py --quick            # 2,000 parcels; what the test runs

Decide: recorded inputs in, limits.parquet with every receipt in English and Chinese out, in a process of its own whose
peak memory counts. Refresh: the inputs on record and today's in, limits of what changed out; all of it is then held
against deciding today's book in full. Both read inputs as app.jobs.inputfiles records them; recording costs both
the same and has a line of its own. Peer: benchmarks/limits_peer.py on a sample of farmers, receipts included,
multiplied up (stated); the sample's limits must be the engine's to the last character. The steps take turns, round by
round; the median counts. On a machine that others use the seconds of processor time are the ones to compare.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
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
#: What changed before a refresh: farmers with all they have, or single parcels of more farmers.
_CHANGED: Final = ("farmers", "parcels")


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


@dataclass(frozen=True, slots=True)
class Round:
    """One round: what each step took, and processor seconds per parcel of the peer."""

    decide: Cost
    refresh: dict[str, Cost]
    peer_s: float


def write_inputs(book: MadeBook, pack: Pack, folder: Path) -> float:
    """Record a book's inputs as a refresh finds them; processor seconds that recording takes once they are there."""
    inputs = inputs_of(book.parcels, book.seasons, pack, SEASON)
    begun = time.process_time()
    write_state(folder, inputs)
    return time.process_time() - begun


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
    print(json.dumps({**cost, "peak_gib": peak_gib()}))


def peak_gib() -> float:
    """Peak memory of this process; getrusage would give that of the process which started it where that is more."""
    status = Path("/proc/self/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) / 2**20


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


def sample_of(book: MadeBook, farmers: int) -> MadeBook:
    """The first farmers of a book with all they have."""
    names = book.parcels.farmer_id.drop_duplicates().iloc[:farmers]
    parcels = book.parcels[book.parcels.farmer_id.isin(names)].reset_index(drop=True)
    return MadeBook(parcels, book.seasons[book.seasons.parcel_id.isin(parcels.parcel_id)])


def is_like_peer(sample: MadeBook, pack: Pack) -> bool:
    """Whether the peer's limits of a sample are the engine's."""
    plain = decide_plainly(sample.parcels, sample.seasons, pack)
    ours = limit_book(sample.parcels, sample.seasons, pack, SEASON)
    return to_table(plain, LIMITS).equals(to_table(ours, LIMITS))


def play(options: argparse.Namespace, folder: Path, sample: MadeBook, pack: Pack) -> Round:
    """One round of all steps, one after the other, so that whatever else the machine does bears on all of them."""
    full = in_own_process(options, "decide", folder / "before", folder / "limits.parquet")
    again = {
        what: in_own_process(options, "refresh", folder / "before", folder / what, folder / f"{what}.parquet")
        for what in _CHANGED
    }
    begun = time.process_time()
    decide_plainly(sample.parcels, sample.seasons, pack)
    return Round(full, again, (time.process_time() - begun) / len(sample.parcels))


def contest(options: argparse.Namespace, folder: Path) -> bool:
    """Run all steps and print them; whether all results agree."""
    pack = load_pack(options.policy)
    book = make_book(options.parcels, options.farmers, options.seed)
    recorded_s = write_inputs(book, pack, folder / "before")
    for what in _CHANGED:
        later = change_book(book, options.changed, options.seed, whole_farmers=what == "farmers")
        write_inputs(later, pack, folder / what)
    sample = sample_of(book, options.sample)
    del book, later
    rounds = [play(options, folder, sample, pack) for _ in range(options.rounds)]
    print(f"{options.parcels:,} parcels of {options.farmers:,} farmers under {pack.id}; {options.rounds} round(s)")
    size = sum(path.stat().st_size for path in (folder / "before").iterdir()) / 1e6
    print(f"inputs recorded            {recorded_s:>25.1f} s processor, {size:,.0f} MB")
    for each in rounds:
        print(f"decided                    {each.decide}")
    print(
        f"  target {_SECONDS_TARGET:.0f} s and {_MEMORY_TARGET_GIB:.0f} GiB; "
        f"receipts {_megabytes(folder / 'limits.parquet')}"
    )
    agreed = [report_refresh(options, folder, what, rounds) for what in _CHANGED]
    same = is_like_peer(sample, pack)
    report_peer(options, rounds, "the same" if same else "DIFFER")
    return all(agreed) and same


def report_refresh(options: argparse.Namespace, folder: Path, what: str, rounds: list[Round]) -> bool:
    """Print what a refresh took; whether its result is that of deciding the whole book again."""
    in_own_process(options, "decide", folder / what, folder / "whole.parquet")
    same = is_refreshed(folder / "limits.parquet", folder / f"{what}.parquet", folder / "whole.parquet")
    for each in rounds:
        print(f"{options.changed:.0%} of {what} changed      {each.refresh[what]}")
    shares = [each.refresh[what].cpu_s / each.decide.cpu_s for each in rounds]
    print(f"  {_middle(shares, '.1%')} of deciding all (target {_REFRESH_TARGET:.0%}); "
          f"{'identical' if same else 'DIFFERS'}")  # fmt: skip
    return same


def report_peer(options: argparse.Namespace, rounds: list[Round], limits: str) -> None:
    """Print how many times the peer's processor time is the engine's."""
    scaled = [each.peer_s * options.parcels for each in rounds]
    print(f"plain pandas apply         {_middle(scaled, '.0f')} s processor (SCALED from {options.sample:,} farmers)")
    alone = [seconds / each.decide.engine_s for seconds, each in zip(scaled, rounds, strict=True)]
    whole = [seconds / each.decide.cpu_s for seconds, each in zip(scaled, rounds, strict=True)]
    print(f"  {_middle(alone, '.1f')} times the engine, both without files (target {_PEER_TARGET:.0f}); "
          f"{_middle(whole, '.1f')} times the engine with its files; limits {limits}")  # fmt: skip


def _middle(figures: list[float], spec: str) -> str:
    """Median of the rounds, with the least and the most."""
    if len(figures) == 1:
        return format(figures[0], spec)
    return f"{median(figures):{spec}} ({min(figures):{spec}} to {max(figures):{spec}})"


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
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--quick", action="store_true", help="one round of 2,000 parcels of 800 farmers, 40 for the peer"
    )
    parser.add_argument("--step", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.quick:
        options.parcels, options.farmers, options.sample, options.rounds = 2_000, 800, 40, 1
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
