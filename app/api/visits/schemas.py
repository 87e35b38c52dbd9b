"""Shapes of the week's list and of visits."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import AwareDatetime, Field

from app.api.access.schemas import MOST_NUMBER, Asked
from app.api.schemas import Answer, Share, VillageName
from app.db.tables.alert_kinds import AlertLevel, AlertScope, DrawnBy, VisitOutcome

_Login = Annotated[str, Field(min_length=1, max_length=128)]
_Number = Annotated[float, Field(allow_inf_nan=False)]
_MOST_NOTE = 2000


class WeekWords(Answer):
    """The same in English and Chinese."""

    en: str
    zh: str


class WeekTaskUnit(Answer):
    """Unit of a parcel."""

    code: str
    name: str


class WeekTaskAlert(Answer):
    """What a task is about, as it stands now."""

    number: int
    cause: str
    title: WeekWords | None = Field(description="null where the rules that raised it are not at hand.")
    level: AlertLevel
    scope: AlertScope
    opened_on: date
    changed_on: date


class WeekTask(Answer):
    """One parcel of a week's list. Nothing of it names a farmer."""

    code: str = Field(description="Short code of the sheet: a number in Crockford's base 32, and a sign to check it.")
    list_unit: str = Field(description="Code of the unit whose list it is on.")
    rank: int
    parcel_id: str
    village: VillageName | None = Field(description="null where it is not known; the unit then stands for it.")
    unit: WeekTaskUnit | None = Field(description="null where the parcel is of no unit.")
    drawn: DrawnBy
    done: bool = Field(description="Whether somebody who got there has told of it.")
    alert: WeekTaskAlert | None
    looks_for: WeekWords
    outline: list[list[list[tuple[float, float]]]] | None = Field(
        description="Polygons of rings of longitude and latitude, degrees (WGS 84), as in a GeoJSON MultiPolygon."
    )


class FoundCause(Answer):
    """A cause that a visit may find."""

    key: str
    title: WeekWords


class SecondOfficer(Answer):
    """Somebody who may be the second officer where the parcel is of one of their units, or of none."""

    login: str
    display_name: str
    units: list[str]


class VisitWeek(Answer):
    """The visits of a week within reach, to be taken along; it is to be forgotten when the session ends."""

    week: date | None = Field(description="Its Monday; null: no list of the last four weeks.")
    made_at: datetime
    forget_at: datetime = Field(description="When the session ends at the latest.")
    far_m: float = Field(description="Further than this from the outline, beyond the error of the position, is far.")
    tasks: list[WeekTask] = Field(
        description="In the order in which to drive: list by list, village by village, what is done last in each."
    )
    causes: list[FoundCause]
    officers: list[SecondOfficer]
    way_m: float | None = Field(
        description="Metres as the crow flies of the rounds of what is left, each back to where it began; null: none."
    )


class VisitSaid(Asked):
    """What two officers saw; the first is who sends it."""

    parcel_id: Annotated[str, Field(min_length=1, max_length=128)] | None = None
    alert: Annotated[int, Field(ge=1, le=MOST_NUMBER)] | None = None
    second_officer: _Login
    captured_at: AwareDatetime
    outcome: VisitOutcome
    longitude: Annotated[_Number, Field(ge=-180, le=180)] | None = None
    latitude: Annotated[_Number, Field(ge=-90, le=90)] | None = None
    accuracy_m: Annotated[_Number, Field(ge=0)] | None = None
    cause_found: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    loss_share: Annotated[_Number, Field(ge=0, le=1)] | None = None
    note: Annotated[str, Field(max_length=_MOST_NOTE)] = ""
    photo: bool = Field(default=False, description="Whether its photo was sent before, under the same key.")


class VisitTaken(Answer):
    """A visit is written down."""

    number: int
    parcel_id: str
    new: bool = Field(description="false where it was sent before.")
    distance_m: float | None
    far: bool


class PhotoTaken(Answer):
    """A photo waits for its visit, or the visit that it belongs to is written down already."""

    visit: int | None = Field(description="Number of the visit that is written down already.")


class VisitLine(Answer):
    """A visit to a parcel."""

    number: int
    alert: int | None
    officers: tuple[str, str] = Field(description="Logins of the two.")
    captured_at: datetime
    outcome: VisitOutcome
    cause_found: str | None
    loss_share: Share | None
    accuracy_m: float | None
    distance_m: float | None = Field(description="From the parcel's outline.")
    far: bool
    note: str
    photo: str | None = Field(description="Address of the photo.")


class VisitLines(Answer):
    """Visits to a parcel, newest first."""

    parcel_id: str
    visits: list[VisitLine]
    causes: list[FoundCause] = Field(description="Names of the causes found, as far as rules at hand have them.")
