"""All training series together, under the classes that the network tells apart."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geo.legend import load_legend
from models.series.parcels import PARCEL_SOURCES, read_parcel_series
from models.series.sample import SeriesSet, joined
from models.series.simulated import SIMULATED_SOURCES, simulated_series
from models.series.worldcereal import POINT_SOURCES, read_point_series

#: Clear slots that a series needs to be learned from.
MIN_CLEAR: Final = 3

#: Series, real or simulated, from which a crop becomes a class of its own; rarer crops count as other_crop.
MIN_SERIES: Final = 20


def real_series(folder: Path) -> SeriesSet:
    """Series of all real tables in a data folder; flanders-2019 is not among them, it stays for testing.

    Raises:
        InputError: a table is missing.
    """
    parcels = [read_parcel_series(folder, source) for source in PARCEL_SOURCES]
    points = [read_point_series(folder, source) for source in POINT_SOURCES]
    return learnable(joined([*parcels, *points]))


def training_series(folder: Path, seed: int) -> SeriesSet:
    """Real and simulated series, rare crops merged.

    Raises:
        InputError: a table is missing.
    """
    simulated = [simulated_series(source, seed) for source in SIMULATED_SOURCES]
    return merge_rare(learnable(joined([real_series(folder), *simulated])))


def learnable(series: SeriesSet) -> SeriesSet:
    """Series with enough clear slots."""
    clear = np.isfinite(series.values).all(axis=2).sum(axis=1)
    return series.take(clear >= MIN_CLEAR)


def merge_rare(series: SeriesSet) -> SeriesSet:
    """Crops with fewer than MIN_SERIES series become other_crop."""
    keys, counts = np.unique(series.crop.astype(str), return_counts=True)
    rare = set(keys[counts < MIN_SERIES])
    crop: NDArray[np.object_] = np.array(["other_crop" if key in rare else key for key in series.crop], dtype=object)
    return series.with_crop(crop)


def class_names(series: SeriesSet) -> tuple[str, ...]:
    """Crops that occur, in the order of the legend."""
    present = set(series.crop.tolist())
    return tuple(crop.key for crop in load_legend() if crop.key in present)
