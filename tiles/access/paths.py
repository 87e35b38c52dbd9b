"""Paths and options under which GDAL reads a file."""

from __future__ import annotations

import threading
from typing import Final, TypeAlias
from urllib.parse import unquote, urlsplit

from geo.errors import InputError
from tiles.access.asking import store_of
from tiles.access.hrefs import TIMEOUT_S, unsigned
from tiles.access.signing import forget_token, signed

GdalOptions: TypeAlias = dict[str, str | int | float]

_OPTIONS: Final[GdalOptions] = {
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "GDAL_HTTP_MAX_RETRY": 3,
    "GDAL_HTTP_RETRY_DELAY": 0.5,
    "GDAL_HTTP_CONNECTTIMEOUT": 20,
    "GDAL_HTTP_TIMEOUT": TIMEOUT_S,
    "GDAL_HTTP_LOW_SPEED_TIME": 20,
    "GDAL_HTTP_LOW_SPEED_LIMIT": 1000,
    "GDAL_HTTP_MERGE_CONSECUTIVE_RANGES": "YES",
}

# GDAL remembers, as long as the process lives, that a URL could not be opened. A fragment (which is never sent) makes
# another URL of the same file, so that a later try reaches the server.
_failures: dict[str, int] = {}
_lock = threading.Lock()


def opened(href: str) -> str:
    """Path under which GDAL opens a file; use it within `rasterio.Env(**gdal_options(href))`.

    Args:
        href: local path, `file:` URL, `https://...`, `http://...` or `s3://bucket/key`, as items carry it.

    Returns:
        A local path, `/vsicurl/...` or `/vsis3/...`. For files of Planetary Computer it holds a signature that expires:
        ask anew for each opening; never store, show or log it (name the href instead).

    Raises:
        InputError: another scheme; a signature was refused.
        TransientError: the service that gives signatures does not answer.
    """
    parts = urlsplit(href)
    if parts.scheme in ("http", "https"):
        failed = _failures.get(href, 0)
        return f"/vsicurl/{signed(href)}" + (f"#{failed}" if failed else "")
    if parts.scheme == "s3":
        return f"/vsis3/{parts.netloc}{parts.path}"
    if parts.scheme == "file":
        return unquote(parts.path)
    if "://" in href:
        raise InputError(
            "HREF_SCHEME", f"{unsigned(href)} is neither a file nor at https:// or s3://.", "Name one that is."
        )
    return href


def gdal_options(href: str = "") -> GdalOptions:
    """Options of `rasterio.Env` for reading a file: retries, time limits, no listing of folders.

    Args:
        href: the file; for `s3://` it decides the endpoint and whether requests are signed. An endpoint in the
            environment (AWS_S3_ENDPOINT, or AWS_ENDPOINT_URL as other libraries call it) wins. Keys come from the
            environment or AWS's own files, never from here.
    """
    options = dict(_OPTIONS)
    parts = urlsplit(href)
    if parts.scheme == "s3":
        options |= _store_options(parts.netloc)
    return options


def ask_again(href: str) -> None:
    """Let the next opening of a file that failed reach its server, with a fresh signature.

    Nothing is done for object stores: there GDAL asks again by itself, though it reports the old failure once more, so
    that the second later try is the first to succeed. (Its option not to cache can hang, in GDAL 3.10.)
    """
    with _lock:
        _failures[href] = _failures.get(href, 0) + 1
    forget_token(href)


def _store_options(bucket: str) -> GdalOptions:
    store = store_of(bucket)
    options: GdalOptions = {"AWS_NO_SIGN_REQUEST": "YES"} if store.unsigned else {}
    if store.region:
        options["AWS_REGION"] = store.region
    if store.endpoint:
        parts = urlsplit(store.endpoint)
        options |= {
            "AWS_S3_ENDPOINT": parts.netloc + parts.path.rstrip("/"),
            "AWS_HTTPS": "NO" if parts.scheme == "http" else "YES",
            "AWS_VIRTUAL_HOSTING": "FALSE",
        }
    return options
