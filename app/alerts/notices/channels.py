"""Channels that notices go to: added and ended by an administrator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from app.alerts.notices.addresses import parse_target
from app.alerts.notices.mail import check_mailbox
from app.book.decisions.people import Person, require_role
from app.db.tables import Notice, NoticeChannel, OrgUnit
from app.db.tables.alert_kinds import AlertLevel, ChannelKind, NoticeStatus
from app.db.tables.kinds import UserRole
from geo.errors import InputError


@dataclass(frozen=True, slots=True)
class Channel:
    """Where notices go.

    Attributes:
        code: its name.
        kind: webhook or email.
        target: web address or mailbox.
        least_level: alerts below it are not told.
        unit: only parcels of this unit and those below it, and parcels of no unit; None: all.
        language: of mails; a webhook carries both.
        active: whether notices go there.
    """

    code: str
    kind: ChannelKind
    target: str
    least_level: AlertLevel
    unit: str | None = None
    language: str = "en"
    active: bool = True

    @property
    def shown_target(self) -> str:
        """The target without a web address's query, which may be a secret."""
        address, query, _ = self.target.partition("?")
        return f"{address}{'?...' if query else ''}"


def add_channel(
    connection: Connection, channel: Channel, by: Person, now: datetime, *, allowed: frozenset[str]
) -> None:
    """Add a channel; it is told of events that are recorded from now on.

    Args:
        connection: transaction that writes.
        channel: the channel.
        by: an administrator.
        now: instant.
        allowed: hosts that may be on http or inside (ACRELINE_NOTICE_HOSTS).

    Raises:
        InputError: who adds may not, the code is taken, there is no such unit, or the target is not one that
            notices go to.
    """
    require_role(by, (UserRole.ADMIN,), "adds channels of notices")
    if channel.kind is ChannelKind.WEBHOOK:
        parse_target(channel.target, allowed)
    else:
        check_mailbox(channel.target)
    if connection.scalar(select(NoticeChannel.id).where(NoticeChannel.code == channel.code)) is not None:
        raise InputError("CHANNEL_TAKEN", f"There is a channel {channel.code!r} already.", "Choose another code.")
    row = {
        "code": channel.code,
        "kind": channel.kind,
        "target": channel.target,
        "least_level": channel.least_level,
        "org_unit_id": None if channel.unit is None else _unit(connection, channel.unit),
        "language": channel.language,
        "active": True,
        "created_by_id": by.id,
        "recorded_at": now,
    }
    connection.execute(insert(NoticeChannel), [row])


def deactivate_channel(connection: Connection, code: str, by: Person) -> int:
    """End a channel; how many notices under way are given up with it.

    Raises:
        InputError: who ends it may not, or there is no such active channel.
    """
    require_role(by, (UserRole.ADMIN,), "ends channels of notices")
    number = channel_number(connection, code)
    if not connection.scalar(select(NoticeChannel.active).where(NoticeChannel.id == number)):
        raise InputError("CHANNEL_ENDED", f"The channel {code!r} was ended already.", "Nothing is left to do.")
    connection.execute(update(NoticeChannel).where(NoticeChannel.id == number).values(active=False))
    under_way = (Notice.channel_id == number) & (Notice.status == NoticeStatus.PENDING)
    given_up = {"status": NoticeStatus.FAILED, "next_attempt_at": None, "last_error": "The channel was ended."}
    return connection.execute(update(Notice).where(under_way).values(**given_up)).rowcount


def channels(connection: Connection) -> Sequence[Channel]:
    """All channels by code."""
    wanted = (
        select(
            NoticeChannel.code,
            NoticeChannel.kind,
            NoticeChannel.target,
            NoticeChannel.least_level,
            OrgUnit.code.label("unit"),
            NoticeChannel.language,
            NoticeChannel.active,
        )
        .outerjoin(OrgUnit, OrgUnit.id == NoticeChannel.org_unit_id)
        .order_by(NoticeChannel.code)
    )
    return [Channel(**row) for row in connection.execute(wanted).mappings()]


def channel_number(connection: Connection, code: str) -> int:
    """Row of a channel; InputError where there is none."""
    number = connection.scalar(select(NoticeChannel.id).where(NoticeChannel.code == code))
    if number is None:
        raise InputError(
            "CHANNEL_UNKNOWN", f"There is no channel {code!r}.", "`acreline notices channel list` shows them."
        )
    return int(number)


def _unit(connection: Connection, code: str) -> int:
    number = connection.scalar(select(OrgUnit.id).where(OrgUnit.code == code))
    if number is None:
        raise InputError("UNKNOWN_UNIT", f"There is no unit {code!r}.", "`acreline people add-unit` adds it.")
    return int(number)
