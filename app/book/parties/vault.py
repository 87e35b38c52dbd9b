"""Identity numbers: encrypted where they are kept, and a keyed hash that finds the same person again."""

from __future__ import annotations

import hmac
import unicodedata
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from secrets import token_bytes
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import SecretStr

from geo.errors import DataError, InputError

_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_KEY_ID_DIGITS: Final = 16
#: Shorter numbers would be guessed, and are typing errors.
_LEAST_LENGTH: Final = 5


@dataclass(frozen=True, slots=True)
class Vault:
    """Keys derived from one secret by HKDF-SHA256: one that encrypts, one that finds again, and the secret's own name.

    Attributes:
        key_id: names the secret and tells nothing of it.
    """

    key_id: str
    _cipher: bytes = field(repr=False)
    _finder: bytes = field(repr=False)

    def seal(self, number: str, party_id: int, random: Callable[[int], bytes] = token_bytes) -> bytes:
        """Nonce (12 bytes) and AES-256-GCM ciphertext of an identity number, bound to its party."""
        nonce = random(_NONCE_BYTES)
        return nonce + AESGCM(self._cipher).encrypt(nonce, number.encode(), _bound(party_id))

    def reveal(self, sealed: bytes, key_id: str | None, party_id: int) -> str:
        """The identity number.

        Raises:
            DataError: it was sealed with another key or for another party, or was changed.
        """
        if key_id != self.key_id:
            raise DataError(
                "PERSONAL_KEY_OTHER",
                f"The identity number of party {party_id} was encrypted with key {key_id}; this one is {self.key_id}.",
                "Set ACRELINE_PERSONAL_KEY to the key of that name.",
            )
        try:
            return AESGCM(self._cipher).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _bound(party_id)).decode()
        except InvalidTag as error:
            raise DataError(
                "PERSONAL_DAMAGED",
                f"The identity number of party {party_id} was changed, or is another party's.",
                "Restore the row from a backup, or ask the person again.",
            ) from error

    def reference(self, number: str) -> str:
        """HMAC-SHA256 of the normalised number, hexadecimal: the same for the same person, however it is typed."""
        return hmac.new(self._finder, normalised(number).encode(), sha256).hexdigest()


def normalised(number: str) -> str:
    """Identity number without spaces and marks, full-width forms and small letters made plain ones."""
    return "".join(each for each in unicodedata.normalize("NFKC", number).upper() if each.isalnum())


def is_identity_number(number: str) -> bool:
    """Whether enough of it is left when it is normalised."""
    return len(normalised(number)) >= _LEAST_LENGTH


def open_vault(secret: SecretStr | None) -> Vault | None:
    """Vault of the installation's key (32 bytes in base64); None where it has none."""
    if secret is None:
        return None
    key = b64decode(secret.get_secret_value(), validate=True)
    return Vault(_derived(key, b"name").hex()[:_KEY_ID_DIGITS], _derived(key, b"cipher"), _derived(key, b"reference"))


def require(vault: Vault | None) -> Vault:
    """The vault; InputError where there is none, since identity numbers are never kept in the clear."""
    if vault is None:
        raise InputError(
            "PERSONAL_KEY_MISSING",
            "Identity numbers cannot be kept or read: there is no key for them.",
            "Set ACRELINE_PERSONAL_KEY (openssl rand -base64 32), and keep it apart from the database.",
        )
    return vault


def _derived(key: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), _KEY_BYTES, salt=None, info=b"acreline personal data: " + purpose).derive(key)


def _bound(party_id: int) -> bytes:
    return f"party {party_id}".encode()
