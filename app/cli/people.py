"""`acreline people ...`: units, users and authorities. Who may use the database may name any login."""

from __future__ import annotations

import json
import sys
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import typer
from rich.console import Console

from app.cli import placing
from app.cli.institution import ByOption, DatabaseOption, institution

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from app.book.decisions.authorities import Grant

app = typer.Typer(help="People of the bank and what they may decide.", no_args_is_help=True)

app.command(name="place")(placing.place)
app.command(name="place-unit")(placing.place_unit)

Level: TypeAlias = Literal["head_office", "region", "branch", "outlet"]
Role: TypeAlias = Literal["officer", "reviewer", "risk", "admin"]
Zone: TypeAlias = Annotated[
    str | None, typer.Option(help="Time zone of the days: that of the policy's calendar, or UTC.", metavar="NAME")
]


@app.callback()
def _group() -> None:
    """People of the bank and what they may decide."""


@app.command(name="add-unit")
def add_unit(
    code: Annotated[str, typer.Argument(help="Code of the unit.")],
    name: Annotated[str, typer.Option(help="Its name.")],
    kind: Annotated[Level, typer.Option(help="Its level.")],
    *,
    parent: Annotated[str | None, typer.Option(help="Code of the unit above.", metavar="CODE")] = None,
    database: DatabaseOption = None,
) -> None:
    """Add a unit of the bank."""
    from app.book.decisions import people
    from app.db.engine import writing
    from app.db.tables.kinds import OrgKind

    with institution(database) as engine, writing(engine) as connection:
        people.add_unit(connection, code, name, OrgKind(kind), parent, datetime.now(UTC))
    typer.echo(f"Unit {code} added.")


@app.command(name="add-user")
def add_user(
    login: Annotated[str, typer.Argument(help="Name to sign in with.")],
    name: Annotated[str, typer.Option(help="Name for people to read.")],
    role: Annotated[Role, typer.Option(help="What the person does.")],
    unit: Annotated[str, typer.Option(help="Code of the unit.", metavar="CODE")],
    *,
    language: Annotated[Literal["en", "zh"], typer.Option(help="Language of the person.")] = "en",
    by: Annotated[
        str | None, typer.Option(help="Login of an administrator; left out for the first user.", metavar="LOGIN")
    ] = None,
    database: DatabaseOption = None,
) -> None:
    """Add a person; the first one must be an administrator."""
    from app.book.decisions import people
    from app.db.engine import writing
    from app.db.tables.kinds import UserRole

    with institution(database) as engine, writing(engine) as connection:
        who = None if by is None else people.find_user(connection, by)
        new = people.NewUser(login, name, UserRole(role), unit, language)
        added = people.add_user(connection, new, who, datetime.now(UTC))
    typer.echo(f"User {added.id} ({login}) added.")


@app.command(name="set-password")
def set_password(login: Annotated[str, typer.Argument(help="Whose.")], *, database: DatabaseOption = None) -> None:
    """Ask for a person's password twice and set it; their sessions end, and failed tries are forgotten.

    Without a terminal the password is the first line of standard input.
    """
    from app.api.access.passwords import Passwords, require_strong
    from app.api.access.throttle import forgive
    from app.book.decisions import people
    from app.db.engine import writing

    with institution(database) as engine:
        with engine.connect() as connection:
            people.find_user(connection, login)
        password = _ask_password(login)
        require_strong(password, login)
        hashed = Passwords().hash(password)
        with writing(engine) as connection:
            people.set_password(connection, login, hashed, datetime.now(UTC))
            forgive(connection, login)
    typer.echo(f"{login} has a new password; their sessions ended.")


@app.command()
def link(
    login: Annotated[str, typer.Argument(help="Who.")],
    subject: Annotated[str, typer.Option(help="Their number at the bank's sign-in service: the claim `sub`.")],
    by: ByOption,
    *,
    database: DatabaseOption = None,
) -> None:
    """Let a person sign in by the bank's own service (ACRELINE_OIDC_ISSUER). Who says so is an administrator."""
    from app.api.access.oidc.linking import Identity
    from app.api.access.oidc.linking import link as link_person
    from app.book.decisions.people import find_user
    from app.db.engine import writing

    issuer = _issuer()
    with institution(database) as engine, writing(engine) as connection:
        link_person(connection, login, Identity(issuer, subject), find_user(connection, by), datetime.now(UTC))
    typer.echo(f"{login} signs in as {subject} of {issuer}.")


@app.command()
def unlink(
    login: Annotated[str, typer.Argument(help="Who.")], by: ByOption, *, database: DatabaseOption = None
) -> None:
    """End a person's link to the bank's own service; sessions that they have stay. Who says so is an administrator."""
    from app.api.access.oidc.linking import unlink as unlink_person
    from app.book.decisions.people import find_user
    from app.db.engine import writing

    issuer = _issuer()
    with institution(database) as engine, writing(engine) as connection:
        ended = unlink_person(connection, login, issuer, find_user(connection, by), datetime.now(UTC))
    typer.echo(f"{login} is no longer linked to {issuer}." if ended else f"{login} was not linked to {issuer}.")


@app.command()
def deactivate(
    login: Annotated[str, typer.Argument(help="Who leaves.")], by: ByOption, *, database: DatabaseOption = None
) -> None:
    """End a person's part; what they decided stays."""
    from app.book.decisions import people
    from app.db.engine import writing

    with institution(database) as engine, writing(engine) as connection:
        people.deactivate_user(connection, login, people.find_user(connection, by), datetime.now(UTC))
    typer.echo(f"{login} is no longer active.")


@app.command()
def grant(
    login: Annotated[str | None, typer.Argument(help="To whom.")] = None,
    *,
    up_to: Annotated[str, typer.Option(help="Greatest amount, in major units.", metavar="AMOUNT")],
    currency: Annotated[str, typer.Option(help="Of the amount, CNY.")],
    by: ByOption,
    automatic: Annotated[bool, typer.Option("--automatic", help="Let the program approve by itself.")] = False,
    product: Annotated[str | None, typer.Option(help="For one product only.")] = None,
    policy: Annotated[str | None, typer.Option(help="For one policy only.", metavar="ID")] = None,
    may_override: Annotated[bool, typer.Option("--may-override", help="Overrides may be approved under it.")] = False,
    start: Annotated[str | None, typer.Option("--from", help="First day; now by default.", metavar="DATE")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Last day; open by default.", metavar="DATE")] = None,
    time_zone: Zone = None,
    packs: Annotated[Path | None, typer.Option(help="Folder of the bank's own policy packs.")] = None,
    database: DatabaseOption = None,
) -> None:
    """Give an authority to a person, or with --automatic to the program; nobody grants it to themselves."""
    from app.book.decisions.authorities import Grant
    from app.book.decisions.authorities import grant as give
    from app.book.decisions.people import find_user
    from app.cli.money import minor_of
    from app.db.engine import writing

    _check_target(login, automatic=automatic)
    now, zone = datetime.now(UTC), _zone(time_zone, policy, packs)
    since, until = _start(start, zone) or now, _end(end, zone)
    with institution(database) as engine, writing(engine) as connection:
        whose = None if login is None else find_user(connection, login).id
        given = Grant(whose, minor_of(up_to, currency), currency, since, until, product, policy, may_override)
        number = give(connection, given, find_user(connection, by), now)
    typer.echo(f"Authority {number} granted to {login or 'the program'}: {_span(given)}.")


@app.command()
def revoke(
    authority: Annotated[int, typer.Argument(help="Number of the authority.")],
    by: ByOption,
    *,
    database: DatabaseOption = None,
) -> None:
    """End an authority at once."""
    from app.book.decisions.authorities import end_authority
    from app.book.decisions.people import find_user
    from app.db.engine import writing

    with institution(database) as engine, writing(engine) as connection:
        end_authority(connection, authority, find_user(connection, by), datetime.now(UTC))
    typer.echo(f"Authority {authority} ended.")


@app.command(name="list")
def list_them(
    *, database: DatabaseOption = None, as_json: Annotated[bool, typer.Option("--json", help="One JSON line.")] = False
) -> None:
    """List users and authorities."""
    from dataclasses import asdict

    from app.book.decisions.authorities import authorities
    from app.book.decisions.people import users
    from app.cli.people_tables import print_people

    with institution(database) as engine, engine.connect() as connection:
        people, given = users(connection), authorities(connection)
    if as_json:
        said = {"users": [asdict(each) for each in people], "authorities": [asdict(each) for each in given]}
        typer.echo(json.dumps(said, ensure_ascii=False, default=str))
    else:
        print_people(Console(file=sys.stdout), people, given, datetime.now(UTC))


def _issuer() -> str:
    from app.settings import load_settings
    from geo.errors import InputError

    issuer = load_settings().oidc_issuer
    if issuer is None:
        raise InputError("OIDC_NOT_SET", "No sign-in service of the bank is named.", "Set ACRELINE_OIDC_ISSUER.")
    return issuer


def _ask_password(login: str) -> str:
    """Password as typed twice without being shown, or the first line of what is piped in."""
    if sys.stdin.isatty():
        return str(typer.prompt(f"Password of {login}", hide_input=True, confirmation_prompt=True, err=True))
    return sys.stdin.readline().rstrip("\r\n")


def _check_target(login: str | None, *, automatic: bool) -> None:
    from geo.errors import InputError

    if automatic is (login is not None):
        raise InputError("GRANT_TO", "An authority is for one person or for the program.", "Name LOGIN or --automatic.")


def _zone(named: str | None, policy: str | None, packs: Path | None) -> ZoneInfo:
    from app.cli.institution import time_zone
    from scoring.policy import load_pack

    pack = None if policy is None else load_pack(policy, packs_dir=packs)
    of_pack = None if pack is None or pack.calendar is None else pack.calendar.time_zone
    return time_zone(named or of_pack or "UTC")


def _start(text: str | None, zone: ZoneInfo) -> datetime | None:
    return None if text is None else _midnight(_day(text, "--from"), zone)


def _end(text: str | None, zone: ZoneInfo) -> datetime | None:
    return None if text is None else _midnight(_day(text, "--to") + timedelta(days=1), zone)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), tzinfo=zone)


def _day(text: str, option: str) -> date:
    from app.cli.run import day

    return day(text, option)


def _span(given: Grant) -> str:
    ends = "until further notice" if given.valid_to is None else f"to {given.valid_to.astimezone(UTC):%Y-%m-%d %H:%M}"
    return f"from {given.valid_from.astimezone(UTC):%Y-%m-%d %H:%M} {ends} (UTC)"
