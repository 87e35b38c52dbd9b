"""Verdict on each group of scenes, and the rule that each scene's reflectance follows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import pystac

from geo.errors import DataError
from tiles.guard.evidence import Sample
from tiles.guard.findings import OFFSETS, SURE_SCENES, Finding, Pixels, level, middle
from tiles.guard.groups import Group, examined, grouped
from tiles.guard.metadata import ReflectanceRule
from tiles.guard.settle import settle

_DIGITS: Final = 4


class Verdict(StrEnum):
    """What became of what the metadata of a group say."""

    CONFIRMED = "CONFIRMED"
    CORRECTED = "CORRECTED"
    REFUSED = "REFUSED"
    UNVERIFIED = "UNVERIFIED"


@dataclass(frozen=True, slots=True)
class GroupVerdict:
    """Verdict on the scenes of one catalogue and baseline whose metadata say the same.

    Attributes:
        name: catalogue, baseline and stated offset, for people.
        catalogue: name of the catalogue; empty where the source gives none.
        baseline: processing baseline; empty where unstated.
        verdict: what became of the metadata's rule.
        pixels: what the pixels show.
        reason: one sentence: what the metadata say, and what was measured.
        stated_offset: reflectance of digital number 0 by the metadata.
        offset: the same as used; None where refused.
        scale: reflectance per digital number.
        scenes: number of scenes in the group.
        sampled: scenes looked at.
        telling: scenes whose pixels carry the finding.
        red: level of red over dense vegetation before any offset; None where there is too little of it.
        swir: level of shortwave infrared over water and deep shadow before any offset; None as before.
        negative: share of clear pixels that an offset of -0.1 would make impossible; None without clear pixels.
        unread: scenes that should have been looked at but could not be read, with the error's message.
    """

    name: str
    catalogue: str
    baseline: str
    verdict: Verdict
    pixels: Pixels
    reason: str
    stated_offset: float
    offset: float | None
    scale: float
    scenes: int
    sampled: int
    telling: int
    red: float | None
    swir: float | None
    negative: float | None
    unread: tuple[tuple[str, str], ...] = ()

    def record(self) -> dict[str, Any]:
        """The same as JSON can carry it."""
        said = {name: getattr(self, name) for name in self.__slots__}
        return said | {"verdict": self.verdict.value, "pixels": self.pixels.value, "unread": dict(self.unread)}


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the guard found; small, and fit for another process.

    Attributes:
        rules: reflectance rule of every item by its id, for `tiles.plan.plan_cube`. Those of refused groups are not
            verified, so that nobody who forgets `required` takes them for good. Reasons carry no figures, which would
            change with the scenes sampled.
        groups: verdicts, sorted by catalogue and baseline.
    """

    rules: Mapping[str, ReflectanceRule]
    groups: tuple[GroupVerdict, ...]

    def required(self) -> Assessment:
        """Itself, where no group is refused.

        Raises:
            DataError: a group is refused (REFLECTANCE_REFUSED).
        """
        refused = next((group for group in self.groups if group.verdict is Verdict.REFUSED), None)
        if refused is not None:
            raise DataError(
                "REFLECTANCE_REFUSED",
                f"The pixels of {refused.scenes} scenes ({refused.name}) are not usable: {refused.pixels}. "
                f"{refused.reason}",
                "Take these scenes from another catalogue, or leave them out.",
                groups=self.record(),
            )
        return self

    def record(self) -> list[dict[str, Any]]:
        """Verdicts as JSON can carry them, for a run record."""
        return [group.record() for group in self.groups]


def assess(
    items: Iterable[pystac.Item], samples: Mapping[str, Sample], unread: Mapping[str, str] | None = None
) -> Assessment:
    """Rules and verdicts of scenes from their metadata and a sample of pixels; nothing is read.

    Args:
        items: Sentinel-2 L2A items from a `Source`.
        samples: pixels by item id, of as many scenes as were sampled.
        unread: message by item id of scenes that could not be sampled.

    Returns:
        The same for the same input, whatever its order.
    """
    members = grouped(items)
    groups = settle([examined(key, found, samples) for key, found in members.items()])
    judged = [_judged(group, unread or {}) for group in groups]
    rules = {
        scene: _rule(group, verdict) for group, verdict in zip(groups, judged, strict=True) for scene in group.scenes
    }
    return Assessment(dict(sorted(rules.items())), tuple(judged))


def _judged(group: Group, unread: Mapping[str, str]) -> GroupVerdict:
    verdict = _verdict(group.said, group.finding)
    return GroupVerdict(
        name=group.name,
        catalogue=group.catalogue,
        baseline=group.baseline,
        verdict=verdict,
        pixels=group.finding.pixels,
        reason=_reason(group, verdict),
        stated_offset=group.said.offset,
        offset=_offset(group, verdict),
        scale=group.said.scale,
        scenes=len(group.scenes),
        sampled=len(group.samples),
        telling=group.finding.scenes,
        red=_figure(level([e.red for e in group.evidence])),
        swir=_figure(level([e.swir for e in group.evidence])),
        negative=_figure(middle([e.negative for e in group.evidence])),
        unread=tuple((scene, unread[scene]) for scene in group.scenes if scene in unread),
    )


def _verdict(said: ReflectanceRule, finding: Finding) -> Verdict:
    if finding.pixels is Pixels.UNKNOWN:
        return Verdict.UNVERIFIED
    if finding.pixels not in OFFSETS:
        return Verdict.REFUSED
    if math.isclose(OFFSETS[finding.pixels], said.offset, abs_tol=1e-9):
        return Verdict.CONFIRMED
    return Verdict.CORRECTED if _may_overrule(finding) else Verdict.UNVERIFIED


def _may_overrule(finding: Finding) -> bool:
    return finding.firm and finding.scenes >= SURE_SCENES


def _offset(group: Group, verdict: Verdict) -> float | None:
    if verdict is Verdict.REFUSED:
        return None
    return OFFSETS[group.finding.pixels] if verdict is Verdict.CORRECTED else group.said.offset


def _reason(group: Group, verdict: Verdict) -> str:
    said, shown = group.said.reason.rstrip("."), group.finding.reason
    if verdict is Verdict.CONFIRMED:
        return f"{said}; pixels agree: {shown}."
    if verdict is Verdict.CORRECTED:
        return f"{said}; pixels show otherwise ({group.finding.pixels}): {shown}."
    if group.finding.pixels in OFFSETS:
        return f"{said}; pixels speak against it, but too few to overrule it: {shown}."
    return f"{said}; {shown}."


def _rule(group: Group, judged: GroupVerdict) -> ReflectanceRule:
    verified = judged.verdict in (Verdict.CONFIRMED, Verdict.CORRECTED)
    offset = group.said.offset if judged.offset is None else judged.offset
    reason = f"{judged.verdict} (pixels: {judged.pixels}). {group.said.reason}"
    return ReflectanceRule(group.said.scale, offset, verified, reason)


def _figure(value: float) -> float | None:
    return round(value, _DIGITS) if math.isfinite(value) else None
