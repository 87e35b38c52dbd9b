"""Clearing and thinning of perennial crops as findings: each look against the same-kind neighbours, as it was known.

NDVI alone, and bare soil for cleared land: grass beneath the trees hides a part of the loss, so that the share said is
rather too small. A stand that is cleared says nothing further of thinning: an alert on it stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from scoring.alerts.findings import NEVER, Findings
from scoring.growth.looks import SOIL
from scoring.growth.losses.of_run import timely
from scoring.growth.neighbours import LEAST_NEIGHBOURS
from scoring.growth.trees.thinning import StandWatch, ThinningRule
from scoring.growth.watching.blocks import Surrounded
from scoring.growth.watching.run import WatchedRun

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

RULE: Final = "stands-1"
CLEARING: Final = "clearing"
THINNING: Final = "thinning"
CAUSES: Final = frozenset({CLEARING, THINNING})
#: Legend keys of what stands for years and bears wood.
WOODY: Final = ("orchard", "vineyard", "tea", "forest")


def stand_findings(run: WatchedRun, block: Ints, rule: ThinningRule | None = None) -> Iterator[Findings]:
    """Findings of a block's parcels by day, of one day clearing before thinning; of other crops nothing is judged.

    Evidence is among `run.looks.days`.

    Args:
        run: the run.
        block: one of `run.blocks`.
        rule: thresholds.
    """
    woody = np.flatnonzero(np.isin(run.fields.crops[block], WOODY))
    if not len(woody):
        return
    around = Surrounded.around(block[woody].astype(np.int64), run.neighbours)
    watch = _Watch(run, around, woody, len(block), rule or ThinningRule())
    until = int(np.datetime64(run.until, "D").astype(np.int64))
    for day in watch.days_known(until):
        yield from watch.findings(int(day))


class _Watch:
    """Stands of a block between two days on which looks became known."""

    def __init__(self, run: WatchedRun, around: Surrounded, woody: Ints, block: int, rule: ThinningRule) -> None:
        self.looks, self.neighbours = run.looks.at(around.rows), around.neighbours[: around.own]
        self.kept, self.woody, self.block, self.rule = timely(self.looks), woody, block, rule
        self.own = np.arange(around.own)
        self.stands = StandWatch(around.own, rule)

    def days_known(self, until: int) -> Ints:
        """Days on which looks of the stands became known."""
        known = np.unique(self.looks.known_on[self.own][self.kept[self.own]]).astype(np.int64)
        some: Ints = known[known <= until]
        return some

    def findings(self, day: int) -> Iterator[Findings]:
        """What the looks that became known on a day say; of several at one stand the latest that could tell."""
        said: dict[str, Any] | None = None
        for column in range(len(self.looks.days)):
            came = self.own[self.kept[self.own, column] & (self.looks.known_on[self.own, column] == day)]
            if len(came):
                said = self._look(came, column, day, said)
        if said is not None:
            cleared = said["judged"] & said["raised"] & (said["share"] >= self.rule.cleared_share)
            yield self._found(CLEARING, day, said, said["judged"], cleared)
            yield self._found(THINNING, day, said, said["judged"] & ~cleared, said["raised"] & ~cleared)

    def _look(self, rows: Ints, column: int, day: int, said: dict[str, Any] | None) -> dict[str, Any]:
        """Take the looks of one column at some stands, beside what neighbours showed on it by then."""
        there = self.kept[:, column] & (self.looks.known_on[:, column] <= day)
        values = np.where(there, self.looks.ndvi[:, column], np.nan).astype(np.float64)[:, None]
        kind = _median_of(values, self.neighbours[rows])
        bare = np.full(len(rows), SOIL)
        found = self.stands.look(rows, values[rows, 0], kind, bare, self.looks.days[column])
        names = ("judged", "raised", "share", "score", "error", "expected", "first", "before")
        out = self._silent() if said is None else said
        told = rows[found[0]]
        for name, part in zip(names, found, strict=True):
            out[name][told] = part[found[0]]
        out["value"][told], out["look"][told] = values[told, 0], self.looks.days[column]
        return out

    def _silent(self) -> dict[str, Any]:
        n = len(self.own)
        numbers = {name: np.full(n, np.nan) for name in ("share", "score", "error", "expected", "value")}
        days = {name: np.full(n, NEVER) for name in ("first", "before", "look")}
        return {"judged": np.zeros(n, np.bool_), "raised": np.zeros(n, np.bool_), **numbers, **days}

    def _found(self, cause: str, day: int, said: dict[str, Any], judged: Flags, raised: Flags) -> Findings:
        columns = self.looks.days
        since = (columns >= said["before"][:, None]) & (columns <= said["look"][:, None])
        sure = np.clip(0.5 + (said["score"] - self.rule.limit) / (2 * max(self.rule.limit, 1e-6)), 0.5, 1.0)
        number = {
            "severity": np.where(judged, np.where(raised, said["share"], 0.0), np.nan),
            "confidence": np.where(raised, sure, np.nan),
            "fallen": np.full(len(raised), np.nan),
            "value": np.where(judged, said["value"], np.nan),
            "expected_low": np.where(judged, said["expected"] - self.stands.scatter, np.nan),
            "expected_high": np.full(len(raised), np.nan),
        }
        when = {
            "event_from": np.where(raised, said["before"], NEVER),
            "event_on": np.where(raised, said["first"], NEVER),
            "look_day": np.where(judged, said["look"], NEVER),
        }
        laid = {name: self._of_block(part, np.nan) for name, part in number.items()}
        laid |= {name: self._of_block(part, NEVER) for name, part in when.items()}
        return Findings(
            cause=cause,
            day=np.datetime64(day, "D").item(),
            judged=self._of_block(judged, fill=False),
            raised=self._of_block(raised, fill=False),
            why=np.full(self.block, ""),
            evidence=self._of_block(since & self.kept[self.own] & raised[:, None], fill=False),
            rule=RULE,
            **laid,
        )

    def _of_block(self, part: npt.NDArray[Any], fill: object) -> npt.NDArray[Any]:
        """Values of the stands among all parcels of the block."""
        out = np.full((self.block, *part.shape[1:]), fill, dtype=part.dtype)
        out[self.woody] = part
        return out


def _median_of(values: Floats, neighbours: Ints) -> Floats:
    """(k,) median of neighbours' looks, NaN where fewer than LEAST_NEIGHBOURS have one."""
    padded = np.append(values[:, 0], np.nan)
    around = padded[neighbours]
    enough = np.isfinite(around).sum(axis=1) >= LEAST_NEIGHBOURS
    median = np.full(len(neighbours), np.nan)
    if enough.any():
        median[enough] = np.nanmedian(around[enough], axis=1)
    return median
