"""Scenes from folders of rasters that have no catalogue, only a rule by which their files are named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Final

import pystac
import rasterio
from rasterio.errors import RasterioError
from rasterio.warp import transform_bounds

from geo.errors import DataError, InputError
from geo.grid import Bounds
from geo.lonlat import middle_lon
from geo.season import Season
from tiles.sources.base import Levels, choose
from tiles.sources.described import band_asset, scene_item
from tiles.sources.naming import Named, named_files

#: Sentinel-2 crosses at half past ten, mean solar time.
_OVERPASS: Final = timedelta(hours=10, minutes=30)
_DAY: Final = timedelta(days=1)
_DEGREES_PER_HOUR: Final = 15


@dataclass(frozen=True, slots=True)
class RasterFolder:
    """Single-band GeoTIFF or JPEG 2000 files of digital numbers on disk; implements `tiles.sources.base.Source`.

    Names tell date, band and, where they do, tile, level and processing baseline; scale and offset come from the files
    where these state them. What nobody says stays open, for `tiles.guard` to judge. A name without a time of day gets
    the hour at which the satellite passes there.

    Attributes:
        rule: folder with files named as Sentinel-2's own, or a path with fields (`tiles.sources.naming.named_files`).
        levels: "leave-out" passes over L1C scenes, which otherwise refuse the whole folder.
    """

    rule: str
    levels: Levels = "refuse"

    def search(self, bounds_lonlat: Bounds, season: Season) -> list[pystac.Item]:
        """Sentinel-2 L2A scenes of a season that touch a box; see `Source.search`.

        Raises:
            InputError: no file is named so, a band is missing, two files are the same band, or no scene fits.
            DataError: a file cannot be read.
        """
        root, files = named_files(self.rule)
        scenes = [_scene(list(group), root.name) for _, group in groupby(sorted(files, key=_order), key=_scene_of)]
        return [_calibrated(item) for item in choose(scenes, bounds_lonlat, season, root.name, self.levels)]


def _scene_of(named: Named) -> tuple[str, str, str, str]:
    return named.when.isoformat(), named.tile, named.level, named.baseline


def _order(named: Named) -> tuple[object, ...]:
    return (*_scene_of(named), named.band, named.resolution_m, named.path)


def _scene(files: Sequence[Named], folder: str) -> pystac.Item:
    """One scene: of each band the file of the finest resolution."""
    finest: dict[str, Named] = {}
    for named in files:
        kept = finest.setdefault(named.band, named)
        if kept is not named and kept.resolution_m == named.resolution_m:
            raise InputError(
                "RASTER_TWICE",
                f"{kept.path} and {named.path} are the same band of one scene.",
                "Remove one, or give a naming rule that tells them apart.",
            )
    first = files[0]
    box = _box(next(iter(finest.values())).path)
    when = first.when if first.has_time else _overpass(first.when, middle_lon(box))
    stated = {"processing:level": first.level, "s2:processing_baseline": first.baseline}
    if first.tile:
        stated["grid:code"] = f"MGRS-{first.tile}"
    said = {key: value for key, value in stated.items() if value}
    item = scene_item(_name(first), when, box, said | {"constellation": "sentinel-2", "acreline:catalogue": folder})
    item.collection_id = None  # nobody says what level this is but the names and the bands
    for band, named in finest.items():
        item.add_asset(band, band_asset(str(named.path), band))
    return item


def _name(named: Named) -> str:
    when = named.when.strftime("%Y%m%dT%H%M%S" if named.has_time else "%Y%m%d")
    return "_".join(part for part in ("S2", named.tile, when, named.level, named.baseline) if part)


def _overpass(day: datetime, lon: float) -> datetime:
    """Instant on a UTC day at which the satellite passes a longitude."""
    since_midnight = (_OVERPASS - timedelta(hours=lon / _DEGREES_PER_HOUR)) % _DAY
    return day + timedelta(seconds=round(since_midnight.total_seconds()))


def _box(path: Path) -> Bounds:
    try:
        with rasterio.open(path) as file:
            if file.crs is None:
                raise _unreadable(path, "it has no CRS")
            west, south, east, north = transform_bounds(file.crs, "EPSG:4326", *file.bounds)
    except RasterioError as error:
        raise _unreadable(path, str(error).splitlines()[0].rstrip(".")) from error
    return west, south, east, north


def _calibrated(item: pystac.Item) -> pystac.Item:
    """The item with scale and offset where its files state them."""
    for band, asset in item.assets.items():
        path = Path(asset.href)
        try:
            with rasterio.open(path) as file:
                count, scale, offset = file.count, file.scales[0], file.offsets[0]
        except RasterioError as error:
            raise _unreadable(path, str(error).splitlines()[0].rstrip(".")) from error
        if count != 1:
            raise InputError(
                "RASTER_BANDS", f"{path} holds {count} bands, not one.", "Split it into one file for each band."
            )
        if (scale, offset) != (1.0, 0.0):
            item.assets[band] = band_asset(asset.href, band, scale, offset)
    return item


def _unreadable(path: Path, why: str) -> DataError:
    return DataError(
        "UNREADABLE_RASTER", f"{path} cannot be read: {why}.", "Fetch the file again, or remove its scene."
    )
