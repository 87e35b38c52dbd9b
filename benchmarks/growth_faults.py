"""Faults injected into real series of parcels: what share growth markers find, and how often they cry without cause.

    python benchmarks/growth_faults.py --data ../shared/data [--quick] [--picture FILE.svg] [--elsewhere]

`parcel-series` of Bavaria, 2018: parcels of annual crops with a crop calendar. One fault at a time is laid into one
parcel; its neighbours stay as they are. Abrupt losses and declines are judged at each look, sowing and harvest every
ten days, from what was seen until then, and the highest score of a parcel's season counts. The limit of a score is set
on the faultless series of one half of the parcels so that 2 % of them are raised in the season, and recall is that of
the other half; both halves take both parts. The rate that the other half's faultless series then show stands beside.
`shipped` is recall and rate at the shipped limits. Rates are by cause. Real parcels fail too: nobody says which of
these did, so rates of false alarms are upper bounds.

With --elsewhere the same rules, which were set on Bavaria, judge `parcel-series` Central Asia, 2016, as seen.

Cloudiness: the clear looks as they were, and with a half and a quarter of the acquisition dates left.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from growth_fault_kinds import FAULTS, Canopy, canopy_of, shadowed, shadowed_bands
from growth_series import Parcels, read_bavaria, read_central_asia

from geo.observations import CLEAR_SHARE
from scoring.growth.looks import Looks, nearest_growth
from scoring.growth.losses.falls import find_falls
from scoring.growth.markers.decline import LIMIT, find_declines
from scoring.growth.markers.rules import Around, harvest_marker, sowing_marker

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Scored = tuple[Floats, Flags]

_RATE: Final = 0.02
_STEP_DAYS: Final = 10
_CLEARNESS: Final = {"as seen": 1.0, "half": 0.5, "quarter": 0.25}
_MARKERS: Final = {"sowing": (sowing_marker, "not_sown"), "harvest": (harvest_marker, "early")}
_SEED: Final = 1000


@dataclass(frozen=True, slots=True)
class Found:
    """Recall and rate of false alarms at a limit that promises `_RATE`, and at the shipped limit."""

    recall: float
    rate: float
    shipped: float
    shipped_rate: float


def season_scores(parcels: Parcels, name: str) -> Scored:
    """Highest score of each parcel's season, -inf where it was never judged, and whether it was raised."""
    return _BY_NAME[name](parcels)


def _losses(parcels: Parcels) -> Scored:
    ndvi, days = _looks(parcels)
    found = find_falls(ndvi, days, parcels.expected, parcels.neighbours)
    return _highest(found.score), found.raised.any(axis=1)


def _declines(parcels: Parcels) -> Scored:
    ndvi, days = _looks(parcels)
    found = find_declines(ndvi, days, parcels.neighbours)
    green = (days >= parcels.expected.peak_from[:, None]) & (days <= parcels.expected.harvest_from[:, None])
    score = np.where(green, found.score, np.nan)
    return _highest(score), (np.nan_to_num(score) >= LIMIT).any(axis=1)


def _by_marker(name: str) -> Callable[[Parcels], Scored]:
    find, outcome = _MARKERS[name]

    def judge_season(parcels: Parcels) -> Scored:
        n = len(parcels.ndvi)
        score, raised = np.full(n, -np.inf), np.zeros(n, dtype=np.bool_)
        for day in _days(parcels.days):
            looks = Looks.known(parcels.ndvi, parcels.clear, parcels.days, day)
            growth = nearest_growth(looks.cycles(), parcels.expected, n)
            marker = find(looks, parcels.expected, growth, Around(parcels.neighbours))
            hit = marker.outcome == outcome
            score = np.fmax(score, np.where(hit, marker.score, -np.abs(marker.score)))
            raised |= marker.raised & hit
        return score, raised

    return judge_season


_BY_NAME: Final[dict[str, Callable[[Parcels], Scored]]] = {
    "sowing": _by_marker("sowing"),
    "harvest": _by_marker("harvest"),
    "decline": _declines,
    "loss": _losses,
}


def _looks(parcels: Parcels) -> tuple[Floats, npt.NDArray[np.datetime64]]:
    looks = Looks.known(parcels.ndvi, parcels.clear, parcels.days, parcels.days[-1])
    return looks.ndvi, looks.days


def _highest(score: Floats) -> Floats:
    highest: Floats = np.where(np.isfinite(score), score, -np.inf).max(axis=1)
    return highest


def _days(days: Sequence[date]) -> list[date]:
    return [days[0] + timedelta(days=step) for step in range(90, (days[-1] - days[0]).days + 1, _STEP_DAYS)]


def found(scored: Scored, halves: npt.NDArray[np.integer]) -> Found:
    """What a marker finds of faults: the first half of the scores is faultless, the second has the fault."""
    n = len(halves)
    (clean, faulty), raised = np.split(scored[0], 2), scored[1]
    hits, alarms = np.zeros(n, dtype=np.bool_), np.zeros(n, dtype=np.bool_)
    for half in (0, 1):
        limit = _limit(clean[halves != half])
        hits |= (halves == half) & (faulty > limit)
        alarms |= (halves == half) & (clean > limit)
    return Found(float(hits.mean()), float(alarms.mean()), float(raised[n:].mean()), float(raised[:n].mean()))


def _limit(clean: Floats) -> float:
    """Lowest limit that at most `_RATE` of the scores exceed."""
    return float(np.sort(clean)[::-1][int(_RATE * len(clean))])


def judge(parcels: Parcels, canopy: Canopy, seeds: int, clearness: Mapping[str, float]) -> dict[tuple[str, str], Found]:
    """Every fault at every cloudiness, means over seeds."""
    table: dict[tuple[str, str], list[Found]] = {}
    for seed in range(seeds):
        rng = np.random.default_rng(_SEED + seed)
        halves = rng.permutation(len(parcels.ndvi)) % 2
        for dates, share in clearness.items():
            for fault, name, lay in FAULTS:
                both = parcels.beside(lay(parcels, canopy, rng)).thinned(share, rng)
                table.setdefault((fault, dates), []).append(found(season_scores(both, name), halves))
    return {key: _mean(several) for key, several in table.items()}


def _mean(several: list[Found]) -> Found:
    rows = np.array([[one.recall, one.rate, one.shipped, one.shipped_rate] for one in several])
    return Found(*rows.mean(axis=0).tolist())


def shadow_alarms(
    parcels: Parcels, canopy: Canopy, seeds: int, lay: Callable[[Parcels, Canopy, np.random.Generator], Floats]
) -> dict[str, float]:
    """Share of parcel-seasons that a marker raises with injected shadow and not without, by marker."""
    more: dict[str, list[float]] = {name: [] for name in _BY_NAME}
    for seed in range(seeds):
        both = parcels.beside(lay(parcels, canopy, np.random.default_rng(_SEED + 100 + seed)))
        for name in _BY_NAME:
            clean, dark = np.split(season_scores(both, name)[1], 2)
            more[name].append(float((dark & ~clean).mean()))
    return {name: float(np.mean(shares)) for name, shares in more.items()}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder that holds parcel-series")
    parser.add_argument("--quick", action="store_true", help="one seed")
    parser.add_argument("--picture", type=Path, help="draw recall by cloudiness (SVG)")
    parser.add_argument("--elsewhere", action="store_true", help="Central Asia, as seen and without shadow")
    chosen = parser.parse_args(arguments)
    seeds = 1 if chosen.quick else 6
    parcels = read_central_asia(chosen.data) if chosen.elsewhere else read_bavaria(chosen.data)
    canopy = canopy_of(parcels)
    clearness = {"as seen": 1.0} if chosen.elsewhere else _CLEARNESS
    whole = np.isfinite(canopy.peak) & np.isfinite(canopy.end) & np.isfinite(canopy.emergence)
    looks = float(np.median((parcels.clear >= CLEAR_SHARE).sum(axis=1)))
    print(f"{len(whole)} parcels, {int(whole.sum())} with a whole cycle; {looks:.0f} clear looks (median)")
    print(f"{'fault':24} {'looks':8} {'recall':>7} {'false':>7} {'shipped':>8} {'false':>7}")
    table = judge(parcels, canopy, seeds, clearness)
    for (fault, name), one in table.items():
        print(f"{fault:24} {name:8} {one.recall:7.2f} {one.rate:7.3f} {one.shipped:8.2f} {one.shipped_rate:7.3f}")
    for kind, lay in () if chosen.elsewhere else (("NDVI alone", shadowed), ("all bands", shadowed_bands)):
        for name, share in shadow_alarms(parcels, canopy, seeds, lay).items():
            print(f"cloud shadow in {kind}: {name} raised for it in {share:.3f} of parcel-seasons")
    if chosen.picture:
        from growth_picture import draw_recall  # noqa: PLC0415 - matplotlib only where it draws

        draw_recall({key: one.recall for key, one in table.items()}, clearness, looks, chosen.picture)
    return 0


if __name__ == "__main__":
    sys.exit(main())
