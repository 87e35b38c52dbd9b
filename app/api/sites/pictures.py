"""Pictures of a site by run and day: what a run's list names, and nothing else of its folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import Connection, select

from app.api.sites.reading import NEWEST
from app.api.sites.schemas import SitePicture, SitePictures
from app.artefacts.runs import RunShelf
from app.artefacts.sitepictures import Album, album_of, picture_in
from app.db.tables import SiteStanding, Watch
from geo.errors import InputError


@dataclass(frozen=True, slots=True)
class Kept:
    """A picture on disk.

    Attributes:
        file: where it lies.
        content_hash: of its bytes, 16 hexadecimal digits.
    """

    file: Path
    content_hash: str


def site_pictures(connection: Connection, runs: RunShelf, site_id: str) -> SitePictures:
    """Pictures of the newest run of a site that has some here, and the newer runs whose files are not."""
    missing = []
    for run_id in _runs_of(connection, site_id):
        folder = runs.find(run_id)
        if folder is None:
            missing.append(run_id)
            continue
        album = album_of(folder, site_id)
        if album is not None and album.pictures:
            return _answer(run_id, album, missing)
    return SitePictures(run_id=None, bounds=None, corners=None, width=None, height=None, pictures=[], missing=missing)


def site_picture(connection: Connection, runs: RunShelf, site_id: str, run_id: str, day: date) -> Kept:
    """One picture.

    Raises:
        InputError: PICTURE_NONE: no watch of the site is of that run, or the run has no picture of that day;
            RUN_FILES_MISSING: the run's folder is not here.
        DataError: the run's list is damaged, or names a file that is not there.
    """
    if run_id not in _runs_of(connection, site_id):
        raise _none(site_id, day)
    found = picture_in(runs.folder(run_id), site_id, day)
    if found is None:
        raise _none(site_id, day)
    return Kept(*found)


def _runs_of(connection: Connection, site_id: str) -> Sequence[str]:
    """Runs of the watches of a site, the newest first."""
    wanted = (
        select(Watch.run_id)
        .join(SiteStanding, SiteStanding.watch_id == Watch.id)
        .where(SiteStanding.parcel_id == site_id)
        .order_by(*NEWEST)
    )
    return list(dict.fromkeys(connection.scalars(wanted)))


def _none(site_id: str, day: date) -> InputError:
    said = f"There is no picture of the site {site_id!r} of {day} in that run."
    return InputError("PICTURE_NONE", said, "The list of its pictures names those there are.")


def _answer(run_id: str, album: Album, missing: list[str]) -> SitePictures:
    shown = sorted(album.pictures, key=lambda each: each.day)
    return SitePictures(
        run_id=run_id,
        bounds=album.bounds,
        corners=album.corners,
        width=album.width,
        height=album.height,
        pictures=[SitePicture(day=each.day, clear_share=each.clear_share, items=list(each.items)) for each in shown],
        missing=missing,
    )
