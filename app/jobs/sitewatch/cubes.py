"""Cubes of sites, a unit by site and calendar quarter: a later watch reads the quarters whose scenes have changed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path
from typing import Final

import pystac

from app.jobs.contents import Contents
from app.jobs.crew import Crew
from app.jobs.imagery import CubeWork
from app.jobs.progress import Reporter
from app.jobs.radar import RadarWork
from app.jobs.sitewatch.asking import SiteWatchRequest
from app.jobs.sitewatch.grounds import SitePlace
from app.jobs.sitewatch.scenes import SiteScenes
from app.jobs.stages import Workshop
from app.jobs.units import Work, build_all
from geo.errors import AcrelineError
from geo.files import fingerprint
from tiles.facts import solar_day
from tiles.guard import ReflectanceRule
from tiles.plan import middle_lon
from tiles.store import is_complete, open_cube

#: Raised by hand when what a cube holds changes in meaning.
_VERSION: Final = {"cube": 1, "radar": 1}
_QUARTER_MONTHS: Final = 3


@dataclass(frozen=True, slots=True)
class Quarter:
    """One cube of one site.

    Attributes:
        site_id: the site.
        stage: "cube/<site>/2024Q1".
        key: fingerprint of all that it rests on.
        items: its scenes.
        folder: where it lies.
    """

    site_id: str
    stage: str
    key: str
    items: tuple[pystac.Item, ...]
    folder: Path


@dataclass(frozen=True, slots=True)
class SiteCubes:
    """Cubes of one site in the order of their quarters.

    Attributes:
        place: the site on its grid.
        scenes: what they are made of.
        optical: cubes of Sentinel-2.
        radar: cubes of Sentinel-1.
    """

    place: SitePlace
    scenes: SiteScenes
    optical: tuple[Quarter, ...]
    radar: tuple[Quarter, ...]


def plan_cubes(
    request: SiteWatchRequest, place: SitePlace, scenes: SiteScenes, contents: Contents, shop: Workshop
) -> SiteCubes:
    """Cubes of a site; nothing is built yet.

    Args:
        request: gives the past and the masks.
        place: the site.
        scenes: its scenes.
        contents: of them.
        shop: gives the folders.
    """
    lon = middle_lon(place.geobox)
    first = place.start - timedelta(days=request.past_days)
    masking = [request.masking.method, request.masking.dilate_px, request.masking.outliers]

    def made(what: str, items: Sequence[pystac.Item], further: object) -> Iterator[Quarter]:
        dated = sorted(((solar_day(item, lon), item.id, item) for item in items), key=lambda one: one[:2])
        wanted = [(day, item) for day, _, item in dated if day >= first]
        for label, group in groupby(wanted, key=lambda one: _label(one[0])):
            own = tuple(item for _, item in group)
            rules = [scenes.rules.get(item.id) for item in own]
            hashes = [[item.id, contents.hashes.get(item.id)] for item in own]
            key = fingerprint(what, _VERSION[what], _grid(place), hashes, rules, further)
            stage = f"{what}/{place.folder}/{label}"
            yield Quarter(place.ground.site_id, stage, key, own, shop.folder(stage, key))

    return SiteCubes(
        place, scenes, tuple(made("cube", scenes.items, masking)), tuple(made("radar", scenes.radar, None))
    )


def _label(day: date) -> str:
    return f"{day.year}Q{(day.month - 1) // _QUARTER_MONTHS + 1}"


def _grid(place: SitePlace) -> list[object]:
    return [str(place.geobox.crs), list(place.geobox.transform)[:6], list(place.geobox.shape.yx)]


def build_cubes(
    request: SiteWatchRequest,
    sites: Sequence[SiteCubes],
    contents: Contents,
    shop: Workshop,
    crew: Crew,
    report: Reporter,
) -> Mapping[str, AcrelineError]:
    """Build the quarters that are not there; why sites of which one could not be built have failed, by site id.

    Killed at any moment, the same call goes on with the block at which it was.

    Args:
        request: how masks are made.
        sites: their cubes.
        contents: of all scenes.
        shop: knows which quarters are finished.
        crew: the workers, hired only where something is left to build.
        report: told of every block.
    """
    optical = {
        quarter.stage: _cube_work(request, site, quarter) for site in sites for quarter in _waiting(site.optical, shop)
    }
    radar = {
        quarter.stage: RadarWork(quarter.stage, quarter.items, site.place.geobox, str(quarter.folder))
        for site in sites
        for quarter in _waiting(site.radar, shop)
    }
    owner = {quarter.stage: quarter.site_id for site in sites for quarter in (*site.optical, *site.radar)}
    failed = _built("Cubes", optical, contents, crew, report)
    if any(site.radar for site in sites):
        failed |= _built("Radar", radar, contents, crew, report)
    return {owner[stage]: error for stage, error in sorted(failed.items(), reverse=True)}


def _waiting(quarters: Sequence[Quarter], shop: Workshop) -> Iterator[Quarter]:
    return (quarter for quarter in quarters if not shop.finished(quarter.stage, quarter.key))


def _cube_work(request: SiteWatchRequest, site: SiteCubes, quarter: Quarter) -> CubeWork:
    rules: dict[str, ReflectanceRule] = {
        item.id: site.scenes.rules[item.id] for item in quarter.items if item.id in site.scenes.rules
    }
    work = CubeWork(quarter.stage, quarter.items, site.place.geobox, quarter.folder, rules)
    return replace(work, masking=request.masking)


def _built(
    label: str, works: Mapping[str, Work], contents: Contents, crew: Crew, report: Reporter
) -> dict[str, AcrelineError]:
    built = build_all(label, list(works.values()), contents, crew, report)
    made = len(works) - len(built.failed)
    report.end(label, f"{made} quarters of sites made" if works else "nothing to do")
    return dict(built.failed)


def give_up_earlier(sites: Sequence[SiteCubes]) -> None:
    """Take away cubes of a quarter whose scenes are all in a newer cube of it."""
    for site in sites:
        for quarter in (*site.optical, *site.radar):
            held = {item.id for item in quarter.items}
            for other in quarter.folder.parent.iterdir():
                if other != quarter.folder and _scenes_of(other) <= held:
                    shutil.rmtree(other)


def _scenes_of(place: Path) -> set[str]:
    """Ids of the scenes of a finished cube; none where it was not finished."""
    if not is_complete(place):
        return set()
    items = open_cube(place, verify=False, unpack=False)["items"].to_numpy()
    return {name for names in items for name in str(names).split()}
