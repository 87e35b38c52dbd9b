"""Which acquisitions of which tiles to fetch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from typing import Final

from shapely import STRtree
from shapely.geometry import box
from shapely.ops import unary_union

from geo.errors import InputError
from geo.grid import TILE_M, Bounds, TileKey, union
from geo.lonlat import lonlat_of, middle_lon, pieces
from geo.season import Season
from tiles.sources.sentinel_hub.cost import Cost, cheapest_layers, cost_of
from tiles.sources.sentinel_hub.evalscript import Layer
from tiles.sources.sentinel_hub.products import Product, newest_versions

#: Side of the blocks of tiles that are searched together: at 92 km a search still costs the least.
_SEARCH_TILES: Final = 9
_DEGREES_OF_HOUR: Final = 15
_ZONES: Final = 60
_NORTH, _SOUTH = 32600, 32700
_WIDEST_M: Final = 1_000_000
_HIGHEST_M: Final = 10_000_000
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Acquisition:
    """One tile on one solar day: the unit of fetching.

    Attributes:
        tile: the tile, always whole.
        day: solar day at the tile's middle, as days are merged in cubes.
        products: what the service makes it of, by time.
    """

    tile: TileKey
    day: date
    products: tuple[Product, ...]

    @property
    def id(self) -> str:
        """Id of its item, "S2_32631_56_549_20200501_L2A"."""
        return f"S2_{self.tile.name}_{self.day:%Y%m%d}_L2A"

    @property
    def window(self) -> tuple[datetime, datetime]:
        """First and last instant of the solar day, aware UTC, whole seconds."""
        noon = middle_lon(lonlat_of(self.tile.bounds, self.tile.epsg)) / _DEGREES_OF_HOUR
        start = datetime.combine(self.day, time(tzinfo=UTC)) - timedelta(seconds=round(noon * 3600))
        return start, start + _DAY - timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class FetchPlan:
    """What will be asked of the service.

    Attributes:
        acquisitions: by tile, then day.
        layers: the requests of each acquisition.
        season: days, both ends included.
        max_cloud_pct: products with more cloud are left out; None leaves none out.
    """

    acquisitions: tuple[Acquisition, ...]
    layers: tuple[Layer, ...]
    season: Season
    max_cloud_pct: int | None

    def cost(self, acquisitions: int | None = None) -> Cost:
        """Cost of some acquisitions; of all by default."""
        return cost_of(self.layers).times(len(self.acquisitions) if acquisitions is None else acquisitions)


def search_boxes(tiles: Iterable[TileKey]) -> list[Bounds]:
    """Boxes in degrees that hold the tiles, whole tiles and up to 92 km each; none crosses 180 degrees.

    Raises:
        InputError: a tile lies in no UTM zone.
    """

    def block(tile: TileKey) -> tuple[int, int, int]:
        return tile.epsg, tile.x // _SEARCH_TILES, tile.y // _SEARCH_TILES

    boxes: list[Bounds] = []
    for (epsg, _, _), group in groupby(sorted(map(_checked, set(tiles)), key=block), key=block):
        bounds = [tile.bounds for tile in group]
        whole = bounds[0]
        for other in bounds[1:]:
            whole = union(whole, other)
        boxes.extend(pieces(lonlat_of(whole, epsg)))
    return boxes


def plan_fetch(
    products: Iterable[Product], tiles: Sequence[TileKey], season: Season, *, max_cloud_pct: int | None = None
) -> FetchPlan:
    """Acquisitions of tiles within a season.

    Args:
        products: what the catalogue lists; versions of one product and products far away may be among them.
        tiles: tiles to fetch.
        season: days, compared with the acquisition's UTC date.
        max_cloud_pct: leave out products with more cloud (of the whole product); None leaves none out.
    """
    chosen = [
        product
        for product in newest_versions(products)
        if product.sensed_at.date() in season and not _too_cloudy(product, max_cloud_pct)
    ]
    footprints = STRtree([product.footprint for product in chosen])
    acquisitions = [found for tile in sorted(set(tiles)) for found in _of_tile(_checked(tile), chosen, footprints)]
    return FetchPlan(tuple(acquisitions), cheapest_layers(), season, max_cloud_pct)


def _of_tile(tile: TileKey, products: Sequence[Product], footprints: STRtree) -> Iterator[Acquisition]:
    degrees = lonlat_of(tile.bounds, tile.epsg)
    outline = unary_union([box(*piece) for piece in pieces(degrees)])
    hours = timedelta(hours=middle_lon(degrees) / _DEGREES_OF_HOUR)
    days: dict[date, list[Product]] = {}
    for row in sorted(footprints.query(outline, predicate="intersects")):
        product = products[row]
        if product.footprint.intersection(outline).area > 0:
            days.setdefault((product.sensed_at + hours).date(), []).append(product)
    for day, group in sorted(days.items()):
        yield Acquisition(tile, day, tuple(group))


def _too_cloudy(product: Product, max_cloud_pct: int | None) -> bool:
    return max_cloud_pct is not None and product.cloud_pct is not None and product.cloud_pct > max_cloud_pct


def _checked(tile: TileKey) -> TileKey:
    zone = tile.epsg - (_NORTH if tile.epsg < _SOUTH else _SOUTH)
    left, bottom, right, top = tile.bounds
    if not 1 <= zone <= _ZONES or left < 0 or bottom < 0 or right > _WIDEST_M + TILE_M or top > _HIGHEST_M + TILE_M:
        raise InputError(
            "BAD_AREA", f"Tile {tile.name} lies in no UTM zone.", "Check its name: zone, column, row, 32631_56_549."
        )
    return tile
