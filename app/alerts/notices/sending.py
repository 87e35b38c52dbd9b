"""Notices on their way: claimed for a while, delivered outside any transaction, tried again with growing pauses.

Delivery is at least once. Who dies between delivery and note leaves the claim to run out; the next attempt carries the
same key, by which the receiver drops what it has.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from sqlalchemy import Connection, Engine, RowMapping, func, select, update

from app.alerts.notices.outcome import Outcome
from app.alerts.notices.queueing import queue_notices
from app.alerts.notices.told import Told
from app.db.engine import writing
from app.db.listed import listed_numbers
from app.db.rows import Row
from app.db.tables import Alert, AlertEvent, Notice, NoticeChannel
from app.db.tables.alert_kinds import ChannelKind, NoticeStatus

#: How long a claim stands; no delivery takes that long.
LEASE: Final = timedelta(minutes=5)
MOST_ATTEMPTS: Final = 14
#: Nothing is tried for longer, however few attempts there were.
MOST_AGE: Final = timedelta(days=7)
_FIRST_PAUSE_S: Final = 60.0
_LONGEST_PAUSE_S: Final = 43_200.0

Clock = Callable[[], datetime]
#: A number 0..1 at each call.
Chance = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Claim:
    """What one sender delivers now: a notice to a web address, or those of one mail.

    Attributes:
        channel_id: row of the channel.
        kind: of the channel.
        target: of the channel.
        language: of the channel.
        numbers: rows of the notices.
        attempt: which attempt this is, from 1.
        queued_at: when they were written.
        until: when the claim runs out; whoever claims next has another.
        told: what they tell.
    """

    channel_id: int
    kind: ChannelKind
    target: str
    language: str
    numbers: tuple[int, ...]
    attempt: int
    queued_at: datetime
    until: datetime
    told: tuple[Told, ...]


class Office(Protocol):
    """Delivers what was claimed."""

    def deliver(self, claim: Claim, at: datetime) -> Outcome:
        """Deliver once, and say what came of it; the claim runs out in five minutes."""


@dataclass(frozen=True, slots=True)
class Round:
    """What one round did, in notices.

    Attributes:
        queued: written for events that were new.
        sent: delivered.
        waiting: on their way still, to be tried again later.
        failed: given up.
    """

    queued: int
    sent: int
    waiting: int
    failed: int

    def as_dict(self) -> dict[str, int]:
        """Everything, for JSON."""
        return asdict(self)


def send_round(engine: Engine, office: Office, clock: Clock, chance: Chance) -> Round:
    """Write notices of new events and deliver everything that is due; several senders may do so at once.

    Args:
        engine: database at the newest revision.
        office: delivers.
        clock: gives the present.
        chance: spreads attempts, so that they do not come together.
    """
    with writing(engine) as connection:
        queued = queue_notices(connection, clock())
    counts: Counter[str] = Counter()
    while True:
        with writing(engine) as connection:
            claim = _claim(connection, clock())
            waiting = 0 if claim else _waiting(connection)
        if claim is None:
            return Round(queued, counts["sent"], waiting, counts["failed"])
        outcome = office.deliver(claim, clock())
        with writing(engine) as connection:
            counts[_settle(connection, claim, outcome, clock(), chance())] += len(claim.numbers)


def pause(attempt: int, chance: float) -> timedelta:
    """Time until the next attempt: a minute, doubled each time up to twelve hours, times a half to one and a half.

    Args:
        attempt: how many were made.
        chance: 0..1.
    """
    seconds = min(_FIRST_PAUSE_S * 2 ** (attempt - 1), _LONGEST_PAUSE_S)
    return timedelta(seconds=seconds * (0.5 + chance))


def _waiting(connection: Connection) -> int:
    wanted = select(func.count()).where(Notice.status == NoticeStatus.PENDING)
    return connection.scalar(wanted) or 0


def _claim(connection: Connection, now: datetime) -> Claim | None:
    due = (Notice.status == NoticeStatus.PENDING) & (Notice.next_attempt_at <= now)
    first = (
        connection.execute(
            select(Notice.__table__, NoticeChannel.kind, NoticeChannel.target, NoticeChannel.language)
            .join(NoticeChannel, NoticeChannel.id == Notice.channel_id)
            .where(due, NoticeChannel.active)
            .order_by(Notice.next_attempt_at, Notice.id)
            .limit(1)
        )
        .mappings()
        .first()
    )
    if first is None:
        return None
    until = now + LEASE
    together = Notice.id == first["id"]
    if first["kind"] is ChannelKind.EMAIL:  # one mail tells what was written at one time, in every attempt
        together = (Notice.channel_id == first["channel_id"]) & (Notice.recorded_at == first["recorded_at"])
    numbers = tuple(connection.scalars(select(Notice.id).where(together, due).order_by(Notice.id)))
    among = Notice.id.in_(listed_numbers(connection, numbers))
    connection.execute(update(Notice).where(among).values(attempts=Notice.attempts + 1, next_attempt_at=until))
    return _claimed(connection, first, numbers, until)


def _claimed(connection: Connection, first: RowMapping, numbers: tuple[int, ...], until: datetime) -> Claim:
    return Claim(
        channel_id=first["channel_id"],
        kind=first["kind"],
        target=first["target"],
        language=first["language"],
        numbers=numbers,
        attempt=first["attempts"] + 1,
        queued_at=first["recorded_at"],
        until=until,
        told=_told(connection, numbers),
    )


def _told(connection: Connection, numbers: tuple[int, ...]) -> tuple[Told, ...]:
    wanted = (
        select(
            Notice.idempotency_key.label("key"),
            AlertEvent.id.label("event_id"),
            AlertEvent.kind,
            AlertEvent.level,
            AlertEvent.happened_on,
            AlertEvent.recorded_at,
            AlertEvent.evidence,
            Alert.key.label("alert_key"),
            Alert.parcel_id,
            Alert.cause,
            Alert.season_id,
            Alert.opened_on,
            Alert.rules_id,
        )
        .join(AlertEvent, AlertEvent.id == Notice.alert_event_id)
        .join(Alert, Alert.id == AlertEvent.alert_id)
        .where(Notice.id.in_(listed_numbers(connection, numbers)))
        .order_by(Notice.id)
    )
    return tuple(Told(**row) for row in connection.execute(wanted).mappings())


def _settle(connection: Connection, claim: Claim, outcome: Outcome, now: datetime, chance: float) -> str:
    """Note what came of a claim, unless it ran out and somebody else has it; what became of it."""
    wait = max(pause(claim.attempt, chance), timedelta(seconds=outcome.wait_s))
    over = claim.attempt >= MOST_ATTEMPTS or now + wait - claim.queued_at > MOST_AGE
    state = "sent" if outcome.delivered else "put_off" if outcome.again and not over else "failed"
    values: dict[str, Row] = {
        "sent": {"status": NoticeStatus.SENT, "sent_at": now, "next_attempt_at": None, "last_error": None},
        "put_off": {"next_attempt_at": now + wait, "last_error": outcome.error},
        "failed": {"status": NoticeStatus.FAILED, "next_attempt_at": None, "last_error": outcome.error},
    }
    mine = Notice.id.in_(listed_numbers(connection, claim.numbers)) & (Notice.next_attempt_at == claim.until)
    connection.execute(update(Notice).where(mine, Notice.status == NoticeStatus.PENDING).values(**values[state]))
    if outcome.rest:
        _rest(connection, claim.channel_id, now, now + wait)
    return state


def _rest(connection: Connection, channel_id: int, now: datetime, until: datetime) -> None:
    """Leave a channel's other notices alone that would be tried before; no attempt of theirs is counted."""
    due = (Notice.channel_id == channel_id) & (Notice.status == NoticeStatus.PENDING) & (Notice.next_attempt_at <= now)
    connection.execute(update(Notice).where(due).values(next_attempt_at=until))
