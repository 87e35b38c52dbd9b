"""The bank's sign-in service: what it says of itself, its keys, and what it gives for a code."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final, TypeAlias
from urllib.parse import quote, urlencode, urlsplit

import urllib3

from app.api.access.oidc.fetching import Said, get_json, post_form, require_safe
from geo.errors import InputError

#: Where Access's cookies live, the service comes back to.
BACK: Final = "/api/v1/session/oidc/back"
_DISCOVERY: Final = "/.well-known/openid-configuration"
#: What the service said is asked for again after this long, s.
_FRESH_S: Final = 3600.0
#: A token may name a key that came since; but whoever sends strange tokens does not make us ask without end, s.
_KEYS_AGAIN_S: Final = 60.0


class KeyNotThereError(Exception):
    """A token names a key that is not among those at hand."""


#: Claims of a token that one of some keys signed (app.api.access.oidc.signatures).
Verify: TypeAlias = Callable[[str, Said], Said]


@dataclass(frozen=True, slots=True)
class Registration:
    """What we are to the service.

    Attributes:
        issuer: its name, an address; ID tokens hold exactly this.
        client_id: ours there.
        client_secret: None for a client without one; PKCE holds either way.
        redirect: address that it sends people back to.
    """

    issuer: str
    client_id: str
    client_secret: str | None = field(repr=False)
    redirect: str


@dataclass(slots=True)
class _Kept:
    said: Said
    at: float


class SignInService:
    """A service of OpenID Connect; safe to use from several threads."""

    def __init__(self, registration: Registration, verify: Verify, clock: Callable[[], float]) -> None:
        """Service of a registration.

        Args:
            registration: what we are to it.
            verify: checks signatures.
            clock: counts seconds and never goes back.

        Raises:
            InputError: its address is not https.
        """
        require_safe(registration.issuer)
        self.registration = registration
        self._verify = verify
        self._clock = clock
        self._pool = urllib3.PoolManager()
        self._lock = Lock()
        self._discovered: _Kept | None = None
        self._keys: _Kept | None = None

    def authorization(self, state: str, nonce: str, challenge: str) -> str:
        """Address that somebody's browser goes to; challenge: SHA-256 of the code verifier in base64url."""
        ours = self.registration
        asked = {
            "response_type": "code",
            "scope": "openid",
            "client_id": ours.client_id,
            "redirect_uri": ours.redirect,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        endpoint = self._endpoint("authorization_endpoint")
        return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(asked)}"

    def claims(self, code: str, verifier: str) -> Said:
        """Claims of the ID token that the service gives for a code, their signature checked and nothing else.

        Raises:
            InputError: it gives none, or one that it did not sign.
            TransientError: it does not answer.
        """
        form = {"grant_type": "authorization_code", "code": code, "code_verifier": verifier}
        form["redirect_uri"] = self.registration.redirect
        headers = self._authenticate(form)
        token = post_form(self._pool, self._endpoint("token_endpoint"), form, headers).get("id_token")
        if not isinstance(token, str):
            raise InputError("OIDC_TOKEN", "The bank's sign-in service gives no ID token.", "Check its settings.")
        try:
            return self._verify(token, self._key_set(_FRESH_S))
        except KeyNotThereError:
            pass
        try:
            return self._verify(token, self._key_set(_KEYS_AGAIN_S))
        except KeyNotThereError:
            said = "The answer of the bank's sign-in service is signed with a key that it does not publish."
            raise InputError("OIDC_TOKEN", said, "Sign in again in a minute.") from None

    def _authenticate(self, form: dict[str, str]) -> dict[str, str]:
        """Say who we are (OpenID Connect Core, 9): in the header, or in the form where the service takes only that."""
        ours = self.registration
        if ours.client_secret is None:
            form["client_id"] = ours.client_id
            return {}
        ways: Any = self._discovery().get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if "client_secret_basic" in ways:
            pair = f"{quote(ours.client_id, safe='')}:{quote(ours.client_secret, safe='')}"
            return {"Authorization": f"Basic {b64encode(pair.encode()).decode()}"}
        form |= {"client_id": ours.client_id, "client_secret": ours.client_secret}
        return {}

    def _endpoint(self, name: str) -> str:
        address = self._discovery().get(name)
        if not isinstance(address, str):
            raise InputError("OIDC_DISCOVERY", f"The sign-in service names no {name}.", "Check ACRELINE_OIDC_ISSUER.")
        return require_safe(address)

    def _discovery(self) -> Said:
        with self._lock:
            kept = self._discovered
            if kept is None or self._clock() - kept.at > _FRESH_S:
                said = get_json(self._pool, self.registration.issuer.rstrip("/") + _DISCOVERY)
                if said.get("issuer") != self.registration.issuer:
                    told = "The sign-in service calls itself otherwise than ACRELINE_OIDC_ISSUER."
                    raise InputError("OIDC_DISCOVERY", told, "Set it exactly as the service says, with or without /.")
                kept = self._discovered = _Kept(said, self._clock())
            return kept.said

    def _key_set(self, at_most_s: float) -> Said:
        """The service's keys, of at most an age."""
        address = self._endpoint("jwks_uri")
        with self._lock:
            kept = self._keys
            if kept is None or self._clock() - kept.at > at_most_s:
                kept = self._keys = _Kept(get_json(self._pool, address), self._clock())
            return kept.said
