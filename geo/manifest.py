"""The manifest of a folder: relative file -> hash and size. Written last, it is the commit of the folder."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Final, TypeAlias

from pydantic import TypeAdapter, ValidationError

from geo.errors import DataError
from geo.files import sha256_of, whole_file

MANIFEST_NAME: Final = "manifest.json"

_REMEDY = "Run the season again: what is whole is kept."


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a manifest.

    Attributes:
        sha256: hash of its content, 64 hex digits.
        size: bytes.
    """

    sha256: str
    size: int


#: Entries by relative path with forward slashes.
Manifest: TypeAlias = Mapping[str, Entry]

_ENTRIES = TypeAdapter(dict[str, dict[str, Entry]])


def write_manifest(folder: Path, files: Iterable[Path | str]) -> Manifest:
    """Hash files of a folder and write its manifest.json, atomically, after everything else.

    Args:
        folder: the folder to commit.
        files: paths relative to it, or absolute paths inside it; their order does not matter.

    Raises:
        DataError: a file is missing.
        ValueError: a path lies outside the folder.
    """
    entries = {_relative(folder, Path(file)): None for file in files}
    manifest = {name: _entry(folder, name) for name in sorted(entries)}
    text = json.dumps({"files": {name: asdict(entry) for name, entry in manifest.items()}}, indent=1)
    with whole_file(folder / MANIFEST_NAME) as part:
        part.write_text(text + "\n", encoding="utf-8")
    return MappingProxyType(manifest)


def read_manifest(folder: Path) -> Manifest:
    """Manifest of a folder.

    Raises:
        DataError: there is none (the folder was never finished) or it is damaged.
    """
    path = folder / MANIFEST_NAME
    try:
        entries = _ENTRIES.validate_json(path.read_bytes())["files"]
    except FileNotFoundError as error:
        raise DataError(
            "MANIFEST_MISSING", f"{folder} has no {MANIFEST_NAME}: it was never finished.", _REMEDY
        ) from error
    except (OSError, ValidationError, KeyError) as error:
        raise DataError("MANIFEST_DAMAGED", f"{path} is damaged.", _REMEDY) from error
    if any(_escapes(name) for name in entries):
        raise DataError("MANIFEST_DAMAGED", f"{path} names a file outside its folder.", _REMEDY)
    return MappingProxyType(entries)


def verify_manifest(folder: Path, *, content: bool = True) -> Manifest:
    """Check that every file of a folder's manifest is there and whole.

    Args:
        folder: a committed folder.
        content: compare hashes, not only sizes (which takes a moment for large folders).

    Raises:
        DataError: names the first file that is missing or damaged.
    """
    manifest = read_manifest(folder)
    for name, entry in manifest.items():
        path = folder / name
        if not path.is_file():
            raise DataError("FILE_MISSING", f"{path} is missing.", _REMEDY, file=name)
        if path.stat().st_size != entry.size or (content and sha256_of(path) != entry.sha256):
            raise DataError("FILE_DAMAGED", f"{path} is damaged: it is not what was written.", _REMEDY, file=name)
    return manifest


def is_whole(folder: Path) -> bool:
    """Whether a folder was committed and still holds every file at its size (`verify_manifest` hashes them)."""
    try:
        verify_manifest(folder, content=False)
    except DataError:
        return False
    return True


def _relative(folder: Path, file: Path) -> str:
    path = (folder / file).resolve()
    return path.relative_to(folder.resolve()).as_posix()


def _entry(folder: Path, name: str) -> Entry:
    path = folder / name
    try:
        return Entry(sha256_of(path), path.stat().st_size)
    except OSError as error:
        raise DataError("FILE_MISSING", f"{path} cannot be read.", _REMEDY, file=name) from error


def _escapes(name: str) -> bool:
    path = PurePosixPath(name)
    return path.is_absolute() or ".." in path.parts
