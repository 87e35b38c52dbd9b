"""Runs on disk by their id: what the office may open. No path ever comes from a request."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Lock
from typing import Final

from geo.errors import AcrelineError, InputError
from geo.manifest import MANIFEST_NAME
from geo.runrecord import RunRecord

RECORD: Final = "run.json"
#: A run that is not known is looked for again at most this often, seconds.
_LOOKED_EVERY_S: Final = 10.0


class RunShelf:
    """Complete runs in the folders of one folder; safe to use from several threads."""

    def __init__(self, root: Path | None, clock: Callable[[], float]) -> None:
        """Shelf over a folder.

        Args:
            root: its folders are runs; None: there are none.
            clock: counts seconds and never goes back.
        """
        self._root = root
        self._clock = clock
        self._found: dict[str, Path] = {}
        self._looked_at = float("-inf")
        self._lock = Lock()

    def folder(self, run_id: str) -> Path:
        """Folder of a run.

        Raises:
            InputError: RUN_FILES_MISSING: no complete run of that id lies there.
        """
        folder = self.find(run_id)
        if folder is None:
            remedy = "Put its folder back where ACRELINE_RUNS_DIR (or --runs) says, or make the run again."
            raise InputError("RUN_FILES_MISSING", f"The files of run {run_id} are not here.", remedy)
        return folder

    def find(self, run_id: str) -> Path | None:
        """Folder of a run; None where it is not there."""
        with self._lock:
            known = self._found.get(run_id)
            if known is not None and (known / MANIFEST_NAME).is_file():
                return known
            if self._clock() - self._looked_at >= _LOOKED_EVERY_S:
                self._found = dict(_runs(self._root))
                self._looked_at = self._clock()
            return self._found.get(run_id)


def _runs(root: Path | None) -> Iterator[tuple[str, Path]]:
    """Complete runs; a folder that is none, or whose record cannot be read, is passed over."""
    if root is None or not root.is_dir():
        return
    for manifest in sorted(root.glob(f"*/{MANIFEST_NAME}")):
        try:
            yield RunRecord.from_json((manifest.parent / RECORD).read_bytes()).run_id, manifest.parent
        except (OSError, AcrelineError):
            continue
