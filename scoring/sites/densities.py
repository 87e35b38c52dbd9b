"""Reported densities of solar plants with their sources, as data/densities.toml holds them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from geo.countries import country_names
from geo.sites import Mounting
from scoring.pack_values import Strict
from scoring.wording.texts import Text

_MwByHa = Annotated[float, Field(gt=0, le=3, allow_inf_nan=False)]
_Said = Annotated[str, Field(min_length=1)]
#: Country of figures that count the whole world.
WORLD: Final = ""


class Density(Strict):
    """A reported density, MW of direct current by hectare.

    Attributes:
        of: "rows": of ground covered by rows of panels, gaps included; "whole": of all the ground of plants.
        country: ISO 3166-1 alpha-2; "": the world, or no country in particular.
        mounting: how panels are held; UNKNOWN: all mountings together.
        low: least of what is reported.
        high: most of it.
        stated: what the source states, in its own unit.
        note: how the figure follows from that, and what is doubtful.
        source: who says so.
        address: DOI or address of it.
        year: in which it was published.
        checked: whether the source's own words were read, and not what others say of it.
        read_in: where it was read.
    """

    of: Literal["rows", "whole"]
    country: str = WORLD
    mounting: Mounting
    low: _MwByHa
    high: _MwByHa
    stated: _Said
    note: _Said
    source: _Said
    address: Annotated[str, Field(pattern=r"^https://")]
    year: Annotated[int, Field(ge=1990, le=2100)]
    checked: bool
    read_in: _Said

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if self.low > self.high:
            raise ValueError(f"{self.source}: low is above high")
        if self.country and self.country not in country_names():
            raise ValueError(f"{self.source}: {self.country!r} is no country")
        if self.of == "rows" and (self.mounting is Mounting.UNKNOWN or self.low < self.high):
            raise ValueError(f"{self.source}: rows need a mounting and one figure")
        return self

    @property
    def citation(self) -> str:
        """Source, and where it is found; without the mark that parts one source from another."""
        return f"{self.source}, {self.address}".replace("; ", ", ")


class Densities(Strict):
    """All that is held: densities, and names of the countries that have one."""

    density: tuple[Density, ...]
    names: Mapping[str, Text]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        named = {each.country for each in self.density if each.country}
        if named != set(self.names):
            raise ValueError(f"names and densities are of other countries: {sorted(named ^ set(self.names))}")
        rows = [each.mounting for each in self.density if each.of == "rows"]
        if sorted(rows) != [Mounting.FIXED, Mounting.TRACKING] or not self.whole(WORLD):
            raise ValueError("each mounting needs one density of rows, and the world one of whole plants")
        return self

    def rows(self, mounting: Mounting) -> Density:
        """Density of rows of a mounting; of one that is unknown, the densest."""
        held = [each for each in self.density if each.of == "rows" and mounting in (each.mounting, Mounting.UNKNOWN)]
        return max(held, key=lambda each: each.high)

    def whole(self, country: str) -> tuple[Density, ...]:
        """Densities of whole plants of a country, or of the world; none where none is held."""
        return tuple(each for each in self.density if each.of == "whole" and each.country == country)


@cache
def held_densities() -> Densities:
    """The densities that come with Acreline."""
    text = resources.files("scoring").joinpath("sites/data/densities.toml").read_text(encoding="utf-8")
    return Densities.model_validate(tomllib.loads(text))
