"""How far people may leave the policy's figure: reasons that count, and bounds of one override and of all together."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from scoring.pack_values import Exact, Share, Strict
from scoring.wording import Text


class OverrideReason(Strict):
    """A reason for which an amount may leave the policy's figure."""

    code: str = Field(pattern=r"^[A-Z][A-Z0-9_]*$")
    title: Text


class Overrides(Strict):
    """Bounds of overrides.

    `most_change` bounds one: its distance from the policy's figure, as a share of that figure. `most_share` bounds all:
    their part in the decisions of people within `days`, once there are `least_decisions`.
    """

    reasons: tuple[OverrideReason, ...] = Field(min_length=1)
    most_change: Annotated[Exact, Field(ge=0, le=10)]
    most_share: Share
    days: int = Field(ge=1, le=3660)
    least_decisions: int = Field(ge=1)

    @model_validator(mode="after")
    def _once_each(self) -> Self:
        codes = self.reason_codes
        twice = next((code for code in codes if codes.count(code) > 1), None)
        if twice is not None:
            raise ValueError(f"reasons holds {twice!r} twice")
        return self

    @property
    def reason_codes(self) -> tuple[str, ...]:
        """Codes in the pack's order."""
        return tuple(reason.code for reason in self.reasons)
