"""Small questions to servers: retries, the first byte of a file, what an object store says of a key."""

from __future__ import annotations

import os
from typing import Any, Final
from urllib.parse import urlsplit

import fsspec
import requests
from requests.adapters import HTTPAdapter
from urllib3 import Retry

from tiles.access.hrefs import TIMEOUT_S
from tiles.access.signing import signed
from tiles.sources.presets import STORES, Store

#: Longest `Retry-After` that is waited for, seconds; a server asking for more is asked again after this.
LONGEST_WAIT_S: Final = 60


def retries(count: int = 4, pause_s: float = 0.5) -> Retry:
    """Rule by which requests are repeated after 429 (as `Retry-After` says), 5xx and a lost connection.

    Args:
        count: how often at most.
        pause_s: first pause, seconds; doubled each time, where the server does not name one.
    """
    return Retry(
        total=count,
        backoff_factor=pause_s,
        backoff_max=LONGEST_WAIT_S,
        status_forcelist=(429, 500, 502, 503, 504),
        allowed_methods=None,
        raise_on_status=False,
        retry_after_max=LONGEST_WAIT_S,
    )


def first_byte(href: str, rule: Retry | None = None) -> requests.Response:
    """Answer to a request for the first byte of a file at https://; its content is not fetched.

    A ranged GET and not a HEAD: stores that sign requests sign one method only.

    Args:
        href: the file, not signed.
        rule: when to repeat the request; None: never.

    Raises:
        requests.RequestException: no answer.
        AcrelineError: no signature could be had.
    """
    url = signed(href)
    with requests.Session() as session:
        session.mount(f"{urlsplit(url).scheme}://", HTTPAdapter(max_retries=rule or 0))
        with session.get(url, headers={"Range": "bytes=0-0"}, timeout=TIMEOUT_S, stream=True) as answer:
            return answer


def bytes_stated(answer: requests.Response) -> int | None:
    """Bytes of the whole file, from an answer to `first_byte`; None where it does not say."""
    total = answer.headers.get("Content-Range", "").rpartition("/")[2] or answer.headers.get("Content-Length", "")
    return int(total) if total.isdigit() else None


def store_of(bucket: str) -> Store:
    """Where a bucket is: the endpoint in the environment, else what is known of the bucket, else Amazon's own."""
    host = os.environ.get("AWS_S3_ENDPOINT")
    scheme = "http" if os.environ.get("AWS_HTTPS", "YES").upper() in ("NO", "FALSE", "OFF") else "https"
    given = (
        f"{scheme}://{host}" if host else os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    )
    return Store(endpoint=given) if given else STORES.get(bucket, Store())


def store_says(href: str) -> dict[str, Any]:
    """What an object store says of `s3://bucket/key`: "size" in bytes, "ETag", "LastModified".

    Raises:
        OSError: no such key, no access, no answer.
    """
    store = store_of(urlsplit(href).netloc)
    options = {"region_name": store.region} if store.region else {}
    files = fsspec.filesystem("s3", anon=store.unsigned, endpoint_url=store.endpoint, client_kwargs=options)
    said: dict[str, Any] = files.info(href)
    return said
