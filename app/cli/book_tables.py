"""The loan book on the terminal."""

from __future__ import annotations

from datetime import date
from typing import Final

import pandas as pd
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from app.book.loans.imports import ImportCounts
from app.book.loans.positions import POSITION
from app.book.loans.reconcile import Reconciled
from app.cli.money import major_text
from app.cli.policy_tables import say
from scoring.lending.flags import ClassFlag
from scoring.lending.loanbook import AMOUNTS, LoanBook

#: Headings of what is not an amount, and how narrow rich may make them.
_HEADINGS: Final = {
    "facility_number": ("facility", 8),
    "farmer_id": ("farmer", 8),
    "facilities": ("lines", 5),
    "currency": ("", 3),
}
#: Rows of a long list that the terminal shows; --json and --out have all.
_SHOWN: Final = 20


def print_import(console: Console, counts: ImportCounts, book: LoanBook, flags: tuple[ClassFlag, ...]) -> None:
    """What a file held and did, what it lacks, and what wants a person."""
    say(console, _headline(counts))
    for currency, sums in counts.totals.items():
        say(console, f"{currency}: {sums['loans']} loans; {'; '.join(_sums(sums, currency))}.")
    if counts.land is not None and counts.cover is not None:
        land, cover = counts.land, counts.cover
        say(console, f"Loans: {counts.new_loans} new, {counts.changed_loans} changed, {counts.ended_loans} ended. "
                     f"Facilities: {counts.new_lines} new, {counts.changed_lines} changed.")  # fmt: skip
        say(console, f"Plots: {land.plots} new or changed, on {land.parcels} new parcels with {land.outlines} new "
                     f"outlines; {land.crops} crops declared. "
                     f"Insurance: {cover.policies} policies, {cover.claims} claims.")  # fmt: skip
        if land.crops_without_season:
            say(console, f"Crops without days of a season, not declared: {land.crops_without_season}.")
        if land.villages:
            say(console, f"Parcels in villages, new or moved: {land.villages}.")
        if land.other_outlines:
            say(console, f"Parcels that a run saw with another outline, which holds on: {land.other_outlines}.")
    for name, reason in book.lacks.items():
        say(console, f"Not known: {name} ({reason}).")
    _list(console, "Repaired", [f"{parcel_id}: {what}" for parcel_id, what in book.repairs])
    _list(console, "Decided here with another amount than sanctioned there", list(counts.other_limits))
    _list(console, "Class better than its floor, for a person to look at", [
        f"{flag.loan_number}: {flag.days_overdue} days overdue, {flag.loan_class}, at least {flag.floor}"
        for flag in flags
    ])  # fmt: skip


def print_positions(console: Console, table: pd.DataFrame, on: date, facilities: pd.DataFrame) -> None:
    """Positions of a day, in major units; "-" is not known."""
    facts = [name for name in _HEADINGS if name in table.columns]
    title = f"Positions on {on}"
    shown = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for name in facts:
        heading, least = _HEADINGS[name]
        shown.add_column(heading, overflow="fold", min_width=least)
    for name in POSITION:
        shown.add_column(name.removesuffix("_minor"), justify="right", no_wrap=True)
    for row in table.head(_SHOWN).to_dict("records"):
        amounts = [_amount(row[name], str(row["currency"])) for name in POSITION]
        shown.add_row(*("-" if row[name] is None else str(row[name]) for name in facts), *amounts)
    console.print(shown)
    if len(table) > _SHOWN:
        say(console, f"... and {len(table) - _SHOWN} more; --json or --out has all.")
    nameless = int(facilities.farmer_id.isna().sum())
    say(console, f"{len(facilities)} facilities; {nameless} without a known borrower. - is not known.")


def print_reconciled(console: Console, found: tuple[Reconciled, ...]) -> None:
    """Each source: reconciled, or figure by figure what differs."""
    if not found:
        say(console, "No loan file was imported.")
    for each in found:
        verdict = "differs" if each.differences else "reconciles"
        say(console, f"{each.source}, {each.as_of}, {each.loans} loans: {verdict}")
        for one in each.differences:
            say(console, f"  {one.currency} {one.figure}: {one.file} in the file, {one.book} in the book")


def _headline(counts: ImportCounts) -> str:
    what = (
        "was imported before: nothing written"
        if counts.already_imported
        else "imported" if counts.written else "would be imported: nothing written"
    )  # fmt: skip
    return f"{counts.source}, {counts.as_of}: {counts.loans} loans, {what}."


def _sums(sums: dict[str, int | None], currency: str) -> list[str]:
    return [f"{name} {_sum(sums, name, currency)}" for name in AMOUNTS]


def _sum(sums: dict[str, int | None], name: str, currency: str) -> str:
    known, unknown = sums[f"{name}_minor"], sums[f"{name}_unknown"]
    if known is None:
        return "not known"
    return major_text(known, currency) + (f" ({unknown} not known)" if unknown else "")


def _amount(minor: int | None, currency: str) -> str:
    return "-" if minor is None else major_text(minor, currency).removesuffix(f" {currency}")


def _list(console: Console, title: str, lines: list[str]) -> None:
    if lines:
        say(console, f"{title}: {len(lines)}")
        for line in lines[:_SHOWN]:
            say(console, f"  {line}")
        if len(lines) > _SHOWN:
            say(console, f"  ... and {len(lines) - _SHOWN} more")
