"""Which columns of a survey hold what: area and its unit, costs, quantities with their prices, and groups of farms."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from scoring.mapping_files import load_mapping
from scoring.pack_schema import Currency
from scoring.pack_values import Amount, CropKey, Exact, Strict

Positive = Annotated[Exact, Field(gt=0)]
AreaUnit = Literal["acre", "mu", "ha"]


class AreaColumn(Strict):
    """Column of the area that the costs were spent on."""

    column: str
    unit: AreaUnit


class CostColumn(Strict):
    """One item of cost: a column of money for the whole area, or of a quantity that has a price.

    An empty cell is a cost that nobody stated, and never 0, but where all columns of `zero_where` hold one of their
    values ("" for empty), or no column of `zero_unless` holds its word.
    """

    item: str
    column: str
    price: Positive | None = None
    price_per: Positive | None = None
    price_source: str | None = None
    zero_where: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    zero_unless: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _price_has_a_source(self) -> Self:
        if self.price is not None and not (self.price_per and self.price_source):
            raise ValueError("a price needs price_per (quantity in the column's unit) and price_source")
        return self


class Addition(Strict):
    """An item that the survey lacks, as money per unit of area, with where it comes from."""

    item: str
    amount: Amount
    unit: AreaUnit
    source: str


class Group(Strict):
    """A level of grouping, such as the district."""

    column: str
    within: str | None = None


class SurveyMapping(Strict):
    """What the columns of a survey hold."""

    survey_format: Literal[1]
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: str
    source: str
    currency: Currency
    area: AreaColumn
    costs: Annotated[tuple[CostColumn, ...], Field(min_length=1)]
    additions: tuple[Addition, ...] = ()
    lacks: tuple[str, ...] = ()
    crop: CropKey | None = None
    crop_column: str | None = None
    id_column: str | None = None
    weight_column: str | None = None
    groups: dict[str, Group] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_word_on_the_crop(self) -> Self:
        if (self.crop is None) == (self.crop_column is None):
            raise ValueError("give either crop (one for the whole survey) or crop_column")
        return self

    @model_validator(mode="after")
    def _groups_nest(self) -> Self:
        for name, group in self.groups.items():
            if group.within is not None and group.within not in self.groups:
                raise ValueError(f"the group {name!r} lies within {group.within!r}, which is no group")
            if name in self.wider(name):
                raise ValueError(f"the group {name!r} lies within itself")
        return self

    def wider(self, name: str) -> tuple[str, ...]:
        """Levels that hold a level, from near to far: block -> (district,)."""
        found: list[str] = []
        step = self.groups[name].within
        while step is not None and step not in found:
            found.append(step)
            step = self.groups[step].within
        return tuple(found)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that is read, each once, in order."""
        stated = (self.id_column, self.crop_column, self.weight_column, self.area.column)
        costs = (name for cost in self.costs for name in (cost.column, *cost.zero_where, *cost.zero_unless))
        groups = (group.column for group in self.groups.values())
        return tuple(dict.fromkeys(name for name in (*stated, *costs, *groups) if name is not None))


def load_survey_mapping(named: str) -> SurveyMapping:
    """Mapping from a file or by the id of a shipped one; errors as scoring.mapping_files.load_mapping's."""
    return load_mapping(SurveyMapping, named, "scoring.costs", "docs/policy.md")
