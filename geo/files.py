"""Files that are either whole or absent, and their content hashes."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path, PurePath


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Path to write to; it takes the place of `path` only when the block ends well, else it vanishes.

    The folder is made where it is missing. A reader never sees half a file, and a killed writer leaves at most a
    hidden `.part` file beside it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's content, 64 hex digits; OSError when it cannot be read."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fingerprint(*parts: object) -> str:
    """SHA-256 (64 hex digits) of parts that JSON can carry, plus dates, paths and dataclasses.

    The order of a mapping's keys does not matter, that of a sequence does. A tuple equals a list.

    Raises:
        TypeError: a part is something else (a set, an array): its text would not be stable.
    """
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _plain(part: object) -> object:
    if isinstance(part, date):
        return part.isoformat()
    if isinstance(part, PurePath):
        return part.as_posix()
    if dataclasses.is_dataclass(part) and not isinstance(part, type):
        return dataclasses.asdict(part)
    raise TypeError(f"{type(part).__name__} has no stable text; hash its content instead.")
