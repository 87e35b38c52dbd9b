"""`acreline notices ...`: notices of alerts to web addresses and mailboxes."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

import typer

from app.cli.institution import ByOption, DatabaseOption, institution

if TYPE_CHECKING:
    from app.alerts.notices.listing import NoticeLine
    from app.alerts.notices.sending import Round

app = typer.Typer(help="Notices of alerts that go out: channels, sending, what arrived.", no_args_is_help=True)
channel_app = typer.Typer(help="Where notices go.", no_args_is_help=True)
app.add_typer(channel_app, name="channel")

AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print one JSON line for each.")]
RulesDir: TypeAlias = Annotated[
    Path | None, typer.Option("--rules-dir", help="Folder of the bank's own alert rules, for titles.", metavar="FOLDER")
]
_PARTLY = 4


@app.callback()
def _group() -> None:
    """Notices of alerts that go out."""


@channel_app.callback()
def _channel_group() -> None:
    """Where notices go."""


@channel_app.command()
def add(
    code: Annotated[str, typer.Argument(help="Name of the channel.")],
    kind: Annotated[Literal["webhook", "email"], typer.Option(help="How notices go out.")],
    target: Annotated[str, typer.Option(help="https://host/path, or a mailbox.")],
    level: Annotated[Literal["info", "watch", "warning", "action"], typer.Option(help="Least level to tell of.")],
    by: ByOption,
    *,
    unit: Annotated[
        str | None, typer.Option(help="Only parcels of this unit and those below it.", metavar="CODE")
    ] = None,
    language: Annotated[Literal["en", "zh"], typer.Option("--lang", help="Of mails; a webhook carries both.")] = "en",
    database: DatabaseOption = None,
) -> None:
    """Add a channel. It is told of what happens from now on."""
    from app.alerts.notices import channels
    from app.book.decisions.people import find_user
    from app.db.engine import writing
    from app.db.tables.alert_kinds import AlertLevel, ChannelKind
    from app.settings import load_settings

    new = channels.Channel(code, ChannelKind(kind), target, AlertLevel(level), unit, language)
    allowed = load_settings().hosts_of_notices
    with institution(database) as engine, writing(engine) as connection:
        channels.add_channel(connection, new, find_user(connection, by), datetime.now(UTC), allowed=allowed)
    typer.echo(f"Channel {code} added: {kind}, from {level} on.")


@channel_app.command(name="list")
def list_channels(*, database: DatabaseOption = None, as_json: AsJson = False) -> None:
    """Print channels; queries of web addresses are not shown."""
    from app.alerts.notices.channels import channels

    with institution(database) as engine, engine.connect() as connection:
        found = channels(connection)
    for each in found:
        target = each.shown_target
        if as_json:
            typer.echo(json.dumps({**asdict(each), "target": target}, ensure_ascii=False))
            continue
        unit = f"unit {each.unit}" if each.unit else "all units"
        state = "active" if each.active else "ended"
        typer.echo(f"{each.code}\t{each.kind}\t{target}\tfrom {each.least_level}\t{unit}\t{each.language}\t{state}")
    if not found and not as_json:
        typer.echo("No channels.")


@channel_app.command()
def deactivate(
    code: Annotated[str, typer.Argument(help="Name of the channel.")], by: ByOption, *, database: DatabaseOption = None
) -> None:
    """End a channel; what is still under way to it is given up."""
    from app.alerts.notices.channels import deactivate_channel
    from app.book.decisions.people import find_user
    from app.db.engine import writing

    with institution(database) as engine, writing(engine) as connection:
        count = deactivate_channel(connection, code, find_user(connection, by))
    typer.echo(f"Channel {code} ended; {count} notices under way were given up.")


@app.command()
def send(
    *,
    once: Annotated[bool, typer.Option("--once", help="One round, then end; this is the default.")] = False,
    follow: Annotated[
        float | None, typer.Option(help="Go on, with so many seconds between rounds.", min=1, metavar="SECONDS")
    ] = None,
    rules_dir: RulesDir = None,
    database: DatabaseOption = None,
    as_json: AsJson = False,
) -> None:
    """Tell channels what is new, and try again what did not arrive. Status 4 where notices were given up."""
    from geo.errors import InputError

    if once and follow is not None:
        raise InputError("SEND_HOW", "--once and --follow exclude each other.", "Give one of them.")
    with _rounds(database, rules_dir) as rounds:
        for done in rounds:
            _print_round(done, as_json=as_json, quiet=follow is not None)
            if follow is None:
                raise typer.Exit(_PARTLY if done.failed else 0)
            time.sleep(follow)


@app.command(name="list")
def list_them(
    *,
    status: Annotated[Literal["pending", "sent", "failed"] | None, typer.Option(help="Only these.")] = None,
    channel: Annotated[str | None, typer.Option(help="Only of a channel.", metavar="CODE")] = None,
    limit: Annotated[int, typer.Option(help="Most to print.", min=1)] = 50,
    database: DatabaseOption = None,
    as_json: AsJson = False,
) -> None:
    """Print notices, the newest first."""
    from app.alerts.notices.listing import list_notices
    from app.db.tables.alert_kinds import NoticeStatus

    only = None if status is None else NoticeStatus(status)
    with institution(database) as engine, engine.connect() as connection:
        found = list_notices(connection, status=only, channel=channel, limit=limit)
    for each in found:
        typer.echo(json.dumps(asdict(each), default=str, ensure_ascii=False) if as_json else _line(each))
    if not found and not as_json:
        typer.echo("No notices.")


@app.command()
def retry(
    by: ByOption,
    numbers: Annotated[list[int] | None, typer.Argument(help="Numbers of notices.", metavar="NUMBER")] = None,
    *,
    channel: Annotated[str | None, typer.Option(help="All that were given up on a channel.", metavar="CODE")] = None,
    database: DatabaseOption = None,
) -> None:
    """Let notices that were given up be tried again, under the keys they had."""
    from app.alerts.notices.listing import retry_notices
    from app.book.decisions.people import find_user
    from app.db.engine import writing
    from geo.errors import InputError

    if bool(numbers) == (channel is not None):
        raise InputError("RETRY_WHICH", "Which notices is not said.", "Give NUMBER, or --channel CODE.")
    with institution(database) as engine, writing(engine) as connection:
        who = find_user(connection, by)
        count = retry_notices(connection, who, datetime.now(UTC), numbers=numbers or (), channel=channel)
    typer.echo(f"{count} notices go out with the next acreline notices send.")


@contextmanager
def _rounds(database: str | None, rules_dir: Path | None) -> Iterator[Iterator[Round]]:
    from app.alerts.notices.office import check_office, open_office
    from app.alerts.notices.sending import send_round
    from app.alerts.notices.told import titles_of
    from app.settings import load_settings

    office = open_office(load_settings(), titles_of(rules_dir))
    with institution(database) as engine:

        def rounds() -> Iterator[Round]:
            while True:
                with engine.connect() as connection:
                    check_office(connection, office)
                # Attempts are spread in time; no secret hangs on it.
                yield send_round(engine, office, lambda: datetime.now(UTC), random.random)

        yield rounds()


def _print_round(done: Round, *, as_json: bool, quiet: bool) -> None:
    if as_json:
        typer.echo(json.dumps(done.as_dict()))
    elif not quiet or done.queued or done.sent or done.failed:
        counts = f"{done.queued} new, {done.sent} sent, {done.waiting} to be tried again, {done.failed} given up"
        typer.echo(f"{counts}.{' acreline notices list --status failed says why.' if done.failed else ''}")


def _line(notice: NoticeLine) -> str:
    when = f"sent {notice.sent_at:%Y-%m-%d %H:%M}" if notice.sent_at else ""
    if notice.next_attempt_at:
        when = f"next {notice.next_attempt_at:%Y-%m-%d %H:%M}"
    about = f"{notice.kind} {notice.level}\t{notice.parcel_id} {notice.cause} {notice.happened_on}"
    error = f"\t{notice.last_error}" if notice.last_error else ""
    return f"Notice {notice.id}\t{notice.channel}\t{notice.status}\t{about}\t{notice.attempts} attempts\t{when}{error}"
