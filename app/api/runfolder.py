"""The run folder that is served: its record, its outlines, its curves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from app.maplayers.rasters import LAYERS, Bounds, bounds_of
from geo.errors import DataError, InputError
from geo.manifest import MANIFEST_NAME, Manifest, read_manifest
from geo.runrecord import RunRecord

OUTLINES: Final = "parcels.geojson"
SERIES: Final = "series.parquet"
RECORD: Final = "run.json"

#: Files that answers are made from; all of them must be whole before anything is served.
SERVED: Final = (RECORD, OUTLINES, SERIES, *(layer.filename for layer in LAYERS.values()))

_HASH_CHARACTERS = 16
_AGAIN = "Run the season again."


@dataclass(frozen=True, slots=True)
class RunFolder:
    """A complete run on disk.

    Attributes:
        path: the folder.
        record: what the run rests on.
        hashes: short content hash by file name, for addresses that may be cached for good.
        layer_bounds: west, south, east, north of every map layer, degrees, by name.
    """

    path: Path
    record: RunRecord
    hashes: Mapping[str, str]
    layer_bounds: Mapping[str, Bounds]


def open_run(path: Path) -> RunFolder:
    """Open a run folder.

    Raises:
        InputError: the folder does not exist or holds no complete run (the manifest is written last).
        DataError: a file of the run is missing or damaged.
    """
    if not (path / MANIFEST_NAME).is_file():
        raise InputError("RUN_MISSING", f"{path} holds no complete run.", "Make one with `acreline run --out DIR`.")
    hashes = _hashes(path, read_manifest(path))
    return RunFolder(
        path=path,
        record=RunRecord.from_json((path / RECORD).read_bytes()),
        hashes=hashes,
        layer_bounds={name: bounds_of(path / layer.filename) for name, layer in LAYERS.items()},
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
        raise DataError("TABLE_UNREADABLE", f"{SERIES} cannot be read: {error}.", _AGAIN) from error
    frame = table.to_pandas(date_as_object=True).sort_values(["date", "known_at"]).drop_duplicates("date", keep="last")
    return pa.Table.from_pandas(frame[["date", "ndvi", "clear_share"]], preserve_index=False)


def _hashes(path: Path, manifest: Manifest) -> dict[str, str]:
    for name in SERVED:
        file = path / name
        if name not in manifest or not file.is_file():
            raise DataError("FILE_MISSING", f"{file} is missing.", _AGAIN)
        if file.stat().st_size != manifest[name].size:
            raise DataError("FILE_DAMAGED", f"{file} is damaged: it is not what was written.", _AGAIN)
    return {name: manifest[name].sha256[:_HASH_CHARACTERS] for name in SERVED}
