"""Scenes from Sentinel-2 products as they are handed out: .SAFE folders and their archives."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pystac

from geo.grid import Bounds
from geo.season import Season
from tiles.sources.base import Levels, choose
from tiles.sources.described import band_asset
from tiles.sources.safe.cache import converted
from tiles.sources.safe.files import SafeProduct, find_products
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
        cache: folder for what is converted, about 1.2 GB a product.
        tell: called with the number of products that are ready and the number of all, while they are converted.
        levels: "leave-out" passes over L1C products, which otherwise refuse the whole folder.
    """

    path: Path
    cache: Path
    tell: Tell = say_nothing
    levels: Levels = "refuse"

    def search(self, bounds_lonlat: Bounds, season: Season) -> list[pystac.Item]:
        """Sentinel-2 L2A scenes of a season that touch a box; see `Source.search`.

        Raises:
            InputError: no product fits, or one is L1C; the cache cannot be written.
            DataError: a product is damaged or incomplete.
        """
        products = {product.name: product for product in find_products(self.path)}
        chosen = self._choose(products.values(), bounds_lonlat, season)
        ready: list[pystac.Item] = []
        for item in chosen:
            self.tell(len(ready), len(chosen))
            ready.append(converted(products[item.id], self.cache))
        self.tell(len(ready), len(chosen))
        return ready

    def found(self, bounds_lonlat: Bounds, season: Season) -> list[pystac.Item]:
        """The scenes that `search` would convert, with the products' own images as assets; no pixel is read.

        Raises:
            InputError: as `search`.
            DataError: as `search`.
        """
        return self._choose(find_products(self.path), bounds_lonlat, season)

    def _choose(self, products: Iterable[SafeProduct], bounds_lonlat: Bounds, season: Season) -> list[pystac.Item]:
        wanted = [product for product in products if self.levels == "refuse" or product.is_level_2a]
        return choose(map(_as_delivered, wanted), bounds_lonlat, season, self.path.name)


def _as_delivered(product: SafeProduct) -> pystac.Item:
    item = item_of(product)
    for band, name in product.images.items():
        asset = band_asset(product.gdal_path(name), band)
        asset.media_type = pystac.MediaType.JPEG2000
        asset.extra_fields["file:size"] = product.files[name]
        item.add_asset(band, asset)
    return item
