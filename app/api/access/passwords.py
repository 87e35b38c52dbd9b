"""Passwords: what one must be, and its Argon2id hash."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from threading import BoundedSemaphore
from typing import Final
from unicodedata import normalize

from pwdlib import PasswordHash

from geo.errors import InputError

#: Least length of a password that stands alone (NIST SP 800-63B-4, 3.1.1.2).
LEAST_CHARACTERS: Final = 15
#: Longest; a hash of much more would only cost time.
MOST_CHARACTERS: Final = 256
_LEAST_DIFFERENT = 6
#: Hashes worked out at once: each takes 64 MiB.
_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Checked:
    """Whether a password is the right one; `renewed` is its new hash where the stored one is of older parameters."""

    right: bool
    renewed: str | None


class Passwords:
    """Hashes passwords with Argon2id and checks them; a check takes the same work whether there is a hash or not."""

    def __init__(self, method: PasswordHash | None = None) -> None:
        self._method = method or PasswordHash.recommended()
        self._room = BoundedSemaphore(_AT_ONCE)
        self._decoy = self._method.hash(secrets.token_urlsafe())

    def hash(self, password: str) -> str:
        """Hash with a salt of its own, in the PHC form."""
        with self._room:
            return self._method.hash(_normalised(password))

    def check(self, password: str, stored: str | None) -> Checked:
        """Compare with a stored hash; None, for somebody who cannot sign in so, takes as long and is never right."""
        with self._room:
            right, renewed = self._method.verify_and_update(_normalised(password), stored or self._decoy)
        return Checked(right and stored is not None, renewed if stored is not None else None)


def require_strong(password: str, login: str) -> None:
    """Refuse a password that is too short, too long, of too few characters, or that holds the login.

    Length is what counts and kinds of characters are not asked for (NIST SP 800-63B-4, 3.1.1.2).

    Raises:
        InputError: the password is refused; the message does not repeat it.
    """
    said = _fault(_normalised(password), login)
    if said is not None:
        raise InputError(
            "PASSWORD_WEAK", f"The password {said}.", "Take several words that belong together for you only."
        )


def _fault(password: str, login: str) -> str | None:
    if len(password) < LEAST_CHARACTERS:
        return f"has fewer than {LEAST_CHARACTERS} characters"
    if len(password) > MOST_CHARACTERS:
        return f"has more than {MOST_CHARACTERS} characters"
    if len(set(password)) < _LEAST_DIFFERENT:
        return f"has fewer than {_LEAST_DIFFERENT} different characters"
    return "holds the login" if login.casefold() in password.casefold() else None


def _normalised(password: str) -> str:
    """One form for what keyboards and systems write differently."""
    return normalize("NFKC", password)
