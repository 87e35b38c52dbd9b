"""What a refresh came to, for people and programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal, TypeAlias

import pandas as pd

from scoring.lending.moves import Moves

Done: TypeAlias = Literal["recorded", "stands", "dry run"]


@dataclass(frozen=True, slots=True)
class WorstMove:
    """A subject that moves far: its amounts in minor units, and the share moved (None from nothing)."""

    kind: str
    subject_id: str
    base_minor: int
    after_minor: int
    share: Decimal | None


@dataclass(frozen=True, slots=True)
class RefreshSummary:
    """What a refresh came to.

    Attributes:
        done: recorded now, stands since an earlier command, or a dry run that wrote nothing.
        batch_id: the batch.
        as_of: day of the book.
        season_id: season of the run.
        stage: where the day lies in it.
        run_id: the run.
        policy_id: the policy.
        policy_hash: its content.
        currency: of all amounts.
        parcels: in the book.
        subjects: farmers, and parcels on their own, in the book.
        decided_again: subjects whose inputs changed; all of them for a first refresh.
        up: proposals above the last approved amount.
        down: proposals below it.
        same: proposals of the same amount, whose interval or need of a visit changed, or that take another's place.
        new: proposals for subjects with no approved amount.
        none: proposals that no amount can be given.
        gone: subjects with open proposals whom the book no longer holds.
        erased: farmers of the run who are left out: their data were erased since.
        needs_visit: proposals that somebody should look at.
        before_minor: sum of the last approved amounts of the proposals' subjects.
        after_minor: sum of the proposals.
        new_minor: part of it for new subjects.
        held_for: reasons to hold the batch, and what people did with it (limit_batch.held_for).
        status: of the batch.
        rule: bounds of the pack: most_farmer_change and most_book_change; None: it has none and nothing is held.
        worst: the greatest moves.
        seconds: wall time.
    """

    done: Done
    batch_id: str
    as_of: date
    season_id: str
    stage: str
    run_id: str
    policy_id: str
    policy_hash: str
    currency: str
    parcels: int
    subjects: int
    decided_again: int
    up: int
    down: int
    same: int
    new: int
    none: int
    gone: int
    erased: int
    needs_visit: int
    before_minor: int
    after_minor: int
    new_minor: int
    held_for: Sequence[Mapping[str, Any]]
    status: str
    rule: Mapping[str, str] | None
    worst: tuple[WorstMove, ...]
    seconds: float

    @property
    def proposals(self) -> int:
        """How many there are."""
        return self.up + self.down + self.same + self.new + self.none

    def as_dict(self) -> dict[str, Any]:
        """JSON of it; shares as decimal text."""
        said = asdict(self) | {"as_of": self.as_of.isoformat(), "proposals": self.proposals}
        for move in said["worst"]:
            move["share"] = None if move["share"] is None else str(move["share"])
        return said | {"seconds": round(self.seconds, 1)}


def count_proposals(proposals: pd.DataFrame) -> dict[str, Any]:
    """Counts and sums of proposals: up, down, same, new, none, needs_visit, before_minor, after_minor."""
    amount, before = proposals.amount_minor, proposals.before_minor
    new, none = before.isna() & amount.notna(), amount.isna()
    return {
        "up": _count(amount > before),
        "down": _count(amount < before),
        "same": _count(amount == before),
        "new": _count(new),
        "none": _count(none),
        "needs_visit": _count(proposals.needs_visit),
        "before_minor": int(before.sum()),
        "after_minor": int(amount.sum()),
        "new_minor": int(amount[new].sum()),
    }


def worst_moves(moves: Moves, proposals: pd.DataFrame) -> tuple[WorstMove, ...]:
    """The greatest moves with the names of their subjects."""
    kinds, names = proposals.kind.tolist(), proposals.subject_id.tolist()
    return tuple(
        WorstMove(kinds[move.row], names[move.row], move.base_minor, move.after_minor, move.share)
        for move in moves.worst
    )


def _count(mark: pd.Series[Any]) -> int:
    return int(mark.fillna(value=False).sum())
