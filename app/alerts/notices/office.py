"""The installation's ways out: webhooks and mails with its secrets, checked before anything is sent."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection, select

from app.alerts.notices.mail import Letter, Relay, compose
from app.alerts.notices.outcome import Outcome
from app.alerts.notices.sending import Claim
from app.alerts.notices.signing import key_of
from app.alerts.notices.told import Titles, mail_text, payload
from app.alerts.notices.webhook import Webhooks
from app.db.tables import NoticeChannel
from app.db.tables.alert_kinds import ChannelKind
from geo.errors import InputError

if TYPE_CHECKING:
    from app.settings import Settings


@dataclass(frozen=True, slots=True)
class SettingsOffice:
    """Delivers claims as the settings say.

    Attributes:
        webhooks: how webhooks are sent.
        relay: the bank's mail server; None: no mail is sent.
        titles: of causes.
    """

    webhooks: Webhooks
    relay: Relay | None
    titles: Titles

    def deliver(self, claim: Claim, at: datetime) -> Outcome:
        """Deliver once, and say what came of it."""
        if claim.kind is ChannelKind.WEBHOOK:
            told = claim.told[0]
            return self.webhooks.post(claim.target, told.key, payload(told, self.titles), at)
        if self.relay is None:
            raise _no_relay()
        subject, text = mail_text(claim.told, self.titles, claim.language)
        named = hashlib.sha256("\n".join(sorted(told.key for told in claim.told)).encode()).hexdigest()
        letter = Letter(claim.target, subject, text, named, claim.language)
        return self.relay.send(compose(letter, self.relay.sender, self.webhooks.keys, at))


def open_office(settings: Settings, titles: Titles) -> SettingsOffice:
    """The ways out that the settings open."""
    secrets = (settings.notice_secret, settings.notice_secret_old)
    keys = [key_of(secret) for secret in secrets if secret is not None]
    relay = None
    if settings.smtp_host is not None and settings.smtp_sender is not None:
        password = "" if settings.smtp_password is None else settings.smtp_password.get_secret_value()
        relay = Relay(
            settings.smtp_host,
            settings.smtp_port,
            settings.smtp_sender,
            settings.smtp_security,
            settings.smtp_user,
            password,
        )
    return SettingsOffice(Webhooks(keys, settings.hosts_of_notices), relay, titles)


def check_office(connection: Connection, office: SettingsOffice) -> None:
    """Refuse to begin where an active channel has no way out.

    Raises:
        InputError: there is a webhook and no secret, or a mailbox and no mail server.
    """
    kinds = set(connection.scalars(select(NoticeChannel.kind).where(NoticeChannel.active)))
    if ChannelKind.WEBHOOK in kinds and not office.webhooks.keys:
        raise InputError(
            "NOTICE_SECRET",
            "There is a webhook, and no secret to sign it with.",
            "Set ACRELINE_NOTICE_SECRET (openssl rand -base64 32), and give it to the receiver.",
        )
    if ChannelKind.EMAIL in kinds and office.relay is None:
        raise _no_relay()


def _no_relay() -> InputError:
    return InputError(
        "NOTICE_SMTP",
        "There is a mailbox to write to, and no mail server.",
        "Set ACRELINE_SMTP_HOST and ACRELINE_SMTP_SENDER.",
    )
