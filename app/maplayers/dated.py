"""Imagery of a run by date, on disk: what stands in its folder, and which file belongs to which square of the map.

LAYERS/imagery/RUN/
    DATE/true-colour-HASH.tif   red, green, blue and alpha as bytes, WebP; clouds are shown as they are
    DATE/ndvi-HASH.tif          one byte, (byte - 1) / 100 - 1, 0 where the ground is not seen
    DATE/manifest.json          hashes of both: the date is whole
    imagery.json                the dates that may be shown, written last

A name holds the hash of the content, so that what a server has open is never taken for something else. Both rasters lie
on the squares of 512 px of Web Mercator, so that a block of the file is a square of the map.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, ClassVar, Final

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from app.maplayers.rasters import Bounds
from geo.errors import DataError, InputError
from geo.files import whole_file

IMAGERY_FOLDER: Final = "imagery"
INDEX_NAME: Final = "imagery.json"
#: Deepest zoom of dated imagery: its pixels are 9.6 m at the equator and 6.7 m at 45 degrees, those of scenes are 10 m.
DATED_ZOOM: Final = 13
#: Edge of a block, pixels.
BLOCK_PX: Final = 512

_STRICT = ConfigDict(extra="forbid")
_RUN_NAME: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,127}")
_HASH_CHARACTERS: Final = 16
_AGAIN: Final = "Make it again with `acreline layers make`."


class DatedLayer(StrEnum):
    """What is shown of a date."""

    TRUE_COLOUR = "true-colour"
    NDVI = "ndvi"


@dataclass(frozen=True, slots=True)
class DatedDay:
    """One date.

    Attributes:
        day: solar day.
        clear_share: share of the area of the run's parcels that was clear, 0 to 1.
        scenes: ids of the scenes in their catalogue.
        hashes: SHA-256 of each layer's file.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    day: date
    clear_share: float
    scenes: tuple[str, ...]
    hashes: Mapping[DatedLayer, Annotated[str, Field(pattern="^[0-9a-f]{64}$")]]


@dataclass(frozen=True, slots=True)
class DatedImagery:
    """The dates of a run that may be shown.

    Attributes:
        run_id: of the run.
        bounds: west, south, east, north of the imagery, degrees.
        least_clear: share of the parcels' area that is clear on every date, at least.
        days: ascending.
        missing: processing tiles of the run whose cubes were gone.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    run_id: str
    bounds: Bounds
    least_clear: float
    days: tuple[DatedDay, ...]
    missing: tuple[str, ...] = ()


def names_folder(run_id: str) -> bool:
    """Whether a run id can be the name of a folder."""
    return _RUN_NAME.fullmatch(run_id) is not None


def imagery_folder(layers: Path, run_id: str) -> Path:
    """Folder of a run's dated imagery; InputError where the id is no name of a folder."""
    if not names_folder(run_id):
        raise InputError("RUN_NAME", f"The run id {run_id!r} is no name of a folder.", "Name the run otherwise.")
    return layers / IMAGERY_FOLDER / run_id


def dated_name(layer: DatedLayer, content_hash: str) -> str:
    """Name of a layer's file in the folder of its date, by the SHA-256 of its content."""
    return f"{layer}-{content_hash[:_HASH_CHARACTERS]}.tif"


def dated_file(folder: Path, day: date, layer: DatedLayer, content_hash: str) -> Path:
    """File of a layer of a date, by the SHA-256 of its content."""
    return folder / day.isoformat() / dated_name(layer, content_hash)


def write_index(folder: Path, imagery: DatedImagery) -> None:
    """Say which dates may be shown, in place of what was said before: the files must be there."""
    with whole_file(folder / INDEX_NAME) as part:
        part.write_bytes(TypeAdapter(DatedImagery).dump_json(imagery, indent=1) + b"\n")


def read_index(folder: Path) -> DatedImagery | None:
    """Dates of a run that may be shown; None where none were made.

    Raises:
        DataError: IMAGERY_DAMAGED, which names the file.
    """
    path = folder / INDEX_NAME
    try:
        return TypeAdapter(DatedImagery).validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        raise DataError("IMAGERY_DAMAGED", f"{path} is damaged.", _AGAIN) from error
