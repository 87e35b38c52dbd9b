"""The same ground under two contracts: found over the book's plots, kept once, decided by a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any, Final

import geopandas as gpd
import shapely
from sqlalchemy import ColumnElement, Connection, RowMapping, and_, func, insert, or_, select, update
from sqlalchemy.orm import aliased

from app.book.chain.links import Link, append, instant
from app.book.chain.witness import Content, Witness, numbered, numbers_of, text_hash
from app.db.listed import listed, listed_numbers
from app.db.rows import Row, chunked
from app.db.tables import (
    ContractPlot,
    Facility,
    GroundFinding,
    LandRight,
    LoanAccount,
    Parcel,
    ParcelGeometry,
    ParcelPeriod,
    Role,
)
from app.db.tables.kinds import EntryKind, FacilityStatus, FindingStatus, RoleKind
from geo.errors import InputError
from scoring.lending.ground import SharedGround, Tolerance, shared_ground

_M2: Final = 10_000
_PPM: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Searched:
    """What a search came to.

    Attributes:
        plots: that run on the day or later.
        without_outline: those of them that had no outline on the day, and lie nowhere.
        pairs: of plots on the same ground.
        new: those of the pairs that were not known.
    """

    plots: int
    without_outline: int
    pairs: tuple[SharedGround, ...]
    new: tuple[SharedGround, ...]


def find_ground(
    connection: Connection, as_of: date, tolerance: Tolerance, now: datetime, zone: tzinfo = UTC
) -> Searched:
    """Search the book's plots and write each pair that is not known as an open finding.

    Both contracts stand: a finding changes nothing. A pair that was found before stays as it is, decided or not.

    Args:
        connection: transaction that writes (app.db.engine.writing); undone, it was a dry run.
        as_of: contracts that ended before it are left out, and outlines are those of its end.
        tolerance: beyond what outlines count.
        now: when the bank comes to know it.
        zone: in which the day ends.
    """
    plots = plots_as_of(connection, as_of, zone)
    pairs = shared_ground(plots, tolerance)
    known = {(first, second) for first, second in connection.execute(_PAIRS)}
    new = tuple(pair for pair in pairs if (pair.first_plot_id, pair.second_plot_id) not in known)
    for chunk in chunked([_row(pair, now) for pair in new]):
        connection.execute(insert(GroundFinding), chunk)
    return Searched(len(plots), int(plots.geometry.isna().sum()), tuple(pairs), new)


def plots_as_of(
    connection: Connection, day: date, zone: tzinfo = UTC, among: Sequence[str] | None = None
) -> gpd.GeoDataFrame:
    """Contract plots that run on a day or later, as scoring.lending.ground takes them, with the outlines of its end.

    Plots of facilities that are closed, or whose core loans are over, are left out. A plot without a last day ends with
    its facility, or else with its right; while a facility is not over its ground does not become free before the day.

    Args:
        connection: the database.
        day: the day.
        zone: in which the day ends.
        among: only plots on these parcels; None: all.
    """
    ends = datetime.combine(day + timedelta(days=1), datetime.min.time(), tzinfo=zone)
    wanted = _plots(ends)
    if among is not None:
        wanted = wanted.where(ContractPlot.parcel_id.in_(listed(connection, among)))
    rows = [dict(row) for row in connection.execute(wanted).mappings()]
    running = [row for row in rows if (end := _end(row, day)) is None or end >= day]
    outlines = shapely.from_wkb([row["wkb"] for row in running])
    table = {
        "plot_id": [row["id"] for row in running],
        "facility_id": [row["facility_id"] for row in running],
        "party_id": [row["holder"] or row["borrower"] for row in running],
        "right": [str(row["right"]) if row["right"] else None for row in running],
        "starts_on": [row["starts_on"] for row in running],
        "ends_on": [_end(row, day) for row in running],
    }
    return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries(outlines, crs=4326), crs=4326)


def pledged_parcels(connection: Connection, day: date, seen: ColumnElement[bool], zone: tzinfo = UTC) -> set[str]:
    """Parcels with a plot of a contract that runs on a day or later, as plots_as_of has it; no outline is read.

    Args:
        connection: the database.
        day: the day.
        seen: condition on Parcel: those that somebody sees.
        zone: in which the day ends.
    """
    ends = datetime.combine(day + timedelta(days=1), datetime.min.time(), tzinfo=zone)
    columns = (ContractPlot.parcel_id, ContractPlot.facility_id, ContractPlot.ends_on)
    wanted = (
        _plots(ends)
        .with_only_columns(
            *columns, Facility.ends_on.label("facility_ends_on"), LandRight.ends_on.label("right_ends_on")
        )
        .join(Parcel, Parcel.parcel_id == ContractPlot.parcel_id)
        .where(ContractPlot.facility_id.is_not(None), seen)
    )
    rows = [dict(row) for row in connection.execute(wanted).mappings()]
    return {row["parcel_id"] for row in rows if (end := _end(row, day)) is None or end >= day}


def findings(connection: Connection, status: FindingStatus | None = None) -> list[RowMapping]:
    """Findings with the contracts of both plots, the largest share first; of one status, or all."""
    wanted = select(*GroundFinding.__table__.columns)
    for label, number in (("first", GroundFinding.first_plot_id), ("second", GroundFinding.second_plot_id)):
        plot, facility = aliased(ContractPlot), aliased(Facility)
        wanted = (
            wanted.add_columns(
                plot.parcel_id.label(f"{label}_parcel_id"),
                plot.plot_code.label(f"{label}_plot_code"),
                plot.land_right_id.label(f"{label}_land_right_id"),
                facility.number.label(f"{label}_facility"),
            )
            .join(plot, plot.id == number)
            .outerjoin(facility, facility.id == plot.facility_id)
        )
    wanted = wanted.order_by(GroundFinding.share_of_smaller.desc(), GroundFinding.id)
    chosen = wanted if status is None else wanted.where(GroundFinding.status == status)
    return list(connection.execute(chosen).mappings())


def decide(
    connection: Connection, finding_id: int, status: FindingStatus, *, by_id: int, reason: str, now: datetime
) -> None:
    """Write what a person made of a finding, once, and its entry of the chain. No contract changes.

    Raises:
        InputError: there is no such finding, it is decided already, or no reason is given.
    """
    if not reason.strip() or status is FindingStatus.OPEN:
        raise InputError(
            "REASON_MISSING", "A finding is confirmed or dismissed with a reason.", "Say why with --reason."
        )
    known = connection.scalar(select(GroundFinding.status).where(GroundFinding.id == finding_id))
    if known is None:
        raise InputError("FINDING_UNKNOWN", f"There is no finding {finding_id}.", "acreline ground list shows them.")
    if known is not FindingStatus.OPEN:
        raise InputError(
            "FINDING_DECIDED", f"Finding {finding_id} is {known} already.", "A decision is not changed afterwards."
        )
    values = {"status": status, "reason": reason.strip(), "decided_by_id": by_id, "decided_at": now}
    connection.execute(update(GroundFinding).where(GroundFinding.id == finding_id).values(**values))
    key = str(finding_id)
    append(connection, [Link(EntryKind.FINDING, key, finding_contents(connection, [key])[key])], now)


def finding_contents(connection: Connection, keys: Sequence[str]) -> Mapping[str, Content]:
    """What the chain vouches for of decided findings: square metres and millionths, since it holds no fractions."""
    among = GroundFinding.id.in_(listed_numbers(connection, numbers_of(keys)))
    rows = connection.execute(select(GroundFinding.__table__).where(among)).mappings()
    return {str(row["id"]): _content(row) for row in rows}


def finding_witness() -> Witness:
    """How decided findings are checked against the chain."""
    return Witness(finding_contents, numbered(GroundFinding.id, GroundFinding.status != FindingStatus.OPEN), once=True)


def _content(row: RowMapping) -> Content:
    return {
        "id": row["id"],
        "plots": [row["first_plot_id"], row["second_plot_id"]],
        "overlap_m2": round(row["overlap_ha"] * _M2),
        "share_ppm": round(row["share_of_smaller"] * _PPM),
        "starts_on": row["starts_on"].isoformat(),
        "ends_on": None if row["ends_on"] is None else row["ends_on"].isoformat(),
        "status": str(row["status"]),
        "reason_hash": text_hash(row["reason"]),
        "decided_by_id": row["decided_by_id"],
        "decided_at": None if row["decided_at"] is None else instant(row["decided_at"]),
    }


_PAIRS: Final = select(GroundFinding.first_plot_id, GroundFinding.second_plot_id)


def _plots(ends: datetime):  # type: ignore[no-untyped-def]  # noqa: ANN202 - a select of many columns
    borrower = (
        select(func.min(Role.party_id))
        .where(Role.facility_id == ContractPlot.facility_id, Role.kind == RoleKind.BORROWER)
        .scalar_subquery()
    )
    outline = and_(
        ParcelPeriod.parcel_id == ContractPlot.parcel_id,
        ParcelPeriod.valid_from < ends,
        or_(ParcelPeriod.valid_to.is_(None), ParcelPeriod.valid_to >= ends),
    )
    content = and_(
        ParcelGeometry.parcel_id == ParcelPeriod.parcel_id,
        ParcelGeometry.geometry_version == ParcelPeriod.geometry_version,
    )
    return (
        select(
            ContractPlot.id,
            ContractPlot.facility_id,
            ContractPlot.starts_on,
            ContractPlot.ends_on,
            LandRight.party_id.label("holder"),
            borrower.label("borrower"),
            LandRight.kind.label("right"),
            LandRight.ends_on.label("right_ends_on"),
            Facility.ends_on.label("facility_ends_on"),
            ParcelGeometry.wkb,
        )
        .outerjoin(LandRight, LandRight.id == ContractPlot.land_right_id)
        .outerjoin(Facility, Facility.id == ContractPlot.facility_id)
        .outerjoin(ParcelPeriod, outline)
        .outerjoin(ParcelGeometry, content)
        .where(
            ContractPlot.valid_from < ends,
            or_(ContractPlot.valid_to.is_(None), ContractPlot.valid_to >= ends),
            or_(ContractPlot.facility_id.is_(None), ~_over(ends)),
        )
        .order_by(ContractPlot.id)
    )


def _over(ends: datetime) -> ColumnElement[bool]:
    """Condition on Facility: closed, or brought by the core system and nothing is owed or can be drawn any more."""
    account = LoanAccount.facility_id == Facility.id
    owed = or_(LoanAccount.outstanding_minor.is_(None), LoanAccount.outstanding_minor != 0, Facility.revolving)
    held = or_(LoanAccount.valid_to.is_(None), LoanAccount.valid_to >= ends)
    ended = and_(
        Facility.decision_id.is_(None),
        select(LoanAccount.id).where(account).exists(),
        ~select(LoanAccount.id).where(account, held, owed).exists(),
    )
    return or_(Facility.status == FacilityStatus.CLOSED, ended)


def _end(row: Mapping[str, Any], day: date) -> date | None:
    end: date | None = row["ends_on"] or row["facility_ends_on"] or row["right_ends_on"]
    if end is not None and row["ends_on"] is None and row["facility_id"] is not None:
        return max(end, day)
    return end


def _row(pair: SharedGround, now: datetime) -> Row:
    return {
        "first_plot_id": pair.first_plot_id,
        "second_plot_id": pair.second_plot_id,
        "overlap_ha": pair.overlap_ha,
        "share_of_smaller": pair.share_of_smaller,
        "starts_on": pair.starts_on,
        "ends_on": pair.ends_on,
        "status": FindingStatus.OPEN,
        "recorded_at": now,
    }
