"""`policy backtest`: what a policy would have given in past runs, against what was decided and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Final

import pandas as pd

from app.jobs.policybook import RunBook
from app.jobs.policydiff import in_major
from geo.errors import InputError
from scoring.backtest import BAD, GOOD, UNKNOWN, Backtest, backtest
from scoring.money import exact_decimal
from scoring.pack_schema import Pack

#: More days overdue than these count as a bad outcome, where nothing else is said.
BAD_DAYS: Final = 90

_KEYS: Final = ["season_id", "subject_id"]


@dataclass(frozen=True, slots=True)
class PolicyBacktest:
    """A policy over past runs.

    Attributes:
        pack: the policy.
        books: the runs.
        decided: "file", or "recorded limits": what the runs' own policies gave, where no decisions were handed in.
        bad_days: more days overdue than these are bad.
        unmatched: rows of the files that belong to no case, by file.
        found: the figures.
    """

    pack: Pack
    books: tuple[RunBook, ...]
    decided: str
    bad_days: int
    unmatched: dict[str, int]
    found: Backtest

    def as_dict(self) -> dict[str, object]:
        """Plain values for JSON; amounts are decimal text in major units."""
        return {
            "policy": {"id": self.pack.id, "version": self.pack.version, "content_hash": self.pack.content_hash},
            "currency": self.pack.currency.code,
            "runs": [_said(book, self.pack) for book in self.books],
            "decided": self.decided,
            "bad_days": self.bad_days,
            "unmatched": self.unmatched,
            "seasons": [in_major(asdict(sums), self.pack) for sums in self.found.seasons],
            "outcomes": [in_major(asdict(sums), self.pack) for sums in self.found.outcomes],
            "moves": [asdict(move) for move in self.found.moves],
        }


def policy_backtest(
    books: Sequence[RunBook],
    pack: Pack,
    decided: Path | None = None,
    outcomes: Path | None = None,
    bad_days: int = BAD_DAYS,
) -> PolicyBacktest:
    """Apply a policy to past runs.

    Args:
        books: runs of different seasons, or of different parcels.
        pack: the policy.
        decided: CSV with subject_id, amount (major units) and, for several seasons, season_id; without it the limits
            that the runs recorded stand for what was decided.
        outcomes: CSV with subject_id, days_overdue (or outcome: good, bad) and, for several seasons, season_id.
        bad_days: more days overdue than these are bad.

    Raises:
        InputError: a run in another currency, a case twice, or a file that cannot be used; file and row are named.
    """
    cases = pd.concat([_cases(book, pack) for book in books], ignore_index=True)
    twice = cases.duplicated(_KEYS)
    if twice.any():
        season, subject = cases.loc[twice, _KEYS].iloc[0]
        raise InputError("BACKTEST_CASE", f"{subject!r} is in two runs of {season}.", "Give each season once.")
    unmatched: dict[str, int] = {}
    if decided is not None:
        amounts, unmatched["decided"] = _joined(decided, cases, "amount", lambda text: _minor(text, pack))
        cases["decided"] = pd.Series(amounts, index=cases.index, dtype="Int64")
    cases["outcome"] = UNKNOWN
    if outcomes is not None:
        said, unmatched["outcomes"] = _outcomes(outcomes, cases, bad_days)
        cases["outcome"] = said
    return PolicyBacktest(
        pack=pack,
        books=tuple(books),
        decided="recorded limits" if decided is None else "file",
        bad_days=bad_days,
        unmatched=unmatched,
        found=backtest(cases),
    )


def _said(book: RunBook, pack: Pack) -> dict[str, object]:
    return {
        "run_id": book.record.run_id,
        "season_id": book.season.id,
        "policy_id": book.record.policy_id,
        "facts": book.facts,
        "simulated": book.record.simulated,
        "in_force": pack.in_force(book.season.start),
    }


def _cases(book: RunBook, pack: Pack) -> pd.DataFrame:
    """Farmers, and parcels without one, of a run: what the policy gives and what the run recorded."""
    if not book.decided.currency.eq(pack.currency.code).all():
        said = f"{book.run} is in another currency than {pack.id} ({pack.currency.code})."
        raise InputError("POLICY_CURRENCY", said, "Take a policy of the run's currency.")
    under = book.under(pack)
    subjects = under[(under.subject_kind == "farmer") | under.farmer_id.isna()]
    keys = ["subject_kind", "subject_id"]
    recorded = book.decided[[*keys, "amount_minor"]].rename(columns={"amount_minor": "decided"})
    joined = subjects[[*keys, "amount_minor"]].merge(recorded, on=keys, how="left", validate="one_to_one")
    return pd.DataFrame(
        {
            "season_id": book.season.id,
            "subject_id": joined.subject_id,
            "given": joined.amount_minor.astype("Int64"),
            "decided": joined.decided.astype("Int64"),
        }
    )


def _outcomes(path: Path, cases: pd.DataFrame, bad_days: int) -> tuple[list[str], int]:
    def judged(text: str) -> str:
        return BAD if exact_decimal(text) > bad_days else GOOD

    def named(text: str) -> str:
        if text not in (GOOD, BAD):
            raise ValueError(f"{text!r} is neither good nor bad")
        return text

    days = "days_overdue" in _rows(path).columns
    said, unmatched = _joined(path, cases, "days_overdue" if days else "outcome", judged if days else named)
    return [UNKNOWN if value is None else str(value) for value in said], unmatched


def _joined(path: Path, cases: pd.DataFrame, column: str, parse: Callable[[str], object]) -> tuple[list[object], int]:
    """Values of a column of a CSV by case, None where it says nothing, and how many rows belong to no case."""
    rows = _rows(path)
    if "season_id" not in rows.columns:
        seasons = cases.season_id.unique()
        if len(seasons) > 1:
            raise _wrong(path, "lacks the column 'season_id', and there are several seasons")
        rows = rows.assign(season_id=seasons[0] if len(seasons) else "")
    for needed in ("subject_id", column):
        if needed not in rows.columns:
            raise _wrong(path, f"lacks the column {needed!r}")
    values: dict[tuple[str, str], object] = {}
    for number, (season, subject, text) in enumerate(rows[[*_KEYS, column]].itertuples(index=False), start=2):
        if (season, subject) in values:
            raise _wrong(path, f"names {subject!r} twice (line {number})")
        values[season, subject] = _parsed(path, number, text, parse)
    known = list(zip(cases.season_id, cases.subject_id, strict=True))
    return [values.get(key) for key in known], len(values.keys() - set(known))


def _parsed(path: Path, number: int, text: str, parse: Callable[[str], object]) -> object:
    try:
        return None if not text.strip() else parse(text.strip())
    except (ValueError, InputError) as error:
        raise _wrong(path, f"line {number}: {str(error).rstrip('.')}") from error


def _rows(path: Path) -> pd.DataFrame:
    try:
        return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise _wrong(path, "cannot be read") from error


def _wrong(path: Path, what: str) -> InputError:
    return InputError("BACKTEST_FILE", f"{path.name} {what}.", "docs/policy.md shows the columns.")


def _minor(text: str, pack: Pack) -> int:
    amount: Decimal = exact_decimal(text)
    if amount < 0:
        raise ValueError(f"{text!r} is negative")
    return pack.minor(amount)
