"""Catalogues and object stores that are known by name: addresses, asset names, offsets, signing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from geo.bands import BANDS, SCL
from tiles.sources.base import OTHER_KEYS

#: What a catalogue does about the -1000 offset of processing baseline 04.00 and later: its pixels are as ESA delivers
#: them ("kept"), or an item's own flag says whether the offset was taken out ("flagged", which is not always right).
Offset: TypeAlias = Literal["kept", "flagged"]


@dataclass(frozen=True, slots=True)
class Preset:
    """A public STAC API.

    Attributes:
        key: name to ask for it by, written into items as `acreline:catalogue`.
        url: its landing page.
        optical: collection of Sentinel-2 L2A.
        radar: collection of terrain-corrected Sentinel-1 backscatter; None: it has none.
        raw_radar: its collection of Sentinel-1 without terrain correction, which is refused.
        assets: its asset key for each band of `tiles.sources.base.ASSETS`.
        offset: what its pixels hold.
        signing: who signs requests for its files, None: nobody, or the object store's own keys.
    """

    key: str
    url: str
    optical: str
    radar: str | None
    raw_radar: str | None
    assets: Mapping[str, str]
    offset: Offset
    signing: Literal["planetary-computer"] | None = None


@dataclass(frozen=True, slots=True)
class Store:
    """Where a bucket of an object store is.

    Attributes:
        endpoint: URL of its server; None: Amazon's own.
        region: its region, empty where that does not matter.
        unsigned: whether it is read without keys.
    """

    endpoint: str | None = None
    region: str = ""
    unsigned: bool = field(default=False)


_PLAIN: Final = MappingProxyType({band: band for band in (*BANDS, SCL)})
_COMMON: Final = MappingProxyType(OTHER_KEYS)
_BY_RESOLUTION: Final = MappingProxyType(
    {band: f"{band}_{10 if band in ('B02', 'B03', 'B04', 'B08') else 20}m" for band in (*BANDS, SCL)}
)

PRESETS: Final[Mapping[str, Preset]] = MappingProxyType(
    {
        preset.key: preset
        for preset in (
            Preset(
                key="earth-search",
                url="https://earth-search.aws.element84.com/v1",
                optical="sentinel-2-l2a",
                radar=None,
                raw_radar="sentinel-1-grd",
                assets=_COMMON,
                offset="flagged",
            ),
            Preset(
                key="copernicus",
                url="https://stac.dataspace.copernicus.eu/v1",
                optical="sentinel-2-l2a",
                radar=None,
                raw_radar="sentinel-1-grd",
                assets=_BY_RESOLUTION,
                offset="kept",
            ),
            Preset(
                key="planetary-computer",
                url="https://planetarycomputer.microsoft.com/api/stac/v1",
                optical="sentinel-2-l2a",
                radar="sentinel-1-rtc",
                raw_radar="sentinel-1-grd",
                assets=_PLAIN,
                offset="kept",
                signing="planetary-computer",
            ),
        )
    }
)

#: Buckets that items of these catalogues point to.
STORES: Final[Mapping[str, Store]] = MappingProxyType(
    {
        "eodata": Store(endpoint="https://eodata.dataspace.copernicus.eu", region="default"),
        "sentinel-cogs": Store(region="us-west-2", unsigned=True),
        "e84-earth-search-sentinel-data": Store(region="us-west-2", unsigned=True),
    }
)


def asset_keys(present: Mapping[str, object], preset: Preset | None) -> dict[str, str]:
    """Asset key of each band that an item has, by band name.

    Args:
        present: the item's assets by key.
        preset: the catalogue it comes from; None: any, so that each way of naming is tried.
    """
    ways = [preset.assets] if preset else [_PLAIN, _COMMON, _BY_RESOLUTION]
    found = [{band: key for band, key in way.items() if key in present} for way in ways]
    return max(found, key=len)
