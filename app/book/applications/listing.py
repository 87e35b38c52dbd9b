"""Applications by unit and stage, for lists beside the office's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Connection, true

from app.alerts.reach import units_below
from app.book.applications.files import Filed, listed_files
from app.book.applications.stages import Stage
from app.db.tables import Application

_PAGE: Final = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which applications.

    Attributes:
        unit: code of a unit: of it and of those below it; None: of all.
        stage: where they stand; None: anywhere.
        after: row that the last list ended with; 0: none.
        most: how many at most.
    """

    unit: str | None
    stage: Stage | None
    after: int
    most: int


def list_files(connection: Connection, wanted: Wanted) -> list[Filed]:
    """Applications, the newest first; InputError where there is no such unit."""
    within: ColumnElement[bool] = true()
    if wanted.unit is not None:
        within = Application.org_unit_id.in_(units_below(connection, wanted.unit))
    found, after = list[Filed](), wanted.after
    while len(found) < wanted.most:
        page = listed_files(connection, within, after, _PAGE)
        found += [filed for filed in page if wanted.stage in {None, filed.stage}]
        if len(page) < _PAGE:
            break
        after = page[-1].id
    return found[: wanted.most]
