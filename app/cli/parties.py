"""`acreline parties ...`: who can owe, own or stand surety, with personal data that lie apart."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer
from rich.console import Console

from app.cli.institution import DatabaseOption, institution

if TYPE_CHECKING:
    from app.book.parties.party_file import Entry
    from app.book.parties.party_views import PartyLine
    from app.book.parties.register import Registered
    from app.book.parties.vault import Vault

app = typer.Typer(help="Parties: farmers, households, organisations, groups.", no_args_is_help=True)

RulesOption: TypeAlias = Annotated[
    str, typer.Option("--rules", help="Periods of keeping: a TOML file; see docs/book.md.", metavar="FILE")
]
EXAMPLE_RULES = "retention-example"
_Again: TypeAlias = Annotated[
    bool, typer.Option("--again", help="Register farmers anew whose data were erased: they came back.")
]
_IdNumberStdin: TypeAlias = Annotated[
    bool, typer.Option("--id-number-stdin", help="Read an identity number from standard input.")
]


@app.callback()
def _group() -> None:
    """Parties."""


@app.command()
def add(
    *,
    farmer: Annotated[str | None, typer.Option(help="The bank's own number.", metavar="ID")] = None,
    kind: Annotated[str, typer.Option(help="person, household, organisation or joint_liability_group.")] = "person",
    unit: Annotated[str | None, typer.Option(help="Code of the unit that keeps the party.")] = None,
    name: Annotated[str | None, typer.Option(help="Name.")] = None,
    phone: Annotated[str | None, typer.Option(help="Telephone.")] = None,
    address: Annotated[str | None, typer.Option(help="Address.")] = None,
    id_number_stdin: _IdNumberStdin = False,
    again: _Again = False,
    rules: RulesOption = EXAMPLE_RULES,
    database: DatabaseOption = None,
) -> None:
    """Register one party, or complete one that is known by its numbers."""
    from app.book.parties.party_file import Entry

    number = _from_stdin() if id_number_stdin else None
    entry = Entry(farmer_id=farmer, kind=kind, org_unit=unit, name=name, phone=phone, address=address, id_number=number)
    done = _register([entry], rules, database, again=again)
    what = "new" if done.new else "changed" if done.changed else "known as stated"
    typer.echo(f"Party {done.party_ids[0]}: {what}.")


@app.command(name="import")
def import_file(
    file: Annotated[Path, typer.Argument(help="CSV or Parquet; see docs/book.md for its columns.")],
    *,
    encoding: Annotated[str, typer.Option(help="Of a CSV; gb18030 in many core systems.")] = "utf-8-sig",
    delimiter: Annotated[str, typer.Option(help="Of a CSV.")] = ",",
    again: _Again = False,
    rules: RulesOption = EXAMPLE_RULES,
    database: DatabaseOption = None,
) -> None:
    """Register parties from a file, all or none; the same file again changes nothing."""
    from app.book.parties.party_file import read_entries

    done = _register(read_entries(file, encoding, delimiter), rules, database, again=again, where=str(file))
    typer.echo(f"{done.new} new, {done.changed} changed, {done.same} known as stated.")


@app.command()
def show(
    party: Annotated[int, typer.Argument(help="Number of the party.")],
    *,
    reveal: Annotated[bool, typer.Option("--reveal", help="Show the identity number; this is recorded.")] = False,
    by: Annotated[str | None, typer.Option("--by", help="Login of who looks, with --reveal.", metavar="LOGIN")] = None,
    reason: Annotated[str, typer.Option(help="Why, with --reveal.")] = "",
    database: DatabaseOption = None,
) -> None:
    """Print name and contact of a party."""
    from app.book.parties.party_views import party_card

    with institution(database) as engine:
        with engine.connect() as connection:
            card = party_card(connection, party)
        number = _revealed(engine, party, by, reason) if reveal else None
    _print_line(card.line)
    for label, value in (("Name", card.name), ("Phone", card.phone), ("Address", card.address)):
        typer.echo(f"{label}: {value or '-'}")
    kept = "kept, encrypted" if card.line.has_id_number else "none"
    typer.echo(f"Identity number: {number or kept}")


@app.command(name="list")
def list_known(
    *,
    farmer: Annotated[str | None, typer.Option(help="Only the party of this number.", metavar="ID")] = None,
    id_number_stdin: _IdNumberStdin = False,
    limit: Annotated[int, typer.Option(help="Most parties to print.", min=1)] = 50,
    database: DatabaseOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON line for each.")] = False,
) -> None:
    """Print parties without their personal data."""
    import json

    from app.book.parties.party_views import list_parties
    from app.book.parties.vault import require

    reference = require(vault()).reference(_from_stdin() or "") if id_number_stdin else None
    with institution(database) as engine, engine.connect() as connection:
        found = list_parties(connection, farmer_id=farmer, reference=reference, limit=limit)
    for line in found:
        if as_json:
            typer.echo(json.dumps(asdict(line), default=str))
        else:
            _print_line(line)
    if not found:
        typer.echo("No such party.")


def vault() -> Vault | None:
    """The installation's vault of identity numbers."""
    from app.book.parties.vault import open_vault
    from app.settings import load_settings

    return open_vault(load_settings().personal_key)


def warn_of_examples(example: bool) -> None:
    """Say on standard error that the periods of keeping are examples."""
    if example:
        Console(file=sys.stderr, soft_wrap=True).print(
            "The periods of keeping are examples: give the bank's own with --rules.", style="yellow", highlight=False
        )


def _register(
    entries: list[Entry], rules_named: str, database: str | None, *, again: bool, where: str = ""
) -> Registered:
    from app.book.parties.register import register
    from app.book.parties.retention import load_rules
    from app.db.engine import writing

    rules = load_rules(rules_named)
    with institution(database) as engine, writing(engine) as connection:
        done = register(
            connection, entries, vault=vault(), rules=rules, now=datetime.now(UTC), again=again, where=where
        )
    if done.new:
        warn_of_examples(rules.example)
    return done


def _revealed(engine, party: int, by: str | None, reason: str) -> str | None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    from app.book.decisions.people import find_user
    from app.book.parties.access import identity_number, note_view
    from app.db.engine import writing
    from geo.errors import InputError

    if by is None:
        raise InputError("WHO_LOOKS", "An identity number is shown to somebody.", "Name a login with --by.")
    with writing(engine) as connection:
        number = identity_number(connection, party, vault())
        note_view(connection, party, find_user(connection, by).id, "id_number", reason, datetime.now(UTC))
    return number


def _from_stdin() -> str | None:
    return sys.stdin.readline().strip() or None


def _print_line(line: PartyLine) -> None:
    state = f"erased {line.erased_at:%Y-%m-%d}" if line.erased_at else "current"
    farmer = f"farmer {line.farmer_id}" if line.farmer_id else "no farmer number"
    typer.echo(f"Party {line.id}\t{line.kind}\t{farmer}\tunit {line.unit or '-'}\t{state}")
