"""Land of a party: papers, parcels, and what grows or is to grow there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, RowMapping, func, or_, select

from app.alerts.worklist.candidates import RulesAtHand
from app.alerts.worklist.workflow import LIVE
from app.api.access.scope import Scope
from app.api.farmers.schemas import (
    FarmerAlert,
    FarmerCrop,
    FarmerParcel,
    FarmerRight,
    FourAreas,
    PlotOfContract,
    Vouched,
)
from app.api.office.naming import cause_names, village_name
from app.api.office.shapes import BothNames
from app.api.schemas import VillageName
from app.book.villages import villages_of
from app.db.listed import listed
from app.db.season_runs import of_crops
from app.db.tables import (
    Alert,
    ContractPlot,
    CropCycle,
    LandRight,
    Parcel,
    ParcelObservation,
    ParcelOrigin,
    Run,
    SeasonObservation,
)
from app.db.tables.alert_kinds import AlertLevel
from app.db.tables.kinds import CropOrigin

_AREAS: Final = ("certified", "contracted", "measured", "net")
_LEVELS: Final = tuple(AlertLevel)
#: A page shows so many parcels; a cooperative may have thousands.
PAGE_PARCELS: Final = 100


def rights_of(connection: Connection, party_id: int) -> list[FarmerRight]:
    """Papers of a party that hold now, with the plots that they name."""
    wanted = select(LandRight.__table__).where(LandRight.party_id == party_id, LandRight.valid_to.is_(None))
    rows = connection.execute(wanted.order_by(LandRight.starts_on, LandRight.id)).mappings().all()
    plots: dict[int, list[PlotOfContract]] = {row["id"]: [] for row in rows}
    for right, plot in plots_of(connection, ContractPlot.land_right_id.in_(list(plots)), "land_right_id"):
        plots[right].append(plot)
    return [
        FarmerRight(
            **{name: row[name] for name in ("id", "basis", "kind", "starts_on", "ends_on")},
            areas=_areas(row),
            vouched=vouched(row),
            plots=plots[row["id"]],
        )
        for row in rows
    ]


def plots_of(connection: Connection, which: ColumnElement[bool], key: str) -> list[tuple[int, PlotOfContract]]:
    """Plots of contracts that hold now, each with the number of its contract."""
    wanted = select(ContractPlot.__table__).where(which, ContractPlot.valid_to.is_(None))
    rows = connection.execute(wanted.order_by(ContractPlot.parcel_id, ContractPlot.id)).mappings()
    names = ("parcel_id", "plot_code", "starts_on", "ends_on")
    return [(row[key], PlotOfContract(**{name: row[name] for name in names}, areas=_areas(row))) for row in rows]


def parcel_names(
    connection: Connection, scope: Scope, party_id: int, farmer_id: str | None, facilities: Sequence[int]
) -> list[str]:
    """Parcels of a party within a scope: of its papers, its facilities, outlines given for it, and of runs."""
    rights = select(LandRight.id).where(LandRight.party_id == party_id, LandRight.valid_to.is_(None))
    plots = select(ContractPlot.parcel_id).where(
        ContractPlot.valid_to.is_(None),
        or_(ContractPlot.land_right_id.in_(rights), ContractPlot.facility_id.in_(list(facilities))),
    )
    drawn = select(ParcelOrigin.parcel_id).where(ParcelOrigin.party_id == party_id)
    named: list[ColumnElement[bool]] = [Parcel.parcel_id.in_(plots), Parcel.parcel_id.in_(drawn)]
    if farmer_id is not None:
        seen = select(ParcelObservation.parcel_id).where(ParcelObservation.farmer_id == farmer_id)
        named.append(Parcel.parcel_id.in_(seen))
    wanted = select(Parcel.parcel_id).where(or_(*named), scope.parcels()).order_by(Parcel.parcel_id)
    return list(connection.scalars(wanted))


def parcels_of(connection: Connection, parcels: Sequence[str], alerts: Sequence[FarmerAlert]) -> list[FarmerParcel]:
    """Parcels as the newest run saw each, with the village that each lies in."""
    seen, villages = _newest(connection, parcels), villages_of(connection, parcels)
    live: dict[str, list[FarmerAlert]] = defaultdict(list)
    for alert in alerts:
        live[alert.parcel_id].append(alert)
    return [_parcel(parcel, village_name(villages.get(parcel)), seen.get(parcel), live[parcel]) for parcel in parcels]


def crops_of(connection: Connection, parcels: Sequence[str]) -> list[FarmerCrop]:
    """What was planned, declared, visited and seen, by parcel and season."""
    said = select(CropCycle.__table__).where(
        CropCycle.parcel_id.in_(listed(connection, parcels)), CropCycle.valid_to.is_(None)
    )
    found = [_said_crop(row) for row in connection.execute(said).mappings()] + _seen_crops(connection, parcels)
    return sorted(found, key=lambda each: (each.parcel_id, each.season_id, each.cycle, each.origin))


def alerts_of(connection: Connection, parcels: Sequence[str]) -> tuple[list[FarmerAlert], dict[str, BothNames]]:
    """Live alerts, the gravest first, and what their causes are called."""
    wanted = select(Alert.__table__).where(
        Alert.parcel_id.in_(listed(connection, parcels)), Alert.ended_on.is_(None), Alert.status.in_(LIVE)
    )
    names = ("parcel_id", "cause", "level", "status", "opened_on")
    rows = connection.execute(wanted.order_by(Alert.id)).mappings().all()
    found = [FarmerAlert(number=row["id"], **{name: row[name] for name in names}) for row in rows]
    rules = RulesAtHand()
    causes = {row["cause"]: cause_names(rules, row["cause"], row["rules_id"]) for row in rows}
    return sorted(found, key=lambda each: -_LEVELS.index(each.level)), causes


def vouched(row: RowMapping) -> Vouched:
    """Who vouches for a fact."""
    return Vouched(source=row["source"], as_of=row["as_of"], expires_on=row["expires_on"])


def _areas(row: RowMapping) -> FourAreas:
    return FourAreas(**{f"{name}_ha": row[f"{name}_area_ha"] for name in _AREAS})


def _newest(connection: Connection, parcels: Sequence[str]) -> dict[str, RowMapping]:
    wanted = (
        select(ParcelObservation.__table__, Run.season_id)
        .join(Run, Run.run_id == ParcelObservation.run_id)
        .where(ParcelObservation.parcel_id.in_(listed(connection, parcels)), of_crops())
        .order_by(Run.created_at, Run.run_id)
    )
    return {row["parcel_id"]: row for row in connection.execute(wanted).mappings()}


def _parcel(
    parcel: str, village: VillageName | None, seen: RowMapping | None, alerts: Sequence[FarmerAlert]
) -> FarmerParcel:
    names = ("area_ha", "status", "crop", "crop_prob", "season_id")
    facts: dict[str, Any] = {name: None if seen is None else seen[name] for name in names}
    level = max((alert.level for alert in alerts), key=_LEVELS.index, default=None)
    return FarmerParcel(parcel_id=parcel, village=village, alerts=len(alerts), level=level, **facts)


def _said_crop(row: RowMapping) -> FarmerCrop:
    names = ("parcel_id", "season_id", "cycle", "origin", "crop", "area_ha", "source", "as_of")
    facts = {name: row[name] for name in names}
    return FarmerCrop(**facts, starts_on=row["sowing_on"], ends_on=row["harvest_on"], crop_prob=None)


def _seen_crops(connection: Connection, parcels: Sequence[str]) -> list[FarmerCrop]:
    """Cycles that runs saw; of several runs of a season the newest counts."""
    seen = SeasonObservation
    newest = func.row_number().over(
        partition_by=(seen.parcel_id, Run.season_id, seen.cycle), order_by=(Run.created_at.desc(), Run.run_id)
    )
    ranked = (
        select(seen.parcel_id, Run.season_id, seen.cycle, seen.crop, seen.crop_prob, seen.sos, seen.eos)
        .add_columns(Run.created_at, seen.run_id, newest.label("place"))
        .join(Run, Run.run_id == seen.run_id)
        .where(seen.parcel_id.in_(listed(connection, parcels)), seen.crop.is_not(None))
        .subquery()
    )
    rows = connection.execute(select(ranked).where(ranked.c.place == 1)).mappings()
    return [_seen_crop(row) for row in rows]


def _seen_crop(row: RowMapping) -> FarmerCrop:
    names = ("parcel_id", "season_id", "cycle", "crop", "crop_prob")
    return FarmerCrop(
        **{name: row[name] for name in names},
        origin=CropOrigin.OBSERVED,
        area_ha=None,
        starts_on=row["sos"],
        ends_on=row["eos"],
        source=f"run {row['run_id']}",
        as_of=row["created_at"].date(),
    )
