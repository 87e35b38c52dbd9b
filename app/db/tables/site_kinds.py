"""Closed lists of values that the tables of energy sites hold."""

from __future__ import annotations

from enum import StrEnum


class RedLineKind(StrEnum):
    """Ground that nothing may be built on."""

    FARMLAND = "farmland"
    ECOLOGICAL = "ecological"
    OTHER = "other"


class SiteStandingKind(StrEnum):
    """How a site stands against its plan."""

    UNSEEN = "unseen"
    ON_TRACK = "on_track"
    WATCH = "watch"
    WARNING = "warning"
    ACTION = "action"
