"""What a season's radar cube is made of: its grid, and the passes of each track over it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

import numpy as np
import pystac
from odc.geo.geobox import GeoBox
from odc.geo.xr import xr_coords

from geo.errors import InputError
from tiles.facts import content_hashes, joint_hash, known_at, solar_day
from tiles.plan import middle_lon, touching
from tiles.radar.scenes import KIND_PROPERTY, POLARISATIONS, Calibration, calibration
from tiles.radar.tracks import tracks_of
from tiles.sources.base import RadarKind, acquired_at


@dataclass(frozen=True, slots=True)
class RadarScene:
    """One scene as a cube reads it.

    Attributes:
        id: of its item.
        hrefs: file of each polarisation.
        calibrations: what turns its stored numbers into power, by polarisation.
        known_at: when it became known, aware UTC.
        content: hash of all it rests on.
    """

    id: str
    hrefs: Mapping[str, str]
    calibrations: Mapping[str, Calibration]
    known_at: datetime
    content: str


@dataclass(frozen=True, slots=True)
class Pass:
    """One overflight: scenes of one track on one solar day.

    Attributes:
        sensed_at: acquisition of its first scene, aware UTC.
        day: solar day.
        track: relative orbit, "orbit 161".
        direction: "ascending", "descending", or "" where the items do not say.
        scenes: later ones showing only where earlier have no data.
    """

    sensed_at: datetime
    day: date
    track: str
    direction: str
    scenes: tuple[RadarScene, ...]


@dataclass(frozen=True, slots=True)
class RadarPlan:
    """Everything that the pixels of a season's radar cube depend on.

    Attributes:
        geobox: the grid, in metres of a UTM zone: that of the optical cube it stands beside.
        kind: quantity of all scenes.
        passes: sorted by time.
    """

    geobox: GeoBox
    kind: RadarKind
    passes: tuple[Pass, ...]

    @property
    def days(self) -> tuple[date, ...]:
        """Solar day of each pass."""
        return tuple(each.day for each in self.passes)

    @property
    def tracks(self) -> tuple[str, ...]:
        """Tracks that the season holds, sorted."""
        return tuple(sorted({each.track for each in self.passes}))


def plan_radar(items: Sequence[pystac.Item], geobox: GeoBox, *, hashes: Mapping[str, str] | None = None) -> RadarPlan:
    """Plan a radar cube of all scenes on a grid, one layer per pass; opens no raster.

    Args:
        items: from `tiles.radar.scenes.radar_items`.
        geobox: grid to load onto, in metres of a UTM zone.
        hashes: content hash of each scene by item id, from `tiles.facts.content_hashes`; computed here if not given.

    Raises:
        InputError: no scene touches the grid, or gamma0 and sigma0 are mixed.
    """
    near = touching(items, geobox)
    if not near:
        raise InputError(
            "NO_RADAR", "No radar scene touches the grid.", "Check the parcels' CRS, or leave --radar out."
        )
    kinds: dict[RadarKind, str] = {item.properties[KIND_PROPERTY]: item.id for item in near}
    if len(kinds) > 1:
        raise InputError(
            "RADAR_KIND_MIXED",
            f"Scene {kinds['gamma0']} holds gamma0 and scene {kinds['sigma0']} sigma0.",
            "Name a source of one kind.",
        )
    known = hashes if hashes is not None else content_hashes(near)
    return RadarPlan(geobox, next(iter(kinds)), tuple(_passes(near, middle_lon(geobox), known)))


def coordinates(plan: RadarPlan) -> dict[str, Any]:
    """Coordinates of a planned radar cube.

    Along time: time (acquisition, UTC, naive), day (solar day), track, direction, known_at (UTC, naive), source_hash
    and items (ids joined by a space). Besides polarisation, y, x and spatial_ref.
    """
    passes = plan.passes
    texts = {
        "track": [each.track for each in passes],
        "direction": [each.direction for each in passes],
        "items": [" ".join(sorted(scene.id for scene in each.scenes)) for each in passes],
        "source_hash": [joint_hash(scene.content for scene in each.scenes) for each in passes],
    }
    times = {
        "time": [each.sensed_at for each in passes],
        "known_at": [max(scene.known_at for scene in each.scenes) for each in passes],
    }
    return {
        **{str(name): axis for name, axis in xr_coords(plan.geobox).items()},
        "polarisation": ("polarisation", np.array(POLARISATIONS, dtype=object)),
        "day": ("time", np.array(plan.days, dtype="datetime64[ns]")),
        **{name: ("time", np.array(values, dtype=object)) for name, values in texts.items()},
        **{
            name: ("time", np.array([value.replace(tzinfo=None) for value in values], dtype="datetime64[ns]"))
            for name, values in times.items()
        },
    }


def _passes(items: Sequence[pystac.Item], lon: float, hashes: Mapping[str, str]) -> list[Pass]:
    tracks = tracks_of(items)

    def which(item: pystac.Item) -> tuple[date, str]:
        return solar_day(item, lon), tracks[item.id]

    ordered = sorted(items, key=lambda item: (*which(item), acquired_at(item), item.id))
    made = [_pass(*key, list(group), hashes) for key, group in groupby(ordered, key=which)]
    return sorted(made, key=lambda each: (each.sensed_at, each.track))


def _pass(day: date, track: str, items: Sequence[pystac.Item], hashes: Mapping[str, str]) -> Pass:
    direction = str(items[0].properties.get("sat:orbit_state", ""))
    return Pass(acquired_at(items[0]), day, track, direction, tuple(_scene(item, hashes) for item in items))


def _scene(item: pystac.Item, hashes: Mapping[str, str]) -> RadarScene:
    assets = {name: item.assets[name] for name in POLARISATIONS}
    return RadarScene(
        id=item.id,
        hrefs={name: asset.href for name, asset in assets.items()},
        calibrations={name: calibration(asset, f"{item.id} {name}") for name, asset in assets.items()},
        known_at=known_at(item),
        content=hashes[item.id],
    )
