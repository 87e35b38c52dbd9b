"""What identifies the content of a file, so that results can name what they were made from."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import pystac
import requests

from geo.errors import DataError
from tiles.access.asking import bytes_stated, first_byte, retries, store_says
from tiles.access.errors import explain
from tiles.access.hrefs import is_remote, unsigned
from tiles.access.paths import opened
from tiles.sources.checksums import checked_sha256

_SHA256_MARK: Final = "1220"
_AT_A_TIME: Final = 16


def asset_identity(asset: pystac.Asset) -> str:
    """What identifies the content of an asset's file, without fetching a remote one.

    Returns:
        SHA-256 of a local file, hexadecimal, compared with what its item states. For a remote file what its item states
        in `file:checksum` (SHA-256 in the same form, any other hash as "multihash:..."), else "etag:VALUE:BYTES" as its
        server says.

    Raises:
        DataError: there is no such file, it is not the one that its item states, or its server says nothing of it.
        InputError: its server asks for a token or key.
        TransientError: its server does not answer.
    """
    if not is_remote(asset.href):
        return _local_identity(asset)
    stated = asset.extra_fields.get("file:checksum")
    if isinstance(stated, str) and stated:
        is_sha256 = stated.startswith(_SHA256_MARK) and len(stated) == len(_SHA256_MARK) + 64
        return stated.removeprefix(_SHA256_MARK) if is_sha256 else f"multihash:{stated}"
    return _remote_identity(asset.href)


def asset_identities(assets: Sequence[pystac.Asset]) -> list[str]:
    """`asset_identity` of many assets, in their order; sixteen are worked on at a time."""
    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        return list(pool.map(asset_identity, assets))


def _local_identity(asset: pystac.Asset) -> str:
    try:
        return checked_sha256(asset, Path(opened(asset.href)))
    except OSError as error:
        raise explain(error, asset.href) from error


def _remote_identity(href: str) -> str:
    try:
        mark, size = _store_mark(href) if href.startswith("s3://") else _server_mark(href)
    except OSError as error:
        raise explain(error, href) from None
    if mark is None or size is None:
        raise DataError(
            "NO_IDENTITY",
            f"The server of {unsigned(href)} gives neither an ETag nor a date for it.",
            "Copy the file to disk, or state `file:checksum` in its item.",
        )
    return f"etag:{mark.removeprefix('W/').strip(chr(34))}:{size}"


def _server_mark(href: str) -> tuple[str | None, int | None]:
    answer = first_byte(href, retries())
    if not answer.ok:
        raise requests.HTTPError(response=answer)
    return answer.headers.get("ETag") or answer.headers.get("Last-Modified"), bytes_stated(answer)


def _store_mark(href: str) -> tuple[str | None, int | None]:
    said = store_says(href)
    mark = said.get("ETag") or said.get("LastModified")
    return None if mark is None else str(mark), said.get("size")
