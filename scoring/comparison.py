"""Two sets of limits of the same book held against each other: counts, sums, medians, and who loses most."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from geo.errors import DataError

_DECILES: Final = 10

#: Name of the group of those that have no amount under the first policy.
NO_AMOUNT: Final = "no amount"


@dataclass(frozen=True, slots=True)
class Group:
    """Subjects of one group under two policies; amounts in the smallest unit.

    Attributes:
        by: what groups are made of: "all", "branch", "crop" or "decile".
        name: of the group.
        subjects: in the group.
        gained: with an amount under B only.
        lost: with an amount under A only.
        more: with a greater amount under B, among those with both.
        less: with a smaller one.
        same: with the same.
        sum_a: of all amounts under A.
        sum_b: of all amounts under B.
        median_change: B - A of those with both; None where there is none.
        median_share: of (B - A) / A among them where A is not 0; None where there is none.
    """

    by: str
    name: str
    subjects: int
    gained: int
    lost: int
    more: int
    less: int
    same: int
    sum_a: int
    sum_b: int
    median_change: float | None
    median_share: float | None


@dataclass(frozen=True, slots=True)
class Step:
    """What lines of one kind add up to over the book: the differences of all steps are the difference of the book.

    Attributes:
        code: reason code.
        sum_a: effects under A, smallest unit.
        sum_b: under B.
    """

    code: str
    sum_a: int
    sum_b: int


@dataclass(frozen=True, slots=True)
class Loser:
    """One of those that lose most.

    Attributes:
        subject_id: farmer, or parcel without a farmer.
        branch: its branch.
        amount_a: smallest unit.
        amount_b: None where B gives none.
        steps: codes of the lines that lower the amount, the strongest first, at most three.
    """

    subject_id: str
    branch: str
    amount_a: int
    amount_b: int | None
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """A book under two policies.

    Attributes:
        groups: all, then by branch and decile of the amount under A (subjects), and by crop (parcels).
        steps: by the size of what they change.
        losers: the greatest loss first.
        visits_a: subjects that need a visit under A.
        visits_b: under B.
    """

    groups: tuple[Group, ...]
    steps: tuple[Step, ...]
    losers: tuple[Loser, ...]
    visits_a: int
    visits_b: int

    @property
    def whole(self) -> Group:
        """The whole book."""
        return self.groups[0]


def compare(
    a: pd.DataFrame, b: pd.DataFrame, crops: pd.Series[str], branches: pd.Series[str] | None = None, losers: int = 10
) -> Comparison:
    """Hold two sets of limits of the same parcels against each other.

    A farmer counts once, a parcel without a farmer for itself; by crop, parcels are counted, whose amounts add up to
    their farmers'. A farmer belongs to the branch of the farmer's first parcel.

    Args:
        a: geo.observations.LIMITS under policy A.
        b: under policy B.
        crops: crop by parcel_id; null where none is known.
        branches: branch by parcel_id; one branch where None.
        losers: how many to name.

    Raises:
        DataError: the two are not of the same subjects.
    """
    both = _paired(a, b)
    parcels = both[both.subject_kind == "parcel"]
    parcels = parcels.assign(
        crop=crops.reindex(parcels.subject_id).fillna("(none)").to_numpy(),
        branch="all" if branches is None else branches.reindex(parcels.subject_id).fillna("(none)").to_numpy(),
    )
    subjects = _subjects(both, parcels)
    groups = [
        _group("all", "all", subjects),
        *_groups("branch", subjects, subjects.branch),
        *_groups("crop", parcels, parcels.crop),
        *_groups("decile", subjects, deciles(subjects)),
    ]
    return Comparison(
        groups=tuple(groups),
        steps=_steps(a.reasons.iloc[subjects.row], b.reasons.iloc[subjects.row]),
        losers=tuple(_loser(row, a.reasons, b.reasons) for row in _lowest(subjects, losers)),
        visits_a=int(subjects.visit_a.sum()),
        visits_b=int(subjects.visit_b.sum()),
    )


def deciles(subjects: pd.DataFrame) -> pd.Series[str]:
    """Tenth of each subject by its amount under A ("01" has the least), equal amounts in order of their ids."""
    known = subjects[subjects.a.notna()].sort_values(["a", "subject_id"], kind="stable")
    tenth = np.arange(len(known)) * _DECILES // max(len(known), 1) + 1
    named = pd.Series([f"{number:02d}" for number in tenth], index=known.index, dtype=object)
    return named.reindex(subjects.index).fillna(NO_AMOUNT)


def _paired(a: pd.DataFrame, b: pd.DataFrame) -> pd.DataFrame:
    keys = ["subject_kind", "subject_id"]
    if len(a) != len(b) or not all((a[key].to_numpy() == b[key].to_numpy()).all() for key in keys):
        raise DataError("LIMITS_DIFFER", "The two sets of limits are not of the same parcels and farmers.")
    return pd.DataFrame(
        {
            **{name: a[name].to_numpy(dtype=object) for name in (*keys, "farmer_id")},
            "a": a.amount_minor.astype("Int64").array,
            "b": b.amount_minor.astype("Int64").array,
            "visit_a": a.needs_visit.to_numpy(dtype=bool),
            "visit_b": b.needs_visit.to_numpy(dtype=bool),
            "row": np.arange(len(a)),
        }
    )


def _subjects(both: pd.DataFrame, parcels: pd.DataFrame) -> pd.DataFrame:
    """Farmers, and parcels without one, each with its branch."""
    alone = parcels[parcels.farmer_id.isna()]
    farmers = both[both.subject_kind == "farmer"]
    first = parcels.drop_duplicates("farmer_id").set_index("farmer_id").branch
    named = farmers.assign(branch=first.reindex(farmers.subject_id).to_numpy())
    return pd.concat([named, alone.drop(columns="crop")], ignore_index=True)


def _groups(by: str, rows: pd.DataFrame, names: pd.Series[str]) -> Iterator[Group]:
    for name, group in rows.groupby(names.to_numpy(), sort=True):
        yield _group(by, str(name), group)


def _group(by: str, name: str, rows: pd.DataFrame) -> Group:
    paid = rows[rows.a.notna() & rows.b.notna()]
    change = (paid.b - paid.a).astype("int64")
    some = paid.a.astype("int64") != 0
    share = change[some] / paid.a[some].astype("float64")
    return Group(
        by=by,
        name=name,
        subjects=len(rows),
        gained=int((rows.a.isna() & rows.b.notna()).sum()),
        lost=int((rows.a.notna() & rows.b.isna()).sum()),
        more=int((change > 0).sum()),
        less=int((change < 0).sum()),
        same=int((change == 0).sum()),
        sum_a=int(rows.a.sum()),
        sum_b=int(rows.b.sum()),
        median_change=float(change.median()) if len(change) else None,
        median_share=float(share.median()) if len(share) else None,
    )


def effects(receipt: str) -> Counter[str]:
    """Effects of a receipt's lines by code, smallest unit."""
    found: Counter[str] = Counter()
    for line in json.loads(receipt):
        found[str(line["code"])] += int(line["effect_minor"])
    return found


def _steps(*reasons: pd.Series[str]) -> tuple[Step, ...]:
    sums: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    for total, column in zip(sums, reasons, strict=True):
        for receipt in column:
            total.update(effects(receipt))
    codes = {code for total in sums for code in total if total[code]}
    steps = [Step(code, sums[0][code], sums[1][code]) for code in codes]
    return tuple(sorted(steps, key=lambda step: (-abs(step.sum_b - step.sum_a), step.code)))


def _lowest(subjects: pd.DataFrame, most: int) -> list[dict[Hashable, object]]:
    change = subjects.b.fillna(0) - subjects.a.fillna(0)
    order = subjects.assign(change=change).sort_values(["change", "subject_id"], kind="stable").head(most)
    return order[order.change < 0].to_dict("records")


def _loser(row: dict[Hashable, object], *reasons: pd.Series[str]) -> Loser:
    before, after = (effects(column.iloc[int(str(row["row"]))]) for column in reasons)
    lowered = {code: after[code] - before[code] for code in {*before, *after}}
    strongest = sorted((code for code in lowered if lowered[code] < 0), key=lambda code: (lowered[code], code))
    return Loser(
        subject_id=str(row["subject_id"]),
        branch=str(row["branch"]),
        amount_a=int(str(row["a"])),
        amount_b=None if pd.isna(row["b"]) else int(str(row["b"])),  # type: ignore[call-overload] # a cell
        steps=tuple(strongest[:3]),
    )
