"""What is lent on a parcel: the parts of its loans that rest on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection, func, or_, select

from app.book.loans.imports import day_start
from app.book.loans.positions import holds
from app.db.listed import listed, listed_numbers
from app.db.rows import chunked
from app.db.tables import ContractPlot, Drawdown, Facility, LoanAccount, Sublimit
from app.db.tables.kinds import FacilityStatus
from scoring.lending.positions import total
from scoring.money import allocate

#: Areas of a plot in the order in which a facility's plots are compared by them.
_AREAS: Final = ("contracted_area_ha", "measured_area_ha", "certified_area_ha", "net_area_ha")
_M2: Final = 10_000


class Basis(StrEnum):
    """Which amount of a facility stands for what may be lost."""

    OUTSTANDING = "outstanding"
    DRAWING = "drawing"
    SANCTIONED = "sanctioned"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class LoanPart:
    """A parcel's part of one facility.

    Attributes:
        facility_id: row of the facility.
        facility_number: its number.
        currency: ISO 4217 code.
        basis: which amount it is a part of.
        amount_minor: the parcel's part, minor units; None where the facility's own amount is not known.
        plots: parcels that back the facility together.
    """

    facility_id: int
    facility_number: str
    currency: str
    basis: Basis
    amount_minor: int | None
    plots: int


@dataclass(frozen=True, slots=True)
class _Line:
    """A live facility and its whole amount."""

    id: int
    number: str
    currency: str
    basis: Basis
    amount_minor: int | None


def exposures(connection: Connection, parcels: Sequence[str], day: date) -> dict[str, tuple[LoanPart, ...]]:
    """Parts of live facilities that rest on parcels, by parcel; a parcel without any is left out.

    A facility counts with what is owed on its accounts; where that is not known, or it never had an account, with what
    may be drawn, else with what is sanctioned. One that was repaid or closed does not count. Its plots on the day (all
    of them where none runs on it any more: the loan is still owed) share its amount by area: the first of contracted,
    measured, certified and net area that all of them have, else evenly. The parts add up to the last minor unit.

    Args:
        connection: database.
        parcels: any number.
        day: as of which day.
    """
    after = day_start(day) + timedelta(days=1)
    found: dict[str, list[LoanPart]] = defaultdict(list)
    wanted = set(parcels)
    for chunk in chunked(_facilities_on(connection, sorted(wanted), after)):
        lines = _live(connection, chunk, day, after)
        weights = _weights(connection, chunk, day, after)
        for parcel, part in _parts([line for line in lines if line.id in weights], weights):
            if parcel in wanted:
                found[parcel].append(part)
    return {parcel: tuple(parts) for parcel, parts in found.items()}


def amount_in(parts: Iterable[LoanPart], currency: str) -> int | None:
    """Sum of the parts in a currency; None where there is none, or the amount of one is not known."""
    return total(part.amount_minor for part in parts if part.currency == currency)


def usual_currency(exposed: Mapping[str, Sequence[LoanPart]]) -> str | None:
    """The currency of most parcels' loans, the first by its code among equals; None where there is no loan."""
    counts: dict[str, int] = defaultdict(int)
    for parts in exposed.values():
        for currency in {part.currency for part in parts}:
            counts[currency] += 1
    return min(counts, key=lambda currency: (-counts[currency], currency), default=None)


def _facilities_on(connection: Connection, parcels: Sequence[str], after: datetime) -> list[int]:
    found: set[int] = set()
    for chunk in chunked(parcels):
        wanted = select(ContractPlot.facility_id).where(
            ContractPlot.parcel_id.in_(listed(connection, chunk)), holds(ContractPlot, after)
        )
        found |= {number for number in connection.scalars(wanted) if number is not None}
    return sorted(found)


def _live(connection: Connection, numbers: Sequence[int], day: date, after: datetime) -> list[_Line]:
    owed = _owed(connection, numbers, after)
    rows = connection.execute(
        select(Facility.__table__)
        .where(
            Facility.id.in_(listed_numbers(connection, numbers)),
            Facility.starts_on <= day,
            Facility.status != FacilityStatus.CLOSED,
            or_(Facility.valid_to.is_(None), Facility.valid_to >= after),
        )
        .order_by(Facility.number)
    ).mappings()
    return [_line(row, owed.get(row["id"])) for row in rows if owed.get(row["id"]) != []]


def _line(row: Any, owed: list[int | None] | None) -> _Line:
    amounts = {
        Basis.OUTSTANDING: None if owed is None else total(owed),
        Basis.DRAWING: row["drawing_minor"],
        Basis.SANCTIONED: row["limit_minor"],
    }
    known = [(basis, amount) for basis, amount in amounts.items() if amount is not None]
    basis, amount = known[0] if known else (Basis.UNKNOWN, None)
    return _Line(row["id"], row["number"], row["currency"], basis, amount)


def _owed(connection: Connection, numbers: Sequence[int], after: datetime) -> dict[int, list[int | None]]:
    """What is owed on the accounts that hold, by facility; an empty list where all its accounts are over."""
    line = func.coalesce(LoanAccount.facility_id, Sublimit.facility_id)
    rows = connection.execute(
        select(line, LoanAccount.outstanding_minor, holds(LoanAccount, after))
        .outerjoin(Drawdown, Drawdown.id == LoanAccount.drawdown_id)
        .outerjoin(Sublimit, Sublimit.id == Drawdown.sublimit_id)
        .where(line.in_(listed_numbers(connection, numbers)), LoanAccount.valid_from < after)
    )
    found: dict[int, list[int | None]] = {}
    for number, outstanding, held in rows:
        own = found.setdefault(number, [])
        if held:
            own.append(outstanding)
    return found


def _weights(connection: Connection, numbers: Sequence[int], day: date, after: datetime) -> dict[int, dict[str, int]]:
    """Weight of each plot of each facility."""
    rows = connection.execute(
        select(ContractPlot.__table__)
        .where(ContractPlot.facility_id.in_(listed_numbers(connection, numbers)), holds(ContractPlot, after))
        .order_by(ContractPlot.facility_id, ContractPlot.parcel_id)
    ).mappings()
    plots: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        plots[row["facility_id"]].append(row)
    return {number: _by_area(_running(rows, day)) for number, rows in plots.items()}


def _running(plots: list[Any], day: date) -> list[Any]:
    now = [each for each in plots if each["starts_on"] <= day and (each["ends_on"] is None or each["ends_on"] >= day)]
    return now or plots


def _by_area(plots: list[Any]) -> dict[str, int]:
    """Square metres by parcel, by the first area that all plots have; a parcel that comes twice counts once."""
    for name in _AREAS:
        if all(plot[name] for plot in plots):
            weights: dict[str, int] = defaultdict(int)
            for plot in plots:
                weights[plot["parcel_id"]] = max(weights[plot["parcel_id"]], round(plot[name] * _M2))
            return dict(weights)
    return {plot["parcel_id"]: 1 for plot in plots}


def _parts(lines: list[_Line], weights: Mapping[int, Mapping[str, int]]) -> Iterable[tuple[str, LoanPart]]:
    totals = np.array([line.amount_minor or 0 for line in lines], dtype=np.int64)
    places = [(place, parcel) for place, line in enumerate(lines) for parcel in weights[line.id]]
    shares = np.array([weights[lines[place].id][parcel] for place, parcel in places], dtype=np.int64)
    group = np.array([place for place, _ in places], dtype=np.int64)
    for (place, parcel), amount in zip(places, allocate(totals, shares, group).tolist(), strict=True):
        line = lines[place]
        part = None if line.amount_minor is None else amount
        yield parcel, LoanPart(line.id, line.number, line.currency, line.basis, part, len(weights[line.id]))
