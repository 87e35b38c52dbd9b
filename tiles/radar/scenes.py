"""Which Sentinel-1 scenes can stand beside optical images: terrain-corrected backscatter only.

A detected ground-range product (GRD) lies where the radar saw it: a slope of a hundred metres moves a field by as much,
and faces of a hill differ by decibels whatever grows there. Only radiometrically terrain-corrected gamma0 (RTC), or
sigma0 that is declared to be terrain-corrected, is comparable between dates, orbits and fields.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

import pystac

from geo.errors import InputError
from tiles.sources.base import RadarKind, acquired_at

#: Polarisations that every accepted scene carries, as asset keys.
POLARISATIONS: Final = ("vv", "vh")

#: Item property that holds the accepted kind.
KIND_PROPERTY: Final = "acreline:radar_kind"

Unit: TypeAlias = Literal["power", "dB"]

_SENTINEL1 = re.compile(r"^(sentinel[-_ ]?s?1|S1[ABCD]?_)", re.IGNORECASE)
_RTC = re.compile(r"(^|[-_ ])(rtc|nrb|terrain[-_ ]corrected)([-_ ]|$)", re.IGNORECASE)
_MEASURE = re.compile(r"(gamma|sigma)[-_ ]?(?:0|nought)", re.IGNORECASE)
_PRODUCT_PROPERTIES = ("product:type", "sar:product_type", "processing:level", "s1:product_type")


@dataclass(frozen=True, slots=True)
class Calibration:
    """How stored numbers of one asset become linear power: stored * scale + offset, then out of decibels if need be.

    Attributes:
        scale: step of a stored number.
        offset: value of a stored 0.
        unit: "power" (linear) or "dB".
        nodata: stored number without meaning; None where the asset states none.
    """

    scale: float
    offset: float
    unit: Unit
    nodata: float | None


def radar_items(items: Iterable[pystac.Item], where: str, declared: RadarKind | None = None) -> list[pystac.Item]:
    """Usable Sentinel-1 scenes among others, which are passed over.

    Args:
        items: any STAC items.
        where: name of the source, for messages.
        declared: what the user vouches for where an item does not say that it is terrain-corrected.

    Returns:
        Copies sorted by acquisition time, then id, with the assets `POLARISATIONS` (absolute hrefs) and the property
        `KIND_PROPERTY`.

    Raises:
        InputError: there is no Sentinel-1 scene, one is not terrain-corrected, or a polarisation is missing.
    """
    found = [item for item in items if is_sentinel1(item)]
    if not found:
        raise no_sentinel1(where)
    ordered = sorted(found, key=lambda item: (acquired_at(item), item.id))
    return [_accepted(item, radar_kind(item) or declared, where) for item in ordered]


def radar_kind(item: pystac.Item) -> RadarKind | None:
    """Terrain-corrected quantity that an item says it holds, None where it does not say that it is corrected.

    An item is taken at its word when its collection, id or product properties name a terrain-corrected product (RTC,
    NRB); it holds gamma0 unless it names sigma0.
    """
    said = [item.collection_id, item.id, *(item.properties.get(key) for key in _PRODUCT_PROPERTIES)]
    if not any(_RTC.search(str(text)) for text in said if text):
        return None
    named = _MEASURE.search(" ".join(map(str, [*said, item.properties.get("sar:measurement", "")])))
    return "sigma0" if named and named[1].lower() == "sigma" else "gamma0"


def calibration(asset: pystac.Asset, name: str) -> Calibration:
    """Calibration that an asset states in raster:bands; linear power without scale where it states none.

    Args:
        asset: one polarisation.
        name: scene and polarisation, for messages.

    Raises:
        InputError: the stated unit is neither power nor decibels (amplitude, digital numbers).
    """
    fields: dict[str, Any] = asset.extra_fields
    band = next(iter(fields.get("raster:bands") or fields.get("bands") or [{}]))

    def stated(key: str) -> Any:
        return band.get(key, band.get(f"raster:{key}", fields.get(f"raster:{key}")))

    unit = str(band.get("unit", fields.get("unit", "1"))).strip().lower()
    if unit not in ("1", "", "db", "power", "linear", "linear power"):
        raise InputError(
            "RADAR_UNIT",
            f"{name} is stored in {unit!r}, neither linear power nor dB.",
            "State `unit` as 1 or dB in its raster:bands, or name a source of calibrated backscatter.",
        )
    nodata = band.get("nodata", fields.get("nodata"))
    return Calibration(
        scale=float(stated("scale") or 1.0),
        offset=float(stated("offset") or 0.0),
        unit="dB" if unit == "db" else "power",
        nodata=None if nodata is None else float(nodata),
    )


def no_sentinel1(where: str) -> InputError:
    """The error of a source without radar."""
    return InputError("NO_SENTINEL1", f"{where} holds no Sentinel-1 scene.", "Name a source that does.")


def is_sentinel1(item: pystac.Item) -> bool:
    """Whether collection, platform, constellation or id name Sentinel-1."""
    names = (item.collection_id, item.properties.get("platform"), item.properties.get("constellation"), item.id)
    return any(_SENTINEL1.match(str(name)) for name in names if name)


def _accepted(item: pystac.Item, kind: RadarKind | None, where: str) -> pystac.Item:
    if kind is None:
        raise InputError(
            "RAW_GRD",
            f"Scene {item.id} of {where} does not say that it is terrain-corrected: on slopes, raw GRD lies beside the "
            "fields and changes with the orbit.",
            "Use a collection of RTC gamma0, or declare corrected rasters with --radar-kind sigma0.",
        )
    made = item.clone()
    made.assets = {}
    by_key = {key.lower(): asset for key, asset in item.assets.items()}
    for name in POLARISATIONS:
        if name not in by_key:
            raise InputError(
                "MISSING_POLARISATION",
                f"Scene {item.id} of {where} has no asset for {name.upper()}.",
                "Each radar scene needs vv and vh.",
            )
        asset = by_key[name].clone()
        asset.href = by_key[name].get_absolute_href() or by_key[name].href
        made.add_asset(name, asset)
    made.properties[KIND_PROPERTY] = kind
    return made
