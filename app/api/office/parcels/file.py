"""The file of a parcel, put together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from shapely.geometry import shape
from sqlalchemy import RowMapping, and_, select

from app.alerts.reach import unit_of_parcel
from app.alerts.worklist.candidates import RulesAtHand
from app.alerts.worklist.exposure import exposures
from app.alerts.worklist.listing import Listed, Wanted, list_alerts
from app.alerts.worklist.story import position_of
from app.api.access.schemas import Unit
from app.api.access.scope import require_parcels
from app.api.answers import AREA_UNITS, areas, cycle_answer, rounded
from app.api.office.desk import Desk, pack_at_hand
from app.api.office.naming import causes_of, crop_names, village_name
from app.api.office.parcels.limit import parcel_limit
from app.api.office.parcels.newest import newest_run
from app.api.office.parcels.schemas import AreaUnit, ParcelFarmer, ParcelFile, ParcelPosition, ParcelSeason, SeenByRun
from app.api.office.shapes import alert_answer, loan_answer
from app.api.sites.onparcel import site_on
from app.book.villages import village_of
from app.db.queries import get_parcel
from app.db.tables import OrgUnit, Parcel, ParcelGeometry, ParcelPeriod
from app.db.tables.alert_kinds import AlertLevel
from app.db.views import ParcelDetail

_BOX: Final = ("minx", "miny", "maxx", "maxy")
_ITS_PERIOD: Final = and_(
    ParcelPeriod.parcel_id == ParcelGeometry.parcel_id,
    ParcelPeriod.geometry_version == ParcelGeometry.geometry_version,
)
_RANKS: Final = {level: rank for rank, level in enumerate(AlertLevel)}


def parcel_file(desk: Desk, book: Path | None, parcel_id: str) -> ParcelFile:
    """Everything about a parcel; InputError PARCEL_UNKNOWN where it is not there for the person."""
    require_parcels(desk.connection, desk.scope, [parcel_id])
    rules, run = RulesAtHand(), newest_run(desk.connection, parcel_id)
    seen = None if run is None else get_parcel(desk.connection.engine, run["run_id"], parcel_id)
    limit = parcel_limit(desk, book, parcel_id, seen)
    listed = list_alerts(desk.connection, Wanted(which="all", parcel=parcel_id), desk.day, rules=rules).alerts
    parts = exposures(desk.connection, [parcel_id], desk.day).get(parcel_id, ())
    known = _of_outline(desk, parcel_id) if run is None or seen is None else _of_run(run, seen)
    return ParcelFile(
        parcel_id=parcel_id,
        unit=_unit(desk, parcel_id),
        village=village_name(village_of(desk.connection, parcel_id)),
        site=site_on(desk.connection, parcel_id),
        position=_position(desk, parcel_id),
        **known,
        area_unit=_area_unit(desk, run),
        limit=limit.limit,
        limit_of=limit.origin,
        proposal=limit.proposal,
        loans=[loan_answer(part) for part in parts],
        alerts=[alert_answer(each) for each in sorted(listed, key=_gravest)],
        causes=causes_of(rules, listed),
    )


def _gravest(alert: Listed) -> tuple[Any, ...]:
    stands = alert.standing
    over = stands.ended_on is not None or stands.status in ("closed", "false_alarm")
    return over, -_RANKS[stands.level], -stands.changed_on.toordinal(), alert.number


def _unit(desk: Desk, parcel_id: str) -> Unit | None:
    wanted = select(OrgUnit.code, OrgUnit.name).join(Parcel, OrgUnit.id == unit_of_parcel())
    row = desk.connection.execute(wanted.where(Parcel.parcel_id == parcel_id)).mappings().one_or_none()
    return None if row is None else Unit(**row)


def _position(desk: Desk, parcel_id: str) -> ParcelPosition | None:
    point = position_of(desk.connection, parcel_id, desk.day)
    return None if point is None else ParcelPosition(lon=point[0], lat=point[1])


def _area_unit(desk: Desk, run: RowMapping | None) -> AreaUnit:
    pack = None if run is None else pack_at_hand(run["policy_id"], desk.packs)
    return AreaUnit.HA if pack is None else AreaUnit(AREA_UNITS.get(pack.currency.code, "ha"))


def _of_outline(desk: Desk, parcel_id: str) -> Mapping[str, Any]:
    """What is known of a parcel that no run looked at: its outline, where there is one."""
    wanted = (
        select(ParcelGeometry.area_ha, *(getattr(ParcelGeometry, name) for name in _BOX))
        .join(ParcelPeriod, _ITS_PERIOD)
        .where(ParcelPeriod.parcel_id == parcel_id, ParcelPeriod.valid_to.is_(None))
    )
    row = desk.connection.execute(wanted).mappings().first()
    drawn = row is not None and row["minx"] is not None
    names = ("farmer", "season", "run_id", "status", "crop", "crop_prob", "declared_crop", "vigour_pct", "seen")
    empty: dict[str, Any] = dict.fromkeys(names) | {"simulated": False, "crop_set": [], "crops": {}}
    bounds = None if row is None or not drawn else tuple(row[name] for name in _BOX)
    return empty | {"area": None if row is None or not drawn else areas(row["area_ha"]), "bounds": bounds}


def _of_run(run: RowMapping, seen: ParcelDetail) -> Mapping[str, Any]:
    """What the newest run says."""
    said = seen.summary
    return {
        "farmer": None if said.farmer_id is None else ParcelFarmer(id=said.farmer_id),
        "area": areas(said.area_ha),
        "bounds": None if said.geometry is None else shape(dict(said.geometry)).bounds,
        "season": ParcelSeason(id=run["season_id"], start=run["season_start"], end=run["season_end"]),
        "run_id": run["run_id"],
        "simulated": run["simulated"],
        "status": said.status,
        "crop": said.crop,
        "crop_prob": rounded(said.crop_prob, 4),
        "crop_set": list(seen.crop_set),
        "declared_crop": said.declared_crop,
        "crops": crop_names([said.crop, said.declared_crop, *seen.crop_set, *(each.crop for each in seen.cycles)]),
        "vigour_pct": rounded(said.vigour_pct, 1),
        "seen": _seen(seen),
    }


def _seen(seen: ParcelDetail) -> SeenByRun:
    return SeenByRun(
        cropped_area_ha=rounded(seen.cropped_area_ha, 4),
        ndvi_peak=rounded(seen.ndvi_peak, 4),
        sos=seen.sos,
        pos=seen.pos,
        eos=seen.eos,
        clear_dates=seen.clear_dates,
        cycles=[cycle_answer(each) for each in seen.cycles],
    )
