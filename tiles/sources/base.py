"""What every source of imagery promises, and the rules by which scenes are accepted or refused."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Final, Literal, Protocol, TypeAlias

import pystac
import shapely
from shapely.geometry import shape

from geo.bands import BANDS, SCL
from geo.errors import InputError
from geo.grid import Bounds
from geo.lonlat import around_points, meet, width
from geo.season import Season

Level: TypeAlias = Literal["L2A", "L1C"]

#: What to do with L1C scenes among L2A ones: refuse all scenes, or leave the L1C ones out, on request.
Levels: TypeAlias = Literal["refuse", "leave-out"]

#: Terrain-corrected backscatter: radiometrically terrain-flattened, or over the ellipsoid.
RadarKind: TypeAlias = Literal["gamma0", "sigma0"]

#: Assets that every accepted item carries under exactly these keys.
ASSETS: Final = (*BANDS, SCL)

#: Item property with the name of the catalogue that a scene came from: a preset, an API's host, a local catalogue's id.
CATALOGUE_PROPERTY: Final = "acreline:catalogue"

#: Names that some catalogues give to the same assets.
OTHER_KEYS: Final = {
    "B02": "blue",
    "B03": "green",
    "B04": "red",
    "B05": "rededge1",
    "B06": "rededge2",
    "B07": "rededge3",
    "B08": "nir",
    "B8A": "nir08",
    "B11": "swir16",
    "B12": "swir22",
    "SCL": "scl",
}

_HALF_GLOBE: Final = 180.0

_SENTINEL2 = re.compile(r"^(sentinel[-_ ]?s?2|S2[ABCD]?_)", re.IGNORECASE)
_LEVEL_MARK = re.compile(r"(?:L|MSI)(2A|1C)", re.IGNORECASE)
_LEVEL_PROPERTIES = ("s2:product_type", "s2:product_uri", "processing:level", "product:type")


class Source(Protocol):
    """A place that can be asked for Sentinel-2 L2A scenes."""

    def search(self, bounds_lonlat: Bounds, season: Season) -> list[pystac.Item]:
        """Scenes of a season that touch a box.

        Args:
            bounds_lonlat: (west, south, east, north), degrees on WGS 84; west > east: across 180 degrees.
            season: days, both ends included, compared with the acquisition's UTC date.

        Returns:
            Sentinel-2 L2A items sorted by acquisition time, then id. Each carries the assets of `ASSETS` under those
            keys, with absolute hrefs.

        Raises:
            InputError: the source holds no such scene, or one of them is not usable (level, band, link).
            DataError: a file that an item names is missing.
        """
        ...


class RadarSource(Protocol):
    """A place that can be asked for terrain-corrected Sentinel-1 backscatter."""

    def search_radar(
        self, bounds_lonlat: Bounds, season: Season, declared: RadarKind | None = None
    ) -> list[pystac.Item]:
        """Sentinel-1 scenes of a season that touch a box.

        Args:
            bounds_lonlat: (west, south, east, north), degrees on WGS 84; west > east: across 180 degrees.
            season: days, both ends included, compared with the acquisition's UTC date.
            declared: what the user vouches for where the items do not say that they are terrain-corrected.

        Returns:
            Terrain-corrected scenes sorted by acquisition time, then id, with the assets "vv" and "vh", absolute hrefs
            (`tiles.radar.scenes.radar_items`).

        Raises:
            InputError: the source holds no such scene, or one is raw GRD without terrain correction.
        """
        ...


def acquired_at(item: pystac.Item) -> datetime:
    """Instant of acquisition, aware UTC; InputError where the item gives none."""
    when = item.datetime or item.common_metadata.start_datetime
    if when is None:
        raise InputError("SCENE_WITHOUT_TIME", f"Scene {item.id} has no acquisition time.", "Add `datetime` to it.")
    return when.astimezone(UTC) if when.tzinfo else when.replace(tzinfo=UTC)


def product_level(item: pystac.Item) -> Level | None:
    """Processing level of a Sentinel-2 item, None for anything that is not Sentinel-2.

    An item is Sentinel-2 if its collection, platform, constellation or id says so. Its level is what collection, id
    and product properties say ("L2A" or "L1C"); where they say nothing, a scene classification makes it L2A, since
    only L2A products have one.

    Raises:
        InputError: the marks contradict each other, or there is neither a mark nor a scene classification.
    """
    names = (item.collection_id, item.properties.get("platform"), item.properties.get("constellation"), item.id)
    if not any(_SENTINEL2.match(str(name)) for name in names if name):
        return None
    said = (item.collection_id, item.id, *(item.properties.get(key) for key in _LEVEL_PROPERTIES))
    marks = {f"L{mark.upper()}" for text in said if text for mark in _LEVEL_MARK.findall(str(text))}
    if not marks and has_band(item, SCL):
        return "L2A"
    if len(marks) != 1:
        what = "is marked both L1C and L2A" if marks else "does not say whether it is L1C or L2A"
        raise InputError("SCENE_LEVEL", f"Scene {item.id} {what}.", "Correct its collection or `s2:product_type`.")
    return "L1C" if "L1C" in marks else "L2A"


def has_band(item: pystac.Item, band: str) -> bool:
    """Whether an item has an asset for a band, under either of its usual keys."""
    return band in item.assets or OTHER_KEYS[band] in item.assets


def with_band_keys(item: pystac.Item) -> pystac.Item:
    """Copy of an item that holds exactly the assets of `ASSETS`, with absolute hrefs; InputError where one lacks."""
    made = item.clone()
    made.assets = {}
    for band in ASSETS:
        if not has_band(item, band):
            raise InputError(
                "MISSING_BAND",
                f"Scene {item.id} has no asset for band {band}.",
                "Each scene needs " + ", ".join(ASSETS) + ".",
            )
        found = item.assets.get(band) or item.assets[OTHER_KEYS[band]]
        asset = found.clone()
        asset.href = found.get_absolute_href() or found.href
        made.add_asset(band, asset)
    return made


def sentinel2_l2a(items: Iterable[pystac.Item], where: str, levels: Levels = "refuse") -> list[pystac.Item]:
    """Sentinel-2 L2A items among others, which are passed over; one L1C scene refuses them all, unless left out.

    Args:
        items: any STAC items.
        where: name of the source, for messages.
        levels: "leave-out" passes over L1C scenes too.

    Raises:
        InputError: no Sentinel-2 L2A scene, a level that is not clear, or L1C where it is refused.
    """
    found = [(item, product_level(item)) for item in items]
    top = next((item for item, level in found if level == "L1C"), None)
    if top is not None and levels == "refuse":
        raise InputError(
            "L1C_SCENE",
            f"Scene {top.id} in {where} is L1C (top of atmosphere), never mixed with surface reflectance.",
            "Use a catalogue of L2A scenes only, or leave the others out with --leave-out-l1c.",
        )
    chosen = [item for item, level in found if level == "L2A"]
    if not chosen:
        raise InputError("NO_SENTINEL2", f"{where} holds no Sentinel-2 L2A scene.", "Name a catalogue that does.")
    return chosen


def in_season(items: Sequence[pystac.Item], season: Season) -> list[pystac.Item]:
    """Items whose UTC date lies in a season; InputError naming the dates that exist where there is none."""
    days = [acquired_at(item).date() for item in items]
    chosen = [item for item, day in zip(items, days, strict=True) if day in season]
    if not chosen:
        raise InputError("NO_SCENES", f"No scene lies in the season {season.id}. {_span(days)}", "Name another season.")
    return chosen


def touching_box(items: Sequence[pystac.Item], bounds_lonlat: Bounds) -> list[pystac.Item]:
    """Items whose box shares a point with a box in degrees (west > east: across 180 degrees); empty where none does."""
    return [item for item in items if meet(box_of(item), bounds_lonlat)]


def choose(
    items: Iterable[pystac.Item], bounds_lonlat: Bounds, season: Season, where: str, levels: Levels = "refuse"
) -> list[pystac.Item]:
    """What `Source.search` promises, from all items of a source; for the rest see there and `sentinel2_l2a`."""
    near = _near(in_season(sentinel2_l2a(items, where, levels), season), bounds_lonlat, season, where)
    return [with_band_keys(item) for item in sorted(near, key=lambda item: (acquired_at(item), item.id))]


def choose_radar(
    items: Iterable[pystac.Item], bounds_lonlat: Bounds, season: Season, where: str, declared: RadarKind | None = None
) -> list[pystac.Item]:
    """What `RadarSource.search_radar` promises, from all items of a source; see there for arguments and errors."""
    from tiles.radar.scenes import is_sentinel1, no_sentinel1, radar_items  # noqa: PLC0415 - it imports this module

    found = [item for item in items if is_sentinel1(item)]
    if not found:
        raise no_sentinel1(where)
    return radar_items(_near(in_season(found, season), bounds_lonlat, season, where), where, declared)


def _near(dated: Sequence[pystac.Item], bounds_lonlat: Bounds, season: Season, where: str) -> list[pystac.Item]:
    near = touching_box(dated, bounds_lonlat)
    if not near:
        raise InputError(
            "OUTSIDE_IMAGERY",
            f"No scene of {where} in the season {season.id} touches the area {_degrees(bounds_lonlat)}.",
            f"The first scene covers {_degrees(box_of(dated[0]))}. Check the parcels' CRS and datum.",
        )
    return near


def _span(days: Sequence[date]) -> str:
    return f"There are {len(days)} scenes from {min(days)} to {max(days)}."


def box_of(item: pystac.Item) -> Bounds:
    """Box of an item, degrees, west > east where it crosses 180 degrees.

    Some catalogues write a scene across that meridian as a box around the whole globe; there its outline tells.

    Raises:
        InputError: the item has no bounding box.
    """
    box = item.bbox
    if not box or len(box) not in (4, 6):
        raise InputError("SCENE_WITHOUT_BBOX", f"Scene {item.id} has no bounding box.", "Add `bbox` to it.")
    half = len(box) // 2
    stated = (float(box[0]), float(box[1]), float(box[half]), float(box[half + 1]))
    if width(stated) <= _HALF_GLOBE or not item.geometry:
        return stated
    corners = shapely.get_coordinates(shape(item.geometry))
    return around_points(corners[:, 0], corners[:, 1])


def _degrees(bounds: Bounds) -> str:
    return "(" + ", ".join(f"{value:.4f}" for value in bounds) + ")"
