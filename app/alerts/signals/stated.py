"""A signal as a file states it, checked by itself. Faults name places, never what stands there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Any, Final

import shapely
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from shapely.geometry import MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from app.db.tables.alert_kinds import AlertLevel, SignalKind
from geo.errors import InputError

#: What a row of a file may hold; `area` is an outline.
COLUMNS: Final = (
    *("kind", "external_id", "parcel_id", "farmer_id", "area", "level"),
    *("said", "starts_on", "ends_on", "expires_on"),
)
SAID_CHARACTERS: Final = 2_000
_SHOWN: Final = 5
_DEGREES: Final = (-180.0, -90.0, 180.0, 90.0)


@dataclass(frozen=True, slots=True)
class Stated:
    """One signal.

    Attributes:
        place: file and line, for messages.
        kind: what it is about.
        external_id: the source's own number of it.
        said: what the source says, at most 2,000 characters.
        starts_on: first day that it speaks of.
        ends_on: last day that it speaks of; None: open.
        expires_on: last day on which its word is good; None: for ever.
        level: how grave the source calls it; None: it does not say.
        parcel_id: the parcel it is about.
        farmer_id: the bank's number of whom it is about.
        area: the ground it is about, EPSG:4326.
        as_of: day on which the source said it; None: that of the file.
        message: the source's message that it is part of; None: it stands alone.
    """

    place: str
    kind: SignalKind
    external_id: str
    said: str
    starts_on: date
    ends_on: date | None = None
    expires_on: date | None = None
    level: AlertLevel | None = None
    parcel_id: str | None = None
    farmer_id: str | None = field(default=None, repr=False)
    area: BaseGeometry | None = field(default=None, repr=False)
    as_of: date | None = None
    message: str | None = None

    def content_hash(self, party_id: int | None) -> str:
        """SHA-256 (hex) of what is said, and of whom or where; the same for a file that is given again.

        Args:
            party_id: of the farmer, whose own number is not hashed.
        """
        area = None if self.area is None else shapely.to_wkb(shapely.normalize(self.area), hex=True, byte_order=1)
        days = [None if day is None else day.isoformat() for day in (self.starts_on, self.ends_on, self.expires_on)]
        content = [self.kind, self.said, *days, self.level, self.parcel_id, party_id, area]
        return hashlib.sha256(json.dumps(content, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A message of the source that counts no longer.

    Attributes:
        message: the source's number of it.
        sent_at: when the source said so.
        by: the message that says so.
    """

    message: str
    sent_at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class SignalFile:
    """What files state: signals, messages that they take back, and how many messages were no real ones."""

    signals: tuple[Stated, ...]
    withdrawn: tuple[Withdrawn, ...] = ()
    passed_over: int = 0


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at a place; holds nothing of what stands there."""

    place: str
    what: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}"


def _day(value: object) -> object:
    return date.fromisoformat(value) if isinstance(value, str) else value


_Day = Annotated[date, BeforeValidator(_day)]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", coerce_numbers_to_str=True, arbitrary_types_allowed=True)

    kind: SignalKind
    external_id: Annotated[str, Field(min_length=1, max_length=128)]
    said: Annotated[str, Field(min_length=1, max_length=SAID_CHARACTERS)]
    starts_on: _Day
    ends_on: _Day | None = None
    expires_on: _Day | None = None
    level: AlertLevel | None = None
    parcel_id: Annotated[str, Field(max_length=128)] | None = None
    farmer_id: Annotated[str, Field(max_length=128)] | None = None
    area: BaseGeometry | None = None

    @model_validator(mode="after")
    def _about_something(self) -> _Row:
        if self.parcel_id is None and self.farmer_id is None and self.area is None:
            raise ValueError("it names no parcel_id, farmer_id or area")
        if self.ends_on is not None and self.ends_on < self.starts_on:
            raise ValueError("it ends before it starts")
        fault = None if self.area is None else area_fault(self.area)
        if fault:
            raise ValueError(fault)
        return self


def stated_of(place: str, cells: Mapping[str, Any]) -> Stated | list[Fault]:
    """Signal of one row (columns COLUMNS, None for an empty cell), or what is wrong with it."""
    try:
        row = _Row.model_validate({name: value for name, value in cells.items() if value is not None})
    except ValidationError as error:
        return [Fault(place, _said(fault)) for fault in error.errors(include_url=False, include_input=False)]
    return Stated(place=place, **{name: getattr(row, name) for name in _Row.model_fields})


def area_fault(area: BaseGeometry) -> str | None:
    """What is wrong with an outline in degrees of longitude and latitude; None: nothing."""
    if not isinstance(area, Polygon | MultiPolygon) or area.is_empty:
        return "the area is no polygon"
    west, south, east, north = area.bounds
    least_x, least_y, most_x, most_y = _DEGREES
    if not (least_x <= west and least_y <= south and east <= most_x and north <= most_y):
        return "the area is not in degrees (EPSG:4326, longitude first)"
    return None if area.is_valid else f"the area is not valid: {shapely.is_valid_reason(area).split('[')[0]}"


def refuse(faults: Sequence[Fault]) -> None:
    """InputError with the first faults, where there are any."""
    if not faults:
        return
    shown = "; ".join(map(str, faults[:_SHOWN]))
    count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    more = f"; and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
    raise InputError(
        "SIGNAL_ROWS", f"{count}, nothing was written: {shown}{more}.", "Mend these rows and import again."
    )


def _said(fault: Mapping[str, Any]) -> str:
    name = ".".join(str(each) for each in fault["loc"][:1])
    if fault["type"] == "missing":
        return f"{name} is missing"
    if fault["type"] == "extra_forbidden":
        return f"there is no column {name!r}; there are {', '.join(COLUMNS)}"
    said = str(fault["msg"]).removeprefix("Value error, ")
    if name and fault["type"] == "value_error":  # what Python says of a date repeats the cell
        said = "is no date (2026-05-01)"
    return f"{name} {said[0].lower()}{said[1:]}" if name else said
