"""Parcels that people gave, seen by a run of their own: the imagery, season, masking and policy of the book's run.

Such a run has its own folder beside the others and its own record, so that each row that it brings still belongs to a
recorded run. It reads no more than the new parcels' surroundings. Vigour is a rank among a run's own parcels and needs
twenty peers: a run of fewer leaves it out until the book's next run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import shapely
from sqlalchemy import Connection, and_, select

from app.alerts.reach import units_below, within
from app.artefacts.folders import required
from app.artefacts.runs import RunShelf
from app.db.listed import listed
from app.db.season_runs import no_site, of_crops
from app.db.tables import Parcel, ParcelGeometry, ParcelObservation, ParcelOrigin, ParcelPeriod, Run
from app.jobs.area import lonlat_bounds
from app.jobs.queued.shop import Shop, Told
from app.jobs.request import RunRequest
from app.jobs.run import run_season
from app.jobs.scenes import access_of
from app.queue.claiming import Claim
from app.queue.working import Progress
from geo.errors import InputError
from geo.files import fingerprint, whole_file
from geo.runrecord import RunRecord
from geo.season import Season
from tiles.clear import Masking
from tiles.sources.base import Source
from tiles.sources.opening import name_of, open_source

#: Name of the parcel file of a run over given parcels, which tells such runs.
GIVEN_FILE: Final = "given.parquet"
_NAME_DIGITS: Final = 16
_MOST_TOLD: Final = 200
#: Parcels of one run.
_MOST_PARCELS: Final = 20_000


@dataclass(frozen=True, slots=True)
class _Base:
    """A run of the book whose imagery new parcels may lie in."""

    record: RunRecord
    season: Season


def observe_given(shop: Shop, held: Claim, progress: Progress) -> Mapping[str, Any]:
    """See the parcels of a unit that people gave and no run has seen as they are now (asked: unit, its code).

    The answer: runs (run_id, season, parcels), seen (parcel_id, status, crop of the first of them) and not_covered
    (parcels that no run's imagery covers).

    Raises:
        InputError: no catalogue is set, it is another one than the book's run read, or no run is here.
    """
    progress.tell("Looking for a run")
    with shop.engine.connect() as connection:
        waiting = _waiting(connection, held.asked["unit"])
        bases = list(_bases(connection, shop.runs)) if len(waiting) else []
    runs = []
    for base in bases:
        covered = waiting[_covered(waiting, base, shop)].head(_MOST_PARCELS)
        if len(covered):
            runs.append(_run(shop, base, covered, Told(progress)))
            waiting = waiting[~waiting.parcel_id.isin(covered.parcel_id)]
    with shop.engine.connect() as connection:
        seen = _seen(connection, [run["run_id"] for run in runs])
    return {"runs": runs, "seen": seen, "not_covered": waiting.parcel_id.tolist()[:_MOST_TOLD]}


def _waiting(connection: Connection, unit: str) -> gpd.GeoDataFrame:
    """Given parcels of a unit and those below it whose outline of now no run has seen, but for sites."""
    now = and_(
        ParcelPeriod.parcel_id == ParcelOrigin.parcel_id,
        ParcelPeriod.geometry_version == ParcelOrigin.geometry_version,
        ParcelPeriod.valid_to.is_(None),
    )
    same = and_(
        ParcelGeometry.parcel_id == ParcelOrigin.parcel_id,
        ParcelGeometry.geometry_version == ParcelOrigin.geometry_version,
    )
    seen = select(ParcelObservation.parcel_id).where(
        ParcelObservation.parcel_id == ParcelOrigin.parcel_id,
        ParcelObservation.geometry_version == ParcelOrigin.geometry_version,
    )
    wanted = (
        select(ParcelOrigin.parcel_id, ParcelGeometry.wkb)
        .join(ParcelPeriod, now)
        .join(ParcelGeometry, same)
        .join(Parcel, Parcel.parcel_id == ParcelOrigin.parcel_id)
        .where(within(units_below(connection, unit)), no_site(), ~seen.exists(), ParcelGeometry.wkb.is_not(None))
        .distinct()
        .order_by(ParcelOrigin.parcel_id)
    )
    rows: Any = connection.execute(wanted).all()
    shapes = shapely.from_wkb([bytes(wkb) for _, wkb in rows])
    return gpd.GeoDataFrame({"parcel_id": [name for name, _ in rows]}, geometry=list(shapes), crs=4326)


def _bases(connection: Connection, shelf: RunShelf) -> Iterator[_Base]:
    """Runs of the book whose folders are here, the newest first."""
    wanted = select(Run.run_id, Run.season_start, Run.season_end).where(of_crops()).order_by(Run.created_at.desc())
    rows = connection.execute(wanted)
    found = False
    for run_id, start, end in rows.all():
        folder = shelf.find(run_id)
        if folder is None:
            continue
        record = RunRecord.from_json((folder / "run.json").read_bytes())
        if record.parameters.get("parcels") != GIVEN_FILE and record.policy_id is not None:
            found = True
            yield _Base(record, Season(start, end))
    if not found:
        raise InputError(
            "OBSERVE_NO_RUN",
            "There is no run of the book here whose imagery new parcels could be seen in.",
            "Put its folder where ACRELINE_RUNS_DIR says; the parcels wait.",
        )


def _covered(parcels: gpd.GeoDataFrame, base: _Base, shop: Shop) -> list[bool]:
    """Whether a scene of the base run lies over the middle of each parcel."""
    scenes = {scene.id for scene in base.record.scenes}
    try:
        items = _source(base, shop).search(lonlat_bounds(parcels.assign(valid=True)), base.season)
    except InputError as error:
        if error.code in ("NO_SCENES", "OUTSIDE_IMAGERY"):
            return [False] * len(parcels)
        raise
    ground = shapely.union_all([shapely.geometry.shape(item.geometry or {}) for item in items if item.id in scenes])
    return [bool(each) for each in shapely.intersects(ground, parcels.geometry.representative_point().array)]


def _source(base: _Base, shop: Shop) -> Source:
    catalog = shop.settings.catalog
    if catalog is None:
        raise InputError(
            "OBSERVE_NO_CATALOG",
            "It is not set where the scenes are.",
            "Set ACRELINE_CATALOG and start the worker again; the parcels wait.",
        )
    if name_of(catalog) != base.record.parameters["catalog"]:
        raise InputError(
            "OBSERVE_OTHER_CATALOG",
            f"ACRELINE_CATALOG names {name_of(catalog)}; the book's run read {base.record.parameters['catalog']}.",
            "Name the one that the run read, so that new parcels are seen in the same imagery.",
        )
    return open_source(catalog, access_of(shop.settings))


def _run(shop: Shop, base: _Base, parcels: gpd.GeoDataFrame, told: Told) -> dict[str, Any]:
    out = _folder(required(shop.folders.runs, "ACRELINE_RUNS_DIR"), base, parcels)
    with whole_file(out / GIVEN_FILE) as part:
        parcels.to_parquet(part)
    request = RunRequest(
        catalog=str(shop.settings.catalog),
        parcels=out / GIVEN_FILE,
        season=base.season,
        out=out,
        policy=str(base.record.policy_id),
        packs=shop.settings.packs_dir,
        id_column="parcel_id",
        scheduler=shop.settings.scheduler,
        workers=shop.settings.workers or 1,
        memory_mib=shop.settings.worker_memory_mib,
        masking=Masking(**base.record.parameters["masking"]),
        radar=base.record.parameters.get("radar", {}).get("use") == "read",
        radar_kind=base.record.parameters.get("radar", {}).get("kind"),
        access=access_of(shop.settings),
    )
    done = run_season(request, shop.database_url, told, shop.clock)
    return {"run_id": done.run_id, "season": base.season.id, "parcels": len(parcels)}


def _folder(runs: Path, base: _Base, parcels: gpd.GeoDataFrame) -> Path:
    """Folder of a run: the same parcels over the same run come to the same place, where a killed run goes on."""
    shapes = [shape.wkb_hex for shape in parcels.geometry]
    name = fingerprint(base.record.run_id, parcels.parcel_id.tolist(), shapes)[:_NAME_DIGITS]
    return runs / f"given-{name}"


def _seen(connection: Connection, runs: Sequence[str]) -> list[dict[str, Any]]:
    wanted = (
        select(ParcelObservation.parcel_id, ParcelObservation.status, ParcelObservation.crop)
        .where(ParcelObservation.run_id.in_(listed(connection, runs)))
        .order_by(ParcelObservation.parcel_id)
        .limit(_MOST_TOLD)
    )
    return [dict(row) for row in connection.execute(wanted).mappings()]
