"""Products of the service's catalogue: what their names and properties say, and which versions count."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from shapely import make_valid
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from geo.errors import DataError

#: Mission, level, start of the datatake, baseline, relative orbit, MGRS tile, time of production.
_NAME: Final = re.compile(
    r"^S2[A-D]_MSIL2A_(?P<datatake>\d{8}T\d{6})_N(?P<baseline>\d{4})_R\d{3}_T(?P<mgrs>\w{5})_(?P<made>\d{8}T\d{6})"
)
_STATED: Final = ("published", "created")


@dataclass(frozen=True, slots=True)
class Product:
    """One L2A product (a datatake over one MGRS tile).

    Attributes:
        id: its name.
        datatake: start of the datatake, as in the name; with `mgrs` the same for all versions of a product.
        mgrs: MGRS tile, "31UES".
        baseline: processing baseline, "05.10".
        sensed_at: aware UTC.
        made_at: aware UTC: as the catalogue states it, else by the time in the name; None where that is not later
            than the acquisition, as in some early names.
        platform: "sentinel-2a", empty where not stated.
        cloud_pct: of the whole product; None where not stated.
        footprint: outline of the data, lon/lat.
    """

    id: str
    datatake: str
    mgrs: str
    baseline: str
    sensed_at: datetime
    made_at: datetime | None
    platform: str
    cloud_pct: float | None
    footprint: BaseGeometry


def product_of(feature: Mapping[str, Any]) -> Product:
    """Product of a catalogue's GeoJSON feature; DataError where it lacks what a product needs."""
    name = str(feature.get("id"))
    parts = _NAME.match(name)
    properties = feature.get("properties") or {}
    if parts is None or not properties.get("datetime") or not feature.get("geometry"):
        raise DataError(
            "SEARCH_ANSWER",
            f"The catalogue's entry {name} is not that of a Sentinel-2 L2A product.",
            "Report it: the service has changed what it answers.",
        )
    sensed_at = _instant(str(properties["datetime"]))
    return Product(
        id=name,
        datatake=parts["datatake"],
        mgrs=parts["mgrs"],
        baseline=f"{parts['baseline'][:2]}.{parts['baseline'][2:]}",
        sensed_at=sensed_at,
        made_at=_made_at(properties, parts["made"], sensed_at),
        platform=str(properties.get("platform", "")),
        cloud_pct=properties.get("eo:cloud_cover"),
        footprint=make_valid(shape(feature["geometry"])),
    )


def newest_versions(products: Iterable[Product]) -> list[Product]:
    """One product per datatake and MGRS tile, by time of acquisition: reprocessed ones take the place of older ones.

    The service does the same: of products with the same time it shows the one that it received last.
    """
    best: dict[tuple[str, str], Product] = {}
    for product in products:
        key = (product.datatake, product.mgrs)
        if key not in best or _version(product) > _version(best[key]):
            best[key] = product
    return sorted(best.values(), key=lambda product: (product.sensed_at, product.id))


def _version(product: Product) -> tuple[str, str]:
    return product.baseline, product.id


def _made_at(properties: Mapping[str, Any], in_name: str, sensed_at: datetime) -> datetime | None:
    stated = next((str(properties[key]) for key in _STATED if properties.get(key)), None)
    if stated is not None:
        return _instant(stated)
    named = datetime.strptime(in_name, "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    return named if named > sensed_at else None


def _instant(text: str) -> datetime:
    when = datetime.fromisoformat(text)
    return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)
