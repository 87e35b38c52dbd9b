"""Looks of a run as they were known on a day, read batch by batch: the long table is never in memory whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from app.jobs.watch.asking import WatchRequest
from geo.errors import DataError, InputError
from geo.observations import CLEAR_SHARE
from scoring.growth.watching.fields import LOOK_COLUMNS, SeasonLooks

Days = npt.NDArray[np.datetime64]

_BATCH_ROWS: Final = 1 << 18
#: Until so many days after it was taken, a look may be known late and nobody wonders.
_SOON_DAYS: Final = 30


@dataclass(frozen=True, slots=True)
class KnownLooks:
    """What of a run's looks was known.

    Attributes:
        looks: at the parcels of the book.
        known: how many.
        last: day of the latest one; None without one.
    """

    looks: SeasonLooks
    known: int
    last: date | None


def read_looks(request: WatchRequest, parcel_ids: npt.NDArray[np.str_]) -> KnownLooks:
    """The clear looks of a run that were taken, and known, by the end of the day (UTC).

    Columns without a look are left out: imagery that came later leaves no trace.

    Raises:
        InputError: most looks of long ago became known only after the day.
        DataError: the table cannot be read.
    """
    path = request.run / "series.parquet"
    days = _days(path, request)
    looks = SeasonLooks.empty(len(parcel_ids), days)
    if len(days):
        looks = SeasonLooks.read(parcel_ids, days, _known(path, request))
    seen = looks.percent > 0
    return KnownLooks(looks, int(seen.sum()), days[-1].item() if len(days) else None)


def _days(path: Path, request: WatchRequest) -> Days:
    """Days on which something clear was seen and known."""
    found: set[int] = set()
    counts = [0, 0]
    long_ago = pa.scalar(request.as_of - timedelta(days=_SOON_DAYS), pa.date32())
    for batch in _batches(path, request):
        known = _in_time(batch, request)
        found.update(pc.unique(batch.column("date").filter(known)).cast(pa.int32()).to_pylist())
        of_old = known.filter(pc.less(batch.column("date"), long_ago))
        counts = [counts[0] + of_old.true_count, counts[1] + len(of_old)]
    _refuse_unknown(request, *counts)
    return np.array(sorted(found), dtype=np.int64).astype("datetime64[D]")


def _refuse_unknown(request: WatchRequest, known: int, taken: int) -> None:
    """A catalogue that was filled years later would have nothing known, and every alert on record taken back."""
    if known < taken / 2:
        raise InputError(
            "LOOKS_KNOWN_LATER",
            f"Of {taken} clear looks that were {_SOON_DAYS} days old on {request.as_of}, only {known} were known by "
            "then: the catalogue gives the others a later day, as it does where scenes were processed anew.",
            "Say --known-at sensed to count a look as known some days after it was taken.",
        )


def _known(path: Path, request: WatchRequest) -> Iterator[pa.RecordBatch]:
    return (batch.filter(_in_time(batch, request)) for batch in _batches(path, request))


def _in_time(batch: pa.RecordBatch, request: WatchRequest) -> pa.Array:
    end = np.datetime64(request.as_of, "D") + np.timedelta64(1, "D")
    return pc.less(batch.column("known_at"), pa.scalar(end.astype("datetime64[us]").item(), pa.timestamp("us", "UTC")))


def _batches(path: Path, request: WatchRequest) -> Iterator[pa.RecordBatch]:
    """Clear rows of days up to the day, with known_at as the request takes it."""
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(_BATCH_ROWS, columns=list(LOOK_COLUMNS)):
                clear = pc.greater_equal(batch.column("clear_share"), pa.scalar(CLEAR_SHARE, pa.float32()))
                taken = pc.less_equal(batch.column("date"), pa.scalar(request.as_of, pa.date32()))
                yield _dated(batch.filter(pc.and_(pc.and_(clear, taken), batch.column("ndvi").is_valid())), request)
    except (OSError, pa.ArrowException) as error:
        raise DataError("TABLE_UNREADABLE", f"{path.name} cannot be read: {error}.", "Run the season again.") from error


def _dated(batch: pa.RecordBatch, request: WatchRequest) -> pa.RecordBatch:
    """The batch with the instants at which looks became known, in microseconds of UTC."""
    known = batch.column("known_at").cast(pa.timestamp("us", "UTC"))
    if request.known_by == "sensed":
        days = batch.column("date").cast(pa.int32()).cast(pa.int64())
        known = pc.multiply(pc.add(days, request.known_after), 86_400_000_000).cast(pa.timestamp("us", "UTC"))
    return batch.set_column(batch.schema.get_field_index("known_at"), "known_at", known)
