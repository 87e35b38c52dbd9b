"""The table `[risk]`: what a pack, or a file of its own, may say of risk."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from scoring.pack_values import Strict
from scoring.risk.classes import ClassFloor, LoanClass
from scoring.risk.loss import LossTable
from scoring.risk.npa import SeasonRules
from scoring.risk.tiers import Tiers


class ClassFloors(Strict):
    """Floors of the five classes by days overdue."""

    valid_from: date
    floors: Annotated[tuple[ClassFloor, ...], Field(min_length=1)]
    cites: str

    @model_validator(mode="after")
    def _rises(self) -> Self:
        order = list(LoanClass)
        for milder, harder in zip(self.floors, self.floors[1:], strict=False):
            if milder.days_over >= harder.days_over or order.index(milder.least) >= order.index(harder.least):
                raise ValueError("'floors' must rise in days and in class")
        return self


class RiskSection(Strict):
    """What a pack may say of risk."""

    classes: ClassFloors | None = None
    crop_seasons: SeasonRules | None = None
    tiers: Tiers | None = None
    loss: LossTable | None = None

    @model_validator(mode="after")
    def _every_tier_has_a_pd(self) -> Self:
        if self.tiers is None or self.loss is None:
            return self
        stated = {row.grade: row.pd for row in self.loss.pd}
        for pool in self.tiers.pools:
            if stated.get(pool.id, pool.pd) != pool.pd:
                raise ValueError(f"the tier {pool.id!r} has two different PDs")
        return self

    def cited(self) -> list[str]:
        """Ids of the citations that its parts name."""
        parts = (self.classes, self.crop_seasons, self.tiers, self.loss)
        return [part.cites for part in parts if part is not None]
