"""Energy that plants fed in, as meters or operators say: taken in word by word, each kept as it was said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Final, TypeAlias

from sqlalchemy import Connection, func, insert, select

from app.alerts.reach import require_reach
from app.book.decisions.people import Person
from app.db.listed import listed
from app.db.tables import EnergySite, MeterReading, SitePlanVersion
from app.sites.readings import KnownReading, holding, words_of
from geo.errors import InputError

_KWH_PER_MWH: Final = 1000.0
_HOURS: Final = 24.0
#: Plants deliver a little more than their rated power now and then; 1,000 times more is kWh taken for MWh.
_MOST_OF_CAPACITY: Final = 1.2
#: Site, source, first and last day.
_Key: TypeAlias = tuple[str, str, date, date]
#: The same, and the day on which it was said.
_Word: TypeAlias = tuple[str, str, date, date, date]


@dataclass(frozen=True, slots=True)
class GivenReading:
    """What a meter says, before it is written.

    Attributes:
        row: row of the file, 1 for the first; 1 where there is no file.
        site_id: the site.
        starts_on: first day.
        ends_on: last day; both count.
        energy_kwh: energy fed in, 0 or more.
        source: who read it.
        as_of: day on which they said so.
    """

    row: int
    site_id: str
    starts_on: date
    ends_on: date
    energy_kwh: float
    source: str
    as_of: date

    @property
    def key(self) -> _Key:
        """What words are about: site, source and span."""
        return (self.site_id, self.source, self.starts_on, self.ends_on)

    @property
    def days(self) -> int:
        """How many days it covers."""
        return (self.ends_on - self.starts_on).days + 1


@dataclass(frozen=True, slots=True)
class TakenReadings:
    """What readings came to, by their number.

    Attributes:
        new: of days of which the source had said nothing.
        corrected: a later word, and another one, on the same days: it holds from now on.
        repeated: a later word that says the same again.
        older: a word of before the one that holds: it is kept, and does not hold.
        unchanged: on record as stated.
    """

    new: int = 0
    corrected: int = 0
    repeated: int = 0
    older: int = 0
    unchanged: int = 0

    def as_dict(self) -> dict[str, int]:
        """Counts by what became of them."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def take_readings(connection: Connection, given: Sequence[GivenReading], by: Person, now: datetime) -> TakenReadings:
    """Write readings, all or none. Of the words of a source on the same days the latest holds, and all are kept.

    Args:
        connection: transaction that writes.
        given: readings.
        by: who gives them; of the sites' units or above.
        now: when they become known.

    Raises:
        InputError: a site is not there or of another unit; days are out of order or were not over; the energy is below
            0 or more than the plant can deliver; a reading stands twice, overlaps another of its source in part, or
            contradicts one of the same day. The message names the row.
    """
    capacities = _capacities(connection, sorted({each.site_id for each in given}))
    for each in given:
        _check(each, capacities, now)
    require_reach(connection, by, [each.site_id for each in given])
    words = words_of(connection, sorted({each.site_id for each in given}))
    held = {each.key: each for each in holding(words)}
    said = {(*each.key, each.as_of): each.energy_kwh for each in words}
    _check_spans(given, held)
    told = [(each, _became(each, held, said)) for each in given]
    beside = {"recorded_by_id": by.id, "recorded_at": now}
    rows = [_row(each) | beside for each, what in told if what != "unchanged"]
    if rows:
        connection.execute(insert(MeterReading), rows)
    return TakenReadings(**Counter(what for _, what in told))


def _capacities(connection: Connection, sites: Sequence[str]) -> dict[str, float | None]:
    """Planned capacity in MW of the sites that are known."""
    newest = select(func.max(SitePlanVersion.id)).group_by(SitePlanVersion.parcel_id)
    wanted = (
        select(EnergySite.parcel_id, SitePlanVersion.capacity_mw)
        .outerjoin(
            SitePlanVersion, (SitePlanVersion.parcel_id == EnergySite.parcel_id) & SitePlanVersion.id.in_(newest)
        )
        .where(EnergySite.parcel_id.in_(listed(connection, sites)))
    )
    return {row[0]: row[1] for row in connection.execute(wanted)}


def _check(given: GivenReading, capacities: Mapping[str, float | None], now: datetime) -> None:
    row = f"Row {given.row}"
    if given.site_id not in capacities:
        raise InputError(
            "SITE_UNKNOWN", f"{row}: there is no site {given.site_id!r}.", "`acreline sites list` shows all."
        )
    if not given.source.strip():
        raise InputError("METER_SOURCE", f"{row} names no source.", "Say who read the meter.")
    if not given.starts_on <= given.ends_on <= given.as_of <= now.date() + timedelta(days=1):
        said = f"{row} is of {given.starts_on} to {given.ends_on}, said on {given.as_of}."
        remedy = "Give days in order: the first, the last, the day of the reading; none of them to come."
        raise InputError("METER_DAYS", said, remedy)
    if not 0 <= given.energy_kwh < float("inf"):
        raise InputError("METER_ENERGY", f"{row} states {given.energy_kwh:g} kWh.", "Give energy fed in, 0 or more.")
    capacity = capacities[given.site_id]
    most = None if capacity is None else capacity * _KWH_PER_MWH * _HOURS * given.days
    if most is not None and given.energy_kwh > _MOST_OF_CAPACITY * most:
        said = f"{row} states {given.energy_kwh:,.0f} kWh; at full power {most:,.0f} kWh can be fed in."
        raise InputError("METER_ENERGY", said, "Check the unit (kWh) and the days, or the capacity in the plan.")


def _check_spans(given: Sequence[GivenReading], known: Mapping[_Key, KnownReading]) -> None:
    """Refuse readings that stand twice or that overlap in part; one inside another may be: a month of a year."""
    spans: dict[tuple[str, str], list[tuple[date, date]]] = {}
    for site_id, source, start, end in known:
        spans.setdefault((site_id, source), []).append((start, end))
    seen: dict[_Key, int] = {}
    for each in given:
        if each.key in seen:
            said = f"Row {each.row} is of the same site, source and days as row {seen[each.key]}."
            raise InputError("METER_TWICE", said, "Keep one of the two.")
        seen[each.key] = each.row
        own = spans.setdefault((each.site_id, each.source), [])
        crossed = next((span for span in own if _cross(span, (each.starts_on, each.ends_on))), None)
        if crossed is not None:
            said = f"Row {each.row} ({each.starts_on} to {each.ends_on}) overlaps {crossed[0]} to {crossed[1]}."
            raise InputError("METER_OVERLAP", said, "Give spans that follow each other, or whole ones of others.")
        own.append((each.starts_on, each.ends_on))


def _cross(one: tuple[date, date], other: tuple[date, date]) -> bool:
    """Whether two spans overlap and neither holds the other."""
    apart = one[1] < other[0] or other[1] < one[0]
    nested = (one[0] <= other[0] and other[1] <= one[1]) or (other[0] <= one[0] and one[1] <= other[1])
    return not (apart or nested)


def _became(given: GivenReading, held: Mapping[_Key, KnownReading], said: Mapping[_Word, float]) -> str:
    """What a word comes to, as TakenReadings names it; InputError where its source said otherwise the same day."""
    known = held.get(given.key)
    if known is None:
        return "new"
    before = said.get((*given.key, given.as_of))
    if before is not None and before != given.energy_kwh:
        told = f"Row {given.row} states {given.energy_kwh:,.0f} kWh; {before:,.0f} kWh was said on {given.as_of}."
        raise InputError("METER_CLASH", told, "Give the day of the correction as as_of, after the first.")
    if before is not None:
        return "unchanged"
    if given.as_of < known.as_of:
        return "older"
    return "repeated" if given.energy_kwh == known.energy_kwh else "corrected"


def _row(given: GivenReading) -> dict[str, object]:
    names = ("starts_on", "ends_on", "energy_kwh", "source", "as_of")
    return {"parcel_id": given.site_id} | {name: getattr(given, name) for name in names}
