"""What the API answers: pydantic models, the one source of the page's types (through OpenAPI)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from geo.status import Status

Share = Annotated[float, Field(ge=0, le=1)]


class Answer(BaseModel):
    """Base of all answers: nothing unexpected in, nothing changed after."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Problem(Answer):
    """Any failure, as application/problem+json (RFC 9457): a stable code, what is wrong, what to do."""

    type: str = Field(description="The kind of failure: urn:acreline:problem: and the code.")
    title: str = Field(description="What the status means.")
    status: int
    detail: str = Field(description="What is wrong here: the message.")
    code: str
    message: str
    remedy: str


class Health(Answer):
    """The process is up and reads this run."""

    ok: bool
    run_id: str


class Money(Answer):
    """An amount as a decimal string in whole units of the currency ("42900.00"), never a float."""

    amount: str
    currency: str


class VillageName(Answer):
    """An administrative village."""

    code: str = Field(description="The bank's own: in China the twelve digits of the division code.")
    name: str


class LegendEntry(Answer):
    """One crop of the legend."""

    key: str
    value: int = Field(description="Value in crop rasters.")
    en: str
    zh: str
    colour: str


class CropCount(Answer):
    """How many parcels carry a crop as best guess; key is null for parcels without one."""

    key: str | None
    count: int


class StatusCount(Answer):
    """How many parcels have a status."""

    status: Status
    count: int


class MapLayer(Answer):
    """A raster that the map may show; fill {z}, {x}, {y} into the address."""

    name: str
    url: str
    tile_px: int
    max_zoom: int
    bounds: tuple[float, float, float, float] = Field(description="West, south, east, north in degrees.")


class Totals(Answer):
    """Sums over all parcels of the run. Money is null where no parcel has an amount."""

    parcels: int
    area_ha: float
    limit: Money | None
    low: Money | None
    high: Money | None
    without_amount: int
    needs_visit: int


class RunSummary(Answer):
    """What the page needs before anything else."""

    run_id: str
    created_at: datetime
    code_version: str
    season_id: str
    season_start: date
    season_end: date
    policy_id: str | None
    currency: str
    minor_digits: int = Field(description="Decimal places of the currency.")
    area_unit: str = Field(description='Unit in which the currency\'s users count land: "mu", "acre" or "ha".')
    simulated: bool = Field(
        description="Whether the imagery and parcels were simulated. To be shown wherever they are."
    )
    scenes: int
    bounds: tuple[float, float, float, float] = Field(description="West, south, east, north in degrees.")
    totals: Totals
    by_status: list[StatusCount]
    by_crop: list[CropCount]
    legend: list[LegendEntry]
    layers: list[MapLayer]
    outlines_url: str
    states_url: str


class ParcelStates(Answer):
    """What colours the map: one column per fact, all of the same length, in the order of parcel_id.

    crop and declared_crop are positions in `crops`, status in `statuses`; null where there is none. amount_minor
    counts the smallest unit of the currency.
    """

    crops: list[str]
    statuses: list[Status]
    parcel_id: list[str]
    status: list[int]
    crop: list[int | None]
    crop_prob: list[float | None]
    vigour_pct: list[float | None]
    area_ha: list[float]
    amount_minor: list[int | None]
    needs_visit: list[bool]


class Area(Answer):
    """One area in three units."""

    ha: float
    mu: float
    acre: float


class Cycle(Answer):
    """One crop cycle of a season."""

    cycle: int
    crop: str | None
    crop_prob: Share | None
    crop_set: list[str]
    vigour_pct: float | None
    ndvi_peak: float | None
    sos: date | None
    pos: date | None
    eos: date | None


class ReasonLine(Answer):
    """One line of a receipt; the effects of all lines add up to the amount."""

    code: str
    effect: str = Field(description="Decimal string in whole units of the receipt's currency, signed.")
    en: str
    zh: str
    facts: dict[str, Any]


class Limit(Answer):
    """What the parcel supports. amount is null where none can be given; the lines then say why."""

    amount: Money | None
    low: Money | None
    high: Money | None
    currency: str
    needs_visit: bool
    policy_id: str
    policy_hash: str
    reasons: list[ReasonLine]
    adds_up: bool = Field(description="Whether the effects sum to the amount exactly.")


class Parcel(Answer):
    """Everything that was decided about one parcel."""

    parcel_id: str
    geometry_version: str
    season_id: str
    farmer_id: str | None
    status: Status
    crop: str | None = Field(description="Best guess; decided only where status is OK.")
    crop_prob: Share | None
    crop_set: list[str] = Field(description="Crops that cannot be ruled out, most likely first.")
    declared_crop: str | None
    area: Area
    cropped_area_ha: float | None
    vigour_pct: float | None
    ndvi_peak: float | None
    sos: date | None
    pos: date | None
    eos: date | None
    clear_dates: int
    bounds: tuple[float, float, float, float] | None
    cycles: list[Cycle]
    limit: Limit | None


class Series(Answer):
    """The NDVI curve of one parcel: columns of the same length, by date. ndvi is null where nothing was clear."""

    parcel_id: str
    date: list[date]
    ndvi: list[float | None]
    clear_share: list[Share]


class Match(Answer):
    """A parcel found by a search."""

    parcel_id: str
    farmer_id: str | None
    status: Status
    crop: str | None
    area_ha: float


class Matches(Answer):
    """Parcels found, at most as many as asked for."""

    matches: list[Match]
    more: bool
