"""What a wording is: texts in English and Chinese of one reason code, on the receipts of parcels and of farmers."""

from __future__ import annotations

import string
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field


class Text(BaseModel):
    """A text in both languages."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    en: str = Field(min_length=1)
    zh: str = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Wording:
    """Texts of one reason code.

    Attributes:
        parcel: for a parcel's receipt.
        farmer: for a farmer's receipt; the parcel's text where None.
        rank: 1 is the most telling kind of reason, 0 is never a principal reason.
    """

    parcel: Text
    farmer: Text | None
    rank: int

    def text(self, subject_kind: str) -> Text:
        """Text for a "parcel" or a "farmer"."""
        return self.farmer if subject_kind == "farmer" and self.farmer is not None else self.parcel


def say(rank: int, en: str, zh: str, farmer_en: str = "", farmer_zh: str = "") -> Wording:
    """Wording of a code; without texts for a farmer, those for a parcel speak for both."""
    farmer = Text(en=farmer_en, zh=farmer_zh) if farmer_en else None
    return Wording(Text(en=en, zh=zh), farmer, rank)


def braces(template: str) -> frozenset[str]:
    """Names in the braces of a template."""
    return frozenset(name for _, name, _, _ in string.Formatter().parse(template) if name)
