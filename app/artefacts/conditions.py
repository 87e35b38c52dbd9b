"""How a parcel stood as of a watch, read from the watch's folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from geo.errors import DataError

#: What a watch calls it (app.jobs.watch.files).
_FILE: Final = "condition.parquet"


def condition_of(watch: Path, parcel_id: str) -> Mapping[str, Any] | None:
    """Row of scoring.growth.condition.CONDITION with Python's own values; None where the watch keeps none of it.

    Raises:
        DataError: the file cannot be read.
    """
    if not (watch / _FILE).is_file():
        return None
    try:
        rows = pq.read_table(watch / _FILE, filters=pc.field("parcel_id") == parcel_id).to_pylist()
    except (OSError, pa.ArrowException) as error:
        raise DataError("TABLE_UNREADABLE", f"{_FILE} cannot be read: {error}.", "Give the watch again.") from error
    return rows[0] if rows else None
