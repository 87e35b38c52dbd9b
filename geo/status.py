"""Why a parcel is, or is not, decided. Anything but OK keeps the last approved amount and asks for a visit."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """Outcome of looking at one parcel, in the order in which reasons win."""

    INVALID_GEOMETRY = "INVALID_GEOMETRY"
    OUTSIDE_IMAGERY = "OUTSIDE_IMAGERY"
    TOO_SMALL = "TOO_SMALL"
    UNVERIFIED = "UNVERIFIED"
    CLOUDY = "CLOUDY"
    OUTSIDE_VALIDATION = "OUTSIDE_VALIDATION"
    AMBIGUOUS = "AMBIGUOUS"
    OK = "OK"
