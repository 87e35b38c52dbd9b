"""Imagery of a run on the squares of the map, on disk: what stands in its folder, and which file shows what.

LAYERS/imagery/RUN/
    DATE/true-colour-HASH.tif   red, green, blue and alpha as bytes, WebP; clouds are shown as they are
    DATE/ndvi-HASH.tif          one byte, (byte - 1) / 100 - 1, 0 where the ground is not seen
    DATE/manifest.json          hashes of both: the date is whole
    season/mosaic-HASH.tif      the true-colour picture of the season, as that of a date
    season/manifest.json
    imagery.json                what may be shown, written last

A name holds the hash of the content, so that what a server has open is never taken for something else. All rasters lie
on the squares of 512 px of Web Mercator, so that a block of the file is a square of the map.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, ClassVar, Final, TypeAlias

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
#: Share of the area of a run's parcels that must be clear on a date, where nobody says otherwise.
LEAST_CLEAR: Final = 0.5
#: Folder of the season's picture, beside those of dates.
SEASON_FOLDER: Final = "season"
#: Name of the season's picture, as among the rasters of a run folder.
MOSAIC: Final = "mosaic"

_STRICT = ConfigDict(extra="forbid")
_RUN_NAME: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,127}")
_HASH_CHARACTERS: Final = 16
_AGAIN: Final = "Make it again with `acreline layers make`."

_Hash: TypeAlias = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


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
    hashes: Mapping[DatedLayer, _Hash]


@dataclass(frozen=True, slots=True)
class DatedImagery:
    """What of a run may be shown on the squares of the map.

    Attributes:
        run_id: of the run.
        bounds: west, south, east, north of the imagery, degrees.
        least_clear: share of the parcels' area that is clear on every date, at least.
        days: ascending.
        missing: processing tiles of the run whose cubes were gone.
        mosaic: SHA-256 of the season's picture; None where it lies in the run folder only.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    run_id: str
    bounds: Bounds
    least_clear: float
    days: tuple[DatedDay, ...]
    missing: tuple[str, ...] = ()
    mosaic: _Hash | None = None


def names_folder(run_id: str) -> bool:
    """Whether a run id can be the name of a folder."""
    return _RUN_NAME.fullmatch(run_id) is not None


def imagery_folder(layers: Path, run_id: str) -> Path:
    """Folder of a run's dated imagery; InputError where the id is no name of a folder."""
    if not names_folder(run_id):
        raise InputError("RUN_NAME", f"The run id {run_id!r} is no name of a folder.", "Name the run otherwise.")
    return layers / IMAGERY_FOLDER / run_id


def dated_name(layer: str, content_hash: str) -> str:
    """Name of a layer's file in the folder of its date or season, by the SHA-256 of its content."""
    return f"{layer}-{content_hash[:_HASH_CHARACTERS]}.tif"


def dated_file(folder: Path, day: date, layer: DatedLayer, content_hash: str) -> Path:
    """File of a layer of a date, by the SHA-256 of its content."""
    return folder / day.isoformat() / dated_name(layer, content_hash)


def mosaic_file(folder: Path, content_hash: str) -> Path:
    """File of the season's picture, by the SHA-256 of its content."""
    return folder / SEASON_FOLDER / dated_name(MOSAIC, content_hash)


def write_index(folder: Path, imagery: DatedImagery) -> None:
    """Say what may be shown, in place of what was said before: the files must be there."""
    with whole_file(folder / INDEX_NAME) as part:
        part.write_bytes(TypeAdapter(DatedImagery).dump_json(imagery, indent=1) + b"\n")


def read_index(folder: Path) -> DatedImagery | None:
    """What of a run may be shown; None where nothing was made.

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
