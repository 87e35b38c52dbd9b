"""The risk part of a bank's rules as dated TOML: class floors, crop seasons, tiers, PD and LGD.

Each part may be absent. All stand in a file of their own or as the table `[risk]` of a policy pack; docs/risk.md
explains every key.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from datetime import date
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationError, model_validator

from geo.errors import InputError
from scoring.pack_schema import Approval, Citation, Strict
from scoring.policy import describe
from scoring.risk.classes import ClassFloor, LoanClass
from scoring.risk.loss import LossTable
from scoring.risk.npa import SeasonRules
from scoring.risk.tiers import Tiers
from scoring.wording import Text


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


class RiskRules(Strict):
    """A file of risk rules: one dated version."""

    risk_format: Literal[1]
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    version: str = Field(min_length=1)
    title: Text
    approval: Approval
    citations: tuple[Citation, ...]
    risk: RiskSection

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        known = {citation.id for citation in self.citations}
        for cited in self.risk.cited():
            if cited not in known:
                raise ValueError(f"no citation has the id {cited!r}")
        return self

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 (hex) of what the rules say; comments and layout do not change it."""
        said = json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(said.encode()).hexdigest()


def load_risk_rules(name: str | Path) -> RiskRules:
    """Rules from a file, or shipped ones by their id ("cn-risk-example").

    Raises:
        InputError: neither, or the file does not fit (names the file and the key).
    """
    path = Path(name)
    shipped = resources.files("scoring.risk").joinpath("data")
    known = sorted(place.name.removesuffix(".toml") for place in shipped.iterdir() if place.name.endswith(".toml"))
    if path.is_file():
        return parse_risk_rules(path.read_text(encoding="utf-8"), path.name)
    if str(name) in known:
        return parse_risk_rules(shipped.joinpath(f"{name}.toml").read_text(encoding="utf-8"), f"{name}.toml")
    raise InputError("RISK_RULES", f"There are no risk rules {str(name)!r}.", f"Name a file, or: {', '.join(known)}.")


def parse_risk_rules(text: str, name: str) -> RiskRules:
    """Rules from TOML text; InputError names the file and the key."""
    try:
        return RiskRules.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise InputError("RISK_RULES", f"{name} is not valid TOML: {error}.") from error
    except ValidationError as error:
        raise InputError("RISK_RULES", describe(error, name), "docs/risk.md lists every key.") from error
