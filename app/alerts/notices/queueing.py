"""Which events of alerts a channel is to be told, each once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, and_, insert, or_, select
from sqlalchemy.orm import aliased

from app.alerts.reach import units_below, within
from app.db.rows import Row, chunked
from app.db.tables import Alert, AlertEvent, Notice, NoticeChannel, OrgUnit, Parcel
from app.db.tables.alert_kinds import AlertEventKind, AlertLevel, NoticeStatus

#: An event of an earlier day is no news: a first watch over a season must not send the season.
NEWS_DAYS: Final = 14
_LEVELS: Final = tuple(AlertLevel)
_ASKS: Final = (AlertEventKind.OPENED, AlertEventKind.RAISED, AlertEventKind.REOPENED)
_ANSWERS: Final = (AlertEventKind.LOWERED, AlertEventKind.ENDED, AlertEventKind.WITHDRAWN)


def queue_notices(connection: Connection, now: datetime) -> int:
    """Write a notice for each event that an active channel is to be told and was not; how many.

    It is told events of watches: alerts that opened, rose or came back at its least level or above, and what became of
    alerts that it was told of. They were recorded since the channel was added, and are of the last 14 days.

    Args:
        connection: transaction that writes (app.db.engine.writing).
        now: instant, which the notices of this time share.
    """
    wanted = (
        select(NoticeChannel.__table__, OrgUnit.code.label("unit"))
        .outerjoin(OrgUnit, OrgUnit.id == NoticeChannel.org_unit_id)
        .where(NoticeChannel.active)
        .order_by(NoticeChannel.id)
    )
    return sum(_queue(connection, channel, now) for channel in connection.execute(wanted).mappings().all())


def idempotency_key(channel: str, alert_key: str, kind: str, day: date) -> str:
    """SHA-256 (hex) of channel and event: the same whenever and by whomever it is made."""
    return hashlib.sha256(f"{channel}\n{alert_key}\n{kind}\n{day.isoformat()}".encode()).hexdigest()


def _queue(connection: Connection, channel: RowMapping, now: datetime) -> int:
    news = AlertEvent.happened_on >= now.date() - timedelta(days=NEWS_DAYS)
    grave = AlertEvent.level.in_(_LEVELS[_LEVELS.index(AlertLevel(channel["least_level"])) :])
    asking = connection.execute(_untold(connection, channel, and_(AlertEvent.kind.in_(_ASKS), grave, news)))
    count = _write(connection, channel, asking.mappings().all(), now)
    told = _was_told(channel["id"])
    answering = connection.execute(_untold(connection, channel, and_(AlertEvent.kind.in_(_ANSWERS), told)))
    return count + _write(connection, channel, answering.mappings().all(), now)


def _untold(connection: Connection, channel: RowMapping, which: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    told = select(Notice.alert_event_id).where(Notice.channel_id == channel["id"])
    wanted = (
        select(AlertEvent.id, AlertEvent.kind, AlertEvent.happened_on, Alert.key)
        .join(Alert, Alert.id == AlertEvent.alert_id)
        .join(Parcel, Parcel.parcel_id == Alert.parcel_id)
        .where(AlertEvent.watch_id.is_not(None), which, AlertEvent.recorded_at >= channel["recorded_at"])
        .where(AlertEvent.id.not_in(told))
        .order_by(AlertEvent.id)
    )
    return wanted if channel["unit"] is None else wanted.where(within(units_below(connection, channel["unit"])))


def _was_told(channel_id: int) -> ColumnElement[bool]:
    """Condition on AlertEvent: the channel was told, or is being told, of an earlier event of the alert."""
    earlier = aliased(AlertEvent)
    return (
        select(Notice.id)
        .join(earlier, earlier.id == Notice.alert_event_id)
        .where(Notice.channel_id == channel_id, earlier.alert_id == AlertEvent.alert_id, earlier.id < AlertEvent.id)
        .where(or_(Notice.status == NoticeStatus.SENT, Notice.status == NoticeStatus.PENDING))
        .correlate(AlertEvent)
        .exists()
    )


def _write(connection: Connection, channel: RowMapping, events: Iterable[RowMapping], now: datetime) -> int:
    rows: list[Row] = [
        {
            "channel_id": channel["id"],
            "alert_event_id": event["id"],
            "idempotency_key": idempotency_key(channel["code"], event["key"], event["kind"], event["happened_on"]),
            "status": NoticeStatus.PENDING,
            "attempts": 0,
            "next_attempt_at": now,
            "recorded_at": now,
        }
        for event in events
    ]
    for chunk in chunked(rows):
        connection.execute(insert(Notice), chunk)
    return len(rows)
