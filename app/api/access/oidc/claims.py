"""Whether an ID token is for us, now, and for the sign-in that was sent (OpenID Connect Core, 3.1.3.7)."""

from __future__ import annotations

import hmac
from datetime import datetime
from typing import Any, Final

from app.api.access.oidc.fetching import Said
from app.api.access.oidc.service import Registration
from geo.errors import InputError

#: Clocks of two machines may differ by so much, s.
_LEEWAY_S: Final = 60
#: A token that was made longer ago answers no sign-in of ours, s.
_OLDEST_S: Final = 600
_LONGEST_SUBJECT: Final = 255


def subject_of(claims: Said, ours: Registration, nonce: str, now: datetime) -> str:
    """Who signed in, as the service numbers people.

    Args:
        claims: of a token whose signature is good.
        ours: what we are to the service.
        nonce: as sent with this sign-in.
        now: instant.

    Raises:
        InputError: the token is of another service, for another client, over, not of now, or of another sign-in.
    """
    at, subject = now.timestamp(), claims.get("sub")
    wrong = {
        "iss": claims.get("iss") != ours.issuer,
        "aud": not _for_us(claims, ours.client_id),
        "exp": not _number(claims.get("exp")) or claims["exp"] <= at - _LEEWAY_S,
        "iat": not _number(claims.get("iat")) or not at - _OLDEST_S <= claims["iat"] <= at + _LEEWAY_S,
        "nbf": "nbf" in claims and (not _number(claims["nbf"]) or claims["nbf"] > at + _LEEWAY_S),
        "nonce": not hmac.compare_digest(str(claims.get("nonce")).encode(), nonce.encode()),
        "sub": not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT,
    }
    first = next((name for name, is_wrong in wrong.items() if is_wrong), None)
    if first is not None or not isinstance(subject, str):
        said = f"The answer of the bank's sign-in service does not fit this sign-in ({first})."
        raise InputError("OIDC_TOKEN", said, "Sign in again; if it stays, compare the clocks and the client id.")
    return subject


def _for_us(claims: Said, client_id: str) -> bool:
    """Whether we are the audience; where there are several, the token says that it was given to us."""
    audience = claims.get("aud")
    several = audience if isinstance(audience, list) else [audience]
    party = claims.get("azp", client_id if len(several) == 1 else None)
    return client_id in several and party == client_id


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
