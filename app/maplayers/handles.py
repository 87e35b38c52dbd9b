"""Rasters that stay open between squares: opening one costs as much as drawing some of them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Final

from rio_tiler.io import Reader

from app.maplayers.rasters import open_raster, readable

#: Rasters that are kept open; GDAL keeps blocks of each in a memory of its own bounds.
MOST_OPEN: Final = 64


class OpenRasters:
    """Open rasters by content hash; safe to use from several threads, each of which has a raster to itself."""

    def __init__(self, most: int = MOST_OPEN) -> None:
        """Nothing open yet.

        Args:
            most: rasters that are kept open and not in use.
        """
        self._most = most
        self._idle: OrderedDict[tuple[str, int], Reader] = OrderedDict()
        self._lock = Lock()

    @contextmanager
    def reader(self, path: Path, content_hash: str) -> Iterator[Reader]:
        """A raster for the time of a block.

        Raises:
            DataError: it is missing or damaged, also while it is read.
        """
        with readable(path):
            source = self._taken(content_hash) or open_raster(path)
            try:
                yield source
            except BaseException:
                _close(source)  # what failed to read is not read again
                raise
        self._put_back(content_hash, source)

    def close(self) -> None:
        """Close all that are not in use."""
        with self._lock:
            idle, self._idle = self._idle, OrderedDict()
        for source in idle.values():
            _close(source)

    def _taken(self, content_hash: str) -> Reader | None:
        with self._lock:
            key = next((key for key in reversed(self._idle) if key[0] == content_hash), None)
            return None if key is None else self._idle.pop(key)

    def _put_back(self, content_hash: str, source: Reader) -> None:
        with self._lock:
            self._idle[content_hash, id(source)] = source
            oldest = self._idle.popitem(last=False)[1] if len(self._idle) > self._most else None
        if oldest is not None:
            _close(oldest)


def _close(source: Reader) -> None:
    source.close()  # type: ignore[no-untyped-call]  # of rio-tiler
