"""Meter readings of a site, one added at a time."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import Field
from sqlalchemy import Connection

from app.api.access.schemas import Asked
from app.api.sites.schemas import MeterRow, MeterWord
from app.book.decisions.people import Person
from app.sites.meters import GivenReading, take_readings
from app.sites.readings import KnownReading, readings_of


class MeterSaid(Asked):
    """Energy that was fed in over some days, as a meter or the operator says; all days count."""

    starts_on: date
    ends_on: date
    energy_kwh: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    source: Annotated[str, Field(min_length=1, max_length=128, pattern=r"^[^\x00]*$", description="Who read it.")]
    as_of: date = Field(description="Day on which they said so.")


def meter_rows(connection: Connection, site_id: str) -> list[MeterRow]:
    """Readings of a site that hold, by first day, last day and source, with the words that they took the place of."""
    return [_answer(each) for each in readings_of(connection, site_id)]


def take_meter(connection: Connection, site_id: str, said: MeterSaid, by: Person, now: datetime) -> MeterRow:
    """Write one reading; of the words of a source on the same days the latest holds, and is what is answered.

    Raises:
        InputError: METER_... (app.sites.meters): days, energy or source cannot be, or contradict what is known.
    """
    given = GivenReading(row=1, site_id=site_id, **said.model_dump())
    take_readings(connection, [given], by, now)
    key = (said.source, said.starts_on, said.ends_on)
    known = readings_of(connection, site_id)
    return _answer(next(each for each in known if (each.source, each.starts_on, each.ends_on) == key))


def _answer(known: KnownReading) -> MeterRow:
    said = {name: getattr(known, name) for name in MeterRow.model_fields if name != "earlier"}
    return MeterRow(**said, earlier=[_word(each) for each in known.earlier])


def _word(known: KnownReading) -> MeterWord:
    return MeterWord(**{name: getattr(known, name) for name in MeterWord.model_fields})
