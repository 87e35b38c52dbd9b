"""What is said on the terminal of a network: figures, and its card."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from models.card import ModelCard
from models.cardtables import Accuracy, Decisions, EarlySeason
from models.release import Release

_MONTHS: Final = 12

#: Narrowest column of text: rich would give all room to the numbers.
_LEAST_TEXT: Final = 10

#: Months between which figures by month differ much; the card itself has all twelve.
_TELLING_MONTHS: Final = range(3, 11)


def print_rows(console: Console, rows: list[tuple[str, str]]) -> None:
    """Labels and values below each other."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(overflow="fold")
    table.add_column(overflow="fold")
    for label, value in rows:
        table.add_row(label, value)
    console.print(table, highlight=False, markup=False)


def print_card(console: Console, release: Release) -> None:
    """The card of a release for people."""
    card = release.card
    print_rows(console, _facts(release))
    for table in (
        _classes(card),
        _regions(card),
        _data(card),
        _accuracy(card.accuracy),
        _f1(card.accuracy),
        _decisions(card.decisions),
        _early(card.early),
    ):
        console.print(table)
    _say(console, "Forest: share right of a random forest. F1: mean over crops. Held: sets that hold the right crop.")
    _say(console, "Set: their mean size. Vigour: correlation with its target.")
    _say(console, card.accuracy_note)
    for heading, lines in (("Limits", card.limits), ("Made by", card.commands)):
        _say(console, f"\n{heading}")
        for line in lines:
            _say(console, f"- {line}")


def print_trained(console: Console, release: Release, out: Path) -> None:
    """What training came to."""
    console.print(_accuracy(release.card.accuracy))
    print_rows(console, [("Release", str(out)), ("Hash", release.hash), ("Curves", str(out / "curves.png"))])


def _facts(release: Release) -> list[tuple[str, str]]:
    card = release.card
    sets = card.conformal
    return [
        ("Network", f"{card.name} {card.version}, made on {card.made_on}"),
        ("Hash", release.hash),
        ("Weights", card.weights_sha256),
        ("Months", _span(card.months)),
        ("Temperature", f"{card.temperature:g}"),
        ("Sets", f"to hold the right crop in {sets.level:.0%} of cases; of the decided at most {sets.risk:.0%} wrong"),
        ("", f"by zone, month and clear steps; elsewhere every crop from probability {sets.threshold:g}"),
        ("", f"calibrated on {sets.calibrated_on}"),
        ("Blocks", f"{card.tiling.block_px} px with a halo of {card.tiling.halo_px} px"),
    ]


def _classes(card: ModelCard) -> Table:
    table = _table("Classes", ("Crop", "Learned from"), ("Real series", "Simulated series"))
    facts = {fact.key: fact for fact in card.crops}
    for key in card.classes:
        fact = facts[key]
        table.add_row(key, fact.origin, str(fact.real_series), str(fact.simulated_series))
    return table


def _regions(card: ModelCard) -> Table:
    table = _table("Regions", ("Name", "West, south, east, north", "Months", "Crops"), ())
    for region in card.regions:
        box = f"{region.west:g}, {region.south:g}, {region.east:g}, {region.north:g}"
        name = f"{region.name} (simulated)" if region.simulated else region.name
        table.add_row(name, box, _span(region.months), ", ".join(region.crops))
    return table


def _data(card: ModelCard) -> Table:
    table = _table("Data", ("Source", "What", "Level"), ("Series", "Blocks"))
    for source in card.data:
        table.add_row(source.name, source.what, source.level, str(source.series), str(source.blocks))
    return table


def _accuracy(rows: tuple[Accuracy, ...]) -> Table:
    numbers = ("Series", "Blocks", "Right", "95 %", "Forest", "F1", "Held", "Set", "Vigour")
    table = _table("On blocks that were held out", ("Source",), numbers)
    for row in rows:
        table.add_row(
            row.source,
            str(row.series),
            str(row.blocks),
            f"{row.overall:.3f}",
            f"{row.low:.2f}-{row.high:.2f}",
            "-" if row.baseline is None else f"{row.baseline:.3f}",
            f"{row.macro_f1:.3f}",
            f"{row.coverage:.3f}",
            f"{row.set_size:.2f}",
            "-" if row.vigour_correlation is None else f"{row.vigour_correlation:.2f}",
        )
    return table


def _f1(rows: tuple[Accuracy, ...]) -> Table:
    table = _table("F1 on blocks that were held out", ("Source", "Crops with at least ten series"), ())
    for row in rows:
        table.add_row(row.source, ", ".join(f"{key} {score:.2f}" for key, score in row.f1.items()))
    return table


def _decisions(rows: tuple[Decisions, ...]) -> Table:
    """What is decided in each zone; by source, crop and clear steps in the card itself."""
    numbers = ("Series", "Blocks", "Held", "p", "Decided", "Wrong", "p")
    table = _table("Decided on blocks that were held out", ("Zone",), numbers)
    for row in rows:
        if row.by == "zone":
            wrong = "-" if row.wrong_of_decided is None else f"{row.wrong_of_decided:.3f}"
            shares = (f"{row.coverage:.3f}", f"{row.coverage_p:.2f}", f"{row.share_decided:.3f}", wrong)
            table.add_row(row.group, str(row.series), str(row.blocks), *shares, f"{row.wrong_p:.2f}")
    return table


def _table(title: str, texts: tuple[str, ...], numbers: tuple[str, ...]) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=0)
    for name in texts:
        table.add_column(name, overflow="fold", min_width=_LEAST_TEXT)
    for name in numbers:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _span(months: tuple[int, ...]) -> str:
    """Months as text: "all", or their numbers."""
    return "all" if len(months) == _MONTHS else ", ".join(map(str, months))


def _say(console: Console, line: str) -> None:
    console.print(line, highlight=False, markup=False)


def _early(rows: tuple[EarlySeason, ...]) -> Table:
    """What is known by the end of each month in which that changes."""
    shown = [row for row in rows if row.month in _TELLING_MONTHS]
    months = sorted({row.month for row in shown})
    title = "Seen until the end of a month (1 to 12): right, decided, right of these"
    table = _table(title, ("Source",), tuple(map(str, months)))
    for source in dict.fromkeys(row.source for row in shown):
        by_month = {row.month: row for row in shown if row.source == source}
        table.add_row(source, *(_early_cell(by_month.get(month)) for month in months))
    return table


def _early_cell(row: EarlySeason | None) -> str:
    if row is None:
        return "-"
    figures = (row.overall, row.share_decided, row.right_of_decided)
    return "\n".join("-" if figure is None else f"{figure:.2f}" for figure in figures)
