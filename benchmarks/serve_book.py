"""A made-up county in a database: parcels with outlines, one run, a watch with alerts, two branches."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import shapely
from sqlalchemy import Connection, Engine, insert

from app.book.decisions.people import NewUser, add_unit, add_user
from app.db.engine import writing
from app.db.loading import refresh_statistics
from app.db.rows import chunked
from app.db.tables import Alert, AlertEvent, Parcel, ParcelGeometry, ParcelObservation, ParcelPeriod, Run, Watch
from app.db.tables.kinds import OrgKind, UserRole

NOW: Final = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY: Final = NOW.date()
RUN: Final = "made-up-run"
LOGIN: Final = "olga"
_SEASON: Final = "2026-01-01/2026-12-31"
_HASH: Final = "00" * 32
_VERSION: Final = "v1"
#: Edge of a parcel, degrees: about half a hectare in the middle latitudes.
_STEP: Final = 0.00075
_WEST, _SOUTH = 115.0, 35.0
_CROPS: Final = ("wheat", "maize", "rice", "soybean", "rapeseed", "cotton", "potato", "groundnut", "grass")
_LEVELS: Final = ("info", "watch", "warning", "action")
#: Shares of parcels that are decided, and that have an alert.
_DECIDED, _ALERTS = 0.9, 0.02


def build(engine: Engine, side: int, seed: int) -> int:
    """Fill an empty database with side x side parcels; how many.

    The user LOGIN is an officer of the head office; a branch has the western half of the parcels, another the rest.
    """
    outlines = county(side, np.random.default_rng(seed))
    names = [f"p{number:07d}" for number in range(len(outlines))]
    with writing(engine) as connection:
        add_unit(connection, "001", "Head office", OrgKind.HEAD_OFFICE, None, NOW)
        for code in ("010", "020"):
            add_unit(connection, code, code, OrgKind.BRANCH, "001", NOW)
        keeper = add_user(connection, NewUser("ada", "Ada", UserRole.ADMIN, "001", "en"), None, NOW)
        add_user(connection, NewUser(LOGIN, "Olga", UserRole.OFFICER, "001", "en"), keeper, NOW)
        _load_parcels(connection, names, outlines, side)
        _load_run(connection, names, np.random.default_rng(seed + 1))
        _load_alerts(connection, names, np.random.default_rng(seed + 2))
    refresh_statistics(engine)
    return len(names)


def county(side: int, rng: np.random.Generator) -> npt.NDArray[np.object_]:
    """Outlines of side x side parcels that share their borders, 12 corners each, none straight or square."""
    grid = np.stack(np.meshgrid(np.arange(side + 1), np.arange(side + 1)), -1) * _STEP + [_WEST, _SOUTH]
    corners = grid + rng.normal(0, _STEP * 0.1, grid.shape)
    south, west = _thirds(corners[:, :-1], corners[:, 1:], rng), _thirds(corners[:-1], corners[1:], rng)
    ring = [corners[:-1, :-1], south[0][:-1], south[1][:-1], corners[:-1, 1:], west[0][:, 1:], west[1][:, 1:]]
    ring += [corners[1:, 1:], south[1][1:], south[0][1:], corners[1:, :-1], west[1][:, :-1], west[0][:, :-1]]
    outlines: npt.NDArray[np.object_] = shapely.polygons(np.stack([*ring, ring[0]], 2).reshape(-1, 13, 2))
    return shapely.make_valid(outlines)


def _thirds(first: npt.NDArray[Any], second: npt.NDArray[Any], rng: np.random.Generator) -> npt.NDArray[Any]:
    share = np.array([1 / 3, 2 / 3])[:, None, None, None]
    points: npt.NDArray[Any] = first * (1 - share) + second * share
    return points + rng.normal(0, _STEP * 0.02, points.shape)


def _load_parcels(connection: Connection, names: list[str], outlines: npt.NDArray[np.object_], side: int) -> None:
    boxes, wkb = shapely.bounds(outlines), shapely.to_wkb(outlines, byte_order=1)
    branch = [2 + (place % side >= side // 2) for place in range(len(names))]
    since = {"recorded_at": NOW}
    rows = ({"parcel_id": name, "org_unit_id": unit, **since} for name, unit in zip(names, branch, strict=True))
    _insert(connection, Parcel, rows)
    sides = ("minx", "miny", "maxx", "maxy")
    version = {"geometry_version": _VERSION, **since}
    _insert(
        connection,
        ParcelGeometry,
        (
            {
                "parcel_id": name,
                "wkb": outline,
                "area_ha": 0.5,
                **dict(zip(sides, map(float, box), strict=True)),
                **version,
            }
            for name, outline, box in zip(names, wkb, boxes, strict=True)
        ),
    )
    _insert(connection, ParcelPeriod, ({"parcel_id": name, "valid_from": NOW, **version} for name in names))


def _load_run(connection: Connection, names: list[str], rng: np.random.Generator) -> None:
    run = {"run_id": RUN, "season_id": _SEASON, "season_start": date(2026, 1, 1), "season_end": date(2026, 12, 31)}
    made = {"created_at": NOW, "recorded_at": NOW, "simulated": True, "content_hash": _HASH, "record": {}}
    connection.execute(insert(Run), [run | made])
    crops, vigour = rng.integers(0, len(_CROPS), len(names)), rng.uniform(0, 100, len(names))
    decided = rng.random(len(names)) < _DECIDED
    seen = {"run_id": RUN, "geometry_version": _VERSION, "crop_set": [], "area_ha": 0.5, "clear_dates": 20}
    _insert(
        connection,
        ParcelObservation,
        (
            {
                **seen,
                "parcel_id": name,
                "crop": _CROPS[crop],
                "vigour_pct": float(rank),
                "status": "OK" if ok else "CLOUDY",
            }
            for name, crop, rank, ok in zip(names, crops, vigour, decided, strict=True)
        ),
    )


def _load_alerts(connection: Connection, names: list[str], rng: np.random.Generator) -> None:
    rules = {"rules_id": "made-up", "rules_hash": _HASH, "season_id": _SEASON, "run_id": RUN, "recorded_at": NOW}
    watch = {"id": "watch", "as_of": DAY, "inputs_hash": _HASH, "code_version": "0", "counts": {}}
    connection.execute(insert(Watch), [rules | watch])
    places = np.flatnonzero(rng.random(len(names)) < _ALERTS)
    levels = [_LEVELS[level] for level in rng.choice(4, len(places), p=[0.4, 0.3, 0.2, 0.1])]
    days = {"opened_on": DAY, "changed_on": DAY, "cause": "abrupt_loss", "scope": "own", "status": "open"}
    found = list(enumerate(zip(places, levels, strict=True), start=1))
    _insert(
        connection,
        Alert,
        (
            {**rules, **days, "id": n, "key": f"{n:064d}", "parcel_id": names[at], "level": level}
            for n, (at, level) in found
        ),
    )
    said = {"kind": "opened", "happened_on": DAY, "evidence": {}, "watch_id": "watch", "recorded_at": NOW}
    _insert(connection, AlertEvent, ({**said, "alert_id": n, "level": level} for n, (_, level) in found))


def _insert(connection: Connection, table: Any, rows: Iterator[dict[str, Any]]) -> None:
    for chunk in chunked(list(rows)):
        connection.execute(insert(table), list(chunk))
