"""What the handlers of a worker share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic

from sqlalchemy import Engine

from app.artefacts.contents import ContentStore
from app.artefacts.folders import Folders, required
from app.artefacts.runs import RunShelf
from app.queue.working import Progress
from app.settings import Settings


@dataclass(frozen=True, slots=True)
class Shop:
    """What the handlers of a worker share.

    Attributes:
        engine: the institution's database.
        database_url: the same, for runs that load themselves.
        folders: where files lie.
        settings: of the service.
        clock: gives the instant.
    """

    engine: Engine
    database_url: str = field(repr=False)
    folders: Folders
    settings: Settings
    clock: Callable[[], datetime]

    @property
    def files(self) -> ContentStore:
        """Papers and uploads; InputError where no folder is set for them."""
        return ContentStore(required(self.folders.files, "ACRELINE_FILES_DIR"))

    @property
    def runs(self) -> RunShelf:
        """Runs on disk as they are now."""
        return RunShelf(self.folders.runs, monotonic)


class Told:
    """Progress of a run as the queue shows it."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._done = 0
        self._total = 0

    def begin(self, stage: str, total: int) -> None:
        """A stage starts."""
        self._done, self._total = 0, total
        self._progress.tell(stage, 0, total)

    def advance(self, stage: str, parts: int = 1) -> None:
        """Some parts of it are finished."""
        self._done += parts
        self._progress.tell(stage, self._done, self._total)

    def end(self, stage: str, note: str = "") -> None:  # noqa: ARG002 - as reporters have it
        """It is finished."""
        self._progress.tell(stage, self._total, self._total)
