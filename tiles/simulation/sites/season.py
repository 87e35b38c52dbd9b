"""Simulated energy sites written as scenes, STAC items, a file of plans and the truth by date."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pystac

from geo.errors import DataError
from tiles.simulation.catalogue import COLLECTION, Collected, Named, Scene, pass_time, save_catalogue, write_scene
from tiles.simulation.clouds import apply_sky, classify_scene, draw_sky
from tiles.simulation.sensor import add_noise, disturb_days
from tiles.simulation.sites import radarpass
from tiles.simulation.sites.asked import SitesPlan
from tiles.simulation.sites.land import Land, draw_land
from tiles.simulation.sites.placed import Placed, place
from tiles.simulation.sites.planfile import write_plans, write_truth
from tiles.simulation.spectra import Floats

#: Raise when the simulation changes, so that seasons written before are written anew.
_VERSION: Final = 1
#: Lands that are drawn until all sites find room.
_LANDS: Final = 10
#: Scenes with more cloud than this are not ordered: they would show nothing.
_OVERCAST: Final = 0.9
_NAMED: Final = Named(
    "acreline-simulated-sites",
    "Simulated energy sites (not an observation)",
    "Simulated Sentinel-2 L2A and Sentinel-1 RTC of energy sites in the making. Nothing in it was observed.",
)
_OPTICAL: Final = Named(
    COLLECTION,
    "Simulated Sentinel-2 L2A",
    "Simulated surface reflectance and scene classification; not an observation.",
)

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class SimulatedSites:
    """Where simulated sites lie.

    Attributes:
        catalog: STAC catalogue of the optical scenes, and of the radar's where there are any.
        radar: catalogue of the radar's passes (the same file); None where none were asked for.
        plans: plans of the sites, as `acreline sites import` takes them (GeoJSON).
        truth: what is built by day (Parquet: site_id, date, share, outside_m2); for tests only.
        first: first day of acquisition.
        last: last day.
    """

    catalog: Path
    radar: Path | None
    plans: Path
    truth: Path
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class _Drawn:
    """All that a plan is painted from: land, works, and each window (t, b, y, x) with its works."""

    plan: SitesPlan
    land: Land
    placed: tuple[Placed, ...]
    built: tuple[Floats, ...]


def write_site_season(folder: Path, plan: SitesPlan, progress: Progress | None = None) -> SimulatedSites:
    """Write a season of simulated sites; one that is already there, complete and from the same plan, is left alone.

    Args:
        folder: made where it is missing.
        plan: the same plan gives the same bytes.
        progress: told (scenes done, scenes in all) after each scene; overcast ones count though none is written.

    Raises:
        DataError: a file cannot be written, or the sites find no room on the land.
    """
    catalog, plans, truth = (folder / name for name in ("catalog.json", "plans.geojson", "truth.parquet"))
    done = SimulatedSites(catalog, catalog if plan.tracks else None, plans, truth, plan.days[0], plan.days[-1])
    if _is_written(done, plan):
        return done
    folder.mkdir(parents=True, exist_ok=True)
    done.catalog.unlink(missing_ok=True)
    drawn = _draw(plan)
    write_plans(done.plans, plan, drawn.placed)
    write_truth(done.truth, plan.days, drawn.placed)
    total = len(plan.days) + len(plan.radar_days)
    optical = _write_optical(folder, drawn, lambda number: progress and progress(number, total))
    radar = _write_radar(folder, drawn, lambda number: progress and progress(len(plan.days) + number, total))
    parts = [Collected(_OPTICAL, optical), Collected(radarpass.COLLECTED, radar)]
    save_catalogue(folder, _NAMED, [part for part in parts if part.items], plan_hash(plan))
    return done


def plan_hash(plan: SitesPlan) -> str:
    """Hash of what a season is made from."""
    text = json.dumps([_VERSION, asdict(plan)], default=str, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _is_written(sites: SimulatedSites, plan: SitesPlan) -> bool:
    if not all(path.is_file() for path in (sites.catalog, sites.plans, sites.truth)):
        return False
    written: object = json.loads(sites.catalog.read_text(encoding="utf-8")).get("acreline:plan")
    return written == plan_hash(plan)


def _draw(plan: SitesPlan) -> _Drawn:
    """Land on which all sites find room, with their works."""
    for attempt in range(_LANDS):
        land = draw_land(np.random.default_rng([plan.seed, 1, attempt]), plan.size_px, plan.days, plan.region)
        try:
            placed = tuple(place([plan.seed, 2, at], land, asked) for at, asked in enumerate(plan.sites))
        except DataError as error:
            failure = error
            continue
        built = (one.built(_rng(plan, 3, at), land.part(one.asked.window)) for at, one in enumerate(placed))
        return _Drawn(plan, land, placed, tuple(built))
    raise failure


def _rng(plan: SitesPlan, *stream: int) -> np.random.Generator:
    return np.random.default_rng([plan.seed, *stream])


def _write_optical(folder: Path, drawn: _Drawn, told: Callable[[int], object]) -> list[pystac.Item]:
    items = []
    for number, scene in enumerate(_scenes(drawn), start=1):
        if scene is not None:
            items.append(write_scene(folder, drawn.plan, scene))
        told(number)
    return items


def _scenes(drawn: _Drawn) -> Iterator[Scene | None]:
    """Acquisitions one at a time, None for an overcast one: the whole season never lies in memory."""
    for time, share in enumerate(drawn.land.cloud):
        yield None if share > _OVERCAST else _scene(drawn, time, float(share), _rng(drawn.plan, 4, time))


def _scene(drawn: _Drawn, time: int, share: float, rng: np.random.Generator) -> Scene:
    elevation, azimuth = (float(angle) for angle in drawn.land.sun[time])
    clear = _disturbed(_with_sites(drawn, time), rng)
    sky = draw_sky(rng, drawn.plan.size_px, share, elevation, azimuth)
    seen = apply_sky(clear, sky)
    scl: npt.NDArray[np.uint8] = classify_scene(clear, seen, sky, rng)
    return Scene(pass_time(drawn.land.days[time]), add_noise(seen, rng), scl, elevation, azimuth)


def _with_sites(drawn: _Drawn, time: int) -> Floats:
    """(b, y, x) the land of one day with what stands on it."""
    clear = drawn.land.on(time)
    for one, built in zip(drawn.placed, drawn.built, strict=True):
        rows, columns = one.asked.window.slices
        clear[:, rows, columns] = built[time]
    return clear


def _disturbed(clear: Floats, rng: np.random.Generator) -> Floats:
    """What a whole acquisition shares: haze, calibration, angles."""
    pixels = clear.reshape(len(clear), 1, -1).transpose(2, 1, 0)
    moved = disturb_days(pixels, rng).transpose(2, 1, 0)
    return np.ascontiguousarray(moved).reshape(clear.shape)


def _write_radar(folder: Path, drawn: _Drawn, told: Callable[[int], object]) -> list[pystac.Item]:
    if not drawn.plan.tracks:
        return []
    items, shared = [], radarpass.draw_backscatter(drawn.plan, drawn.placed)
    for number, (track, day) in enumerate(drawn.plan.radar_days, start=1):
        power = radarpass.pass_power(shared, drawn.placed, track, day)
        items.append(radarpass.write_pass(folder, drawn.plan, track, day, power))
        told(number)
    return items
