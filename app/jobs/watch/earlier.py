"""What runs of earlier seasons say of a book's parcels: their own past, as it was known on the day of the watch."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from app.jobs.watch.asking import Asked, whole_run
from app.jobs.watch.looks import read_looks
from geo.errors import DataError, InputError
from geo.season import parse_season
from scoring.growth.condition import Past

Texts = npt.NDArray[np.str_]


@dataclass(frozen=True, slots=True)
class Earlier:
    """The past of a book's parcels.

    Attributes:
        past: ten-day means before the season.
        digest: hash of them; None without earlier runs.
    """

    past: Past
    digest: str | None

    @classmethod
    def read(cls, asked: Asked, parcel_ids: Texts) -> Self:
        """The past that the runs of the request hold; a parcel with another outline than now has none there.

        Raises:
            InputError: a run is not of an earlier season, or is named twice.
            DataError: a folder holds no finished run, or a file of it is damaged.
        """
        past = Past.none(len(parcel_ids))
        runs: set[str] = set()
        now = _outlines(asked.request.run)
        for run in sorted(asked.request.history):
            runs.add(_checked(run, asked, runs))
            past = past.beside(_past(run, asked, parcel_ids, now))
        return cls(past, _digest(past) if runs else None)


def _checked(run: Path, asked: Asked, before: set[str]) -> str:
    record = whole_run(run)
    season = parse_season(str(record.parameters["season"]))
    if season.start >= asked.season.start:
        raise InputError(
            "HISTORY_SEASON",
            f"--history {run} is of {season.id}, which is not before {asked.season.id}.",
            "Name runs of earlier seasons over the same parcels.",
        )
    if record.run_id in before:
        raise InputError("HISTORY_TWICE", f"--history {run} is named twice: run {record.run_id}.", "Name it once.")
    return record.run_id


def _past(run: Path, asked: Asked, parcel_ids: Texts, now: dict[str, str]) -> Past:
    then = _outlines(run)
    same = np.array([name in then and then[name] == now.get(name) for name in parcel_ids.tolist()], dtype=np.bool_)
    looks = read_looks(replace(asked.request, run=run), parcel_ids[same]).looks
    found = Past.of(looks, asked.season.start)
    values = np.full((len(parcel_ids), len(found.steps)), np.nan, dtype=np.float16)
    values[same] = found.ndvi
    return Past(values, found.steps)


def _outlines(run: Path) -> dict[str, str]:
    """Version of the outline by parcel."""
    try:
        table = pq.read_table(run / "parcels.parquet", columns=["parcel_id", "geometry_version"])
    except (OSError, pa.ArrowException) as error:
        raise DataError("TABLE_UNREADABLE", f"{run / 'parcels.parquet'} cannot be read: {error}.") from error
    return dict(zip(table["parcel_id"].to_pylist(), table["geometry_version"].to_pylist(), strict=True))


def _digest(past: Past) -> str:
    digest = hashlib.sha256("\n".join(step.isoformat() for step in past.steps).encode())
    digest.update(np.ascontiguousarray(past.ndvi).tobytes())
    return digest.hexdigest()
