"""The parcel book of the simulated county, and the truth that only tests look at."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyogrio
import shapely

from geo.area import MU_M2, geodesic_area_ha
from tiles.simulation.county import County

#: Chinese survey datum, in degrees: what county land offices hand out.
PARCEL_EPSG: Final = 4490
_LAYER: Final = "simulated_parcels"
_NOT_FARMED: Final = frozenset({"built", "water", "forest"})
#: Farmers bring their larger plots to the bank more often: chance rises with area to this power.
_LARGER_FIRST: Final = 0.4
_LARGEST_M2: Final = 60_000.0
_SMALLEST_M2: Final = 450.0
_MOST_PARCELS: Final = 6
_YUAN: Final = 100
#: Stands for a fact that the book does not state.
_UNSTATED: Final = -1
_SURVEY_ERROR_M: Final = 0.35
#: Decimals of a degree in the file: about a millimetre.
_DIGITS: Final = 8
#: GeoPackage stores the time of writing; a fixed one keeps files the same byte for byte.
_WRITTEN_AT: Final = "2024-11-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Book:
    """Parcels of farmers, and what is true of them.

    Attributes:
        parcels: EPSG:4490, one row per parcel, the columns that `geo.parcels.read_parcels` knows. No truth in it.
        truth: parcel_id, cycle (1, 2), crop, main (bool), vigour_pct (0 to 100).
    """

    parcels: gpd.GeoDataFrame
    truth: pd.DataFrame


def make_book(county: County) -> Book:
    """Draw the parcels that farmers brought to the bank from the plots of a county."""
    rng = np.random.default_rng([county.plan.seed, 2])
    plots = _choose(county, rng)
    outlines = _outlines(county, plots, rng)
    village = _nearest_village(county, plots)
    frame = gpd.GeoDataFrame(
        {
            "parcel_id": [f"SIM-{number:04d}" for number in range(1, len(plots) + 1)],
            "farmer_id": _farmers(village, rng),
            "declared_crop": _declared(county, plots, rng),
            "village": [f"Simulated village {number + 1}" for number in village],
        },
        geometry=outlines,
        crs=PARCEL_EPSG,
    )
    return Book(_with_facts(frame, rng), _truth(county, plots, frame["parcel_id"]))


def write_book(book: Book, parcels: Path, truth: Path) -> None:
    """Write parcels (GeoPackage) and truth (Parquet); the same book gives the same bytes."""
    before = pyogrio.get_gdal_config_option("OGR_CURRENT_DATE")
    parcels.unlink(missing_ok=True)
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _WRITTEN_AT})
    try:
        book.parcels.to_file(parcels, layer=_LAYER, driver="GPKG", engine="pyogrio")
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": before})
    book.truth.to_parquet(truth, index=False)


def _choose(county: County, rng: np.random.Generator) -> npt.NDArray[np.int64]:
    """Plots wholly inside the imagery that are farmed, in order from north to south."""
    shapes = county.mosaic.shapes
    margin = 20.0
    inner = shapely.box(margin, margin, county.plan.side_m - margin, county.plan.side_m - margin)
    area = shapely.area(shapes)
    farmed = np.array([rotation[0] not in _NOT_FARMED for rotation in county.plots.rotations[:-1]])
    usable = np.flatnonzero(
        shapely.contains_properly(inner, shapes) & (area > _SMALLEST_M2) & (area < _LARGEST_M2) & farmed
    )
    brought = area[usable] ** _LARGER_FIRST
    size = min(county.plan.parcels, usable.size)
    chosen = rng.choice(usable, size=size, replace=False, p=brought / brought.sum())
    order: npt.NDArray[np.int64] = chosen[np.argsort(shapely.get_y(shapely.centroid(shapes[chosen])), kind="stable")]
    return order


def _outlines(county: County, plots: npt.NDArray[np.int64], rng: np.random.Generator) -> gpd.GeoSeries:
    """Outlines as surveyed: corners off by less than a metre, in degrees."""
    plan = county.plan
    drawn = shapely.transform(county.mosaic.shapes[plots], lambda xy: xy * (1.0, -1.0) + (plan.left_m, plan.top_m))
    moved = gpd.GeoSeries([_survey(shape, rng) for shape in drawn], crs=plan.epsg)
    degrees = moved.to_crs(PARCEL_EPSG)
    return gpd.GeoSeries(shapely.transform(degrees.to_numpy(), lambda xy: np.round(xy, _DIGITS)), crs=PARCEL_EPSG)


def _survey(shape: shapely.Polygon, rng: np.random.Generator) -> shapely.Polygon:
    """An outline with its corners a little off; unmoved where that would make it cross itself."""
    corners = shapely.get_coordinates(shapely.simplify(shape, 0.5))[:-1]
    moved = shapely.Polygon(corners + rng.normal(0.0, _SURVEY_ERROR_M, corners.shape))
    return moved if moved.is_valid else shape


def _nearest_village(county: County, plots: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    centres = shapely.get_coordinates(shapely.centroid(county.mosaic.shapes[plots]))
    nearest: npt.NDArray[np.int64] = np.linalg.norm(centres[:, None] - county.villages[None], axis=-1).argmin(axis=1)
    return nearest


def _farmers(village: npt.NDArray[np.int64], rng: np.random.Generator) -> list[str]:
    """Farmers with one to six parcels of their own village."""
    owner = np.zeros(village.size, dtype=np.int64)
    farmer = 0
    for number in np.unique(village):
        waiting = rng.permutation(np.flatnonzero(village == number))
        while waiting.size:
            farmer += 1
            count = int(rng.integers(1, _MOST_PARCELS + 1))
            owner[waiting[:count]] = farmer
            waiting = waiting[count:]
    return [f"F-{number:03d}" for number in owner]


def _declared(county: County, plots: npt.NDArray[np.int64], rng: np.random.Generator) -> list[str]:
    """The main crop; about one in twenty is declared wrongly."""
    crops = county.plots.main_crops()
    true = [crops[plot] for plot in plots]
    others = sorted(set(true))
    wrong = rng.random(len(true)) < 1 / 20
    guesses = rng.choice(len(others), size=len(true))
    return [others[int(guess)] if bad else crop for crop, bad, guess in zip(true, wrong, guesses, strict=True)]


def _with_facts(frame: gpd.GeoDataFrame, rng: np.random.Generator) -> gpd.GeoDataFrame:
    n = len(frame)
    measured = geodesic_area_ha(frame.geometry)
    off = np.where(rng.random(n) < 1 / 12, rng.uniform(1.10, 1.35, n), rng.normal(1.0, 0.015, n))
    farmer, codes = np.unique(frame["farmer_id"], return_inverse=True)
    debt = np.where(rng.random(farmer.size) < 1 / 5, rng.integers(5, 60, farmer.size) * 1000 * _YUAN, 0)
    debt = np.where(rng.random(farmer.size) < 1 / 10, _UNSTATED, debt)
    capacity = rng.integers(30, 260, farmer.size) * 1000 * _YUAN
    capacity = np.where(rng.random(farmer.size) < 1 / 10, _UNSTATED, capacity)
    mu = measured * 1e4 / float(MU_M2)
    approved = np.round(mu * rng.uniform(350, 720, n) / 100.0) * 100 * _YUAN
    approved = np.where(rng.random(n) < 2 / 5, approved, _UNSTATED)
    return frame.assign(
        district="Simulated county, Huang-Huai plain",
        land_right=np.where(rng.random(n) < 2 / 3, "certificate", "lease"),
        certified_area_ha=np.round(measured * off, 4),
        other_debt_minor=_known(debt[codes]),
        household_capacity_minor=_known(capacity[codes]),
        approved_minor=_known(approved),
    )


def _known(values: npt.NDArray[np.number]) -> pd.Series[int]:
    """Whole numbers, missing where a fact is not stated: no debt is 0, an unknown one is not."""
    whole = pd.Series(values.astype(np.int64), dtype="Int64")
    return whole.mask(whole == _UNSTATED)


def _truth(county: County, plots: npt.NDArray[np.int64], names: pd.Series[str]) -> pd.DataFrame:
    region, vigour = county.plots.region, county.plots.effects.vigour
    rows = [
        (name, cycle, crop, cycle - 1 == region.main_crop(rotation), float(vigour[plot]) * 100.0)
        for plot, name in zip(plots, names, strict=True)
        for rotation in (county.plots.rotations[plot],)
        for cycle, crop in enumerate(rotation, start=1)
    ]
    return pd.DataFrame(rows, columns=["parcel_id", "cycle", "crop", "main", "vigour_pct"])
