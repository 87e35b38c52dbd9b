"""What letters are asked by."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict


class LetterAsked(BaseModel):
    """Who reads the letter, and in which language."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reader: Literal["farmer", "committee"]
    language: Literal["en", "zh"]
