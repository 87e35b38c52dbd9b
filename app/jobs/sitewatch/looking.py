"""Looks at all sites of a book as of a day: scenes, cubes, measures by site, and a run folder that holds them.

Killed at any moment, the same call goes on; called again, it reads no pixel that it has read.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import pystac

from app.jobs.crew import Crew, Unit
from app.jobs.failures import failures_of
from app.jobs.lock import sole_user
from app.jobs.progress import Reporter
from app.jobs.sitewatch.asking import SiteWatchRequest, check_sites_request
from app.jobs.sitewatch.cubes import SiteCubes, build_cubes, give_up_earlier, plan_cubes
from app.jobs.sitewatch.files import SitesLooked
from app.jobs.sitewatch.grounds import place_of
from app.jobs.sitewatch.measuring import VERSION, SiteJob, measure_site
from app.jobs.sitewatch.publishing import Seen, publish
from app.jobs.sitewatch.scenes import FoundScenes, find_site_scenes
from app.jobs.stages import Workshop
from app.sites.plans import PlannedSite
from app.sites.registering import plan_hash
from geo.errors import AcrelineError, InputError
from geo.files import fingerprint
from geo.sites import SiteType
from models.sites.panels import weights_hash
from tiles.radar.tracks import tracks_of

_MIB: Final = 2**20
#: Measures of a site that are kept beside those of the day.
_KEPT: Final = 3
#: A day whose scenes do not say where the sun stood has no shadow that could be looked for.
_SUN: Final = ("view:sun_elevation", "view:sun_azimuth")


@dataclass(frozen=True, slots=True)
class _Work:
    """A site whose cubes are there: where its measures go, and by what they are kept."""

    site: PlannedSite
    cubes: SiteCubes
    key: str
    folder: Path

    @property
    def stage(self) -> str:
        return f"looks/{self.cubes.place.folder}"


def look_at_sites(
    request: SiteWatchRequest, sites: Sequence[PlannedSite], report: Reporter, clock: Callable[[], datetime]
) -> SitesLooked:
    """Look at sites; one of which nothing can be told is a failure of its own and the others go on.

    A dry run keeps cubes and measures like any other, and puts its run folder beside them, where nothing looks for
    runs.

    Args:
        request: what was asked; its `sites` choose among those given.
        sites: planned sites of the book.
        report: told of progress.
        clock: the clock, for the record.

    Raises:
        InputError: the day lies after today, a source cannot be used, no site is given, or one that was asked for is
            not among them.
        DataError: a folder cannot be written.
    """
    check_sites_request(request, clock())
    chosen = _chosen(request, sites)
    shop = Workshop(request.work)
    with sole_user(request.work), Crew(request.scheduler, request.workers, request.memory_mib) as crew:
        places = {site.plan.site_id: place_of(site.plan) for site in chosen}
        found = find_site_scenes(request, list(places.values()), shop, report)
        failed = dict(found.failed)
        planned, unplanned = _planned(request, chosen, found, shop)
        failed |= unplanned
        failed |= build_cubes(request, list(planned.values()), found.contents, shop, crew, report)
        works = [
            _work(request, site, planned[name], shop) for site in chosen if (name := site.plan.site_id) not in failed
        ]
        failed |= _measured(request, works, shop, crew, report)
        seen = [Seen(work.site, work.cubes, work.folder) for work in works if work.site.plan.site_id not in failed]
        looked = publish(request, chosen, seen, found, failures_of(failed), report, clock)
        give_up_earlier([one.cubes for one in seen])
        for work in works:
            _give_up_measures(work)
    return looked


def _chosen(request: SiteWatchRequest, sites: Sequence[PlannedSite]) -> list[PlannedSite]:
    by_id = {site.plan.site_id: site for site in sites}
    strange = next((name for name in request.sites if name not in by_id), None)
    if strange is not None:
        raise InputError("SITES_UNKNOWN", f"No watched site is called {strange!r}.", "See `acreline sites list`.")
    wanted = sorted(set(request.sites)) if request.sites else sorted(by_id)
    if not wanted:
        raise InputError("SITES_NONE", "No site is watched.", "Import plans: acreline sites import.")
    return [by_id[name] for name in wanted]


def _planned(
    request: SiteWatchRequest, sites: Sequence[PlannedSite], found: FoundScenes, shop: Workshop
) -> tuple[dict[str, SiteCubes], dict[str, AcrelineError]]:
    """Cubes of the sites that have scenes, and why others have none."""
    planned: dict[str, SiteCubes] = {}
    failed: dict[str, AcrelineError] = {}
    for site in sites:
        name = site.plan.site_id
        if name not in found.by_site:
            continue
        cubes = plan_cubes(request, place_of(site.plan), found.by_site[name], found.contents, shop)
        if cubes.optical:
            planned[name] = cubes
        else:
            said = f"No scene of the time that counts touches site {name!r}."
            failed[name] = InputError("SITES_NO_SCENES", said, "Name a catalogue that covers it, or more --past-days.")
    return planned, failed


def _work(request: SiteWatchRequest, site: PlannedSite, cubes: SiteCubes, shop: Workshop) -> _Work:
    """Where the measures of a site go: by its plan, its cubes, how they count as known, and what tells panels."""
    net = weights_hash() if site.plan.kind is SiteType.SOLAR else None
    keys = [quarter.key for quarter in (*cubes.optical, *cubes.radar)]
    seen = [plan_hash(site.plan), site.geometry_version, cubes.place.start, keys, _after(request), net]
    key = fingerprint("looks", VERSION, str(site.plan.kind), *seen)
    stage = f"looks/{cubes.place.folder}"
    return _Work(site, cubes, key, shop.folder(stage, key))


def _after(request: SiteWatchRequest) -> int | None:
    return request.known_after if request.known_by == "sensed" else None


def _measured(
    request: SiteWatchRequest, works: Sequence[_Work], shop: Workshop, crew: Crew, report: Reporter
) -> Mapping[str, AcrelineError]:
    """Measure the sites that are not measured yet, one by worker; why others could not be, by site id."""
    waiting = [work for work in works if not shop.finished(work.stage, work.key)]
    report.begin("Looks", len(waiting))

    def unit(work: _Work) -> Unit:
        return Unit(work.site.plan.site_id, lambda: [(_job(request, work),)], lambda: None)

    failed = crew.attempt(measure_site, map(unit, waiting), lambda: report.advance("Looks"))
    made = len(waiting) - len(failed)
    report.end("Looks", f"{made} of {len(works)} sites measured" if waiting else "nothing to do")
    return failed


def _give_up_measures(work: _Work) -> None:
    """Take away measures of a site but the latest few: those of days that are asked for in turn."""
    others = [folder for folder in work.folder.parent.iterdir() if folder != work.folder]
    others.sort(key=lambda folder: folder.stat().st_mtime, reverse=True)
    for folder in others[_KEPT:]:
        shutil.rmtree(folder)


def _job(request: SiteWatchRequest, work: _Work) -> SiteJob:
    scenes = work.cubes.scenes
    return SiteJob(
        plan=work.site.plan,
        place=work.cubes.place,
        cubes=tuple(quarter.folder for quarter in work.cubes.optical),
        radar=tuple(quarter.folder for quarter in work.cubes.radar),
        tracks=tracks_of(scenes.radar),
        sun=_sun(scenes.items),
        known_after=_after(request),
        memory_bytes=request.memory_mib * _MIB,
        folder=work.folder,
    )


def _sun(items: Sequence[pystac.Item]) -> dict[str, tuple[float, float]]:
    """Elevation and azimuth of the sun by scene, degrees; scenes that do not say them are left out."""
    found = {}
    for item in items:
        elevation, azimuth = (item.properties.get(name) for name in _SUN)
        if isinstance(elevation, int | float) and isinstance(azimuth, int | float):
            found[item.id] = float(elevation), float(azimuth)
    return found
