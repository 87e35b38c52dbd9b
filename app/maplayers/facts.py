"""What colours parcels: for every fact one byte per parcel of a set, in its order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt
from sqlalchemy import Connection, Row, Select, func, select

from app.alerts.worklist.workflow import LIVE
from app.db.season_runs import of_crops
from app.db.tables import (
    Alert,
    AlertEvent,
    ChainEntry,
    Decision,
    DecisionParcel,
    ParcelObservation,
    Proposal,
    ProposalParcel,
    Run,
    Watch,
)
from app.db.tables.alert_kinds import AlertLevel
from app.db.tables.kinds import ProposalStatus
from app.maplayers.parcelset import ParcelSet
from geo.legend import load_legend
from geo.status import Status

Bytes: TypeAlias = npt.NDArray[np.uint8]
#: Values that tell whether anything that a fact rests on was written since: rows are only ever added where they count.
Stamp: TypeAlias = tuple[object, ...]

#: Nothing is known of the parcel. Never a value of a fact.
UNKNOWN: Final = 255
#: Of the limit change: an amount where none stood.
NEW_LIMIT: Final = 254
#: Of the limit change: no change; one more or less is a percent.
SAME_LIMIT: Final = 100
#: Of the limit change: doubled or more.
MOST: Final = 200


class Fact(StrEnum):
    """Something that parcels are coloured by.

    alert: 0 watched and none, then the highest level of live alerts in rising order (1 info to 4 action).
    crop: value of the best guess in the legend; decided only where the status is OK.
    status: place in geo.status.Status.
    vigour: 0 to 100.
    limit: change that waits for a decision, in percent of what was decided last, plus 100: 0 falls to nothing, 100 no
        change, 200 doubled or more, 254 an amount where none stood.
    """

    ALERT = "alert"
    CROP = "crop"
    STATUS = "status"
    VIGOUR = "vigour"
    LIMIT = "limit"


def column_of(connection: Connection, parcels: ParcelSet, fact: Fact) -> Bytes:
    """Bytes of a fact, shape (parcels,), UNKNOWN where nothing is known.

    Of runs the newest that saw a parcel counts.
    """
    return _SOURCES[fact].column(connection, parcels)


def stamp_of(connection: Connection, fact: Fact) -> Stamp:
    """What to compare before working a fact out anew."""
    return tuple(connection.execute(_SOURCES[fact].stamp()).one())


def values_of(fact: Fact) -> dict[int, str]:
    """Names of the values of a fact that is not a number; empty for one that is."""
    return _VALUES[fact]()


def _alerts(connection: Connection, parcels: ParcelSet) -> Bytes:
    watched = select(Watch.run_id).distinct()
    seen = select(ParcelObservation.parcel_id).where(ParcelObservation.run_id.in_(watched)).distinct()
    column = _empty(parcels)
    _fill(column, parcels, ((name, 0) for (name,) in connection.execute(seen)))
    live = select(Alert.parcel_id, Alert.level).where(Alert.ended_on.is_(None), Alert.status.in_(LIVE))
    rank = {level: place for place, level in enumerate(AlertLevel, start=1)}
    found = sorted((rank[level], name) for name, level in connection.execute(live))
    _fill(column, parcels, ((name, level) for level, name in found))
    return column


def _crops(connection: Connection, parcels: ParcelSet) -> Bytes:
    legend = load_legend()
    return _newest(connection, parcels, ParcelObservation.crop, lambda crop: legend[crop].value)


def _statuses(connection: Connection, parcels: ParcelSet) -> Bytes:
    place_of = {status: place for place, status in enumerate(Status)}
    return _newest(connection, parcels, ParcelObservation.status, lambda status: place_of[status])


def _vigours(connection: Connection, parcels: ParcelSet) -> Bytes:
    return _newest(connection, parcels, ParcelObservation.vigour_pct, round)


def _limits(connection: Connection, parcels: ParcelSet) -> Bytes:
    column = _empty(parcels)
    before = _decided(connection)
    waiting = (
        select(ProposalParcel.parcel_id, ProposalParcel.amount_minor)
        .join(Proposal, Proposal.id == ProposalParcel.proposal_id)
        .where(Proposal.status.in_((ProposalStatus.HELD, ProposalStatus.OPEN)))
        .order_by(Proposal.id)
    )
    changes = ((name, _change(before.get(name), after)) for name, after in connection.execute(waiting))
    _fill(column, parcels, changes)
    return column


def _decided(connection: Connection) -> dict[str, int]:
    """Part of the amount decided last that rests on a parcel, by parcel."""
    decided = (
        select(DecisionParcel.parcel_id, DecisionParcel.amount_minor)
        .join(Decision, Decision.id == DecisionParcel.decision_id)
        .order_by(Decision.id)
    )
    return {name: amount for name, amount in connection.execute(decided)}  # noqa: C416 - rows are no pairs to mypy


def _change(before: int | None, after: int | None) -> int:
    if not before:
        return UNKNOWN if not after else NEW_LIMIT
    return min(round(100 * (after or 0) / before), MOST)


def _newest(connection: Connection, parcels: ParcelSet, wanted: Any, code: Callable[[Any], int]) -> Bytes:
    """A column of the newest run that saw the crops of each parcel."""
    column, met = _empty(parcels), np.zeros(len(parcels), dtype=bool)
    runs = select(Run.run_id).where(of_crops()).order_by(Run.created_at.desc(), Run.run_id)
    for run_id in connection.scalars(runs).all():
        rows = connection.execute(select(ParcelObservation.parcel_id, wanted).where(ParcelObservation.run_id == run_id))
        places, values = _coded(rows, parcels, code)
        fresh = ~met[places]
        column[places[fresh]] = values[fresh]
        met[places] = True
        if met.all():
            break
    return column


def _coded(
    rows: Iterable[Row[*tuple[Any, ...]]], parcels: ParcelSet, code: Callable[[Any], int]
) -> tuple[npt.NDArray[np.int64], Bytes]:
    number_of = parcels.number_of
    pairs = [(number_of[name], UNKNOWN if value is None else code(value)) for name, value in rows if name in number_of]
    places = np.array([place for place, _ in pairs], dtype=np.int64)
    return places, np.array([value for _, value in pairs], dtype=np.uint8)


def _fill(column: Bytes, parcels: ParcelSet, values: Iterable[tuple[str, int]]) -> None:
    """Write values of parcels of the set; the last of several wins."""
    number_of = parcels.number_of
    for name, value in values:
        place = number_of.get(name)
        if place is not None:
            column[place] = value


def _empty(parcels: ParcelSet) -> Bytes:
    return np.full(len(parcels), UNKNOWN, dtype=np.uint8)


# Built once: every answer with a column asks one of these, and building it costs more than asking.
@cache
def _alert_stamp() -> Select[*tuple[Any, ...]]:
    # Every change of an alert, by a watch or by people, is a further line of history.
    return _at_once(select(func.max(AlertEvent.id)), select(func.count(Watch.id)))


@cache
def _run_stamp() -> Select[*tuple[Any, ...]]:
    return _at_once(select(func.count(Run.run_id)))


@cache
def _limit_stamp() -> Select[*tuple[Any, ...]]:
    # Batches, what becomes of them and decisions are entries of the chain.
    return _at_once(select(func.max(ChainEntry.seq)), select(func.max(Proposal.id)), select(func.max(Decision.id)))


def _at_once(*wanted: Select[int]) -> Select[*tuple[Any, ...]]:
    return select(*(each.scalar_subquery() for each in wanted))


@dataclass(frozen=True, slots=True)
class _Source:
    column: Callable[[Connection, ParcelSet], Bytes]
    stamp: Callable[[], Select[*tuple[Any, ...]]]


_SOURCES: Final[Mapping[Fact, _Source]] = {
    Fact.ALERT: _Source(_alerts, _alert_stamp),
    Fact.CROP: _Source(_crops, _run_stamp),
    Fact.STATUS: _Source(_statuses, _run_stamp),
    Fact.VIGOUR: _Source(_vigours, _run_stamp),
    Fact.LIMIT: _Source(_limits, _limit_stamp),
}
_VALUES: Final[Mapping[Fact, Callable[[], dict[int, str]]]] = {
    Fact.ALERT: lambda: {0: "none"} | {place: level.value for place, level in enumerate(AlertLevel, start=1)},
    Fact.CROP: lambda: {crop.value: crop.key for crop in load_legend()},
    Fact.STATUS: lambda: {place: status.value for place, status in enumerate(Status)},
    Fact.VIGOUR: dict,
    Fact.LIMIT: dict,
}
