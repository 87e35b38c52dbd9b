"""Outlines that people gave become parcels of the book, all or none; the same given twice is written once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import geopandas as gpd
from sqlalchemy import Connection, insert, select, update

from app.book.drawn.outlines import Outline
from app.db.listed import listed
from app.db.outlines import add_geometries
from app.db.rows import Row, chunked, outline_rows
from app.db.tables import OrgUnit, Parcel, ParcelOrigin, ParcelPeriod
from app.db.tables.office_kinds import OutlineMethod
from geo.errors import InputError

_NUMBER: Final = re.compile(r"\d{6,}")


@dataclass(frozen=True, slots=True)
class Giver:
    """Who gives outlines, and where they belong.

    Attributes:
        user_id: who.
        unit_id: number of the unit that keeps the parcels.
        unit: its code, which numbers begin with.
    """

    user_id: int
    unit_id: int
    unit: str

    @classmethod
    def of(cls, connection: Connection, user_id: int, unit: str) -> Giver:
        """Somebody who gives outlines for the unit of a code, which is there."""
        return cls(user_id, connection.scalars(select(OrgUnit.id).where(OrgUnit.code == unit)).one(), unit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One outline that somebody gave.

    Attributes:
        outline: the outline.
        method: how they came to it.
        parcel_id: name of a new parcel; None: the service gives one.
        redraws: the parcel whose new outline it is; None: it is a new one.
        party_id: whose ground it is.
        accuracy_m: median error that the phone stated, of a walk.
        fixes: positions kept of a walk.
        source_hash: of the file that it comes from.
    """

    outline: Outline
    method: OutlineMethod
    parcel_id: str | None = None
    redraws: str | None = None
    party_id: int | None = None
    accuracy_m: float | None = None
    fixes: int | None = None
    source_hash: str | None = None


@dataclass(frozen=True, slots=True)
class Registered:
    """What became of it.

    Attributes:
        parcel_id: the parcel.
        already_there: the same outline was given before; nothing was written.
        redrawn: the parcel was there and has a new outline now.
    """

    parcel_id: str
    already_there: bool
    redrawn: bool


def register(connection: Connection, given: Sequence[Given], giver: Giver, now: datetime) -> list[Registered]:
    """Write outlines: parcel, outline, when it holds, and where it comes from.

    Args:
        connection: transaction that writes the book.
        given: outlines, each of another parcel.
        giver: who gives them.
        now: from when they hold.

    Returns:
        One for each, in their order.

    Raises:
        InputError: a new parcel's name is taken, or one to be redrawn is not there.
    """
    holding = _holding(connection, [each.redraws or each.parcel_id or "" for each in given])
    twins = _given_before(connection, giver, [each.outline.version for each in given])
    names = _names(connection, giver.unit)
    told = [_what(each, holding, twins, names) for each in given]
    pairs = [pair for pair in zip(given, told, strict=True) if not pair[1].already_there]
    _write(connection, pairs, giver, now)
    return told


def given_before(connection: Connection, giver: Giver, version: str) -> str | None:
    """Parcel that a person gave the very outline of before, if that still holds."""
    return _given_before(connection, giver, [version]).get(version)


def _what(given: Given, holding: Mapping[str, str], twins: Mapping[str, str], names: Iterator[str]) -> Registered:
    version = given.outline.version
    named = given.redraws or given.parcel_id
    if named is not None and holding.get(named) == version:
        return Registered(named, already_there=True, redrawn=False)
    if given.redraws is not None:
        if given.redraws not in holding:
            raise InputError("PARCEL_UNKNOWN", f"There is no parcel {given.redraws!r}.", "Search for it by another id.")
        return Registered(given.redraws, already_there=False, redrawn=True)
    if given.parcel_id is not None:
        if given.parcel_id in holding:
            raise taken(given.parcel_id)
        return Registered(given.parcel_id, already_there=False, redrawn=False)
    if version in twins:
        return Registered(twins[version], already_there=True, redrawn=False)
    return Registered(next(names), already_there=False, redrawn=False)


def taken(name: str) -> InputError:
    """What is said of a name that another parcel has."""
    remedy = "Give another number, or none: the service gives one. A known parcel is drawn anew from its own page."
    return InputError("PARCEL_TAKEN", f"The number {name!r} is in use.", remedy)


def _holding(connection: Connection, names: Sequence[str]) -> dict[str, str]:
    """Outline that parcels have now; empty where one has none."""
    found: dict[str, str] = {}
    for chunk in chunked(sorted(set(names))):
        wanted = (
            select(Parcel.parcel_id, ParcelPeriod.geometry_version)
            .outerjoin(ParcelPeriod, (ParcelPeriod.parcel_id == Parcel.parcel_id) & ParcelPeriod.valid_to.is_(None))
            .where(Parcel.parcel_id.in_(listed(connection, chunk)))
        )
        found |= {name: version or "" for name, version in connection.execute(wanted)}
    return found


def _given_before(connection: Connection, giver: Giver, versions: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for chunk in chunked(sorted(set(versions))):
        same = (ParcelPeriod.parcel_id == ParcelOrigin.parcel_id) & (
            ParcelPeriod.geometry_version == ParcelOrigin.geometry_version
        )
        wanted = (
            select(ParcelOrigin.geometry_version, ParcelOrigin.parcel_id)
            .join(ParcelPeriod, same)
            .where(
                ParcelOrigin.made_by_id == giver.user_id,
                ParcelPeriod.valid_to.is_(None),
                ParcelOrigin.geometry_version.in_(listed(connection, chunk)),
            )
            .order_by(ParcelOrigin.id)
        )
        found |= {version: name for version, name in connection.execute(wanted)}  # noqa: C416 - rows are no pairs
    return found


def _names(connection: Connection, unit: str) -> Iterator[str]:
    """Numbers that the service gives: the unit's code and a running number of its own."""
    prefix = f"{'-'.join(unit.split())}-d"
    like = Parcel.parcel_id.startswith(prefix, autoescape=True)
    tails = (name.removeprefix(prefix) for name in connection.scalars(select(Parcel.parcel_id).where(like)))
    last = max((int(tail) for tail in tails if _NUMBER.fullmatch(tail)), default=0)
    while True:
        last += 1
        yield f"{prefix}{last:06d}"


def _write(connection: Connection, pairs: Sequence[tuple[Given, Registered]], giver: Giver, now: datetime) -> None:
    if not pairs:
        return
    new = [told.parcel_id for _, told in pairs if not told.redrawn]
    redrawn = [told.parcel_id for _, told in pairs if told.redrawn]
    parcels = [{"parcel_id": name, "org_unit_id": giver.unit_id, "recorded_at": now} for name in new]
    for chunk in chunked(parcels):
        connection.execute(insert(Parcel), chunk)
    add_geometries(connection, outline_rows(_frame(pairs)), now)
    for names in chunked(redrawn):
        held = ParcelPeriod.parcel_id.in_(listed(connection, names)), ParcelPeriod.valid_to.is_(None)
        connection.execute(update(ParcelPeriod).where(*held).values(valid_to=now))
    rows: list[tuple[Row, Row]] = [_rows(given, told, giver, now) for given, told in pairs]
    for part in chunked(rows):
        connection.execute(insert(ParcelPeriod), [period for period, _ in part])
        connection.execute(insert(ParcelOrigin), [origin for _, origin in part])


def _frame(pairs: Sequence[tuple[Given, Registered]]) -> gpd.GeoDataFrame:
    table = {
        "parcel_id": [told.parcel_id for _, told in pairs],
        "geometry_version": [given.outline.version for given, _ in pairs],
        "area_ha": [given.outline.area_ha for given, _ in pairs],
    }
    return gpd.GeoDataFrame(table, geometry=[given.outline.shape for given, _ in pairs], crs=4326)


def _rows(given: Given, told: Registered, giver: Giver, now: datetime) -> tuple[Row, Row]:
    outline: Row = {"parcel_id": told.parcel_id, "geometry_version": given.outline.version, "recorded_at": now}
    origin = {
        "method": given.method,
        "made_by_id": giver.user_id,
        "party_id": given.party_id,
        "accuracy_m": given.accuracy_m,
        "fixes": given.fixes,
        "source_hash": given.source_hash,
    }
    return outline | {"valid_from": now, "valid_to": None}, outline | origin
