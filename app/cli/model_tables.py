"""What is said on the terminal of a network: figures, and its card."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from models.card import Accuracy, ModelCard
from models.release import Release

_MONTHS: Final = 12


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
    for table in (_classes(card), _regions(card), _data(card), _accuracy(card.accuracy), _f1(card.accuracy)):
        console.print(table)
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
        ("Sets", f"every crop from probability {sets.threshold:g}, to hold the right one in {sets.level:.0%} of cases"),
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
    numbers = ("Series", "Blocks", "Right", "95 %", "Forest", "Macro-F1", "Coverage", "Set", "Vigour r")
    table = _table("On blocks that were held out", ("Source",), numbers)
    for row in rows:
        table.add_row(
            row.source,
            str(row.series),
            str(row.blocks),
            f"{row.overall:.3f}",
            f"{row.low:.3f}-{row.high:.3f}",
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


def _table(title: str, texts: tuple[str, ...], numbers: tuple[str, ...]) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name in texts:
        table.add_column(name, overflow="fold")
    for name in numbers:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _span(months: tuple[int, ...]) -> str:
    """Months as text: "all", or their numbers."""
    return "all" if len(months) == _MONTHS else ", ".join(map(str, months))


def _say(console: Console, line: str) -> None:
    console.print(line, highlight=False, markup=False)
