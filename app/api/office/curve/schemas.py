"""What is answered about the season of a parcel."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from pydantic import Field

from app.api.office.parcels.schemas import ParcelSeason
from app.api.schemas import Answer, Share


class MarkKind(StrEnum):
    """Marks of a growth cycle."""

    START = "start"
    PEAK = "peak"
    END = "end"


class CurveLooks(Answer):
    """Acquisitions by date: NDVI (null where nothing was clear) and the clear part of the parcel."""

    date: list[dt.date]
    ndvi: list[float | None]
    clear_share: list[Share]


class ExpectedBand(Answer):
    """Where NDVI is expected, by date."""

    date: list[dt.date]
    low: list[float | None]
    high: list[float | None]


class NeighbourCurve(Answer):
    """Median NDVI of the nearest parcels of the crop, by date."""

    count: int = Field(description="Neighbours.")
    date: list[dt.date]
    median: list[float | None]


class CurveMark(Answer):
    """A mark of a growth cycle, which lies between low and high with some nine in ten; null: not stated."""

    kind: MarkKind
    day: dt.date
    low: dt.date | None
    high: dt.date | None


class ParcelCurve(Answer):
    """The season of a parcel, NDVI throughout.

    The band is the median of up to 30 nearest parcels of the same crop within 10 km in the same ten days, plus and
    minus twice their spread; it stands in the middle of the ten days, and is null where fewer than eight were seen.
    """

    parcel_id: str
    run_id: str
    season: ParcelSeason
    looks: CurveLooks
    expected: ExpectedBand | None
    neighbours: NeighbourCurve | None
    markers: list[CurveMark]
