"""Limits of a batch of the book with their receipts, read for one parcel."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from geo.errors import DataError
from geo.observations import LIMITS
from scoring.receipts.limit import Limit

#: What a refresh writes (app.book.refresh.folder).
_FILE: Final = "limits.parquet"
_BATCHES: Final = "batches"
_PLAIN: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z_.-]*")
_RESTORE: Final = "Restore the folder of the book from a copy; what is on record in the database still stands."


def batch_limit(book: Path, batch_id: str, parcel_id: str, subject: tuple[str, str, str]) -> Limit | None:
    """The limit of a parcel in a batch, after the limit that was proposed was found to be the recorded one.

    Args:
        book: folder of the book.
        batch_id: the batch, as the database names it.
        parcel_id: the parcel.
        subject: kind and id of whom the proposal is for, and the recorded hash of that limit.

    Returns:
        None where the batch's files are not here, or hold no limit of the parcel.

    Raises:
        DataError: the file cannot be read, or the subject's limit in it is another one than was proposed.
    """
    file = book / _BATCHES / batch_id / _FILE
    if not _PLAIN.fullmatch(batch_id) or not file.is_file():
        return None
    kind, name, recorded = subject
    limits = _read(file, sorted({name, parcel_id}))
    proposed = limits.get((kind, name))
    if proposed is None or proposed.sha256 != recorded:
        said = f"{_FILE} of batch {batch_id} does not hold the limit that was proposed to {kind} {name!r}."
        raise DataError("REPLAY_CHANGED", said, _RESTORE)
    return limits.get(("parcel", parcel_id))


def _read(file: Path, names: list[str]) -> dict[tuple[str, str], Limit]:
    try:
        table = pq.read_table(file, columns=LIMITS.names, filters=[("subject_id", "in", names)])
    except (OSError, pa.ArrowException) as error:
        raise DataError("TABLE_UNREADABLE", f"{_FILE} cannot be read: {error}.", _RESTORE) from error
    found = (Limit.of(row) for row in table.to_pylist())
    return {(limit.kind, limit.subject_id): limit for limit in found}
