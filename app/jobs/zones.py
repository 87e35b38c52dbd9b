"""Tiles put together again: the sums of a parcel that crosses tiles are added, never its means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from app.jobs.blocks import LAYERS
from app.jobs.plan import TilePlan, ZonePlan
from geo.files import fingerprint
from geo.zonal import ZonalSums
from tiles.cube import days_of
from tiles.store import open_cube


@dataclass(frozen=True, slots=True)
class Scene:
    """One acquisition day of a zone.

    Attributes:
        day: solar day.
        sensed_at: when the first of its scenes was acquired (UTC).
        known_at: when the last of its scenes became known (UTC).
        level: processing level.
        source_hash: hash of all scenes and tiles behind it.
        verified: whether its reflectance could be confirmed.
    """

    day: date
    sensed_at: datetime
    known_at: datetime
    level: str
    source_hash: str
    verified: bool


@dataclass(frozen=True, slots=True)
class ZoneSeries:
    """Sums of all parcels of a zone over all its acquisition days.

    Attributes:
        scenes: length t.
        sums: over clear pixels; its layers are blocks.LAYERS.
        valid: shape (t, n), area that holds data, pixels.
    """

    scenes: tuple[Scene, ...]
    sums: ZonalSums
    valid: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class ZoneMap:
    """What the network says of all parcels of a zone.

    Attributes:
        probabilities: shape (n, c), area-weighted mean over the parcel's pixels; NaN where none was seen.
    """

    probabilities: npt.NDArray[np.float64]


def gather_series(zone: ZonePlan, parts: Sequence[tuple[TilePlan, Path, Sequence[Path]]]) -> ZoneSeries:
    """Add up the tiles of a zone: each with its plan, its cube and its parts in order of time."""
    rows = [_scene_rows(cube) for _, cube, _ in parts]
    scenes = _scenes(rows)
    where = {scene.day: index for index, scene in enumerate(scenes)}
    n, t, layers = len(zone.rows), len(scenes), len(LAYERS)
    area, clear, valid = np.zeros(n), np.zeros((t, n)), np.zeros((t, n))
    total, squares = np.zeros((t, layers, n)), np.zeros((t, layers, n))
    for (plan, _, files), of_tile in zip(parts, rows, strict=True):
        times = np.array([where[day] for day in of_tile.day])
        loaded = [np.load(file) for file in files]
        area[plan.parcels] += loaded[0]["area"]
        for target, name in ((clear, "clear"), (valid, "valid")):
            target[np.ix_(times, plan.parcels)] += np.concatenate([part[name] for part in loaded])
        every = np.ix_(times, np.arange(layers), plan.parcels)
        for layered, name in ((total, "total"), (squares, "squares")):
            layered[every] += np.concatenate([part[name] for part in loaded])
    return ZoneSeries(scenes, ZonalSums(area, clear, total, squares), valid)


def _scenes(rows: Sequence[pd.DataFrame]) -> tuple[Scene, ...]:
    return tuple(_scene(day, group) for day, group in pd.concat(rows).groupby("day", sort=True))


def _scene(day: object, group: pd.DataFrame) -> Scene:
    hashes = sorted(set(group.source_hash))
    return Scene(
        day=day if isinstance(day, date) else date.fromisoformat(str(day)),
        sensed_at=min(group.sensed_at).to_pydatetime(),
        known_at=max(group.known_at).to_pydatetime(),
        level="+".join(sorted(set(group.level))),
        source_hash=hashes[0] if len(hashes) == 1 else fingerprint(*hashes),
        verified=bool(group.verified.all()),
    )


def _scene_rows(cube: Path) -> pd.DataFrame:
    opened = open_cube(cube)
    return pd.DataFrame(
        {
            "day": days_of(opened),
            "sensed_at": pd.to_datetime(opened.sensed_at.to_numpy(), utc=True),
            "known_at": pd.to_datetime(opened.known_at.to_numpy(), utc=True),
            "level": opened.level.to_numpy().astype(str),
            "source_hash": opened.source_hash.to_numpy().astype(str),
            "verified": opened.verified.to_numpy().astype(bool),
        }
    )


def gather_map(zone: ZonePlan, parts: Sequence[tuple[TilePlan, Sequence[Path]]], classes: int) -> ZoneMap:
    """Add up the blocks of all tiles of a zone."""
    n = len(zone.rows)
    weight, crops = np.zeros(n), np.zeros((n, classes))
    for plan, files in parts:
        for file in files:
            block = np.load(file)
            weight[plan.parcels] += block["weight"]
            crops[plan.parcels] += block["crop_sum"]
    with np.errstate(invalid="ignore", divide="ignore"):
        return ZoneMap(crops / weight[:, None])
