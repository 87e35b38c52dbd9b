"""Proposals and decisions on the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from sqlalchemy import RowMapping

from app.cli.money import major_text


def print_proposals(console: Console, rows: Sequence[RowMapping], most: int, counts: Mapping[str, int]) -> None:
    """Proposals, one a line; says how many there are of each status and where more may follow."""
    for row in rows:
        console.print(_proposal_line(row), highlight=False, markup=False)
    _more(console, rows, most)
    said = ", ".join(f"{count} {status}" for status, count in counts.items())
    console.print(f"Proposals: {said or 'none'}.", highlight=False)


def _proposal_line(row: RowMapping) -> str:
    visit = ", needs a visit" if row["needs_visit"] else ""
    reasons = ", ".join(row["reasons"])
    proposed, before = (_amount(row, name) for name in ("amount_minor", "before_minor"))
    return f"{row['id']}  {_subject(row)}: {proposed} (before: {before}){visit}{f'; {reasons}' if reasons else ''}"


def print_decisions(console: Console, rows: Sequence[RowMapping], most: int) -> None:
    """Decisions, one a line."""
    for row in rows:
        console.print(decision_line(row), highlight=False, markup=False)
    if not rows:
        console.print("Nothing was decided.")
    _more(console, rows, most)


def decision_line(row: RowMapping) -> str:
    """One line: number, subject, outcome, amount, who, when."""
    who = row["decided_by"] or f"authority {row['authority_id']}"
    amount = "" if row["amount_minor"] is None else f" {_amount(row, 'amount_minor')}"
    proposal = "" if row["proposal_id"] is None else f" (proposal {row['proposal_id']})"
    at = f"{row['decided_at']:%Y-%m-%d %H:%M} UTC"
    return f"Decision {row['id']}{proposal}: {_subject(row)} {row['outcome']}{amount}, by {who}, {at}"


def _subject(row: RowMapping) -> str:
    return f"{row['kind']} {row['subject_id'] or '(erased)'}"


def _amount(row: RowMapping, name: str) -> str:
    return "not known" if row[name] is None else major_text(row[name], row["currency"])


def _more(console: Console, rows: Sequence[RowMapping], most: int) -> None:
    if len(rows) == most:
        console.print(f"There may be more: --after {rows[-1]['id']}", highlight=False)
