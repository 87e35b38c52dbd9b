"""Errors of servers and stores in Acreline's words, from an HTTP status or from what a library raised."""

from __future__ import annotations

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Final

import requests

from geo.errors import AcrelineError, DataError, InputError, TransientError
from tiles.access.hrefs import host_of, is_signed, unsigned, without_queries

_STATUS = re.compile(r"(?:HTTP (?:response|error) code: |response_code=)([1-9]\d\d)")

#: HTTP statuses that GDAL's, botocore's and fsspec's errors stand for, by the name of the error's class.
_STATUS_OF: Final = {
    "CPLE_AWSObjectNotFoundError": 404,
    "CPLE_AWSBucketNotFoundError": 404,
    "CPLE_AWSAccessDeniedError": 403,
    "CPLE_AWSSignatureDoesNotMatchError": 403,
    "CPLE_AWSInvalidCredentialsError": 401,
    "NoCredentialsError": 401,
    "FileNotFoundError": 404,
    "PermissionError": 403,
}


def told(error: BaseException, href: str) -> AcrelineError | None:
    """What an error says by itself of a remote file: its status, or that there was no connection; None otherwise."""
    causes = list(chain(error))
    status = next((found for cause in causes if (found := _status(cause))), None)
    if status is not None:
        return by_status(status, href)
    lost = next((cause for cause in causes if _is_connection(cause)), None)
    return None if lost is None else down(href, _reason(lost))


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what caused it, outermost first."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def by_status(status: int, href: str) -> AcrelineError:
    """What an HTTP status other than success means for a file."""
    host = host_of(href)
    if status in (401, 403):
        return _refused(status, href)
    if status in (404, 410):
        return DataError(
            "MISSING_ASSET",
            f"There is no file {unsigned(href)} (HTTP {status}).",
            "Search the catalogue again, or leave the scene out.",
        )
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return TransientError(
            "RATE_LIMITED", f"{host} takes no more requests for now (HTTP 429).", "Try again later, with fewer workers."
        )
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return down(href, f"HTTP {status}")
    return unreadable(href, f"{host} answers HTTP {status}")


def down(href: str, why: str) -> TransientError:
    """The server of a file gave no usable answer."""
    return TransientError("SOURCE_DOWN", f"{host_of(href)} does not answer: {why}.", "Try again later.")


def unreadable(href: str, why: str) -> DataError:
    """A file came, but is no whole raster."""
    return DataError(
        "UNREADABLE_RASTER",
        f"{unsigned(href)} cannot be read: {why}.",
        "Fetch the file again, or take its scene out of the catalogue.",
    )


def first_line(error: BaseException) -> str:
    """First line of an error's text as it may be shown."""
    return without_queries((str(error).splitlines() or [type(error).__name__])[0]).rstrip(".")


def _refused(status: int, href: str) -> AcrelineError:
    shown, host = unsigned(href), host_of(href)
    if is_signed(href):
        return TransientError(
            "TOKEN_EXPIRED", f"The signature for {shown} is not valid any more (HTTP {status}).", "Try again."
        )
    if status == HTTPStatus.UNAUTHORIZED:
        return InputError(
            "TOKEN_EXPIRED",
            f"{host} asks for a valid token or key for {shown} (HTTP 401).",
            "Renew the token or key of this source.",
        )
    return InputError(
        "ACCESS_DENIED", f"{host} refuses access to {shown} (HTTP 403).", "Check the token or key of this source."
    )


def _status(error: BaseException) -> int | None:
    answer = getattr(error, "response", None)
    if isinstance(answer, requests.Response):
        return answer.status_code
    if isinstance(answer, dict):
        return int(answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)) or None
    said = _STATUS.search(str(error))
    return int(said[1]) if said else _STATUS_OF.get(type(error).__name__)


def _is_connection(error: BaseException) -> bool:
    known = requests.ConnectionError | requests.Timeout | ConnectionError | TimeoutError
    return isinstance(error, known) or "CURL error" in str(error) or "EndpointConnection" in type(error).__name__


def _reason(error: BaseException) -> str:
    """Why a connection failed, without the library's own objects in it."""
    text = first_line(error)
    if isinstance(error, requests.Timeout) or "timed out" in text:
        return "no answer in time"
    return "no connection" if isinstance(error, requests.ConnectionError) else text.removeprefix("CURL error: ")
