"""Receipts on the terminal: lines on the left, effects on the right, the total below."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
from rich.console import Console

from app.cli.money import major_text
from geo.errors import InputError
from geo.observations import LIMITS, read_table
from scoring.working import Working

_WORDS = {
    "en": {"total": "Limit", "none": "No limit can be given.", "visit": "A visit is needed.", "range": "Range"},
    "zh": {"total": "授信额度", "none": "暂无法给出额度。", "visit": "需要实地走访。", "range": "区间"},
}


def print_receipts(console: Console, run: Path, subject: str, language: str) -> None:
    """Print the receipt of a parcel or a farmer.

    Raises:
        InputError: the run knows no such parcel or farmer.
        DataError: the folder holds no limits.
    """
    limits = read_table(run / "limits.parquet", LIMITS)
    rows = limits[limits.subject_id == subject]
    if rows.empty:
        raise InputError("UNKNOWN_SUBJECT", f"The run has no parcel or farmer {subject!r}.", "Check the id.")
    for row in rows.to_dict("records"):
        _print_one(console, {str(key): value for key, value in row.items()}, language)


def print_working(console: Console, working: Working) -> None:
    """Print the steps of a limit worked out from facts: effect, running amount, text; then the figures."""
    currency = working.pack.currency.code
    for step in working.steps:
        console.print(f"{step.effect:>14,} {step.amount:>14,} {currency}  {step.en}", highlight=False, markup=False)
    if working.day is not None and not working.pack.in_force(working.day):
        console.print(f"The policy is not in force on {working.day}.", style="yellow", highlight=False)
    for name, value in working.figures.items():
        console.print(f"{name}: {value}", highlight=False, markup=False)


def _print_one(console: Console, row: dict[str, object], language: str) -> None:
    words, currency = _WORDS[language], str(row["currency"])
    say = [(str(line[language]), int(line["effect_minor"])) for line in json.loads(str(row["reasons"]))]
    console.print(f"{row['subject_id']}  ({row['policy_id']})", style="bold", highlight=False)
    for text, effect in say:
        console.print(f"{_money(effect, currency) if effect else '':>18}  {text}", highlight=False, markup=False)
    if pd.isna(row["amount_minor"]):  # type: ignore[call-overload] # a cell of a table
        console.print(words["none"])
    else:
        low, high = (_money(row[name], currency) for name in ("low_minor", "high_minor"))
        console.print(f"{_money(row['amount_minor'], currency):>18}  {words['total']}", style="bold", highlight=False)
        console.print(f"{'':>18}  {words['range']}: {low} - {high}", highlight=False)
    if row["needs_visit"]:
        console.print(words["visit"])


def _money(minor: object, currency: str) -> str:
    return "-" if pd.isna(minor) else major_text(int(str(minor).split(".")[0]), currency)  # type: ignore[call-overload] # a cell
