"""Faults injected into real series of parcels: what share growth markers find, and how often they cry without cause.

    python benchmarks/growth_faults.py --data ../shared/data [--quick]

`parcel-series` of Bavaria, 2018: parcels of annual crops with a crop calendar. One fault at a time is laid into one
parcel; its neighbours stay as they are. Every ten days all markers are found from what was seen until then, and the
highest score of a parcel's season counts. The limit of a score is set on the faultless series of one half of the
parcels so that 2 % of them are raised in the season, and recall is that of the other half; both halves take both parts.
The rate that the other half's faultless series then show is printed beside. `shipped` is recall and rate at the shipped
limits. Abrupt losses count when confirmed, before the calendar's harvest, by size (scoring.growth.losses). Real parcels
fail too: nobody says which of these did, so rates of false alarms are upper bounds.

Cloudiness: the clear looks as they were, and with a half and a quarter of the acquisition dates left.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from growth_fault_kinds import FAULTS, Canopy, canopy_of, shadowed
from growth_series import Parcels, read_bavaria

from geo.observations import CLEAR_SHARE
from scoring.growth.looks import Looks
from scoring.growth.losses import CONFIRMED, LossRule, find_losses
from scoring.growth.markers import Around, find_markers

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_RATE: Final = 0.02
_STEP_DAYS: Final = 10
_CLEARNESS: Final = {"as seen": 1.0, "half": 0.5, "quarter": 0.25}
_HARMLESS: Final = {"sowing": ("sown", "late"), "harvest": ("on_time", "standing", "late"), "decline": ("none",)}
_NAMES: Final = (*_HARMLESS, "loss")
_RIPENING_DAYS: Final = 15
#: Finds small losses too, so that the limit of a loss can be set by its size.
_LOW_RULE: Final = LossRule(least_fall=0.05, scatter_factor=1.0)


@dataclass(frozen=True, slots=True)
class Scores:
    """Highest score of each parcel's season by marker, -inf where it was never judged, and whether it was raised."""

    score: dict[str, Floats]
    raised: dict[str, Flags]


@dataclass(frozen=True, slots=True)
class Found:
    """Recall and rate of false alarms at a limit that promises `_RATE`, and at the shipped limit."""

    recall: float
    rate: float
    shipped: float
    shipped_rate: float


def season_scores(parcels: Parcels) -> Scores:
    """Every marker every ten days of the season, each from what was seen until then."""
    n = len(parcels.ndvi)
    score = {name: np.full(n, -np.inf) for name in _HARMLESS}
    raised = {name: np.zeros(n, dtype=np.bool_) for name in _HARMLESS}
    for day in _days(parcels.days):
        looks = Looks.known(parcels.ndvi, parcels.clear, parcels.days, day)
        for marker in find_markers(looks, parcels.expected, around=Around(parcels.neighbours)):
            if marker.name in _HARMLESS:
                harmless = np.isin(marker.outcome, _HARMLESS[marker.name])
                value = np.where(harmless, -np.abs(marker.score), marker.score)
                score[marker.name] = np.fmax(score[marker.name], value)
                raised[marker.name] |= marker.raised & ~harmless
    score["loss"], raised["loss"] = _losses(parcels, _LOW_RULE)[0], _losses(parcels, LossRule())[1]
    return Scores(score, raised)


def _losses(parcels: Parcels, rule: LossRule) -> tuple[Floats, Flags]:
    """Size of the largest confirmed abrupt loss before ripening, -inf for none, and whether there is one."""
    looks = Looks.known(parcels.ndvi, parcels.clear, parcels.days, parcels.days[-1])
    losses = find_losses(looks.ndvi, looks.days, rule)
    of = parcels.expected.at(losses.row)
    inside = (losses.day >= of.emergence_from) & (losses.day <= of.harvest_from - _RIPENING_DAYS)
    kept = inside & (losses.status == CONFIRMED)
    size = np.full(len(parcels.ndvi), -np.inf)
    np.maximum.at(size, losses.row[kept], losses.size[kept])
    return size, np.isfinite(size)


def _days(days: Sequence[date]) -> list[date]:
    return [days[0] + timedelta(days=step) for step in range(90, (days[-1] - days[0]).days + 1, _STEP_DAYS)]


def found(name: str, scores: Scores, halves: npt.NDArray[np.integer]) -> Found:
    """What a marker finds of faults: the first half of the scores is faultless, the second has the fault."""
    n = len(halves)
    clean, faulty = scores.score[name][:n], scores.score[name][n:]
    hits, alarms = np.zeros(n, dtype=np.bool_), np.zeros(n, dtype=np.bool_)
    for half in (0, 1):
        limit = _limit(clean[halves != half])
        hits |= (halves == half) & (faulty > limit)
        alarms |= (halves == half) & (clean > limit)
    raised = scores.raised[name]
    return Found(float(hits.mean()), float(alarms.mean()), float(raised[n:].mean()), float(raised[:n].mean()))


def _limit(clean: Floats) -> float:
    """Lowest limit that at most `_RATE` of the scores exceed."""
    return float(np.sort(clean)[::-1][int(_RATE * len(clean))])


def judge(parcels: Parcels, canopy: Canopy, seeds: int) -> dict[tuple[str, str], Found]:
    """Every fault at every cloudiness, means over seeds."""
    table: dict[tuple[str, str], list[Found]] = {}
    for seed in range(seeds):
        rng = np.random.default_rng(seed)
        halves = rng.permutation(len(parcels.ndvi)) % 2
        for clearness, share in _CLEARNESS.items():
            for fault, name, lay in FAULTS:
                both = parcels.beside(lay(parcels, canopy, rng)).thinned(share, rng)
                table.setdefault((fault, clearness), []).append(found(name, season_scores(both), halves))
    return {key: _mean(several) for key, several in table.items()}


def _mean(several: list[Found]) -> Found:
    rows = np.array([[one.recall, one.rate, one.shipped, one.shipped_rate] for one in several])
    return Found(*rows.mean(axis=0).tolist())


def shadow_alarms(parcels: Parcels, canopy: Canopy, seeds: int) -> dict[str, float]:
    """Share of parcel-seasons that a marker raises with injected shadow and not without, by marker."""
    more: dict[str, list[float]] = {name: [] for name in _NAMES}
    for seed in range(seeds):
        rng = np.random.default_rng(100 + seed)
        raised = season_scores(parcels.beside(shadowed(parcels, canopy, rng))).raised
        for name, flags in raised.items():
            clean, dark = np.split(flags, 2)
            more[name].append(float((dark & ~clean).mean()))
    return {name: float(np.mean(shares)) for name, shares in more.items()}


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="the folder that holds parcel-series")
    parser.add_argument("--quick", action="store_true", help="one seed")
    chosen = parser.parse_args(arguments)
    seeds = 1 if chosen.quick else 3
    parcels = read_bavaria(chosen.data)
    canopy = canopy_of(parcels)
    whole = np.isfinite(canopy.peak) & np.isfinite(canopy.end) & np.isfinite(canopy.emergence)
    looks = (parcels.clear >= CLEAR_SHARE).sum(axis=1)
    print(f"{len(whole)} parcels, {int(whole.sum())} with a whole cycle; {np.median(looks):.0f} clear looks (median)")
    print(f"{'fault':24} {'looks':8} {'recall':>7} {'false':>7} {'shipped':>8} {'false':>7}")
    for (fault, clearness), one in judge(parcels, canopy, seeds).items():
        print(f"{fault:24} {clearness:8} {one.recall:7.2f} {one.rate:7.3f} {one.shipped:8.2f} {one.shipped_rate:7.3f}")
    for name, share in shadow_alarms(parcels, canopy, seeds).items():
        print(f"cloud shadow alone: {name} raised for it in {share:.3f} of parcel-seasons")
    return 0


if __name__ == "__main__":
    sys.exit(main())
