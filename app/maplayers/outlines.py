"""Outlines as vector tiles (MVT in MBTiles), read square by square; app.maplayers.making makes them once per set.

MBTiles rather than PMTiles: one indexed read of SQLite finds a square, and GDAL makes PMTiles by way of them.
"""

from __future__ import annotations

import sqlite3
from collections import OrderedDict
from pathlib import Path
from threading import Lock
from typing import Final, TypeAlias

from geo.errors import DataError

#: Layer of the vector tiles, and the property that holds the number of a parcel.
LAYER: Final = "parcels"
NUMBER: Final = "number"
#: Outlines begin where a parcel is some pixels wide; before that the map shows app.maplayers.overview.
MIN_ZOOM: Final = 13
#: A unit of a square's grid is 0.6 m at the equator there, finer than 10 m imagery can tell. Maps stretch it further.
MAX_ZOOM: Final = 14

#: Squares of a set that are kept in memory: 14 MB of fields of half a hectare, and all of 200,000 such parcels.
MOST_SQUARES: Final = 512

_Where: TypeAlias = tuple[int, int, int]
_AGAIN: Final = "Make the outlines again with `acreline outlines make`."


def outlines_path(folder: Path, content_hash: str) -> Path:
    """File of a set's outlines."""
    return folder / f"{content_hash}.mbtiles"


class OutlineSquares:
    """Outlines of one set, for reading from any thread."""

    def __init__(self, path: Path) -> None:
        """Open a file of make_outlines; DataError where it is missing or damaged."""
        self._lock = Lock()
        self._kept: OrderedDict[_Where, tuple[bytes | None]] = OrderedDict()
        address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
        try:
            self._file = sqlite3.connect(address, uri=True, check_same_thread=False)
            self._file.execute("SELECT tile_data FROM tiles LIMIT 1")
        except sqlite3.Error as error:
            raise DataError("OUTLINES_UNREADABLE", f"{path} cannot be read: {error}.", _AGAIN) from error

    def at_hand(self, column: int, row: int, zoom: int) -> tuple[bytes | None] | None:
        """One square where it is in memory, as square says it; None where the file must be asked."""
        return self._kept.get((column, row, zoom))

    def square(self, column: int, row: int, zoom: int) -> bytes | None:
        """One square as gzipped MVT; None where no parcel is. Rows count from the north, as in addresses."""
        where = (zoom, column, (1 << zoom) - 1 - row)
        wanted = "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?"
        with self._lock:
            found = self._file.execute(wanted, where).fetchone()
            square = None if found is None else bytes(found[0])
            self._kept[column, row, zoom] = (square,)
            if len(self._kept) > MOST_SQUARES:
                self._kept.popitem(last=False)
        return square

    def close(self) -> None:
        """Close the file."""
        self._file.close()
