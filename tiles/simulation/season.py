"""The embedded season: a simulated county written as scenes, STAC items and a parcel book."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np

from geo.season import Season
from tiles.simulation.calendars import Region
from tiles.simulation.catalogue import COLLECTION, Collected, Named, Scene, pass_time, save_catalogue, write_scene
from tiles.simulation.chips import WITHIN_PLOT, draw_texture
from tiles.simulation.clouds import apply_sky, classify_scene, draw_sky
from tiles.simulation.county import County, CountyPlan, build_county
from tiles.simulation.ledger import make_book, write_book
from tiles.simulation.plots import VIGOUR_STEP, plots_reflectance
from tiles.simulation.sensor import add_noise, disturb_days
from tiles.simulation.spectra import Floats
from tiles.simulation.weather import cloud_shares, soil_moisture, sun_angles

#: Raise when the simulation changes, so that seasons written before are written anew.
_VERSION: Final = 2

_CATALOGUE: Final = Named(
    "acreline-simulated",
    "Simulated county (not an observation)",
    "Simulated Sentinel-2 L2A season over a simulated county in the Huang-Huai plain. Nothing in it was observed.",
)
_COLLECTED: Final = Named(
    COLLECTION,
    "Simulated Sentinel-2 L2A",
    "Simulated surface reflectance and scene classification; not an observation.",
)

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class SimulatedSeason:
    """Where a simulated season lies.

    Attributes:
        catalog: STAC catalogue, the input of a run.
        parcels: parcel book (GeoPackage, EPSG:4490), the other input.
        season: first and last day.
        truth: what grows on each parcel (Parquet: parcel_id, cycle, crop, main, vigour_pct); for tests only.
    """

    catalog: Path
    parcels: Path
    season: Season
    truth: Path


def write_season(
    folder: Path, *, seed: int = 7, progress: Progress | None = None, plan: CountyPlan | None = None
) -> SimulatedSeason:
    """Write a simulated season; one that is already there, complete and from the same plan, is left alone.

    Args:
        folder: made where it is missing.
        seed: of all randomness; the same seed gives the same bytes.
        progress: told (scenes written, scenes in all) after each scene.
        plan: another county than the embedded one; its own seed then counts.

    Raises:
        DataError: a file cannot be written.
    """
    chosen = plan or CountyPlan(seed=seed)
    done = SimulatedSeason(folder / "catalog.json", folder / "parcels.gpkg", chosen.season, folder / "truth.parquet")
    if _is_written(done, chosen):
        return done
    folder.mkdir(parents=True, exist_ok=True)
    done.catalog.unlink(missing_ok=True)
    county = build_county(chosen)
    write_book(make_book(county), done.parcels, done.truth)
    items = []
    for number, scene in enumerate(_scenes(county), start=1):
        items.append(write_scene(folder, chosen, scene))
        if progress is not None:
            progress(number, len(chosen.days))
    collected = Collected(_COLLECTED, items)
    save_catalogue(folder, replace(_CATALOGUE, id=f"{_CATALOGUE.id}-{chosen.seed}"), [collected], plan_hash(chosen))
    return done


def plan_hash(plan: CountyPlan) -> str:
    """Hash of what a season is made from."""
    text = json.dumps([_VERSION, asdict(plan)], default=str, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _is_written(season: SimulatedSeason, plan: CountyPlan) -> bool:
    if not (season.catalog.is_file() and season.parcels.is_file() and season.truth.is_file()):
        return False
    written: object = json.loads(season.catalog.read_text(encoding="utf-8")).get("acreline:plan")
    return written == plan_hash(plan)


def _scenes(county: County) -> Iterator[Scene]:
    """Acquisitions one at a time: the whole season never lies in memory."""
    plan, region = county.plan, county.plots.region
    rng = np.random.default_rng([plan.seed, 3])
    moisture = soil_moisture(region, plan.days, rng)
    series, slope = plots_reflectance(county.plots, plan.days, moisture, rng)
    series = disturb_days(series, rng)
    texture = draw_texture(rng, plan.size_px) * (WITHIN_PLOT / VIGOUR_STEP)
    shares = cloud_shares(region, plan.days, rng)
    for number, day in enumerate(plan.days):
        clear = county.mosaic.paint(series[:, number]) + texture * county.mosaic.paint(slope[:, number])
        yield _scene(clear, region, day, float(shares[number]), np.random.default_rng([plan.seed, 4, number]))


def _scene(clear: Floats, region: Region, day: date, share: float, rng: np.random.Generator) -> Scene:
    when = pass_time(day)
    elevation, azimuth = sun_angles(region.lon, region.lat, day, when.hour + when.minute / 60.0)
    sky = draw_sky(rng, clear.shape[-1], share, elevation, azimuth)
    seen = apply_sky(clear, sky)
    scl = classify_scene(clear, seen, sky, rng)
    return Scene(when, add_noise(seen, rng), scl, elevation, azimuth)
