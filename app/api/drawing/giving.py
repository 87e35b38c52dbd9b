"""Outlines that people draw or walk, over the book: looked at, and registered."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from app.api.access.scope import Scope, require_parcels, scope_of, scope_of_unit
from app.api.access.viewing import require_parties
from app.api.drawing.answers import checked
from app.api.drawing.schemas import OutlineAsked, OutlineChecked, ParcelGiven, ParcelRegistered
from app.book.decisions.people import Person
from app.book.drawn.following import ask_for_outlines, ask_for_season
from app.book.drawn.outlines import Outline, outline_of
from app.book.drawn.overlaps import Over, Overlap, Seen, overlaps_of
from app.book.drawn.registering import Given, Giver, given_before, register
from app.db.tables.office_kinds import OutlineMethod
from geo.errors import InputError


def look_at(connection: Connection, person: Person, asked: OutlineAsked, now: datetime) -> OutlineChecked:
    """An outline as it would be registered, and what it overlaps; nothing is kept."""
    outline = outline_of(asked.outline.coordinates)
    return checked(outline, _over(connection, scope_of(connection, person), asked, outline, now))


def give(
    connection: Connection, person: Person, asked: ParcelGiven, now: datetime, *, with_layers: bool
) -> ParcelRegistered:
    """Register an outline and ask workers for what follows.

    Args:
        connection: transaction that writes the book.
        person: who gives it.
        asked: the outline and what is said of it.
        now: instant.
        with_layers: whether outlines for the map are kept here.

    Raises:
        InputError: the outline, its unit, party or parcel cannot be, or it overlaps what the person has not seen.
    """
    _check_walk(asked)
    scope = scope_of(connection, person)
    giver = giver_of(connection, person, asked.unit)
    if asked.party_id is not None:
        require_parties(connection, scope, [asked.party_id])
    outline = outline_of(asked.outline.coordinates)
    known = given_before(connection, giver, outline.version)
    over = [each for each in _over(connection, scope, asked, outline, now) if each.parcel_id != known or known is None]
    if known is None:
        require_seen(over, seen=asked.overlaps_seen)
    told = register(connection, [_given(asked, outline)], giver, now)[0]
    job = ask_for_season(connection, giver, now)
    if with_layers and not told.already_there:
        ask_for_outlines(connection, giver, now)
    return ParcelRegistered(
        **dict(checked(outline, over)),
        parcel_id=told.parcel_id,
        geometry_version=outline.version,
        already_there=told.already_there,
        redrawn=told.redrawn,
        job=job,
    )


def giver_of(connection: Connection, person: Person, unit: str | None) -> Giver:
    """Who gives outlines for a unit of theirs; InputError where it is none."""
    code = unit or person.unit
    scope_of_unit(connection, person, code)
    return Giver.of(connection, person.id, code)


def require_seen(over: list[Overlap], *, seen: bool) -> None:
    """Refuse ground that is there already, unless the person says that they saw it."""
    if not over or seen:
        return
    pledged = any(each.kind is not Over.PARCEL for each in over)
    what = "ground that backs a loan" if pledged else "a known parcel"
    said = f"The outline lies over {what} ({over[0].share:.0%} of it)."
    raise InputError("DRAWN_OVERLAP", said, "Mend the outline, or say that you saw it and register it all the same.")


def _over(connection: Connection, scope: Scope, asked: OutlineAsked, outline: Outline, now: datetime) -> list[Overlap]:
    besides = [] if asked.redraws is None else [asked.redraws]
    require_parcels(connection, scope, besides)
    return overlaps_of(connection, outline.shape, Seen(scope.parcels(), scope.parties()), now.date(), besides)


def _given(asked: ParcelGiven, outline: Outline) -> Given:
    return Given(
        outline=outline,
        method=OutlineMethod(asked.method),
        parcel_id=asked.parcel_id,
        redraws=asked.redraws,
        party_id=asked.party_id,
        accuracy_m=asked.accuracy_m,
        fixes=asked.fixes,
    )


def _check_walk(asked: ParcelGiven) -> None:
    walked = asked.method == "walked"
    if (asked.accuracy_m is None) is walked or (asked.fixes is None) is walked:
        said = "A walk is given with its accuracy and number of positions, and nothing else is."
        raise InputError("DRAWN_WALK", said, "Send accuracy_m and fixes with a walk, and only there.")
    if asked.redraws is not None and asked.parcel_id is not None:
        said = "A parcel that is drawn anew keeps its number."
        raise InputError("DRAWN_NUMBER", said, "Send redraws or parcel_id, not both.")
