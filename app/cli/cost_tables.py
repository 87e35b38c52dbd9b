"""A proposed scale of finance on the terminal."""

from __future__ import annotations

from typing import Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from app.cli.policy_tables import say
from scoring.costs.proposal import Proposal
from scoring.costs.scale import ScaleRow

#: Groups whose items find room side by side; with more only those of all farms are shown (--json has all).
_MOST_COLUMNS: Final = 6


def print_proposal(console: Console, proposal: Proposal) -> None:
    """The proposal by group, its parts, what was left out and what the figures do not hold."""
    mapping, options, survey = proposal.mapping, proposal.options, proposal.survey
    money = f"{mapping.currency.code} per {options.unit}"
    say(console, f"EXAMPLE, to be set by the district committee: {proposal.crop}, {mapping.title}.")
    say(console, f"Source: {mapping.source}.")
    say(console, f"{len(survey.farms)} of {survey.rows} rows count. Left out:")
    for each in survey.left_out:
        say(console, f"  {each.rows:>6}  {each.reason}")
    if survey.least is not None and survey.most is not None:
        say(console, f"Plausible: {survey.least:,.0f} to {survey.most:,.0f} {mapping.currency.code} "
                     f"per {mapping.area.unit}.")  # fmt: skip
    console.print(_groups(proposal, f"By {options.by or 'all farms'}, {money}"))
    console.print(_items(proposal, f"{options.statistic.value} by item, {money}"))
    say(console, f"proposed: the {options.statistic.value}, rounded {options.mode.value} to {options.round_to}; "
                 f"interval: {options.confidence:.0%}, farms drawn independently.")  # fmt: skip
    sources = dict.fromkeys(cost.price_source for cost in mapping.costs if cost.price_source)
    for source in sources:
        priced = ", ".join(cost.item for cost in mapping.costs if cost.price_source == source)
        say(console, f"Price of {priced}: {source}.")
    for extra in mapping.additions:
        say(console, f"Added {extra.item}: {extra.amount} per {extra.unit}, {extra.source}.")
    if mapping.lacks:
        say(console, f"Not in these figures: {', '.join(mapping.lacks)}.")


def _table(title: str, first: str, numbers: list[str]) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column(first, overflow="fold", min_width=9)
    for name in numbers:
        table.add_column(name, justify="right")
    return table


def _groups(proposal: Proposal, title: str) -> Table:
    table = _table(title, "group", ["farms", "median", "trimmed mean", "interval", "proposed", "counted"])
    for row in proposal.rows:
        table.add_row(row.group, str(row.farms), *_figures(row), row.counted or "too few farms")
    return table


def _figures(row: ScaleRow) -> tuple[str, ...]:
    if row.figures is None:
        return ("-",) * 4
    said = row.figures
    return f"{said.median:,.0f}", f"{said.trimmed_mean:,.0f}", f"{said.low:,.0f} to {said.high:,.0f}", f"{row.amount:,}"


def _items(proposal: Proposal, title: str) -> Table:
    own = [row for row in proposal.rows if row.own and row.figures is not None]
    own = own if len(own) <= _MOST_COLUMNS else own[:1]
    table = _table(title, "item", [row.group for row in own])
    for item in map(str, proposal.survey.items):
        table.add_row(item, *(f"{row.figures.items[item]:,.0f}" for row in own if row.figures is not None))
    return table
