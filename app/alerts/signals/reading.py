"""Files of signals: CSV, Parquet, JSON and GeoJSON with one signal a row, and CAP messages."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import shapely
from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry

from app.alerts.signals.areas import CodedAreas
from app.alerts.signals.cap import read_message
from app.alerts.signals.stated import COLUMNS, Fault, SignalFile, Stated, refuse, stated_of
from app.db.tables.alert_kinds import SignalKind
from app.jobs.tabular import read_cells
from geo.errors import InputError

_HEADER_LINES: Final = 2  # a file's first row stands on its second line
_TABLES: Final = (".csv", ".txt", ".parquet")
_JSON: Final = (".json", ".geojson")
_CAP: Final = (".xml", ".cap")
_MOST_BYTES: Final = 256 * 2**20
_CRS84: Final = ("urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:EPSG::4326", "EPSG:4326")


@dataclass(frozen=True, slots=True)
class Reading:
    """How files are read.

    Attributes:
        kind: of rows and messages that do not say; None: rows must say.
        language: of the texts to take from a CAP message that has several, a tag such as "zh".
        areas: outlines of the codes that a CAP message names in place of polygons.
        encoding: of a CSV.
        delimiter: of a CSV.
    """

    kind: SignalKind | None = None
    language: str = "en"
    areas: CodedAreas | None = None
    encoding: str = "utf-8-sig"
    delimiter: str = ","


def read_signals(paths: Sequence[Path], how: Reading) -> SignalFile:
    """Signals of all files together.

    Raises:
        InputError: a file cannot be read, or rows of it are wrong (SIGNAL_ROWS names the first).
    """
    read = [_read(path, how) for path in paths]
    refuse([fault for faults, _ in read for fault in faults])
    files = [file for _, file in read]
    return SignalFile(
        tuple(each for file in files for each in file.signals),
        tuple(each for file in files for each in file.withdrawn),
        sum(file.passed_over for file in files),
    )


def _read(path: Path, how: Reading) -> tuple[list[Fault], SignalFile]:
    suffix = path.suffix.lower()
    if suffix in _CAP:
        return read_message(path.name, _content(path), how.kind, how.language, how.areas)
    if suffix in _TABLES:
        return _stated(_table_rows(path, how), how.kind)
    if suffix in _JSON:
        return _stated(_json_rows(path), how.kind)
    raise InputError(
        "SIGNAL_FILE",
        f"{path} is of no known kind.",
        f"Name a file that ends in {', '.join((*_TABLES, *_JSON, *_CAP))}.",
    )


def _stated(rows: Iterable[tuple[str, Mapping[str, Any]]], kind: SignalKind | None) -> tuple[list[Fault], SignalFile]:
    faults: list[Fault] = []
    found: list[Stated] = []
    for place, cells in rows:
        stated = stated_of(place, {"kind": kind, **{n: v for n, v in cells.items() if v is not None}})
        if isinstance(stated, Stated):
            found.append(stated)
        else:
            faults += stated
    return faults, SignalFile(tuple(found))


def _table_rows(path: Path, how: Reading) -> Iterator[tuple[str, Mapping[str, Any]]]:
    table = read_cells(path, how.encoding, how.delimiter)
    strange = [name for name in table.columns if name not in COLUMNS]
    if strange:
        raise InputError(
            "SIGNAL_COLUMN", f"{path} has a column {strange[0]!r}.", f"Name the columns {', '.join(COLUMNS)}."
        )
    for line, cells in enumerate(table.to_dict("records"), _HEADER_LINES):
        row = {str(name): value for name, value in cells.items()}
        place = f"{path.name} line {line}"
        if row.get("area") is not None:
            row["area"] = _geometry(path, place, shapely.from_wkt, str(row["area"]))
        yield place, row


def _json_rows(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    try:
        said = json.loads(_content(path))
    except ValueError as error:
        raise InputError("SIGNAL_FILE", f"{path} is not JSON.", "Export it again, in UTF-8.") from error
    if isinstance(said, dict) and said.get("type") == "FeatureCollection":
        yield from _features(path, said)
        return
    items = said.get("signals") if isinstance(said, dict) else said
    if not isinstance(items, list) or not items:
        raise InputError("SIGNAL_FILE", f"{path} holds no list of signals.", "docs/alerts.md shows the forms.")
    for number, item in enumerate(items, 1):
        yield _row(path, f"{path.name} item {number}", item)


def _features(path: Path, collection: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    named = ((collection.get("crs") or {}).get("properties") or {}).get("name", _CRS84[0])
    if named not in _CRS84:
        raise InputError("SIGNAL_CRS", f"{path} is in {named}, not in EPSG:4326.", "Reproject it first.")
    features = collection.get("features")
    if not isinstance(features, list) or not features:
        raise InputError("SIGNAL_FILE", f"{path} holds no features.", "Name a file with some.")
    for number, feature in enumerate(features, 1):
        properties = feature.get("properties") if isinstance(feature, dict) else None
        row = None if properties is None else {**properties, "area": feature.get("geometry")}
        yield _row(path, f"{path.name} feature {number}", row)


def _row(path: Path, place: str, item: Any) -> tuple[str, Mapping[str, Any]]:
    if not isinstance(item, dict):
        raise InputError("SIGNAL_FILE", f"{path}: {place} is no object.", "docs/alerts.md shows the forms.")
    row = {str(name): value for name, value in item.items()}
    if row.get("area") is not None:
        row["area"] = _geometry(path, place, shapely.from_geojson, json.dumps(row["area"]))
    return place, row


def _geometry(path: Path, place: str, read: Callable[[str], BaseGeometry], text: str) -> BaseGeometry:
    try:
        flat: BaseGeometry = shapely.force_2d(read(text))
    except (ShapelyError, TypeError, ValueError) as error:
        raise InputError(
            "SIGNAL_AREA", f"{path}: the area of {place} cannot be read.", "Write WKT in CSV, GeoJSON in JSON."
        ) from error
    return flat


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise InputError("SIGNAL_FILE", f"{path} is larger than 256 MiB.", "Split it.")
        return path.read_bytes()
    except OSError as error:
        raise InputError("SIGNAL_FILE", f"{path} cannot be read ({error.strerror}).", "Check its name.") from error
