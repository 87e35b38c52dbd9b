"""Signatures of Planetary Computer: one token per container, kept until it expires or is refused."""

from __future__ import annotations

import functools
import logging
import os
import threading
import warnings
from types import ModuleType
from typing import Any, Final
from urllib.parse import urlsplit

import requests

from tiles.access.hrefs import TIMEOUT_S, is_signed, without_queries
from tiles.access.statuses import down, told

_SPARE_S: Final = 120
_KEY_VARIABLE: Final = "PC_SDK_SUBSCRIPTION_KEY"
_lock = threading.Lock()


def use_planetary_computer_key(key: str | None) -> None:
    """Set the subscription key that tokens are asked for with, in this process and those that it starts from now on.

    Workers that are started elsewhere need PC_SDK_SUBSCRIPTION_KEY in their own environment.

    Args:
        key: key of an account; None: ask without one, which Planetary Computer allows at a lower rate.
    """
    if key is None:
        os.environ.pop(_KEY_VARIABLE, None)
    else:
        os.environ[_KEY_VARIABLE] = key
    _library().settings.set_subscription_key(key)


def signed(href: str) -> str:
    """The href itself, or with a signature where its server asks for one.

    Raises:
        TransientError: the service that gives tokens does not answer.
        InputError: it does not accept the key.
    """
    if not is_signed(href):
        return href
    with _lock:
        _require_token(_token_url(href))
    return str(_library().sign_url(href))


def forget_token(href: str) -> None:
    """Let the next `signed` ask for a fresh token, since the one of this file was refused."""
    if is_signed(href):
        _library().sas.TOKEN_CACHE.pop(_token_url(href), None)


def _require_token(url: str) -> None:
    """Put a valid token into the library's own cache; its own request for one has no time limit."""
    sas = _library().sas
    token = sas.TOKEN_CACHE.get(url)
    if token is not None and token.ttl() > _SPARE_S:
        return
    key = _settings().subscription_key
    try:
        answer = requests.get(url, headers={"Ocp-Apim-Subscription-Key": key} if key else {}, timeout=TIMEOUT_S)
        answer.raise_for_status()
        sas.TOKEN_CACHE[url] = sas.SASToken(**answer.json())
    except (requests.RequestException, ValueError) as error:
        failed = told(error, url) or down(url, "no token in its answer")
        raise failed from None


def _token_url(href: str) -> str:
    account, container = _library().utils.parse_blob_url(urlsplit(href))
    return f"{_settings().sas_url}/{account}/{container}"


def _settings() -> Any:
    return _library().settings.Settings.get()


@functools.cache
def _library() -> ModuleType:
    """The library that signs, with a guard that keeps signatures out of GDAL's log lines."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it declares its models the way pydantic 1 did
        import planetary_computer  # noqa: PLC0415 - takes a second, and few need it
    for name in ("_env", "_err", "_base", "_io"):
        logging.getLogger(f"rasterio.{name}").addFilter(_take_queries_out)
    library: ModuleType = planetary_computer
    return library


def _take_queries_out(record: logging.LogRecord) -> bool:
    record.msg, record.args = without_queries(record.getMessage()), ()
    return True
