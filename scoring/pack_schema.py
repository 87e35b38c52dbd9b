"""What a policy pack may say: every key, its type and its bounds. Anything else refuses."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from scoring.money import Mode, to_minor
from scoring.pack_letters import Lender, Objection
from scoring.pack_overrides import Overrides
from scoring.pack_people import Approval, Authority, Calendar, Citation, Condition, Note, Refresh
from scoring.pack_prices import Prices
from scoring.pack_relief import Claims, Collection, Relief
from scoring.pack_tranches import Tranches
from scoring.pack_values import Amount, CropKey, Exact, ReasonCode, Rounding, Share, Strict
from scoring.risk.section import RiskSection
from scoring.wording import Text, braces, common_braces

__all__ = [
    "Amount",
    "Approval",
    "Area",
    "Authority",
    "Calendar",
    "Citation",
    "Condition",
    "CropKey",
    "Currency",
    "Evidence",
    "Exact",
    "FlexibleCard",
    "Haircuts",
    "KccRoundings",
    "KccRules",
    "Lender",
    "Note",
    "Objection",
    "Overrides",
    "Pack",
    "PlantingRules",
    "Prices",
    "ReasonCode",
    "Refresh",
    "Rounding",
    "Share",
    "Strict",
    "Vigour",
]


class Currency(Strict):
    """ISO 4217 code and number of decimals."""

    code: str = Field(pattern=r"^[A-Z]{3}$")
    exponent: int = Field(ge=0, le=4)


class Area(Strict):
    """How the area that is financed is found."""

    basis: Literal["measured", "lesser_of_measured_and_certified"]
    decimals: int = Field(ge=0, le=4)
    mode: Mode
    mismatch_share: Share
    interval_share: Annotated[Share, Field(lt=1)]
    border_error_m: Amount | None = None


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

    @property
    def steps(self) -> dict[str, Rounding]:
        """By name, in the order in which they are taken."""
        return {"share": self.share, "first_year": self.first_year, "increment": self.increment, "final": self.final}


class FlexibleCard(Strict):
    """Bounds of the flexible card, set by the branch manager: recorded, never computed."""

    least: Amount
    most: Amount

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.most < self.least:
            raise ValueError("most lies below least")
        return self


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


class Haircuts(Strict):
    """Share of a parcel's cost that is not counted, by its land right."""

    certificate: Share = Decimal(0)
    lease: Share = Decimal(0)
    not_stated: Share = Decimal(0)


class PlantingRules(Strict):
    """Steps of a planting loan by area and financed cost."""

    formula: Literal["planting"]
    rent: Amount
    haircuts: Haircuts | None = None
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
    conditions: tuple[Condition, ...] = ()
    authorities: tuple[Authority, ...] = ()
    calendar: Calendar | None = None
    refresh: Refresh | None = None
    overrides: Overrides | None = None
    lender: Lender | None = None
    objection: Objection | None = None
    prices: Prices
    area: Area
    evidence: Evidence
    vigour: Vigour | None = None
    tranches: Tranches = ()
    collection: Collection | None = None
    claims: Claims | None = None
    relief: Relief | None = None
    rules: Annotated[KccRules | PlantingRules, Field(discriminator="formula")]
    risk: RiskSection | None = None
    texts: dict[ReasonCode, Text] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError("valid_to lies before valid_from")
        if self.rules.formula == "kcc" and self.vigour is not None:
            raise ValueError("the Kisan Credit Card knows no vigour: remove the table 'vigour'")
        for name, codes in (
            ("citations", [citation.id for citation in self.citations]),
            ("notes", [note.code for note in self.notes]),
            ("conditions", [condition.code for condition in self.conditions]),
            ("authorities", [authority.code for authority in self.authorities]),
        ):
            twice = next((code for code in codes if codes.count(code) > 1), None)
            if twice is not None:
                raise ValueError(f"{name} holds {twice!r} twice")
        return self

    @model_validator(mode="after")
    def _cites_what_there_is(self) -> Self:
        known = {citation.id for citation in self.citations}
        for cited in self.cited:
            if cited not in known:
                raise ValueError(f"no citation has the id {cited!r}")
        seasons = {season.key for season in self.calendar.seasons} if self.calendar else set()
        for season in self.prices.seasons:
            if season not in seasons:
                raise ValueError(f"no season of the calendar has the key {season!r}")
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

    @model_validator(mode="after")
    def _approved_as_it_stands(self) -> Self:
        if self.approval.state == "approved":
            for name, part in (("prices", self.prices), ("lender", self.lender), ("objection", self.objection)):
                if part is not None and part.example:
                    raise ValueError(f"an approved pack holds no example {name}: set {name}.example = false")
            if self.approval.content_hash != self.rules_hash:
                raise ValueError(f"changed after approval: approval.content_hash is not {self.rules_hash}")
        return self

    @property
    def cited(self) -> tuple[str, ...]:
        """Ids of the citations that something rests on."""
        notes, conditions = (note.cites for note in self.notes), (asked.cites for asked in self.conditions)
        objection = () if self.objection is None else (self.objection.cites,)
        parts = [part.cited() for part in (self.risk, self.claims, self.relief) if part is not None]
        further = [cites for part in parts for cites in part]
        return (self.prices.cites, self.rules.cites, *notes, *conditions, *objection, *further)

    def _amounts(self) -> Iterable[Decimal]:
        yield from (row.amount for row in self.prices.rows)
        yield from (part.most for part in self.authorities if part.most is not None)
        if isinstance(self.rules, PlantingRules):
            yield from filter(None, (self.rules.rent, self.rules.most_per_area, self.rules.most_per_farmer))
            yield self.rules.rounding.to
        else:
            yield from (self.rules.flexible_card.least, self.rules.flexible_card.most)
            yield from (rounding.to for rounding in self.rules.rounding.steps.values())

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 (hex) of what the pack says: comments, order and layout of the file do not change it."""
        return _hash_of(self, set())

    @cached_property
    def rules_hash(self) -> str:
        """SHA-256 (hex) of what the pack says but for [approval]: what an approval names."""
        return _hash_of(self, {"approval"})

    def in_force(self, day: date) -> bool:
        """Whether a decision taken on this day may rest on the pack."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def local_day(self, instant: datetime) -> date:
        """Day of an aware instant by the pack's calendar; that of the instant itself where there is none."""
        return instant.date() if self.calendar is None else self.calendar.local_day(instant)

    def authority(self, amount: Decimal, day: date) -> Authority | None:
        """The least authority of a person that covers an amount (major units) on a day; None where none does."""
        able = [part for part in self.authorities if not part.automatic and part.suffices(amount, day)]
        return min(able, key=lambda part: (part.most is None, part.most or 0), default=None)

    def minor(self, amount: Decimal) -> int:
        """Amount in the smallest unit of the pack's currency; InputError with too many decimals."""
        return to_minor(amount, self.currency.exponent)


def _hash_of(pack: Pack, without: set[str]) -> str:
    # Keys at their defaults are left out: a pack keeps its hash when the schema learns a key that it does not use.
    said = pack.model_dump(mode="json", exclude_defaults=True, exclude=without)
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
