"""Entry point: one command tree, and every expected error as one clear line."""

from __future__ import annotations

import sys
from importlib.metadata import version
from typing import Annotated

import typer
from rich.console import Console
from typer.exceptions import Abort, Exit, TyperException

from app.cli import (
    alerts,
    applications,
    audit,
    book,
    book_stages,
    coverage,
    cubes,
    decisions,
    demo,
    ground,
    growth,
    keys,
    layers,
    limits,
    limits_season,
    model,
    notices,
    outlines,
    parties,
    people,
    policy,
    privacy,
    risk,
    run,
    scenes,
    serve,
    signals,
    simulate,
    sites,
    worker,
)
from geo.errors import AcrelineError

_INTERRUPTED = 130
_NAME = "acreline"

app = typer.Typer(
    name=_NAME,
    help="Public Sentinel imagery into farm credit lines: crop, vigour, limit, reasons.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command(name="run")(run.run)
app.command(name="serve")(serve.serve)
app.command(name="demo")(demo.demo)
app.command(name="simulate")(simulate.simulate)
app.add_typer(cubes.app, name="cubes")
app.add_typer(coverage.app, name="coverage")
app.add_typer(scenes.app, name="scenes")
app.add_typer(model.app, name="model")
limits.app.command(name="plan")(limits_season.plan)
limits.app.command(name="tranches")(limits_season.tranches)
limits.app.command(name="next")(limits_season.next_look)
app.add_typer(limits.app, name="limits")
app.add_typer(policy.app, name="policy")
app.add_typer(risk.app, name="risk")
book.app.command(name="stages")(book_stages.stages)
app.add_typer(book.app, name="book")
app.add_typer(applications.app, name="applications")
app.add_typer(decisions.app, name="decisions")
app.add_typer(people.app, name="people")
app.add_typer(keys.app, name="keys")
app.add_typer(audit.app, name="audit")
app.add_typer(parties.app, name="parties")
app.add_typer(privacy.app, name="privacy")
app.add_typer(ground.app, name="ground")
app.add_typer(growth.app, name="growth")
app.add_typer(alerts.app, name="alerts")
app.add_typer(outlines.app, name="outlines")
app.add_typer(layers.app, name="layers")
app.add_typer(signals.app, name="signals")
app.add_typer(sites.app, name="sites")
app.add_typer(notices.app, name="notices")
app.command(name="worker")(worker.worker)
app.add_typer(worker.app, name="jobs")


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"acreline {version('acreline')}")
        raise Exit


@app.callback()
def _options(
    *,
    _version: Annotated[
        bool,
        typer.Option("--version", help="Print the version and end.", is_eager=True, callback=_show_version),
    ] = False,
) -> None:
    """Public Sentinel imagery into farm credit lines: crop, vigour, limit, reasons."""


def main(arguments: list[str] | None = None) -> None:
    """Run a command and end the process: 0 done, 2 bad input, 3 bad data, 4 partly done, 130 interrupted."""
    sys.exit(status_of(arguments))


def status_of(arguments: list[str] | None = None) -> int:
    """Run a command; expected errors become one line on standard error and a status."""
    try:
        status = app(args=arguments, prog_name=_NAME, standalone_mode=False)
    except AcrelineError as error:
        _complain(str(error))
        return error.exit_status
    except TyperException as error:
        said = error.format_message().rstrip(".")
        if said:  # a group without a command has printed its help, and says no more
            _complain(f"{said}. See {_command_of(error)} --help.")
        return error.exit_code
    except (KeyboardInterrupt, Abort):
        status = _INTERRUPTED
    if status == _INTERRUPTED:  # typer turns Ctrl-C into this status
        _complain("Interrupted: what was finished stays. The same command goes on from there.")
    return status if isinstance(status, int) else 0


def _command_of(error: TyperException) -> str:
    """The command whose help tells how to write it."""
    context = getattr(error, "ctx", None)
    return _NAME if context is None else str(context.command_path)


def _complain(message: str) -> None:
    line = " ".join(message.split())
    Console(file=sys.stderr, soft_wrap=True).print(f"Error: {line}", style="red", highlight=False, markup=False)
