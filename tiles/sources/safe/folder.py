"""Scenes from Sentinel-2 products as they are handed out: .SAFE folders and their archives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pystac

from geo.grid import Bounds
from geo.season import Season
from tiles.sources.base import ASSETS, choose
from tiles.sources.described import band_asset
from tiles.sources.safe.cache import converted
from tiles.sources.safe.files import find_products
from tiles.sources.safe.product import item_of

Tell = Callable[[int, int], None]


def say_nothing(_done: int, _total: int) -> None:
    """Ignore how far a conversion is."""


@dataclass(frozen=True, slots=True)
class SafeFolder:
    """L2A products on disk; implements `tiles.sources.base.Source`.

    Products are read through GDAL's SENTINEL2 driver and converted once into COGs, digital numbers unchanged, which
    the cache keeps: JPEG 2000 in an archive would be decoded again for every window. Only products that a search asks
    for are converted.

    Attributes:
        path: a .SAFE folder, its .zip, or a folder that holds such products.
        cache: folder for what is converted, about 0.8 GB a product.
        tell: called with the number of products that are ready and the number of all, while they are converted.
    """

    path: Path
    cache: Path
    tell: Tell = say_nothing

    def search(self, bounds_lonlat: Bounds, season: Season) -> list[pystac.Item]:
        """Sentinel-2 L2A scenes of a season that touch a box; see `Source.search`.

        Raises:
            InputError: no product fits, or one is L1C; the cache cannot be written.
            DataError: a product is damaged or incomplete.
        """
        products = {product.name: product for product in find_products(self.path)}
        items = []
        for product in products.values():
            item = item_of(product)
            for band in ASSETS:
                item.add_asset(band, band_asset(f"{band}.tif", band))
            items.append(item)
        chosen = choose(items, bounds_lonlat, season, self.path.name)
        ready: list[pystac.Item] = []
        for item in chosen:
            self.tell(len(ready), len(chosen))
            ready.append(converted(products[item.id], self.cache))
        self.tell(len(ready), len(chosen))
        return ready
