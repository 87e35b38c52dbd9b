"""Real water and real quiet land: a reservoir by date, and what the measures of operation say where nothing happened.

    python benchmarks/site_water.py --data ../shared/data [--json]

boadella-stack: ten images of a reservoir with their levels overridden (each is taken as surface reflectance), its
border 100 m beyond all water but that of the first, hazy one; then the same with a square of 1.3 km hidden on each
image in turn, which should move the area by no more than its error says. flanders-2019: each of 17 parcels as a site,
standing water and fire inside it, building on all the ground, pads planned at each parcel's middle, from
2018-08 to 2019-11.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import rasterio
from rasterio.features import rasterize
from scipy import ndimage
from sites_real import _boadella, flanders

from models.sites.ground import shows_ground
from models.sites.looks import Looks
from models.sites.near import built_near_looks
from models.sites.operation import operation_measures
from models.sites.water import water_looks, water_shares
from models.sites.wind import pad_looks, places_of
from scoring.sites.operation import MEASURES, OperationLimits, SiteAreas, SiteCause, operation_findings

_HECTARE_M2 = 1e4
_HIDDEN_PX = 130


def boadella_figures(data: Path) -> dict[str, float]:
    """Area by date in ha with its error, and how far a hidden part moves it."""
    paths = sorted((data / "boadella-stack").glob("*.tif"))
    days = np.array([path.stem.split("_")[1] for path in paths], dtype="datetime64[D]")
    images = np.nan_to_num(np.stack([_boadella(path) for path in paths]), nan=1e-4)
    clear = np.ones((len(days), *images.shape[2:]), dtype=np.bool_)
    wet = np.nanmax(
        [water_shares(image, seen).share for image, seen in zip(images[1:], clear[1:], strict=True)], axis=0
    )
    inside = ndimage.binary_dilation(ndimage.binary_opening(wet >= 1.0, iterations=3), iterations=10).astype(np.float64)
    whole = water_looks(images, clear, days, inside)
    found = {}
    for day, value, error in zip(days, whole.values, whole.errors, strict=True):
        found[f"boadella ha on {day}"] = value / _HECTARE_M2
        found[f"boadella error ha on {day}"] = error / _HECTARE_M2
    return found | _hidden(images, clear, days, inside, whole)


def _hidden(
    images: npt.NDArray[np.float32],
    clear: npt.NDArray[np.bool_],
    days: npt.NDArray[np.datetime64],
    inside: npt.NDArray[np.float64],
    whole: Looks,
) -> dict[str, float]:
    rng = np.random.default_rng(1)
    off, errors = [], []
    for time in range(2, len(days)):
        row, column = rng.integers(0, np.array(inside.shape) - _HIDDEN_PX)
        part = clear[time - 1 : time + 1].copy()
        part[1, row : row + _HIDDEN_PX, column : column + _HIDDEN_PX] = False
        look = water_looks(images[time - 1 : time + 1], part, days[time - 1 : time + 1], inside)
        off.append((look.values[1] - whole.values[time]) / _HECTARE_M2)
        errors.append(look.errors[1] / _HECTARE_M2)
    far, width = np.array(off), np.array(errors)
    return {
        "boadella hidden part, mean off ha": float(np.nanmean(np.abs(far))),
        "boadella hidden part, mean error ha": float(np.nanmean(width)),
        "boadella hidden part, within 1.645 errors": float(np.nanmean(np.abs(far) <= 1.645 * width)),
    }


def flanders_figures(data: Path) -> dict[str, float]:
    """Looks at which a rule of operation is raised, and pads that are seen, on land where nothing was built."""
    days, images, classes = flanders(data)
    seen = shows_ground(images, classes)
    images = np.nan_to_num(images, nan=1e-4)
    first = next((data / "flanders-2019" / "sentinel-2-l2a").glob("S2_*/B02.tif"))
    with rasterio.open(first) as file:
        transform, crs = file.transform, file.crs
    parcels = gpd.read_file(data / "flanders-2019" / "parcels.gpkg").to_crs(crs)
    grounds = [
        rasterize([(shape, 1)], out_shape=images.shape[2:], transform=transform, dtype="uint8").astype(bool)
        for shape in parcels.geometry
    ]
    found: dict[str, float] = {"flanders looks": float(len(days)), "flanders sites": float(len(grounds))}
    bare = np.zeros(images.shape[2:], dtype=np.bool_)
    own = [operation_measures(images, seen, days, ground, bare) for ground in grounds]
    as_rows = [operation_measures(images, seen, days, ground, ground) for ground in grounds]
    for name, measured in (("", own), (", as if under rows", as_rows)):
        for cause in (SiteCause.WATER, SiteCause.FIRE):
            raised = [
                _raised(cause, one[MEASURES[cause]], ground) for one, ground in zip(measured, grounds, strict=True)
            ]
            found[f"flanders {cause} raised, looks of all sites{name}"] = float(sum(raised))
    near = built_near_looks(images, seen, days, np.ones(images.shape[2:], dtype=np.bool_))
    found["flanders built near, raised looks"] = float(_raised(SiteCause.BUILT_NEAR, near, np.ones((64, 64), bool)))
    found["flanders built near, most m2"] = float(np.nanmax(near.values))
    middles = np.array([(point.x, point.y) for point in parcels.geometry.representative_point()])
    places = places_of(middles, transform.c, transform.f)
    pads = pad_looks(images, seen, days, places)
    found["flanders planned places"] = float(len(places))
    found["flanders pads counted, most on any look"] = float(np.nanmax(pads.pads.values))
    found["flanders pads elsewhere, most on any look"] = float(np.nanmax(pads.elsewhere.values))
    found["flanders places with a chance above .9 on any look"] = float(
        (np.nan_to_num(pads.chances).max(axis=0) > 0.9).sum()  # noqa: PLR2004
    )
    return found


def _raised(cause: SiteCause, looks: Looks, ground: npt.NDArray[np.bool_]) -> int:
    site = SiteAreas(looks.days, looks.values, looks.errors, float(ground.sum()) * 100.0)
    limits = OperationLimits()
    found = [operation_findings(cause, [site], day.item(), limits) for day in looks.days[np.isfinite(looks.values)]]
    return sum(bool(one.raised[0]) for one in found)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = boadella_figures(given.data) | flanders_figures(given.data)
    print(json.dumps(found) if given.json else "\n".join(f"{name:56s} {value:.4g}" for name, value in found.items()))


if __name__ == "__main__":
    main()
