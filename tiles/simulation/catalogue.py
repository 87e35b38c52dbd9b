"""Simulated acquisitions on disk: cloud-optimised GeoTIFFs and STAC items, laid out as real ones are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final, Protocol

import numpy as np
import numpy.typing as npt
import pystac
import rasterio
from affine import Affine
from pyproj import Transformer
from rasterio.errors import RasterioError
from shapely.geometry import box, mapping

from geo.bands import BANDS, RESOLUTION_M, SCL
from geo.errors import DataError
from tiles.simulation.sensor import COARSE, halve_20m
from tiles.simulation.spectra import Floats

#: Digital numbers since processing baseline 04.00: reflectance = (DN - 1000) / 10000, 0 is no data.
BASELINE: Final = "05.10"
SCALE: Final = 0.0001
OFFSET: Final = -0.1
NODATA: Final = 0
COLLECTION: Final = "sentinel-2-l2a"
#: Catalogue, collection and items carry this flag.
SIMULATED_FLAG: Final = "acreline:simulated"

_PASS_UTC: Final = time(3, 5, 41)
_COARSE_M: Final = 2 * RESOLUTION_M
_EXTENSIONS: Final = [
    "https://stac-extensions.github.io/projection/v1.1.0/schema.json",
    "https://stac-extensions.github.io/raster/v1.1.0/schema.json",
    "https://stac-extensions.github.io/eo/v1.1.0/schema.json",
]
_COMMON_NAMES: Final = dict(
    zip(
        BANDS,
        ("blue", "green", "red", "rededge1", "rededge2", "rededge3", "nir", "nir08", "swir16", "swir22"),
        strict=True,
    )
)
_COG: Final = {"COMPRESS": "DEFLATE", "LEVEL": "1", "PREDICTOR": "YES", "BLOCKSIZE": "512", "NUM_THREADS": "1"}


class Grid(Protocol):
    """The square grid of 10 m pixels that all acquisitions of a catalogue lie on."""

    @property
    def left_m(self) -> int:
        """Easting of the west edge, a multiple of 20."""

    @property
    def top_m(self) -> int:
        """Northing of the north edge, a multiple of 20."""

    @property
    def side_m(self) -> int:
        """Length of one side."""

    @property
    def epsg(self) -> int:
        """UTM zone."""

    @property
    def grid_code(self) -> str:
        """MGRS square, such as "MGRS-50SLB"."""


@dataclass(frozen=True, slots=True)
class Named:
    """What a catalogue or a collection says of itself."""

    id: str
    title: str
    description: str


@dataclass(frozen=True, slots=True)
class Collected:
    """A collection and its items, one or more."""

    named: Named
    items: Sequence[pystac.Item]


@dataclass(frozen=True, slots=True)
class Layer:
    """One raster of an acquisition.

    Attributes:
        name: key of its asset.
        values: (y, x) stored numbers over the whole grid, at any whole division of its side.
        nodata: stored number without meaning.
        states: what its entry in raster:bands says beside type, no data and resolution.
        fields: further fields of its asset.
    """

    name: str
    values: npt.NDArray[np.generic]
    nodata: int
    states: Mapping[str, Any]
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Scene:
    """One acquisition.

    Attributes:
        when: UTC.
        reflectance: (b, y, x) float32 on the 10 m grid, as seen through the sky.
        scl: (y, x) uint8 on the 10 m grid, equal within 20 m pixels.
        sun_elevation: degrees.
        sun_azimuth: degrees clockwise from north.
    """

    when: datetime
    reflectance: Floats
    scl: npt.NDArray[np.uint8]
    sun_elevation: float
    sun_azimuth: float


def pass_time(day: date) -> datetime:
    """Time of the pass on a day, UTC."""
    return datetime.combine(day, _PASS_UTC, tzinfo=UTC)


def write_scene(folder: Path, grid: Grid, scene: Scene) -> pystac.Item:
    """Write the bands of one acquisition and describe them; hrefs are absolute until the catalogue is saved."""
    item = _item(grid, scene)
    layers = [_band(band, scene.reflectance[number]) for number, band in enumerate(BANDS)]
    scl = np.ascontiguousarray(scene.scl[::2, ::2])
    write_layers(folder / COLLECTION / item.id, grid, item, [*layers, Layer(SCL, scl, NODATA, {}, {})])
    return item


def write_layers(place: Path, grid: Grid, item: pystac.Item, layers: Sequence[Layer]) -> None:
    """Write the rasters of an item into its folder and add them to it.

    Raises:
        DataError: a file cannot be written.
    """
    place = place.absolute()
    place.mkdir(parents=True, exist_ok=True)
    for layer in layers:
        _add_layer(item, place, grid, layer)


def digital_numbers(reflectance: Floats) -> npt.NDArray[np.uint16]:
    """Stored numbers of a reflectance: uint16, never the no-data number."""
    numbers = np.round((reflectance.astype(np.float64) - OFFSET) / SCALE)
    return np.clip(numbers, NODATA + 1, np.iinfo(np.uint16).max).astype(np.uint16)


def save_catalogue(folder: Path, named: Named, collections: Sequence[Collected], plan_hash: str) -> Path:
    """Write catalogue, collections and items with relative links; the catalogue comes last: what it lists is whole."""
    flag: dict[str, Any] = {SIMULATED_FLAG: True}
    catalogue = pystac.Catalog(
        named.id, named.description, named.title, extra_fields=flag | {"acreline:plan": plan_hash}
    )
    made = [_collection(each) for each in collections]
    catalogue.add_children(made)
    catalogue.catalog_type = pystac.CatalogType.SELF_CONTAINED
    catalogue.normalize_hrefs(str(folder.absolute()))
    catalogue.make_all_asset_hrefs_relative()
    for each in collections:
        for item in each.items:
            item.save_object(include_self_link=False)
    for collection in made:
        collection.save_object(include_self_link=False)
    catalogue.save_object(include_self_link=False)
    return folder / "catalog.json"


def _collection(collected: Collected) -> pystac.Collection:
    collection = pystac.Collection(
        id=collected.named.id,
        title=collected.named.title,
        description=collected.named.description,
        extent=pystac.Extent.from_items(collected.items),
        license="Apache-2.0",
        extra_fields={SIMULATED_FLAG: True},
    )
    collection.add_items(collected.items)
    return collection


def footprint(grid: Grid) -> tuple[float, float, float, float]:
    """Box of a grid in degrees: west, south, east, north."""
    left, top, right, bottom = grid.left_m, grid.top_m, grid.left_m + grid.side_m, grid.top_m - grid.side_m
    bounds = Transformer.from_crs(grid.epsg, 4326, always_xy=True).transform_bounds(left, bottom, right, top)
    west, south, east, north = (round(value, 7) for value in bounds)
    return west, south, east, north


def _item(grid: Grid, scene: Scene) -> pystac.Item:
    corners = footprint(grid)
    cloud = float(np.isin(scene.scl, (3, 8, 9, 10)).mean() * 100.0)
    code = grid.grid_code.removeprefix("MGRS-")
    return pystac.Item(
        id=f"S2SIM_{code}_{scene.when:%Y%m%dT%H%M%S}_L2A",
        geometry=mapping(box(*corners)),
        bbox=list(corners),
        datetime=scene.when,
        stac_extensions=list(_EXTENSIONS),
        properties={
            "title": f"Simulated Sentinel-2 L2A, {scene.when:%Y-%m-%d} (not an observation)",
            SIMULATED_FLAG: True,
            "created": stamp(scene.when + timedelta(hours=14)),
            "updated": stamp(scene.when + timedelta(hours=14)),
            "platform": "sentinel-2-simulated",
            "constellation": "sentinel-2",
            "instruments": ["msi"],
            "grid:code": grid.grid_code,
            "proj:epsg": grid.epsg,
            "s2:processing_baseline": BASELINE,
            "earthsearch:boa_offset_applied": False,
            "eo:cloud_cover": round(cloud, 3),
            "s2:nodata_pixel_percentage": 0.0,
            "view:sun_azimuth": round(scene.sun_azimuth, 4),
            "view:sun_elevation": round(scene.sun_elevation, 4),
        },
    )


def stamp(when: datetime) -> str:
    """An instant as STAC writes it."""
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def _band(name: str, reflectance: Floats) -> Layer:
    values = digital_numbers(halve_20m(reflectance) if name in COARSE else reflectance)
    described = {"eo:bands": [{"name": name, "common_name": _COMMON_NAMES[name]}]}
    return Layer(name, values, NODATA, {"scale": SCALE, "offset": OFFSET}, described)


def _add_layer(item: pystac.Item, place: Path, grid: Grid, layer: Layer) -> None:
    path = place / f"{layer.name}.tif"
    step = grid.side_m // layer.values.shape[0]
    transform = Affine(step, 0, grid.left_m, 0, -step, grid.top_m)
    _write_cog(path, layer.values, grid.epsg, transform, layer.nodata)
    described = {"data_type": str(layer.values.dtype), "nodata": layer.nodata, "spatial_resolution": step}
    fields = {"proj:shape": list(layer.values.shape), "proj:transform": list(transform)[:6], **layer.fields}
    fields["raster:bands"] = [described | dict(layer.states)]
    title = f"Simulated {layer.name}"
    item.add_asset(
        layer.name, pystac.Asset(str(path), title, media_type=pystac.MediaType.COG, roles=["data"], extra_fields=fields)
    )


def _write_cog(path: Path, values: npt.NDArray[np.generic], epsg: int, transform: Affine, nodata: int) -> None:
    rows, columns = values.shape
    shape = {"height": rows, "width": columns, "count": 1, "dtype": str(values.dtype)}
    try:
        with rasterio.open(
            path, "w", driver="COG", crs=f"EPSG:{epsg}", transform=transform, nodata=nodata, **shape, **_COG
        ) as target:
            target.write(values, 1)
    except RasterioError as error:
        raise DataError(
            "SIMULATION_WRITE", f"{path.name} cannot be written: {error}.", "Free some disk space."
        ) from error
