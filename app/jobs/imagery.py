"""Cubes of many tiles at once: each tile and season is a unit that is finished or fails by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pystac
from odc.geo.geobox import GeoBox

from app.jobs.crew import Crew, Job, Unit
from app.jobs.patience import patiently
from geo.errors import AcrelineError
from geo.grid import Bounds
from geo.season import Season
from tiles.build import begin, blocks_of, build_block, commit
from tiles.clear import Masking
from tiles.composite import StepsPlan, begin_steps, build_cube_and_steps_block, steps_blocks
from tiles.facts import content_hashes
from tiles.guard import ReflectanceRule
from tiles.guard.season import assess_items
from tiles.guard.verdicts import Assessment
from tiles.plan import CubePlan, plan_cube
from tiles.reader import Window
from tiles.steps import Statistic
from tiles.store import commit as commit_store

_AT_ONCE: Final = 8
_MIB: Final = 2**20


@dataclass(frozen=True, slots=True)
class Contents:
    """What scenes hold, as far as it can be told without their pixels.

    Attributes:
        hashes: content hash by item id.
        faults: why a scene cannot be used, by item id.
    """

    hashes: Mapping[str, str]
    faults: Mapping[str, AcrelineError]


@dataclass(frozen=True, slots=True)
class WantedSteps:
    """Ten-day steps of a cube, which are made from the same reading.

    Attributes:
        place: where they go.
        season: gives the steps.
        statistic: of the clear acquisitions of a step.
    """

    place: str | Path
    season: Season
    statistic: Statistic

    def planned(self, cube: CubePlan) -> StepsPlan:
        """Plan of the steps."""
        return StepsPlan(cube, self.season, self.statistic)


@dataclass(frozen=True, slots=True)
class CubeWork:
    """One cube to be built.

    Attributes:
        name: of its tile.
        items: scenes that touch it.
        geobox: its grid.
        place: where it goes: a local folder, or an address such as s3://bucket/prefix.
        rules: reflectance rule by item id; an item that is not there is judged by its own metadata.
        masking: how clear pixels are told from others.
        steps: ten-day steps that are wanted beside the cube.
    """

    name: str
    items: tuple[pystac.Item, ...]
    geobox: GeoBox
    place: str | Path
    rules: Mapping[str, ReflectanceRule] = field(default_factory=dict)
    masking: Masking = field(default_factory=Masking)
    steps: WantedSteps | None = None

    def planned(self, hashes: Mapping[str, str]) -> CubePlan:
        """Plan of the cube; InputError where no scene touches it."""
        return plan_cube(self.items, self.geobox, hashes=hashes, rules=self.rules, masking=self.masking)


@dataclass(frozen=True, slots=True)
class Built:
    """What became of some cubes.

    Attributes:
        failed: why each cube could not be built, by its name.
        kept: names of those that were there already.
    """

    failed: Mapping[str, AcrelineError]
    kept: frozenset[str]


def look_into(items: Sequence[pystac.Item]) -> Contents:
    """Content hash of every scene; a scene whose files cannot be read is a fault of its own, not of the others."""
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = dict(zip([item.id for item in items], pool.map(_hash_or_fault, items), strict=True))
    return Contents(
        hashes={name: said for name, said in found.items() if isinstance(said, str)},
        faults={name: said for name, said in found.items() if isinstance(said, AcrelineError)},
    )


def _hash_or_fault(item: pystac.Item) -> str | AcrelineError:
    try:
        return patiently(content_hashes, [item])[item.id]
    except AcrelineError as error:
        return error


def build_cubes(
    works: Sequence[CubeWork], contents: Contents, crew: Crew, begun: Callable[[int], None], done: Callable[[], None]
) -> Built:
    """Build cubes on the workers, block by block; what an earlier call finished is kept.

    Args:
        works: the cubes.
        contents: of all their scenes.
        crew: the workers; hired only where something is left to build.
        begun: told once how many blocks there are.
        done: called for each block that is there.
    """
    units = [_CubeUnit(work, contents, crew.memory_mib * _MIB, done) for work in works]
    begun(sum(unit.size() for unit in units))
    failed = crew.attempt(_build, (unit.unit() for unit in units), done)
    return Built(failed, frozenset(unit.name for unit in units if unit.kept))


def judged(items: Sequence[pystac.Item], contents: Contents, area: Bounds) -> Assessment:
    """What the guard says of the scenes that can be read.

    Args:
        items: scenes of an area and season.
        contents: of them.
        area: box in degrees whose pixels are looked at.

    Raises:
        DataError: a group of scenes is no reflectance that can be used (REFLECTANCE_REFUSED).
    """
    usable = [item for item in items if item.id not in contents.faults]
    return patiently(assess_items, usable, area).required() if usable else Assessment({}, ())


def first_fault(items: Iterable[pystac.Item], contents: Contents) -> AcrelineError | None:
    """Why the first of some scenes cannot be used, None where all can."""
    return next((contents.faults[item.id] for item in items if item.id in contents.faults), None)


class _CubeUnit:
    """A cube as a unit of a crew's work."""

    def __init__(self, work: CubeWork, contents: Contents, memory_bytes: int, done: Callable[[], None]) -> None:
        self.name = work.name
        self.kept = False
        self._work = work
        self._contents = contents
        self._memory_bytes = memory_bytes
        self._done = done
        self._plan: CubePlan | None = None

    def unit(self) -> Unit:
        """The unit; its plan is made when its turn comes and dropped when it is finished."""
        return Unit(self._work.name, self._begin, self._finish)

    def size(self) -> int:
        """Blocks; 0 where the cube cannot be planned, which its turn will tell."""
        try:
            return len(self._windows(self._planned()))
        except AcrelineError:
            return 0

    def _planned(self) -> CubePlan:
        fault = first_fault(self._work.items, self._contents)
        if fault is not None:
            raise fault
        return self._work.planned(self._contents.hashes)

    def _windows(self, plan: CubePlan) -> tuple[Window, ...]:
        steps = self._work.steps
        if steps is None:
            return blocks_of(plan, self._memory_bytes)
        return steps_blocks(steps.planned(plan), self._memory_bytes)

    def _begin(self) -> list[Job]:
        work, plan = self._work, self._planned()
        windows = self._windows(plan)
        cube_left = begin(plan, work.place)
        steps_left = work.steps is not None and begin_steps(work.steps.planned(plan), work.steps.place)
        if not (cube_left or steps_left):
            self.kept = True
            for _ in windows:
                self._done()
            return []
        self._plan = plan
        return [(plan, window, work.place, work.steps) for window in windows]

    def _finish(self) -> None:
        if self._plan is not None:
            commit(self._plan, self._work.place)
            if self._work.steps is not None:
                commit_store(self._work.steps.place)
            self._plan = None


def _build(plan: CubePlan, window: Window, place: str | Path, steps: WantedSteps | None) -> None:
    """What a worker does for one block."""
    if steps is None:
        build_block(plan, window, place)
    else:
        build_cube_and_steps_block(steps.planned(plan), window, place, steps.place)
