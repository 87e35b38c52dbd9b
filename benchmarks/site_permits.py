"""Pads that nobody planned, on simulated wind farms: how often one is counted, and how often what is none is.

Farms as in `site_works.py`. Each is looked at twice: by its whole plan, where whatever is counted elsewhere is none,
and by a plan that one turbine was left out of, where its pad has to be counted elsewhere.

    python benchmarks/site_permits.py --cases 60 --first-seed 910000
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))
from site_works import REGIONS, clear_of, free_ground

from models.sites.wind import pad_looks
from scoring.sites.wind import Counts, over_permit
from tiles.simulation.sites.frame import see_ground
from tiles.simulation.sites.wind import build_wind, draw_works

PLACES = 5
LEAST_PLACES = 2


def case(seed: int) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """Pads over the permit (least, seems) by the whole plan and by one without a place; None: too small a farm."""
    rng = np.random.default_rng([seed, 12])
    ground, free = free_ground(seed, rng)
    start = ground.days[int(len(ground.days) * rng.uniform(0.25, 0.4))]
    works = draw_works(rng, free, start, PLACES)
    if len(works.planned) < LEAST_PLACES or works.laid.max() > ground.days[-1] - np.timedelta64(60, "D"):
        return None
    seen = see_ground(rng, ground, build_wind(ground, works))
    clear, places = clear_of(seen), works.planned[:, ::-1] / 10.0
    left_out = int(np.argmin(np.hypot(*(places - places.mean(axis=0)).T)))
    found = []
    for asked in (places, np.delete(places, left_out, axis=0)):
        looks = pad_looks(seen.reflectance, clear, seen.days, asked).elsewhere
        found.append(over_permit(Counts(looks.days, looks.values, looks.errors)))
    return None if found[0] is None or found[1] is None else (found[0], found[1])


def main() -> None:
    """Print the shares."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=60)
    parser.add_argument("--first-seed", type=int, default=910_000)
    asked = parser.parse_args()
    told = {seed: case(seed) for seed in range(asked.first_seed, asked.first_seed + asked.cases)}
    farms = {seed: one for seed, one in told.items() if one is not None}
    groups = {"all": list(farms)} | {
        name: [seed for seed in farms if seed % len(REGIONS) == number] for number, name in enumerate(REGIONS)
    }
    for group, seeds in groups.items():
        for which, name in enumerate(("nothing left out", "one left out")):
            pads = np.array([farms[seed][which] for seed in seeds])
            seems, surely = (pads[:, 1] > 0).mean(), (pads[:, 0] > 0).mean()
            print(f"{group}, {len(seeds)} farms, {name}: over as it seems {seems:.3f}, surely {surely:.3f}")


if __name__ == "__main__":
    main()
