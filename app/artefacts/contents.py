"""Files by the hash of what is in them: papers and uploads, which only the service reads."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from geo.errors import DataError, InputError
from geo.files import whole_file

_HASH: Final = re.compile(r"[0-9a-f]{64}")
_OWNER_ONLY: Final = 0o600


@dataclass(frozen=True, slots=True)
class ContentStore:
    """A folder of files that are named by their SHA-256."""

    root: Path

    def keep(self, content: bytes) -> str:
        """Write bytes where they do not lie yet; their hash, 64 hex digits.

        Raises:
            InputError: the folder cannot be written.
        """
        digest = hashlib.sha256(content).hexdigest()
        place = self.path(digest)
        if not place.exists():
            try:
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

    def path(self, digest: str) -> Path:
        """Where the bytes of a hash lie; ValueError for any other text."""
        if not _HASH.fullmatch(digest):
            raise ValueError("not a hash")
        return self.root / digest[:2] / digest
