"""Readings of meters as they are on record: every word that was said, and of each span the one that holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import pairwise

from sqlalchemy import Connection, select

from app.db.listed import listed
from app.db.tables import MeterReading, User


@dataclass(frozen=True, slots=True)
class KnownReading:
    """Energy that a plant fed in, as one word of a source says.

    Attributes:
        id: number of its row.
        site_id: the site.
        starts_on: first day.
        ends_on: last day; both count.
        energy_kwh: energy fed in.
        source: who read it.
        as_of: day on which they said so.
        recorded_at: when it became known.
        recorded_by: login of who gave it; None: it was not kept then.
        earlier: words of the same source on these days that it took the place of, the latest first; a word that the
            next one repeats is left out. Only where the reading was read back as the one that holds.
    """

    id: int
    site_id: str
    starts_on: date
    ends_on: date
    energy_kwh: float
    source: str
    as_of: date
    recorded_at: datetime
    recorded_by: str | None
    earlier: tuple[KnownReading, ...] = ()

    @property
    def key(self) -> tuple[str, str, date, date]:
        """What words are about: site, source and span."""
        return (self.site_id, self.source, self.starts_on, self.ends_on)


def readings_of(connection: Connection, site_id: str, said_by: date | None = None) -> list[KnownReading]:
    """Readings of a site that hold, by first day, last day and source, each with the words before it.

    Args:
        connection: reads.
        site_id: the site.
        said_by: only words that were said by the end of this day count; None: all.
    """
    return holding(words_of(connection, [site_id], said_by))


def words_of(connection: Connection, sites: Sequence[str], said_by: date | None = None) -> list[KnownReading]:
    """Every word on sites, by site, first day, last day, source, and day on which it was said, the earliest first.

    Args:
        connection: reads.
        sites: their ids.
        said_by: only words that were said by the end of this day count; None: all.
    """
    table = MeterReading
    columns = (table.id, table.parcel_id, table.starts_on, table.ends_on, table.energy_kwh, table.source, table.as_of)
    wanted = (
        select(*columns, table.recorded_at, User.login)
        .outerjoin(User, User.id == table.recorded_by_id)
        .where(table.parcel_id.in_(listed(connection, sites)))
        .order_by(table.parcel_id, table.starts_on, table.ends_on, table.source)
        .order_by(table.as_of, table.recorded_at, table.id)
    )
    if said_by is not None:
        wanted = wanted.where(table.as_of <= said_by)
    return [KnownReading(*row) for row in connection.execute(wanted)]


def holding(words: Iterable[KnownReading]) -> list[KnownReading]:
    """Of words in the order of words_of the last one of each source and span, with those that it took the place of."""
    spans: dict[tuple[str, str, date, date], list[KnownReading]] = {}
    for each in words:
        spans.setdefault(each.key, []).append(each)
    return [replace(said[-1], earlier=_changed(said)) for said in spans.values()]


def _changed(said: Sequence[KnownReading]) -> tuple[KnownReading, ...]:
    return tuple(reversed([each for each, after in pairwise(said) if each.energy_kwh != after.energy_kwh]))
