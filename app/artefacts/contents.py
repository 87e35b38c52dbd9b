"""Files by the hash of what is in them: papers and uploads, which only the service reads."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from geo.errors import DataError, InputError
from geo.files import whole_file

_HASH: Final = re.compile(r"[0-9a-f]{64}")
_NAME: Final = re.compile(r"[0-9a-f]{64}|\.[0-9a-f]{64}\.[0-9-]+\.part")
_OWNER_ONLY: Final = 0o600


@dataclass(frozen=True, slots=True)
class ContentStore:
    """A folder of files that are named by their SHA-256."""

    root: Path

    def keep(self, content: bytes) -> str:
        """Write bytes where they do not lie yet; their hash, 64 hex digits. Their file is as new as if written now.

        Raises:
            InputError: the folder cannot be written.
        """
        digest = hashlib.sha256(content).hexdigest()
        place = self.path(digest)
        try:
            if not _touched(place):
                with whole_file(place) as part:
                    part.touch(mode=_OWNER_ONLY)
                    part.write_bytes(content)
        except OSError as error:
            said = f"The folder of files cannot be written ({error.strerror})."
            raise InputError("FILES_FOLDER", said, "Check ACRELINE_FILES_DIR.") from error
        return digest

    def read(self, digest: str) -> bytes:
        """Bytes of a hash; DataError where the file is gone or is not what was written."""
        place = self.path(digest)
        try:
            content = place.read_bytes()
        except OSError as error:
            raise DataError("FILE_MISSING", f"The file {digest[:12]} is gone.", "Restore it from a copy.") from error
        if hashlib.sha256(content).hexdigest() != digest:
            raise DataError("FILE_DAMAGED", f"The file {digest[:12]} is damaged.", "Restore it from a copy.")
        return content

    def drop(self, digest: str) -> None:
        """Take a file away, where it is there."""
        self.path(digest).unlink(missing_ok=True)

    def older_than(self, before: datetime) -> Iterator[Path]:
        """Files that were kept last before an instant, and what killed processes left half written by then."""
        for place in self.root.glob("??/*"):
            if _NAME.fullmatch(place.name) and _is_older(place, before):
                yield place

    def path(self, digest: str) -> Path:
        """Where the bytes of a hash lie; ValueError for any other text."""
        if not _HASH.fullmatch(digest):
            raise ValueError("not a hash")
        return self.root / digest[:2] / digest


def _touched(place: Path) -> bool:
    """Whether a file is there; then it is as new as if it were written now, and not swept away."""
    try:
        os.utime(place)
    except FileNotFoundError:
        return False
    return True


def _is_older(place: Path, before: datetime) -> bool:
    try:
        return place.stat().st_mtime < before.timestamp()
    except FileNotFoundError:
        return False
