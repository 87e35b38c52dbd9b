"""Read runs and their rows."""

from __future__ import annotations

import json
from typing import Any, Final

import shapely
from sqlalchemy import ColumnElement, Connection, Engine, Row, Select, and_, func, select
from sqlalchemy.orm import aliased

from app.db.tables import CreditLimit, ParcelGeometry, ParcelObservation, Run, SeasonObservation
from app.db.tables.kinds import SubjectKind
from app.db.views import Box, Cycle, Geometry, LimitView, ParcelDetail, ParcelSummary, RunDetail, RunSummary, States
from geo.errors import InputError
from geo.status import Status

_RUN: Final = (
    Run.run_id,
    Run.season_id,
    Run.season_start,
    Run.season_end,
    Run.created_at,
    Run.recorded_at,
    Run.policy_id,
    Run.policy_hash,
    Run.model_hash,
    Run.simulated,
)
_PARCEL: Final = (
    ParcelObservation.parcel_id,
    ParcelObservation.geometry_version,
    ParcelGeometry.wkb,
    ParcelObservation.area_ha,
    ParcelObservation.status,
    ParcelObservation.crop,
    ParcelObservation.crop_prob,
    ParcelObservation.vigour_pct,
    ParcelObservation.farmer_id,
    ParcelObservation.declared_crop,
    CreditLimit.amount_minor,
    CreditLimit.currency,
    CreditLimit.needs_visit,
)
_SAME_OUTLINE: Final = and_(
    ParcelGeometry.parcel_id == ParcelObservation.parcel_id,
    ParcelGeometry.geometry_version == ParcelObservation.geometry_version,
)
_ITS_LIMIT: Final = and_(
    CreditLimit.run_id == ParcelObservation.run_id,
    CreditLimit.subject_kind == SubjectKind.PARCEL,
    CreditLimit.subject_id == ParcelObservation.parcel_id,
)


def list_runs(engine: Engine) -> tuple[RunSummary, ...]:
    """All runs, the newest first."""
    with engine.connect() as connection:
        rows = connection.execute(select(*_RUN).order_by(Run.created_at.desc(), Run.run_id))
        return tuple(RunSummary(*_plain(row)) for row in rows)


def get_run(engine: Engine, run_id: str) -> RunDetail | None:
    """A run; None where there is none of that name."""
    with engine.connect() as connection:
        row = connection.execute(select(Run.record, *_RUN).where(Run.run_id == run_id)).one_or_none()
        if row is None:
            return None
        record, *summary = _plain(row)
        statuses = _statuses(connection, run_id)
        return RunDetail(RunSummary(*summary), record, sum(statuses.values()), statuses, _box(connection, run_id))


def list_parcels(
    engine: Engine, run_id: str, bbox: Box | None = None, *, limit: int = 1_000, offset: int = 0
) -> tuple[ParcelSummary, ...]:
    """Parcels of a run, in the order of their names.

    Args:
        engine: database.
        run_id: the run; one that is not there has no parcels.
        bbox: only parcels whose boxes touch this one; None for all, those without an outline included.
        limit: most parcels to give.
        offset: parcels to leave out first.

    Raises:
        InputError: limit or offset is negative, or the box has no inside.
    """
    if limit < 0 or offset < 0:
        raise InputError("PAGE", f"A page of {limit} from {offset} does not exist.", "Give numbers from 0 upwards.")
    wanted = _parcels(run_id, bbox).order_by(ParcelObservation.parcel_id).limit(limit).offset(offset)
    with engine.connect() as connection:
        return tuple(map(_summary, connection.execute(wanted)))


def count_parcels(engine: Engine, run_id: str, bbox: Box | None = None) -> int:
    """How many parcels list_parcels would give without a limit."""
    with engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(_parcels(run_id, bbox).subquery())) or 0


def get_parcel(engine: Engine, run_id: str, parcel_id: str) -> ParcelDetail | None:
    """All that a run says about a parcel; None where the run has no such parcel."""
    seen = ParcelObservation
    further = (seen.cropped_area_ha, seen.crop_set, seen.ndvi_peak, seen.sos, seen.pos, seen.eos, seen.clear_dates)
    wanted = _parcels(run_id, None).add_columns(*further).where(seen.parcel_id == parcel_id)
    with engine.connect() as connection:
        row = connection.execute(wanted).one_or_none()
        if row is None:
            return None
        return ParcelDetail(
            summary=_summary(row),
            cropped_area_ha=row.cropped_area_ha,
            crop_set=tuple(row.crop_set),
            ndvi_peak=row.ndvi_peak,
            sos=row.sos,
            pos=row.pos,
            eos=row.eos,
            clear_dates=row.clear_dates,
            cycles=_cycles(connection, run_id, parcel_id),
            limit=_limit(connection, run_id, SubjectKind.PARCEL, parcel_id),
        )


def get_limit(engine: Engine, run_id: str, subject_kind: SubjectKind, subject_id: str) -> LimitView | None:
    """The limit of a parcel or farmer in a run, with its reasons; None where there is none."""
    with engine.connect() as connection:
        return _limit(connection, run_id, subject_kind, subject_id)


def states(engine: Engine, run_id: str) -> States:
    """What the map colours the parcels of a run by, in columns; empty columns for a run that is not there."""
    seen = ParcelObservation
    wanted = (
        select(
            seen.parcel_id,
            seen.crop,
            seen.status,
            seen.vigour_pct,
            CreditLimit.amount_minor,
            CreditLimit.needs_visit,
            CreditLimit.currency,
        )
        .outerjoin(CreditLimit, _ITS_LIMIT)
        .where(seen.run_id == run_id)
        .order_by(seen.parcel_id)
    )
    with engine.connect() as connection:
        rows = connection.execute(wanted).all()
    return States(
        parcel_id=tuple(row.parcel_id for row in rows),
        crop=tuple(row.crop for row in rows),
        status=tuple(row.status for row in rows),
        vigour_pct=tuple(row.vigour_pct for row in rows),
        amount_minor=tuple(row.amount_minor for row in rows),
        needs_visit=tuple(row.needs_visit for row in rows),
        currency=next((row.currency for row in rows if row.currency), None),
    )


def _plain(row: Row[*tuple[Any, ...]]) -> tuple[Any, ...]:
    return tuple(row)


def _parcels(run_id: str, bbox: Box | None) -> Select[*tuple[Any, ...]]:
    wanted: Select[*tuple[Any, ...]] = (
        select(*_PARCEL)
        .join(ParcelGeometry, _SAME_OUTLINE)
        .outerjoin(CreditLimit, _ITS_LIMIT)
        .where(ParcelObservation.run_id == run_id)
    )
    return wanted if bbox is None else wanted.where(_touches(bbox))


def _touches(bbox: Box) -> ColumnElement[bool]:
    west, south, east, north = bbox
    if not (west <= east and south <= north):
        raise InputError("BOX", f"The box {bbox} has no inside.", "Give west, south, east and north in that order.")

    def meets(box: type[ParcelGeometry]) -> ColumnElement[bool]:
        return and_(box.minx <= east, box.maxx >= west, box.miny <= north, box.maxy >= south)

    # The list of parcels lets SQLite begin with the index of boxes; it would visit all parcels of the run otherwise.
    # The outline of this run must touch too: the list knows every outline that a parcel ever had.
    ever = aliased(ParcelGeometry)
    return and_(meets(ParcelGeometry), ParcelObservation.parcel_id.in_(select(ever.parcel_id).where(meets(ever))))


def _summary(row: Row[*tuple[Any, ...]]) -> ParcelSummary:
    parcel_id, version, wkb, *rest = _plain(row)[: len(_PARCEL)]
    return ParcelSummary(parcel_id, version, _geojson(wkb), *rest)


def _geojson(wkb: bytes | None) -> Geometry | None:
    if wkb is None:
        return None
    geometry: Geometry = json.loads(shapely.to_geojson(shapely.from_wkb(wkb)))
    return geometry


def _cycles(connection: Connection, run_id: str, parcel_id: str) -> tuple[Cycle, ...]:
    seen = SeasonObservation
    rows = connection.execute(
        select(
            seen.cycle,
            seen.crop,
            seen.crop_prob,
            seen.crop_set,
            seen.vigour_pct,
            seen.ndvi_peak,
            seen.sos,
            seen.pos,
            seen.eos,
        )
        .where(seen.run_id == run_id, seen.parcel_id == parcel_id)
        .order_by(seen.cycle)
    )
    return tuple(Cycle(cycle, crop, prob, tuple(crops), *rest) for cycle, crop, prob, crops, *rest in map(_plain, rows))


def _limit(connection: Connection, run_id: str, kind: SubjectKind, subject_id: str) -> LimitView | None:
    line = CreditLimit
    wanted = select(
        line.subject_kind,
        line.subject_id,
        line.farmer_id,
        line.amount_minor,
        line.currency,
        line.low_minor,
        line.high_minor,
        line.needs_visit,
        line.policy_id,
        line.policy_hash,
        line.reasons,
    ).where(line.run_id == run_id, line.subject_kind == kind, line.subject_id == subject_id)
    row = connection.execute(wanted).one_or_none()
    if row is None:
        return None
    values = (*_plain(row)[:-1], tuple(row.reasons))
    return LimitView(*values)


def _statuses(connection: Connection, run_id: str) -> dict[Status, int]:
    seen = ParcelObservation
    rows = connection.execute(
        select(seen.status, func.count()).where(seen.run_id == run_id).group_by(seen.status).order_by(seen.status)
    )
    return dict(map(_plain, rows))


def _box(connection: Connection, run_id: str) -> Box | None:
    box = ParcelGeometry
    row = connection.execute(
        select(func.min(box.minx), func.min(box.miny), func.max(box.maxx), func.max(box.maxy))
        .join(ParcelObservation, _SAME_OUTLINE)
        .where(ParcelObservation.run_id == run_id)
    ).one()
    west, south, east, north = _plain(row)
    return None if west is None else (west, south, east, north)
