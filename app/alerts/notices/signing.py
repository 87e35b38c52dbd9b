"""Signatures of notices by the Standard Webhooks scheme (standardwebhooks.com, version 1, symmetric)."""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Final

from pydantic import SecretStr

_PREFIX: Final = "whsec_"
LEAST_BYTES, MOST_BYTES = 24, 64


def key_of(secret: SecretStr) -> bytes:
    """Key of a secret in base64, with or without whsec_ in front; ValueError where it is none of 24 to 64 bytes."""
    key = b64decode(secret.get_secret_value().removeprefix(_PREFIX), validate=True)
    if not LEAST_BYTES <= len(key) <= MOST_BYTES:
        raise ValueError(f"it has {len(key)} bytes")
    return key


def signatures(keys: Sequence[bytes], message_id: str, at: datetime, content: bytes) -> str:
    """One signature for each key, apart by spaces: "v1," and the base64 of HMAC-SHA256 over id.seconds.content."""
    signed = b".".join((message_id.encode(), str(int(at.timestamp())).encode(), content))
    return " ".join(f"v1,{b64encode(hmac.new(key, signed, sha256).digest()).decode()}" for key in keys)
