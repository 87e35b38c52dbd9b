"""Visits that phones kept until they had a network again: each once, however often it is sent."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, insert, select

from app.alerts.visits.photos import Photo, keep, photo_of
from app.alerts.visits.seen import Recorded, Seen, is_far, record_visit
from app.book.decisions.people import Person
from app.db.tables import Visit, VisitUpload
from geo.errors import InputError
from geo.files import whole_file

#: A page sends at most 2 million pixels; its own JPEG of that has less than 2 MiB.
MOST_PHOTO_BYTES: Final = 4 * 2**20
MOST_PHOTO_PIXELS: Final = 8_000_000
#: Photos of one person that wait for their visits, at most, and how long.
MOST_WAITING: Final = 200
WAIT_DAYS: Final = 30
_JPEG: Final = b"\xff\xd8\xff"
_WAITING: Final = "waiting"
_OWNER_ONLY: Final = 0o600


@dataclass(frozen=True, slots=True)
class WaitingPhotos:
    """Photos of a person that came before their visits, in a folder below that of all photos.

    A photo is sent before what was seen, so that a visit, which never changes, is written with its photo or not at all.
    """

    photos: Path
    sender: Person

    def put(self, client_key: str, content: bytes, now: datetime) -> None:
        """Keep a photo, stripped of all but its pixels, until its visit comes; the same key again replaces it.

        Raises:
            InputError: it is no photo that may be kept, too many wait, or the folder cannot be written.
        """
        photo, place = photo_of(content, "The photo", MOST_PHOTO_PIXELS), self._place(client_key)
        try:
            if self._waiting(now) >= MOST_WAITING and not place.exists():
                said = f"{MOST_WAITING} photos of {self.sender.login} wait for their visits."
                raise InputError("VISIT_PHOTO", said, "Send those visits first.")
            with whole_file(place) as part:
                part.touch(mode=_OWNER_ONLY)
                part.write_bytes(photo.content)
        except OSError as error:
            said = f"The folder of photos cannot be written ({error.strerror})."
            raise InputError("PHOTO_FOLDER", said, "Check ACRELINE_PHOTO_DIR.") from error

    def take(self, client_key: str) -> Photo:
        """The photo of a visit; InputError VISIT_PHOTO where none came before it."""
        try:
            content = self._place(client_key).read_bytes()
        except OSError as error:
            raise InputError("VISIT_PHOTO", "The photo of this visit did not come.", "Send it before.") from error
        return Photo(content, ".jpg" if content.startswith(_JPEG) else ".png", None)

    def drop(self, client_key: str) -> None:
        """Let a photo go, whose visit is written."""
        self._place(client_key).unlink(missing_ok=True)

    def _waiting(self, now: datetime) -> int:
        """How many wait; those whose visit never came are let go after WAIT_DAYS."""
        oldest = (now - timedelta(days=WAIT_DAYS)).timestamp()
        held = list(self._folder.glob("*")) if self._folder.is_dir() else []
        late = [file for file in held if file.stat().st_mtime < oldest]
        for file in late:
            file.unlink(missing_ok=True)
        return len(held) - len(late)

    @property
    def _folder(self) -> Path:
        return self.photos / _WAITING / str(self.sender.id)

    def _place(self, client_key: str) -> Path:
        """File of a key: a hash, so that nothing of what a client sends becomes part of a path."""
        return self._folder / hashlib.sha256(client_key.encode()).hexdigest()


def waiting_too_long(photos: Path, now: datetime) -> Iterator[Path]:
    """Photos of anybody below a folder of photos that have waited for their visits for more than WAIT_DAYS."""
    oldest = (now - timedelta(days=WAIT_DAYS)).timestamp()
    for file in (photos / _WAITING).glob("*/*"):
        if file.stat().st_mtime < oldest:
            yield file


@dataclass(frozen=True, slots=True)
class Upload:
    """A visit as a phone sends it: its key there, who sends it, what was seen, and whether a photo came before it."""

    client_key: str
    sender: Person
    seen: Seen
    with_photo: bool


def known_upload(connection: Connection, client_key: str, sender: Person) -> Recorded | None:
    """What became of a visit that was sent before; None where none was.

    Raises:
        InputError: VISIT_KEY: somebody else sent one under the key.
    """
    row = _row(connection, client_key)
    if row is None:
        return None
    if row["sent_by_id"] != sender.id:
        raise InputError("VISIT_KEY", "Another visit was sent under this key.", "Record it again on the phone.")
    far = is_far(row["distance_m"], row["accuracy_m"])
    return Recorded(row["id"], row["parcel_id"], False, row["distance_m"], far, None)


def take_in(connection: Connection, upload: Upload, photos: Path | None, now: datetime) -> Recorded:
    """Write a visit that was sent; one that was sent before stays as it is.

    Args:
        connection: transaction that writes.
        upload: what was sent.
        photos: folder of photos; None: the bank keeps none.
        now: when the bank comes to know it.

    Raises:
        InputError: something does not fit; the message names it.
    """
    known = known_upload(connection, upload.client_key, upload.sender)
    if known is not None:
        _refuse_other(connection, known.number, upload.seen)
        return known
    photo = _photo(upload, photos)
    done = record_visit(connection, upload.seen, photo, now)
    if photo is not None and photos is not None:
        keep(photos, photo)
    row = {
        "visit_id": done.number,
        "client_key": upload.client_key,
        "sent_by_id": upload.sender.id,
        "recorded_at": now,
    }
    if _of_visit(connection, done.number) is None:
        connection.execute(insert(VisitUpload), [row])
    return done


def _photo(upload: Upload, photos: Path | None) -> Photo | None:
    if not upload.with_photo:
        return None
    if photos is None:
        raise InputError("FOLDER_MISSING", "No folder of photos is set (ACRELINE_PHOTO_DIR).", "Set it.")
    return WaitingPhotos(photos, upload.sender).take(upload.client_key)


def _refuse_other(connection: Connection, number: int, seen: Seen) -> None:
    """One key is one visit: a phone that says something else under it lost count."""
    row: Any = connection.execute(select(Visit.captured_at, Visit.outcome).where(Visit.id == number)).one()
    if (row.captured_at, row.outcome) != (seen.captured_at, seen.outcome):
        raise InputError("VISIT_KEY", "Another visit was sent under this key.", "Record it again on the phone.")


def _row(connection: Connection, client_key: str) -> RowMapping | None:
    columns = (Visit.id, Visit.parcel_id, Visit.distance_m, Visit.accuracy_m, VisitUpload.sent_by_id)
    wanted = select(*columns).join(VisitUpload, VisitUpload.visit_id == Visit.id)
    return connection.execute(wanted.where(VisitUpload.client_key == client_key)).mappings().one_or_none()


def _of_visit(connection: Connection, number: int) -> int | None:
    """Upload of a visit: a list of a phone's file may have brought the very same one before."""
    return connection.scalar(select(VisitUpload.visit_id).where(VisitUpload.visit_id == number))
