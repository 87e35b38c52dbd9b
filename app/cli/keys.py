"""`acreline keys ...`: keys of other systems of the bank."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer
from rich.console import Console
from rich.table import Table

from app.cli.institution import ByOption, DatabaseOption, institution

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.api.keys.making import KeyLine

app = typer.Typer(help="Keys of other systems of the bank.", no_args_is_help=True)

Label: TypeAlias = Annotated[str, typer.Argument(help="What the key is called: the system that has it.")]


@app.callback()
def _group() -> None:
    """Keys of other systems of the bank."""


@app.command()
def make(
    label: Label,
    unit: Annotated[str, typer.Option(help="Code of the unit whose part of the book it sees.", metavar="CODE")],
    scope: Annotated[
        list[str],
        typer.Option(help="parcels:read, limits:read, alerts:read or portfolio:read; several times for several."),
    ],
    by: ByOption,
    *,
    days: Annotated[int, typer.Option(help="How long it is good, days; 366 at most.")] = 90,
    database: DatabaseOption = None,
) -> None:
    """Make a key and print it, this once. Who makes it is an administrator."""
    import secrets

    from app.api.keys.making import NewKey, make_key
    from app.api.keys.tokens import scope_named
    from app.book.decisions.people import find_user
    from app.db.engine import writing

    new, now = NewKey(label, unit, [scope_named(each) for each in scope], days), datetime.now(UTC)
    with institution(database) as engine, writing(engine) as connection:
        key = make_key(connection, new, find_user(connection, by), secrets.token_bytes, now)
    typer.echo(f"Key {label!r} for unit {unit}, good for {days} days. It is shown only now:", err=True)
    typer.echo(key)


@app.command(name="list")
def list_them(
    *, database: DatabaseOption = None, as_json: Annotated[bool, typer.Option("--json", help="One JSON line.")] = False
) -> None:
    """List keys with what they may do, when they end, and when they were last used."""
    from dataclasses import asdict

    from app.api.keys.making import keys

    with institution(database) as engine, engine.connect() as connection:
        found = keys(connection)
    if as_json:
        typer.echo(json.dumps([asdict(each) for each in found], ensure_ascii=False, default=str))
    else:
        _print(found, datetime.now(UTC))


@app.command()
def revoke(label: Label, by: ByOption, *, database: DatabaseOption = None) -> None:
    """End a key at once. Who revokes it is an administrator."""
    from app.api.keys.making import revoke_key
    from app.book.decisions.people import find_user
    from app.db.engine import writing

    with institution(database) as engine, writing(engine) as connection:
        revoke_key(connection, label, find_user(connection, by), datetime.now(UTC))
    typer.echo(f"Key {label!r} is revoked.")


def _print(found: Sequence[KeyLine], now: datetime) -> None:
    table = Table(title="Keys", title_justify="left")
    for name in ("Label", "Begins", "Unit", "Scopes", "By", "Ends (UTC)", "Last used (UTC)", "Now"):
        table.add_column(name, overflow="fold")
    for each in found:
        scopes, used = " ".join(each.scopes), "never" if each.last_used_at is None else _minute(each.last_used_at)
        ends, state = _minute(each.expires_at), _state(each, now)
        table.add_row(each.label, each.prefix, each.unit, scopes, each.created_by, ends, used, state)
    Console(file=sys.stdout).print(table)


def _state(key: KeyLine, now: datetime) -> str:
    if key.revoked_at is not None:
        return f"revoked by {key.revoked_by}"
    return "good" if key.good(now) else "over"


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
