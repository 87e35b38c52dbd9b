"""What finding answers."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from pydantic import Field

from app.api.schemas import Answer, LegendEntry, Money, VillageName
from app.api.sites.onparcel import SiteOnParcel
from app.db.tables.alert_kinds import AlertLevel
from geo.sites import SiteType
from geo.status import Status

HitKind: TypeAlias = Literal["place", "village", "unit", "site", "farmer", "parcel"]


class UnitName(Answer):
    """A unit of the bank."""

    code: str
    name: str


class MapKeys(Answer):
    """What the bytes of a map stand for."""

    crops: list[LegendEntry]
    units: list[UnitName] = Field(description="The person's unit and those below; the byte of a unit is its place.")


class Hit(Answer):
    """Something that was searched for, and where it lies."""

    kind: HitKind
    key: str = Field(description="Parcel (of a site too), unit or village, farmer's number, or place as it was read.")
    name: str | None = Field(description="Of a village, unit, site or farmer; looks at farmers are written down.")
    site: SiteType | None = Field(description="What is built there; null for all but sites.")
    party: int | None = Field(description="A farmer's party, which applications name; null for all else.")
    parcels: int | None = Field(description="How many parcels of it are on the map; null for a place.")
    bounds: tuple[float, float, float, float] | None = Field(description="West, south, east, north in degrees.")


class Found(Answer):
    """A page of what was found: places, villages, units, energy sites, farmers, then parcels."""

    hits: list[Hit]
    more: bool = Field(description="Whether there are further ones after these.")


class ListedParcel(Answer):
    """A parcel in view. Numbers are bytes of the columns of the layer; 255 is not known."""

    number: int
    parcel_id: str
    bounds: tuple[float, float, float, float]
    alert: int
    crop: int
    status: int
    vigour: int
    limit: int


class Marks(Answer):
    """Parcels with an alert around the view, the highest level first: where to draw its sign."""

    number: list[int]
    alert: list[int]
    lon: list[float]
    lat: list[float]


class Inside(Answer):
    """Parcels in view that filters leave: the first by alert level, then by the deepest cut of the limit."""

    found: int
    parcels: list[ListedParcel]
    marks: Marks


class ParcelCard(Answer):
    """A parcel in short."""

    parcel_id: str
    unit: UnitName | None
    village: VillageName | None
    site: SiteOnParcel | None = Field(description="null where no energy site is financed there.")
    area_ha: float | None
    bounds: tuple[float, float, float, float] | None
    outline: dict[str, Any] | None = Field(description="Its outline now, as a GeoJSON geometry.")
    status: Status | None = Field(description="By the newest run that saw it; null: none did.")
    crop: str | None
    crop_prob: float | None
    declared_crop: str | None
    vigour_pct: float | None
    level: AlertLevel | None = Field(description="Highest level of its live alerts.")
    alerts: int = Field(description="How many live alerts it has.")
    limit: Money | None = Field(description="Its part of the amount decided last.")
    proposed: Money | None = Field(description="Its part of the amount that waits for a decision.")
