"""What the pages of policies are drawn from."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import Field

from app.api.schemas import Answer


class PolicyTitle(Answer):
    """A text in both languages."""

    en: str
    zh: str


class PolicyUse(Answer):
    """Where a version of a policy was used within the institution."""

    content_hash: str
    runs: int
    batches: int
    decisions: int
    at_hand: bool = Field(description="Whether it is the version that is at hand.")


class PolicyLine(Answer):
    """A policy that is at hand, or was used."""

    id: str
    title: PolicyTitle | None = Field(description="null where the pack is not at hand.")
    version: str | None
    content_hash: str | None
    in_force: bool | None = Field(description="Today.")
    approval: str | None
    uses: list[PolicyUse]


class PolicyList(Answer):
    """Policies by their ids."""

    policies: list[PolicyLine]


class PolicyPrice(Answer):
    """A norm: amount per area of a crop, as a decimal string."""

    crop: str
    amount: str
    district: str | None
    season: str | None


class PolicyCitation(Answer):
    """A source."""

    id: str
    rule: str
    source: str
    checked: str


class PolicyFinding(Answer):
    """What a check of the pack finds today."""

    level: str
    key: str
    message: str
    remedy: str


class PolicyRule(Answer):
    """One key of the pack."""

    key: str
    value: str


class PolicyPage(Answer):
    """A policy that is at hand."""

    line: PolicyLine
    country: str
    currency: str
    formula: str
    valid_from: date
    valid_to: date | None
    rules_hash: str
    approval: dict[str, Any]
    area_unit: str
    price_label: PolicyTitle
    prices_are_example: bool
    prices: list[PolicyPrice]
    not_financed: list[str]
    rules: list[PolicyRule] = Field(description="Every key but prices and citations, dotted.")
    citations: list[PolicyCitation]
    findings: list[PolicyFinding]


class PolicyChange(Answer):
    """A key that differs; null where a policy says nothing."""

    key: str
    old: str | None
    new: str | None


class PolicyDifference(Answer):
    """What one policy says otherwise than another. What that does to a book takes its run, and a command."""

    old: PolicyLine
    new: PolicyLine
    comparable: bool = Field(description="Whether amounts can be compared: both are of one currency.")
    changes: list[PolicyChange]
    command: str = Field(description="Says what that does to the book of a run.")
