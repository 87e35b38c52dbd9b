"""Tokens of sessions: random, known to the browser only, and what guards them against other sites."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from hashlib import sha256
from typing import Final, TypeAlias

#: Gives so many random bytes, as secrets.token_bytes does.
Entropy: TypeAlias = Callable[[int], bytes]

#: The prefix lets browsers take the cookie only over TLS (or from this machine), for the whole site and no other host.
SESSION_COOKIE: Final = "__Host-acreline"
CSRF_COOKIE: Final = "__Host-acreline-csrf"
CSRF_HEADER: Final = "X-CSRF-Token"

_TOKEN_BYTES = 32
_TOKEN_CHARACTERS = 2 * _TOKEN_BYTES


def new_token(entropy: Entropy) -> str:
    """256 random bits in hex."""
    return entropy(_TOKEN_BYTES).hex()


def is_token(text: str | None) -> bool:
    """Whether a text could be a token at all."""
    return text is not None and len(text) == _TOKEN_CHARACTERS and text.isascii()


def token_hash(token: str) -> str:
    """What the database keeps of a token: SHA-256 without salt is enough for what cannot be guessed."""
    return sha256(token.encode()).hexdigest()


def csrf_token(token: str) -> str:
    """What a request that changes something repeats in its header: HMAC-SHA256 of a fixed text under the token.

    It is bound to the session and leads back to no token, so that scripts of the page may read it from a cookie.
    """
    return hmac.new(token.encode(), b"acreline csrf", sha256).hexdigest()


def csrf_fits(token: str, given: str | None) -> bool:
    """Whether a header repeats the right text, compared in constant time."""
    return given is not None and hmac.compare_digest(csrf_token(token).encode(), given.encode())
