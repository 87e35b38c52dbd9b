"""Pictures of a site for its report: which of a run's days are shown, and what is drawn on them."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely
from PIL import Image
from pyproj import Transformer

from app.reports.pictures.ground import Border, Ground
from geo.errors import DataError
from geo.manifest import read_manifest
from geo.sites import SiteType
from geo.utm import utm_epsg

_INDEX: Final = "pictures.json"
_REMEDY: Final = "Watch the site again, or restore the run's folder from a copy."
_RED: Final = "#ff5a4d"
#: Ground beside what is drawn that is shown: this share of its extent, and at least so many metres.
_BESIDE: Final = 0.15
_LEAST_BESIDE_M: Final = 150.0
#: Ring around a planned turbine or dam, m: pad and crane lie inside it.
_RING_M: Final = 60.0
_SIDES: Final = 16


def choose_pictures(run: Path, facts: Mapping[str, Any]) -> dict[str, Any] | None:
    """The last picture before works began, and the newest, of a run folder of sites.

    Args:
        run: run folder.
        facts: of app.sites.facts.

    Returns:
        What the report's facts hold of them: corners (north-west, north-east, south-east, south-west; longitude and
        latitude), width and height in pixels, and shown (when: before or after, day, clear_share, items, sha256 of the
        PNG); None: there are none.

    Raises:
        DataError: a file of the folder is missing or is not what its manifest says.
    """
    entry = _index(run).get(facts["site"]["id"])
    if entry is None or not entry["pictures"]:
        return None
    listed = sorted(entry["pictures"], key=lambda one: one["day"])
    before = [one for one in listed if one["day"] < _began(facts)]
    wanted = {"before": before[-1] if before else listed[0], "after": listed[-1]}
    if wanted["before"]["day"] == wanted["after"]["day"]:
        del wanted["before"]
    shown = []
    for when, one in wanted.items():
        png = _read(run, f"pictures/{entry['folder']}/{one['file']}")
        told = {name: one[name] for name in ("day", "clear_share", "items")}
        shown.append({"when": when, **told, "sha256": hashlib.sha256(png).hexdigest()})
    return {**{name: entry[name] for name in ("corners", "width", "height")}, "shown": shown}


def read_pictures(run: Path, facts: Mapping[str, Any]) -> dict[str, bytes]:
    """PNG by hash of the pictures that facts name; DataError where the run's folder has one of them no more."""
    pictures = facts["pictures"]
    wanted = {one["sha256"] for one in pictures["shown"]} if pictures else set()
    known = {entry.sha256: name for name, entry in read_manifest(run).items() if name.startswith("pictures/")}
    gone = wanted - set(known)
    if gone:
        said = f"{run.name} has no picture {min(gone)[:12]} any more."
        raise DataError("FILE_MISSING", said, _REMEDY)
    return {digest: _read(run, known[digest]) for digest in wanted}


def ground_of(png: bytes, facts: Mapping[str, Any]) -> Ground:
    """A picture with the border, planned turbines or dam, and red lines, cut to what lies around them."""
    frame = facts["pictures"]
    to_pixels, metres = _placing(frame)
    with Image.open(io.BytesIO(png)) as image:
        colours = np.asarray(image.convert("RGB"))
    return _cut(Ground(colours, metres, tuple(_borders(facts, to_pixels, metres))))


def _cut(ground: Ground) -> Ground:
    places = np.concatenate([np.array(part) for border in ground.borders for part in border.parts])
    low, high = places.min(axis=0), places.max(axis=0)
    beside = max(float((high - low).max()) * _BESIDE, _LEAST_BESIDE_M / ground.metres)
    left, top = (int(value) for value in np.maximum(np.floor(low - beside), 0))
    right, bottom = (int(value) for value in np.ceil(high + beside))
    moved = tuple(
        replace(border, parts=tuple(tuple((x - left, y - top) for x, y in part) for part in border.parts))
        for border in ground.borders
    )
    return Ground(ground.colours[top:bottom, left:right], ground.metres, moved)


def _index(run: Path) -> dict[str, Any]:
    index: dict[str, Any] = json.loads(_read(run, _INDEX))
    return index


def _read(run: Path, name: str) -> bytes:
    """A file of a run, as its manifest has it."""
    entry = read_manifest(run).get(name)
    try:
        content = (run / name).read_bytes()
    except OSError as error:
        raise DataError("FILE_MISSING", f"{run.name} has no {name}.", _REMEDY) from error
    if entry is None or hashlib.sha256(content).hexdigest() != entry.sha256:
        raise DataError("FILE_DAMAGED", f"{name} of {run.name} is not what was written.", _REMEDY)
    return content


def _began(facts: Mapping[str, Any]) -> str:
    """Day on which works are first known to have begun, else that from which they were planned."""
    milestones = facts["plan"]["milestones"]
    seen = [one["by"] for one in milestones if one["by"]]
    return min(seen) if seen else str(min(one["due"] for one in milestones))


def _placing(frame: Mapping[str, Any]) -> tuple[Any, float]:
    """From (n, 2) longitude and latitude to pixels of a picture, and the edge of a pixel in metres."""
    corners = np.array(frame["corners"])
    zone = Transformer.from_crs(4326, utm_epsg(*corners.mean(axis=0).tolist()), always_xy=True)
    nw, ne, _, sw = np.stack(zone.transform(*corners.T), axis=1)
    sides = np.stack([(ne - nw) / frame["width"], (sw - nw) / frame["height"]], axis=1)
    back = np.linalg.inv(sides)

    def to_pixels(places: Sequence[Sequence[float]] | np.ndarray) -> list[tuple[float, float]]:
        at = np.stack(zone.transform(*np.asarray(places, dtype=np.float64).T[:2]), axis=1)
        return [(float(x), float(y)) for x, y in (at - nw) @ back.T]

    return to_pixels, float(np.hypot(*sides[:, 0]))


def _borders(facts: Mapping[str, Any], to_pixels: Any, metres: float) -> Iterator[Border]:
    site = facts["site"]
    if SiteType(site["kind"]) is not SiteType.WIND:
        yield Border("", tuple(_rings(site["border"], to_pixels)))
    for number, line in enumerate(facts["red_lines"], 1):
        yield Border(f"R{number}", tuple(_rings(line["common"], to_pixels)), _RED, "6 3", above=True)
    angles = np.linspace(0, 2 * np.pi, _SIDES, endpoint=False)
    ring = np.stack([np.cos(angles), np.sin(angles)], axis=1) * _RING_M / metres
    for number, (x, y) in enumerate(to_pixels(site["points"]) if site["points"] else (), 1):
        yield Border(str(number), (tuple((x + dx, y + dy) for dx, dy in ring.tolist()),), above=True)


def _rings(drawn: Mapping[str, Any], to_pixels: Any) -> Iterator[tuple[tuple[float, float], ...]]:
    """Outer and inner rings of the polygons of a GeoJSON geometry, in pixels."""
    for part in shapely.get_parts(shapely.from_geojson(json.dumps(drawn))):
        if part.geom_type == "Polygon":
            for ring in (part.exterior, *part.interiors):
                yield tuple(to_pixels(ring.coords))
