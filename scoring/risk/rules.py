"""The risk part of a bank's rules as dated TOML: class floors, crop seasons, tiers, PD and LGD.

Each part may be absent. All stand in a file of their own or as the table `[risk]` of a policy pack; docs/risk.md
explains every key.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, ValidationError, model_validator

from geo.errors import InputError
from scoring.pack_schema import Approval, Citation, Pack, Strict
from scoring.policy import describe
from scoring.risk.section import RiskSection
from scoring.wording import Text


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
    """Rules from TOML text, or those of a policy pack; InputError names the file and the key."""
    try:
        said = tomllib.loads(text)
        return _of_pack(Pack.model_validate(said), name) if "pack_format" in said else RiskRules.model_validate(said)
    except tomllib.TOMLDecodeError as error:
        raise InputError("RISK_RULES", f"{name} is not valid TOML: {error}.") from error
    except ValidationError as error:
        raise InputError("RISK_RULES", describe(error, name), "docs/risk.md lists every key.") from error


def _of_pack(pack: Pack, name: str) -> RiskRules:
    if pack.risk is None:
        raise InputError("RISK_RULES", f"The policy pack {name} has no table [risk].", "docs/risk.md shows one.")
    return RiskRules(
        risk_format=1,
        id=pack.id,
        version=pack.version,
        title=pack.title,
        approval=pack.approval,
        citations=pack.citations,
        risk=pack.risk,
    )
