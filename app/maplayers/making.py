"""Make the outlines of a set as vector tiles.

No square leaves a parcel out, however small: what is not drawn is taken for not there. At the deepest zoom outlines are
not simplified.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyogrio
from sqlalchemy import Connection, select

from app.db.listed import listed
from app.db.rows import chunked
from app.db.tables import ParcelGeometry
from app.maplayers.outlines import LAYER, MAX_ZOOM, MIN_ZOOM, NUMBER, outlines_path
from app.maplayers.parcelset import ParcelSet
from geo.errors import DataError, InputError

#: Above what any square holds, so that GDAL never leaves a parcel out to make one smaller.
_NO_LIMIT: Final = 2**31 - 1
#: In units of a square's grid of 4096, for squares of 512 px; not at the deepest zoom.
_HALF_PIXEL: Final = 4


@dataclass(frozen=True, slots=True)
class Made:
    """What making outlines did.

    Attributes:
        path: the file.
        already_there: it had been made before.
        parcels: parcels of the set.
        drawn: those of them with an outline.
        bytes: size of the file.
    """

    path: Path
    already_there: bool
    parcels: int
    drawn: int
    bytes: int


def make_outlines(connection: Connection, parcels: ParcelSet, folder: Path) -> Made:
    """Make the outlines of a set, unless they are there; the file appears whole or not at all.

    Raises:
        InputError: the folder does not exist, or no parcel of the set has an outline.
        DataError: GDAL cannot write them.
    """
    if not folder.is_dir():
        raise InputError("LAYER_FOLDER", f"The folder of map layers, {folder}, does not exist.", "Make it first.")
    drawn = int(parcels.drawn.sum())
    if not drawn:
        raise InputError("OUTLINES_NONE", "No parcel of this unit has an outline.", "Load a run first.")
    path = outlines_path(folder, parcels.content_hash)
    there = path.is_file()
    if not there:
        _write(connection, parcels, path)
    return Made(path, there, len(parcels), drawn, path.stat().st_size)


def _write(connection: Connection, parcels: ParcelSet, path: Path) -> None:
    numbers, shapes = _outlines(connection, parcels)
    with TemporaryDirectory(dir=path.parent, prefix=".making-") as folder:
        made = Path(folder) / path.name
        _write_squares(made, numbers, shapes)
        made.replace(path)


def _write_squares(path: Path, numbers: npt.NDArray[np.int64], wkb: npt.NDArray[np.object_]) -> None:
    try:
        pyogrio.raw.write(
            str(path),
            geometry=wkb,
            field_data=[numbers],
            fields=[NUMBER],
            geometry_type="Unknown",
            crs="EPSG:4326",
            layer=LAYER,
            driver="MVT",
            dataset_options={
                "FORMAT": "MBTILES",
                "MINZOOM": MIN_ZOOM,
                "MAXZOOM": MAX_ZOOM,
                "MAX_SIZE": _NO_LIMIT,
                "MAX_FEATURES": _NO_LIMIT,
                "SIMPLIFICATION": _HALF_PIXEL,
                "SIMPLIFICATION_MAX_ZOOM": 0,
            },
        )
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, RuntimeError) as error:
        raise DataError("OUTLINES_UNWRITABLE", f"{path.name} cannot be written: {error}.", "Check the disk.") from error


def _outlines(connection: Connection, parcels: ParcelSet) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.object_]]:
    """Numbers and outlines (WKB) of the parcels that have one."""
    found = sorted((parcels.number_of[name], wkb) for name, wkb in _stored(connection, parcels))
    shapes = np.empty(len(found), dtype=object)
    shapes[:] = [wkb for _, wkb in found]
    return np.array([number for number, _ in found], dtype=np.int64), shapes


def _stored(connection: Connection, parcels: ParcelSet) -> Iterator[tuple[str, bytes]]:
    drawn = [name for name, is_drawn in zip(parcels.parcel_ids, parcels.drawn, strict=True) if is_drawn]
    outline = ParcelGeometry
    for chunk in chunked(drawn):
        wanted = select(outline.parcel_id, outline.geometry_version, outline.wkb)
        rows: Any = connection.execute(wanted.where(outline.parcel_id.in_(listed(connection, chunk))))
        for name, version, wkb in rows:
            if version == parcels.versions[parcels.number_of[name]]:
                yield name, bytes(wkb)
