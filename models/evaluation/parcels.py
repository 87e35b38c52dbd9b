"""Score a network on labelled parcel series: the shipped one, or one trained anew for every fold of spatial blocks."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from geo.errors import InputError
from models.decide import Evidence, best_guess, decide, named_classes
from models.evaluation.blockplan import BlockPlan
from models.evaluation.parcelreport import Figures, Interval, Judged, figures_of
from models.evaluation.retrained import STRANGER, UNUSED, Parcels, judge_by_blocks
from models.labels import LabelMap, read_label_map
from models.predict import classify_series
from models.release import Release, load_release
from models.series.sample import grid_days, grid_starts
from models.series.tables import ParcelTable, block_grid, read_parcel_table
from models.training.seriesfit import Progress

#: Side of the blocks that intervals draw where the request names none, metres.
_BLOCK_M: Final = 1000.0


@dataclass(frozen=True, slots=True)
class SeriesRequest:
    """What to score, and on what.

    Attributes:
        series: table of parcel series (see models.series.tables).
        parcels: outlines with labels.
        label_column: column of the labels.
        label_map: JSON file that says what they mean (see models.labels).
        cv_blocks_m: side of spatial blocks, metres: the network is trained anew for each fold of them; None scores a
            finished one.
        model: folder of a release, None for the one that ships with Acreline; not used with blocks.
        seed: of training, folds and intervals.
        device: torch device of training.
    """

    series: Path
    parcels: Path
    label_column: str
    label_map: Path
    cv_blocks_m: float | None = None
    model: Path | None = None
    seed: int = 7
    device: str = "cpu"


@dataclass(frozen=True, slots=True)
class SeriesReport:
    """What came out.

    Attributes:
        model: hash of the release, or how the networks were trained.
        year: main year of the season.
        blocks: spatial blocks of the parcels.
        figures: see models.evaluation.parcelreport.
        by_set_alone: the figures where the card's regions, months and crops are left out of the decision; None where
            networks were trained anew, which no card limits.
        unlabelled, without_outline: what was left out of the tables (see ParcelTable).
        without_series: labelled parcels without a clear acquisition: they count as not decided and guessed wrong.
        seconds: time taken.
    """

    model: str
    year: int
    blocks: int
    figures: Figures
    by_set_alone: Figures | None
    unlabelled: int
    without_outline: int
    without_series: int
    seconds: float

    def as_dict(self) -> dict[str, object]:
        """Plain values, for JSON."""
        alone = self.by_set_alone
        return {
            **self.figures.as_dict(),
            "by_set_alone": None if alone is None else alone.everything.as_dict(),
            "model": self.model,
            "year": self.year,
            "blocks": self.blocks,
            "unlabelled": self.unlabelled,
            "without_outline": self.without_outline,
            "without_series": self.without_series,
            "seconds": round(self.seconds, 1),
        }

    def table(self) -> list[tuple[str, str]]:
        """Rows for a terminal."""
        said = self.figures
        rows = [
            ("parcels with a label of the map", str(said.mapped.parcels)),
            ("strangers", str(said.strangers.parcels)),
            ("blocks", str(self.blocks)),
            ("accuracy of the best guess", _with_interval(said.accuracy, said.accuracy_interval)),
            ("macro-F1", _with_interval(said.macro_f1, said.macro_f1_interval)),
            *((f"F1 of {name} ({said.counts[name]})", _digits(score)) for name, score in said.f1.items()),
            ("coverage of the sets", _with_interval(said.coverage, said.coverage_interval)),
            ("share decided", _digits(said.everything.share_decided)),
            ("right of the decided", _digits(said.everything.right_of_decided)),
            (
                "share decided wrong",
                _with_interval(said.everything.share_decided_wrong, said.everything.wrong_interval),
            ),
            ("mapped parcels decided", _digits(said.mapped.share_decided)),
            ("strangers decided", _digits(said.strangers.share_decided)),
        ]
        return rows if self.by_set_alone is None else [*rows, *_beside(self.by_set_alone)]


def evaluate_series(request: SeriesRequest, progress: Progress | None = None) -> SeriesReport:
    """Score the best guess and the decision about every labelled parcel.

    A shipped network decides by the rule of status OK as far as the model goes: the parcel's set holds exactly one
    crop, and the card covers its region, the months in which it is clear, and that crop there. What a run asks
    beside (size, clear dates, verified reflectance) is not asked. Networks trained anew decide where their set holds
    exactly one crop of the map and the series is not novel (models.evaluation.retrained).

    A label that the map leaves out is a stranger: right only where not decided. The guess is one key, as in the
    product, or a group that the networks learned as one; it is right for a label whose keys hold it.

    Args:
        request: files and how to score.
        progress: told after each network that is trained.

    Raises:
        InputError: a file or a column is missing or cannot be used.
        DataError: the release is damaged.
    """
    start = time.monotonic()
    label_map = read_label_map(request.label_map)
    table = read_parcel_table(request.series, request.parcels, request.label_column)
    _check(table, label_map, request)
    blocks = np.array(block_grid(table.lonlat, request.cv_blocks_m or _BLOCK_M))
    alone: Judged | None = None
    if request.cv_blocks_m is None:
        release = load_release(request.model)
        judged, alone = _by_release(table, release)
        model = release.hash
    else:
        plan = BlockPlan.on(request.device, request.seed, len(table))
        judged, model = judge_by_blocks(parcels_of(table, label_map, blocks), plan, progress), plan.describe()
    return SeriesReport(
        model=model,
        year=table.year,
        blocks=len(np.unique(blocks)),
        figures=figures_of(table.label, label_map, judged, blocks, request.seed),
        by_set_alone=None if alone is None else figures_of(table.label, label_map, alone, blocks, request.seed),
        unlabelled=table.unlabelled,
        without_outline=table.without_outline,
        without_series=int((table.clear_dates == 0).sum()),
        seconds=time.monotonic() - start,
    )


def _check(table: ParcelTable, label_map: LabelMap, request: SeriesRequest) -> None:
    if not any(label_map.name_of(label) for label in table.label):
        raise InputError(
            "LABEL_MAP",
            f"No label in the column {request.label_column!r} of {request.parcels} is in {request.label_map}.",
            f"The column holds, for example, {str(table.label[0])!r}." if len(table) else "The column is empty.",
        )


def _by_release(table: ParcelTable, release: Release) -> tuple[Judged, Judged]:
    """What a release says: with the card's limits, and by its sets alone."""
    steps = grid_starts(table.year)
    said = classify_series(release, table.reflectance, steps)
    regions = [release.card.region_at(float(lon), float(lat)) for lon, lat in table.lonlat]
    clear = np.asarray(np.isfinite(table.reflectance).all(axis=2))
    novelty = (
        None
        if release.novelty is None
        else release.novelty.novelty(table.reflectance, named_classes(said.probabilities))
    )
    evidence = Evidence.of(regions, clear, steps, table.year, novelty)
    decision = decide(said.probabilities, release.card, evidence)
    guess = np.array(best_guess(decision.probabilities, release.card), dtype=object)
    single = np.array([len(crops) == 1 for crops in decision.sets], dtype=bool)
    return (
        Judged(guess, decision.sets, single & evidence.covered(list(guess), release.card)),
        Judged(guess, decision.sets, single),
    )


def parcels_of(table: ParcelTable, label_map: LabelMap, blocks: np.ndarray) -> Parcels:
    """What there is to learn: names of the map that share no key are classes; labels of other names train nothing."""
    meant = [label_map.name_of(label) for label in table.label]
    classes = tuple(name for name in label_map.names if name in meant and _apart(name, label_map))
    place = {name: number for number, name in enumerate(classes)}
    target = [STRANGER if name is None else place.get(name, UNUSED) for name in meant]
    if len(classes) < 2:  # noqa: PLR2004 - nothing to tell apart
        raise InputError("LABEL_MAP", "The label map leaves fewer than two classes to learn.", "Map more labels.")
    return Parcels(table.reflectance, grid_days(), classes, np.array(target, dtype=np.intp), blocks)


def _apart(name: str, label_map: LabelMap) -> bool:
    """Whether no other name holds a key of this one, unless this is the smaller of the two."""
    keys = label_map.members[name]
    others = [label_map.members[other] for other in label_map.names if other != name]
    return not any(keys & other and len(other) <= len(keys) for other in others)


def _with_interval(figure: float, interval: Interval) -> str:
    return f"{_digits(figure)} ({_digits(interval[0])} to {_digits(interval[1])})"


def _digits(figure: float) -> str:
    return "-" if np.isnan(figure) else f"{figure:.3f}"


def _beside(alone: Figures) -> list[tuple[str, str]]:
    """Rows for what the sets would decide without the card's limits."""
    said = alone.everything
    return [
        ("share decided, by sets alone", _digits(said.share_decided)),
        ("right of the decided, by sets alone", _digits(said.right_of_decided)),
        ("share decided wrong, by sets alone", _digits(said.share_decided_wrong)),
    ]
