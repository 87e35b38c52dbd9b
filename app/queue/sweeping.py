"""What is swept away: jobs that ended long ago, and files that no row of the book names.

A file of ACRELINE_FILES_DIR stays while a row names its hash: a paper that was not taken back, the receipt of a
proposal or decision, the source of a parcel's outline, or a job that is kept. So nothing that a decision rests on goes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Column, Connection, Engine, String, delete, func, select

from app.alerts.visits.uploads import waiting_too_long
from app.artefacts.contents import ContentStore
from app.artefacts.folders import Folders
from app.db.base import DIGEST_LENGTH, Base
from app.db.listed import listed
from app.db.rows import chunked
from app.db.tables import ApplicationPaper, Job
from app.queue.claiming import changing

#: A worker sweeps this often.
EVERY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Swept:
    """What went, or would go.

    Attributes:
        jobs: that ended long ago.
        files: papers, uploads, previews and letters that nothing names, and what killed processes left half written.
        photos: that waited for visits which never came.
        bytes: of files and photos.
    """

    jobs: int
    files: int
    photos: int
    bytes: int

    def as_dict(self) -> dict[str, int]:
        """As JSON can carry it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Broom:
    """What is swept, and how much of it stays.

    Attributes:
        engine: the database.
        folders: where files and photos lie; what is not set is not swept.
        kept: how long jobs that ended stay, and files that nothing names.
    """

    engine: Engine
    folders: Folders
    kept: timedelta

    def sweep(self, now: datetime, *, dry_run: bool = False) -> Swept:
        """Take away what may go; killed at any moment, the next time goes on.

        Args:
            now: instant.
            dry_run: say what would go, and leave it.
        """
        before = now - self.kept
        jobs = self._jobs(before, dry_run=dry_run)
        # Listed before the rows are read: what is named since then was touched since then, and looked at again.
        old = [] if self.folders.files is None else list(ContentStore(self.folders.files).older_than(before))
        named = self._named([file.name for file in old], before)
        files = [file for file in old if file.name not in named]
        photos = [] if self.folders.photos is None else list(waiting_too_long(self.folders.photos, now))
        gone = _taken(files, before, dry_run=dry_run)
        gone_photos = _taken(photos, now, dry_run=dry_run)
        return Swept(jobs, len(gone), len(gone_photos), sum(gone) + sum(gone_photos))

    def _jobs(self, before: datetime, *, dry_run: bool) -> int:
        ended = Job.finished_at < before
        with changing(self.engine) as connection:
            if dry_run:
                return connection.execute(select(func.count()).select_from(Job).where(ended)).scalar_one()
            return connection.execute(delete(Job).where(ended)).rowcount

    def _named(self, hashes: Sequence[str], before: datetime) -> set[str]:
        """Those of the hashes that a row names."""
        with self.engine.connect() as connection:
            named = set(_of_jobs(connection, before))
            for chunk in chunked(hashes):
                for column in _naming():
                    named.update(connection.scalars(_rows(connection, column, chunk)))
        return named


def _naming() -> Iterator[Column[Any]]:
    """Columns that hold hashes, of all tables: one that is new counts by itself."""
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, String) and column.type.length == DIGEST_LENGTH:
                yield column


def _rows(connection: Connection, column: Column[Any], hashes: Sequence[str]) -> Any:
    wanted = select(column).where(column.in_(listed(connection, hashes)))
    if column is ApplicationPaper.__table__.c.content_hash:
        wanted = wanted.where(ApplicationPaper.removed_at.is_(None))
    return wanted


def _of_jobs(connection: Connection, before: datetime) -> Iterator[str]:
    """Texts in what was asked of jobs that are kept, and in what came out."""
    kept = Job.finished_at.is_(None) | (Job.finished_at >= before)
    for asked, answer in connection.execute(select(Job.asked, Job.answer).where(kept)):
        for said in (asked, answer or {}):
            yield from (value for value in said.values() if isinstance(value, str))


def _taken(files: Iterable[Path], before: datetime, *, dry_run: bool) -> list[int]:
    """Sizes of files that were taken away; one that is gone, or was written again meanwhile, is none of them."""
    sizes = []
    for file in files:
        with suppress(FileNotFoundError):
            stat = file.stat()
            if stat.st_mtime < before.timestamp():
                if not dry_run:
                    file.unlink()
                sizes.append(stat.st_size)
    return sizes
