"""Where a webhook may go: https, to a public address, unless a setting allows the host.

The address that was checked is the one that is connected to, so that a name cannot point elsewhere in between.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

from geo.errors import InputError

_PORTS: Final = {"https": 443, "http": 80}
#: IPv6 addresses that stand for an IPv4 address in their last 32 bits (RFC 6052).
_TRANSLATED: Final = IPv6Network("64:ff9b::/96")
_Address: TypeAlias = IPv4Address | IPv6Address
Resolve: TypeAlias = Callable[..., Sequence[tuple[Any, ...]]]


class NotPublicError(Exception):
    """A name stands for an address that notices do not go to."""


@dataclass(frozen=True, slots=True)
class Target:
    """Parts of a web address.

    Attributes:
        secure: https.
        host: name or address, lower case, without brackets.
        port: number.
        path: path and query.
    """

    secure: bool
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """Host and port as the Host header has them."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == _PORTS["https" if self.secure else "http"] else f"{name}:{self.port}"


def parse_target(text: str, allowed: frozenset[str]) -> Target:
    """Parts of a web address.

    Args:
        text: the address.
        allowed: hosts that may be on http or inside.

    Raises:
        InputError: it is no address of the web, holds a password or a fragment, is http or an address inside and
            its host is not allowed. The message does not repeat the query.
    """
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").rstrip(".").encode("idna").decode() if parts.hostname else ""
        port = parts.port
    except ValueError as error:
        raise _wrong("it cannot be read") from error
    if parts.scheme not in _PORTS or not host or any(c.isspace() or not c.isprintable() for c in text):
        raise _wrong("it is not https://host/path")
    if parts.username is not None or parts.fragment:
        raise _wrong("it holds a password or a fragment")
    path = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
    if not path.isascii():
        raise _wrong("its path is not ASCII (write it percent-encoded)")
    target = Target(parts.scheme == "https", host, port or _PORTS[parts.scheme], path)
    if host not in allowed and not target.secure:
        raise _wrong(f"{host} is on http")
    if host not in allowed and (literal := _literal(host)) is not None and not is_public(literal):
        raise _wrong(f"{host} is not a public address")
    return target


def addresses_of(target: Target, allowed: frozenset[str], resolve: Resolve = socket.getaddrinfo) -> list[str]:
    """Addresses of a target's host, to connect to in turn.

    Raises:
        NotPublicError: one of them is private, loopback, link-local or otherwise not of the public internet.
        OSError: the name cannot be resolved.
    """
    found = resolve(target.host, target.port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    if target.host not in allowed:
        for address in addresses:
            if not is_public(ip_address(address)):
                raise NotPublicError(target.host)
    return addresses


def is_public(address: _Address) -> bool:
    """Whether an address belongs to the public internet; one that stands for another is judged as that one."""
    inner = _wrapped(address)
    return is_public(inner) if inner is not None else address.is_global and not address.is_multicast


def _wrapped(address: _Address) -> IPv4Address | None:
    if isinstance(address, IPv4Address):
        return None
    if address in _TRANSLATED:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    if address.teredo is not None:
        return address.teredo[1]
    return address.ipv4_mapped or address.sixtofour


def _literal(host: str) -> _Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _wrong(what: str) -> InputError:
    return InputError(
        "NOTICE_TARGET",
        f"The address of the channel is not one that notices go to: {what}.",
        "Give https://host/path of a public host, or allow the host with ACRELINE_NOTICE_HOSTS.",
    )
