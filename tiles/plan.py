"""What a season's cube is made of: its grid, its days, and the scenes that are laid over each other on each day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import partial
from itertools import groupby
from typing import Any, Final

import numpy as np
import pystac
from odc.geo.geobox import GeoBox
from odc.geo.xr import xr_coords
from rasterio.warp import transform_bounds

from geo.bands import BANDS, SCL
from geo.errors import InputError
from geo.grid import Bounds
from tiles.clear import Masking
from tiles.facts import content_hashes, joint_hash, known_at, solar_day
from tiles.guard import ReflectanceRule, baseline_of, reflectance_rule
from tiles.sources.base import acquired_at, touching_box

LEVEL: Final = "L2A"


@dataclass(frozen=True, slots=True)
class Scene:
    """One scene as a cube reads it.

    Attributes:
        id: of its item.
        hrefs: file of each band and of the scene classification.
        rule: turns its digital numbers into reflectance.
        sensed_at: when it was acquired, aware UTC.
        known_at: when it became known, aware UTC.
        content: hash of all it rests on.
    """

    id: str
    hrefs: Mapping[str, str]
    rule: ReflectanceRule
    sensed_at: datetime
    known_at: datetime
    content: str


@dataclass(frozen=True, slots=True)
class CubePlan:
    """Everything that the pixels of a season's cube depend on; small, and the same for every block.

    Attributes:
        geobox: the grid, in metres of a UTM zone.
        bands: bands read, in the order of the band axis.
        days: solar days, sorted and unique.
        scenes: scenes of each day, later ones of the tuple showing only where earlier have no data.
        masking: how clear pixels are told from others.
    """

    geobox: GeoBox
    bands: tuple[str, ...]
    days: tuple[date, ...]
    scenes: tuple[tuple[Scene, ...], ...]
    masking: Masking

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Sizes of time, band, y and x."""
        return len(self.days), len(self.bands), *self.geobox.shape.yx


def plan_cube(
    items: Sequence[pystac.Item],
    geobox: GeoBox,
    *,
    bands: Sequence[str] = BANDS,
    hashes: Mapping[str, str] | None = None,
    rules: Mapping[str, ReflectanceRule] | None = None,
    masking: Masking | None = None,
) -> CubePlan:
    """Plan a cube of all scenes on a grid, one layer per solar day; opens no raster.

    Pixels are taken over by nearest neighbour, so digital numbers keep their values (a 20 m pixel fills four 10 m
    ones). Scenes of one solar day are merged after calibration: the newest processing baseline first, then by time
    and id; later ones fill what earlier ones leave without data.

    Args:
        items: Sentinel-2 L2A items from a `Source`.
        geobox: grid to load onto, in metres of a UTM zone.
        bands: which of `geo.bands.BANDS` to read.
        hashes: content hash of each scene by item id, from `content_hashes`; computed here if not given, which reads
            every local file once.
        rules: reflectance rule by item id, for a caller that knows better than the metadata; by default each item's
            own (`reflectance_rule`).
        masking: how to mask; by default `Masking()`.

    Raises:
        InputError: no item touches the grid.
    """
    near = touching(items, geobox)
    if not near:
        raise InputError("OUTSIDE_IMAGERY", f"No scene touches the grid {_corners(geobox)}.", "Check the parcels' CRS.")
    known = hashes if hashes is not None else content_hashes(near)
    lon = middle_lon(geobox)
    make = partial(_scene, bands=tuple(bands), hashes=known, rules=rules or {})
    grouped = groupby(_overlaid(near, lon), key=lambda item: solar_day(item, lon))
    days = {day: tuple(map(make, group)) for day, group in grouped}
    return CubePlan(geobox, tuple(bands), tuple(days), tuple(days.values()), masking or Masking())


def coordinates(plan: CubePlan) -> dict[str, Any]:
    """Coordinates of a planned cube.

    Along time: time (solar day), sensed_at (UTC, naive: acquisition of the first of its scenes), known_at (UTC, naive:
    when the last of them was published, else acquired), source_hash, level, items (ids joined by a space), verified
    (all rules are) and rule (their reasons). Besides band, y, x and spatial_ref.
    """
    texts = {
        "source_hash": [joint_hash(scene.content for scene in day) for day in plan.scenes],
        "level": [LEVEL] * len(plan.days),
        "items": [" ".join(sorted(scene.id for scene in day)) for day in plan.scenes],
        "rule": [" ".join(dict.fromkeys(scene.rule.reason for scene in day)) for day in plan.scenes],
    }
    sensed = [min(scene.sensed_at for scene in day).replace(tzinfo=None) for day in plan.scenes]
    known = [max(scene.known_at for scene in day).replace(tzinfo=None) for day in plan.scenes]
    return {
        **{str(name): axis for name, axis in xr_coords(plan.geobox).items()},
        "band": ("band", np.array(plan.bands, dtype=object)),
        "time": ("time", np.array(plan.days, dtype="datetime64[ns]")),
        **{name: ("time", np.array(values, dtype=object)) for name, values in texts.items()},
        "sensed_at": ("time", np.array(sensed, dtype="datetime64[ns]")),
        "known_at": ("time", np.array(known, dtype="datetime64[ns]")),
        "verified": ("time", np.array([all(scene.rule.verified for scene in day) for day in plan.scenes])),
    }


def attributes(plan: CubePlan) -> dict[str, Any]:
    """Attributes of a planned cube: its grid, and how it is masked."""
    geobox = plan.geobox
    return {"crs": str(geobox.crs), "transform": list(geobox.transform)[:6], "masking": asdict(plan.masking)}


def touching(items: Iterable[pystac.Item], geobox: GeoBox) -> list[pystac.Item]:
    """Items whose bounding box meets a grid; the others need not be loaded for it."""
    return touching_box(list(items), _lonlat(geobox))


def _overlaid(items: Sequence[pystac.Item], lon: float) -> list[pystac.Item]:
    """Scenes by solar day, and within a day in the order in which they are laid over each other."""
    newest = sorted(items, key=lambda item: (acquired_at(item), item.id))
    newest.sort(key=baseline_of, reverse=True)
    return sorted(newest, key=lambda item: solar_day(item, lon))


def _scene(
    item: pystac.Item, bands: tuple[str, ...], hashes: Mapping[str, str], rules: Mapping[str, ReflectanceRule]
) -> Scene:
    hrefs = {band: item.assets[band].href for band in (*bands, SCL)}
    rule = rules.get(item.id) or reflectance_rule(item)
    return Scene(item.id, hrefs, rule, acquired_at(item), known_at(item), hashes[item.id])


def _lonlat(geobox: GeoBox) -> Bounds:
    """(west, south, east, north) of a grid, degrees on WGS 84."""
    west, south, east, north = transform_bounds(str(geobox.crs), "EPSG:4326", *geobox.boundingbox)
    return west, south, east, north


def middle_lon(geobox: GeoBox) -> float:
    """Longitude of the grid's middle, also where the grid crosses the antimeridian."""
    west, _, east, _ = _lonlat(geobox)
    return (west + (east if east >= west else east + 360)) / 2


def _corners(geobox: GeoBox) -> str:
    box = geobox.boundingbox
    return f"{geobox.crs} ({box.left:.0f}, {box.bottom:.0f}, {box.right:.0f}, {box.top:.0f})"
