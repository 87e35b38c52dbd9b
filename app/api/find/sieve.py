"""Filters of a map: which parcels of a set they leave."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Final

import numpy as np
import numpy.typing as npt
from fastapi import Query
from sqlalchemy import Connection, select

from app.alerts.worklist.workflow import LIVE
from app.db.tables import Alert
from app.db.tables.alert_kinds import AlertLevel
from app.maplayers.facts import UNKNOWN, Bytes, Fact
from app.maplayers.parcelset import ParcelSet
from app.maplayers.shelf import Coloured
from geo.legend import load_legend
from geo.status import Status

Mask = npt.NDArray[np.bool_]

_LEVELS: Final = {level: place for place, level in enumerate(AlertLevel, start=1)}
_STATUSES: Final = {status: place for place, status in enumerate(Status)}


@dataclass(frozen=True, slots=True)
class Sieve:
    """What parcels must be to stay; empty or None: anything. Of one kind any of the values will do.

    Attributes:
        levels: highest levels of live alerts.
        crops: keys of best guesses; one that the legend does not know is nobody's.
        statuses: statuses.
        unit: code of a unit: parcels of it and of those below it.
        mine: only parcels with a live alert that is assigned to who asks.
    """

    levels: tuple[AlertLevel, ...] = ()
    crops: tuple[str, ...] = ()
    statuses: tuple[Status, ...] = ()
    unit: str | None = None
    mine: bool = False


def sieve_of(
    level: Annotated[list[AlertLevel] | None, Query()] = None,
    crop: Annotated[list[str] | None, Query(max_length=100)] = None,
    status: Annotated[list[Status] | None, Query()] = None,
    unit: Annotated[str | None, Query(max_length=128)] = None,
    *,
    mine: bool = False,
) -> Sieve:
    """Filters of a request."""
    return Sieve(tuple(level or ()), tuple(crop or ()), tuple(status or ()), unit, mine)


def bytes_of(coloured: Coloured) -> Bytes:
    """Column of a fact, shape (parcels,), dtype uint8."""
    return np.frombuffer(gzip.decompress(coloured.parcels.gzipped), dtype=np.uint8)


def kept(sieve: Sieve, column: Callable[[Fact], Bytes], size: int) -> Mask:
    """Which parcels levels, crops and statuses leave, shape (parcels,).

    Args:
        sieve: the filters; unit and mine are not looked at.
        column: bytes of a fact, asked for only where a filter is about it.
        size: number of parcels.
    """
    legend = load_legend()
    crops = [legend[key].value if key in legend else UNKNOWN for key in sieve.crops]
    wanted: Mapping[Fact, list[int]] = {
        Fact.ALERT: [_LEVELS[level] for level in sieve.levels],
        Fact.CROP: crops,
        Fact.STATUS: [_STATUSES[status] for status in sieve.statuses],
    }
    mask = np.ones(size, dtype=np.bool_)
    for fact, values in wanted.items():
        if values:
            chosen = np.zeros(UNKNOWN + 1, dtype=np.bool_)
            chosen[values] = True
            chosen[UNKNOWN] = False
            mask &= chosen[column(fact)]
    return mask


def assigned(connection: Connection, parcels: ParcelSet, user_id: int) -> Mask:
    """Parcels of a set with a live alert that is assigned to somebody, shape (parcels,)."""
    mask = np.zeros(len(parcels), dtype=np.bool_)
    mine = Alert.assigned_to_id == user_id, Alert.ended_on.is_(None), Alert.status.in_(LIVE)
    for name in connection.scalars(select(Alert.parcel_id).where(*mine)):
        place = parcels.number_of.get(name)
        if place is not None:
            mask[place] = True
    return mask
