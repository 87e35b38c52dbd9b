"""Where the files of an institution lie."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from app.settings import Settings
from geo.errors import InputError


@dataclass(frozen=True, slots=True)
class Folders:
    """Folders of an institution; None: it keeps none of that kind here.

    Attributes:
        layers: map layers: outlines of units, imagery by date.
        runs: its folders are runs.
        book: the book, with receipts of batches.
        files: papers and uploads, by their hash.
        photos: photos of visits, by their hash.
        packs: the bank's own policy packs beside the shipped ones.
    """

    layers: Path | None = None
    runs: Path | None = None
    book: Path | None = None
    files: Path | None = None
    photos: Path | None = None
    packs: Path | None = None


def folders_of(settings: Settings) -> Folders:
    """Folders that the settings name."""
    return Folders(
        layers=settings.layer_dir,
        runs=settings.runs_dir,
        book=settings.book_dir,
        files=settings.files_dir,
        photos=settings.photo_dir,
        packs=settings.packs_dir,
    )


def required(folder: Path | None, setting: str) -> Path:
    """A folder that must be there; InputError names the setting that lacks."""
    if folder is None:
        raise InputError("FOLDER_MISSING", f"No folder is set for this ({setting}).", f"Set {setting} and start again.")
    return folder
