"""What the fields of a pack may hold: exact amounts and shares, crops of the legend, reason codes, closed tables."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from geo.legend import load_legend
from scoring.money import Mode, exact_decimal
from scoring.wording import CODES


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


class Rounding(Strict):
    """Multiple (major units) to round to, and the direction."""

    to: Annotated[Exact, Field(gt=0)]
    mode: Mode
