"""Cubes of optical scenes, with ten-day steps where they are wanted, as work for a crew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pystac
from odc.geo.geobox import GeoBox

from app.jobs.contents import Contents, require_usable
from geo.season import Season
from tiles.build import begin, blocks_of, build_block
from tiles.clear import Masking
from tiles.composite import StepsPlan, begin_steps, build_cube_and_steps_block, steps_blocks
from tiles.guard import ReflectanceRule
from tiles.plan import CubePlan, plan_cube
from tiles.reader import Window
from tiles.steps import Statistic
from tiles.store import commit


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

    def plan(self, hashes: Mapping[str, str]) -> CubePlan:
        """Plan of the cube; InputError where no scene touches it."""
        return plan_cube(self.items, self.geobox, hashes=hashes, rules=self.rules, masking=self.masking)

    def planned(self, contents: Contents) -> CubeBuild:
        """The build; an AcrelineError where one of its scenes cannot be used."""
        require_usable(self.items, contents)
        return CubeBuild(self.plan(contents.hashes), self.place, self.steps)


@dataclass(frozen=True, slots=True)
class CubeBuild:
    """A planned cube and where it goes.

    Attributes:
        plan: the cube.
        place: where it goes.
        steps: ten-day steps that are wanted beside it.
    """

    plan: CubePlan
    place: str | Path
    steps: WantedSteps | None = None

    def windows(self, memory_bytes: int) -> tuple[Window, ...]:
        """Windows of whole chunks; InputError where the memory does not hold one chunk."""
        if self.steps is None:
            return blocks_of(self.plan, memory_bytes)
        return steps_blocks(self.steps.planned(self.plan), memory_bytes)

    def begin(self) -> bool:
        """Prepare the places; whether there is anything left to write. Errors as `tiles.store.begin`."""
        left = begin(self.plan, self.place)
        return (self.steps is not None and begin_steps(self.steps.planned(self.plan), self.steps.place)) or left

    def write(self, window: Window) -> None:
        """Read a window's scenes once and write them and their steps. Errors as `tiles.build.build_block`."""
        if self.steps is None:
            build_block(self.plan, window, self.place)
        else:
            build_cube_and_steps_block(self.steps.planned(self.plan), window, self.place, self.steps.place)

    def commit(self) -> None:
        """Make readable what was written. Errors as `tiles.store.commit`."""
        commit(self.place)
        if self.steps is not None:
            commit(self.steps.place)
