"""Lists of the book as files: written to a temporary file, written down, sent, and gone."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from fastapi.responses import FileResponse
from sqlalchemy import insert
from starlette.background import BackgroundTask

from app.api.access.sessions import Signed
from app.api.access.signing_in import Access
from app.book.portfolio.files import write_csv, write_workbook
from app.book.portfolio.rows import Sheet
from app.db.engine import BESIDE_THE_BOOK, writing
from app.db.tables import BookExport


class Ending(StrEnum):
    """Kinds of files."""

    CSV = "csv"
    XLSX = "xlsx"


_WRITERS: Final[dict[Ending, Callable[[Sheet, Path], int]]] = {Ending.CSV: write_csv, Ending.XLSX: write_workbook}
MEDIA_TYPES: Final = {
    Ending.CSV: "text/csv; charset=utf-8",
    Ending.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def written(sheet: Sheet, ending: Ending) -> tuple[Path, int]:
    """A table in a new temporary file that only this service reads, and its number of rows."""
    handle, name = tempfile.mkstemp(prefix="acreline-", suffix=f".{ending}")
    os.close(handle)
    file = Path(name)
    try:
        return file, _WRITERS[ending](sheet, file)
    except BaseException:
        file.unlink(missing_ok=True)
        raise


def note_export(access: Access, signed: Signed, what: str, asked: dict[str, Any], rows: int) -> None:
    """Write down who takes what out, before it is sent."""
    now: datetime = access.clock()
    row = {"made_by_id": signed.person.id, "what": what, "asked": asked, "rows": rows, "made_at": now}
    with writing(access.engine, lock=BESIDE_THE_BOOK) as connection:
        connection.execute(insert(BookExport), [row])


def sent(file: Path, ending: Ending, name: str, day: date) -> FileResponse:
    """The file as an answer that no cache keeps; it is deleted once it is sent."""
    return FileResponse(
        file,
        media_type=MEDIA_TYPES[ending],
        filename=f"{name}-{day}.{ending}",
        headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"},
        background=BackgroundTask(file.unlink, missing_ok=True),
    )
