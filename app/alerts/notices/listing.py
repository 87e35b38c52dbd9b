"""Notices on record, and those that are given another chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, and_, or_, select, update

from app.alerts.notices.channels import channel_number
from app.book.decisions.people import Person, require_role
from app.db.tables import Alert, AlertEvent, Notice, NoticeChannel
from app.db.tables.alert_kinds import AlertEventKind, AlertLevel, ChannelKind, NoticeStatus
from app.db.tables.kinds import UserRole
from geo.errors import InputError


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """A notice as it is shown.

    Attributes:
        id: its number.
        channel: code of the channel.
        status: pending, sent or failed.
        attempts: how many were made.
        next_attempt_at: when it is tried again; None: not any more.
        sent_at: when it was delivered; None: it was not.
        last_error: what went wrong last.
        key: the same in every attempt.
        kind: of the event.
        level: after the event.
        parcel_id: of the alert.
        cause: of the alert.
        happened_on: as of which day.
    """

    id: int
    channel: str
    status: NoticeStatus
    attempts: int
    next_attempt_at: datetime | None
    sent_at: datetime | None
    last_error: str | None
    key: str
    kind: AlertEventKind
    level: AlertLevel
    parcel_id: str
    cause: str
    happened_on: date


def list_notices(
    connection: Connection, *, status: NoticeStatus | None = None, channel: str | None = None, limit: int | None = None
) -> list[NoticeLine]:
    """Notices, the newest first.

    Raises:
        InputError: there is no such channel.
    """
    wanted = (
        select(
            Notice.id,
            NoticeChannel.code.label("channel"),
            Notice.status,
            Notice.attempts,
            Notice.next_attempt_at,
            Notice.sent_at,
            Notice.last_error,
            Notice.idempotency_key.label("key"),
            AlertEvent.kind,
            AlertEvent.level,
            Alert.parcel_id,
            Alert.cause,
            AlertEvent.happened_on,
        )
        .join(NoticeChannel, NoticeChannel.id == Notice.channel_id)
        .join(AlertEvent, AlertEvent.id == Notice.alert_event_id)
        .join(Alert, Alert.id == AlertEvent.alert_id)
        .order_by(Notice.id.desc())
        .limit(limit)
    )
    if status is not None:
        wanted = wanted.where(Notice.status == status)
    if channel is not None:
        wanted = wanted.where(Notice.channel_id == channel_number(connection, channel))
    return [NoticeLine(**row) for row in connection.execute(wanted).mappings()]


def retry_notices(
    connection: Connection, by: Person, now: datetime, *, numbers: Sequence[int] = (), channel: str | None = None
) -> int:
    """Let notices that were given up be tried again, with the keys they had; how many.

    A mail goes out whole: with one of its notices come the others.

    Args:
        connection: transaction that writes.
        by: of risk or administration.
        now: instant.
        numbers: of notices.
        channel: all that were given up on this channel.

    Raises:
        InputError: who does it may not, there is no such notice or channel, one was not given up, or its channel
            was ended.
    """
    require_role(by, (UserRole.RISK, UserRole.ADMIN), "sends notices again")
    failed = Notice.status == NoticeStatus.FAILED
    if channel is not None:
        which = and_(failed, Notice.channel_id == channel_number(connection, channel))
    else:
        which = and_(failed, or_(*(_with_it(connection, number) for number in numbers)))
    _refuse_ended(connection, which)
    values = {"status": NoticeStatus.PENDING, "attempts": 0, "next_attempt_at": now}
    return connection.execute(update(Notice).where(which).values(**values)).rowcount


def _with_it(connection: Connection, number: int) -> ColumnElement[bool]:
    """Condition on Notice: the notice, and those of the same mail."""
    wanted = (
        select(Notice.status, Notice.channel_id, Notice.recorded_at, NoticeChannel.kind)
        .join(NoticeChannel, NoticeChannel.id == Notice.channel_id)
        .where(Notice.id == number)
    )
    row = connection.execute(wanted).one_or_none()
    if row is None:
        raise InputError("NOTICE_UNKNOWN", f"There is no notice {number}.", "`acreline notices list` shows them.")
    if row.status is not NoticeStatus.FAILED:
        raise InputError(
            "NOTICE_NOT_FAILED", f"Notice {number} is {row.status}.", "Only one that was given up is tried again."
        )
    if row.kind is ChannelKind.EMAIL:
        return and_(Notice.channel_id == row.channel_id, Notice.recorded_at == row.recorded_at)
    return Notice.id == number


def _refuse_ended(connection: Connection, which: ColumnElement[bool]) -> None:
    ended = connection.scalar(
        select(NoticeChannel.code)
        .join(Notice, Notice.channel_id == NoticeChannel.id)
        .where(which, NoticeChannel.active.is_(False))
        .limit(1)
    )
    if ended is not None:
        raise InputError("CHANNEL_ENDED", f"The channel {ended!r} was ended.", "Add another; it is told what is new.")
