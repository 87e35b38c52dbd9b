"""Red lines from GeoJSON, GeoPackage, Shapefile (zipped or not) or GeoParquet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Final

import geopandas as gpd

from app.jobs.queued.parcelfiles.unzipping import unzip_shapefile
from app.sites.redlining import GivenLine
from geo.errors import InputError
from geo.parcel_columns import as_text
from geo.parcel_file import read_features
from geo.repair import repair_outlines

_LONGEST_ID: Final = 128
_LONGEST_NAME: Final = 255
_CRS: Final = "State it with --crs EPSG:... (ask whoever drew the map; it is never guessed)."
#: What the reader of parcels says, said of red lines.
_TOLD: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "PARCELS_MISSING": ("There is no file {name}.", "Name the file of red lines."),
        "PARCELS_FORMAT": (
            "{name} is of no known format.",
            "Give GeoJSON, GeoPackage, a Shapefile (or a zip of one) or GeoParquet.",
        ),
        "PARCELS_EMPTY": ("{name} holds no red lines.", "Export at least one polygon."),
        "PARCELS_UNREADABLE": ("{name} cannot be read.", "Export the red lines again."),
        "PARCELS_WITHOUT_GEOMETRY": ("{name} holds a table without outlines.", "Export polygons."),
        "PARCELS_WITHOUT_CRS": ("{name} does not state its reference system.", _CRS),
        "PARCELS_CRS_CLASH": ("{name} is in another reference system by its own word.", "Leave --crs out, or mend it."),
    }
)


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns of a file.

    Attributes:
        id: of the source's own ids; None: ids are made from the outlines, so that an outline that changes is another
            line and the first has to be taken back by hand.
        name: of names for people; None: there are none.
    """

    id: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class RedLineFile:
    """What a file of red lines holds.

    Attributes:
        lines: by row.
        notes: what was mended in outlines, one line each.
    """

    lines: tuple[GivenLine, ...]
    notes: tuple[str, ...]


def read_red_lines(path: Path, columns: Columns | None = None, crs: str | None = None) -> RedLineFile:
    """Red lines of a file: outlines mended, on WGS 84.

    Args:
        path: GeoJSON, GeoPackage, Shapefile, a zip of one, or GeoParquet.
        columns: where ids and names stand.
        crs: reference system of a file that states none ("EPSG:4490").

    Raises:
        InputError: the file cannot be used, or a row of it has no outline or no id of its own.
    """
    columns = columns or Columns()
    frame = _features(path, crs)
    mended = repair_outlines(frame.geometry)
    lost = next((row for row, shape in enumerate(mended.shapes) if shape is None), None)
    if lost is not None:
        why = mended.notes[lost].split(":")[0]
        raise InputError(
            "RED_LINE_OUTLINE", f"Row {lost + 1} of {path.name}: {why}.", "Draw it again, or leave it out."
        )
    ids = _ids(frame, columns.id, mended.versions, path.name)
    names = [None] * len(frame) if columns.name is None else _texts(frame, columns.name, path.name, _LONGEST_NAME)
    lines = zip(ids, names, mended.shapes, strict=True)
    notes = tuple(f"Row {row + 1}: {note}." for row, note in sorted(mended.notes.items()))
    return RedLineFile(tuple(GivenLine(row, *line) for row, line in enumerate(lines, start=1)), notes)


def _features(path: Path, crs: str | None) -> gpd.GeoDataFrame:
    try:
        if path.suffix.lower() != ".zip" or not path.is_file():
            return read_features(path, crs)
        with TemporaryDirectory() as folder:
            return read_features(unzip_shapefile(path, Path(folder)), crs)
    except InputError as error:
        if error.code in _TOLD:
            said, remedy = _TOLD[error.code]
            raise InputError("RED_LINE_FILE", said.format(name=path), remedy) from error
        raise


def _ids(frame: gpd.GeoDataFrame, column: str | None, versions: Sequence[str], file: str) -> list[str]:
    ids = [f"r-{each}" for each in versions] if column is None else _texts(frame, column, file, _LONGEST_ID)
    first: dict[str, int] = {}
    for row, one in enumerate(ids, start=1):
        if one is None:
            raise InputError("RED_LINE_ID", f"Row {row} of {file}: {column!r} is empty.", "Give every line an id.")
        if one in first:
            what = f"the id {one!r}" if column is not None else "the same outline"
            remedy = "Keep one row of each, or name another column of ids."
            raise InputError("RED_LINE_ID", f"Row {row} of {file} has {what}, as row {first[one]} has.", remedy)
        first[one] = row
    return list(first)


def _texts(frame: gpd.GeoDataFrame, column: str, file: str, longest: int) -> list[str | None]:
    if column not in frame.columns or column == frame.geometry.name:
        others = [str(name) for name in frame.columns if name != frame.geometry.name]
        raise InputError("RED_LINE_COLUMN", f"{file} has no column {column!r}.", f"It has {', '.join(others)}.")
    texts = [as_text(value) for value in frame[column]]
    long = next((row for row, text in enumerate(texts, start=1) if text is not None and len(text) > longest), None)
    if long is not None:
        raise InputError(
            "RED_LINE_COLUMN", f"Row {long} of {file}: {column!r} is over {longest} letters.", "Shorten it."
        )
    return texts
