"""Items and catalogue of what was fetched, as other sources write theirs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pystac
from odc.geo.geobox import GeoBox
from pystac.stac_io import DefaultStacIO
from shapely.geometry import box, mapping
from shapely.ops import unary_union

from geo.bands import SCL
from geo.files import whole_file
from geo.lonlat import lonlat_of, pieces
from tiles.sources.base import CATALOGUE_PROPERTY
from tiles.sources.sentinel_hub.deployments import Deployment
from tiles.sources.sentinel_hub.planning import Acquisition

COLLECTION: Final = "sentinel-2-l2a"
SCALE: Final = 0.0001
NODATA: Final = 0
#: Scene classes that are cloud or cirrus.
_CLOUDS: Final = (8, 9, 10)
_SHA256: Final = "1220"
_EXTENSIONS: Final = [
    "https://stac-extensions.github.io/projection/v2.0.0/schema.json",
    "https://stac-extensions.github.io/raster/v1.1.0/schema.json",
    "https://stac-extensions.github.io/eo/v1.1.0/schema.json",
    "https://stac-extensions.github.io/file/v2.1.0/schema.json",
]
_LICENSE: Final = "proprietary"


@dataclass(frozen=True, slots=True)
class Written:
    """One band on disk.

    Attributes:
        path: the COG.
        geobox: its grid.
        sha256: of the file.
        size: bytes.
    """

    path: Path
    geobox: GeoBox
    sha256: str
    size: int


def written(path: Path, geobox: GeoBox) -> Written:
    """Facts of a band that has just been written."""
    content = path.read_bytes()
    return Written(path, geobox, hashlib.sha256(content).hexdigest(), len(content))


def item_of(
    acquisition: Acquisition,
    deployment: Deployment,
    files: Mapping[str, Written],
    scl: npt.NDArray[np.uint8],
    units: float,
) -> pystac.Item:
    """Item of one acquisition; hrefs are file names, beside which it is to be saved.

    Args:
        acquisition: tile, day and products.
        deployment: where it comes from.
        files: bands by name.
        scl: (y, x) scene classification, 0 no data.
        units: processing units that it took.
    """
    bounds = lonlat_of(acquisition.tile.bounds, acquisition.tile.epsg)
    item = pystac.Item(
        id=acquisition.id,
        geometry=mapping(unary_union([box(*piece) for piece in pieces(bounds)])),
        bbox=list(bounds),
        datetime=acquisition.products[0].sensed_at,
        properties=_said_by_products(acquisition) | _said_by_pixels(scl),
        collection=COLLECTION,
    )
    item.stac_extensions = list(_EXTENSIONS)
    item.properties |= {
        "proj:code": f"EPSG:{acquisition.tile.epsg}",
        CATALOGUE_PROPERTY: f"{deployment.key}-process",
        "acreline:harmonised": True,
        "acreline:tile": acquisition.tile.name,
        "acreline:processing_units": round(units, 4),
    }
    for band, file in files.items():
        item.add_asset(band, _asset(band, file))
    return item


def save_catalogue(folder: Path, item_files: Sequence[Path]) -> Path:
    """Write collection and catalogue over items that lie in the folder; the catalogue comes last.

    Args:
        folder: holds the items' folders.
        item_files: JSON files of the items, below the folder.
    """
    items = [pystac.Item.from_dict(json.loads(path.read_text(encoding="utf-8"))) for path in item_files]
    collection = pystac.Collection(
        id=COLLECTION,
        title="Sentinel-2 L2A from the Process API",
        description="Surface reflectance on whole processing tiles, one item per tile and solar day; digital numbers "
        "harmonised to baselines before 04.00.",
        extent=pystac.Extent.from_items(items),
        license=_LICENSE,
    )
    root = pystac.Catalog(id="acreline-fetched", description="Scenes fetched from the Process API of Sentinel Hub.")
    root.add_child(collection)
    for item in items:
        item.clear_links()  # those of an earlier catalogue
    collection.add_items(items)
    for item, path in zip(items, item_files, strict=True):
        item.set_self_href(str(path))
    collection.set_self_href(str(folder / COLLECTION / "collection.json"))
    root.set_self_href(str(folder / "catalog.json"))
    root.save(catalog_type=pystac.CatalogType.SELF_CONTAINED, stac_io=_WholeFiles())
    return folder / "catalog.json"


def save_item(item: pystac.Item, path: Path) -> None:
    """Write an item whole or not at all; its being there says that the acquisition is complete."""
    with whole_file(path) as part:
        part.write_text(json.dumps(item.to_dict(include_self_link=False), indent=1) + "\n", encoding="utf-8")


class _WholeFiles(DefaultStacIO):
    """Writes JSON so that a reader never sees half of it."""

    def write_text_to_href(self, href: str, txt: str) -> None:
        with whole_file(Path(href)) as part:
            part.write_text(txt, encoding="utf-8")


def _said_by_products(acquisition: Acquisition) -> dict[str, Any]:
    """What the names and entries of the products say about the whole; silent where they differ."""
    products = acquisition.products
    facts: dict[str, Any] = {
        "constellation": "sentinel-2",
        "platform": _only(product.platform for product in products),
        "s2:processing_baseline": _only(product.baseline for product in products),
        "created": _known(acquisition),
        "gsd": 10,
    }
    stated = {key: value for key, value in facts.items() if value}
    return {**stated, "s2:product_type": "S2MSI2A", "acreline:products": [product.id for product in products]}


def _only(values: Iterable[str]) -> str:
    found = set(values)
    return found.pop() if len(found) == 1 else ""


def _known(acquisition: Acquisition) -> str:
    """When the last of the products was made; empty where one does not say."""
    times = [product.made_at for product in acquisition.products]
    stated = [when for when in times if when is not None]
    return _iso(max(stated)) if len(stated) == len(times) else ""


def _said_by_pixels(scl: npt.NDArray[np.uint8]) -> dict[str, float]:
    """Shares of the tile, percent: cloud of what has data, and no data of all."""
    data = int(np.count_nonzero(scl))
    clouds = int(np.isin(scl, _CLOUDS).sum())
    return {
        "eo:cloud_cover": round(100 * clouds / data, 2) if data else 100.0,
        "s2:nodata_pixel_percentage": round(100 * (1 - data / scl.size), 2),
    }


def _asset(band: str, file: Written) -> pystac.Asset:
    numbers: dict[str, Any] = {"data_type": "uint8" if band == SCL else "uint16", "nodata": NODATA}
    if band != SCL:
        numbers |= {"scale": SCALE, "offset": 0.0}
    numbers["spatial_resolution"] = round(file.geobox.resolution.x)
    return pystac.Asset(
        href=f"./{file.path.name}",
        media_type=pystac.MediaType.COG,
        roles=["data"],
        extra_fields={
            "eo:bands": [{"name": band}],
            "raster:bands": [numbers],
            "proj:shape": list(file.geobox.shape),
            "proj:transform": list(file.geobox.affine)[:6],
            "file:checksum": _SHA256 + file.sha256,
            "file:size": file.size,
        },
    )


def _iso(when: datetime) -> str:
    return when.astimezone(UTC).isoformat().replace("+00:00", "Z")
