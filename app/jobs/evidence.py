"""The way down from a limit of a run folder: parcels, pixels, dates and scenes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from app.jobs.explain import read_rows
from app.jobs.grounds import Grounds, read_grounds
from app.jobs.limits import INPUTS_FILE
from geo.errors import DataError
from geo.observations import CLEAR_SHARE
from geo.runrecord import Scene
from scoring.pack_schema import Pack
from scoring.receipts.evidence import Cycle, Evidence, Look, ParcelEvidence, RunEvidence, SceneUsed, TilePixels
from scoring.receipts.limit import Limit
from tiles.facts import joint_hash

_PARCEL: Final = (
    *("parcel_id", "geometry_version", "season_id", "status", "crop", "crop_prob", "crop_set", "declared_crop"),
    *("area_ha", "clear_dates"),
)
_PLANNED: Final = ("parcel_id", "season_id", "status", "crop", "declared_crop", "area_ha")
_PIXELS: Final = pa.schema([("parcel_id", pa.string()), ("tile", pa.string()), ("weight", pa.float64())])


def read_evidence(run: Path, limit: Limit, pack: Pack) -> Evidence:
    """The parcels, pixels, dates and scenes behind a limit, and what the run was made with.

    Args:
        run: run folder.
        limit: one of its limits.
        pack: the policy that it rests on.

    Raises:
        DataError: a file of the folder is missing or damaged, or a parcel of the limit is not in it.
    """
    grounds = read_grounds(run)
    found = _planned(run, limit) if grounds.plan else _observed(run, limit, grounds.scenes)
    used = {name for parcel in found for look in parcel.looks for name in look.scenes}
    scenes = tuple(SceneUsed(each.id, each.baseline, each.hash) for each in grounds.scenes if each.id in used)
    return Evidence(_run(grounds, pack, limit), found, scenes, len(grounds.scenes))


def _observed(run: Path, limit: Limit, scenes: Sequence[Scene]) -> tuple[ParcelEvidence, ...]:
    parcels = _subject_rows(run / "parcels.parquet", limit, _PARCEL)
    wanted = [("parcel_id", "in", [row["parcel_id"] for row in parcels])]
    cycles = _by_parcel(
        read_rows(run / "seasons.parquet", wanted, ["parcel_id", "cycle", "crop", "crop_prob", "crop_set"])
    )
    tiles, looks = _tiles(run, wanted), _looks(run, wanted, scenes)
    return tuple(_parcel(row, cycles, tiles, looks) for row in parcels)


def _planned(folder: Path, limit: Limit) -> tuple[ParcelEvidence, ...]:
    """Parcels of limits before the season: what was planned; what was seen of them stands in the earlier runs."""
    return tuple(
        ParcelEvidence(
            **row,
            geometry_version=None,
            crop_prob=None,
            crop_set=(row["crop"],) if row["crop"] else (),
            clear_dates=0,
            cycles=(),
            tiles=(),
            looks=(),
        )
        for row in _subject_rows(folder / INPUTS_FILE, limit, _PLANNED)
    )


def _subject_rows(path: Path, limit: Limit, columns: Sequence[str]) -> list[Any]:
    """Rows of the parcels of a subject."""
    key = "parcel_id" if limit.kind == "parcel" else "farmer_id"
    rows = read_rows(path, [(key, "in", [limit.subject_id])], columns)
    if not rows:
        said = f"{path.name} has no row of {limit.kind} {limit.subject_id!r}."
        raise DataError("FILE_DAMAGED", said, "Restore it from a backup of the folder.")
    return rows


def _by_parcel(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["parcel_id"], []).append(row)
    return found


def _tiles(run: Path, wanted: list[tuple[str, str, list[str]]]) -> dict[str, list[Mapping[str, Any]]]:
    rows = read_rows(run / "pixels.parquet", wanted, ["parcel_id", "tile", "weight"])
    table = pa.Table.from_pylist(rows, schema=_PIXELS)
    sums = table.group_by(["parcel_id", "tile"], use_threads=False).aggregate([("weight", "count"), ("weight", "sum")])
    return _by_parcel(sums.sort_by([("parcel_id", "ascending"), ("tile", "ascending")]).to_pylist())


def _looks(
    run: Path, wanted: list[tuple[str, str, list[str]]], scenes: Sequence[Scene]
) -> dict[str, list[Mapping[str, Any]]]:
    """Days that counted, each as it was known last, with the scenes of that day."""
    columns = ["parcel_id", "date", "known_at", "clear_share", "source_hash"]
    rows = sorted(read_rows(run / "series.parquet", wanted, columns), key=lambda row: (row["date"], row["known_at"]))
    newest = {(row["parcel_id"], row["date"]): row for row in rows}
    names = scenes_of_days(scenes)
    counted = [row for row in newest.values() if row["clear_share"] >= CLEAR_SHARE]
    return _by_parcel([row | {"scenes": names.get(row["source_hash"], ())} for row in counted])


def scenes_of_days(scenes: Sequence[Scene]) -> dict[str, tuple[str, ...]]:
    """Ids of scenes by the hash that a day of series.parquet carries, for days of one scene or of all of one name.

    A day's hash is that of its scenes together (tiles.facts.joint_hash). The record does not say which scenes share a
    day, so those are tried whose ids name the same date.
    """
    dated: dict[str, list[Scene]] = {}
    for scene in scenes:
        for name in _dates_in(scene.id):
            dated.setdefault(name, []).append(scene)
    groups = [*([scene] for scene in scenes), *(group for group in dated.values() if len(group) > 1)]
    return {joint_hash(scene.hash for scene in group): tuple(sorted(scene.id for scene in group)) for group in groups}


def _dates_in(name: str) -> set[str]:
    """Dates (eight digits) that an id holds."""
    parts = name.replace("T", "_").replace("-", "").split("_")
    return {part for part in parts if len(part) == len("20240131") and part.isdigit()}


def _parcel(
    row: Mapping[str, Any],
    cycles: Mapping[str, list[Mapping[str, Any]]],
    tiles: Mapping[str, list[Mapping[str, Any]]],
    looks: Mapping[str, list[Mapping[str, Any]]],
) -> ParcelEvidence:
    name = row["parcel_id"]
    return ParcelEvidence(
        **{**row, "crop_set": tuple(row["crop_set"])},
        cycles=tuple(
            Cycle(each["cycle"], each["crop"], each["crop_prob"], tuple(each["crop_set"]))
            for each in sorted(cycles.get(name, ()), key=lambda each: each["cycle"])
        ),
        tiles=tuple(TilePixels(each["tile"], each["weight_count"], each["weight_sum"]) for each in tiles.get(name, ())),
        looks=tuple(
            Look(each["date"], each["clear_share"], each["scenes"], each["source_hash"]) for each in looks.get(name, ())
        ),
    )


def _run(grounds: Grounds, pack: Pack, limit: Limit) -> RunEvidence:
    return RunEvidence(
        run_id=grounds.run_id,
        plan=grounds.plan,
        created_on=grounds.created_on,
        code_version=grounds.code_version,
        simulated=grounds.simulated,
        season_id=grounds.season_id,
        mask=grounds.mask,
        model_hash=grounds.model_hash,
        policy_id=limit.policy_id,
        policy_version=pack.version,
        policy_hash=limit.policy_hash,
        policy_in_force=grounds.policy_in_force,
        earlier=grounds.earlier,
    )
