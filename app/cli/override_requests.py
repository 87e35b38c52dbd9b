"""`acreline decisions requests|ask|answer`: another amount that one person asks for and another one answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import typer

from app.cli.institution import ByOption, DatabaseOption, institution

if TYPE_CHECKING:
    from app.book.decisions.requests import Request

Answer: TypeAlias = Literal["approve", "refuse", "withdraw"]


def requests(
    *,
    every: Annotated[bool, typer.Option("--all", help="Answered and ended ones too.")] = False,
    database: DatabaseOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON line for each.")] = False,
) -> None:
    """List amounts that somebody asked for and that wait for another person."""
    from dataclasses import asdict

    from app.book.decisions.requests import list_requests
    from app.db.tables import OverrideRequest
    from app.db.tables.office_kinds import RequestStatus

    where = () if every else (OverrideRequest.status == RequestStatus.OPEN,)
    with institution(database) as engine, engine.connect() as connection:
        found = list_requests(connection, *where)
    for each in found:
        typer.echo(json.dumps(asdict(each), ensure_ascii=False, default=str) if as_json else _line(each))
    if not found and not as_json:
        typer.echo("No request waits.")


def ask(
    proposal: Annotated[int, typer.Argument(metavar="PROPOSAL", help="Number of a proposal.")],
    amount: Annotated[str, typer.Option(help="Amount in major units, 12000 or 12000.50.")],
    by: ByOption,
    reason_code: Annotated[str, typer.Option(help="One of the reasons of the policy's [overrides].")],
    reason: Annotated[str, typer.Option(help="The reason in words, without names.")],
    *,
    packs: Annotated[Path | None, typer.Option(help="Folder of the bank's own policy packs.")] = None,
    database: DatabaseOption = None,
) -> None:
    """Ask for another amount than the policy's; the proposal stays open until another person answers."""
    from app.book.decisions.cases import find_case
    from app.book.decisions.requests import ask as ask_for
    from app.book.decisions.requests import find_request
    from app.cli.decisions import sitting_of
    from app.cli.money import minor_of
    from scoring.lending.overrides import Change

    with sitting_of(database, by, packs) as (connection, sitting):
        case = find_case(connection, proposal)
        change = Change(case.amount_minor, minor_of(amount, case.currency), reason_code, reason)
        number = ask_for(connection, proposal, change, sitting(proposal))
        typer.echo(_line(find_request(connection, number)))


def answer(
    request: Annotated[int, typer.Argument(metavar="REQUEST", help="Number of a request.")],
    word: Annotated[Answer, typer.Argument(metavar="ANSWER", help="approve, refuse or withdraw.")],
    by: ByOption,
    note: Annotated[str, typer.Option(help="Why, in a few words without names; needed to refuse.")] = "",
    *,
    packs: Annotated[Path | None, typer.Option(help="Folder of the bank's own policy packs.")] = None,
    database: DatabaseOption = None,
) -> None:
    """Approve or refuse what another person asked for, or withdraw what one asked for oneself."""
    from app.book.decisions.requests import approve_request, find_request, refuse_request, withdraw_request
    from app.cli.decisions import say_decision, sitting_of

    with sitting_of(database, by, packs) as (connection, sitting):
        able = sitting(find_request(connection, request).proposal_id)
        if word == "approve":
            say_decision(connection, approve_request(connection, request, able))
            return
        if word == "refuse":
            refuse_request(connection, request, note, able)
        else:
            withdraw_request(connection, request, able.by, note, able.now)
        typer.echo(_line(find_request(connection, request)))


def register(app: typer.Typer) -> None:
    """Add these commands to `acreline decisions`."""
    for command in (requests, ask, answer):
        app.command()(command)


def _line(request: Request) -> str:
    from app.cli.money import major_text

    policy = request.policy_amount_minor
    own = "no amount" if policy is None else major_text(policy, request.currency)
    wanted = major_text(request.to_minor, request.currency)
    who = f", by {request.answered_by}" if request.answered_by else ""
    note = f": {request.answer_note}" if request.answer_note else ""
    return (
        f"Request {request.id} (proposal {request.proposal_id}): {wanted} in place of {own}, {request.reason_code},"
        f" asked by {request.made_by}, {request.recorded_at:%Y-%m-%d %H:%M} UTC; {request.status}{who}{note}"
    )
