"""Which columns of a core system's loan file hold what, and which facts it lacks; docs/book.md lists every key."""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from scoring.mapping_files import load_mapping
from scoring.pack_schema import Currency
from scoring.pack_values import Strict

LoanField = Literal[
    "loan_number", "facility_number", "farmer_id", "product", "currency", "sanctioned", "drawing", "principal",
    "outstanding", "overdue", "days_overdue", "rate", "opened_on", "due_on", "loan_class",
]  # fmt: skip
PlotField = Literal["parcel_id", "plot_code", "area", "crop", "starts_on", "ends_on", "village_code", "village"]
InsuranceField = Literal[
    "insurance_kind", "insurer", "policy_number", "insured", "premium", "insured_from", "insured_to",
    "event", "event_from", "event_to", "claim_outcome", "claim_paid",
]  # fmt: skip

#: Fields without which a row is no loan.
REQUIRED: Final = ("loan_number", "product", "opened_on")
#: Fields that a mapping names, or says that the source does not know.
EXPECTED: Final = (
    "farmer_id", "sanctioned", "drawing", "principal", "outstanding", "overdue", "days_overdue", "rate", "due_on",
    "loan_class",
)  # fmt: skip
#: Units of fields that have one.
UNITS: Final = {
    "area": ("ha", "mu", "acre", "m2"),
    "rate": ("percent", "fraction", "ppm"),
}


class Column(Strict):
    """Where a field comes from: a column, several that make one text, or a constant with the reason why it holds.

    `words` translates cells; with words, a cell that is not among them is a fault, but for crops, which the legend
    knows too.
    """

    column: str | None = None
    columns: tuple[str, ...] = ()
    join: str = "-"
    constant: str | None = None
    reason: str | None = None
    prefix: str = ""
    words: dict[str, str] = Field(default_factory=dict)
    unit: str | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if sum((self.column is not None, bool(self.columns), self.constant is not None)) != 1:
            raise ValueError("give one of column, columns and constant")
        if self.constant is not None and not self.reason:
            raise ValueError("a constant needs a reason")
        return self

    @property
    def named(self) -> tuple[str, ...]:
        """Columns that are read."""
        return self.columns if self.column is None else (self.column,)


class Product(Strict):
    """A product of the bank: its currency, whether what is repaid may be drawn again, and its codes in the file."""

    currency: str
    revolving: bool
    codes: tuple[str, ...] = ()


class Numbers(Strict):
    """How numbers are written."""

    decimal: Literal[".", ","] = "."
    thousands: Literal["", ".", ",", " ", "'"] = ""

    @model_validator(mode="after")
    def _two_marks(self) -> Self:
        if self.decimal == self.thousands:
            raise ValueError("decimal and thousands must differ")
        return self


class LoanMapping(Strict):
    """What the columns of a loan file hold.

    `rows` says whether a row is a loan, or one plot (or claim) of a loan, whose facts then repeat. `complete` says that
    the file holds every loan of its source: loans that it no longer has are then ended. `join` is the column of the
    loan's number where plots come in a file of their own.
    """

    loan_format: Literal[1]
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    title: str
    source: str = Field(min_length=1, max_length=128)
    rows: Literal["loans", "plots"]
    complete: bool = False
    join: str | None = None
    encoding: str = "utf-8-sig"
    delimiter: str = ","
    dates: str = "%Y-%m-%d"
    numbers: Numbers = Numbers()
    currencies: Annotated[tuple[Currency, ...], Field(min_length=1)]
    products: Annotated[dict[str, Product], Field(min_length=1)]
    loan: dict[LoanField, Column]
    plot: dict[PlotField, Column] = Field(default_factory=dict)
    insurance: dict[InsuranceField, Column] = Field(default_factory=dict)
    not_known: dict[LoanField, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _every_loan_field(self) -> Self:
        for name in REQUIRED:
            if name not in self.loan:
                raise ValueError(f"{name} is missing: without it a row is no loan")
        for name in EXPECTED:
            if (name in self.loan) == (name in self.not_known):
                raise ValueError(f"say where {name} is under [loan], or why it is not known under [not_known]")
        return self

    @model_validator(mode="after")
    def _joined_rows_are_plots(self) -> Self:
        if self.join is not None and self.rows != "plots":
            raise ValueError('with join, rows is "plots": a loan has one row for each')
        return self

    @model_validator(mode="after")
    def _money_hangs_together(self) -> Self:
        codes = [currency.code for currency in self.currencies]
        if len(codes) > 1 and "currency" not in self.loan:
            raise ValueError("with several currencies [loan.currency] says which a loan has")
        for name, product in self.products.items():
            if product.currency not in codes:
                raise ValueError(f"the currency {product.currency!r} of the product {name!r} is not in currencies")
        spelt = [code for name, product in self.products.items() for code in (name, *product.codes)]
        if len(spelt) != len(set(spelt)):
            raise ValueError("a product code stands twice")
        return self

    @model_validator(mode="after")
    def _policies_have_an_insurer(self) -> Self:
        for name in ("insurance_kind", "insurer"):
            if self.insurance and name not in self.insurance:
                raise ValueError(f"{name} is missing under [insurance]")
        return self

    @model_validator(mode="after")
    def _villages_have_a_name(self) -> Self:
        if "village_code" in self.plot and "village" not in self.plot:
            raise ValueError("village is missing under [plot]: a village_code needs the village's name")
        return self

    @model_validator(mode="after")
    def _units_are_known(self) -> Self:
        for name, column in (*self.loan.items(), *self.plot.items(), *self.insurance.items()):
            if column.unit not in UNITS.get(name, (None,)):
                raise ValueError(f"the unit of {name} is one of {', '.join(UNITS.get(name, ('none',)))}")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that is read, each once."""
        parts = (*self.loan.values(), *self.plot.values(), *self.insurance.values())
        return tuple(dict.fromkeys(name for part in parts for name in part.named))

    @property
    def exponents(self) -> dict[str, int]:
        """Number of decimals of each currency."""
        return {currency.code: currency.exponent for currency in self.currencies}

    @property
    def content_hash(self) -> str:
        """SHA-256 (hex) of what the mapping says; comments and layout do not change it."""
        said = json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(said.encode()).hexdigest()


def load_loan_mapping(named: str) -> LoanMapping:
    """Mapping from a file or by the id of a shipped one; errors as scoring.mapping_files.load_mapping's."""
    return load_mapping(LoanMapping, named, "scoring.lending", "docs/book.md")
