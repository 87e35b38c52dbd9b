"""One signed POST to a web address: no redirects, no proxy, no waiting beyond a deadline."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException, HTTPResponse
from threading import Timer
from typing import Final

from app.alerts.notices.addresses import NotPublicError, Resolve, Target, addresses_of, parse_target
from app.alerts.notices.outcome import DELIVERED, Outcome, put_off, refused, shown
from app.alerts.notices.signing import signatures
from geo.errors import InputError

_CONNECT_S: Final = 5.0
_MOST_WAIT_S: Final = 86_400.0
_READ_BYTES: Final = 800
_AGAIN: Final = (408, 425, 429)


@dataclass(frozen=True, slots=True)
class Webhooks:
    """How webhooks are sent.

    Attributes:
        keys: secrets to sign with, the newest first.
        allowed: hosts that may be on http or inside.
        deadline_s: seconds for one answer, all in all.
        resolve: finds addresses, as socket.getaddrinfo does.
        trust: certificates; the system's by default.
    """

    keys: Sequence[bytes] = field(repr=False)
    allowed: frozenset[str]
    deadline_s: float = 20.0
    resolve: Resolve = socket.getaddrinfo
    trust: Callable[[], ssl.SSLContext] = ssl.create_default_context

    def post(self, address: str, message_id: str, content: bytes, at: datetime) -> Outcome:
        """Send one message; what came of it.

        Args:
            address: of the channel.
            message_id: the same in every attempt, so that the receiver can drop what comes twice.
            content: JSON.
            at: instant of the attempt.
        """
        signed = signatures(self.keys, message_id, at, content)
        try:
            target = parse_target(address, self.allowed)
            status, wait, said = self._exchange(target, _headers(target, message_id, at, signed), content)
        except InputError as error:
            return refused(error.message)
        except NotPublicError:
            return refused("The name of the host stands for an address that is not public.")
        except (OSError, HTTPException) as error:
            return put_off(f"No answer: {_reason(error)}")
        query = target.path.partition("?")[2]
        return judge(status, wait, shown(said, *signed.split(), query), at)

    def _exchange(self, target: Target, headers: dict[str, str], content: bytes) -> tuple[int, str | None, bytes]:
        link = self._connect(target)
        # A server that answers byte by byte would never run into a timeout of the socket.
        watch = Timer(self.deadline_s, _cut, (link,))
        watch.daemon = True
        watch.start()
        exchange = HTTPConnection(target.host, target.port)
        exchange.sock = link
        try:
            exchange.request("POST", target.path, body=content, headers=headers)
            answer = exchange.getresponse()
            return answer.status, answer.headers.get("Retry-After"), _start(answer)
        finally:
            watch.cancel()
            exchange.close()
            link.close()

    def _connect(self, target: Target) -> socket.socket:
        last: OSError = OSError("the name stands for no address")
        for address in addresses_of(target, self.allowed, self.resolve):
            try:
                link = socket.create_connection((address, target.port), timeout=_CONNECT_S)
            except OSError as error:
                last = error
                continue
            link.settimeout(self.deadline_s)
            return self._secured(link, target) if target.secure else link
        raise last

    def _secured(self, link: socket.socket, target: Target) -> socket.socket:
        try:
            return self.trust().wrap_socket(link, server_hostname=target.host)
        except OSError:
            link.close()
            raise


def judge(status: int, wait: str | None, said: str, now: datetime) -> Outcome:
    """What an answer means: 2xx is delivered; 408, 425, 429 and 5xx are put off; everything else is refused.

    Args:
        status: of HTTP.
        wait: the Retry-After header: seconds, or a date.
        said: beginning of the body.
        now: instant.
    """
    if 200 <= status < 300:  # noqa: PLR2004 - statuses of success
        return DELIVERED
    error = f"HTTP {status}{': ' if said else ''}{said}"
    if status in _AGAIN or status >= 500:  # noqa: PLR2004 - statuses of a server's own faults
        return put_off(error, _seconds(wait, now))
    return refused(error)


def _headers(target: Target, message_id: str, at: datetime, signed: str) -> dict[str, str]:
    return {
        "Host": target.authority,
        "Content-Type": "application/json",
        "User-Agent": "acreline",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signed,
    }


def _start(answer: HTTPResponse) -> bytes:
    """The beginning of an answer's body; what breaks off in it does not change the status."""
    if 200 <= answer.status < 300:  # noqa: PLR2004 - statuses of success
        return b""
    with suppress(OSError, HTTPException):
        return answer.read1(_READ_BYTES)
    return b""


def _cut(link: socket.socket) -> None:
    with suppress(OSError):
        socket.socket.shutdown(link, socket.SHUT_RDWR)  # beneath TLS, which another thread may be reading


def _seconds(wait: str | None, now: datetime) -> float:
    if wait is None:
        return 0.0
    if wait.strip().isdigit():
        seconds = float(wait)
    else:
        try:
            until = parsedate_to_datetime(wait)
        except ValueError:
            return 0.0
        seconds = ((until if until.tzinfo else until.replace(tzinfo=UTC)) - now).total_seconds()
    return min(max(seconds, 0.0), _MOST_WAIT_S)


def _reason(error: OSError | HTTPException) -> str:
    if isinstance(error, TimeoutError):
        return "it took too long."
    if isinstance(error, ssl.SSLError):
        return f"TLS: {shown(getattr(error, 'verify_message', '') or error.reason or 'failed')}."
    if isinstance(error, socket.gaierror):
        return "the name of the host is not known."
    return f"{shown(getattr(error, 'strerror', None) or type(error).__name__)}."
