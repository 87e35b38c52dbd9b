"""Cubes of a run's tiles: the optical ones, and radar beside them where the network shall see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.jobs.contents import Contents
from app.jobs.crew import Crew
from app.jobs.imagery import CubeWork
from app.jobs.measure import TileWork, note
from app.jobs.progress import Reporter
from app.jobs.radar import RadarWork, or_without_radar
from app.jobs.stages import Stage, Workshop
from app.jobs.units import Work, build_all
from geo.errors import AcrelineError


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind of cube.

    Attributes:
        label: name on the progress bar.
        what: name of the stage.
        planned: the work, given the tile and where its cube goes: the folder of its stage is the store, and the
            store's manifest commits the stage.
    """

    label: str
    what: str
    planned: Callable[[TileWork, Path], Work]


_OPTICAL: Final = _Kind(
    "Imagery",
    "cube",
    lambda work, place: CubeWork(work.plan.key.name, work.items, work.plan.cube, place, work.rules, work.masking),
)
_RADAR: Final = _Kind(
    "Radar", "radar", lambda work, place: RadarWork(work.plan.key.name, work.radar, work.plan.cube, str(place))
)


def make_cubes(
    shop: Workshop, works: Sequence[TileWork], contents: Contents, crew: Crew, report: Reporter
) -> tuple[dict[str, Stage], Mapping[str, AcrelineError]]:
    """The season's cube of every tile by name, and why there is none of the others."""
    return _make(_OPTICAL, shop, works, contents, crew, report)


def make_radars(
    shop: Workshop, works: Sequence[TileWork], contents: Contents, crew: Crew, report: Reporter
) -> tuple[dict[str, Stage], Mapping[str, AcrelineError]]:
    """The radar cube of every tile that a radar scene touches, by name, and why others of these have none."""
    beside = [work for work in works if work.radar]
    if not beside:
        return {}, {}
    stages, failed = _make(_RADAR, shop, beside, contents, crew, report)
    return stages, {name: or_without_radar(error) for name, error in failed.items()}


def _make(
    kind: _Kind, shop: Workshop, works: Sequence[TileWork], contents: Contents, crew: Crew, report: Reporter
) -> tuple[dict[str, Stage], Mapping[str, AcrelineError]]:
    waiting = {
        work.plan.key.name: kind.planned(work, shop.folder(work.stage_name(kind.what), work.keys[kind.what]))
        for work in works
        if not shop.finished(work.stage_name(kind.what), work.keys[kind.what])
    }
    built = build_all(kind.label, list(waiting.values()), contents, crew, report)
    stages = {
        name: shop.adopt(work.stage_name(kind.what), work.keys[kind.what], reused=name not in waiting)
        for work in works
        if (name := work.plan.key.name) not in built.failed
    }
    report.end(kind.label, note(list(stages.values())))
    return stages, built.failed
