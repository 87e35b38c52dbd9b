"""What an item says of its files' size and content (STAC file extension), compared with what lies on disk."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

import pystac

from geo.errors import DataError, InputError
from geo.files import sha256_of

#: Leading bytes of a multihash, in hexadecimal: kind of hash and length of its digest; with hashlib's name of the kind.
_KINDS: Final = {"1220": "sha256", "1340": "sha512", "1114": "sha1", "d50110": "md5"}
_REMEDY: Final = "Fetch it again, or take its scene out of the catalogue."


def multihash(sha256: str) -> str:
    """`file:checksum` of content with this SHA-256, both hexadecimal."""
    return f"1220{sha256}"


def describe_file(asset: pystac.Asset, path: Path) -> None:
    """Write size and checksum of a file into its asset; reads the file once."""
    asset.extra_fields["file:size"] = path.stat().st_size
    asset.extra_fields["file:checksum"] = multihash(sha256_of(path))


def checked_sha256(asset: pystac.Asset, path: Path | None = None) -> str:
    """SHA-256 (64 hex digits) of an asset's local file, compared with the checksum that its item states, if any.

    Args:
        asset: the asset.
        path: the file, where its href is not a plain path.

    Raises:
        DataError: the content is not what the item states.
        InputError: the stated checksum is of no known kind.
        OSError: the file cannot be read.
    """
    path = path or Path(asset.href)
    found = sha256_of(path)
    stated = asset.extra_fields.get("file:checksum")
    if stated is None:
        return found
    kind, digest = _parsed(path, stated)
    content = found if kind == "sha256" else _digest(path, kind)
    if content != digest:
        raise DataError(
            "WRONG_CHECKSUM",
            f"{path} is not the file that its item describes: {kind} {content}, not {digest}.",
            _REMEDY,
        )
    return found


def require_size(asset: pystac.Asset) -> None:
    """Compare a local file's size with the one that its item states, if any; reads nothing.

    Raises:
        DataError: the file is shorter or longer.
        OSError: there is no such file.
    """
    path, stated = Path(asset.href), asset.extra_fields.get("file:size")
    size = path.stat().st_size
    if stated is not None and size != stated:
        what = "is cut short" if size < stated else "is too long"
        raise DataError("WRONG_SIZE", f"{path} {what}: {size} bytes, its item says {stated}.", _REMEDY)


def _parsed(path: Path, stated: object) -> tuple[str, str]:
    text = str(stated).lower()
    for prefix, kind in _KINDS.items():
        if (
            text.startswith(prefix)
            and len(text) == len(prefix) + 2 * hashlib.new(kind, usedforsecurity=False).digest_size
        ):
            return kind, text.removeprefix(prefix)
    raise InputError(
        "CHECKSUM_KIND",
        f"The checksum {stated!r} of {path} is of no known kind.",
        "State a multihash of SHA-256 (1220...), SHA-512, SHA-1 or MD5.",
    )


def _digest(path: Path, kind: str) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.new(kind, usedforsecurity=False)).hexdigest()
