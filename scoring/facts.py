"""Facts that a person types in for one working, checked so that every message names the field."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator

from geo.area import UNITS
from geo.errors import InputError
from geo.legend import load_legend
from scoring.money import exact_decimal
from scoring.pack_schema import Strict
from scoring.policy import describe


def _crop(name: str) -> str:
    found = load_legend().named(name)
    if found is None:
        raise ValueError(f"{name!r} is not a crop of the legend")
    return found.key


def _unit(name: str) -> str:
    if name not in UNITS:
        undefined = " (a bigha differs from district to district)" if name.lower() == "bigha" else ""
        raise ValueError(f"{name!r} is not a defined unit of area{undefined}: give {', '.join(UNITS)}")
    return name


def _alone(value: object) -> object:
    """An amount on its own stands for a table that states nothing else."""
    return {"amount": value} if isinstance(value, int | float | str) else value


Number = Annotated[Decimal, BeforeValidator(exact_decimal)]
Money = Annotated[Number, Field(ge=0, lt=10**12, decimal_places=2)]
CropName = Annotated[str, AfterValidator(_crop)]
Unit = Annotated[str, AfterValidator(_unit)]


class CropFact(Strict):
    """One crop: its area, and a scale of finance (per unit of the area given) that overrides the pack's."""

    crop: CropName
    area: Annotated[Number, Field(gt=0, lt=10**9)]
    unit: Unit
    scale_of_finance: Money | None = None
    district: str | None = None
    season: str | None = None


class TermLoan(Strict):
    """A term loan: the year it is drawn, and over how many years it is repaid in equal parts, where stated."""

    amount: Money
    year: int = Field(default=1, ge=1)
    repaid_over_years: int | None = Field(default=None, ge=1, le=30)


class FlexibleCardFact(Strict):
    """A flexible card as the branch manager set it, and who that was."""

    amount: Money
    set_by: str | None = None


class KccFacts(Strict):
    """Facts of a Kisan Credit Card. A crop insurance premium is one that the scale of finance does not hold yet."""

    crops: tuple[CropFact, ...] = Field(min_length=1)
    term_loans: tuple[Annotated[TermLoan, BeforeValidator(_alone)], ...] = ()
    year: int = Field(default=1, ge=1)
    crop_insurance: Money = Decimal(0)
    personal_insurance: Money = Decimal(0)
    asset_insurance: Money = Decimal(0)
    flexible_card: Annotated[FlexibleCardFact, BeforeValidator(_alone)] | None = None


class PlotFact(Strict):
    """One plot of a planting loan: the crops of its year, the days they were sown, its area and the right to it."""

    crops: tuple[CropName, ...] = Field(min_length=1)
    sown: tuple[date, ...] | None = None
    area: Annotated[Number, Field(gt=0, lt=10**9)]
    unit: Unit
    certified_area: Annotated[Number, Field(ge=0, lt=10**9)] | None = None
    land_right: Literal["certificate", "lease"] | None = None
    district: str | None = None

    @model_validator(mode="after")
    def _one_day_each(self) -> Self:
        if self.sown is not None and len(self.sown) != len(self.crops):
            raise ValueError(f"'sown' has {len(self.sown)} days for {len(self.crops)} crops")
        return self

    @property
    def days(self) -> tuple[date | None, ...]:
        """Day of sowing of each crop, where stated."""
        return self.sown or (None,) * len(self.crops)


class PlantingFacts(Strict):
    """Facts of a planting loan; what is not stated is incomplete, never zero."""

    plots: tuple[PlotFact, ...] = Field(min_length=1)
    other_debt: Money | None = None
    household_capacity: Money | None = None


FactsT = TypeVar("FactsT", bound=Strict)


def parse_facts(kind: type[FactsT], facts: Mapping[str, object]) -> FactsT:
    """Checked facts; InputError that names the first field that is missing, unknown or wrong."""
    try:
        return kind.model_validate(facts)
    except ValidationError as error:
        raise InputError("FACTS", describe(error, "facts"), "docs/policy.md shows a complete example.") from error
