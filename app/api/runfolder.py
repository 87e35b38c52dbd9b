"""The run folder that is served: its record, its outlines, its curves."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio

from app.api.layers import LAYERS
from geo.errors import DataError, InputError

Bounds: TypeAlias = tuple[float, float, float, float]

OUTLINES: Final = "parcels.geojson"
SERIES: Final = "series.parquet"
RECORD: Final = "run.json"
MANIFEST: Final = "manifest.json"

_HASH_CHARACTERS = 16


@dataclass(frozen=True, slots=True)
class RunFolder:
    """A complete run on disk.

    Attributes:
        path: the folder.
        run_id: name of the run.
        created_at: when it was made, UTC.
        code_version: version of Acreline that made it.
        simulated: whether its imagery was simulated.
        scenes: how many scenes went in.
        hashes: short content hash by file name, for addresses that may be cached for good.
        bounds: west, south, east, north of all outlines, degrees.
        parcel_bounds: the same for every parcel that has an outline.
    """

    path: Path
    run_id: str
    created_at: datetime
    code_version: str
    simulated: bool
    scenes: int
    hashes: Mapping[str, str]
    bounds: Bounds
    parcel_bounds: Mapping[str, Bounds]


def open_run(path: Path) -> RunFolder:
    """Open a run folder.

    Raises:
        InputError: the folder does not exist or holds no complete run (the manifest is written last).
        DataError: a file of the run is missing or damaged.
    """
    if not (path / MANIFEST).is_file():
        raise InputError("RUN_MISSING", f"{path} holds no complete run.", "Make one with `acreline run --out DIR`.")
    record = _record(path / RECORD)
    parcel_bounds = _parcel_bounds(path / OUTLINES)
    return RunFolder(
        path=path,
        run_id=str(record["run_id"]),
        created_at=datetime.fromisoformat(str(record["created_at"])),
        code_version=str(record["code_version"]),
        simulated=bool(record["simulated"]),
        scenes=len(record["scenes"]),
        hashes={name: _hash(path / name) for name in (OUTLINES, *(layer.filename for layer in LAYERS.values()))},
        bounds=_around(parcel_bounds),
        parcel_bounds=parcel_bounds,
    )


def read_series(run: RunFolder, parcel_id: str) -> pa.Table:
    """Observations of one parcel, by date; where a day became known twice, as it was known last.

    Returns:
        Columns date, ndvi (null where nothing was clear) and clear_share (0 to 1).
    """
    columns = ["date", "known_at", "ndvi", "clear_share"]
    try:
        table = pq.read_table(run.path / SERIES, columns=columns, filters=[("parcel_id", "==", parcel_id)])
    except (OSError, pa.ArrowException) as error:
        raise DataError("TABLE_UNREADABLE", f"{SERIES} cannot be read: {error}.", "Run the season again.") from error
    frame = table.to_pandas(date_as_object=True).sort_values(["date", "known_at"]).drop_duplicates("date", keep="last")
    return pa.Table.from_pandas(frame[["date", "ndvi", "clear_share"]], preserve_index=False)


def _record(path: Path) -> dict[str, Any]:
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise DataError("RECORD_UNREADABLE", f"{path.name} cannot be read.", "Run the season again.") from error
    if not isinstance(record, dict):
        raise DataError("RECORD_UNREADABLE", f"{path.name} is not a run record.", "Run the season again.")
    return record


def _hash(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()[:_HASH_CHARACTERS]
    except OSError as error:
        raise DataError("FILE_MISSING", f"{path.name} is missing.", "Run the season again.") from error


def _parcel_bounds(path: Path) -> dict[str, Bounds]:
    try:
        ids = pyogrio.read_dataframe(path, columns=["parcel_id"], read_geometry=False)["parcel_id"]
        _, boxes = pyogrio.read_bounds(path)
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, KeyError) as error:
        raise DataError("OUTLINES_UNREADABLE", f"{path.name} cannot be read.", "Run the season again.") from error
    finite = np.isfinite(boxes).all(axis=0)
    return {
        str(parcel_id): (float(box[0]), float(box[1]), float(box[2]), float(box[3]))
        for parcel_id, box, known in zip(ids, boxes.T, finite, strict=True)
        if known
    }


def _around(boxes: Mapping[str, Bounds]) -> Bounds:
    if not boxes:
        raise DataError("OUTLINES_EMPTY", "No parcel of the run has an outline.", "Check the parcels file.")
    west, south, east, north = np.asarray(list(boxes.values())).T
    return float(west.min()), float(south.min()), float(east.max()), float(north.max())
