"""Curves of all parcels of a run in memory: one parcel and its neighbours are at hand without reading a file."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from threading import Lock
from typing import Final, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from geo.errors import DataError, InputError
from geo.season import Season

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Of NDVI: nothing was clear. Of the clear share: no acquisition.
_NOTHING: Final = np.iinfo(np.int16).min
_ABSENT: Final = 255
#: NDVI is kept in ten-thousandths.
_SCALE: Final = 10_000
_BATCH_ROWS: Final = 1 << 19
_FILE: Final = "series.parquet"
_COLUMNS: Final = ("parcel_id", "date", "known_at", "ndvi", "clear_share")


@dataclass(frozen=True, slots=True)
class Curves:
    """Looks of n parcels on the t days of a season on which there are any: three bytes for each.

    Attributes:
        rows: place of each parcel by its id.
        days: (t,) datetime64[D], ascending.
        ndvi: (n, t) int16, ten-thousandths; the least number where nothing was clear.
        percent: (n, t) uint8, clear part of the parcel; 255 where there is no acquisition.
    """

    rows: Mapping[str, int]
    days: npt.NDArray[np.datetime64]
    ndvi: npt.NDArray[np.int16]
    percent: npt.NDArray[np.uint8]

    @classmethod
    def read(cls, run: Path, parcels: Sequence[str], season: Season) -> Self:
        """Curves of a run folder; of several rows of a parcel and day the one that was known last.

        Args:
            run: folder with series.parquet.
            parcels: n ids.
            season: whose days; earlier years stay in the file.

        Raises:
            InputError: CURVE_NONE: the run has no series.
            DataError: it cannot be read.
        """
        file = run / _FILE
        if not file.is_file():
            raise InputError("CURVE_NONE", f"The run in {run.name} keeps no curves.", "Run the season again.")
        try:
            days = _days(file, season)
            shape = (len(parcels), len(days))
            curves = cls(
                {name: row for row, name in enumerate(parcels)},
                days,
                np.full(shape, _NOTHING, dtype=np.int16),
                np.full(shape, _ABSENT, dtype=np.uint8),
            )
            _fill(curves, file, pa.array(parcels, pa.string()))
        except (OSError, pa.ArrowException) as error:
            raise DataError("TABLE_UNREADABLE", f"{_FILE} cannot be read: {error}.", "Run the season again.") from error
        return curves

    def looks(self, row: int) -> tuple[list[date], Floats, Floats]:
        """Days with an acquisition of a parcel, NDVI (NaN where nothing was clear) and clear share (0..1) on them."""
        seen = self.percent[row] != _ABSENT
        days: list[date] = self.days[seen].tolist()
        return days, _ndvi(self.ndvi[row, seen]), self.percent[row, seen] / 100

    def of(self, rows: Sequence[int] | Ints) -> tuple[Floats, Floats]:
        """NDVI and clear share of some parcels on all days, (m, t) each; NaN and 0 where nothing was seen."""
        percent = self.percent[rows]
        return _ndvi(self.ndvi[rows]), np.where(percent == _ABSENT, 0, percent) / 100


class CurveShelf:
    """The curves that were asked for last, by run; safe to use from several threads."""

    def __init__(self, most: int = 2) -> None:
        """Shelf of at most so many runs: 200,000 parcels with 75 looks take 45 MB."""
        self._most = most
        self._held: OrderedDict[str, Curves] = OrderedDict()
        self._lock = Lock()

    def held(self, run_id: str, read: Callable[[], Curves]) -> Curves:
        """Curves of a run, which never change; who comes first reads them, and others wait for it."""
        with self._lock:
            if run_id not in self._held:
                self._held[run_id] = read()
            self._held.move_to_end(run_id)
            while len(self._held) > self._most:
                self._held.popitem(last=False)
            return self._held[run_id]


def _days(file: Path, season: Season) -> npt.NDArray[np.datetime64]:
    found: set[date] = set()
    for batch in _batches(file, ("date",)):
        found.update(pc.unique(batch.column("date")).to_pylist())
    within = sorted(day for day in found if season.start <= day <= season.end)
    return np.array(within, dtype="datetime64[D]")


def _fill(curves: Curves, file: Path, parcels: pa.Array) -> None:
    """Row by row into the arrays: whatever order the rows come in, the one that was known last stays."""
    known = np.zeros(curves.ndvi.size, dtype=np.uint32)
    ndvi, percent = curves.ndvi.reshape(-1), curves.percent.reshape(-1)
    for batch in _batches(file, _COLUMNS):
        row = pc.index_in(batch.column("parcel_id").cast(pa.string()), value_set=parcels).fill_null(-1)
        day = batch.column("date").to_numpy(zero_copy_only=False).astype("datetime64[D]")
        at = np.searchsorted(curves.days, day)
        place = np.minimum(at, max(len(curves.days) - 1, 0))
        rows = row.to_numpy(zero_copy_only=False).astype(np.int64)
        kept = np.flatnonzero((rows >= 0) & (curves.days[place] == day)) if len(curves.days) else np.array([], int)
        cells, since = rows[kept] * len(curves.days) + place[kept], _minutes(batch.column("known_at"))[kept]
        np.maximum.at(known, cells, since)
        last = known[cells] == since
        cells, kept = cells[last], kept[last]
        ndvi[cells] = _packed(batch.column("ndvi"))[kept]
        clear = batch.column("clear_share").to_numpy(zero_copy_only=False)[kept]
        percent[cells] = np.clip(np.rint(100 * clear), 0, 100).astype(np.uint8)


def _batches(file: Path, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    with pq.ParquetFile(file) as series:
        yield from series.iter_batches(_BATCH_ROWS, columns=list(columns))


def _minutes(column: pa.Array) -> npt.NDArray[np.uint32]:
    seconds = column.cast(pa.timestamp("s", "UTC"), safe=False).cast(pa.int64()).to_numpy(zero_copy_only=False)
    minutes: npt.NDArray[np.uint32] = (seconds // 60).astype(np.uint32)
    return minutes


def _packed(column: pa.Array) -> npt.NDArray[np.int16]:
    values = column.cast(pa.float64()).fill_null(np.nan).to_numpy(zero_copy_only=False)
    known = np.abs(values) <= 1.0
    scaled = np.rint(_SCALE * np.where(known, values, 0.0))
    packed: npt.NDArray[np.int16] = np.where(known, scaled, _NOTHING).astype(np.int16)
    return packed


def _ndvi(packed: npt.NDArray[np.int16]) -> Floats:
    values: Floats = np.where(packed == _NOTHING, np.nan, packed / _SCALE)
    return values
