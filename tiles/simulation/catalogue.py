"""Simulated acquisitions on disk: cloud-optimised GeoTIFFs and STAC items, laid out as real ones are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final

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
from tiles.simulation.county import CountyPlan
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


def write_scene(folder: Path, plan: CountyPlan, scene: Scene) -> pystac.Item:
    """Write the bands of one acquisition and describe them; hrefs are absolute until the catalogue is saved."""
    item = _item(plan, scene)
    place = folder.absolute() / COLLECTION / item.id
    place.mkdir(parents=True, exist_ok=True)
    for number, band in enumerate(BANDS):
        coarse = band in COARSE
        values = halve_20m(scene.reflectance[number]) if coarse else scene.reflectance[number]
        _add_layer(item, place, plan, band, digital_numbers(values))
    _add_layer(item, place, plan, SCL, np.ascontiguousarray(scene.scl[::2, ::2]))
    return item


def digital_numbers(reflectance: Floats) -> npt.NDArray[np.uint16]:
    """Stored numbers of a reflectance: uint16, never the no-data number."""
    numbers = np.round((reflectance.astype(np.float64) - OFFSET) / SCALE)
    return np.clip(numbers, NODATA + 1, np.iinfo(np.uint16).max).astype(np.uint16)


def save_catalogue(folder: Path, plan: CountyPlan, items: Sequence[pystac.Item], plan_hash: str) -> Path:
    """Write catalogue, collection and items with relative links; the catalogue comes last and marks the season done."""
    catalogue = pystac.Catalog(
        id=f"acreline-simulated-{plan.seed}",
        title="Simulated county (not an observation)",
        description="Simulated Sentinel-2 L2A season over a simulated county in the Huang-Huai plain. "
        "Nothing in it was observed.",
        extra_fields={SIMULATED_FLAG: True, "acreline:plan": plan_hash},
    )
    collection = pystac.Collection(
        id=COLLECTION,
        title="Simulated Sentinel-2 L2A",
        description="Simulated surface reflectance and scene classification; not an observation.",
        extent=pystac.Extent.from_items(items),
        license="Apache-2.0",
        extra_fields={SIMULATED_FLAG: True},
    )
    collection.add_items(items)
    catalogue.add_child(collection)
    catalogue.catalog_type = pystac.CatalogType.SELF_CONTAINED
    catalogue.normalize_hrefs(str(folder.absolute()))
    catalogue.make_all_asset_hrefs_relative()
    for item in items:
        item.save_object(include_self_link=False)
    collection.save_object(include_self_link=False)
    catalogue.save_object(include_self_link=False)
    return folder / "catalog.json"


def _item(plan: CountyPlan, scene: Scene) -> pystac.Item:
    left, top, right, bottom = plan.left_m, plan.top_m, plan.left_m + plan.side_m, plan.top_m - plan.side_m
    bounds = Transformer.from_crs(plan.epsg, 4326, always_xy=True).transform_bounds(left, bottom, right, top)
    corners = [round(value, 7) for value in bounds]
    cloud = float(np.isin(scene.scl, (3, 8, 9, 10)).mean() * 100.0)
    code = plan.grid_code.removeprefix("MGRS-")
    return pystac.Item(
        id=f"S2SIM_{code}_{scene.when:%Y%m%dT%H%M%S}_L2A",
        geometry=mapping(box(corners[0], corners[1], corners[2], corners[3])),
        bbox=corners,
        datetime=scene.when,
        stac_extensions=list(_EXTENSIONS),
        properties={
            "title": f"Simulated Sentinel-2 L2A, {scene.when:%Y-%m-%d} (not an observation)",
            SIMULATED_FLAG: True,
            "created": _stamp(scene.when + timedelta(hours=14)),
            "updated": _stamp(scene.when + timedelta(hours=14)),
            "platform": "sentinel-2-simulated",
            "constellation": "sentinel-2",
            "instruments": ["msi"],
            "grid:code": plan.grid_code,
            "proj:epsg": plan.epsg,
            "s2:processing_baseline": BASELINE,
            "earthsearch:boa_offset_applied": False,
            "eo:cloud_cover": round(cloud, 3),
            "s2:nodata_pixel_percentage": 0.0,
            "view:sun_azimuth": round(scene.sun_azimuth, 4),
            "view:sun_elevation": round(scene.sun_elevation, 4),
        },
    )


def _stamp(when: datetime) -> str:
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def _add_layer(item: pystac.Item, place: Path, plan: CountyPlan, name: str, values: npt.NDArray[np.generic]) -> None:
    path = place / f"{name}.tif"
    step = plan.side_m // values.shape[0]
    transform = Affine(step, 0, plan.left_m, 0, -step, plan.top_m)
    _write_cog(path, values, plan.epsg, transform)
    is_band = name in _COMMON_NAMES
    described: dict[str, Any] = {"data_type": str(values.dtype), "nodata": NODATA, "spatial_resolution": step}
    fields: dict[str, Any] = {"proj:shape": list(values.shape), "proj:transform": list(transform)[:6]}
    if is_band:
        described |= {"scale": SCALE, "offset": OFFSET}
        fields["eo:bands"] = [{"name": name, "common_name": _COMMON_NAMES[name]}]
    fields["raster:bands"] = [described]
    title = f"Simulated {name}"
    item.add_asset(
        name, pystac.Asset(str(path), title, media_type=pystac.MediaType.COG, roles=["data"], extra_fields=fields)
    )


def _write_cog(path: Path, values: npt.NDArray[np.generic], epsg: int, transform: Affine) -> None:
    rows, columns = values.shape
    shape = {"height": rows, "width": columns, "count": 1, "dtype": str(values.dtype)}
    try:
        with rasterio.open(
            path, "w", driver="COG", crs=f"EPSG:{epsg}", transform=transform, nodata=NODATA, **shape, **_COG
        ) as target:
            target.write(values, 1)
    except RasterioError as error:
        raise DataError(
            "SIMULATION_WRITE", f"{path.name} cannot be written: {error}.", "Free some disk space."
        ) from error
