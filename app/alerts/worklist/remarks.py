"""Free text that people write beside alerts and visits: it stays for good, so it names nobody."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import Connection, select, union

from app.db.listed import listed, listed_numbers
from app.db.tables import ContractPlot, LandRight, ParcelObservation, Party, PersonalData, Role
from geo.errors import InputError

#: Identity, telephone and account numbers are runs of eight digits or more; days are written with dashes.
_LONG_NUMBER: Final = re.compile(r"\d{8,}")
#: Shorter names and numbers than these stand in any text: in Latin letters and digits, and in other writing.
_LEAST_LATIN: Final = 3
_LEAST_OTHER: Final = 2


def checked_note(connection: Connection, text: str | None, parcels: Sequence[str], parties: Sequence[int] = ()) -> str:
    """A note without spaces around it; "" where there is none.

    Rows of visits and of the history of alerts never change, so an erasure could not take a name out of them.

    Args:
        connection: database.
        text: what a person wrote.
        parcels: that it is about.
        parties: that it is about too.

    Raises:
        InputError: it holds a long number, or the name, telephone or number of somebody who is tied to the parcels.
            The message does not repeat it.
    """
    note = (text or "").strip()
    if note and (_LONG_NUMBER.search(note) or any(_holds(note, name) for name in _names(connection, parcels, parties))):
        raise InputError(
            "NOTE_NAMES",
            "The note holds a long number, or names somebody who is tied to the parcel.",
            "It is kept for good: write it without names and numbers, and days like 2026-11-22.",
        )
    return note


def required_note(connection: Connection, text: str | None, parcels: Sequence[str], parties: Sequence[int] = ()) -> str:
    """A note as checked_note gives it; InputError where there is none."""
    note = checked_note(connection, text, parcels, parties)
    if not note:
        raise InputError("REASON_MISSING", "No reason is given.", "Say why with --reason; name nobody in it.")
    return note


def parties_at(connection: Connection, parcels: Sequence[str]) -> tuple[int, ...]:
    """Parties that borrow on parcels, hold a right in them, or were seen as their farmer."""
    among = ContractPlot.parcel_id.in_(listed(connection, parcels))
    borrows = select(Role.party_id).join(ContractPlot, ContractPlot.facility_id == Role.facility_id).where(among)
    holds = select(LandRight.party_id).join(ContractPlot, ContractPlot.land_right_id == LandRight.id).where(among)
    farms = (
        select(Party.id)
        .join(ParcelObservation, ParcelObservation.farmer_id == Party.farmer_id)
        .where(ParcelObservation.parcel_id.in_(listed(connection, parcels)))
    )
    return tuple(sorted(set(connection.scalars(union(borrows, holds, farms)))))


def _names(connection: Connection, parcels: Sequence[str], parties: Sequence[int]) -> Iterable[str]:
    tied = sorted({*parties_at(connection, parcels), *parties})
    rows = connection.execute(
        select(PersonalData.name, PersonalData.phone, Party.farmer_id)
        .select_from(Party)
        .outerjoin(PersonalData, PersonalData.party_id == Party.id)
        .where(Party.id.in_(listed_numbers(connection, tied)))
    )
    return {each for row in rows for each in row if each and _is_telling(each)}


def _is_telling(name: str) -> bool:
    return len(name) >= (_LEAST_LATIN if name.isascii() else _LEAST_OTHER)


def _holds(note: str, name: str) -> bool:
    """Whether a note holds a name: as a word of its own where letters are joined to words, anywhere in Chinese."""
    plain = re.escape(name.casefold())
    bounded = rf"(?<![a-z0-9]){plain}(?![a-z0-9])" if name.isascii() else plain
    return re.search(bounded, note.casefold()) is not None
