"""`acreline book ...`: the core system's loans in the book, what they allow, and whether both agree."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import typer
from rich.console import Console

from app.cli.institution import DatabaseOption, database_of, institution

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from app.book.loans.loanfile import LoanFile
    from scoring.lending.flags import ClassFlag

app = typer.Typer(help="The loan book: import core loan files, positions, reconciliation.", no_args_is_help=True)

AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print one JSON line.")]

_DIFFERS = 3


@app.callback()
def _group() -> None:
    """The loan book."""


@app.command()
def upgrade(*, database: DatabaseOption = None) -> None:
    """Bring the institution's database to this Acreline's tables, and make it where there is none."""
    from app.db.migrate import newest_revision
    from app.db.migrate import upgrade as migrate

    migrate(database_of(database))
    typer.echo(f"The database is at revision {newest_revision()}.")


@app.command(name="import")
def import_file(
    file: Annotated[Path, typer.Argument(help="CSV, Parquet, GeoPackage, Shapefile, GeoJSON or GeoParquet.")],
    mapping: Annotated[
        str, typer.Option(help="What its columns hold: a TOML file, or the id of a shipped one; see docs/book.md.")
    ],
    as_of: Annotated[str, typer.Option(help="Day that the file tells of.", metavar="DATE")],
    *,
    plots: Annotated[
        Path | None, typer.Option(help="Plots in a file of their own; the mapping's `join` says how.", metavar="FILE")
    ] = None,
    control: Annotated[
        Path | None, typer.Option(help="TOML with the counts and sums that the rows must give.", metavar="FILE")
    ] = None,
    rules: Annotated[
        str | None, typer.Option(help="Risk rules whose class floors flag loans: a TOML file, or cn-risk-example.")
    ] = None,
    parcels_crs: Annotated[
        str | None, typer.Option(help="CRS of outlines that state none, EPSG:4490.", metavar="CRS")
    ] = None,
    by: Annotated[str | None, typer.Option(help="Login of who imports.", metavar="LOGIN")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and write nothing.")] = False,
    database: DatabaseOption = None,
    as_json: AsJson = False,
) -> None:
    """Take a core loan file into the book, all or nothing; the same file again writes nothing."""
    from app.book.loans.imports import import_loans
    from app.book.loans.loanfile import read_loan_file
    from app.cli.book_tables import print_import
    from app.cli.run import day
    from scoring.lending.mapping import load_loan_mapping

    read = read_loan_file(
        file, load_loan_mapping(mapping), day(as_of, "--as-of"), plots=plots, control=control, crs=parcels_crs
    )
    flags = _flags(read, rules)
    with institution(database) as engine:
        who = None if by is None else _user(engine, by)
        counts = import_loans(engine, read, now=datetime.now(UTC), imported_by_id=who, dry_run=dry_run)
    if as_json:
        said = counts.as_dict() | {"lacks": read.book.lacks, "flags": [_flag(each) for each in flags]}
        _say(said | {"repairs": len(read.book.repairs)})
    else:
        print_import(Console(file=sys.stdout, soft_wrap=True), counts, read.book, flags)


@app.command()
def positions(
    *,
    as_of: Annotated[str | None, typer.Option(help="Day; today by default.", metavar="DATE")] = None,
    by: Annotated[Literal["facility", "farmer"], typer.Option(help="What amounts are of.")] = "facility",
    out: Annotated[Path | None, typer.Option(help="CSV to write, in minor units.", metavar="FILE")] = None,
    database: DatabaseOption = None,
    as_json: AsJson = False,
) -> None:
    """Sanctioned, drawing, outstanding and available amounts; what is not known stays empty."""
    from app.book.loans.positions import facility_positions, farmer_positions
    from app.cli.book_tables import print_positions
    from app.cli.run import day
    from app.jobs.risk import write_csv

    on = datetime.now(UTC).date() if as_of is None else day(as_of, "--as-of")
    with institution(database) as engine, engine.connect() as connection:
        found = facility_positions(connection, on)
    table = found if by == "facility" else farmer_positions(found)
    if out is not None:
        write_csv(out, table)
    if as_json:
        _say({"as_of": on.isoformat(), "by": by, "positions": table.to_dict("records")})
    else:
        print_positions(Console(file=sys.stdout), table, on, found)


@app.command()
def reconcile(*, database: DatabaseOption = None, as_json: AsJson = False) -> None:
    """Compare counts and sums of the book with the last loan file of each source.

    Ends with status 3 where they differ.
    """
    from app.book.loans.reconcile import reconcile as compare
    from app.cli.book_tables import print_reconciled

    with institution(database) as engine, engine.connect() as connection:
        found = compare(connection)
    if as_json:
        from dataclasses import asdict

        _say({"sources": [asdict(each) | {"as_of": each.as_of.isoformat()} for each in found]})
    else:
        print_reconciled(Console(file=sys.stdout, soft_wrap=True), found)
    if any(each.differences for each in found):
        raise typer.Exit(_DIFFERS)


def _user(engine: Engine, login: str) -> int:
    from app.book.decisions.people import find_user

    with engine.connect() as connection:
        return find_user(connection, login).id


def _flags(read: LoanFile, rules: str | None) -> tuple[ClassFlag, ...]:
    from geo.errors import InputError
    from scoring.lending.flags import flag_classes
    from scoring.risk.classes import require_in_force
    from scoring.risk.rules import load_risk_rules

    if rules is None:
        return ()
    classes = load_risk_rules(rules).risk.classes
    if classes is None:
        raise InputError("RISK_RULES", f"{rules} has no class floors.", "Name risk rules with a table of classes.")
    require_in_force(classes.valid_from, read.book.as_of)
    return flag_classes(read.book, classes)


def _flag(flag: ClassFlag) -> dict[str, object]:
    from dataclasses import asdict

    return asdict(flag)


def _say(said: object) -> None:
    typer.echo(json.dumps(said, ensure_ascii=False))
