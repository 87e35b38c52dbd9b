"""`acreline limits refresh|batches|release|withdraw`: the book as of a day, and what people do with its batches."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from app.cli.institution import ByOption, DatabaseOption, institution, user_id

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from app.book.refresh.asking import RefreshRequest

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON line.")]
BatchArgument = Annotated[str, typer.Argument(metavar="BATCH", help="Id of the batch; `limits batches` lists them.")]
Reason = Annotated[str, typer.Option(help="Why, in a few words; name nobody.")]


def refresh(
    as_of: Annotated[str, typer.Option(help="Day of the book, 2026-11-22.", metavar="DATE")],
    run: Annotated[Path, typer.Option(help="Run folder whose observations count.")],
    out: Annotated[Path, typer.Option(help="Folder of the book: batches and the state that the next one needs.")],
    *,
    policy: Annotated[str | None, typer.Option(help="Policy pack; that of the run by default.")] = None,
    packs: Annotated[Path | None, typer.Option(help="Folder of the bank's own policy packs.")] = None,
    by: Annotated[
        str | None, typer.Option("--by", help="Login of who asks; none for a timer.", metavar="LOGIN")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be proposed and write nothing.")] = False,
    as_json: AsJson = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
    database: DatabaseOption = None,
) -> None:
    """Propose a limit for every subject whose limit is not what it was; contracts are never changed.

    Only what changed since the last batch is decided again. The command can be killed at any moment; the same command
    goes on, and once it is through says that its batch stands. A batch that moves more than the pack allows is held.
    """
    from app.book.refresh.asking import RefreshRequest
    from app.book.refresh.refreshing import refresh_book
    from app.cli.limits_book_tables import print_refresh
    from app.cli.run import day
    from app.jobs.progress import reporting

    request = RefreshRequest(day(as_of, "--as-of"), run, out, policy=policy, packs=packs, dry_run=dry_run)
    with institution(database) as engine, reporting(quiet=quiet) as report:
        summary = refresh_book(_asked_by(request, engine, by), engine, report, lambda: datetime.now(UTC))
    if as_json:
        typer.echo(json.dumps(summary.as_dict(), ensure_ascii=False))
    else:
        print_refresh(Console(file=sys.stdout, soft_wrap=True), summary, out)


def batches(*, as_json: AsJson = False, database: DatabaseOption = None) -> None:
    """List all batches, the newest last."""
    from app.book.refresh.batches import list_batches
    from app.cli.limits_book_tables import batch_dict, print_batches

    with institution(database) as engine, engine.connect() as connection:
        rows = list_batches(connection)
    if as_json:
        typer.echo(json.dumps([batch_dict(row) for row in rows], ensure_ascii=False))
    else:
        print_batches(Console(file=sys.stdout, soft_wrap=True), rows)


def release(batch: BatchArgument, by: ByOption, reason: Reason, *, database: DatabaseOption = None) -> None:
    """Open the proposals of a held batch to decisions: by somebody of risk or admin who did not start it."""
    from app.book.decisions.people import find_user
    from app.book.refresh.batches import release_batch
    from app.db.engine import writing

    with institution(database) as engine, writing(engine) as connection:
        release_batch(connection, batch, find_user(connection, by), reason, datetime.now(UTC))
    typer.echo(f"{batch} is released: its proposals are open to decisions.")


def withdraw(batch: BatchArgument, by: ByOption, reason: Reason, *, database: DatabaseOption = None) -> None:
    """Take a batch back: its open proposals are withdrawn, and those that they superseded stand again."""
    from app.book.decisions.people import find_user
    from app.book.refresh.batches import withdraw_batch
    from app.db.engine import writing

    with institution(database) as engine, writing(engine) as connection:
        withdraw_batch(connection, batch, find_user(connection, by), reason, datetime.now(UTC))
    typer.echo(f"{batch} is withdrawn: the next refresh goes on from the batch before.")


def register(app: typer.Typer) -> None:
    """Add these commands to `acreline limits`."""
    for command in (refresh, batches, release, withdraw):
        app.command()(command)


def _asked_by(request: RefreshRequest, engine: Engine, login: str | None) -> RefreshRequest:
    from dataclasses import replace

    if login is None:
        return request
    with engine.connect() as connection:
        return replace(request, by=user_id(connection, login))
