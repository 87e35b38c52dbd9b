"""What networks that learned in one place decide in another, of whose crops they may know none."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from models.evaluation.blockplan import BlockPlan
from models.evaluation.parcelreport import Figures, Judged, figures_of
from models.evaluation.parcels import parcels_of
from models.evaluation.retrained import STRANGER, Parcels, judge_elsewhere
from models.labels import LabelMap, read_label_map
from models.series.tables import ParcelTable, block_grid, read_parcel_table
from models.training.seriesfit import Progress

_LOG = logging.getLogger(__name__)
_BLOCK_M = 1000.0


@dataclass(frozen=True, slots=True)
class Place:
    """Labelled parcels of one place.

    Attributes:
        table: see models.series.tables.
        label_map: what their labels mean.
    """

    table: ParcelTable
    label_map: LabelMap

    @classmethod
    def read(cls, folder: Path, name: str, maps: Path) -> Place:
        """A place whose files are called by its name: NAME.parquet and NAME.gpkg with a column label, NAME.json.

        Raises:
            InputError: a file is missing or cannot be used.
        """
        table = read_parcel_table(folder / f"{name}.parquet", folder / f"{name}.gpkg", "label")
        return cls(table, read_label_map(maps / f"{name}.json"))

    def parcels(self, size_m: float = _BLOCK_M) -> Parcels:
        """Its parcels as there is to learn from them."""
        return parcels_of(self.table, self.label_map, np.array(block_grid(self.table.lonlat, size_m)))


def evaluate_elsewhere(learned: Place, asked: Place, seed: int, progress: Progress | None = None) -> Figures:
    """Learn from one place and score the decisions about another.

    Every crop of the other place that the first has not is a stranger that no network ever saw. No card limits the
    decision: what is measured is what sets and novelty alone keep from being decided wrong.

    Args:
        learned: where to learn.
        asked: what to judge.
        seed: of training and intervals.
        progress: told after each network.
    """
    here, there = learned.parcels(), asked.parcels()
    both = replace(
        here,
        values=np.concatenate([here.values, there.values]),
        target=np.concatenate([here.target, np.full(len(there.target), STRANGER)]),
        block=np.concatenate([here.block, there.block]),
    )
    learn = np.arange(len(both.target)) < len(here.target)
    said = judge_elsewhere(both, learn, BlockPlan.on("cpu", seed, len(here.target)), progress)
    about = Judged(said.guess[~learn], said.crop_set[len(here.target) :], said.decided[~learn])
    return figures_of(asked.table.label, asked.label_map, about, there.block, seed)


def main(arguments: list[str] | None = None) -> None:
    """Command line: `python -m models.evaluation.elsewhere --series DIR --maps DIR --learn NAME --ask NAME`."""
    parser = argparse.ArgumentParser(prog="python -m models.evaluation.elsewhere", description=main.__doc__)
    parser.add_argument("--series", type=Path, required=True, help="folder with NAME.parquet and NAME.gpkg")
    parser.add_argument("--maps", type=Path, required=True, help="folder with NAME.json")
    parser.add_argument("--learn", required=True, help="name of the place to learn from")
    parser.add_argument("--ask", required=True, help="name of the place to judge")
    parser.add_argument("--seed", type=int, default=BlockPlan().seed)
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    learned, asked = (Place.read(options.series, name, options.maps) for name in (options.learn, options.ask))
    figures = evaluate_elsewhere(learned, asked, options.seed, _log)
    sys.stdout.write(json.dumps(figures.as_dict(), ensure_ascii=False) + "\n")


def _log(stage: str, done: int, total: int, loss: float) -> None:
    _LOG.info("%s: %d of %d, loss %.4f", stage, done, total, loss)


if __name__ == "__main__":
    main()
