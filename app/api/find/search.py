"""Searching the book by what people type: a place, a village, a unit, an energy site, a farmer or a parcel."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal, TypeAlias

import numpy as np
from sqlalchemy import ColumnElement, Connection, Row, func, or_, select, union

from app.api.access.scope import Scope
from app.api.find.places import read_place
from app.api.find.schemas import Hit
from app.api.find.units import UnitColumn
from app.db.listed import listed_numbers
from app.db.tables import (
    ContractPlot,
    EnergySite,
    LandRight,
    Parcel,
    ParcelObservation,
    Party,
    PersonalData,
    Role,
    Village,
)
from app.db.views import Box
from app.maplayers.parcelset import ParcelSet
from geo.sites import SiteType

Named: TypeAlias = Row[int, str, str]

#: Farmers that a search finds at most: enough to find somebody, too few to copy the register.
MOST_FARMERS = 20
#: Villages that a search finds at most.
MOST_VILLAGES = 20
#: Energy sites that a search finds at most.
MOST_SITES = 20
#: Characters from which names are searched.
LEAST_NAME = 2


@dataclass(frozen=True, slots=True)
class FoundFarmer:
    """A farmer that a text is about."""

    party_id: int
    farmer_id: str | None
    name: str | None = field(repr=False)


def place_hits(text: str) -> list[Hit]:
    """The place that a text names, or none."""
    place = read_place(text)
    if place is None:
        return []
    said = f"{place.lat:.5f}, {place.lon:.5f}"
    return [Hit(kind="place", key=said, name=None, site=None, party=None, parcels=None, bounds=place.around)]


def unit_hits(text: str, parcels: ParcelSet, column: Callable[[], UnitColumn], named: Sequence[Named]) -> Iterator[Hit]:
    """Units whose code or name holds a text.

    Args:
        text: what was typed.
        parcels: the set.
        column: units of the parcels; slow, and asked for only where a unit is found.
        named: number, code and name of the units.
    """
    wanted = text.casefold()
    for place, (_, code, name) in enumerate(named):
        if wanted in code.casefold() or wanted in name.casefold():
            numbers = np.flatnonzero(column().column == place)
            box = span(parcels, numbers.tolist())
            yield Hit(kind="unit", key=code, name=name, site=None, party=None, parcels=len(numbers), bounds=box)


def village_hits(connection: Connection, scope: Scope, text: str, parcels: ParcelSet) -> list[Hit]:
    """Villages in scope whose code or name holds a text, by name; at most MOST_VILLAGES."""
    there = select(Parcel.parcel_id).where(Parcel.village_code == Village.code, scope.parcels())
    wanted = select(Village.code, Village.name).where(_holds(Village.code, text) | _holds(Village.name, text))
    found = connection.execute(wanted.where(there.exists()).order_by(Village.name, Village.code).limit(MOST_VILLAGES))
    hits = []
    for code, name in found.all():
        within = connection.scalars(select(Parcel.parcel_id).where(Parcel.village_code == code, scope.parcels()))
        numbers = sorted(parcels.number_of[each] for each in within if each in parcels.number_of)
        box = span(parcels, numbers)
        hits.append(Hit(kind="village", key=code, name=name, site=None, party=None, parcels=len(numbers), bounds=box))
    return hits


def site_hits(connection: Connection, scope: Scope, text: str, parcels: ParcelSet) -> list[Hit]:
    """Energy sites in scope whose id or name holds a text, by name, watched or not; at most MOST_SITES."""
    site = EnergySite
    wanted = (
        select(site.parcel_id, site.name, site.kind)
        .join(Parcel, Parcel.parcel_id == site.parcel_id)
        .where(scope.parcels(), _holds(site.parcel_id, text) | _holds(site.name, text))
        .order_by(site.name, site.parcel_id)
        .limit(MOST_SITES)
    )
    return [
        _parcel_hit(parcels, key, kind="site", name=name, site=what) for key, name, what in connection.execute(wanted)
    ]


def parcel_hits(text: str, parcels: ParcelSet, told: Container[str] = ()) -> Iterator[Hit]:
    """Parcels whose name holds a text: the very name first, then the others in order; told: those that are left out."""
    if text in parcels.number_of and text not in told:
        yield _parcel_hit(parcels, text)
    wanted = text.casefold()
    for name in parcels.parcel_ids:
        if name != text and name not in told and wanted in name.casefold():
            yield _parcel_hit(parcels, name)


def find_farmers(connection: Connection, scope: Scope, text: str) -> list[FoundFarmer]:
    """Farmers in scope whose number or name holds a text, by number; at most MOST_FARMERS.

    Names are searched from LEAST_NAME characters. Letters beyond ASCII are compared as they are typed, in small letters
    and with a capital first: SQLite knows no other.
    """
    holds = _holds(Party.farmer_id, text)
    if len(text) >= LEAST_NAME:
        holds = or_(holds, _holds(PersonalData.name, text))
    wanted = (
        select(Party.id, Party.farmer_id, PersonalData.name)
        .outerjoin(PersonalData, PersonalData.party_id == Party.id)
        .where(scope.parties(), Party.valid_to.is_(None), holds)
        .order_by(Party.farmer_id, Party.id)
        .limit(MOST_FARMERS)
    )
    return [FoundFarmer(*row) for row in connection.execute(wanted)]


def farmer_hits(connection: Connection, found: Sequence[FoundFarmer], parcels: ParcelSet) -> list[Hit]:
    """Farmers with the span of their parcels in a set."""
    theirs = _parcels_of(connection, [farmer.party_id for farmer in found])
    hits = []
    for farmer in found:
        named = theirs[farmer.party_id]
        numbers = sorted(parcels.number_of[name] for name in named if name in parcels.number_of)
        key = farmer.farmer_id or str(farmer.party_id)
        box, many = span(parcels, numbers), len(numbers)
        hits.append(
            Hit(kind="farmer", key=key, name=farmer.name, site=None, party=farmer.party_id, parcels=many, bounds=box)
        )
    return hits


def span(parcels: ParcelSet, numbers: Sequence[int]) -> Box | None:
    """What outlines of some parcels span; None where none of them has one."""
    drawn = [number for number in numbers if parcels.drawn[number]]
    if not drawn:
        return None
    boxes = parcels.boxes[drawn]
    (west, south), (east, north) = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    return float(west), float(south), float(east), float(north)


def page_of(hits: Iterable[Hit], after: int, limit: int) -> tuple[list[Hit], bool]:
    """Hits after some, and whether there are more."""
    wanted = list(islice(hits, after, after + limit + 1))
    return wanted[:limit], len(wanted) > limit


def _parcel_hit(
    parcels: ParcelSet,
    key: str,
    *,
    kind: Literal["parcel", "site"] = "parcel",
    name: str | None = None,
    site: SiteType | None = None,
) -> Hit:
    number = parcels.number_of.get(key)
    box = None if number is None else span(parcels, [number])
    return Hit(kind=kind, key=key, name=name, site=site, party=None, parcels=1, bounds=box)


def _holds(column: ColumnElement[str | None] | object, text: str) -> ColumnElement[bool]:
    forms = {text, text.lower(), text.upper(), text.capitalize(), text.title()}
    lowered = func.lower(column).contains(text.lower(), autoescape=True)
    as_typed = (func.coalesce(column, "").contains(form, autoescape=True) for form in sorted(forms))
    return or_(lowered, *as_typed)


def _parcels_of(connection: Connection, parties: Sequence[int]) -> defaultdict[int, set[str]]:
    """Parcels of parties: as runs name their farmer, of contracts that they borrow on, and of their own rights."""
    mine = Party.id.in_(listed_numbers(connection, parties))
    seen = (
        select(Party.id, ParcelObservation.parcel_id)
        .join(ParcelObservation, ParcelObservation.farmer_id == Party.farmer_id)
        .where(mine)
    )
    plot, now = ContractPlot, ContractPlot.valid_to.is_(None)
    borrowed = (
        select(Role.party_id, plot.parcel_id)
        .join(plot, plot.facility_id == Role.facility_id)
        .where(Role.party_id.in_(listed_numbers(connection, parties)), Role.valid_to.is_(None), now)
    )
    held = (
        select(LandRight.party_id, plot.parcel_id)
        .join(plot, plot.land_right_id == LandRight.id)
        .where(LandRight.party_id.in_(listed_numbers(connection, parties)), LandRight.valid_to.is_(None), now)
    )
    found: defaultdict[int, set[str]] = defaultdict(set)
    for party, parcel in connection.execute(union(seen, borrowed, held)):
        found[party].add(parcel)
    return found
