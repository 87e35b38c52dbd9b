"""Simulated solar works against their truth by date: progress, completion, intervals, what is mistaken for panels.

    python benchmarks/sites_simulated.py --cases 400 [--first-seed 60000] [--mistaken 0] [--ground DATA] [--json]

Each case is land of one of three regions with clouds, seen every five days from 4 to 18 months before works until 18
months after, and works drawn from its seed: some pause, some stop part way. Progress is asked as of every look, from
what was seen until then. The network was trained on seeds 10000 to 10599, rules were set on 20000 to 20099.
--mistaken N lays N cases of what is taken for panels (greenhouses, film, nets, roofs, burnt ground and so on) instead.
--ground DATA builds on real land (site_ground.py): flanders-2019 with its clouds, its works from the winter of 2018 on.
"""

from __future__ import annotations

import argparse
import json
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
from site_completion import WITHIN, days_after_look, days_off, interval_holds
from site_ground import Real, build_on, read_real

from geo.sites import SiteMeasure
from models.sites.scan import panels_found, patches
from models.sites.solar import SolarEvidence, SolarImages, solar_evidence, solar_looks
from scoring.sites.milestones import Reached, milestones_of
from scoring.sites.plan import MilestoneKind
from scoring.sites.progress import PANELS_SHARED, Observed, progress_on, reported
from tiles.simulation.sites.frame import draw_ground, passes, see_ground
from tiles.simulation.sites.solar import SolarWorks, build_solar, draw_solar
from tiles.simulation.sites.surfaces import MISTAKEN, PANELS

Floats = npt.NDArray[np.float64]
Days = npt.NDArray[np.datetime64]

REGIONS = ("huanghuai", "europe", "north_india")
COMPLETE = 0.95
SIZE_PX = 64
#: A look is clear that shows so much of the site; looks count from half of it on.
CLEAR = 0.8


@dataclass(frozen=True, slots=True)
class Case:
    """One case, as of each look (t,).

    Attributes:
        truth: true share.
        share: what was reported, never less than before.
        low: lower bound as of the look.
        high: upper bound.
        raw_falls: looks as of which the share would have been less than before.
        off_days: see site_completion.days_off.
        after_look: see site_completion.days_after_look.
        between: see site_completion.interval_holds.
    """

    truth: Floats
    share: Floats
    low: Floats
    high: Floats
    raw_falls: int
    off_days: float
    after_look: float
    between: float


def simulate(seed: int, laid: str = PANELS, real: Real | None = None) -> tuple[SolarWorks, SolarEvidence]:
    """Works of a seed, and what looks say of them; on real land where it is given."""
    rng = np.random.default_rng(seed)
    if real is not None:
        works, images = build_on(rng, real, laid)
        return works, solar_evidence(images)
    start = np.datetime64("2023-01-01") + int(rng.integers(0, 365))
    first = start - int(rng.integers(120, 540))
    days = passes(date.fromisoformat(str(first)), date.fromisoformat(str(start + 560)))
    ground = draw_ground(rng, SIZE_PX, days, REGIONS[seed % len(REGIONS)])
    works = draw_solar(rng, SIZE_PX, start, laid)
    seen = see_ground(rng, ground, build_solar(rng, ground, works))
    return works, solar_evidence(SolarImages(seen.days, seen.reflectance, seen.scl, works.inside, start))


def observed(evidence: SolarEvidence, planned_m2: float) -> Observed:
    """Share of the plan by look."""
    panels = solar_looks(evidence)[SiteMeasure.PANELS]
    shares, errors = panels.values / planned_m2, panels.errors / planned_m2
    return Observed(panels.days, shares, errors, PANELS_SHARED, panels.clear)


def follow(works: SolarWorks, evidence: SolarEvidence) -> Case:
    """Reports as of each look that shows enough of the site."""
    evidence = evidence.near(3)
    last = observed(evidence, works.planned_m2)
    looks = np.flatnonzero(np.isfinite(last.shares))
    rows: list[tuple[float, float, float]] = []
    before, falls = 0.0, 0
    for look in looks:
        now = observed(evidence.until(int(look) + 1), works.planned_m2)
        found = progress_on(now, now.days[-1:])
        falls += bool(found.share[0] < before - 1e-9)
        said = reported(found, np.array([before]))
        before = float(said.share[0])
        rows.append((before, float(said.low[0]), float(said.high[0])))
    share, low, high = np.array(rows).reshape(-1, 3).T
    truth = works.share_on(evidence.days[looks])
    clear = (np.isfinite(evidence.shares[looks]) * evidence.inside).sum(axis=(1, 2)) >= CLEAR * evidence.inside.sum()
    said, *true = _completion(last, works, evidence.days[looks][clear])
    off, after = days_off(said.by, *true), days_after_look(said.by, *true)
    return Case(truth, share, low, high, falls, off, after, interval_holds(said.after, said.by, true[0]))


def _completion(last: Observed, works: SolarWorks, clear: Days) -> tuple[Reached, np.datetime64, Days]:
    """Completion as it is told in the end, as it was, and days of clear looks."""
    days = np.arange(last.days[0], last.days[-1] + 1)
    done = days[works.share_on(days) >= COMPLETE]
    completed = done[0] if len(done) else np.datetime64("NaT", "D")
    return milestones_of(last)[MilestoneKind.COMPLETE], completed, clear


def follow_seed(seed: int, real: Real | None = None) -> Case:
    """One case."""
    return follow(*simulate(seed, real=real))


def figures(cases: list[Case]) -> dict[str, float]:
    """Figures over all cases."""
    errors = np.array([np.abs(case.share - case.truth).mean() for case in cases])
    at_work = [np.abs(case.share - case.truth)[(case.truth > 0) & (case.truth < 1)] for case in cases]
    held = [np.mean((case.low <= case.truth + 1e-9) & (case.truth <= case.high + 1e-9)) for case in cases]
    every = np.concatenate([(c.low <= c.truth + 1e-9) & (c.truth <= c.high + 1e-9) for c in cases])
    off = np.array([case.off_days for case in cases])
    complete, after = off[~np.isnan(off)], np.array([case.after_look for case in cases])
    after = after[~np.isnan(after)]
    return {
        "cases": len(cases),
        "looks": float(sum(len(case.truth) for case in cases)),
        "progress_error": float(errors.mean()),
        "progress_error_at_worst_tenth": float(np.quantile(errors, 0.9)),
        "progress_error_while_built": float(np.concatenate(at_work).mean()),
        "intervals_hold": float(every.mean()),
        "intervals_hold_by_case_mean": float(np.mean(held)),
        "interval_width": float(np.mean(np.concatenate([case.high - case.low for case in cases]))),
        "regress_reported": float(sum(bool((np.diff(case.share) < 0).any()) for case in cases)),
        "falls_kept_back": float(sum(case.raw_falls for case in cases)),
        "completed_or_told": float(len(complete)),
        "completion_within_10_days": float(np.mean(np.abs(complete) <= WITHIN)),
        "completion_median_off_days": float(np.median(complete)),
        "completion_told_too_early_over_10": float(np.mean(complete < -WITHIN)),
        "completion_told_too_late_over_10": float(np.mean(np.isfinite(complete) & (complete > WITHIN))),
        "completion_missed_or_false": float(np.mean(np.isinf(complete))),
        "completion_within_10_days_of_look_alone": float(np.mean(np.abs(after) <= WITHIN)),
        "completion_between_the_looks_told": float(np.nanmean([case.between for case in cases])),
    }


def mistaken_figures(first_seed: int, cases: int) -> dict[str, float]:
    """Share of pixels of each surface that are called panels at the setting of scans, and sites with a patch."""
    wrong: dict[str, list[float]] = {name: [] for name in MISTAKEN}
    alarms = 0
    for number in range(cases):
        laid = MISTAKEN[number % len(MISTAKEN)]
        works, evidence = simulate(first_seed + number, laid)
        if len(evidence.days):
            found, since = panels_found(evidence.shares, evidence.days)
            rows = works.rows_on(evidence.days[-1]) > 0.5  # noqa: PLR2004
            if rows.any():
                wrong[laid].append(float(found[rows].mean()))
            alarms += bool(patches(found, since, evidence.days))
    shares = {name: float(np.mean(values)) for name, values in wrong.items() if values}
    return {"cases": cases, "sites_with_a_patch": float(alarms)} | shares


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=400)
    parser.add_argument("--first-seed", type=int, default=60_000)
    parser.add_argument("--mistaken", type=int, default=0)
    parser.add_argument("--ground", type=Path)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if given.mistaken:
        found = mistaken_figures(given.first_seed, given.mistaken)
    else:
        seeds = range(given.first_seed, given.first_seed + given.cases)
        with ProcessPoolExecutor(given.processes) as pool:
            real = None if given.ground is None else read_real(given.ground)
            cases = list(pool.map(partial(follow_seed, real=real), seeds, chunksize=4))
        found = figures([case for case in cases if len(case.truth)])
    if given.json:
        print(json.dumps(found))
    else:
        print("\n".join(f"{name:36s} {value:.4g}" for name, value in found.items()))


if __name__ == "__main__":
    main()
