"""Keys as they are handed over and as they are kept."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from enum import StrEnum
from hashlib import sha256
from typing import Final

from app.api.access.tokens import Entropy
from geo.errors import InputError

#: Stands in front of every key, so that one which lies where it must not is found and told from a password.
PREFIX: Final = "acl_"
#: First characters that are kept beside the hash, to tell keys apart: 24 bits of the 256.
SHOWN: Final = len(PREFIX) + 4
_KEY_BYTES: Final = 32
_CHARACTERS: Final = len(PREFIX) + 43


class KeyScope(StrEnum):
    """What a key may ask for."""

    PARCELS = "parcels:read"
    LIMITS = "limits:read"
    ALERTS = "alerts:read"
    PORTFOLIO = "portfolio:read"


def scope_named(text: str) -> KeyScope:
    """The scope of a name; InputError for one that there is not."""
    if text not in set(KeyScope):
        raise InputError("KEY_SCOPE", f"There is no scope {text!r}.", f"There are: {', '.join(KeyScope)}.")
    return KeyScope(text)


def new_key(entropy: Entropy) -> str:
    """A prefix and 256 random bits in base64url (RFC 4648, 5) without padding."""
    return PREFIX + urlsafe_b64encode(entropy(_KEY_BYTES)).rstrip(b"=").decode()


def is_key(text: str) -> bool:
    """Whether a text could be a key at all."""
    return len(text) == _CHARACTERS and text.isascii() and text.startswith(PREFIX)


def key_hash(key: str) -> str:
    """What the database keeps of a key: SHA-256 without salt is enough for what cannot be guessed."""
    return sha256(key.encode()).hexdigest()


def key_fits(key: str, stored: str) -> bool:
    """Whether a key is the one of a hash, compared in constant time."""
    return hmac.compare_digest(key_hash(key), stored)
