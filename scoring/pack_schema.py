"""What a policy pack may say: every key, its type and its bounds. Anything else refuses."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from geo.legend import load_legend
from scoring.money import Mode, exact_decimal, to_minor
from scoring.wording import CODES, Text, braces, common_braces


def _written_out(value: object) -> Decimal:
    """TOML floats are binary and lose a half-cent; amounts and shares are written as text or whole numbers."""
    if isinstance(value, float):
        raise ValueError(f'write {value} as text: "{value}"')  # noqa: TRY004 - becomes a named field
    return exact_decimal(value)


def _legend_key(value: str) -> str:
    if value not in load_legend():
        raise ValueError(f"{value!r} is not a crop of the legend")
    return value


def _reason_code(value: str) -> str:
    if value not in CODES:
        raise ValueError(f"{value!r} is not a reason code")
    return value


Exact = Annotated[Decimal, BeforeValidator(_written_out)]
Amount = Annotated[Exact, Field(ge=0)]
Share = Annotated[Exact, Field(ge=0, le=1)]
CropKey = Annotated[str, AfterValidator(_legend_key)]
ReasonCode = Annotated[str, AfterValidator(_reason_code)]


class Strict(BaseModel):
    """Base of every table of a pack: immutable, and closed to unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Currency(Strict):
    """ISO 4217 code and number of decimals."""

    code: str = Field(pattern=r"^[A-Z]{3}$")
    exponent: int = Field(ge=0, le=4)


class Approval(Strict):
    """Who approved the pack, named, and when; `example` packs were approved by nobody."""

    state: Literal["example", "approved"]
    by: str = Field(min_length=1)
    on: date | None = None


class Citation(Strict):
    """Where a rule comes from, and whether its own text was read."""

    id: str
    rule: str
    source: str
    checked: Literal["read", "to be checked"]


class Note(Strict):
    """A dated fact that informs people and computes nothing."""

    code: str
    title: Text
    valid_from: date | None = None
    valid_to: date | None = None
    amount: Amount | None = None
    cites: str


class Rounding(Strict):
    """Multiple (major units) to round to, and the direction."""

    to: Annotated[Exact, Field(gt=0)]
    mode: Mode


class Price(Strict):
    """Money per unit of area of one crop, everywhere or in one district."""

    crop: CropKey
    amount: Amount
    district: str | None = None


class Prices(Strict):
    """Scale of finance, or financed cost, per unit of area."""

    area_unit: Literal["acre", "mu", "ha"]
    label: Text
    example: bool
    cites: str
    rows: tuple[Price, ...]

    @model_validator(mode="after")
    def _one_price_each(self) -> Self:
        keys = [(row.crop, row.district) for row in self.rows]
        for key in keys:
            if keys.count(key) > 1:
                raise ValueError(f"two prices for {key[0]!r}" + (f" in {key[1]!r}" if key[1] else ""))
        return self

    def amount(self, crop: str, district: str | None = None) -> Decimal | None:
        """Price of a crop: the district's own, else the one for everywhere, else None."""
        by_place = {row.district: row.amount for row in self.rows if row.crop == crop}
        return by_place.get(district, by_place.get(None))


class Area(Strict):
    """How the area that is financed is found."""

    basis: Literal["measured", "lesser_of_measured_and_certified"]
    decimals: int = Field(ge=0, le=4)
    mode: Mode
    mismatch_share: Share
    interval_share: Annotated[Share, Field(lt=1)]


class Evidence(Strict):
    """What observation may and may not do."""

    visit_reasons: tuple[ReasonCode, ...]
    repeat_crops: tuple[CropKey, ...]
    pays: Literal["mid", "low"]


class Vigour(Strict):
    """Bounded factor on cost: 1 inside the band around the peers' median, `slope` per 100 points beyond it."""

    applied: bool
    lowest: Annotated[Share, Field(gt=0)]
    highest: Annotated[Exact, Field(ge=1, le=2)]
    band_points: Amount
    slope: Amount
    least_peers: int = Field(ge=20)


class KccRoundings(Strict):
    """Every rounding of the Kisan Credit Card."""

    share: Rounding
    first_year: Rounding
    increment: Rounding
    final: Rounding


class FlexibleCard(Strict):
    """Bounds of the flexible card, set by the branch manager: recorded, never computed."""

    least: Amount
    most: Amount


class KccRules(Strict):
    """Steps of the Kisan Credit Card."""

    formula: Literal["kcc"]
    consumption_share: Share
    maintenance_share: Share
    escalation_share: Share
    years: int = Field(ge=1, le=10)
    crop_insurance: Literal["added_after_shares", "in_scale_of_finance"]
    rounding: KccRoundings
    flexible_card: FlexibleCard
    cites: str


class PlantingRules(Strict):
    """Steps of a planting loan by area and financed cost."""

    formula: Literal["planting"]
    rent: Amount
    financed_share: Share
    most_per_area: Amount | None = None
    most_per_farmer: Amount | None = None
    rounding: Rounding
    cites: str

    @model_validator(mode="after")
    def _rounds_down(self) -> Self:
        if self.rounding.mode is not Mode.DOWN:
            raise ValueError("a planting loan rounds down: otherwise the rounding could pass a ceiling")
        return self


class Pack(Strict):
    """A policy pack: one dated version of a bank's rules."""

    pack_format: Literal[1]
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    version: str = Field(min_length=1)
    valid_from: date
    valid_to: date | None = None
    country: str = Field(pattern=r"^[A-Z]{2}$")
    title: Text
    currency: Currency
    approval: Approval
    citations: tuple[Citation, ...]
    notes: tuple[Note, ...] = ()
    prices: Prices
    area: Area
    evidence: Evidence
    vigour: Vigour | None = None
    rules: Annotated[KccRules | PlantingRules, Field(discriminator="formula")]
    texts: dict[ReasonCode, Text] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError("valid_to lies before valid_from")
        if self.rules.formula == "kcc" and self.vigour is not None:
            raise ValueError("the Kisan Credit Card knows no vigour: remove the table 'vigour'")
        known = {citation.id for citation in self.citations}
        for cited in (self.prices.cites, self.rules.cites, *(note.cites for note in self.notes)):
            if cited not in known:
                raise ValueError(f"no citation has the id {cited!r}")
        return self

    @model_validator(mode="after")
    def _whole_minor_units(self) -> Self:
        for amount in self._amounts():
            if amount != round(amount, self.currency.exponent):
                raise ValueError(f"the amount {amount} has more decimals than {self.currency.code}")
        return self

    @model_validator(mode="after")
    def _texts_fit(self) -> Self:
        for code, text in self.texts.items():
            unknown = (braces(text.en) | braces(text.zh)) - common_braces(code)
            if unknown:
                raise ValueError(f"the text of {code} uses unknown facts: {', '.join(sorted(unknown))}")
        return self

    def _amounts(self) -> Iterable[Decimal]:
        yield from (row.amount for row in self.prices.rows)
        if isinstance(self.rules, PlantingRules):
            yield from filter(None, (self.rules.rent, self.rules.most_per_area, self.rules.most_per_farmer))
            yield self.rules.rounding.to
        else:
            roundings = self.rules.rounding
            yield from (rounding.to for rounding in (roundings.share, roundings.first_year, roundings.increment))
            yield roundings.final.to

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 (hex) of what the pack says: comments, order and layout of the file do not change it."""
        said = json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(said.encode()).hexdigest()

    def in_force(self, day: date) -> bool:
        """Whether a decision taken on this day may rest on the pack."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def minor(self, amount: Decimal) -> int:
        """Amount in the smallest unit of the pack's currency; InputError with too many decimals."""
        return to_minor(amount, self.currency.exponent)


def fraction(share: Decimal) -> Fraction:
    """Exact fraction of a decimal share."""
    return Fraction(share)
