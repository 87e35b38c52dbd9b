"""Groups beside each other: the continuity of bands between them settles what dark targets left open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Final, TypeAlias

from tiles.guard.continuity import Step, step_between
from tiles.guard.findings import ENOUGH_SCENES, OFFSETS, Finding, Pixels
from tiles.guard.groups import Group

_Steps: TypeAlias = Mapping[tuple[int, int], Step]

_BY_OFFSET: Final = {0: Pixels.NO_OFFSET, -1: Pixels.OFFSET}


@dataclass(frozen=True, slots=True)
class _Anchor:
    """A group whose offset is known, and why it is."""

    offset: float
    by_format: bool = False


def settle(groups: Sequence[Group]) -> list[Group]:
    """The same groups, their findings revised by the steps between them.

    Where the targets of two groups contradict the step between them, both are CONTRADICTED. A group without a finding
    takes the offset that its step from a group with one leaves. Where that leads nowhere, a group whose baseline
    predates the offset is held to be without it, as its format demands; a neighbour that bears its own metadata out
    against it bears out both.
    """
    steps = _steps(groups)
    settled = _contradicted(groups, steps)
    sure = {i: _Anchor(OFFSETS[group.finding.pixels]) for i, group in enumerate(settled) if _is_told(group)}
    settled = _followed(settled, steps, sure)
    held = {i: _Anchor(0.0, by_format=True) for i, group in enumerate(settled) if _is_held_without(group)}
    return _borne_out(_followed(settled, steps, held), steps, held)


def _steps(groups: Sequence[Group]) -> _Steps:
    """Steps between groups by their places, in both directions."""
    found: dict[tuple[int, int], Step] = {}
    for (i, one), (k, other) in combinations(enumerate(groups), 2):
        step = step_between(one.samples, other.samples, (one.said.scale, other.said.scale))
        if step is not None:
            found[i, k] = step
            found[k, i] = step.reversed()
    return found


def _is_told(group: Group) -> bool:
    return group.finding.pixels in OFFSETS and group.finding.firm


def _is_held_without(group: Group) -> bool:
    return group.finding.pixels is Pixels.UNKNOWN and group.predates and group.said.verified


def _contradicted(groups: Sequence[Group], steps: _Steps) -> list[Group]:
    settled = list(groups)
    for (i, k), step in steps.items():
        one, other = groups[i], groups[k]
        if not (_is_told(one) and _is_told(other)):
            continue
        expected = OFFSETS[other.finding.pixels] - OFFSETS[one.finding.pixels]
        if round(10 * step.height) != round(10 * expected):
            why = f"{one.finding.reason}, but {_shown(step, other)}"
            settled[i] = replace(one, finding=Finding(Pixels.CONTRADICTED, step.scenes, why))
    return settled


def _followed(groups: Sequence[Group], steps: _Steps, anchors: Mapping[int, _Anchor]) -> list[Group]:
    return [
        replace(group, finding=_following(i, groups, steps, anchors) or group.finding)
        if group.finding.pixels is Pixels.UNKNOWN and i not in anchors
        else group
        for i, group in enumerate(groups)
    ]


def _following(i: int, groups: Sequence[Group], steps: _Steps, anchors: Mapping[int, _Anchor]) -> Finding | None:
    """What its neighbours with a known offset say of a group; None where there is none or they disagree."""
    near = [k for k in anchors if (i, k) in steps]
    offsets = {round(10 * (anchors[k].offset - steps[i, k].height)) for k in near}
    if len(offsets) != 1:
        return None
    best = max(near, key=lambda k: steps[i, k].pairs)
    step = steps[i, best]
    reason = _shown(step, groups[best]) + (", which predates the offset" if anchors[best].by_format else "")
    pixels = _BY_OFFSET.get(offsets.pop(), Pixels.CLIPPED)
    return Finding(pixels, step.scenes, reason, firm=step.scenes >= ENOUGH_SCENES)


def _borne_out(groups: Sequence[Group], steps: _Steps, held: Mapping[int, _Anchor]) -> list[Group]:
    """Groups held to be without offset by their format, confirmed where a neighbour's metadata and step agree."""
    settled = list(groups)
    for i in held:
        agreeing = [k for k, group in enumerate(groups) if (i, k) in steps and k not in held and _agrees(group)]
        if agreeing:
            shown = _shown(steps[i, agreeing[0]], groups[agreeing[0]]) + ", as both state"
            finding = Finding(Pixels.NO_OFFSET, steps[i, agreeing[0]].scenes, shown, firm=False)
            settled[i] = replace(groups[i], finding=finding)
    return settled


def _agrees(group: Group) -> bool:
    stated = round(10 * group.said.offset)
    return group.said.verified and _BY_OFFSET.get(stated) is group.finding.pixels


def _shown(step: Step, other: Group) -> str:
    return f"bands lie {step.measured:+.3f} against those of {other.name} in {step.pairs} pairs of dates"
