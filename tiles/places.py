"""Folders and prefixes of object stores, alike: small files that are whole or absent, and a Zarr store that hashes."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Self, TypeAlias

import botocore.exceptions as boto  # type: ignore[import-untyped] # no stubs
from upath import UPath
from zarr.abc.store import Store
from zarr.storage import FsspecStore, LocalStore, WrapperStore

from geo.errors import DataError, TransientError
from geo.files import whole_file
from geo.manifest import MANIFEST_NAME, Entry, read_manifest, verify_manifest

#: Hashes and sizes by path relative to the place, with forward slashes.
Entries: TypeAlias = dict[str, Entry]

#: Listings are not kept: another process may have written since.
_OPTIONS: Final[dict[str, Any]] = {"use_listings_cache": False}


@dataclass(frozen=True, slots=True)
class Receipt:
    """What one step of writing left in a place.

    Attributes:
        files: hash and size of each file.
        region: first and end index along the dimensions that the step did not write whole.
        variables: data variables written, sorted.
    """

    files: Entries
    region: dict[str, tuple[int, int]] = field(default_factory=dict)
    variables: tuple[str, ...] = ()


class Place:
    """A local folder, or a prefix in an object store, that holds one cube.

    Args:
        place: path, or address such as s3://bucket/prefix.
    """

    def __init__(self, place: str | Path) -> None:
        remote = isinstance(place, str) and "://" in place and not place.startswith("file://")
        # fsspec lists local files by absolute path
        self.root: Any = UPath(place, **_OPTIONS) if remote else UPath(place).absolute()
        self.remote = remote

    def __str__(self) -> str:
        return str(self.root)

    def put(self, name: str, content: bytes) -> None:
        """Write a file that is either whole or absent."""
        path = self.root / name
        if self.remote:
            path.write_bytes(content)
            return
        with whole_file(Path(path)) as part:
            part.write_bytes(content)

    def content(self, name: str) -> bytes:
        """Bytes of a file."""
        found: bytes = self.root.fs.cat_file((self.root / name).path)
        return found

    def put_receipt(self, name: str, receipt: Receipt) -> None:
        """Write a receipt."""
        self.put(name, (json.dumps(asdict(receipt), sort_keys=True) + "\n").encode())

    def receipt(self, name: str) -> Receipt | None:
        """A receipt, None where there is none."""
        try:
            said = json.loads(self.content(name))
        except FileNotFoundError:
            return None
        files = {file: Entry(**entry) for file, entry in said["files"].items()}
        region = {name: (first, end) for name, (first, end) in said["region"].items()}
        return Receipt(files, region, tuple(said["variables"]))

    def commit(self, files: Entries) -> None:
        """Write the manifest, in the form of geo.manifest."""
        text = json.dumps({"files": {name: asdict(files[name]) for name in sorted(files)}}, indent=1)
        self.put(MANIFEST_NAME, (text + "\n").encode())

    def verified(self, *, content: bool) -> Mapping[str, Entry]:
        """Manifest, after comparing sizes (one listing) or content (reads everything) with it.

        Raises:
            DataError: as `geo.manifest.verify_manifest`.
        """
        manifest = read_manifest(self.root)
        if not content:
            sizes = self.sizes()
            if all(sizes.get(name) == entry.size for name, entry in manifest.items()):
                return manifest
        return verify_manifest(self.root, content=content)

    def sizes(self, below: str = "") -> dict[str, int]:
        """Size of every file by path relative to the place."""
        top = self.root / below if below else self.root
        if not self.remote:
            return _local_sizes(Path(top), Path(self.root))
        found = self.root.fs.find(top.path, detail=True)
        start = len(self.root.path.rstrip("/")) + 1
        return {path[start:]: int(said["size"]) for path, said in found.items()}

    def remove(self, name: str) -> None:
        """Delete a file, or all below a folder; nothing where there is none."""
        path = (self.root / name).path
        if self.root.fs.exists(path):
            self.root.fs.rm(path, recursive=True)

    def zarr_store(self, name: str, *, read_only: bool) -> Store:
        """Zarr store below the place."""
        path = self.root / name
        if self.remote:
            return FsspecStore.from_url(str(path), storage_options=dict(_OPTIONS), read_only=read_only)
        return LocalStore(Path(path), read_only=read_only)

    @contextmanager
    def reached(self, code: str, doing: str, remedy: str) -> Iterator[None]:
        """Turn failures of the disk or the object store into one clear line.

        Raises:
            TransientError: the object store does not answer (STORE_DOWN).
            DataError: `code`, for any other failure.
        """
        try:
            yield
        except (boto.ConnectionError, boto.HTTPClientError, TimeoutError) as error:
            raise TransientError(
                "STORE_DOWN", f"The store of {self} does not answer.", "Check the address and the network; try again."
            ) from error
        except (OSError, boto.BotoCoreError) as error:
            raise DataError(code, f"The cube {self} cannot be {doing}: {_why(error)}.", remedy) from error


class HashingStore(WrapperStore[Store]):
    """Zarr store that notes the hash and size of all that is written through it.

    Args:
        store: where it goes.
        entries: filled while writing.
    """

    def __init__(self, store: Store, entries: Entries | None = None) -> None:
        super().__init__(store)
        self.entries: Entries = {} if entries is None else entries

    def _with_store(self, store: Store) -> Self:
        return type(self)(store, self.entries)

    async def set(self, key: str, value: Any) -> None:
        """Write one key."""
        self.entries[key] = await asyncio.to_thread(entry_of, value.as_buffer_like())
        await super().set(key, value)


def _local_sizes(top: Path, root: Path) -> dict[str, int]:
    """Size of every file below a folder by path relative to another, forward slashes; empty where it is missing."""
    found: dict[str, int] = {}
    waiting = [str(top)] if top.is_dir() else []
    start = len(str(root)) + 1
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir():
                    waiting.append(entry.path)
                else:
                    found[entry.path[start:].replace(os.sep, "/")] = entry.stat().st_size
    return found


def entry_of(content: Any) -> Entry:
    """Hash and size of bytes."""
    view = memoryview(content)
    return Entry(hashlib.sha256(view).hexdigest(), view.nbytes)


def _why(error: Exception) -> str:
    """The reason alone: the place is named already."""
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return (said.splitlines() or [type(error).__name__])[0].rstrip(".")
