"""Radar of a run's parcels as a watch holds it: small, and laid out by parcel and pass."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from app.jobs.publish import RADAR_FILE
from geo.bands import RESOLUTION_M
from geo.errors import DataError
from scoring.growth.flood import RadarSeries

Ints = npt.NDArray[np.int64]
Days = npt.NDArray[np.datetime64]

_COLUMNS: Final = ("parcel_id", "date", "known_at", "orbit", "vv_db", "vh_db", "water_share", "n_px")
_BATCH_ROWS: Final = 1 << 18
#: A pass that shows less than this share of a parcel's area is no look at it.
_LEAST_SEEN: Final = 0.5
_PX_PER_HA: Final = 10_000 / RESOLUTION_M**2
_NEVER: Final = np.datetime64("NaT", "D")
#: Day (since 1970-01-01) that stands for no look.
_NONE: Final = 0


@dataclass(frozen=True, slots=True)
class HeldRadar:
    """Passes over n parcels, 12 bytes each; (n, a) unless said.

    Attributes:
        vv_db: float32, NaN without a look.
        vh_db: float32.
        percent: uint8, share of the parcel at the level of water, percent.
        known_on: uint16, day (UTC, since 1970-01-01) by whose end it was known, 0 without a look.
        days: (a,) datetime64[D], ascending.
        orbits: (a,) text.
    """

    vv_db: npt.NDArray[np.float32]
    vh_db: npt.NDArray[np.float32]
    percent: npt.NDArray[np.uint8]
    known_on: npt.NDArray[np.uint16]
    days: Days
    orbits: npt.NDArray[np.str_]

    @classmethod
    def empty(cls, n: int, passes: Sequence[tuple[date, str]]) -> Self:
        """Room for n parcels and some passes."""
        shape = (n, len(passes))
        return cls(
            np.full(shape, np.nan, dtype=np.float32),
            np.full(shape, np.nan, dtype=np.float32),
            np.zeros(shape, dtype=np.uint8),
            np.full(shape, _NONE, dtype=np.uint16),
            np.array([day for day, _ in passes], dtype="datetime64[D]"),
            np.array([orbit for _, orbit in passes], dtype=np.str_),
        )

    def at(self, rows: Ints) -> RadarSeries:
        """Some parcels, by position, as the flood rule reads them."""
        known = self.known_on[rows].astype(np.int64)
        return RadarSeries(
            vv_db=self.vv_db[rows].astype(np.float64),
            vh_db=self.vh_db[rows].astype(np.float64),
            water=self.percent[rows] / 100.0,
            known=np.where(known != _NONE, known.astype("datetime64[D]"), _NEVER),
            days=self.days,
            orbits=self.orbits,
        )

    def digest(self, until: date) -> bytes:
        """SHA-256 of what was known by the end of a day; what became known later leaves no trace in it."""
        known = (self.known_on != _NONE) & (self.known_on <= np.datetime64(until, "D").astype(np.int64))
        used = known.any(axis=0)
        digest = hashlib.sha256("\n".join(self.orbits[used]).encode())
        digest.update(np.ascontiguousarray(self.days[used]).tobytes())
        for values in (self.vv_db, self.vh_db, self.percent, self.known_on):
            digest.update(np.where(known, values, 0)[:, used].tobytes())
        return digest.digest()


def read_radar(
    run: Path,
    parcel_ids: Sequence[str] | npt.NDArray[np.str_],
    area_ha: npt.NDArray[np.floating],
    *,
    known_after: int | None = None,
) -> HeldRadar | None:
    """Radar of a run's parcels; None where the run read none. The table is read batch by batch.

    Args:
        run: folder of a finished run.
        parcel_ids: n ids.
        area_ha: (n,) their areas.
        known_after: a pass counts as known so many days after its own day; None: as the catalogue says.

    Raises:
        DataError: the table cannot be read.
    """
    path = run / RADAR_FILE
    if not path.exists():
        return None
    passes: set[tuple[date, str]] = set()
    for batch in _batches(path, ("date", "orbit")):
        passes.update(zip(batch.column("date").to_pylist(), batch.column("orbit").to_pylist(), strict=True))
    held = HeldRadar.empty(len(parcel_ids), sorted(passes))
    place = {each: column for column, each in enumerate(sorted(passes))}
    ids = pa.array(np.asarray(parcel_ids, dtype=object), pa.string())
    for batch in _batches(path, _COLUMNS):
        _take(held, batch, ids, place, np.asarray(area_ha, dtype=np.float64), known_after)
    return held


def _take(
    held: HeldRadar,
    batch: pa.RecordBatch,
    ids: pa.Array,
    place: dict[tuple[date, str], int],
    area_ha: npt.NDArray[np.float64],
    known_after: int | None,
) -> None:
    row = pc.index_in(batch.column("parcel_id"), value_set=ids).fill_null(-1).to_numpy(zero_copy_only=False)
    days, orbits = batch.column("date"), batch.column("orbit")
    column = np.array([place[each] for each in zip(days.to_pylist(), orbits.to_pylist(), strict=True)], dtype=np.int64)
    seen = batch.column("n_px").to_numpy() >= _LEAST_SEEN * _PX_PER_HA * area_ha[row]
    kept = np.flatnonzero((row >= 0) & seen)
    at = row[kept], column[kept]
    held.vv_db[at] = batch.column("vv_db").to_numpy()[kept]
    held.vh_db[at] = batch.column("vh_db").to_numpy()[kept]
    held.percent[at] = np.rint(100 * batch.column("water_share").to_numpy()[kept])
    held.known_on[at] = _known(batch, known_after)[kept]


def _known(batch: pa.RecordBatch, known_after: int | None) -> Ints:
    if known_after is not None:
        return np.asarray(batch.column("date").cast(pa.int32()).to_numpy(), dtype=np.int64) + known_after
    instants = batch.column("known_at").cast(pa.timestamp("s", "UTC"), safe=False).to_numpy(zero_copy_only=False)
    return np.asarray(instants.astype("datetime64[D]").astype(np.int64))


def _batches(path: Path, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
    try:
        with pq.ParquetFile(path) as file:
            yield from file.iter_batches(_BATCH_ROWS, columns=list(columns))
    except (OSError, pa.ArrowException) as error:
        raise DataError("TABLE_UNREADABLE", f"{path.name} cannot be read: {error}.", "Run the season again.") from error
