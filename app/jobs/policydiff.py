"""`policy diff`: what another policy does to the book of a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path

import pandas as pd

from app.jobs.feasibility import column_labels
from app.jobs.policybook import RunBook
from geo.errors import InputError
from scoring.comparison import Comparison, compare
from scoring.pack_changes import Change, changes
from scoring.pack_schema import Pack

#: Columns that name a branch, in a parcel file that was not asked about.
_BRANCH_COLUMNS = ("org_unit", "branch")


@dataclass(frozen=True, slots=True)
class PolicyDiff:
    """A run's book under two policies.

    Attributes:
        book: the run.
        a: policy.
        b: the other.
        rules: what B says otherwise.
        comparison: what it does.
        reproduced: subjects whose amount recorded by the run comes out again under A, and all of them; None where A is
            not the policy of the run.
    """

    book: RunBook
    a: Pack
    b: Pack
    rules: tuple[Change, ...]
    comparison: Comparison
    reproduced: tuple[int, int] | None

    def as_dict(self) -> dict[str, object]:
        """Plain values for JSON; amounts are decimal text in major units."""
        compared = self.comparison
        reproduced = None if self.reproduced is None else dict(zip(("equal", "of"), self.reproduced, strict=True))
        return {
            "run_id": self.book.record.run_id,
            "season_id": self.book.season.id,
            "simulated": self.book.record.simulated,
            "facts": self.book.facts,
            "currency": self.a.currency.code,
            "policies": {name: _said(pack) for name, pack in (("a", self.a), ("b", self.b))},
            "reproduced": reproduced,
            "rules": [asdict(change) for change in self.rules],
            "groups": [in_major(asdict(group), self.a) for group in compared.groups],
            "steps": [in_major(asdict(step), self.a) for step in compared.steps],
            "losers": [in_major(asdict(loser), self.a) for loser in compared.losers],
            "visits": {"a": compared.visits_a, "b": compared.visits_b},
        }


def policy_diff(book: RunBook, a: Pack, b: Pack, branches: pd.Series[str] | None, losers: int = 10) -> PolicyDiff:
    """Apply two policies to a run's book and hold them against each other.

    Args:
        book: the run.
        a: policy.
        b: the other, of the same currency.
        branches: branch by parcel_id; one branch where None.
        losers: how many of those that lose most to name.

    Raises:
        InputError: the currencies differ.
    """
    require_same_currency(a, b)
    under_a, under_b = _light(book.under(a)), _light(book.under(b))
    crops = book.parcels.set_index("parcel_id").crop
    return PolicyDiff(
        book=book,
        a=a,
        b=b,
        rules=changes(a, b),
        comparison=compare(under_a, under_b, crops, branches, losers),
        reproduced=_reproduced(book, a, under_a),
    )


def require_same_currency(a: Pack, b: Pack) -> None:
    """InputError where amounts of two policies cannot be compared."""
    if a.currency != b.currency:
        said = f"{a.id} is in {a.currency.code}, {b.id} in {b.currency.code}: amounts cannot be compared."
        raise InputError("POLICY_CURRENCY", said, "Compare policies of one currency.")


def branches_of(book: RunBook, file: Path | None, crs: str | None, column: str | None) -> pd.Series[str] | None:
    """Branch by parcel_id.

    Args:
        book: the run.
        file: parcel file of the run.
        crs: of a file that states none.
        column: of the file, or a recorded fact (district); without one, the file's org_unit or branch.

    Returns:
        Labels by parcel_id, None where nothing names branches.

    Raises:
        InputError: there is no such column.
    """
    ids = book.parcels.parcel_id
    if column is not None and column in book.parcels.columns:
        return pd.Series(book.parcels[column].to_numpy(), index=ids)
    if file is None:
        if column is None:
            return None
        raise InputError("COLUMN_MISSING", f"The run keeps no column {column!r}.", "Give --parcels, or take district.")
    for name in (column,) if column is not None else _BRANCH_COLUMNS:
        try:
            return pd.Series(column_labels(file, crs, name).to_numpy(), index=ids)
        except InputError as error:
            if column is not None or error.code != "COLUMN_MISSING":
                raise
    return None


def in_major(values: Mapping[str, object], pack: Pack) -> dict[str, object]:
    """Amounts (sum_..., amount_..., median_change) as decimal text in major units; the rest as it is."""
    money = ("sum_", "amount_", "median_change")
    return {name: major(value, pack) if name.startswith(money) else value for name, value in values.items()}


def major(value: object, pack: Pack) -> str | None:
    """Decimal text of an amount in the smallest unit, or of a median of such; None stays."""
    if value is None:
        return None
    exact = Decimal(str(value))
    whole = exact == exact.to_integral_value()
    return f"{(Decimal(int(exact)) if whole else exact).scaleb(-pack.currency.exponent):f}"


def _light(limits: pd.DataFrame) -> pd.DataFrame:
    """Limits with the receipts of subjects only: those of a farmer's parcels are most of the memory and not read."""
    subject = (limits.subject_kind == "farmer") | limits.farmer_id.isna()
    return limits.assign(reasons=limits.reasons.where(subject))


def _reproduced(book: RunBook, pack: Pack, under: pd.DataFrame) -> tuple[int, int] | None:
    if book.record.policy_hash != pack.content_hash:
        return None
    keys = ["subject_kind", "subject_id"]
    both = book.decided.merge(under, on=keys, suffixes=("", "_again"))
    equal = both.amount_minor.astype("Int64").eq(both.amount_minor_again)
    none = both.amount_minor.isna() & both.amount_minor_again.isna()
    return int((equal.fillna(value=False) | none).sum()), len(book.decided)


def _said(pack: Pack) -> dict[str, object]:
    return {"id": pack.id, "version": pack.version, "content_hash": pack.content_hash}
