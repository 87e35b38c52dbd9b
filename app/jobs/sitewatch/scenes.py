"""Scenes of sites: looked for where sites lie together, what was known by the day, and what the guard says of them."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import pystac

from app.jobs.contents import Contents, judged, look_into
from app.jobs.patience import patiently
from app.jobs.progress import Reporter
from app.jobs.publish import write_json
from app.jobs.sitewatch.asking import SiteWatchRequest
from app.jobs.sitewatch.grounds import SitePlace
from app.jobs.stages import Workshop
from geo.errors import AcrelineError, InputError
from geo.files import fingerprint
from geo.grid import Bounds
from geo.lonlat import around_points
from geo.season import Season
from tiles.facts import known_at
from tiles.guard import ReflectanceRule
from tiles.plan import touching
from tiles.sources.base import acquired_at
from tiles.sources.opening import name_of, open_source, radar_source

#: Sites in the same cell, degrees, are looked for together.
_CELL_DEGREES: Final = 0.25
#: A search spans so many calendar years: seasons are not longer.
_YEARS: Final = 2
#: Errors of a search that say that there is nothing in its time or place.
_NOTHING: Final = frozenset(("NO_SCENES", "OUTSIDE_IMAGERY"))
_VERSION: Final = 1

_Search = Callable[[Bounds, Season], list[pystac.Item]]


@dataclass(frozen=True, slots=True)
class SiteScenes:
    """Scenes of one site, each acquired and known by the day.

    Attributes:
        items: optical.
        rules: reflectance rules by item id.
        radar: Sentinel-1.
    """

    items: tuple[pystac.Item, ...]
    rules: Mapping[str, ReflectanceRule]
    radar: tuple[pystac.Item, ...]


@dataclass(frozen=True, slots=True)
class FoundScenes:
    """Scenes of all sites.

    Attributes:
        by_site: scenes by site id.
        contents: of all scenes.
        verdicts: of the guard, as a run record holds them, by cell.
        failed: why a site has none, by its id.
    """

    by_site: Mapping[str, SiteScenes]
    contents: Contents
    verdicts: Mapping[str, Any]
    failed: Mapping[str, AcrelineError]


@dataclass(frozen=True, slots=True)
class _Cell:
    """Sites that lie together, and the scenes around them.

    Attributes:
        name: of the cell.
        box: the cell, degrees: what the guard looks at, whichever sites are asked for.
        places: sites whose grids begin in it.
        items: optical scenes.
        radar: Sentinel-1 scenes.
    """

    name: str
    box: Bounds
    places: tuple[SitePlace, ...]
    items: tuple[pystac.Item, ...] = ()
    radar: tuple[pystac.Item, ...] = ()

    @property
    def bounds(self) -> Bounds:
        edges = [place.bounds for place in self.places]
        west_east = [lon for west, _, east, _ in edges for lon in (west, east)]
        return around_points(west_east, [lat for _, south, _, north in edges for lat in (south, north)])


def find_site_scenes(
    request: SiteWatchRequest, places: Sequence[SitePlace], shop: Workshop, report: Reporter
) -> FoundScenes:
    """Scenes of sites from before works until the day; a site that has none, or unusable ones, is a failure of its own.

    Args:
        request: what was asked.
        places: of the sites.
        shop: keeps what the guard said.
        report: told of every group of sites.

    Raises:
        InputError: a source cannot be used at all.
    """
    cells = list(_cells(places))
    report.begin("Scenes", len(cells))
    failed: dict[str, AcrelineError] = {}
    found = []
    for cell in cells:
        try:
            found.append(_found(request, cell))
        except AcrelineError as error:
            if isinstance(error, InputError) and error.code not in _NOTHING:
                raise
            failed |= {place.ground.site_id: error for place in cell.places}
        report.advance("Scenes")
    items = {item.id: item for cell in found for item in (*cell.items, *cell.radar)}
    contents = look_into(list(items.values()))
    by_site, verdicts = _of_sites(found, contents, shop, failed)
    report.end("Scenes", f"{len(items)} scenes of {len(by_site)} sites")
    return FoundScenes(by_site, contents, verdicts, failed)


def _of_sites(
    cells: Sequence[_Cell], contents: Contents, shop: Workshop, failed: dict[str, AcrelineError]
) -> tuple[dict[str, SiteScenes], dict[str, Any]]:
    by_site: dict[str, SiteScenes] = {}
    verdicts: dict[str, Any] = {}
    for cell in cells:
        try:
            rules, verdicts[cell.name] = _rules(cell, contents, shop) if cell.items else ({}, [])
        except AcrelineError as error:
            failed |= {place.ground.site_id: error for place in cell.places}
            continue
        for place in cell.places:
            near = tuple(touching(cell.items, place.geobox))
            own = {item.id: rules[item.id] for item in near if item.id in rules}
            if near:
                by_site[place.ground.site_id] = SiteScenes(near, own, tuple(touching(cell.radar, place.geobox)))
            else:
                failed[place.ground.site_id] = _no_scene(place.ground.site_id)
    return by_site, verdicts


def _no_scene(site_id: str) -> InputError:
    said = f"No scene that was known by the day touches site {site_id!r}."
    return InputError("SITES_NO_SCENES", said, "Name a catalogue that covers the site.")


def _cells(places: Sequence[SitePlace]) -> Iterator[_Cell]:
    groups: dict[tuple[int, int], list[SitePlace]] = {}
    for place in sorted(places, key=lambda place: place.ground.site_id):
        west, south, _, _ = place.bounds
        corner = math.floor(west / _CELL_DEGREES), math.floor(south / _CELL_DEGREES)
        groups.setdefault(corner, []).append(place)
    for (x, y), group in sorted(groups.items()):
        west, south = x * _CELL_DEGREES, y * _CELL_DEGREES
        yield _Cell(f"{x}_{y}", (west, south, west + _CELL_DEGREES, south + _CELL_DEGREES), tuple(group))


def _found(request: SiteWatchRequest, cell: _Cell) -> _Cell:
    first = min(place.start for place in cell.places) - timedelta(days=request.past_days)
    optical = open_source(request.catalog, request.access)
    items = _searched(optical.search, cell.bounds, first, request)
    if request.radar is None or not items:
        return replace(cell, items=items)
    beside = radar_source(open_source(request.radar, request.access), name_of(request.radar))
    radar = _searched(
        lambda bounds, season: beside.search_radar(bounds, season, request.radar_kind), cell.bounds, first, request
    )
    return replace(cell, items=items, radar=radar)


def _searched(search: _Search, bounds: Bounds, first: date, request: SiteWatchRequest) -> tuple[pystac.Item, ...]:
    """Scenes from a day on that were acquired and known by the day of the request."""
    items: list[pystac.Item] = []
    for year in range(first.year, request.as_of.year + 1, _YEARS):
        season = Season(date(year, 1, 1), date(year + _YEARS - 1, 12, 31))
        try:
            items += patiently(search, bounds, season)
        except InputError as error:
            if error.code not in _NOTHING:
                raise
    return tuple(item for item in items if acquired_at(item).date() >= first and _is_known(item, request))


def _is_known(item: pystac.Item, request: SiteWatchRequest) -> bool:
    acquired = acquired_at(item)
    if request.known_by == "sensed":
        return acquired.date() + timedelta(days=request.known_after) <= request.as_of
    return max(acquired, known_at(item)) < request.known_by_end_of


def _rules(cell: _Cell, contents: Contents, shop: Workshop) -> tuple[dict[str, ReflectanceRule], Any]:
    """Rules and verdicts of the guard, asked once for the same scenes.

    Raises:
        DataError: a group of scenes is no reflectance that can be used.
    """

    def write(folder: Path) -> None:
        assessed = judged(cell.items, contents, cell.box)
        rules = {name: asdict(rule) for name, rule in assessed.rules.items()}
        write_json(folder / "verdicts.json", {"rules": rules, "groups": assessed.record()})

    hashes = {item.id: contents.hashes.get(item.id) for item in cell.items}
    key = fingerprint("guard", _VERSION, hashes, cell.box)
    stage = shop.stage(f"guard/{cell.name}", key, write)
    said = json.loads((stage.folder / "verdicts.json").read_bytes())
    return {name: ReflectanceRule(**rule) for name, rule in said["rules"].items()}, said["groups"]
