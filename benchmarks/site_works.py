"""Simulated construction of wind farms and reservoirs against the truth by date: progress, completion, intervals.

    python benchmarks/site_works.py --type hydro --cases 400 [--first-seed 1000] [--json]

Each case is land of one of three regions through 400 days of passes every five days, with clouds, and works drawn from
its seed. Progress is asked as of every look, from what was seen until then. Sentinel-1 passes every twelve days
(over wind farms on two tracks) unless --no-radar. Rules were tuned on seeds below 1000 and from 900000 on.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
from site_completion import WITHIN, days_after_look, days_off, interval_holds

from geo.sites import SiteType
from models.sites.alignment import aligned
from models.sites.ground import shows_ground
from models.sites.looks import Looks
from models.sites.radarwater import radar_water_looks
from models.sites.turbines import radar_evidence, shadow_evidence, tower_looks
from models.sites.water import water_looks
from models.sites.wind import pad_looks
from scoring.sites.filling import filled, held
from scoring.sites.milestones import MilestoneRule, Reached, reached
from scoring.sites.plan import MilestoneKind
from scoring.sites.progress import Observed, Progress, progress_on, reported
from scoring.sites.wind import Counts, farm_rule, wind_progress
from tiles.clear import Mask, Masking, mask_block
from tiles.simulation.sites.frame import Ground, Seen, draw_ground, passes, see_ground
from tiles.simulation.sites.hydro import build_hydro, draw_hydro, water_radar
from tiles.simulation.sites.wind import build_wind, draw_works, fields, wind_radar

Days = npt.NDArray[np.datetime64]
Floats = npt.NDArray[np.float64]

REGIONS = ("europe", "huanghuai", "north_india")
COMPLETE = 0.95
#: Rows and columns: a turbine wants 200 m of land around.
SIZES_PX = {SiteType.HYDRO: 56, SiteType.WIND: 64}
LASTS_DAYS = 400
CLEAR = 0.5
ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Case:
    """One case, as of each look.

    Attributes:
        days: (t,) looks.
        progress: share, bounds.
        truth: (t,) true share.
        completed: first day on which the truth is complete; NaT for never.
        looked: (s,) days of looks that show most of the site.
        told: between which looks it was complete, as it is told in the end.
    """

    days: Days
    progress: Progress
    truth: Floats
    completed: np.datetime64
    looked: Days
    told: Reached


def ground_of(seed: int, rng: np.random.Generator, kind: SiteType) -> Ground:
    """Land of 16 months in the region of a seed."""
    first = date(2022, 1, 1) + timedelta(days=int(rng.integers(0, 365)))
    days = passes(first, first + timedelta(days=LASTS_DAYS))
    return draw_ground(rng, SIZES_PX[kind], days, REGIONS[seed % len(REGIONS)])


def clear_of(seen: Seen) -> npt.NDArray[np.bool_]:
    """(t, y, x) pixels that a cube's mask calls clear: wind farms are read through it."""
    masking = Masking()
    halo = masking.scl_halo_px
    scl = np.pad(seen.scl, ((0, 0), (halo, halo), (halo, halo)), mode="edge")
    days = [day.item() for day in seen.days]
    return mask_block(seen.reflectance, scl, days, masking) == Mask.CLEAR


def hydro_case(seed: int, *, radar: bool) -> Case:
    """A reservoir that is dammed and filled."""
    rng = np.random.default_rng([seed, 11])
    ground = ground_of(seed, rng, SiteType.HYDRO)
    works = draw_hydro(rng, ground.size_px, ground.days[int(len(ground.days) * rng.uniform(0.1, 0.25))])
    seen = see_ground(rng, ground, build_hydro(rng, ground, works))
    clear = shows_ground(seen.reflectance, seen.scl)
    looks = [water_looks(seen.reflectance, clear, seen.days, works.border, works.dam_at)]
    if radar:
        days = np.arange(ground.days[0], ground.days[-1], 12)
        looks.append(radar_water_looks(water_radar(rng, days, works), days, works.border, works.dam_at))
    observed = water_by(looks, works.planned_m2, None)
    days = observed.days
    every = np.arange(days[0], days[-1] + 1)
    truth = works.held_on(every)
    done = every[truth >= COMPLETE]

    def asked(day: np.datetime64) -> Progress:
        return progress_on(held(water_by(looks, works.planned_m2, day)), np.array([day]))

    progress, rule = as_of(days, asked), MilestoneRule()
    ended = reached(days, progress_on(held(observed), days), filled(observed), None, rule)[MilestoneKind.COMPLETE]
    return Case(days, progress, works.held_on(days), first_of(done), clear_days(looks), ended)


def wind_case(seed: int, *, radar: bool) -> Case:
    """A wind farm that is laid out and put up."""
    rng = np.random.default_rng([seed, 12])
    ground, free = free_ground(seed, rng)
    start = ground.days[int(len(ground.days) * rng.uniform(0.25, 0.4))]
    works = draw_works(rng, free, start, 5)
    seen = see_ground(rng, ground, build_wind(ground, works))
    clear, places = clear_of(seen), works.planned[:, ::-1] / 10.0
    pads = pad_looks(seen.reflectance, clear, seen.days, places).pads
    evidence = [shadow_evidence(seen.reflectance, clear, seen.days, ground.sun, places)]
    if radar:
        for first in (0, 5):  # an ascending and a descending track
            days = np.arange(ground.days[0] + first, ground.days[-1], 12)
            evidence.append(radar_evidence(wind_radar(rng, ground.size_px, days, works), days, places))
    towers = tower_looks(evidence).towers
    count = len(places)
    days = np.union1d(told(pads), told(towers))

    def asked(day: np.datetime64) -> Progress:
        return wind_progress(counted(pads, day), counted(towers, day), count, np.array([day]))

    truth = (works.pads_on(days) + works.turbines_on(days)) / (2.0 * count)
    last = max(works.laid.max(), works.erected.max())
    done = last if last <= days[-1] else np.datetime64("NaT", "D")
    looked = clear_days([pads, *([towers] if radar else [])])
    ended, rule = wind_progress(counted(pads, days[-1]), counted(towers, days[-1]), count, days), farm_rule(count)
    said = reached(days, ended, ended.share >= rule.complete, None, rule)[MilestoneKind.COMPLETE]
    return Case(days, as_of(days, asked), truth, done, looked, said)


def free_ground(seed: int, rng: np.random.Generator) -> tuple[Ground, npt.NDArray[np.bool_]]:
    """Land with room for turbines."""
    while True:
        ground = ground_of(seed, rng, SiteType.WIND)
        free = fields(ground)
        if free[20:-20, 20:-20].any():
            return ground, free


def told(looks: Looks) -> Days:
    """Days of looks that tell something."""
    return looks.days[np.isfinite(looks.values)]


def counted(looks: Looks, day: np.datetime64) -> Counts:
    """Counts up to a day."""
    kept = (looks.days <= day) & np.isfinite(looks.values)
    return Counts(looks.days[kept], looks.values[kept], looks.errors[kept])


def clear_days(looks: Sequence[Looks]) -> Days:
    """Days on which half of the site or more was clear."""
    return np.unique(np.concatenate([one.days[np.isfinite(one.values) & (one.clear >= CLEAR)] for one in looks]))


def water_by(looks: Sequence[Looks], planned: float, day: np.datetime64 | None) -> Observed:
    """Water up to a day in the light of looks up to it; None: of all."""
    kept = [one if day is None else cut(one, one.days <= day) for one in looks]
    return together(aligned(kept[0], kept[1]) if len(kept) > 1 else kept, planned)


def cut(looks: Looks, kept: npt.NDArray[np.bool_]) -> Looks:
    """Some of the looks."""
    return Looks(looks.days[kept], looks.values[kept], looks.errors[kept], looks.clear[kept])


def together(looks: Sequence[Looks], planned: float) -> Observed:
    """Looks of several kinds as one series of shares; of one day the surer."""
    days, values, errors = (
        np.concatenate([getattr(one, name) for one in looks]) for name in ("days", "values", "errors")
    )
    kept = np.isfinite(values)
    days, values, errors = days[kept], values[kept], errors[kept]
    order = np.lexsort((errors, days))
    days, values, errors = days[order], values[order], errors[order]
    first = np.append(True, days[1:] != days[:-1])
    return Observed(days[first], values[first] / planned, errors[first] / planned)


def first_of(days: Days) -> np.datetime64:
    """First of some days; NaT for none."""
    return days[0] if len(days) else np.datetime64("NaT", "D")


def as_of(days: Days, asked: Any) -> Progress:
    """Progress as it was reported on each day, never below what was reported before."""
    rows = []
    floor = np.nan
    for day in days:
        row = reported(asked(day), np.array([floor]))
        floor = float(row.share[0])
        rows.append((row.low[0], row.share[0], row.high[0]))
    low, share, high = np.array(rows).T
    return Progress(low, share, high, days)


def figures(cases: Sequence[Case]) -> dict[str, float]:
    """What the table prints."""
    error = np.concatenate([np.abs(case.progress.share - case.truth) for case in cases])
    by_case = np.array([np.abs(case.progress.share - case.truth).mean() for case in cases])
    covered = np.concatenate(
        [(case.progress.low - 1e-6 <= case.truth) & (case.truth <= case.progress.high + 1e-6) for case in cases]
    )
    wide = np.concatenate([case.progress.high - case.progress.low for case in cases])
    regress = sum(bool((np.diff(case.progress.share) < -ROUNDING).any()) for case in cases)
    off = np.array([days_off(case.told.by, case.completed, case.looked) for case in cases])
    late = np.array([days_after_look(case.told.by, case.completed, case.looked) for case in cases])
    known, after = off[~np.isnan(off)], late[~np.isnan(late)]
    between = np.array([interval_holds(case.told.after, case.told.by, case.completed) for case in cases])
    return {
        "cases": len(cases),
        "looks": len(error),
        "error_points": 100 * float(error.mean()),
        "error_points_worst_tenth_of_cases": 100 * float(np.quantile(by_case, 0.9)),
        "covered": float(covered.mean()),
        "width_points": 100 * float(wide.mean()),
        "regresses": regress,
        "completed_or_told": len(known),
        "completion_within_10_days": float((np.abs(known) <= WITHIN).mean()),
        "completion_median_days": float(np.median(known)),
        "completion_early_by_more": int((known < -WITHIN).sum()),
        "completion_late_by_more": int((np.isfinite(known) & (known > WITHIN)).sum()),
        "completion_missed_or_false": int(np.isinf(known).sum()),
        "completion_within_10_days_of_look_alone": float((np.abs(after) <= WITHIN).mean()),
        "completion_between_the_looks_told": float(np.nanmean(between)),
    }


CASES = {SiteType.HYDRO: hydro_case, SiteType.WIND: wind_case}


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--type", choices=[str(kind) for kind in CASES], required=True)
    parser.add_argument("--cases", type=int, default=400)
    parser.add_argument("--first-seed", type=int, default=1000)
    parser.add_argument("--no-radar", action="store_true")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    case = CASES[SiteType(given.type)]
    seeds = range(given.first_seed, given.first_seed + given.cases)
    found = figures([case(seed, radar=not given.no_radar) for seed in seeds])
    print(json.dumps(found) if given.json else "\n".join(f"{name:40} {value:10.3f}" for name, value in found.items()))


if __name__ == "__main__":
    main()
