"""One plain mail through the bank's own relay, encrypted on the way there."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from ipaddress import ip_address
from typing import Final, Literal

from app.alerts.notices.outcome import DELIVERED, Outcome, put_off, refused, shown
from app.alerts.notices.signing import signatures
from geo.errors import InputError

_TIMEOUT_S: Final = 20.0
_LOOPBACK_NAME: Final = "localhost"
_PERMANENT: Final = 500
Security = Literal["starttls", "tls", "none"]


@dataclass(frozen=True, slots=True)
class Relay:
    """The bank's mail server.

    Attributes:
        host: name or address.
        port: number.
        sender: mailbox that notices come from.
        security: "starttls", "tls" from the first byte on, or "none", which only a relay on this machine may have.
        user: login; None: the relay asks for none.
        password: of the login.
        trust: certificates; the system's by default.
    """

    host: str
    port: int
    sender: str
    security: Security = "starttls"
    user: str | None = None
    password: str = field(default="", repr=False)
    trust: Callable[[], ssl.SSLContext] = ssl.create_default_context

    def send(self, message: EmailMessage) -> Outcome:
        """Hand a mail to the relay; what came of it."""
        try:
            with self._connected() as relay:
                if self.user is not None:
                    relay.login(self.user, self.password)
                relay.send_message(message)
        except smtplib.SMTPAuthenticationError as error:
            return put_off(f"The relay refuses the login ({error.smtp_code}).")
        except smtplib.SMTPRecipientsRefused as error:
            return _judge(*next(iter(error.recipients.values())))
        except smtplib.SMTPResponseException as error:
            return _judge(error.smtp_code, error.smtp_error)
        except (smtplib.SMTPException, OSError) as error:
            return put_off(f"The relay does not answer: {shown(str(error))}", rest=True)
        return DELIVERED

    def _connected(self) -> smtplib.SMTP:
        if self.security == "tls":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=_TIMEOUT_S, context=self.trust())
        relay = smtplib.SMTP(self.host, self.port, timeout=_TIMEOUT_S)
        if self.security == "starttls":
            try:
                relay.starttls(context=self.trust())
            except BaseException:
                relay.close()
                raise
        return relay


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail to be.

    Attributes:
        to: mailbox.
        subject: one line.
        text: lines.
        message_id: the same in every attempt, without angle brackets and domain.
        language: ISO 639-1.
    """

    to: str
    subject: str
    text: str
    message_id: str
    language: str


def compose(letter: Letter, sender: str, keys: Sequence[bytes], at: datetime) -> EmailMessage:
    """A mail; with keys its header Acreline-Signature signs id, Acreline-Timestamp and text as a webhook is signed.

    Args:
        letter: what to say.
        sender: mailbox that it comes from.
        keys: secrets, the newest first; none: no signature.
        at: instant of the attempt.
    """
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = sender, letter.to, letter.subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{letter.message_id}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message["Content-Language"] = letter.language
    if keys:
        message["Acreline-Timestamp"] = str(int(at.timestamp()))
        message["Acreline-Signature"] = signatures(keys, letter.message_id, at, letter.text.encode())
    message.set_content(letter.text, charset="utf-8", cte="base64")
    return message


def check_mailbox(text: str) -> str:
    """A mailbox such as alerts@bank.example; InputError for anything else."""
    try:
        address = Address(addr_spec=text)
    except (ValueError, HeaderParseError, IndexError) as error:
        raise _no_mailbox() from error
    if not text.isascii() or not text.isprintable() or not address.domain or address.addr_spec != text:
        raise _no_mailbox()
    return text


def is_loopback(host: str) -> bool:
    """Whether a relay is on this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == _LOOPBACK_NAME


def _judge(code: int, said: bytes | str) -> Outcome:
    error = f"SMTP {code}: {shown(said)}"
    return refused(error) if code >= _PERMANENT else put_off(error)


def _no_mailbox() -> InputError:
    return InputError("NOTICE_MAILBOX", "The channel's target is no mailbox.", "Write it like alerts@bank.example.")
