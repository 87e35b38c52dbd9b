"""What is said on the terminal of cubes and of what can be expected of a parcel book."""

from __future__ import annotations

from typing import Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.filesize import decimal
from rich.table import Table

from app.jobs.cubebuild import BuildSummary
from app.jobs.feasibility import Estimate, Share
from app.jobs.forecast import Forecast

_ROWS: Final = 20
_MINUTE_S: Final = 60
_HOUR_S: Final = 3600


def print_forecast(console: Console, told: Forecast) -> None:
    """What building will take."""
    complete = sum(tile.complete for tile in told.tiles)
    dates = [tile.dates for tile in told.tiles]
    span = f"{min(dates)} to {max(dates)}" if dates else "no"
    _say(console, f"Tiles: {len(told.tiles)}, of them built already: {complete}. Without a scene: {len(told.empty)}.")
    _say(console, f"{told.scenes} scenes, {span} dates a tile, {sum(tile.blocks for tile in told.tiles)} blocks.")
    guess = "" if told.sizes_known == 1 else f" (sizes are stated for {told.sizes_known:.0%} of the scenes)"
    _say(
        console, f"To read: about {decimal(told.bytes_to_read)}{guess}. To write: about {decimal(told.bytes_to_write)}."
    )
    _say(console, f"Memory: {told.memory_mib} MiB for each of {told.workers} workers.")
    rate = f"{told.rate / 1e6:.2f} million pixel dates a second and worker, {told.rate_from}"
    _say(console, f"Time: about {duration(told.seconds)}, the network not counted ({rate}).")


def print_built(console: Console, summary: BuildSummary) -> None:
    """What a build came to."""
    _say(console, f"Cubes built: {len(summary.built)}, kept: {len(summary.kept)}, failed: {len(summary.failures)}.")
    if summary.empty:
        _say(console, f"{len(summary.empty)} tiles have no scene.")
    _say(console, f"{summary.scenes} scenes, {decimal(summary.bytes)}, {duration(summary.seconds)}: {summary.out}")


def print_estimate(console: Console, found: Estimate) -> None:
    """Which share of a book can be decided, for each grouping."""
    whole = found.shares[0]
    part = whole.decidable / whole.parcels if whole.parcels else 0.0
    _say(console, f"About {whole.decidable:.0f} of {whole.parcels} parcels ({part:.0%}) can be decided.")
    for by in dict.fromkeys(share.by for share in found.shares):
        rows = [share for share in found.shares if share.by == by]
        console.print(_table(by, rows))
        if len(rows) > _ROWS:
            _say(console, f"{len(rows) - _ROWS} more groups: --json lists all.")
    for sentence in found.assumptions:
        _say(console, sentence)


def duration(seconds: float) -> str:
    """Time for people: "12 s", "5 min", "3.2 h"."""
    if seconds < _MINUTE_S:
        return f"{seconds:.0f} s"
    return f"{seconds / _MINUTE_S:.0f} min" if seconds < _HOUR_S else f"{seconds / _HOUR_S:.1f} h"


def _table(by: str, shares: list[Share]) -> Table:
    title = f"By {by}" if by != "all" else "Whole book"
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, padding=0)
    table.add_column("Group", overflow="fold")
    for name in ("Parcels", "ha", "Decidable", "Share", "Passes", "Clear"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("Others", min_width=22, overflow="fold")
    for share in shares[:_ROWS]:
        others = ", ".join(f"{count:.0f} {status}" for status, count in share.reasons.items())
        looks = ["-" if value is None else f"{value:.1f}" for value in (share.passes, share.clear_looks)]
        part = share.decidable / share.parcels
        numbers = [f"{share.parcels}", f"{share.area_ha:.1f}", f"{share.decidable:.0f}", f"{part:.0%}"]
        table.add_row(share.group, *numbers, *looks, others)
    return table


def _say(console: Console, line: str) -> None:
    console.print(line, highlight=False, markup=False)
