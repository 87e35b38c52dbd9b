"""`acreline audit ...`: whether the chain still vouches for everything, and its head kept outside the database."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.institution import DatabaseOption, institution, time_zone

if TYPE_CHECKING:
    from app.book.chain.verification import Verified

app = typer.Typer(help="The chain of decisions: verify, export, show.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """The chain of decisions."""


@app.command()
def verify(
    *,
    heads: Annotated[Path | None, typer.Option(help="Folder that `audit export` writes to.", metavar="FOLDER")] = None,
    database: DatabaseOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON line.")] = False,
) -> None:
    """Check every entry, every row that it vouches for, subjects and exported heads. Status 3 where one is wrong."""
    from dataclasses import asdict

    from app.book.chain.heads import read_heads
    from app.book.chain.verification import verify as check
    from app.book.chain.witnesses import witnesses
    from app.db.engine import reading
    from geo.errors import DataError

    kept = [] if heads is None else read_heads(heads)
    with institution(database) as engine, reading(engine) as connection:
        found = check(connection, witnesses(), kept)
    if as_json:
        typer.echo(json.dumps(asdict(found), ensure_ascii=False))
    else:
        _print(found)
    if found.fault_count:
        raise DataError(
            "CHAIN_BROKEN",
            f"The chain does not vouch for {found.fault_count} things.",
            "Stop writing to this database, keep it as it is, and compare it with a backup (docs/runbook.md).",
        )


@app.command()
def export(
    out: Annotated[Path, typer.Option(help="Folder for the heads, best outside this machine.", metavar="FOLDER")],
    *,
    zone: Annotated[str, typer.Option("--time-zone", help="Time zone of the day.", metavar="NAME")] = "UTC",
    database: DatabaseOption = None,
) -> None:
    """Keep the chain's head of today: one file for each day, and a line in heads.jsonl."""
    from app.book.chain.heads import export_head
    from app.db.engine import reading

    now, local = datetime.now(UTC), time_zone(zone)
    with institution(database) as engine, reading(engine) as connection:
        kept, new = export_head(connection, out, now.astimezone(local).date(), now)
    done = "kept" if new else "was kept before"
    typer.echo(f"Head of {kept.day}: entry {kept.seq}, {kept.entry_hash} ({done}).")


@app.command()
def show(
    seq: Annotated[int, typer.Option(help="Number of the entry.", min=1)],
    *,
    database: DatabaseOption = None,
) -> None:
    """Print an entry and what its row says now, as JSON."""
    from app.book.chain.entries import entry_with_row
    from app.book.chain.witnesses import witnesses

    with institution(database) as engine, engine.connect() as connection:
        found = entry_with_row(connection, witnesses(), seq)
    typer.echo(json.dumps(found, ensure_ascii=False, indent=2))


def _print(found: Verified) -> None:
    kinds = ", ".join(f"{count} {kind}" for kind, count in found.by_kind.items())
    typer.echo(f"{found.entries} entries{f' ({kinds})' if kinds else ''}; head {found.head}")
    erased = f", of which {found.erased} erased" if found.erased else ""
    compared = f"; {found.heads} exported heads compared" if found.heads else ""
    typer.echo(f"{found.subjects} subjects{erased}{compared}.")
    for fault in found.faults:
        typer.echo(f"{fault.code}: {fault.row} {fault.says}.")
    if found.fault_count > len(found.faults):
        typer.echo(f"... and {found.fault_count - len(found.faults)} more.")
    if not found.fault_count:
        typer.echo("The chain vouches for everything.")
