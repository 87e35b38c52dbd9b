"""`acreline decisions ...`: decide on proposals. Who may use the database may name any login: guard the account."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import typer
from rich.console import Console

from app.cli.institution import ByOption, DatabaseOption, institution
from app.cli.override_requests import register

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection

    from app.book.decisions.by_people import Sitting

app = typer.Typer(help="Decide on proposals; contracts are never changed.", no_args_is_help=True)
register(app)

Status: TypeAlias = Literal["open", "held", "decided", "superseded", "withdrawn"]
Proposals: TypeAlias = Annotated[list[int], typer.Argument(metavar="PROPOSAL...", help="Numbers of proposals.")]
OneProposal: TypeAlias = Annotated[int, typer.Argument(metavar="PROPOSAL", help="Number of a proposal.")]
Packs: TypeAlias = Annotated[Path | None, typer.Option(help="Folder of the bank's own policy packs.")]
Note: TypeAlias = Annotated[str, typer.Option(help="Why, in a few words without names.")]
Amount: TypeAlias = Annotated[str, typer.Option(help="Amount in major units, 12000 or 12000.50.")]
MadeBy: TypeAlias = Annotated[str, typer.Option(help="Login of who wants the override.", metavar="LOGIN")]
Code: TypeAlias = Annotated[str, typer.Option(help="One of the reasons of the policy's [overrides].")]
Why: TypeAlias = Annotated[str, typer.Option(help="The reason in words, without names.")]


@app.callback()
def _group() -> None:
    """Decide on proposals; contracts are never changed."""


@app.command(name="list")
def list_them(
    *,
    status: Annotated[Status, typer.Option(help="Status of the proposals.")] = "open",
    batch: Annotated[str | None, typer.Option(help="Of this batch only.", metavar="ID")] = None,
    decided: Annotated[bool, typer.Option("--decided", help="Decisions instead of proposals.")] = False,
    after: Annotated[int, typer.Option(help="Only numbers above this one.", min=0)] = 0,
    most: Annotated[int, typer.Option(help="How many at most.", min=1)] = 50,
    database: DatabaseOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON line for each.")] = False,
) -> None:
    """List proposals that wait, or what was decided."""
    from app.book.decisions.listing import list_decisions, list_proposals, proposals_by_status
    from app.cli.decision_tables import print_decisions, print_proposals
    from app.db.tables.kinds import ProposalStatus

    with institution(database) as engine, engine.connect() as connection:
        counts = proposals_by_status(connection, batch)
        rows = (
            list_decisions(connection, after, most)
            if decided
            else list_proposals(connection, ProposalStatus(status), batch, after, most)
        )
    if as_json:
        for row in rows:
            typer.echo(json.dumps(dict(row), ensure_ascii=False, default=str))
        return
    console = Console(file=sys.stdout, soft_wrap=True)
    if decided:
        print_decisions(console, rows, most)
    else:
        print_proposals(console, rows, most, counts)


@app.command()
def approve(proposals: Proposals, by: ByOption, *, packs: Packs = None, database: DatabaseOption = None) -> None:
    """Approve proposals with the policy's own amounts: all of them, or none."""
    from app.book.decisions.by_people import approve as decide

    with sitting_of(database, by, packs) as (connection, sitting):
        for number in dict.fromkeys(proposals):
            say_decision(connection, decide(connection, number, sitting(number)))


@app.command()
def refuse(
    proposals: Proposals, by: ByOption, note: Note, *, packs: Packs = None, database: DatabaseOption = None
) -> None:
    """Refuse proposals: no amount is given."""
    from app.book.decisions.by_people import refuse as decide

    with sitting_of(database, by, packs) as (connection, sitting):
        for number in dict.fromkeys(proposals):
            say_decision(connection, decide(connection, number, note, sitting(number)))


@app.command(name="return")
def send_back(
    proposals: Proposals, by: ByOption, note: Note, *, packs: Packs = None, database: DatabaseOption = None
) -> None:
    """Return proposals for better facts."""
    from app.book.decisions.by_people import send_back as decide

    with sitting_of(database, by, packs) as (connection, sitting):
        for number in dict.fromkeys(proposals):
            say_decision(connection, decide(connection, number, note, sitting(number)))


@app.command()
def override(
    proposal: OneProposal,
    amount: Amount,
    made_by: MadeBy,
    by: ByOption,
    reason_code: Code,
    reason: Why,
    *,
    packs: Packs = None,
    database: DatabaseOption = None,
) -> None:
    """Approve another amount than the policy's: one person wants it, another one approves it."""
    _override(proposal, amount, made_by, by, (reason_code, reason), packs, database, lower=False)


@app.command()
def reduce(
    proposal: OneProposal,
    amount: Amount,
    made_by: MadeBy,
    by: ByOption,
    reason_code: Code,
    reason: Why,
    *,
    packs: Packs = None,
    database: DatabaseOption = None,
) -> None:
    """Approve less than the policy's amount: an override that only goes down."""
    _override(proposal, amount, made_by, by, (reason_code, reason), packs, database, lower=True)


@app.command()
def automatic(
    policy: Annotated[str, typer.Option(help="Policy pack of the proposals.")],
    *,
    batch: Annotated[str | None, typer.Option(help="Of this batch only.", metavar="ID")] = None,
    packs: Packs = None,
    database: DatabaseOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON line.")] = False,
) -> None:
    """Approve what a dated authority lets the program approve; the rest waits for people."""
    from app.book.decisions.automatic import approve_automatically
    from app.cli.money import major_text
    from app.db.engine import writing
    from scoring.policy import load_pack

    pack = load_pack(policy, packs_dir=packs)
    with institution(database) as engine, writing(engine) as connection:
        found = approve_automatically(connection, pack, datetime.now(UTC), batch)
    if as_json:
        typer.echo(json.dumps({"decisions": found.decisions, "amount_minor": found.amount_minor, "left": found.left}))
        return
    typer.echo(f"{found.decisions} approved, {major_text(found.amount_minor, pack.currency.code)} in all.")
    for left, count in sorted(found.left.items()):
        typer.echo(f"{count} wait for a person: {left.replace('_', ' ')}")


def _override(
    proposal: int,
    amount: str,
    made_by: str,
    by: str,
    why: tuple[str, str],
    packs: Path | None,
    database: str | None,
    *,
    lower: bool,
) -> None:
    from app.book.decisions.by_people import override as decide
    from app.book.decisions.cases import find_case
    from app.book.decisions.people import find_user
    from app.cli.money import minor_of
    from geo.errors import InputError
    from scoring.lending.overrides import Change

    with sitting_of(database, by, packs) as (connection, sitting):
        case = find_case(connection, proposal)
        change = Change(case.amount_minor, minor_of(amount, case.currency), *why)
        if lower and change.to_minor >= (case.amount_minor or 0):
            raise InputError("NOT_LESS", f"{amount} is not less than what is proposed.", "See `decisions override`.")
        say_decision(
            connection, decide(connection, proposal, change, find_user(connection, made_by), sitting(proposal))
        )


@contextmanager
def sitting_of(
    database: str | None, by: str, packs: Path | None
) -> Iterator[tuple[Connection, Callable[[int], Sitting]]]:
    """Transaction that writes, and who decides a proposal by which pack in it."""
    from app.book.decisions.by_people import Sitting
    from app.book.decisions.cases import find_case
    from app.book.decisions.people import find_user
    from app.db.engine import writing
    from scoring.policy import load_pack

    with institution(database) as engine, writing(engine) as connection:
        person, now = find_user(connection, by), datetime.now(UTC)

        def sitting(proposal: int) -> Sitting:
            policy_id = find_case(connection, proposal).policy_id
            return Sitting(person, load_pack(policy_id, packs_dir=packs), now)

        yield connection, sitting


def say_decision(connection: Connection, number: int) -> None:
    """Print a decision as a line."""
    from app.book.decisions.listing import list_decisions
    from app.cli.decision_tables import decision_line

    typer.echo(decision_line(list_decisions(connection, number - 1, 1)[0]))
