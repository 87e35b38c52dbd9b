"""What a refresh came to, and the batches of the book, on the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from app.book.refresh.summary import RefreshSummary
from app.cli.money import major_text

_DONE: Final = {
    "recorded": "Batch {id} is recorded.",
    "stands": "Nothing to do: batch {id} stands.",
    "dry run": "Dry run: nothing is written. It would be batch {id}.",
}
_COUNTS: Final = (
    ("up", "Proposals up"),
    ("down", "Proposals down"),
    ("same", "Proposals of the same amount"),
    ("new", "Proposals where nothing was approved"),
    ("none", "Proposals without an amount"),
    ("needs_visit", "Proposals that need a visit"),
    ("gone", "Subjects gone from the book"),
    ("erased", "Farmers left out: erased since the run"),
)
_STAGES: Final = {"before": "to come", "in_season": "in it", "after": "over"}
_BOUNDS: Final = {"FARMER_MOVES": "most_farmer_change", "BOOK_MOVES": "most_book_change"}


def print_refresh(console: Console, summary: RefreshSummary, out: Path) -> None:
    """Counts, sums, whether the batch is held and why, and the worst moves."""
    console.print(_DONE[summary.done].format(id=summary.batch_id), style="bold", highlight=False)
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    for name, value in _lines(summary):
        table.add_row(name, value)
    console.print(table)
    _print_hold(console, summary)
    _print_worst(console, summary)
    if summary.done != "dry run":
        console.print(f"Explain one: acreline limits explain ID --book {out}", highlight=False)


def print_batches(console: Console, rows: Sequence[Any]) -> None:
    """One line per batch."""
    for row in rows:
        before, after = (major_text(amount, row.currency) for amount in (row.before_minor, row.after_minor))
        again = f"{row.decided_again:,} of {row.subjects:,} subjects decided again"
        console.print(
            f"{row.id}  {row.as_of}  {row.status:<9}  {again}, "
            f"{row.proposals:,} proposals: {before} -> {after}  ({row.policy_id})",
            highlight=False,
        )
    if not rows:
        console.print("There are no batches.")


def batch_dict(row: Any) -> dict[str, Any]:
    """A batch as JSON."""
    said: Mapping[str, Any] = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    return {
        name: value if value is None or isinstance(value, bool | int | list) else str(value)
        for name, value in said.items()
    }


def _lines(summary: RefreshSummary) -> list[tuple[str, str]]:
    lines = [
        ("Day", str(summary.as_of)),
        (f"Season ({_STAGES[summary.stage]})", summary.season_id),
        ("Policy", summary.policy_id),
        ("Parcels", f"{summary.parcels:,}"),
        ("Subjects", f"{summary.subjects:,}"),
        ("Subjects decided again", f"{summary.decided_again:,}"),
    ]
    lines += [(title, f"{getattr(summary, name):,}") for name, title in _COUNTS]
    lines += [
        ("Approved before, of these subjects", major_text(summary.before_minor, summary.currency)),
        ("Proposed", major_text(summary.after_minor, summary.currency)),
        ("  of it where nothing was approved", major_text(summary.new_minor, summary.currency)),
        ("Seconds", f"{summary.seconds:.1f}"),
    ]
    return lines


def _print_hold(console: Console, summary: RefreshSummary) -> None:
    for reason in summary.held_for:
        if reason["code"] in _BOUNDS:
            before, after = (major_text(reason[name], summary.currency) for name in ("before_minor", "after_minor"))
            who = f"{reason['subjects']:,} subjects move" if reason["code"] == "FARMER_MOVES" else "the book moves"
            console.print(
                f"{summary.status.upper()}: {who} by more than {_BOUNDS[reason['code']]} {reason['most']}: "
                f"{before} -> {after}.",
                style="yellow",
                highlight=False,
            )
    if summary.rule is None:
        console.print(f"{summary.policy_id} has no [refresh]: nothing is held, whatever moves.", highlight=False)
    if summary.status == "held" and summary.done != "dry run":
        console.print(
            f"Look at it, then: acreline limits release {summary.batch_id} --by LOGIN --reason TEXT (or withdraw).",
            highlight=False,
        )


def _print_worst(console: Console, summary: RefreshSummary) -> None:
    if not summary.worst:
        return
    table = Table(title="Greatest moves", title_justify="left", box=None, pad_edge=False)
    table.add_column("Subject")
    for name in ("Before", "After", "Share"):
        table.add_column(name, justify="right")
    for move in summary.worst:
        amounts = (major_text(amount, summary.currency) for amount in (move.base_minor, move.after_minor))
        share = "from nothing" if move.share is None else f"{move.share:+.1%}"
        table.add_row(f"{move.kind} {move.subject_id}", *amounts, share)
    console.print(table)
