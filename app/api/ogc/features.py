"""Features of parcels: found by their boxes in memory, drawn from the database page by page."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely
from sqlalchemy import Connection

from app.api.answers import decimal_text, rounded
from app.api.data.ground import alert_levels, decided_parts, observations, outlines
from app.api.ogc.asking import Asked, Bbox, Span
from app.maplayers.parcelset import ParcelSet
from geo.errors import InputError

#: Fewest outlines that are read at once where many may not fit.
_READ: Final = 200
_WORLD: Final = 180.0


@dataclass(frozen=True, slots=True)
class Shown:
    """What of the properties who asks may see: alerts and limits have scopes of their own."""

    alerts: bool
    limits: bool


@dataclass(frozen=True, slots=True)
class Found:
    """Features of a page as texts of GeoJSON.

    Attributes:
        features: of the page.
        last: id of the last one; None where there is no further page.
        matched: how many match in all; None where counting would mean drawing all.
    """

    features: tuple[str, ...]
    last: str | None
    matched: int | None


def page_of(connection: Connection, parcels: ParcelSet, asked: Asked, shown: Shown) -> Found:
    """A page of features in the order of their ids."""
    fitting = list(_first(_drawn(connection, parcels, asked), asked.limit + 1))
    page, more = fitting[: asked.limit], len(fitting) > asked.limit
    everything = asked.bbox is None and asked.span is None
    features = tuple(_features(connection, page, shown))
    return Found(features, page[-1][0] if more else None, len(parcels) if everything else None)


def feature_of(connection: Connection, parcels: ParcelSet, parcel_id: str, shown: Shown) -> str:
    """One feature; InputError PARCEL_UNKNOWN for an id that is not in the set."""
    name = parcels.name(parcels.number(parcel_id))
    row = outlines(connection, [name], drawn=True).get(name)
    return _features(connection, [(name, row)], shown)[0]


def _first(rows: Iterator[tuple[str, Any]], count: int) -> Iterator[tuple[str, Any]]:
    return (row for _, row in zip(range(count), rows, strict=False))


def _drawn(connection: Connection, parcels: ParcelSet, asked: Asked) -> Iterator[tuple[str, Any]]:
    """Names and outlines of the parcels that match, after the one that a page begins behind."""
    places = np.arange(len(parcels)) if asked.bbox is None else _meeting(parcels, asked.bbox)
    start = 0 if asked.after is None else bisect_right(parcels.parcel_ids, asked.after)
    left = places[np.searchsorted(places, start) :]
    size = max(asked.limit + 1, _READ)
    for begin in range(0, len(left), size):
        names = [parcels.parcel_ids[place] for place in left[begin : begin + size]]
        rows = outlines(connection, names, drawn=True)
        kept = [(name, rows.get(name)) for name in names]
        yield from (each for each, fits in zip(kept, _fitting(kept, asked), strict=True) if fits)


def _meeting(parcels: ParcelSet, bbox: Bbox) -> npt.NDArray[np.intp]:
    """Places of parcels whose boxes meet one; none of parcels without an outline (NaN meets nothing)."""
    west, south, east, north = bbox
    minx, miny, maxx, maxy = parcels.boxes.T
    beside = (maxx >= west) & (minx <= east) if west <= east else (maxx >= west) | (minx <= east)
    return np.flatnonzero(beside & (maxy >= south) & (miny <= north))


def _fitting(rows: Sequence[tuple[str, Any]], asked: Asked) -> npt.NDArray[np.bool_]:
    """Which outlines meet the box themselves, and held in the span."""
    fits = np.ones(len(rows), dtype=bool)
    if asked.bbox is not None:
        shapes = shapely.from_wkb([None if row is None else row["wkb"] for _, row in rows])
        fits &= shapely.intersects(shapes, _box(asked.bbox))
    if asked.span is not None:
        fits &= np.array([row is None or _held(row["valid_from"], asked.span) for _, row in rows])
    return fits


def _box(bbox: Bbox) -> Any:
    west, south, east, north = bbox
    if west <= east:
        return shapely.box(west, south, east, north)
    return shapely.union(shapely.box(west, south, _WORLD, north), shapely.box(-_WORLD, south, east, north))


def _held(since: datetime, span: Span) -> bool:
    """Whether an outline that holds from an instant on held in a span; its start counts whatever the span's."""
    return span[1] is None or since <= span[1]


def _features(connection: Connection, rows: Sequence[tuple[str, Any]], shown: Shown) -> list[str]:
    names = [name for name, _ in rows]
    seen = observations(connection, names)
    alerts = alert_levels(connection, names) if shown.alerts else {}
    decided = decided_parts(connection, names) if shown.limits else {}
    shapes = shapely.from_wkb([None if row is None else row["wkb"] for _, row in rows])
    drawn = shapely.to_geojson(shapely.orient_polygons(shapes))  # outer rings counterclockwise: RFC 7946, 3.1.6
    said = []
    for (name, row), geometry in zip(rows, drawn, strict=True):
        properties = _properties(name, row, seen.get(name))
        if shown.alerts:
            properties["alert_level"] = alerts.get(name)
        if shown.limits:
            properties |= _limit(decided.get(name))
        said.append(_feature(name, geometry, properties))
    return said


def _properties(name: str, outline: Any, seen: Any) -> dict[str, Any]:
    outline, seen = outline or {}, seen or {}
    since = outline.get("valid_from")
    return {
        "parcel_id": name,
        "area_ha": rounded(outline.get("area_ha"), 4),
        "valid_from": None if since is None else since.isoformat(),
        "season_id": seen.get("season_id"),
        "simulated": seen.get("simulated"),
        "status": seen.get("status"),
        "crop": seen.get("crop"),
        "crop_prob": rounded(seen.get("crop_prob"), 3),
        "vigour_pct": rounded(seen.get("vigour_pct"), 1),
    }


def _limit(part: Any) -> dict[str, str | None]:
    """A decided amount as a decimal text: amounts are never floats."""
    if part is None:
        return {"limit": None, "currency": None}
    return {"limit": decimal_text(part["amount_minor"], part["currency"]), "currency": part["currency"]}


def _feature(name: str, geometry: str | None, properties: dict[str, Any]) -> str:
    quoted, said = json.dumps(name), json.dumps(properties, ensure_ascii=False)
    return f'{{"type":"Feature","id":{quoted},"geometry":{geometry or "null"},"properties":{said}}}'


def require_storable(text: str | None) -> None:
    """Refuse an id that no parcel can have (InputError)."""
    if text is not None and "\0" in text:
        raise InputError("PARCEL_UNKNOWN", "There is no such parcel.", "Search for it by another id.")
