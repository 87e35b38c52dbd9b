"""Small catalogues of simulated scenes with works painted into them, and plans of the sites on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pystac
import rasterio
import shapely
from affine import Affine
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from app.sites.plans import PlannedSite
from geo.area import geodesic_area_ha
from geo.sites import SiteType
from scoring.sites.plan import Milestone, MilestoneKind, SitePlan
from tiles.simulation.catalogue import COLLECTION, Scene, pass_time, write_scene
from tiles.simulation.county import CountyPlan
from tiles.simulation.sites.frame import Ground, draw_ground, passes, see_ground
from tiles.simulation.sites.hydro import HydroWorks, build_hydro, draw_hydro, water_radar
from tiles.simulation.sites.solar import SolarWorks, build_solar, draw_solar
from tiles.simulation.sites.wind import WindWorks, build_wind, draw_works, fields, wind_radar

SIZE_PX = 64
LEFT_M, TOP_M = 368640, 3696640
EPSG = 32650
FIRST = date(2023, 1, 3)
START = np.datetime64("2023-09-01")
LAST = date(2024, 9, 20)
RADAR = "sentinel-1-rtc"

Days = npt.NDArray[np.datetime64]
Draw = Callable[[np.random.Generator, Ground], tuple[Any, npt.NDArray[np.float32]]]


@dataclass(frozen=True, slots=True)
class Painted:
    """Where a season lies, and what is true of it."""

    catalog: Path
    works: Any
    days: Days


def solar(rng: np.random.Generator, ground: Ground) -> tuple[SolarWorks, npt.NDArray[np.float32]]:
    works = draw_solar(rng, SIZE_PX, START)
    return works, build_solar(rng, ground, works)


def wind(rng: np.random.Generator, ground: Ground) -> tuple[WindWorks, npt.NDArray[np.float32]]:
    works = draw_works(rng, fields(ground), START, 4)
    return works, build_wind(ground, works)


def hydro(rng: np.random.Generator, ground: Ground) -> tuple[HydroWorks, npt.NDArray[np.float32]]:
    works = draw_hydro(rng, SIZE_PX, START)
    return works, build_hydro(rng, ground, works)


def write_painted(folder: Path, draw: Draw, seed: int, *, every: int = 10) -> Painted:
    """Passes over 640 m in which something is built, with Sentinel-1 every twelve days of wind and hydro."""
    rng = np.random.default_rng(seed)
    ground = draw_ground(rng, SIZE_PX, passes(FIRST, LAST, every), "huanghuai")
    works, built = draw(rng, ground)
    seen = see_ground(rng, ground, built)
    plan = replace(CountyPlan(), size_px=SIZE_PX, left_m=LEFT_M, top_m=TOP_M, epsg=EPSG)
    items = []
    for number, day in enumerate(seen.days):
        elevation, azimuth = (float(angle) for angle in ground.sun[number])
        scene = Scene(pass_time(day.item()), seen.reflectance[number], seen.scl[number], elevation, azimuth)
        items.append(write_scene(folder, plan, scene))
    radar = _radar(folder, rng, works)
    return Painted(save(folder, items, radar), works, seen.days)


def _radar(folder: Path, rng: np.random.Generator, works: Any) -> list[pystac.Item]:
    days = np.arange(np.datetime64(FIRST), np.datetime64(LAST), 12)
    if isinstance(works, WindWorks):
        power = wind_radar(rng, SIZE_PX, days, works)
    elif isinstance(works, HydroWorks):
        power = water_radar(rng, days, works)
    else:
        return []
    return [_pass(folder, day.item(), values) for day, values in zip(days, power, strict=True)]


def _pass(folder: Path, day: date, power: npt.NDArray[np.float32]) -> pystac.Item:
    name = f"S1A_IW_{day:%Y%m%d}_rtc"
    box = in_degrees(shapely.box(LEFT_M, TOP_M - 10 * SIZE_PX, LEFT_M + 10 * SIZE_PX, TOP_M))
    when = datetime.combine(day, time(10, 2), tzinfo=UTC)
    said = {"sat:relative_orbit": 142, "sat:orbit_state": "ascending", "acreline:simulated": True}
    item = pystac.Item(name, mapping(box), list(box.bounds), when, said)
    place = folder.absolute() / RADAR / name
    place.mkdir(parents=True)
    for number, key in enumerate(("vv", "vh")):
        profile = {"height": SIZE_PX, "width": SIZE_PX, "count": 1, "dtype": "float32", "nodata": float("nan")}
        at = Affine(10, 0, LEFT_M, 0, -10, TOP_M)
        with rasterio.open(
            place / f"{key}.tif", "w", driver="GTiff", crs=f"EPSG:{EPSG}", transform=at, **profile
        ) as file:
            file.write(power[number], 1)
        item.add_asset(key, pystac.Asset(str(place / f"{key}.tif")))
    return item


def save(folder: Path, items: list[pystac.Item], radar: list[pystac.Item]) -> Path:
    """A catalogue of items whose files lie in the folder."""
    catalogue = pystac.Catalog("painted", "Simulated scenes with works painted into them")
    for name, members in ((COLLECTION, items), (RADAR, radar)):
        if members:
            collection = pystac.Collection(name, "Simulated", pystac.Extent.from_items(members))
            collection.add_items(members)
            catalogue.add_child(collection)
    catalogue.normalize_and_save(str(folder.absolute()), pystac.CatalogType.SELF_CONTAINED)
    return folder / "catalog.json"


def outline_of(pixels: npt.NDArray[np.bool_]) -> BaseGeometry:
    """Smallest box around some pixels of the painted grid, EPSG:4326."""
    rows, columns = (np.flatnonzero(pixels.any(axis=axis)) for axis in (1, 0))
    left, right = LEFT_M + 10.0 * columns[0], LEFT_M + 10.0 * (columns[-1] + 1)
    top, bottom = TOP_M - 10.0 * rows[0], TOP_M - 10.0 * (rows[-1] + 1)
    return in_degrees(shapely.box(left, bottom, right, top))


def points_of(east_south_m: npt.NDArray[np.float64]) -> tuple[tuple[float, float], ...]:
    """Longitude and latitude of places (k, 2) in metres east and south of the grid's corner."""
    places = gpd.GeoSeries(
        gpd.points_from_xy(LEFT_M + east_south_m[:, 0], TOP_M - east_south_m[:, 1]), crs=EPSG
    ).to_crs(4326)
    return tuple(zip(places.x.tolist(), places.y.tolist(), strict=True))


def in_degrees(outline: BaseGeometry, epsg: int = EPSG) -> BaseGeometry:
    return gpd.GeoSeries([outline], crs=epsg).to_crs(4326).iloc[0]


def planned(site_id: str, outline: BaseGeometry, *, due: tuple[date, date], **plan: Any) -> PlannedSite:
    """A site that is being built on one day and complete on another."""
    milestones = (Milestone(MilestoneKind.BUILDING, due[0]), Milestone(MilestoneKind.COMPLETE, due[1], 1.0))
    said = {"kind": SiteType.SOLAR, "capacity_mw": 10.0, **plan}
    area_ha = float(geodesic_area_ha(gpd.GeoSeries([outline], crs=4326))[0])
    made = SitePlan(row=0, site_id=site_id, outline=outline, milestones=milestones, **said)
    return PlannedSite(made, plan_id=1, geometry_version="1", area_ha=area_ha)
