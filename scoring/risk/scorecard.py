"""Scorecards: a table of points as strict JSON, with the scale that turns points into odds.

    factor = PDO / ln 2,  offset = P0 - factor ln(odds0),  score = offset + factor ln(odds)

with odds of good to bad (Siddiqi, Credit Risk Scorecards, 2006, chapter 6). docs/risk.md explains every key.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Annotated, Final, Literal, Self, TypeAlias

import numpy as np
from pydantic import Field, StrictInt, ValidationError, model_validator
from scipy.special import expit

from geo.errors import InputError
from scoring.money import Floats
from scoring.pack_schema import Approval, Strict
from scoring.policy import describe
from scoring.risk.reasons import ReasonText
from scoring.wording import Text

Finite = Annotated[float, Field(allow_inf_nan=False)]

#: Where an applicant's fact is missing: points of a bin of its own, or no score at all.
INCOMPLETE: Final = "incomplete"


class Scaling(Strict):
    """`base_score` points stand for odds of `base_odds` to 1 (good to bad); `pdo` more points double the odds."""

    pdo: Annotated[Finite, Field(gt=0)]
    base_score: Finite
    base_odds: Annotated[Finite, Field(gt=0)]

    @property
    def factor(self) -> float:
        """Points per unit of log odds."""
        return self.pdo / math.log(2)

    @property
    def offset(self) -> float:
        """Score at odds of 1 to 1."""
        return self.base_score - self.factor * math.log(self.base_odds)

    def default_probability(self, score: Floats) -> Floats:
        """PD, shape (n,), of scores, shape (n,); NaN stays NaN."""
        log_odds = (np.asarray(score, dtype=np.float64) - self.offset) / self.factor
        return np.asarray(expit(-log_odds), dtype=np.float64)

    def score(self, default_probability: Floats) -> Floats:
        """Scores, shape (n,), of PDs strictly between 0 and 1, shape (n,)."""
        probability = np.asarray(default_probability, dtype=np.float64)
        return np.asarray(self.offset + self.factor * np.log((1 - probability) / probability), dtype=np.float64)


class NumericBin(Strict):
    """Values from the bin before up to, not including, `below`; the last bin has no end."""

    id: str = Field(min_length=1)
    text: Text
    points: StrictInt
    below: Finite | None = None


class CategoryBin(Strict):
    """Values that are one of a list, written exactly so."""

    id: str = Field(min_length=1)
    text: Text
    points: StrictInt
    values: tuple[str, ...] = Field(min_length=1)


class Missing(Strict):
    """Points where the applicant's fact is missing."""

    text: Text = Text(en="not stated", zh="未提供")
    points: StrictInt


class _Attribute(Strict):
    name: str = Field(min_length=1)
    text: ReasonText
    missing: Missing | Literal["incomplete"]
    reference: str


def _check_bins(
    bins: Sequence[NumericBin] | Sequence[CategoryBin], missing: Missing | Literal["incomplete"], reference: str
) -> None:
    ids = [each.id for each in bins]
    if len(set(ids)) < len(ids):
        raise ValueError("two bins have the same id")
    if reference not in ids:
        raise ValueError(f"the reference {reference!r} is none of its bins")
    if isinstance(missing, Missing) and missing.points > max(each.points for each in bins):
        raise ValueError("a missing fact must not earn more than the best bin")


class NumericAttribute(_Attribute):
    """A number of the applicant, cut into bins."""

    kind: Literal["numeric"]
    bins: tuple[NumericBin, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        _check_bins(self.bins, self.missing, self.reference)
        ends = [each.below for each in self.bins]
        if ends[-1] is not None or None in ends[:-1]:
            raise ValueError("every bin but the last needs 'below', and the last must have none")
        if any(high <= low for low, high in zip(self.edges, self.edges[1:], strict=False)):
            raise ValueError("'below' must rise from bin to bin")
        return self

    @property
    def edges(self) -> list[float]:
        """Ends of all bins but the last."""
        return [each.below for each in self.bins if each.below is not None]


class CategoryAttribute(_Attribute):
    """A word of the applicant, looked up in bins; `other` is the bin of words that no bin lists."""

    kind: Literal["category"]
    bins: tuple[CategoryBin, ...] = Field(min_length=1)
    other: str | None = None

    @model_validator(mode="after")
    def _disjoint(self) -> Self:
        _check_bins(self.bins, self.missing, self.reference)
        values = [value for each in self.bins for value in each.values]
        twice = next((value for value in values if values.count(value) > 1), None)
        if twice is not None:
            raise ValueError(f"the value {twice!r} stands twice")
        if self.other is not None and self.other not in [each.id for each in self.bins]:
            raise ValueError(f"'other' names {self.other!r}, which is none of its bins")
        return self

    @property
    def bin_of(self) -> dict[str, int]:
        """Place of the bin of each value."""
        return {value: place for place, each in enumerate(self.bins) for value in each.values}

    @property
    def other_bin(self) -> int | None:
        """Place of the bin of words that no bin lists; None where such a word is an error."""
        return None if self.other is None else [each.id for each in self.bins].index(self.other)


Attribute: TypeAlias = NumericAttribute | CategoryAttribute


class Scorecard(Strict):
    """A dated table of points."""

    scorecard_format: Literal[1]
    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    version: str = Field(min_length=1)
    valid_from: date
    title: Text
    approval: Approval
    scaling: Scaling
    base_points: StrictInt
    attributes: tuple[Annotated[Attribute, Field(discriminator="kind")], ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _one_of_each(self) -> Self:
        names = [attribute.name for attribute in self.attributes]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"two attributes are called {twice!r}")
        return self

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 (hex) of what the card says; the file's layout does not change it."""
        said = json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(said.encode()).hexdigest()

    @property
    def reference_score(self) -> int:
        """Score of an applicant who is in the reference bin everywhere."""
        return self.base_points + sum(reference_points(attribute) for attribute in self.attributes)


def reference_points(attribute: Attribute) -> int:
    """Points of an attribute's reference bin."""
    return next(each.points for each in attribute.bins if each.id == attribute.reference)


def parse_scorecard(text: str, name: str) -> Scorecard:
    """Scorecard from JSON text.

    Args:
        text: the whole file.
        name: file name, for messages.

    Raises:
        InputError: not JSON, a key given twice, or a key that is unknown, missing or wrong (names file and key).
    """
    try:
        return Scorecard.model_validate(json.loads(text, object_pairs_hook=_once))
    except ValidationError as error:
        raise InputError("SCORECARD_KEY", describe(error, name), "docs/risk.md lists every key.") from error
    except ValueError as error:
        raise InputError("SCORECARD_JSON", f"{name} is not valid JSON: {error}.") from error


def write_scorecard(card: Scorecard) -> str:
    """JSON text that `parse_scorecard` reads back as the same card."""
    return json.dumps(card.model_dump(mode="json", exclude_none=True), ensure_ascii=False, indent=2) + "\n"


def _once(pairs: Sequence[tuple[str, object]]) -> Mapping[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {key!r} stands twice")
        found[key] = value
    return found
