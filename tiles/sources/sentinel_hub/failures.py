"""What the service's failures mean to a person, in one line and without secrets."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Final

import requests
from oauthlib.oauth2 import OAuth2Error  # type: ignore[import-untyped]
from sentinelhub.exceptions import DownloadFailedException, OutOfRequestsException

from geo.errors import AcrelineError, DataError, InputError, TransientError
from tiles.sources.sentinel_hub.deployments import Credentials, Deployment

_NO_UNITS: Final = "ACCESS_INSUFFICIENT_PROCESSING_UNITS"
_LONGEST: Final = 240
_LATER: Final = "Run the same command later: what is fetched stays."

#: What an OAuth server calls a client that it does not know or whose secret is wrong.
_REFUSED: Final = frozenset({"invalid_client", "unauthorized_client", "access_denied", "invalid_grant"})


def explain(error: Exception, deployment: Deployment, credentials: Credentials, what: str) -> AcrelineError | None:
    """Error of ours for a failed exchange with the service; None for anything that is not one.

    Args:
        error: what the client library, OAuth or HTTP raised.
        deployment: who was asked.
        credentials: are taken out of the service's own words, should it repeat them.
        what: the thing asked for, "tile 32631_56_549 on 2020-05-01".
    """
    if isinstance(error, OAuth2Error):
        return _not_let_in(error, deployment)
    if isinstance(error, OutOfRequestsException):
        return _rate_limited(deployment)
    http = error.request_exception if isinstance(error, DownloadFailedException) else error
    if not isinstance(http, requests.RequestException):
        return None
    if http.response is None:
        return _down(deployment, _kind_of(http))
    return _from_status(http.response, deployment, credentials, what)


def status_of(error: Exception) -> int | None:
    """HTTP status behind an error of the client library, None where there is none."""
    http = error.request_exception if isinstance(error, DownloadFailedException) else error
    response = http.response if isinstance(http, requests.RequestException) else None
    return None if response is None else int(response.status_code)


def long_wait(deployment: Deployment, wait_s: float) -> TransientError:
    """Error for a service that asks to wait longer than anybody wants to."""
    return TransientError(
        "RATE_LIMITED",
        f"{deployment.title} asks for a wait of {wait_s:.0f} s because of too many requests.",
        _LATER,
    )


def _rate_limited(deployment: Deployment) -> TransientError:
    return TransientError("RATE_LIMITED", f"{deployment.title} keeps refusing: too many requests.", _LATER)


def _not_let_in(error: OAuth2Error, deployment: Deployment) -> AcrelineError:
    if error.error in _REFUSED:
        return InputError(
            "CREDENTIALS_REFUSED",
            f"{deployment.title} refuses the client id or its secret.",
            f"Check {deployment.settings[0]} and {deployment.settings[1]}.",
        )
    return DataError(
        "TOKEN_ANSWER", f"{deployment.title} gives no usable token ({error.error}).", "Try again; then ask its support."
    )


def _from_status(
    response: requests.Response, deployment: Deployment, credentials: Credentials, what: str
) -> AcrelineError:
    status = response.status_code
    code, message = _own_words(response, credentials)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return _rate_limited(deployment)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _down(deployment, f"HTTP {status}")
    if code == _NO_UNITS:
        return InputError(
            "NO_UNITS",
            f"The account at {deployment.title} has no processing units or requests left.",
            "Buy units or wait for the new month, then run the same command: what is fetched stays.",
        )
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return InputError(
            "ACCESS_DENIED", f"{deployment.title} does not give {what} to this account: {message}.", "Ask its support."
        )
    return InputError(
        "REQUEST_REFUSED", f"{deployment.title} refuses the request for {what}: {message}.", "Check tiles and season."
    )


def _own_words(response: requests.Response, credentials: Credentials) -> tuple[str, str]:
    """Code and message of the service's error body, {"error": {"code": ..., "message": ...}}."""
    try:
        body = response.json()
    except requests.exceptions.JSONDecodeError:
        body = {}
    error = body.get("error", body) if isinstance(body, dict) else {}
    said = error if isinstance(error, dict) else {"message": json.dumps(error)}
    message = " ".join(str(said.get("message") or f"HTTP {response.status_code}").split()).rstrip(".")
    for secret in (credentials.client_secret, credentials.client_id, _token_of(response)):
        message = message.replace(secret, "***") if secret else message
    return str(said.get("code", "")), message[:_LONGEST]


def _token_of(response: requests.Response) -> str:
    headers = response.request.headers if response.request is not None else {}
    return str(headers.get("Authorization", "")).removeprefix("Bearer ")


def _kind_of(error: requests.RequestException) -> str:
    return "it took too long" if isinstance(error, requests.Timeout) else "no connection"


def _down(deployment: Deployment, why: str) -> TransientError:
    return TransientError("SOURCE_DOWN", f"{deployment.title} does not answer ({why}).", _LATER)
