"""Packs on the terminal: what was found in one, and what another would change."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from app.jobs.policybacktest import PolicyBacktest
from app.jobs.policydiff import PolicyDiff, major
from scoring.backtest import Sums
from scoring.comparison import Group
from scoring.pack_check import Checked
from scoring.pack_schema import Pack

_TITLES: Final = {"all": "The book", "branch": "By branch", "crop": "By crop (parcels)", "decile": "By tenth under A"}
#: Narrowest column of text: rich would give all room to the numbers.
_LEAST_TEXT: Final = 9
_STYLES: Final = {"error": "red", "gap": "yellow", "warning": "yellow", "note": "dim"}


def print_checked(console: Console, checked: Checked) -> None:
    """What the pack is, then one line for each finding: level, key, what is so, what to do."""
    pack = checked.pack
    if pack is not None:
        console.print(f"{pack.id} {pack.version}: {pack.title.en}", style="bold", highlight=False, markup=False)
        for name, value in (
            ("in force", f"{pack.valid_from} to {pack.valid_to or 'further notice'}"),
            ("approval", f"{pack.approval.state}, {pack.approval.by}"),
            ("content hash", pack.content_hash),
            ("hash to approve", pack.rules_hash),
        ):
            console.print(f"{name}: {value}", highlight=False, markup=False)
    for finding in checked.findings:
        line = f"{finding.level:<8}{finding.key}: {finding.message}. {finding.remedy}"
        console.print(line, style=_STYLES[finding.level], highlight=False, markup=False)
    counts = {level: len(checked.of(level)) for level in ("error", "gap", "warning")}
    said = ", ".join(f"{count} {level}{'' if count == 1 else 's'}" for level, count in counts.items())
    console.print(said + ("" if pack else ": the pack does not load"), highlight=False, markup=False)


def print_diff(console: Console, diff: PolicyDiff) -> None:
    """What changes in the rules, then what that does: by group, by step, and who loses most."""
    a, b, compared = diff.a, diff.b, diff.comparison
    say(console, f"A {a.id} {a.version}, B {b.id} {b.version}; run {diff.book.record.run_id}, {diff.book.season.id}")
    if diff.book.record.simulated:
        say(console, "Simulated data: nothing here was observed.")
    say(console, _basis(diff))
    rules = _table("Rules", ("key", "A", "B"), ())
    for change in diff.rules:
        rules.add_row(change.key, change.a or "-", change.b or "-")
    console.print(rules)
    for by in ("all", "branch", "crop", "decile"):
        groups = [group for group in compared.groups if group.by == by]
        if by != "branch" or len(groups) > 1:
            console.print(_groups(f"{_TITLES[by]}, whole {a.currency.code}", groups, a))
    say(console, "new/none: an amount under B only, under A only. +/-/=: more, less, the same. median: of the changes.")
    steps = _table(f"By step, whole {a.currency.code}", ("step",), ("A", "B", "change"))
    for step in compared.steps:
        steps.add_row(step.code, *(money(value, a) for value in (step.sum_a, step.sum_b, step.sum_b - step.sum_a)))
    console.print(steps)
    console.print(_losers(diff))
    say(console, f"Visits needed: {compared.visits_a} under A, {compared.visits_b} under B.")


def say(console: Console, line: str) -> None:
    """One plain line, not wrapped."""
    console.print(line, highlight=False, markup=False, soft_wrap=True)


def money(value: float | None, pack: Pack) -> str:
    """Amount of the smallest unit in whole major units, thousands separated; "-" for none."""
    text = major(value, pack)
    return "-" if text is None else f"{round(Decimal(text)):,}"


def _basis(diff: PolicyDiff) -> str:
    facts = f"Facts of farmers and land: {diff.book.facts}."
    if diff.reproduced is None:
        return f"{facts} A is not the policy of the run."
    equal, of = diff.reproduced
    return f"{facts} A gives {equal} of the {of} amounts that the run recorded."


def _table(title: str, texts: tuple[str, ...], numbers: tuple[str, ...]) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for name in texts:
        table.add_column(name, overflow="fold", min_width=_LEAST_TEXT)
    for name in numbers:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _groups(title: str, groups: list[Group], pack: Pack) -> Table:
    table = _table(title, ("group",), ("n", "new/none", "+/-/=", "sum A", "sum B", "change", "median"))
    for group in groups:
        counts = (f"{group.gained}/{group.lost}", f"{group.more}/{group.less}/{group.same}")
        sums = (group.sum_a, group.sum_b, group.sum_b - group.sum_a, group.median_change)
        table.add_row(group.name, str(group.subjects), *counts, *(money(value, pack) for value in sums))
    return table


def _losers(diff: PolicyDiff) -> Table:
    table = _table("Who loses most", ("subject", "branch", "steps"), ("A", "B"))
    for loser in diff.comparison.losers:
        amounts = (money(loser.amount_a, diff.a), money(loser.amount_b, diff.a))
        table.add_row(loser.subject_id, loser.branch, ", ".join(loser.steps), *amounts)
    return table


def print_backtest(console: Console, test: PolicyBacktest) -> None:
    """What a policy would have given, by season and outcome, and how far that can be trusted."""
    pack, found = test.pack, test.found
    for book in test.books:
        notes = [f"facts {book.facts}", *(["simulated"] if book.record.simulated else [])]
        notes += [] if pack.in_force(book.season.start) else ["the policy was not in force: it is applied backwards"]
        say(console, f"run {book.record.run_id}, {book.season.id}: {', '.join(notes)}")
    say(console, f"{pack.id} {pack.version} against what was decided: {test.decided}.")
    console.print(_sums(f"By season, whole {pack.currency.code}", found.seasons, pack))
    for name, count in test.unmatched.items():
        if count:
            say(console, f"{count} rows of --{name} belong to no case.")
    if not found.moves:
        say(console, "No outcome is known.")
        return
    console.print(_sums(f"By outcome of the loans decided, whole {pack.currency.code}", found.outcomes, pack))
    moved = _table("Bad outcomes by move of the amount", ("move",), ("cases", "bad", "share", "95 %"))
    for move in found.moves:
        interval = "-" if move.low is None or move.high is None else f"{move.low:.3f} to {move.high:.3f}"
        share = "-" if move.share is None else f"{move.share:.3f}"
        moved.add_row(move.name, str(move.cases), str(move.bad), share, interval)
    console.print(moved)
    for line in (
        f"Bad: more than {test.bad_days} days overdue.",
        "Outcomes belong to the amounts decided: what another amount would have become is not known,",
        "and who got none has no outcome. This describes; it proves nothing.",
    ):
        say(console, line)


def _sums(title: str, rows: tuple[Sums, ...], pack: Pack) -> Table:
    names = ("cases", "new/none", "given", "decided", "added", "taken", "ratio")
    table = _table(title, ("",), names)
    for row in rows:
        sums = (row.sum_given, row.sum_decided, row.sum_added, row.sum_taken)
        ratio = "-" if row.median_ratio is None else f"{row.median_ratio:.2f}"
        counts = (str(row.cases), f"{row.only_given}/{row.only_decided}")
        table.add_row(row.name, *counts, *(money(value, pack) for value in sums), ratio)
    return table
