"""How each parcel stands on a day: its latest ten days against its neighbours and its own past, and its cycle."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from scoring.growth.estimates import MARKS, cycle_estimates, present_cycle
from scoring.growth.looks import NEVER, Looks
from scoring.growth.neighbours import (
    LEAST_NEIGHBOURS,
    LEAST_SPREAD,
    spread_of_neighbours,
    ten_day_means,
    vegetation_condition,
)
from scoring.growth.watching.fields import SeasonLooks

Floats = npt.NDArray[np.float64]
Halves = npt.NDArray[np.float16]
Ints = npt.NDArray[np.int64]
Days = npt.NDArray[np.datetime64]

_ROWS: Final = 20_000
_DAY: Final = pa.date32()
_NUMBER: Final = pa.float32()

#: One row per parcel with an outline. ndvi is the mean of clear looks in the latest ten days with one (from
#: ten_days_from on); z = (ndvi - neighbours_median) / neighbours_spread, null where fewer than eight neighbours of the
#: crop were seen in these ten days; vci 0..100 and beyond, null without three earlier years. The cycle is the one that
#: still stands, else the main one; each mark lies between its _low and _high with some nine in ten
#: (scoring.growth.estimates).
CONDITION: Final = pa.schema(
    [
        pa.field("parcel_id", pa.string(), nullable=False),
        pa.field("as_of", _DAY, nullable=False),
        pa.field("last_look", _DAY),
        pa.field("ten_days_from", _DAY),
        pa.field("ndvi", _NUMBER),
        pa.field("neighbours_seen", pa.int16()),
        pa.field("neighbours_median", _NUMBER),
        pa.field("neighbours_spread", _NUMBER),
        pa.field("z", _NUMBER),
        pa.field("vci", _NUMBER),
        pa.field("cycle", pa.int16()),
        *(pa.field(f"{mark}{side}", _DAY) for mark in MARKS for side in ("", "_low", "_high")),
        pa.field("ndvi_peak", _NUMBER),
        pa.field("length_days", _NUMBER),
        pa.field("integral", _NUMBER),
    ]
)


@dataclass(frozen=True, slots=True)
class Past:
    """Ten-day means of earlier seasons: (n, s) float16, NaN where nothing was seen, and the s first days."""

    ndvi: Halves
    steps: tuple[date, ...]

    @classmethod
    def none(cls, count: int) -> Self:
        """No past of `count` parcels."""
        return cls(np.zeros((count, 0), dtype=np.float16), ())

    @classmethod
    def of(cls, looks: SeasonLooks, before: date) -> Self:
        """The past that looks before a day tell."""
        early = looks.days < np.datetime64(before, "D")
        days = [day.item() for day in looks.days[early]]
        parts: list[Halves] = []
        steps: tuple[date, ...] = ()
        for start in range(0, len(looks), _ROWS):
            rows = np.arange(start, min(start + _ROWS, len(looks)))
            part = looks.at(rows)
            means, steps = ten_day_means(part.ndvi[:, early], part.percent[:, early] / 100.0, days)
            parts.append(means.astype(np.float16))
        return cls(np.vstack(parts), steps) if parts else cls.none(0)

    def beside(self, other: Self) -> Self:
        """Both pasts of the same parcels; of a step that both have, the mean."""
        steps = tuple(sorted({*self.steps, *other.steps}))
        filled = []
        for past in (self, other):
            values = np.full((len(self.ndvi), len(steps)), np.nan, dtype=np.float16)
            values[:, np.searchsorted(_days(steps), _days(past.steps))] = past.ndvi
            filled.append(values)
        both = np.isfinite(filled[0]) & np.isfinite(filled[1])
        mean = np.where(both, (filled[0] + filled[1]) / 2, np.where(np.isfinite(filled[0]), *filled))
        return type(self)(mean.astype(np.float16), steps)


def parcel_condition(
    looks: SeasonLooks, parcel_ids: npt.NDArray[np.str_], neighbours: npt.NDArray[np.integer], past: Past, as_of: date
) -> Iterator[pa.Table]:
    """Tables of CONDITION, in the order of the parcels, some thousand parcels each.

    Args:
        looks: at all n parcels, known by the day.
        parcel_ids: (n,).
        neighbours: (n, k) positions of the nearest parcels of the crop, -1 for none.
        past: of the n parcels.
        as_of: the day.
    """
    for start in range(0, len(parcel_ids), _ROWS):
        block = np.arange(start, min(start + _ROWS, len(parcel_ids)))
        near = neighbours[block].astype(np.int64)
        rows = np.unique(np.append(near[near >= 0], block))
        around = np.where(near >= 0, np.searchsorted(rows, near), -1)
        yield _table(looks.at(rows), np.searchsorted(rows, block), around, past, block, parcel_ids[block], as_of)


def _table(
    looks: SeasonLooks, own: Ints, around: Ints, past: Past, block: Ints, ids: npt.NDArray[np.str_], as_of: date
) -> pa.Table:
    weights = looks.percent / 100.0
    means, steps = ten_day_means(looks.ndvi, weights, [day.item() for day in looks.days])
    now = Looks(looks.ndvi[own].astype(np.float64), weights[own], looks.days, as_of)
    columns = {
        "parcel_id": pa.array(ids, pa.string()),
        "as_of": pa.array([as_of] * len(ids), _DAY),
        "last_look": _dates(now.last_seen()),
        **_standing(means, own, around, steps, Past(past.ndvi[block], past.steps)),
        **_cycle(now),
    }
    return pa.table([columns[name] for name in CONDITION.names], schema=CONDITION)


def _standing(means: Floats, own: Ints, around: Ints, steps: tuple[date, ...], past: Past) -> dict[str, pa.Array]:
    """NDVI of each parcel's latest ten days with a look, and what it says beside others and the past."""
    seen = np.isfinite(means[own])
    latest = (
        np.where(seen.any(axis=1), len(steps) - 1 - seen[:, ::-1].argmax(axis=1), -1) if steps else -np.ones_like(own)
    )
    found = {name: np.full(len(own), np.nan) for name in ("ndvi", "median", "spread", "seen", "vci")}
    for step in np.unique(latest[latest >= 0]):
        rows = np.flatnonzero(latest == step)
        value = means[own[rows], step]
        median, spread, count = spread_of_neighbours(means[:, [step]], around[rows], least=LEAST_NEIGHBOURS)
        told = (
            value,
            median[:, 0],
            np.maximum(spread[:, 0], LEAST_SPREAD),
            count[:, 0],
            _vci(value, steps[step], past, rows),
        )
        for name, values in zip(found, told, strict=True):
            found[name][rows] = values
    first = np.append(_days(steps), NEVER)[latest]
    return {
        "ten_days_from": _dates(first),
        "ndvi": _numbers(found["ndvi"]),
        "neighbours_seen": pa.array(found["seen"], mask=np.isnan(found["seen"])).cast(pa.int16()),
        "neighbours_median": _numbers(found["median"]),
        "neighbours_spread": _numbers(found["spread"]),
        "z": _numbers((found["ndvi"] - found["median"]) / found["spread"]),
        "vci": _numbers(found["vci"]),
    }


def _vci(value: Floats, step: date, past: Past, rows: Ints) -> Floats:
    values = np.column_stack([past.ndvi[rows].astype(np.float64), value])
    return vegetation_condition(values, (*past.steps, step), step)[:, 0]


def _cycle(looks: Looks) -> dict[str, pa.Array]:
    """Columns of the present cycle, null for a parcel without one."""
    cycles = present_cycle(cycle_estimates(looks)).set_index("index").reindex(np.arange(len(looks.ndvi)))
    kinds: dict[str, Callable[[pd.Series], pa.Array]] = {"cycle": _whole, "ndvi_peak": _float, "length_days": _float}
    kinds["integral"] = _float
    marks = {f"{mark}{side}": _date for mark in MARKS for side in ("", "_low", "_high")}
    return {name: kind(cycles[name]) for name, kind in (kinds | marks).items()}


def _whole(column: pd.Series) -> pa.Array:
    return pa.array(column.to_numpy(dtype=np.float64), mask=column.isna().to_numpy()).cast(pa.int16())


def _float(column: pd.Series) -> pa.Array:
    return _numbers(column.to_numpy(dtype=np.float64))


def _date(column: pd.Series) -> pa.Array:
    return _dates(column.to_numpy().astype("datetime64[D]"))


def _numbers(values: Floats) -> pa.Array:
    return pa.array(values.astype(np.float32), mask=np.isnan(values))


def _dates(values: Days) -> pa.Array:
    return pa.array(values.astype("datetime64[D]"), _DAY)


def _days(steps: tuple[date, ...]) -> Days:
    return np.array(steps, dtype="datetime64[D]")
