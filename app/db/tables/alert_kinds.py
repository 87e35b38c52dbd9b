"""Closed lists of values that tables of alerts, visits and notices hold."""

from __future__ import annotations

from enum import StrEnum


class AlertLevel(StrEnum):
    """How much an alert asks for, in rising order; see scoring.alerts.levels."""

    INFO = "info"
    WATCH = "watch"
    WARNING = "warning"
    ACTION = "action"


class AlertScope(StrEnum):
    """Whether a parcel fell alone or with its neighbours; unclear where too few were seen."""

    OWN = "own"
    REGIONAL = "regional"
    UNCLEAR = "unclear"


class AlertStatus(StrEnum):
    """What people did with an alert. Whether it still shows in the imagery stands in ended_on."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    VISITED = "visited"
    CLOSED = "closed"
    FALSE_ALARM = "false_alarm"


class AlertEventKind(StrEnum):
    """What happened to an alert: the first six by a watch, the others by people."""

    OPENED = "opened"
    RAISED = "raised"
    LOWERED = "lowered"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"
    REOPENED = "reopened"
    ACKNOWLEDGED = "acknowledged"
    ASSIGNED = "assigned"
    VISITED = "visited"
    CLOSED = "closed"
    FALSE_ALARM = "false_alarm"
    NOTED = "noted"


class VisitOutcome(StrEnum):
    """What two officers found on the ground."""

    CONFIRMED = "confirmed"
    PARTLY = "partly"
    NOT_CONFIRMED = "not_confirmed"
    OTHER_CAUSE = "other_cause"
    NOT_REACHED = "not_reached"


class DrawnBy(StrEnum):
    """Why a parcel is on a list of visits: its expected loss, chance, or somebody's wish."""

    RANKED = "ranked"
    RANDOM = "random"
    ASKED = "asked"


class SignalKind(StrEnum):
    """What a signal from outside is about."""

    WEATHER_WARNING = "weather_warning"
    LITIGATION = "litigation"
    INSURANCE = "insurance"
    PEST = "pest"
    MARKET = "market"
    OTHER = "other"


class ChannelKind(StrEnum):
    """How a notice goes out."""

    WEBHOOK = "webhook"
    EMAIL = "email"


class NoticeStatus(StrEnum):
    """State of a notice: failed is given up after the last attempt."""

    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"
