"""Limits of a run folder, read for one parcel or farmer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from geo.errors import DataError, InputError
from geo.observations import LIMITS
from scoring.receipts.limit import Limit

_LIMITS: Final = "limits.parquet"


def read_limits(run: Path, subject: str, kind: str | None = None) -> list[Limit]:
    """Limits of a parcel or farmer: two where a parcel and a farmer share the id and no kind is named.

    Args:
        run: run folder.
        subject: id.
        kind: "parcel" or "farmer".

    Raises:
        InputError: the folder holds no limits, or the run knows no such parcel or farmer.
        DataError: the limits cannot be read.
    """
    if not (run / _LIMITS).is_file():
        raise InputError("RUN_MISSING", f"{run} holds no limits.", "Name a folder that `acreline run` finished.")
    rows = read_rows(run / _LIMITS, [("subject_id", "in", [subject])], LIMITS.names)
    found = [Limit.of(row) for row in rows if kind in {None, row["subject_kind"]}]
    if not found:
        raise InputError(
            "UNKNOWN_SUBJECT", f"The run has no {kind or 'parcel or farmer'} {subject!r}.", "Check the id."
        )
    return found


def read_limit(run: Path, subject: str, kind: str | None = None) -> Limit:
    """The one limit of a parcel or farmer; errors as read_limits', and where the id fits both."""
    first, *others = read_limits(run, subject, kind)
    if others:
        said = f"{subject!r} is both a parcel and a farmer."
        raise InputError("AMBIGUOUS_SUBJECT", said, "Say which with --kind parcel or --kind farmer.")
    return first


def read_rows(path: Path, filters: list[tuple[str, str, list[str]]], columns: Sequence[str] | None = None) -> list[Any]:
    """Rows of a table of a run, with Python's own values.

    Raises:
        DataError: it cannot be read.
    """
    try:
        table = pq.read_table(path, filters=filters, columns=None if columns is None else list(columns))
    except (OSError, pa.ArrowException) as error:
        raise DataError("TABLE_UNREADABLE", f"{path.name} cannot be read: {error}.", "Run the season again.") from error
    rows: list[Any] = table.to_pylist()
    return rows
