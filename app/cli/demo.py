"""`acreline demo`: the whole pipeline on the embedded simulated season, then the map, or a bank around it."""

from __future__ import annotations

import json
import secrets
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

if TYPE_CHECKING:
    from app.jobs.progress import Reporter
    from app.jobs.watch.summary import WatchSummary

_POLICY = "cn-planting-generic"
_CALENDAR = "cn-huanghuaihai"
#: Wheat is reaped; one plot in forty of the county failed.
_WATCHED_ON = date(2024, 6, 15)
_CHIPS = 20
_PASSWORD_BYTES = 15
_ALERTS = 3


def demo(
    out: Annotated[Path, typer.Option(help="Folder of the demo.")] = Path("demo-run"),
    *,
    institution: Annotated[
        bool, typer.Option("--institution", help="A made-up bank with people, loans and decisions in the county.")
    ] = False,
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve the map afterwards.")] = True,
    port: Annotated[int | None, typer.Option(help="Port on 127.0.0.1; 0 takes a free one.", min=0, max=65535)] = None,
    seed: Annotated[int, typer.Option(help="The same seed gives the same county.", min=0)] = 7,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON line last (before serving).")] = False,
) -> None:
    """Simulate a county, run its season, watch it in June, print limits and alerts, and serve the map on 127.0.0.1.

    With --institution a made-up bank lends there, in OUT/bank: people sign in, with the password that is printed.
    """
    if institution:
        _bank(out / "bank", seed, port, serve=serve)
        return
    from app.cli.growth_tables import print_watch
    from app.cli.serve import show
    from app.cli.tables import print_first_limits, print_summary
    from app.jobs.progress import reporting
    from app.jobs.request import RunRequest
    from app.jobs.run import run_season
    from app.jobs.simulated import simulated_season
    from app.settings import load_settings
    from tiles.simulation.county import CountyPlan

    settings = load_settings()
    with reporting(quiet=False) as report:
        season = simulated_season(out / "season", CountyPlan(seed=seed), report)
        request = RunRequest(
            catalog=str(season.catalog),
            parcels=season.parcels,
            season=season.season,
            policy=_POLICY,
            out=out,
            scheduler=settings.scheduler,
            workers=settings.workers,
            memory_mib=settings.worker_memory_mib,
        )
        summary = run_season(request, settings.run_database(out), report, lambda: datetime.now(UTC))
        seen = _watched(out, settings.run_database(out), report)
    console = Console(file=sys.stdout)
    print_first_limits(console, out)
    print_summary(console, summary)
    print_watch(console, seen, most=_ALERTS)
    if as_json:
        typer.echo(json.dumps(summary.as_dict(), ensure_ascii=False))
    if serve:
        show(out, settings.run_database(out), settings.host, settings.port if port is None else port)


def _bank(root: Path, seed: int, port: int | None, *, serve: bool) -> None:
    """A trial made and served."""
    from app.cli.serve import serve_trial
    from app.db.engine import sqlite_url
    from app.jobs.progress import reporting
    from app.jobs.trial.bank import PEOPLE
    from app.jobs.trial.making import Trial, make_trial
    from app.settings import load_settings

    settings = load_settings()
    root.mkdir(parents=True, exist_ok=True)
    trial = Trial(root.absolute(), seed, settings.workers, settings.worker_memory_mib, settings.scheduler)
    url, password = sqlite_url(trial.root / "bank.db"), secrets.token_urlsafe(_PASSWORD_BYTES)
    with reporting(quiet=False) as report:
        make_trial(trial, url, password, report)
    console = Console(file=sys.stdout, highlight=False)
    console.print("A made-up bank in the simulated county. Its people, all with the password below:")
    for person in PEOPLE:
        console.print(f"  {person.login:<6} {person.role:<9} {person.unit}  {person.display_name}")
    console.print(f"Password: {password}  (another one each time)", markup=False)
    if serve:
        serve_trial(settings, trial, url, settings.port if port is None else port)


def _watched(out: Path, database: str, report: Reporter) -> WatchSummary:
    """The county watched in June."""
    from app.jobs.watch.asking import WatchRequest
    from app.jobs.watch.database import open_of_run
    from app.jobs.watch.job import watch_run

    request = WatchRequest(out, _WATCHED_ON, calendars=(_CALENDAR,), chips=_CHIPS)
    return watch_run(request, lambda asked: open_of_run(database, out, asked.record), report, lambda: datetime.now(UTC))
