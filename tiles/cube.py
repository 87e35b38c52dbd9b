"""A season of scenes as one lazy cube on a processing grid."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import numpy as np
import odc.stac
import pystac
import xarray as xr
from affine import Affine
from odc.geo.geobox import GeoBox
from rasterio.warp import transform_bounds

from geo.bands import BANDS, SCL
from geo.errors import DataError, InputError
from geo.files import sha256_of
from geo.grid import Bounds
from tiles.guard import ReflectanceRule, baseline_of, reflectance_rule
from tiles.reader import NamingDriver
from tiles.sources.base import acquired_at, touching_box

LEVEL: Final = "L2A"

#: Side of the square that one read fills, pixels.
READ_PX: Final = 512

_MINUTES_PER_DEGREE = 4  # the sun moves 15 degrees an hour
_KNOWN_AT = ("published", "created", "updated")


@dataclass(frozen=True, slots=True)
class _Layer:
    """Scenes of one solar day that share one rule, later ones of the tuple showing only where earlier have no data."""

    day: date
    rule: ReflectanceRule
    items: tuple[pystac.Item, ...]


def season_cube(
    items: Sequence[pystac.Item],
    geobox: GeoBox,
    *,
    hashes: Mapping[str, str] | None = None,
    rules: Mapping[str, ReflectanceRule] | None = None,
) -> xr.Dataset:
    """Reflectance and scene classification of all scenes on a grid, one layer per solar day, lazy in Dask.

    Pixels are taken over by nearest neighbour, so digital numbers keep their values (a 20 m pixel fills four 10 m
    ones). Scenes of one solar day are merged after calibration: the newest processing baseline first, then by time
    and id; later ones fill what earlier ones leave without data.

    Args:
        items: Sentinel-2 L2A items from a `Source`.
        geobox: grid to load onto, in metres of a UTM zone.
        hashes: content hash of each scene by item id, from `content_hashes`; computed here if not given, which reads
            every file once.
        rules: reflectance rule by item id, for a caller that knows better than the metadata; by default each item's
            own (`reflectance_rule`).

    Returns:
        Dataset with reflectance (time, band, y, x) float32, 1 = 100 %, NaN no data; scl (time, y, x) uint8, 0 no
        data. time is the solar day at midnight (UTC, naive), sorted and unique. Coordinates along time: source_hash,
        level, known_at (UTC, naive: when the last of its scenes was published, else acquired), items (ids joined by a
        space), verified (all rules are) and rule (their reasons). The grid comes back with `geobox_of`.

    Raises:
        InputError: no item touches the grid.
        DataError: on computing, a file that cannot be read, named.
    """
    near = touching(items, geobox)
    if not near:
        raise InputError("OUTSIDE_IMAGERY", f"No scene touches the grid {_corners(geobox)}.", "Check the parcels' CRS.")
    layers = _layers(near, rules or {item.id: reflectance_rule(item) for item in near}, _middle_lon(geobox))
    cube = _merge_days(_calibrated(layers, geobox), [layer.day for layer in layers])
    described = cube.assign_coords(_facts(layers, hashes if hashes is not None else content_hashes(near)))
    return described.assign_attrs(crs=str(geobox.crs), transform=list(geobox.transform)[:6])


def touching(items: Iterable[pystac.Item], geobox: GeoBox) -> list[pystac.Item]:
    """Items whose bounding box meets a grid; the others need not be loaded for it."""
    return touching_box(list(items), _lonlat(geobox))


def content_hashes(items: Iterable[pystac.Item]) -> dict[str, str]:
    """SHA-256 of all of each scene that a cube depends on, by item id; reads every file once.

    That is its id, instants, processing baseline and reflectance rule besides the asset files: corrected metadata give
    another hash.
    """
    return {item.id: _content_hash(item) for item in items}


def geobox_of(cube: xr.Dataset) -> GeoBox:
    """Grid of a cube or of a rectangular part of one.

    Args:
        cube: from `season_cube` or `tiles.store.open_cube`, sliced along y and x or not.
    """
    step_x, _, _, _, step_y, _ = cube.attrs["transform"]
    left, top = float(cube.x[0]) - step_x / 2, float(cube.y[0]) - step_y / 2
    return GeoBox((cube.sizes["y"], cube.sizes["x"]), Affine(step_x, 0, left, 0, step_y, top), cube.attrs["crs"])


def days_of(cube: xr.Dataset) -> tuple[date, ...]:
    """Solar days of a cube's layers, in their order."""
    return tuple(cube.time.values.astype("datetime64[D]").tolist())


def solar_day(item: pystac.Item, lon: float) -> date:
    """Date of acquisition in mean solar time at a longitude in degrees: one pass of the satellite is one day."""
    return (acquired_at(item) + timedelta(minutes=_MINUTES_PER_DEGREE * lon)).date()


def _layers(items: Sequence[pystac.Item], rules: Mapping[str, ReflectanceRule], lon: float) -> list[_Layer]:
    """Scenes grouped by solar day and rule, in the order in which they are laid over each other."""
    newest = sorted(items, key=lambda item: (acquired_at(item), item.id))
    newest.sort(key=baseline_of, reverse=True)
    newest.sort(key=lambda item: solar_day(item, lon))
    made = []
    for (day, rule), group in groupby(newest, key=lambda item: (solar_day(item, lon), rules[item.id])):
        made.append(_Layer(day, rule, tuple(group)))
    return made


def _numbers(layers: Sequence[_Layer], geobox: GeoBox, bands: Sequence[str], dtype: str) -> xr.Dataset:
    """Raw digital numbers (time, y, x) of each band, one step of time per layer."""
    place = {item.id: index for index, layer in enumerate(layers) for item in layer.items}
    return odc.stac.load(
        [item for layer in layers for item in layer.items],
        bands=list(bands),
        geobox=geobox,
        groupby=lambda item, _parsed, _index: place[item.id],
        preserve_original_order=True,
        resampling="nearest",
        dtype=dtype,
        nodata=0,
        chunks={"x": READ_PX, "y": READ_PX},
        driver=NamingDriver(),
    )


def _calibrated(layers: Sequence[_Layer], geobox: GeoBox) -> xr.Dataset:
    """Reflectance and scene classification of each layer; computed in float64, kept in float32."""
    numbers = _numbers(layers, geobox, BANDS, "uint16")
    stack = numbers.to_dataarray("band").transpose("time", "band", "y", "x")
    scale = xr.DataArray([layer.rule.scale for layer in layers], dims="time")
    offset = xr.DataArray([layer.rule.offset for layer in layers], dims="time")
    reflectance = (stack * scale + offset).astype(np.float32).where(stack > 0)
    reflectance.attrs = {"units": "1", "long_name": "surface reflectance"}
    scl = _numbers(layers, geobox, [SCL], "uint8")[SCL].drop_attrs()
    return xr.Dataset({"reflectance": reflectance, "scl": scl})


def _merge_days(cube: xr.Dataset, days: Sequence[date]) -> xr.Dataset:
    """One layer per day: earlier layers of a day win where they have data."""
    unique = sorted(set(days))
    if len(unique) < len(days):
        cube = xr.concat([_merged(cube, [i for i, d in enumerate(days) if d == day]) for day in unique], "time")
    return cube.assign_coords(time=np.array(unique, dtype="datetime64[ns]"))


def _merged(cube: xr.Dataset, layers: Sequence[int]) -> xr.Dataset:
    first = cube.isel(time=layers[:1])
    for index in layers[1:]:
        other = cube.isel(time=[index]).assign_coords(time=first.time)
        first = first.assign(
            reflectance=first.reflectance.where(first.reflectance.notnull(), other.reflectance),
            scl=first.scl.where(first.scl > 0, other.scl),
        )
    return first


def _facts(layers: Sequence[_Layer], hashes: Mapping[str, str]) -> dict[str, tuple[str, Any]]:
    """Coordinates along time that say what each day's pixels rest on."""
    days = [tuple(group) for _, group in groupby(layers, key=lambda layer: layer.day)]
    scenes = [[item for layer in day for item in layer.items] for day in days]
    texts = {
        "source_hash": [_joint_hash(hashes[item.id] for item in group) for group in scenes],
        "level": [LEVEL] * len(days),
        "items": [" ".join(sorted(item.id for item in group)) for group in scenes],
        "rule": [" ".join(dict.fromkeys(layer.rule.reason for layer in day)) for day in days],
    }
    known = [max(_known_at(item) for item in group).replace(tzinfo=None) for group in scenes]
    return {
        **{name: ("time", np.array(values, dtype=object)) for name, values in texts.items()},
        "known_at": ("time", np.array(known, dtype="datetime64[ns]")),
        "verified": ("time", np.array([all(layer.rule.verified for layer in day) for day in days])),
    }


def _known_at(item: pystac.Item) -> datetime:
    """When a scene became known: when it was published, else when it was acquired."""
    said = next((item.properties[key] for key in _KNOWN_AT if item.properties.get(key)), None)
    if said is None:
        return acquired_at(item)
    try:
        when = datetime.fromisoformat(str(said))
    except ValueError as error:
        raise InputError(
            "SCENE_TIME", f"Scene {item.id} gives {said!r} as its publication time.", "Write it as an ISO 8601 instant."
        ) from error
    return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)


def _content_hash(item: pystac.Item) -> str:
    said = (item.id, acquired_at(item), _known_at(item), baseline_of(item), reflectance_rule(item))
    digest = hashlib.sha256("\n".join(map(str, said)).encode())
    for key, asset in sorted(item.assets.items()):
        try:
            digest.update(f"{key} {sha256_of(Path(asset.href))}\n".encode())
        except OSError as error:
            raise DataError("UNREADABLE_RASTER", f"{asset.href} cannot be read: {error.strerror}.") from error
    return digest.hexdigest()


def _joint_hash(hashes: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(hashes)).encode()).hexdigest()


def _lonlat(geobox: GeoBox) -> Bounds:
    """(west, south, east, north) of a grid, degrees on WGS 84."""
    west, south, east, north = transform_bounds(str(geobox.crs), "EPSG:4326", *geobox.boundingbox)
    return west, south, east, north


def _middle_lon(geobox: GeoBox) -> float:
    west, _, east, _ = _lonlat(geobox)
    return (west + east) / 2


def _corners(geobox: GeoBox) -> str:
    box = geobox.boundingbox
    return f"{geobox.crs} ({box.left:.0f}, {box.bottom:.0f}, {box.right:.0f}, {box.top:.0f})"
