"""Alert rules as dated TOML: which findings become an alert of which level, and what ends it.

Loaded strictly, as policy packs are, with a content hash; docs/alerts.md explains every field.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from importlib import resources
from importlib.resources.abc import Traversable
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Final, Literal, Self, TypeAlias

import numpy as np
import numpy.typing as npt
from pydantic import Field, ValidationError, model_validator

from geo.errors import InputError
from geo.files import fingerprint
from scoring.alerts.levels import Level
from scoring.pack_faults import sentence
from scoring.pack_people import Citation, Dated
from scoring.pack_values import Strict
from scoring.wording import Text

Floats = npt.NDArray[np.float64]
LevelKey: TypeAlias = Literal["info", "watch", "warning", "action"]
_Place: TypeAlias = Traversable | Path
_Part = Annotated[float, Field(ge=0, le=1, strict=True, allow_inf_nan=False)]
_Count = Annotated[int, Field(ge=1, le=100, strict=True)]
_Days = Annotated[int, Field(ge=0, le=366, strict=True)]

#: The levels that an alert can have, in rising order.
LEVELS: Final = (Level.INFO, Level.WATCH, Level.WARNING, Level.ACTION)


class ByLevel(Strict):
    """A number 0..1 for each level that a cause has; a level without one does not occur."""

    info: _Part | None = None
    watch: _Part | None = None
    warning: _Part | None = None
    action: _Part | None = None

    def given(self) -> dict[Level, float]:
        """The levels that have a number, in rising order."""
        numbers = (self.info, self.watch, self.warning, self.action)
        return {level: number for level, number in zip(LEVELS, numbers, strict=True) if number is not None}


class CauseRule(Strict):
    """How findings of one cause become an alert.

    Attributes:
        title: what it is called.
        looks_for: what an officer should look for; it accuses nobody.
        levels: least severity of each level, rising.
        prior: share of visits that confirm an alert of each level where the rule is sure that its limit was passed.
        first_notice: highest level that a single finding can bring; without it every level needs `raise_after`.
        raise_after: findings in a row that reach a level before the alert has it.
        clear_after: findings in a row that fall short before the alert is lowered or ended.
        least_days: days that a level lasts, from the last look that still bore it out.
        margin: how far severity must lie below a level's threshold to fall short of it.
        saved_at_end: share of a loss that a visit can still save when nothing of the season is left.
        unit: what values and bounds of its findings are: "share" of the plan or of the ground (0..1), or "m2"; without
            it they are those of the rule, which for crops is NDVI.
    """

    title: Text
    looks_for: Text
    levels: ByLevel
    prior: ByLevel
    first_notice: LevelKey | None = None
    raise_after: _Count
    clear_after: _Count
    least_days: _Days
    margin: _Part
    saved_at_end: _Part
    unit: Literal["share", "m2"] | None = None

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        thresholds, priors = self.levels.given(), self.prior.given()
        if not thresholds:
            raise ValueError("'levels' is empty: name the severity from which there is an alert")
        if set(thresholds) != set(priors):
            raise ValueError("'prior' must name the same levels as 'levels'")
        if any(low >= high for low, high in pairwise(thresholds.values())):
            raise ValueError("the severities of 'levels' do not rise from level to level")
        if any(low > high for low, high in pairwise(priors.values())):
            raise ValueError("'prior' falls from one level to a higher one")
        if self.first_notice is not None and Level[self.first_notice.upper()] < min(thresholds):
            raise ValueError("'first_notice' lies below every level")
        return self

    def needed(self, level: Level) -> int:
        """Findings in a row that must reach a level before an alert has it."""
        noticed = self.first_notice is not None and level <= Level[self.first_notice.upper()]
        return 1 if noticed else self.raise_after


class Scope(Strict):
    """When a cause is the region's and when the subject's own, by the share of neighbours that show it.

    The level is the same in either case: a loss is a loss. What differs is the answer.
    """

    regional_from: _Part
    own_to: _Part
    regional: Text
    own: Text
    unclear: Text

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.own_to >= self.regional_from:
            raise ValueError("'own_to' must lie below 'regional_from'")
        return self


class Confidence(Strict):
    """What a rule's confidence is worth: knots of a line that never falls, and what an unknown one counts as."""

    knots: tuple[tuple[_Part, _Part], ...] = Field(min_length=2)
    unknown: _Part

    @model_validator(mode="after")
    def _rises(self) -> Self:
        rising = all(a[0] < b[0] and a[1] <= b[1] for a, b in pairwise(self.knots))
        if not rising or self.knots[0][0] != 0 or self.knots[-1][0] != 1:
            raise ValueError("'knots' must go from 0 to 1 and never fall")
        return self

    def worth(self, confidence: Floats) -> Floats:
        """(k,) 0..1 for confidences 0..1; NaN is unknown."""
        at, counts = np.array(self.knots).T
        worth: Floats = np.interp(np.nan_to_num(confidence, nan=0.0), at, counts)
        return np.where(np.isnan(confidence), self.unknown, worth)


class AlertRules(Dated):
    """The rules of a bank: causes by key."""

    rules_format: Literal[1]
    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    version: str = Field(min_length=1)
    title: Text
    citations: tuple[Citation, ...] = ()
    days_after_season: _Days
    scope: Scope
    confidence: Confidence
    causes: Mapping[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")], CauseRule] = Field(min_length=1)

    @property
    def content_hash(self) -> str:
        """SHA-256 (64 hex digits) of what the rules say; comments and the order of keys do not count."""
        return fingerprint(self.model_dump(mode="json", exclude_none=True))

    def cause(self, key: str) -> CauseRule:
        """Rule of a cause; InputError where the rules do not name it."""
        if key not in self.causes:
            raise InputError(
                "ALERT_RULES_CAUSE",
                f"The alert rules {self.id!r} ({self.version}) say nothing of the cause {key!r}.",
                f"Add [causes.{key}] to the rules, or leave the cause out of the watch.",
            )
        return self.causes[key]


def require_in_force(rules: AlertRules, day: date) -> None:
    """Refuse a watch as of a day on which the rules do not hold; InputError."""
    if not rules.holds(day):
        span = f"{rules.valid_from or 'ever'} to {rules.valid_to or 'further notice'}"
        raise InputError(
            "ALERT_RULES_NOT_IN_FORCE",
            f"The alert rules {rules.id!r} ({rules.version}) are in force from {span}, not on {day}.",
            "Choose the rules of that day.",
        )


def rules_ids(rules_dir: Path | None = None) -> tuple[str, ...]:
    """Ids of the alert rules that can be loaded, sorted: the shipped ones, and those of a bank's own folder."""
    return tuple(sorted(_places(rules_dir)))


def load_rules(name_or_path: str, rules_dir: Path | None = None) -> AlertRules:
    """The alert rules of an id, or of a file whatever it is called ("drafts/ours.toml").

    Args:
        name_or_path: "growth-1", whose file is named after it, or a path.
        rules_dir: a bank's own rules, one `ID.toml` each; they win over the shipped ones.

    Raises:
        InputError: no such rules, file or folder, or the file does not fit (names the file and the key).
    """
    if name_or_path.endswith(".toml") or "/" in name_or_path:
        return _of_file(Path(name_or_path))
    places = _places(rules_dir)
    if name_or_path not in places:
        known = ", ".join(sorted(places))
        raise InputError(
            "ALERT_RULES_UNKNOWN", f"There are no alert rules {name_or_path!r}.", f"Choose one of: {known}."
        )
    place = places[name_or_path]
    rules = parse_rules(place.read_text(encoding="utf-8"), place.name)
    if rules.id != name_or_path:
        raise InputError("ALERT_RULES_ID", f"{place.name} holds the rules {rules.id!r}.", "Name the file after its id.")
    return rules


def parse_rules(text: str, name: str) -> AlertRules:
    """Alert rules from TOML text; InputError names the file and the key that is unknown, missing or wrong."""
    try:
        return AlertRules.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise InputError("ALERT_RULES_TOML", f"{name} is not valid TOML: {error}.") from error
    except ValidationError as error:
        first, *others = error.errors(include_url=False)
        more = f" (and {len(others)} more)" if others else ""
        said = f"{name}: {sentence(first)}{more}."
        raise InputError("ALERT_RULES_KEY", said, "docs/alerts.md says what each key holds.") from error


def _of_file(path: Path) -> AlertRules:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            "ALERT_RULES_UNKNOWN", f"The alert rules {path} cannot be read.", "Name a TOML file."
        ) from error
    return parse_rules(text, path.name)


def _places(folder: Path | None) -> Mapping[str, _Place]:
    shipped = resources.files("scoring").joinpath("alerts/data/rules")
    places: dict[str, _Place] = {_id(place): place for place in shipped.iterdir() if place.name.endswith(".toml")}
    if folder is not None:
        if not folder.is_dir():
            raise InputError("ALERT_RULES_FOLDER", f"The folder of alert rules {folder} does not exist.")
        places |= {_id(place): place for place in sorted(folder.glob("*.toml"))}
    return places


def _id(place: _Place) -> str:
    return place.name.removesuffix(".toml")
