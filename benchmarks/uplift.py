"""Whether `acreline risk uplift` finds a planted uplift, and none where none was planted, over many made-up books.

    python benchmarks/uplift.py --seeds 40

Prints for each planted effect the true uplift (in a population of 200,000), the mean that was found, the share of books
whose 95 % interval holds the truth, and the share where an uplift is shown.
"""

from __future__ import annotations

import argparse
import json

import numpy as np

from scoring.risk.planted import BASELINE, SATELLITE, PlantedBook, plant, planted_uplift
from scoring.risk.uplift import UpliftQuestion, Verdict, measure_uplift

QUESTION = UpliftQuestion(target="default", baseline=BASELINE, satellite=SATELLITE, block="branch")


def summary(effect: float, seeds: int) -> dict[str, float]:
    """Figures of one planted effect."""
    book = PlantedBook(effect=effect)
    truth = planted_uplift(book)
    found = [measure_uplift(plant(book, 1000 + seed), QUESTION) for seed in range(seeds)]
    figures: dict[str, float] = {"effect": effect, "books": seeds}
    for name in ("gini", "ks"):
        true, intervals = getattr(truth, name), [getattr(each, name) for each in found]
        figures[f"true_{name}"] = round(true, 4)
        figures[f"mean_{name}"] = round(float(np.mean([each.value for each in intervals])), 4)
        figures[f"held_{name}"] = float(np.mean([each.low <= true <= each.high for each in intervals]))
    figures["shown"] = float(np.mean([each.verdict is Verdict.SHOWN for each in found]))
    return figures


def main() -> None:
    """Run the effects one after the other."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=40)
    parser.add_argument("--effects", type=float, nargs="+", default=[0.0, 0.2, 0.4, 0.6])
    arguments = parser.parse_args()
    for effect in arguments.effects:
        print(json.dumps(summary(effect, arguments.seeds)), flush=True)


if __name__ == "__main__":
    main()
