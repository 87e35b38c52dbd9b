"""What is asked and answered about alerts."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from app.api.access.schemas import MOST_NUMBER, Asked
from app.api.office.shapes import BothNames, DeskAlert
from app.api.schemas import Answer
from app.db.tables.alert_kinds import AlertEventKind, AlertLevel, SignalKind, VisitOutcome
from app.db.tables.kinds import UserRole
from geo.sites import SiteType

_MOST_ALERTS = 1000
#: Longest note that is taken.
_MOST_TEXT = 4000


class WorkAct(StrEnum):
    """What people do with alerts."""

    ACKNOWLEDGE = "acknowledge"
    NOTE = "note"
    ASSIGN = "assign"
    CLOSE = "close"
    FALSE_ALARM = "false-alarm"
    REOPEN = "reopen"


class ActAsked(Asked):
    """Alerts that one thing is done to: to all of them, or to none."""

    numbers: list[Annotated[int, Field(ge=1, le=MOST_NUMBER)]] = Field(min_length=1, max_length=_MOST_ALERTS)
    said: str | None = Field(default=None, max_length=_MOST_TEXT, description="Why, or the note; it names nobody.")
    to: str | None = Field(default=None, max_length=128, description="Login of who the alerts are given to.")


class ActDone(Answer):
    """Numbers of the alerts that changed, and of those that were so already."""

    changed: list[int]
    already: list[int]


class Assignee(Answer):
    """Somebody who works with alerts of parcels that the person sees."""

    login: str
    display_name: str
    role: UserRole


class AlertList(Answer):
    """Alerts in the order in which they deserve a visit."""

    day: date
    currency: str | None = Field(description="In which expected losses are ranked; null where no loan is known.")
    other_currencies: list[str]
    found: int
    unknown: int = Field(description="How many of all have no expected loss; they come last.")
    causes: dict[str, BothNames] = Field(description="Names of the causes that occur in the whole list.")
    alerts: list[DeskAlert]


class AlertPicture(Answer):
    """A picture of the parcel on a day."""

    day: date
    url: str


class AlertPictures(Answer):
    """Pictures before and after the event; null where there is none."""

    before: AlertPicture | None
    after: AlertPicture | None


class ValueUnit(StrEnum):
    """What the values of a cause are: NDVI of a crop, a share of a plan or of the ground (0 to 1), or m2."""

    NDVI = "ndvi"
    SHARE = "share"
    M2 = "m2"


class ExpectedRange(Answer):
    """A band of the values that may be open on one side."""

    low: float | None
    high: float | None


class RulesNamed(Answer):
    """Alert rules by id and content hash."""

    id: str
    hash: str


class AlertEvidence(Answer):
    """What a change of an alert rests on."""

    happened_on: date
    dates: list[date]
    values: list[float | None]
    value: float | None
    expected: ExpectedRange
    unit: ValueUnit = Field(description="Of values and of what was expected; of NDVI where no rule says another.")
    neighbours_fallen: float | None
    why: str
    rule: str
    rules: RulesNamed
    same_rules: bool = Field(description="Whether the rules at hand are those that raised it, to the letter.")
    chips: AlertPictures


class AlertChange(Answer):
    """One line of an alert's history; by null: a watch."""

    kind: AlertEventKind
    happened_on: date
    level: AlertLevel
    by: str | None
    to: str | None
    note: str | None


class AlertVisit(Answer):
    """What two officers found; distance from the outline in metres."""

    captured_at: datetime
    by: str
    second: str
    outcome: VisitOutcome
    cause_found: str | None
    loss_share: float | None
    distance_m: float | None
    far: bool
    note: str | None


class AlertSignal(Answer):
    """A signal from outside that concerns the parcel."""

    kind: SignalKind
    source: str
    as_of: date
    said: str
    starts_on: date
    ends_on: date | None


class LinesBeside(Answer):
    """Insurance, claims and relief beside an alert, in whole sentences."""

    en: list[str]
    zh: list[str]


class AlertStory(Answer):
    """Everything about one alert."""

    alert: DeskAlert
    cause: BothNames
    looks_for: BothNames | None
    answer: BothNames | None = Field(description="What the rules make of its scope.")
    event_on: date | None
    site: SiteType | None = Field(description="What is built on the parcel, where it is an energy site.")
    evidence: AlertEvidence | None
    history: list[AlertChange]
    visits: list[AlertVisit]
    signals: list[AlertSignal]
    beside: LinesBeside
