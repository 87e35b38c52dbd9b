"""Closed lists of values that the tables of the office hold."""

from __future__ import annotations

from enum import StrEnum


class RequestStatus(StrEnum):
    """State of what one person asks and another one answers."""

    OPEN = "open"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class JobKind(StrEnum):
    """What a worker can do."""

    PARCELS_CHECK = "parcels_check"
    PARCELS_IMPORT = "parcels_import"
    PARCELS_OBSERVE = "parcels_observe"
    OUTLINES = "outlines"
    MAP_LAYERS = "map_layers"
    APPLICATION_LIMIT = "application_limit"
    LETTER = "letter"
    SITE_REPORT = "site_report"


class JobState(StrEnum):
    """Where a job is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class OutlineMethod(StrEnum):
    """How people came to an outline."""

    DRAWN = "drawn"
    WALKED = "walked"
    IMPORTED = "imported"


class PaperKind(StrEnum):
    """What a photographed paper is."""

    IDENTITY = "identity"
    LAND_CERTIFICATE = "land_certificate"
    LEASE = "lease"
    CONSENT = "consent"
    INCOME = "income"
    INSURANCE = "insurance"
    OTHER = "other"


class ApplicationEventKind(StrEnum):
    """What happened to an application."""

    CREATED = "created"
    CHANGED = "changed"
    SUBMITTED = "submitted"
    TAKEN_UP = "taken_up"
    RETURNED = "returned"
    PROPOSED = "proposed"
    DECIDED = "decided"
    GRANTED = "granted"
    DRAWN = "drawn"
    DRAW_ASKED = "draw_asked"
    DRAW_REFUSED = "draw_refused"
    WITHDRAWN = "withdrawn"
    NOTED = "noted"
