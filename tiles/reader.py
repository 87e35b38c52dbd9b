"""Reading of one raster by odc-loader, with errors that name the file."""

from __future__ import annotations

import logging
import warnings
from typing import Any

import numpy as np
import rasterio
from numpy.typing import NDArray
from odc.geo.geobox import GeoBox
from odc.loader import RioDriver, RioReader
from rasterio.errors import NotGeoreferencedWarning, RasterioError

from geo.errors import DataError


class NamingDriver(RioDriver):
    """The rasterio driver of odc-loader, except that a failed read raises a DataError that names the file.

    GDAL's own message for a damaged block is "Read failed", without a name; and the error must survive the way back
    from a Dask worker.
    """

    def open(self, src: Any, ctx: Any) -> NamingReader:
        """Reader of one band of one file."""
        return NamingReader(src, ctx)


class NamingReader(RioReader):
    """Reader of one band of one file into a part of the grid."""

    def read(
        self,
        cfg: Any,
        dst_geobox: GeoBox,
        *,
        dst: NDArray[Any] | None = None,
        selection: Any = None,
    ) -> tuple[tuple[slice, slice], NDArray[Any]]:
        """See odc.loader's `RasterReader.read`.

        Raises:
            DataError: the file cannot be read, has no place on earth or holds other than whole numbers.
        """
        _quieten_memory_rasters()
        try:
            _require_usable(self._src.uri)
            part: tuple[tuple[slice, slice], NDArray[Any]] = super().read(cfg, dst_geobox, dst=dst, selection=selection)
        except RasterioError as error:
            fault = _first_line(error)
        else:
            return part
        # Raised out here, without rasterio's error as its cause: that one does not survive the way from a worker.
        raise _unreadable(self._src.uri, fault)


def _require_usable(uri: str) -> None:
    """Refuse a file without a place on earth, or whose values would change when read as digital numbers.

    GDAL only warns about damaged georeferencing and goes on with the identity, which would put the scene elsewhere.
    """
    with rasterio.open(uri) as file:
        placed, kind = file.crs is not None and not file.transform.is_identity, np.dtype(file.dtypes[0])
    if not placed:
        raise _unreadable(uri, "it has no CRS or no geotransform")
    if kind.kind not in "iu":
        raise DataError(
            "RASTER_TYPE",
            f"{uri} holds {kind.name} values, not whole digital numbers.",
            "Use the L2A product's own digital numbers.",
        )


def _quieten_memory_rasters() -> None:
    """Silence a warning about rasterio's own in-memory target of a warp (odc-geo issue 131); files are checked here.

    Silence the loader's own report of a failure too: the error raised here says it, once.

    Set for good, since `warnings.catch_warnings` is not safe in Dask's threads.
    """
    warnings.filterwarnings("ignore", "Dataset has no geotransform", NotGeoreferencedWarning)
    logging.getLogger("odc.loader._rio").setLevel(logging.CRITICAL)


def _unreadable(uri: str, why: str) -> DataError:
    return DataError(
        "UNREADABLE_RASTER",
        f"{uri} cannot be read: {why}.",
        "Fetch the file again, or take its scene out of the catalogue.",
    )


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(".")
