"""`acreline policy ...`: which packs there are, whether one can be worked with, and what another would change."""

from __future__ import annotations

import json
import sys
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer
from rich.console import Console

from app.cli import costs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scoring.pack_check import Asked
    from scoring.pack_schema import Pack

app = typer.Typer(help="Policy packs.", no_args_is_help=True)
app.command(name="costs")(costs.costs)

Packs: TypeAlias = Annotated[Path | None, typer.Option(help="Folder of the bank's own policy packs.")]
Parcels: TypeAlias = Annotated[
    Path | None, typer.Option(help="Parcel file that the run read, for facts that the run folder does not keep.")
]
ParcelsCrs: TypeAlias = Annotated[
    str | None, typer.Option(help="CRS of the parcel file where it states none, EPSG:4490.", metavar="CRS")
]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print one JSON line.")]
OnDay: TypeAlias = Annotated[
    str | None, typer.Option("--on", help="Day of the decision; today by default.", metavar="DATE")
]

_REFUSED = 2


class Formula(StrEnum):
    """Formulas that there are templates for."""

    PLANTING = "planting"
    KCC = "kcc"


@app.callback()
def _group() -> None:
    """Policy packs."""


@app.command(name="list")
def list_packs(packs: Packs = None) -> None:
    """Print the id, version and title of every pack."""
    from scoring.policy import load_pack, policy_ids

    for policy_id in policy_ids(packs):
        pack = load_pack(policy_id, packs_dir=packs)
        typer.echo(f"{pack.id}\t{pack.version}\t{pack.title.en}\t{pack.title.zh}")


@app.command()
def template(
    formula: Annotated[Formula, typer.Option(help="Formula of the pack.")] = Formula.PLANTING,
) -> None:
    """Print a template for a pack of the bank's own: every key with what it does."""
    from scoring.policy import template_text

    typer.echo(template_text(formula.value), nl=False)


@app.command()
def check(
    pack: Annotated[str, typer.Argument(help="Id of a pack, or a TOML file.")],
    *,
    run: Annotated[Path | None, typer.Option(help="Run folder: list the crops seen there that have no price.")] = None,
    parcels: Annotated[Path | None, typer.Option(help="Parcel file: the same for the crops declared.")] = None,
    on: OnDay = None,
    packs: Packs = None,
    as_json: AsJson = False,
) -> None:
    """Say everything that is wrong with a pack, missing in its tables or to be known before a run.

    Ends with status 2 where the pack cannot be loaded.
    """
    from app.cli.policy_tables import print_checked
    from scoring.pack_check import check_pack
    from scoring.policy import pack_text

    name, text = pack_text(pack, packs_dir=packs)
    checked = check_pack(text, name, _day(on))
    if checked.pack is not None and (run or parcels):
        checked = check_pack(text, name, _day(on), _asked(run, parcels, checked.pack))
    if as_json:
        typer.echo(json.dumps(checked.as_dict(), ensure_ascii=False))
    else:
        print_checked(Console(file=sys.stdout, soft_wrap=True), checked)
    if checked.pack is None:
        raise typer.Exit(_REFUSED)


@app.command()
def diff(
    a: Annotated[str, typer.Argument(help="Policy of today: id of a pack, or a TOML file.")],
    b: Annotated[str, typer.Argument(help="The other one.")],
    run: Annotated[Path, typer.Option(help="Run folder whose book both are applied to.")],
    *,
    parcels: Parcels = None,
    parcels_crs: ParcelsCrs = None,
    by: Annotated[
        str | None, typer.Option(help="Column that names branches; org_unit or branch by default.", metavar="COLUMN")
    ] = None,
    losers: Annotated[int, typer.Option(help="How many of those that lose most to name.", min=0)] = 10,
    packs: Packs = None,
    as_json: AsJson = False,
) -> None:
    """Say what policy B does to a run's book that policy A does not.

    By branch, crop and decile of the amount: counts, sums, median change; by step; and who loses most.
    """
    from app.cli.policy_tables import print_diff
    from app.jobs.policybook import open_run
    from app.jobs.policydiff import branches_of, policy_diff
    from scoring.policy import open_pack

    pack_a, pack_b = (open_pack(named, packs_dir=packs) for named in (a, b))
    book = open_run(run, parcels, parcels_crs)
    found = policy_diff(book, pack_a, pack_b, branches_of(book, parcels, parcels_crs, by), losers)
    if as_json:
        typer.echo(json.dumps(found.as_dict(), ensure_ascii=False))
    else:
        print_diff(Console(file=sys.stdout), found)


@app.command()
def backtest(
    pack: Annotated[str, typer.Argument(help="Id of a pack, or a TOML file.")],
    run: Annotated[list[Path], typer.Option(help="Folder of a past run; may be given several times.")],
    *,
    decided: Annotated[
        Path | None, typer.Option(help="CSV of what was decided: subject_id, amount, season_id.", metavar="CSV")
    ] = None,
    outcomes: Annotated[
        Path | None, typer.Option(help="CSV of what became of it: subject_id, days_overdue, season_id.", metavar="CSV")
    ] = None,
    bad_days: Annotated[int, typer.Option(help="More days overdue than these are bad.", min=0)] = 90,
    packs: Packs = None,
    as_json: AsJson = False,
) -> None:
    """Say what a policy would have given in past runs, against what was decided and what became of it.

    Without --decided the limits that the runs recorded stand for what was decided.
    """
    from app.cli.policy_tables import print_backtest
    from app.jobs.policybacktest import policy_backtest
    from app.jobs.policybook import open_run
    from scoring.policy import open_pack

    books = [open_run(folder) for folder in run]
    found = policy_backtest(books, open_pack(pack, packs_dir=packs), decided, outcomes, bad_days)
    if as_json:
        typer.echo(json.dumps(found.as_dict(), ensure_ascii=False))
    else:
        print_backtest(Console(file=sys.stdout), found)


def _asked(run: Path | None, parcels: Path | None, pack: Pack) -> Mapping[Asked, int]:
    from app.jobs.policybook import asked_of_file, asked_of_run, open_run
    from geo.parcels import read_parcels

    if run is not None:
        return asked_of_run(open_run(run, parcels), pack)
    return asked_of_file(read_parcels(parcels)) if parcels is not None else {}


def _day(text: str | None) -> date:
    from app.cli.run import day

    return datetime.now(UTC).date() if text is None else day(text, "--on")
