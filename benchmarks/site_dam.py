"""Simulated dams: when the ground laid bare for them is told, and how often it is told before anything was done.

    python benchmarks/site_dam.py --cases 60 [--first-seed 912000] [--json]

Each case is land of one of three regions with clouds, seen every five days for three years; works begin after some two
years, which are the past. Cleared counts as told on the first look whose lower bound is above --least-m2. The rule was
set on seeds 900100 to 900159.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from models.sites.dam import dam_looks
from models.sites.ground import shows_ground
from models.sites.looks import Looks
from tiles.simulation.sites.frame import draw_ground, passes, see_ground
from tiles.simulation.sites.hydro import HydroWorks, build_hydro, draw_hydro

REGIONS = ("europe", "huanghuai", "north_india")
SIZE_PX = 44
LASTS_DAYS = 1100
NORMAL = 1.645


@dataclass(frozen=True, slots=True)
class Case:
    """One dam.

    Attributes:
        late_days: from the first clear look after it was stripped to the look that tells it, below 0 where a look told
            it while it was being stripped; inf: never; NaN: no clear look came after.
        early: whether it was told before works began.
        looks: looks that tell something.
    """

    late_days: float
    early: bool
    looks: int


def simulate(seed: int) -> tuple[HydroWorks, Looks]:
    """Works of a seed and what looks say of the dam's site."""
    rng = np.random.default_rng([seed, 11])
    first = date(2021, 1, 1) + timedelta(days=int(rng.integers(0, 365)))
    days = passes(first, first + timedelta(days=LASTS_DAYS))
    ground = draw_ground(rng, SIZE_PX, days, REGIONS[seed % len(REGIONS)])
    works = draw_hydro(rng, SIZE_PX, ground.days[int(len(ground.days) * rng.uniform(0.65, 0.75))])
    seen = see_ground(rng, ground, build_hydro(rng, ground, works))
    clear = shows_ground(seen.reflectance, seen.scl)
    return works, dam_looks(seen.reflectance, clear, seen.days, works.dam_at)


def follow(seed: int, least_m2: float) -> Case:
    """One case."""
    works, looks = simulate(seed)
    known = np.isfinite(looks.values)
    told = looks.days[np.nan_to_num(looks.values - NORMAL * looks.errors) > least_m2]
    early = bool(len(told) and told[0] < works.stripped[0])
    after = looks.days[known & (looks.days >= works.stripped[1])]
    begun = told[told >= works.stripped[0]]
    late = (
        float("inf") if not len(begun) else float((begun[0] - after[0]) / np.timedelta64(1, "D")) if len(after) else 0
    )
    return Case(late if len(after) else float("nan"), early, int(known.sum()))


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=60)
    parser.add_argument("--first-seed", type=int, default=912_000)
    parser.add_argument("--least-m2", type=float, default=1500.0)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    cases = [follow(seed, given.least_m2) for seed in range(given.first_seed, given.first_seed + given.cases)]
    late = np.array([case.late_days for case in cases])
    late = late[~np.isnan(late)]
    found = {
        "cases": float(len(cases)),
        "seen after works": float(len(late)),
        "told within 30 days of the first clear look": float((late <= 30).mean()),  # noqa: PLR2004
        "told within 90 days": float((late <= 90).mean()),  # noqa: PLR2004
        "never told": float(np.isinf(late).mean()),
        "told before works": float(np.mean([case.early for case in cases])),
    }
    print(json.dumps(found) if given.json else "\n".join(f"{name:48} {value:8.3f}" for name, value in found.items()))


if __name__ == "__main__":
    main()
