"""`acreline alerts ...`: the work list and what people do with it. Who may use the database may name any login."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import typer
from rich.console import Console

from app.cli import alert_visits
from app.cli.institution import ByOption, DatabaseOption, institution

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from app.alerts.worklist.workflow import Act, Done
    from app.db.tables.alert_kinds import AlertLevel

app = typer.Typer(help="Alerts: list, show, work on, visit, measure. No loan is changed.", no_args_is_help=True)

_Which: TypeAlias = Literal["live", "ended", "all", "open", "acknowledged", "visited", "closed", "false_alarm"]
_Numbers: TypeAlias = Annotated[list[int], typer.Argument(metavar="NUMBER...", help="Numbers of alerts.")]
_Reason: TypeAlias = Annotated[str, typer.Option(help="Why; it stays for good: name nobody in it.")]
_Note: TypeAlias = Annotated[str | None, typer.Option(help="A few words; they stay for good: name nobody in them.")]
Language: TypeAlias = Annotated[Literal["en", "zh"], typer.Option("--lang", help="Language of the words.")]
RulesDir: TypeAlias = Annotated[Path | None, typer.Option(help="Folder of the bank's own alert rules.")]

app.command(name="visit")(alert_visits.visit)
app.command(name="week")(alert_visits.week)
app.command(name="precision")(alert_visits.precision)
app.command(name="priors")(alert_visits.priors)
app.add_typer(alert_visits.visits, name="visits")

PolicyOption: TypeAlias = Annotated[
    str | None,
    typer.Option("--policy", help="Policy pack for claims and relief; that of the run by default.", metavar="ID"),
]
PacksOption: TypeAlias = Annotated[
    Path | None, typer.Option("--packs", help="Folder of the bank's own policy packs.", metavar="DIR")
]


@app.callback()
def _group() -> None:
    """Alerts."""


@app.command(name="list")
def list_them(
    *,
    level: Annotated[
        list[str] | None, typer.Option(help="info, watch, warning or action; may come again.", metavar="LEVEL")
    ] = None,
    cause: Annotated[list[str] | None, typer.Option(help="Only of this cause; may come again.")] = None,
    scope: Annotated[Literal["own", "regional", "unclear"] | None, typer.Option(help="Alone or not.")] = None,
    unit: Annotated[str | None, typer.Option(help="Of this unit, those below it, and none.", metavar="CODE")] = None,
    status: Annotated[_Which, typer.Option(help="live: still seen and not closed; ended: no longer seen.")] = "live",
    parcel: Annotated[str | None, typer.Option(help="On this parcel.", metavar="ID")] = None,
    as_of: Annotated[str | None, typer.Option(help="As they stood at the end of a day.", metavar="DATE")] = None,
    limit: Annotated[int, typer.Option(help="How many at most.", min=1)] = 50,
    currency: Annotated[str | None, typer.Option(help="In which losses are ranked; most loans' by default.")] = None,
    rules_dir: RulesDir = None,
    lang: Language = "en",
    database: DatabaseOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON line for each.")] = False,
    beside: Annotated[bool, typer.Option("--beside", help="With --json: insurance and relief of each too.")] = False,
    policy: PolicyOption = None,
    packs: PacksOption = None,
) -> None:
    """List alerts by what a visit may save: exposure x probability x share still at risk."""
    from app.alerts.loans.of_alert import Policies, beside_alert
    from app.alerts.worklist.candidates import RulesAtHand
    from app.alerts.worklist.listing import Wanted, list_alerts
    from app.cli.alert_tables import listed_json, print_alerts
    from app.cli.run import day
    from app.db.tables.alert_kinds import AlertScope

    wanted = Wanted(
        which=status,
        levels=tuple(_level(each) for each in level or ()),
        causes=tuple(cause or ()),
        scope=None if scope is None else AlertScope(scope),
        unit=unit,
        parcel=parcel,
        as_of=None if as_of is None else day(as_of, "--as-of"),
        currency=currency,
    )
    rules, today = RulesAtHand(rules_dir), datetime.now(UTC).date()
    with institution(database) as engine, engine.connect() as connection:
        listing = list_alerts(connection, wanted, today, limit, rules)
        numbers = [each.number for each in listing.alerts] if as_json and beside else []
        on, policies = wanted.as_of or today, Policies(policy, packs)
        more = {number: beside_alert(connection, number, on, policies).as_dict() for number in numbers}
    if not as_json:
        print_alerts(Console(file=sys.stdout), listing, rules, lang)
        return
    for alert in listing.alerts:
        typer.echo(listed_json(alert, more.get(alert.number)))


@app.command()
def show(
    alert: Annotated[str, typer.Argument(help="Number or key of the alert.", metavar="NUMBER|KEY")],
    *,
    as_of: Annotated[str | None, typer.Option(help="Day of loans and signals; today.", metavar="DATE")] = None,
    rules_dir: RulesDir = None,
    policy: PolicyOption = None,
    packs: PacksOption = None,
    lang: Language = "en",
    database: DatabaseOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON line.")] = False,
) -> None:
    """Print the whole story of an alert: what was seen, history, visits, loans, signals, insurance and relief."""
    from app.alerts.loans.of_alert import Policies, beside_alert
    from app.alerts.visits.phone_file import number_of
    from app.alerts.worklist.candidates import RulesAtHand
    from app.alerts.worklist.story import story_of
    from app.cli.alert_tables import print_story, story_json
    from app.cli.run import day
    from app.db.engine import reading

    on = datetime.now(UTC).date() if as_of is None else day(as_of, "--as-of")
    with institution(database) as engine, reading(engine) as connection:
        number = number_of(connection, alert)
        story = story_of(connection, number, on, RulesAtHand(rules_dir))
        beside = beside_alert(connection, number, on, Policies(policy, packs))
    if as_json:
        typer.echo(story_json(story, beside))
    else:
        print_story(Console(file=sys.stdout), story, beside, lang)


@app.command()
def acknowledge(numbers: _Numbers, by: ByOption, *, note: _Note = None, database: DatabaseOption = None) -> None:
    """Say that somebody saw the alerts: all of them, or none."""
    from app.alerts.worklist import workflow

    with _acting(database, by, note) as (connection, act):
        _say(workflow.acknowledge(connection, numbers, act), "acknowledged")


@app.command()
def assign(
    numbers: _Numbers,
    by: ByOption,
    to: Annotated[str, typer.Option(help="Login of who takes them.", metavar="LOGIN")],
    *,
    note: _Note = None,
    database: DatabaseOption = None,
) -> None:
    """Give alerts to somebody: all of them, or none."""
    from app.alerts.worklist import workflow
    from app.book.decisions.people import find_user

    with _acting(database, by, note) as (connection, act):
        _say(workflow.assign(connection, numbers, find_user(connection, to), act), f"assigned to {to}")


@app.command()
def note(
    numbers: _Numbers,
    by: ByOption,
    note: Annotated[str, typer.Option(help="The words; they stay for good: name nobody in them.")],
    *,
    database: DatabaseOption = None,
) -> None:
    """Write a note on alerts: all of them, or none."""
    from app.alerts.worklist import workflow

    with _acting(database, by, note) as (connection, act):
        _say(workflow.note(connection, numbers, act), "noted on")


@app.command()
def close(numbers: _Numbers, by: ByOption, reason: _Reason, *, database: DatabaseOption = None) -> None:
    """Close alerts: what was visited or is no longer seen; a reviewer or risk officer closes any."""
    from app.alerts.worklist import workflow

    with _acting(database, by, reason) as (connection, act):
        _say(workflow.close(connection, numbers, act), "closed")


@app.command(name="false-alarm")
def false_alarm(numbers: _Numbers, by: ByOption, reason: _Reason, *, database: DatabaseOption = None) -> None:
    """Call alerts false: after a visit that did not confirm them, or as a second person."""
    from app.alerts.worklist import workflow

    with _acting(database, by, reason) as (connection, act):
        _say(workflow.call_false(connection, numbers, act), "called false")


@app.command()
def reopen(numbers: _Numbers, by: ByOption, reason: _Reason, *, database: DatabaseOption = None) -> None:
    """Take up alerts again that were closed or called false."""
    from app.alerts.worklist import workflow

    with _acting(database, by, reason) as (connection, act):
        _say(workflow.reopen(connection, numbers, act), "open again")


def _level(text: str) -> AlertLevel:
    from app.db.tables.alert_kinds import AlertLevel
    from geo.errors import InputError

    try:
        return AlertLevel(text)
    except ValueError as error:
        raise InputError(
            "ALERT_LEVEL", f"There is no level {text!r}.", f"There are: {', '.join(AlertLevel)}."
        ) from error


@contextmanager
def _acting(database: str | None, by: str, said: str | None) -> Iterator[tuple[Connection, Act]]:
    """Transaction that writes, and who does what in it now."""
    from app.alerts.worklist.workflow import Act
    from app.book.decisions.people import find_user
    from app.db.engine import writing

    with institution(database) as engine, writing(engine) as connection:
        yield connection, Act(find_user(connection, by), datetime.now(UTC), said)


def _say(done: Done, what: str) -> None:
    already = f" {len(done.already)} were so already." if done.already else ""
    names = ", ".join(str(number) for number in done.changed) or "none"
    typer.echo(f"Alerts {what}: {names}.{already}")
