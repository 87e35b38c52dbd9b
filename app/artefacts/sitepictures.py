"""True-colour pictures of sites in the run folder of a watch, as its own list names them."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from geo.errors import DataError
from geo.manifest import read_manifest

#: The list of a run: its entries by site.
PICTURES: Final = "pictures.json"
_FOLDER: Final = "pictures"
_AGAIN: Final = "Watch the sites again."
#: Digits of a hash that stand for the whole.
_DIGITS: Final = 16

_Place = tuple[float, float]


class Picture(BaseModel):
    """One picture.

    Attributes:
        day: that it shows.
        file: its name inside the site's folder.
        clear_share: share of the site that was clear, 0..1.
        items: ids of the scenes in their catalogue.
    """

    model_config = ConfigDict(frozen=True)

    day: date
    file: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}\.png$")
    clear_share: float = Field(ge=0, le=1)
    items: tuple[str, ...]


class Album(BaseModel):
    """Pictures of one site on one grid.

    Attributes:
        folder: their folder inside the run's.
        bounds: west, south, east, north around the corners, degrees (WGS 84).
        corners: longitude and latitude of the outer corners: north-west, north-east, south-east, south-west.
        width: columns, pixels.
        height: rows, pixels.
        pictures: one for each day.
    """

    model_config = ConfigDict(frozen=True)

    folder: str = Field(pattern=r"^[0-9A-Za-z_-]{1,128}$")
    bounds: tuple[float, float, float, float]
    corners: tuple[_Place, _Place, _Place, _Place]
    width: Annotated[int, Field(ge=1)]
    height: Annotated[int, Field(ge=1)]
    pictures: tuple[Picture, ...]


def album_of(folder: Path, site_id: str) -> Album | None:
    """Pictures of a site in a run folder; None: the run made none of it.

    Raises:
        DataError: the run's manifest or list is damaged, or the list is gone.
    """
    if PICTURES not in read_manifest(folder):
        return None
    try:
        entry = json.loads((folder / PICTURES).read_bytes()).get(site_id)
        return None if entry is None else Album.model_validate(entry)
    except OSError as error:
        raise _missing(folder / PICTURES) from error
    except (ValueError, AttributeError) as error:
        raise DataError("FILE_DAMAGED", f"{folder.name}/{PICTURES} is damaged.", _AGAIN) from error


def picture_in(folder: Path, site_id: str, day: date) -> tuple[Path, str] | None:
    """File of a picture, and the first 16 digits of its SHA-256; None: the run has none of that site and day.

    Raises:
        DataError: as in album_of, or the picture is not what the run wrote.
    """
    album = album_of(folder, site_id)
    picture = None if album is None else next((each for each in album.pictures if each.day == day), None)
    if album is None or picture is None:
        return None
    name = f"{_FOLDER}/{album.folder}/{picture.file}"
    entry = read_manifest(folder).get(name)
    file = folder / name
    if entry is None or not file.is_file() or file.stat().st_size != entry.size:
        raise _missing(file)
    return file, entry.sha256[:_DIGITS]


def _missing(file: Path) -> DataError:
    return DataError("FILE_MISSING", f"{file.name} of a run of sites is not as it was written.", _AGAIN)
