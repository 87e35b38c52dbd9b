"""Red lines become part of the book, all or none; the same file given twice is written once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any, Final

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, RowMapping, insert, select, update

from app.book.decisions.people import Person, require_role
from app.db.listed import listed
from app.db.rows import chunked
from app.db.tables import RedLine
from app.db.tables.kinds import UserRole
from app.db.tables.site_kinds import RedLineKind
from geo.errors import InputError
from geo.repair import outline_hashes

_KEEPING: Final = (UserRole.RISK, UserRole.ADMIN)
_WORDS: Final = ("new", "newer", "older", "unchanged")


@dataclass(frozen=True, slots=True)
class GivenLine:
    """A red line of a file.

    Attributes:
        row: row of the file, 1 for the first.
        external_id: the source's own id.
        name: for people; None: it has none.
        shape: valid Polygon or MultiPolygon, EPSG:4326.
    """

    row: int
    external_id: str
    name: str | None
    shape: BaseGeometry


@dataclass(frozen=True, slots=True)
class Layer:
    """What all lines of a file have in common.

    Attributes:
        kind: what they protect.
        source: who drew them.
        as_of: day on which the source stated them.
        expires_on: last day on which they are good; None: until further notice.
        whole: the file holds all lines of the source and kind: those that it lacks hold no more.
    """

    kind: RedLineKind
    source: str
    as_of: date
    expires_on: date | None = None
    whole: bool = False


@dataclass(frozen=True, slots=True)
class TakenLines:
    """What became of the lines of a file, by id.

    Attributes:
        new: lines that the book did not have.
        newer: known ones that this file states of a later day: it holds from now on.
        older: known ones of which a later day is on record, which holds still.
        unchanged: those that stand as the file states them.
        ended: lines of the source that the file lacks, where it was said to be whole.
    """

    new: tuple[str, ...]
    newer: tuple[str, ...]
    older: tuple[str, ...]
    unchanged: tuple[str, ...]
    ended: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, list[str]]:
        """Ids by what became of them."""
        return {field.name: list(getattr(self, field.name)) for field in fields(self)}


def take_red_lines(
    connection: Connection, given: Sequence[GivenLine], layer: Layer, by: Person, now: datetime
) -> TakenLines:
    """Write red lines.

    Args:
        connection: transaction that writes.
        given: lines, each of another id.
        layer: what they have in common.
        by: who gives them: risk, or an administrator.
        now: from when they are known.

    Raises:
        InputError: the person may not, no source is named, the day is to come or after the last, or a line of the same
            source, id and day stands otherwise or was taken back.
    """
    require_role(by, _KEEPING, "keeps red lines")
    if layer.as_of > now.date() + timedelta(days=1):  # a day ahead of UTC is today somewhere
        raise InputError("RED_LINE_DAY", f"The day {layer.as_of} is to come.", "Give the day of the source's own word.")
    if layer.expires_on is not None and layer.expires_on < layer.as_of:
        span = f"They were good until {layer.expires_on}, and were stated on {layer.as_of}."
        raise InputError("RED_LINE_DAY", span, "Give the last day on which they are good, or none.")
    if not layer.source.strip():
        raise InputError(
            "RED_LINE_SOURCE", "No source of the red lines is named.", "Say who keeps them: --source NAME."
        )
    known = _known(connection, layer.source, [each.external_id for each in given])
    hashes = outline_hashes(np.array([each.shape for each in given], dtype=object))
    said = {
        each.external_id: _said(each, version, layer, known[each.external_id])
        for each, version in zip(given, hashes, strict=True)
    }
    _insert(connection, [each for each in given if said[each.external_id] != "unchanged"], layer, by, now)
    ended = _end_others(connection, layer, set(said), now) if layer.whole else ()
    names = {what: tuple(name for name, word in said.items() if word == what) for what in _WORDS}
    return TakenLines(**names, ended=ended)


def withdraw(
    connection: Connection, source: str, ids: Sequence[str] | None, by: Person, now: datetime
) -> tuple[str, ...]:
    """Take lines of a source back: they hold no more from now on, and what held before can still be read back.

    Args:
        connection: transaction that writes.
        source: who drew them.
        ids: the source's own ids; None: all of its lines.
        by: who does so: risk, or an administrator.
        now: instant.

    Returns:
        Ids that held until now.

    Raises:
        InputError: the person may not, or the source has no such line.
    """
    require_role(by, _KEEPING, "keeps red lines")
    known = _known(connection, source, ids)
    lacking = next((f" {one!r}" for one in ids or () if one not in known), None if known else "")
    if lacking is not None:
        said = f"No red line{lacking} of {source!r} is known."
        raise InputError("RED_LINE_UNKNOWN", said, "`acreline sites redlines list` shows all.")
    return _withdraw(connection, source, known, now)


def _known(connection: Connection, source: str, ids: Sequence[str] | None) -> Mapping[str, list[RowMapping]]:
    """Rows of a source by id, oldest day first; of some ids, or of all that it has."""
    columns = (RedLine.id, RedLine.external_id, RedLine.kind, RedLine.name, RedLine.wkb)
    wanted = select(*columns, RedLine.as_of, RedLine.expires_on, RedLine.withdrawn_at).where(RedLine.source == source)
    if ids is not None:
        wanted = wanted.where(RedLine.external_id.in_(listed(connection, ids)))
    found: dict[str, list[RowMapping]] = defaultdict(list)
    for row in connection.execute(wanted.order_by(RedLine.external_id, RedLine.as_of)).mappings():
        found[row["external_id"]].append(row)
    return found


def _said(given: GivenLine, version: str, layer: Layer, rows: Sequence[RowMapping]) -> str:
    """What becomes of a line; InputError where it contradicts one of the same day."""
    same = next((row for row in rows if row["as_of"] == layer.as_of), None)
    if same is None:
        return "new" if not rows else "newer" if layer.as_of > rows[-1]["as_of"] else "older"
    line = f"Row {given.row}: the red line {given.external_id!r} of {layer.source!r} as of {layer.as_of}"
    if same["withdrawn_at"] is not None:
        raise InputError("RED_LINE_CLASH", f"{line} was taken back.", "Give the day on which the source states it now.")
    stored = outline_hashes(np.array([shapely.from_wkb(bytes(same["wkb"]))], dtype=object))[0]
    facts = (given.name, layer.kind, layer.expires_on, version)
    if facts != (same["name"], same["kind"], same["expires_on"], stored):
        remedy = "Give the day on which the source changed it, or take the first back."
        raise InputError("RED_LINE_CLASH", f"{line} stands otherwise already.", remedy)
    return "unchanged"


def _insert(connection: Connection, given: Sequence[GivenLine], layer: Layer, by: Person, now: datetime) -> None:
    rows = [_row(each, layer) | {"recorded_by_id": by.id, "recorded_at": now} for each in given]
    for chunk in chunked(rows):
        connection.execute(insert(RedLine), chunk)


def _row(given: GivenLine, layer: Layer) -> dict[str, Any]:
    west, south, east, north = given.shape.bounds
    return {
        "external_id": given.external_id,
        "kind": layer.kind,
        "name": given.name,
        "wkb": shapely.to_wkb(given.shape, output_dimension=2, byte_order=1),
        "minx": west,
        "miny": south,
        "maxx": east,
        "maxy": north,
        "source": layer.source,
        "as_of": layer.as_of,
        "expires_on": layer.expires_on,
    }


def _end_others(connection: Connection, layer: Layer, given: set[str], now: datetime) -> tuple[str, ...]:
    """End the lines of a source and kind that a whole file of it lacks, unless a later day states them."""
    lacking = {
        name: rows
        for name, rows in _known(connection, layer.source, None).items()
        if name not in given and rows[-1]["kind"] == layer.kind and rows[-1]["as_of"] <= layer.as_of
    }
    return _withdraw(connection, layer.source, lacking, now)


def _withdraw(
    connection: Connection, source: str, known: Mapping[str, list[RowMapping]], now: datetime
) -> tuple[str, ...]:
    held = tuple(sorted(name for name, rows in known.items() if rows[-1]["withdrawn_at"] is None))
    for chunk in chunked(held):
        row = update(RedLine).where(
            RedLine.source == source,
            RedLine.external_id.in_(listed(connection, chunk)),
            RedLine.withdrawn_at.is_(None),
        )
        connection.execute(row.values(withdrawn_at=now))
    return held
