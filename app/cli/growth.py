"""`acreline growth ...`: runs watched for alerts, and alerts measured against dated events."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from app.cli import growth_watch

if TYPE_CHECKING:
    from app.jobs.growth import LossReport

app = typer.Typer(help="Growth alerts: watch a run, and see how well alerts agree with events.", no_args_is_help=True)


class Kind(StrEnum):
    """What is looked for."""

    ABRUPT_LOSS = "abrupt_loss"


@app.callback()
def _group() -> None:
    """Growth alerts: watch a run, and see how well alerts agree with events."""


@app.command()
def evaluate(
    series: Annotated[
        Path,
        typer.Option(
            help="Table of parcel_id, date, ndvi; also clear, known_at, blue, red, nir, swir.", metavar="FILE"
        ),
    ],
    events: Annotated[
        Path, typer.Option(help="Table of parcel_id, date; an empty date: observed, no event.", metavar="FILE")
    ],
    kind: Annotated[Kind, typer.Option(help="What is looked for.")] = Kind.ABRUPT_LOSS,
    *,
    hindsight: Annotated[bool, typer.Option("--hindsight", help="Use later looks too; live use by default.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object; see docs/growth.md.")] = False,
) -> None:
    """Score alerts against dated events, one to one within -3 to +12 days; only parcels of EVENTS are scored."""
    from app.jobs.growth import evaluate_losses

    del kind  # one so far; typer refuses any other
    report = evaluate_losses(series, events, hindsight=hindsight)
    if as_json:
        typer.echo(json.dumps(report.as_dict()))
    else:
        _print(Console(file=sys.stdout, soft_wrap=True), report)


growth_watch.register(app)


def _print(console: Console, report: LossReport) -> None:
    from rich.table import Column, Table

    names = ("f1", "prec.", "recall", "false a season", "delay", "p90", "hits", "missed", "false")
    table = Table("", *(Column(name, justify="right", no_wrap=True) for name in names), box=None, padding=(0, 1, 0, 0))
    for name, found in report.rows():
        shares = (found.f1, found.precision, found.recall, found.false_alarms_per_parcel_season)
        delays = (found.delay_median, found.delay_p90)
        table.add_row(
            name,
            *("-" if share is None else f"{share:.3f}" for share in shares),
            *("-" if delay is None else f"{delay:g}" for delay in delays),
            *(str(count) for count in (found.hits, found.missed, found.false_alarms)),
        )
    console.print(table)
    seen = report.alerts
    console.print(
        f"{seen.parcel_seasons} parcel-seasons; events without a clear look within 12 days, left out: "
        f"{seen.events_without_clear_look}. Delays in clear looks after the first that could show the event.",
        highlight=False,
    )
