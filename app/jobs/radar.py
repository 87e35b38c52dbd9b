"""Radar beside optical cubes, on the same tiles and grids: which scenes a run reads, and their cubes as work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import pystac
from odc.geo.geobox import GeoBox

from app.jobs.contents import Contents, require_usable
from app.jobs.request import ObservationRequest
from geo.errors import AcrelineError, DataError, InputError, TransientError
from geo.grid import Bounds
from geo.season import Season
from models.card import ModelCard
from tiles.radar.build import RadarBuild
from tiles.radar.plan import plan_radar
from tiles.radar.scenes import KIND_PROPERTY
from tiles.sources.base import Source
from tiles.sources.opening import name_of, radar_source

#: Whether a run reads radar: it does; not on request; the network reads none; the source has none; it cannot be used.
Use: TypeAlias = Literal["read", "left out", "not known to the network", "none", "unusable"]

#: Errors of a search that say that there is nothing to find.
_NOTHING = frozenset(("NO_SENTINEL1", "NO_SCENES", "OUTSIDE_IMAGERY"))


@dataclass(frozen=True, slots=True)
class RadarScenes:
    """Radar scenes of a run.

    Attributes:
        use: whether they are read.
        items: those that are read, all sigma0.
        why: where the source has none that can be used, one line that says so.
    """

    use: Use
    items: tuple[pystac.Item, ...] = ()
    why: str = ""

    def record(self) -> dict[str, object]:
        """Entry of a run record."""
        return {"use": self.use, "scenes": len(self.items), "why": self.why}


@dataclass(frozen=True, slots=True)
class RadarWork:
    """One radar cube to be built.

    Attributes:
        name: of its tile.
        items: accepted radar scenes that touch it.
        geobox: its grid, that of the tile's optical cube.
        place: where it goes: a local folder, or an address such as s3://bucket/prefix.
        season: gives ten-day steps; None where none are wanted.
        steps: place of the steps, where they are wanted.
    """

    name: str
    items: tuple[pystac.Item, ...]
    geobox: GeoBox
    place: str
    season: Season | None = None
    steps: str | None = None

    def planned(self, contents: Contents) -> RadarBuild:
        """The build; an AcrelineError where one of its scenes cannot be used or two kinds are mixed."""
        require_usable(self.items, contents)
        plan = plan_radar(self.items, self.geobox, hashes=contents.hashes)
        return RadarBuild(plan, self.place, self.season, self.steps)


def radar_of(request: ObservationRequest, card: ModelCard, source: Source, area: Bounds) -> RadarScenes:
    """Radar scenes that a run reads beside the optical ones, or why it reads none.

    Args:
        request: what was asked.
        card: of the network.
        source: of the optical scenes.
        area: box in degrees.

    Raises:
        DataError: a radar file is missing or damaged, as far as a search can tell.
        TransientError: the source does not answer.
    """
    if not request.radar:
        return RadarScenes("left out")
    if not card.network.radar:
        return RadarScenes("not known to the network")
    try:
        beside = radar_source(source, name_of(request.catalog))
        items = tuple(beside.search_radar(area, request.season, request.radar_kind))
    except InputError as error:
        return RadarScenes("none" if error.code in _NOTHING else "unusable", why=_why(error))
    except (DataError, TransientError) as error:
        raise or_without_radar(error) from error
    return _of_one_kind(items)


def or_without_radar(error: AcrelineError) -> AcrelineError:
    """An error of radar with one more remedy."""
    remedy = f"{error.remedy} Or leave --radar out.".lstrip()
    return type(error)(error.code, error.message, remedy, **error.context)


def _why(error: InputError) -> str:
    """What is wrong with the scenes, and how they can be read: gamma0, which cubes accept too, would not do."""
    if error.code == "RAW_GRD":
        return f"{error.message} Where it is, declare it with --radar-kind sigma0."
    return error.message


def _of_one_kind(items: tuple[pystac.Item, ...]) -> RadarScenes:
    """Scenes of sigma0; none at all where one is gamma0, which the network has not learned."""
    other = next((item for item in items if item.properties[KIND_PROPERTY] != "sigma0"), None)
    if other is None:
        return RadarScenes("read", items)
    why = (
        f"Scene {other.id} holds {other.properties[KIND_PROPERTY]}; the network has learned sigma0, which does not "
        "follow from it without the angle of incidence."
    )
    return RadarScenes("unusable", why=why)
