"""Questions to the sign-in service: over TLS, without following it elsewhere, and no more than it should say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final, TypeAlias
from urllib.parse import urlencode, urlsplit

import urllib3

from geo.errors import InputError, TransientError

#: What a service answers: a JSON object.
Said: TypeAlias = Mapping[str, Any]
_MOST_BYTES: Final = 1024 * 1024
_TIMEOUT: Final = urllib3.Timeout(connect=5, read=10)
_OK: Final = 200
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


def require_safe(url: str) -> str:
    """An address that secrets may be sent to: https, or this machine.

    Raises:
        InputError: it is another one.
    """
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        return url
    raise InputError("OIDC_ADDRESS", f"The sign-in service names {url!r}, which is not https.", "Check its settings.")


def get_json(pool: urllib3.PoolManager, url: str) -> Said:
    """What an address answers.

    Raises:
        InputError: the address is not safe.
        TransientError: it does not answer as it should.
    """
    return _said(pool, "GET", url, {"Accept": "application/json"}, None)


def post_form(pool: urllib3.PoolManager, url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Said:
    """What an address answers to a form; as get_json."""
    kind = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
    return _said(pool, "POST", url, {**kind, **headers}, urlencode(form))


def _said(pool: urllib3.PoolManager, method: str, url: str, headers: Mapping[str, str], body: str | None) -> Said:
    try:
        answer = pool.request(
            method,
            require_safe(url),
            headers=dict(headers),
            body=body,
            redirect=False,
            retries=False,
            timeout=_TIMEOUT,
            preload_content=False,
        )
        text = answer.read(_MOST_BYTES + 1)
        answer.release_conn()
    except urllib3.exceptions.HTTPError as error:
        raise _down(f"does not answer ({type(error).__name__})") from None  # the chain may repeat what was sent
    if answer.status != _OK or len(text) > _MOST_BYTES:
        raise _down(f"answers {answer.status}")
    try:
        said = json.loads(text)
    except ValueError:
        raise _down("answers no JSON") from None
    if not isinstance(said, dict):
        raise _down("answers no JSON object")
    return said


def _down(how: str) -> TransientError:
    return TransientError("OIDC_DOWN", f"The bank's sign-in service {how}.", "Try again later.")
