"""SAFE products as folders of COGs: each converted once, digital numbers unchanged, whole or absent."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

import pystac
import rasterio
import rasterio.shutil
from rasterio._err import CPLE_BaseError  # what a failed copy raises; rasterio.errors has no name for it
from rasterio.errors import RasterioError

from geo.bands import SCL
from geo.errors import DataError, InputError
from geo.files import whole_file
from tiles.sources.base import ASSETS
from tiles.sources.checksums import describe_file, require_size
from tiles.sources.described import band_asset
from tiles.sources.safe.files import REMEDY, SafeProduct, stated_checksums, verify_file
from tiles.sources.safe.product import (
    Image,
    divisor_of,
    images_of,
    item_of,
    scale_and_offset,
    without_driver_remarks,
)

_ITEM: Final = "item.json"
_BLOCK_PX: Final = 512


def folder_of(product: SafeProduct, cache: Path) -> Path:
    """Where a product's COGs are kept; another content of the same name has another folder."""
    return cache / "safe" / f"{product.name}-{product.fingerprint()[:16]}"


def converted(product: SafeProduct, cache: Path) -> pystac.Item:
    """Item of a product with its ten bands and scene classification as COGs in the cache, converted where needed.

    A killed conversion leaves bands that are whole and an item that is absent; the next one goes on with the others.

    Raises:
        InputError: the product cannot be used, or the cache cannot be written.
        DataError: the product is damaged or incomplete.
    """
    folder = folder_of(product, cache)
    with _sole_user(folder):
        item = _kept(folder)
        if item is None:
            _convert(product, folder)
            item = _kept(folder)
    if item is None:
        raise DataError("SAFE_CACHE", f"{folder} changes while it is read.", "Run again.")
    return item


def _kept(folder: Path) -> pystac.Item | None:
    """The finished item of a folder, None where there is none or a file of it is missing or of another size."""
    try:
        item = pystac.Item.from_dict(json.loads((folder / _ITEM).read_text(encoding="utf-8")))
        for asset in item.assets.values():
            asset.href = str(folder / asset.href)
            require_size(asset)
    except (OSError, ValueError, DataError):
        return None
    return item


def _convert(product: SafeProduct, folder: Path) -> None:
    item, images, divisor = item_of(product), images_of(product), divisor_of(product)
    checksums = stated_checksums(product)
    (folder / _ITEM).unlink(missing_ok=True)
    for left_over in folder.glob(".*.part*"):
        left_over.unlink()
    for band in ASSETS:
        image, path = images[band], folder / f"{band}.tif"
        if not _is_whole(path):
            verify_file(product, image.file, checksums)
            _write_cog(product, band, image, path)
        asset = band_asset(path.name, band, *scale_and_offset(item, image, divisor))
        describe_file(asset, path)
        item.add_asset(band, asset)
    with whole_file(folder / _ITEM) as part:
        part.write_text(json.dumps(item.to_dict(include_self_link=False)), encoding="utf-8")


def _is_whole(path: Path) -> bool:
    """Whether a band is there from an earlier attempt; files appear whole, what was cut later does not open or read."""
    try:
        with rasterio.open(path) as file:
            file.checksum(1)
    except RasterioError:
        return False
    return True


def _write_cog(product: SafeProduct, band: str, image: Image, path: Path) -> None:
    with whole_file(path) as part, without_driver_remarks():
        try:
            rasterio.shutil.copy(
                _one_band(image, "Byte" if band == SCL else "UInt16"),
                part,
                driver="COG",
                COMPRESS="DEFLATE",
                PREDICTOR="STANDARD",
                BLOCKSIZE=_BLOCK_PX,
                OVERVIEW_RESAMPLING="NEAREST",
                NUM_THREADS="ALL_CPUS",
            )
        except (RasterioError, CPLE_BaseError) as error:
            raise _damaged(product, image, str(error).splitlines()[0].rstrip(".")) from error


def _damaged(product: SafeProduct, image: Image, fault: str) -> DataError:
    return DataError(
        "SAFE_DAMAGED",
        f"{image.file} of product {product.name} cannot be read: {fault}.",
        REMEDY,
    )


def _one_band(image: Image, kind: str) -> str:
    """Virtual raster of one band of a product's images, which copies to a file without a look at the others."""
    with without_driver_remarks(), rasterio.open(image.subdataset) as file:
        size = f'rasterXSize="{file.width}" rasterYSize="{file.height}"'
        crs, place = escape(file.crs.to_wkt()), ", ".join(map(repr, file.transform.to_gdal()))
    source = f'<SourceFilename relativeToVRT="0">{escape(image.subdataset)}</SourceFilename>'
    return (
        f"<VRTDataset {size}><SRS>{crs}</SRS><GeoTransform>{place}</GeoTransform>"
        f'<VRTRasterBand dataType="{kind}" band="1"><NoDataValue>0</NoDataValue>'
        f"<SimpleSource>{source}<SourceBand>{image.index}</SourceBand></SimpleSource></VRTRasterBand></VRTDataset>"
    )


@contextmanager
def _sole_user(folder: Path) -> Iterator[None]:
    """Hold a folder of the cache; others who want the same product wait. The lock goes with the process."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = (folder / ".lock").open("w")
    except OSError as error:
        raise InputError(
            "CACHE_UNWRITABLE",
            f"The cache folder {folder} cannot be written to ({error.strerror}).",
            "Name another in the setting ACRELINE_CACHE_DIR.",
        ) from error
    with handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
