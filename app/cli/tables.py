"""Tables on the terminal."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.table import Table

from app.cli.money import major_text
from app.jobs.summary import RunSummary
from geo.legend import load_legend
from geo.observations import LIMITS, PARCELS, read_table


def print_summary(console: Console, summary: RunSummary) -> None:
    """What a run came to, in a few lines."""
    if summary.unchanged:
        console.print(f"Nothing to do: {summary.out} already holds this run ({summary.run_id}).", highlight=False)
    elif summary.kept:
        console.print(f"{len(summary.kept)} stages kept, {len(summary.made)} made.", highlight=False)
    if summary.simulated:
        console.print("[bold yellow]Simulated data: nothing here was observed.[/]")
    statuses = ", ".join(f"{count} {status}" for status, count in summary.statuses.items())
    console.print(f"{summary.parcels} parcels ({statuses}), {summary.scenes} scenes.", highlight=False)
    _print_radar(console, summary.radar)
    if not summary.policy_in_force:
        console.print(f"The policy {summary.policy_id} was not in force on the day of the run.", style="yellow")
    total = major_text(summary.total_minor, summary.currency)
    console.print(
        f"{summary.limits} parcels with a limit, {total} in all; {summary.no_price} without a price.", highlight=False
    )
    if summary.repairs:
        console.print(f"{summary.repairs} remarks on the parcel file: {summary.out}/repairs.json", highlight=False)
    console.print(f"{summary.seconds:.1f} s. Look at it: acreline serve --run {summary.out}", highlight=False)


def _print_radar(console: Console, radar: dict[str, object]) -> None:
    """What became of radar, where the network reads it and nobody left it out."""
    if radar.get("use") == "read":
        console.print(f"Radar: {radar['scenes']} of the scenes, sigma0.", highlight=False)
    elif radar.get("why"):
        console.print(f"No radar: {radar['why']}", highlight=False)


def print_first_limits(console: Console, out: Path, rows: int = 12) -> None:
    """The first parcels of a run with their limits."""
    parcels = read_table(out / "parcels.parquet", PARCELS).head(rows)
    limits = read_table(out / "limits.parquet", LIMITS)
    own = limits[limits.subject_kind == "parcel"].set_index("subject_id")
    table = Table(title="First limits", title_justify="left")
    for name in ("Parcel", "Status", "Crop"):
        table.add_column(name)
    for name in ("p", "ha", "Vigour", "Limit"):
        table.add_column(name, justify="right")
    for parcel in parcels.to_dict("records"):
        limit = own.loc[str(parcel["parcel_id"])]
        table.add_row(
            parcel["parcel_id"],
            parcel["status"],
            _crop_name(parcel["crop"]),
            _number(parcel["crop_prob"], ".2f"),
            _number(parcel["area_ha"], ".2f"),
            _number(parcel["vigour_pct"], ".0f"),
            "-" if pd.isna(limit.amount_minor) else major_text(int(limit.amount_minor), limit.currency),
        )
    console.print(table)


def _crop_name(key: str | None) -> str:
    return load_legend()[key].en if key else "-"


def _number(value: float, form: str) -> str:
    return "-" if pd.isna(value) else format(value, form)
