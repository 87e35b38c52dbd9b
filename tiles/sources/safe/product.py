"""What GDAL's SENTINEL2 driver says of a product: its item, its images, its scale and offsets."""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import pystac
import rasterio
from rasterio.errors import NotGeoreferencedWarning, RasterioError

from geo.errors import DataError, InputError
from geo.grid import Bounds
from geo.lonlat import lonlat_of
from tiles.sources.base import ASSETS
from tiles.sources.described import scene_item
from tiles.sources.safe.files import OWN_RESOLUTION, REMEDY, SafeProduct

_TILE = re.compile(r"_T(\d{2}[A-Z]{3})_")
_BAND_NAME = re.compile(r"^B(\d{1,2})$")
_RESOLUTIONS: Final = ("10m", "20m")
_FIRST_WITH_OFFSET: Final = 4.0


@dataclass(frozen=True, slots=True)
class Image:
    """One band of a product.

    Attributes:
        subdataset: where GDAL finds it.
        index: number of the band there, from 1.
        file: its JP2 file below the .SAFE folder.
        add_offset: what is added to its digital numbers before they are divided, as stated; None where not.
    """

    subdataset: str
    index: int
    file: str
    add_offset: float | None


def item_of(product: SafeProduct) -> pystac.Item:
    """Item of a product, without assets; its pixels are not read.

    Raises:
        InputError: it is L1C, or of a format that is not supported.
        DataError: its metadata cannot be read or lack something.
    """
    if not product.is_level_2a:
        raise InputError(
            "L1C_SCENE",
            f"Product {product.name} is L1C (top of atmosphere), never mixed with surface reflectance.",
            "Use L2A products only, or leave it out with --leave-out-l1c.",
        )
    tags, bounds, epsg = _described(product)
    tile = _TILE.search(f"{product.name}_")
    properties = {
        "platform": tags["DATATAKE_1_SPACECRAFT_NAME"].lower(),
        "constellation": "sentinel-2",
        "created": tags["GENERATION_TIME"],
        "proj:code": f"EPSG:{epsg}",
        "eo:cloud_cover": float(tags["CLOUD_COVERAGE_ASSESSMENT"]),
        "s2:processing_baseline": tags["PROCESSING_BASELINE"],
        "s2:product_type": tags["PRODUCT_TYPE"],
        "s2:product_uri": tags["PRODUCT_URI"],
        "s2:datatake_id": tags["DATATAKE_1_ID"],
        "sat:relative_orbit": int(tags["DATATAKE_1_SENSING_ORBIT_NUMBER"]),
        "acreline:catalogue": "safe",
        "acreline:harmonised": False,
    }
    if tile is not None:
        properties |= {"grid:code": f"MGRS-{tile[1]}"}
    when = datetime.fromisoformat(tags["PRODUCT_START_TIME"])
    return scene_item(product.name, when, lonlat_of(bounds, epsg), properties)


def images_of(product: SafeProduct) -> dict[str, Image]:
    """The ten bands and the scene classification of a product.

    Raises:
        DataError: one is missing, which GDAL would read as empty, or the metadata cannot be read.
    """
    present = product.images
    found = {}
    for subdataset, resolution in _subdatasets(product):
        with _reading(product), rasterio.open(subdataset) as file:
            for index in file.indexes:
                tags = file.tags(index)
                band = _band(tags.get("BANDNAME", ""))
                if f"{OWN_RESOLUTION.get(band)}m" == resolution and band in present:
                    offset = tags.get("BOA_ADD_OFFSET")
                    found[band] = Image(subdataset, index, present[band], None if offset is None else float(offset))
    for band in ASSETS:
        if band not in found:
            raise DataError("SAFE_INCOMPLETE", f"Product {product.name} has no image of band {band}.", REMEDY)
    return found


def scale_and_offset(item: pystac.Item, image: Image, divisor: float) -> tuple[float, float | None]:
    """Reflectance per digital number, and reflectance of 0; None where the product leaves the offset open.

    Products before baseline 04.00 have none; since then they state it.
    """
    if image.add_offset is not None:
        return 1 / divisor, image.add_offset / divisor
    predates = float(item.properties["s2:processing_baseline"]) < _FIRST_WITH_OFFSET
    return 1 / divisor, 0.0 if predates else None


def divisor_of(product: SafeProduct) -> float:
    """Number by which the product's digital numbers are divided to give reflectance."""
    return float(_tags(product)["BOA_QUANTIFICATION_VALUE"])


def _described(product: SafeProduct) -> tuple[dict[str, str], Bounds, int]:
    """The product's tags, the box of its pixels in metres, and its UTM zone."""
    tags = _tags(product)
    subdataset, _ = _subdatasets(product)[0]
    with _reading(product), rasterio.open(subdataset) as file:
        return tags, tuple(file.bounds), file.crs.to_epsg()


_NEEDED: Final = (
    "BOA_QUANTIFICATION_VALUE",
    "CLOUD_COVERAGE_ASSESSMENT",
    "DATATAKE_1_ID",
    "DATATAKE_1_SENSING_ORBIT_NUMBER",
    "DATATAKE_1_SPACECRAFT_NAME",
    "GENERATION_TIME",
    "PROCESSING_BASELINE",
    "PRODUCT_START_TIME",
    "PRODUCT_TYPE",
    "PRODUCT_URI",
)


def _tags(product: SafeProduct) -> dict[str, str]:
    with _reading(product), rasterio.open(product.gdal_path(product.metadata)) as file:
        tags: dict[str, str] = file.tags()
    for name in _NEEDED:
        if name not in tags:
            raise DataError("SAFE_METADATA", f"The metadata of product {product.name} lack {name}.", REMEDY)
    return tags


def _subdatasets(product: SafeProduct) -> list[tuple[str, str]]:
    """GDAL's names of the images at 10 m and 20 m; one UTM zone each."""
    with _reading(product), rasterio.open(product.gdal_path(product.metadata)) as file:
        names = [(name, name.rsplit(":", 2)[1]) for name in file.subdatasets]
    chosen = [(name, resolution) for name, resolution in names if resolution in _RESOLUTIONS]
    if [resolution for _, resolution in chosen] != list(_RESOLUTIONS):
        raise DataError(
            "SAFE_METADATA", f"Product {product.name} is not one tile with images at 10 m and 20 m.", REMEDY
        )
    return chosen


def _band(name: str) -> str:
    """Our name of a band: B4 is B04."""
    match = _BAND_NAME.match(name)
    return f"B{int(match[1]):02d}" if match else name


@contextmanager
def without_driver_remarks() -> Iterator[None]:
    """Keep GDAL's driver from remarking on images that are not used here (aerosol, water vapour) and may be absent."""
    log = logging.getLogger("rasterio._env")
    log.addFilter(_is_worth_saying)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", NotGeoreferencedWarning)  # of the list of a product's images
            yield
    finally:
        log.removeFilter(_is_worth_saying)


def _is_worth_saying(record: logging.LogRecord) -> bool:
    return "not found on filesystem. Skipping it" not in record.getMessage()


@contextmanager
def _reading(product: SafeProduct) -> Iterator[None]:
    """GDAL's failures as errors that name the product."""
    try:
        with without_driver_remarks():
            yield
    except RasterioError as error:
        fault = str(error).splitlines()[0].rstrip(".")
        raise DataError(
            "SAFE_METADATA", f"The metadata of product {product.name} cannot be read: {fault}.", REMEDY
        ) from error
