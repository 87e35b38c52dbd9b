"""Parcel files as they come: which format, which layer, which reference system."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

import geopandas as gpd
import pyarrow as pa
import pyogrio
from pyogrio.errors import DataLayerError, DataSourceError
from pyproj import CRS
from pyproj.exceptions import CRSError

from geo.errors import InputError
from geo.files import sha256_of

_POLYGONS: Final = (
    "Polygon",
    "MultiPolygon",
    "CurvePolygon",
    "MultiSurface",
    "Surface",
    "Unknown",
    "GeometryCollection",
)
_CRS_REMEDY: Final = "State it with --parcels-crs EPSG:... (ask whoever drew the map; it is never guessed)."
_READ_ERRORS: Final = (DataSourceError, DataLayerError, pa.ArrowException, OSError, ValueError, UnicodeError)


def read_features(path: Path, crs: str | None) -> gpd.GeoDataFrame:
    """Features of a file in its own CRS, in file order.

    Args:
        path: GeoPackage, GeoJSON, Shapefile or GeoParquet, by its suffix.
        crs: reference system of a file that states none; must agree with the file's own where it states one.

    Raises:
        InputError: the file is missing, of another format, unreadable, empty, has several polygon layers, no CRS, or
            another CRS than `crs`.
    """
    reader = _reader(path)
    try:
        frame = reader(path)
    except _READ_ERRORS as error:
        raise InputError(
            "PARCELS_UNREADABLE", f"{path} cannot be read: {_one_line(error)}.", "Export the parcels again."
        ) from error
    if not isinstance(frame, gpd.GeoDataFrame):
        raise InputError("PARCELS_WITHOUT_GEOMETRY", f"{path} holds a table without outlines.", "Export polygons.")
    if frame.empty:
        raise InputError("PARCELS_EMPTY", f"{path} holds no parcels.", "Export at least one polygon.")
    return _with_crs(frame.reset_index(drop=True), path, crs)


def hash_of_source(path: Path) -> str:
    """SHA-256 of a parcel file; of all its parts where it is a Shapefile."""
    if path.suffix.lower() != ".shp":
        return sha256_of(path)
    parts = sorted(part for part in path.parent.glob(f"{path.stem}.*") if part.suffix.lower() in _SHAPEFILE_PARTS)
    return hashlib.sha256("".join(map(sha256_of, parts)).encode()).hexdigest()


def _reader(path: Path) -> Callable[[Path], gpd.GeoDataFrame]:
    if not path.exists():
        raise InputError("PARCELS_MISSING", f"The parcel file {path} does not exist.", "Check --parcels.")
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise InputError(
            "PARCELS_FORMAT",
            f"{path.name} is of no known format.",
            "Give GeoPackage (.gpkg), GeoJSON (.geojson), Shapefile (.shp) or GeoParquet (.parquet).",
        )
    return reader


def _read_layer(path: Path) -> gpd.GeoDataFrame:
    layers = [str(name) for name, kind in pyogrio.list_layers(path) if _may_hold_polygons(kind)]
    if len(layers) > 1:
        raise InputError(
            "PARCELS_LAYERS", f"{path} holds several layers ({', '.join(layers)}).", "Export one layer to a file."
        )
    return gpd.read_file(path, layer=layers[0] if layers else None)


def _may_hold_polygons(kind: str | None) -> bool:
    return kind is not None and kind.split()[0].removeprefix("2.5D").removesuffix("Z").removesuffix("M") in _POLYGONS


_READERS: Final[Mapping[str, Callable[[Path], gpd.GeoDataFrame]]] = MappingProxyType(
    {
        ".gpkg": _read_layer,
        ".geojson": gpd.read_file,
        ".json": gpd.read_file,
        ".shp": gpd.read_file,
        ".parquet": gpd.read_parquet,
        ".geoparquet": gpd.read_parquet,
    }
)
_SHAPEFILE_PARTS: Final = frozenset({".shp", ".dbf", ".shx", ".prj", ".cpg"})


def _with_crs(frame: gpd.GeoDataFrame, path: Path, stated: str | None) -> gpd.GeoDataFrame:
    asked = None if stated is None else _parse_crs(stated)
    own = frame.crs if _is_usable(frame.crs) else None
    if own is None and asked is None:
        raise InputError("PARCELS_WITHOUT_CRS", f"{path} does not state its reference system.", _CRS_REMEDY)
    if own is None:
        return frame.set_crs(asked, allow_override=True)
    if asked is not None and not own.equals(asked, ignore_axis_order=True):
        raise InputError(
            "PARCELS_CRS_CLASH",
            f"{path} is in {own.name} by its own word, not in {asked.name}.",
            "Leave --parcels-crs out, or mend the file.",
        )
    return frame


def _parse_crs(text: str) -> CRS:
    try:
        crs = CRS.from_user_input(text)
    except CRSError as error:
        raise InputError("CRS_UNKNOWN", f"{text!r} is no reference system.", "Write it as EPSG:4490.") from error
    if not _is_usable(crs):
        raise InputError("CRS_UNKNOWN", f"{text!r} does not lie on the Earth.", "Write it as EPSG:4490.")
    return crs


def _is_usable(crs: CRS | None) -> bool:
    """Whether a CRS ties coordinates to the Earth (GeoPackage has two "undefined" ones that do not)."""
    if crs is None or crs.name.lower().startswith(("undefined", "unknown")):
        return False
    return bool(crs.is_geographic or crs.is_projected)


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split()).rstrip(".")
