"""Parcels a second for curves, phenology and alerts of a season of 70 dates, against a loop over parcels.

    python benchmarks/growth.py                       # three rounds: 20,000 parcels, the loop on 200 of them
    python benchmarks/growth.py --parcels 1000000     # and a whole book in a process of its own: seconds, peak memory
    python benchmarks/growth.py --quick               # 300 parcels, one round; what the test runs

The season is simulated (benchmarks/growth_book.py). Curves: noise by parcel, then curves with standard errors.
Phenology: every cycle with start, peak and end. Alerts: neighbours, markers three times a month and losses at every
look, each as it was known then, folded into levels. The peer (benchmarks/growth_peer.py) does the three things for a
sample, one parcel after another, with scipy and pandas; how alike both results are is printed. All run in one thread.
Rounds take turns; the ratio is that of the medians of processor seconds, with the least and the most of the rounds.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Final, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from growth_book import FAULTS, SEASON, MadeSeason, made_season
from growth_peer import PeerParcel, alerts, phenology, smoothed

from scoring.alerts.following import Block, follow
from scoring.alerts.rules import AlertRules, load_rules
from scoring.growth.neighbours import LEAST_NEIGHBOURS, nearest_of_crop, spread_of_neighbours, ten_day_best
from scoring.growth.smooth import hindsight_curves, measured_noise
from scoring.growth.watching.run import BLOCK_ROWS, WatchedRun, growth_findings, marker_days, watched_run
from scoring.phenology import find_cycles

Floats = npt.NDArray[np.float64]

_Found = TypeVar("_Found")

_STEPS: Final = ("curves", "phenology", "alerts")
_FROM_WATCH: Final = ("watch", "warning", "action")
_UNTIL: Final = date(2019, 2, 28)
_RATIO_TARGET: Final = 20.0
_MEMORY_TARGET_GIB: Final = 2.0


@dataclass(frozen=True, slots=True)
class Peer:
    """What the loop found of the sample: curves at the dates, start, peak and end, and day of each alert."""

    curves: Floats
    marks: Floats
    alerts: list[dict[str, date]]


def curves_of(made: MadeSeason) -> Floats:
    """Curves of all parcels, block by block; those of the last block are returned, errors too are found."""
    level = np.zeros((0, 0))
    for rows in _parts(len(made.looks)):
        ndvi = np.ascontiguousarray(made.looks.ndvi[rows]).astype(np.float64)
        level = hindsight_curves(ndvi, made.looks.days, measured_noise(ndvi, made.looks.days)).level
    return level


def cycles_of(made: MadeSeason) -> pd.DataFrame:
    """Cycles of all parcels; those of the last block are returned."""
    days = [day.item() for day in made.looks.days]
    cycles = pd.DataFrame()
    for rows in _parts(len(made.looks)):
        cycles = find_cycles(made.looks.ndvi[rows].astype(np.float64), made.looks.percent[rows] / 100.0, days)
    return cycles


def alerts_of(made: MadeSeason) -> list[pa.Table]:
    """The whole watch: changes of alerts by block."""
    rules = load_rules("growth-1")
    run = watched_run(made.looks, made.fields, SEASON, _UNTIL)
    return [_followed(run, block, rules) for block in run.blocks]


def _followed(run: WatchedRun, block: npt.NDArray[np.int64], rules: AlertRules) -> pa.Table:
    looks = run.looks.at(block)
    known = Block(run.fields.parcel_ids[block], SEASON.id, looks.days, looks.ndvi.astype(np.float64))
    return follow(growth_findings(run, block), known, rules, until=_UNTIL)


def _parts(count: int) -> list[slice]:
    return [slice(start, start + BLOCK_ROWS) for start in range(0, count, BLOCK_ROWS)]


def sample_of(made: MadeSeason, count: int) -> list[PeerParcel]:
    """The first parcels as the peer takes them: what neighbours show is found for it beforehand, at no cost to it."""
    days = [day.item() for day in made.looks.days]
    best = ten_day_best(made.looks.ndvi.astype(np.float64), made.looks.percent / 100.0, days)
    near = nearest_of_crop(made.fields.points, made.fields.kind)
    middle, spread, _ = spread_of_neighbours(best, near, least=LEAST_NEIGHBOURS)
    steps = pd.to_datetime([day for day in SEASON.dekads() if day <= days[-1]])
    return [_peer_parcel(made, row, middle[row], spread[row], steps) for row in range(count)]


def _peer_parcel(made: MadeSeason, row: int, middle: Floats, spread: Floats, steps: pd.DatetimeIndex) -> PeerParcel:
    looks, expected = made.looks, made.fields.expected
    frame = pd.DataFrame({"date": looks.days.astype("datetime64[ns]"), "ndvi": looks.ndvi[row].astype(float)})
    frame["known_on"] = frame.date + pd.Timedelta(days=1)
    near = pd.DataFrame({"date": steps[: len(middle)], "median": middle[: len(steps)], "spread": spread[: len(steps)]})
    due = np.where(expected.rests, expected.peak_from, expected.emergence_to)[row] + np.timedelta64(20, "D")
    harvest = expected.harvest_from[row]
    told = not (np.isnat(due) or np.isnat(harvest))
    return PeerParcel(frame, due.item() if told else None, harvest.item() if told else None, near.dropna())


def peer_steps(sample: list[PeerParcel]) -> tuple[dict[str, float], Peer]:
    """Processor seconds of each step of the peer, and what it found."""
    took, curves, marks, raised = dict.fromkeys(_STEPS, 0.0), [], [], []
    days = marker_days(SEASON, _UNTIL)
    for parcel in sample:
        seen = parcel.looks[parcel.looks.ndvi.notna()]
        day, at = (_numbers(dates) for dates in (seen.date, parcel.looks.date))
        begun = time.process_time()
        curves.append(smoothed(day, seen.ndvi.to_numpy(), at))
        took["curves"] += time.process_time() - begun
        begun = time.process_time()
        marks.append(phenology(curves[-1], at[0]))
        took["phenology"] += time.process_time() - begun
        begun = time.process_time()
        raised.append(alerts(parcel, days))
        took["alerts"] += time.process_time() - begun
    return took, Peer(np.array(curves), np.array(marks), raised)


def _numbers(dates: pd.Series) -> Floats:
    return (dates - pd.Timestamp(SEASON.start)).dt.days.to_numpy().astype(np.float64)


def _timed(step: Callable[[], _Found]) -> tuple[float, _Found]:
    begun = time.process_time()
    found = step()
    return time.process_time() - begun, found


def own_steps(made: MadeSeason) -> tuple[dict[str, float], Floats, pd.DataFrame, list[pa.Table]]:
    """Processor seconds of each step, and what it found."""
    took = {}
    took["curves"], level = _timed(lambda: curves_of(made))
    took["phenology"], cycles = _timed(lambda: cycles_of(made))
    took["alerts"], changes = _timed(lambda: alerts_of(made))
    return took, level, cycles, changes


def likeness(made: MadeSeason, peer: Peer, level: Floats, cycles: pd.DataFrame, changes: list[pa.Table]) -> list[str]:
    """How alike both results are over the sample."""
    count = len(peer.alerts)
    seen = np.isfinite(level[:count]) & np.isfinite(peer.curves)
    same = np.corrcoef(level[:count][seen], peer.curves[seen])[0, 1]
    lines = [
        f"curves: correlation {same:.4f}, median difference {np.median(np.abs(level[:count] - peer.curves)[seen]):.4f}"
    ]
    main = cycles[cycles.main & (cycles["index"] < count)].set_index("index")
    first = np.datetime64(SEASON.start, "D")
    for place, (name, word) in enumerate((("sos", "start"), ("pos", "peak"), ("eos", "end"))):
        days = (main[name].to_numpy().astype("datetime64[D]") - first) / np.timedelta64(1, "D")
        away = np.abs(days - peer.marks[main.index.to_numpy(), place])
        lines.append(f"{word}: median difference {np.nanmedian(away):.1f} days over {int(np.isfinite(away).sum())}")
    for cause, fault in (("not_sown", "not sown"), ("abrupt_loss", "abrupt loss"), ("slow_decline", "slow decline")):
        own = np.isin(made.fields.parcel_ids, [name for table in changes for name in _subjects(table, cause)])
        theirs = np.array([cause in raised for raised in peer.alerts])
        hit, sample_hit = made.fault == FAULTS.index(fault), made.fault[:count] == FAULTS.index(fault)
        here = f"found {_share(own, hit)}, raised without a fault {_share(own, made.fault == 0)}"
        there = f"{_share(theirs, sample_hit)}, {_share(theirs, made.fault[:count] == 0)}"
        lines.append(f"{cause}: {here}; peer {there}")
    return lines


def _subjects(changes: pa.Table, cause: str) -> list[str]:
    """Parcels that had an alert of a cause, from a watch on."""
    high = pc.and_(pc.equal(changes["cause"], cause), pc.is_in(changes["level"], pa.array(_FROM_WATCH)))
    subjects: list[str] = changes.filter(high)["subject_id"].unique().to_pylist()
    return subjects


def _share(raised: npt.NDArray[np.bool_], among: npt.NDArray[np.bool_]) -> str:
    return f"{int((raised & among).sum())} of {int(among.sum())}"


def whole_book(parcels: int) -> None:
    """One pass over a book of its own size, in this process; prints seconds, alerts and peak memory as JSON."""
    begun = time.perf_counter()
    made = made_season(parcels, 1)
    wall = {"simulated season": time.perf_counter() - begun}
    rules = load_rules("growth-1")
    for name, step in (("curves", curves_of), ("phenology", cycles_of)):
        begun = time.perf_counter()
        step(made)
        wall[name] = time.perf_counter() - begun
    begun = time.perf_counter()
    run = watched_run(made.looks, made.fields, SEASON, _UNTIL)
    wall["alerts, what parcels tell each other"] = time.perf_counter() - begun
    begun, changes = time.perf_counter(), 0
    for number, block in enumerate(run.blocks):
        changes += _followed(run, block, rules).num_rows
        print(
            f"block {number + 1} of {len(run.blocks)}: {time.perf_counter() - begun:.0f} s", file=sys.stderr, flush=True
        )
    wall["alerts, findings and levels"] = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(json.dumps({"wall_s": wall, "cpu_s": time.process_time(), "changes": changes, "peak_gib": peak}))


def in_own_process(parcels: int) -> None:
    """The whole book in a process of its own, so that its peak memory is its alone."""
    command = [sys.executable, __file__, "--whole", str(parcels)]
    answer = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603 - this very file
    found = json.loads(answer.stdout)
    print(f"\n{parcels:,} parcels (simulated), one process, one thread:")
    for name, wall_s in found["wall_s"].items():
        print(f"  {name:40} {wall_s:8.1f} s wall {parcels / max(wall_s, 1e-9):>12,.0f} parcels/s")
    print(f"  {found['changes']:,} changes of alerts; {found['cpu_s']:.0f} s of processor in all")
    print(f"  peak memory {found['peak_gib']:.2f} GiB (target below {_MEMORY_TARGET_GIB})")


def _ratios(own: list[dict[str, float]], peer: list[dict[str, float]], parcels: int, sample: int) -> None:
    print(f"{'step':12} {'parcels/s':>12} {'peer':>10} {'ratio':>8}{'least':>8}{'most':>8}")
    for name in (*_STEPS, "in total"):
        mine, theirs = (
            [sum(took.values()) if name == "in total" else took[name] for took in rounds] for rounds in (own, peer)
        )
        each, one = [took / parcels for took in mine], [took / sample for took in theirs]
        ratio, least, most = median(one) / median(each), min(one) / max(each), max(one) / min(each)
        target = f" target {_RATIO_TARGET:.0f}" if name == "in total" else ""
        print(
            f"{name:12} {1 / median(each):12,.0f} {1 / median(one):10,.1f} {ratio:8.1f}{least:8.1f}{most:8.1f}{target}"
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parcels", type=int, help="size of a whole book, watched in a process of its own")
    parser.add_argument("--quick", action="store_true", help="few parcels, one round")
    parser.add_argument("--whole", type=int, help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    if chosen.whole:
        whole_book(chosen.whole)
        return 0
    parcels, count, rounds = (300, 6, 1) if chosen.quick else (BLOCK_ROWS, 200, 3)
    made = made_season(parcels, 1)
    sample = sample_of(made, count)
    clear = np.isfinite(made.looks.ndvi).mean()
    print(f"{parcels:,} simulated parcels, {len(made.looks.days)} dates, {clear:.0%} of looks clear; peer on {count}")
    own, peer = [], []
    for _ in range(rounds):
        took, level, cycles, changes = own_steps(made)
        own.append(took)
        took, found = peer_steps(sample)
        peer.append(took)
    _ratios(own, peer, parcels, count)
    print("\n".join(likeness(made, found, level, cycles, changes)))
    if chosen.parcels:
        in_own_process(chosen.parcels)
    return 0


if __name__ == "__main__":
    sys.exit(main())
