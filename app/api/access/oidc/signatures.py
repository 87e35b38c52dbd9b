"""Signatures of ID tokens. Needs the extra `oidc`; nothing else here does."""

from __future__ import annotations

from typing import Any, Final

from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from app.api.access.oidc.fetching import Said
from app.api.access.oidc.service import KeyNotThereError
from geo.errors import InputError

#: Signatures by the service's private key only: "none" and those by a shared secret are never taken. Ed25519 is the
#: name of EdDSA's usual curve since RFC 9864.
ALGORITHMS: Final = ("RS256", "ES256", "EdDSA", "Ed25519")
_KEY_TYPES: Final = frozenset({"RSA", "EC", "OKP"})


def signed_claims(token: str, keys: Said) -> Said:
    """Claims of a token that one of the keys signed.

    Args:
        token: as the service gave it.
        keys: its JSON Web Key Set (RFC 7517).

    Raises:
        KeyNotThereError: it names a key that is not among them.
        InputError: its signature is not good, or of a kind that is not taken.
    """
    try:
        found: dict[str, Any] = dict(jwt.decode(token, _key_set(keys), algorithms=list(ALGORITHMS)).claims)
    except InvalidKeyIdError as error:
        raise KeyNotThereError from error
    except (JoseError, ValueError, TypeError):
        said = "The answer of the bank's sign-in service is not signed as it should be."
        raise InputError("OIDC_TOKEN", said, "Sign in again; if it stays, tell who runs the service.") from None
    return found


def _key_set(keys: Said) -> KeySet:
    """Public keys for signatures; others in the set are none of ours."""
    usable = [
        key
        for key in keys.get("keys", [])
        if isinstance(key, dict) and key.get("kty") in _KEY_TYPES and key.get("use", "sig") == "sig"
    ]
    return KeySet.import_key_set({"keys": usable})
