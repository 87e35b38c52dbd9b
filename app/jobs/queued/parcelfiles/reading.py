"""An uploaded file into checked rows: what is wrong with each, and its outline before and after."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely

from app.book.drawn.outlines import LEAST_HA, MOST_HA
from app.book.drawn.uploads import FileKind
from app.jobs.queued.parcelfiles.geojson import corners_of
from app.jobs.queued.parcelfiles.unzipping import unzip_shapefile
from geo.area import geodesic_area_ha
from geo.chinese_datums import Shifted, to_wgs84
from geo.errors import InputError
from geo.parcel_columns import Notes, attribute_columns, parcel_ids
from geo.parcel_file import read_features
from geo.repair import repair_outlines

#: Rows and corners of one file.
MOST_ROWS: Final = 50_000
MOST_CORNERS: Final = 500_000
ROWS_FILE: Final = "rows.parquet"
_SUFFIX: Final = {
    FileKind.GEOPACKAGE: ".gpkg",
    FileKind.SHAPEFILE_ZIP: ".zip",
    FileKind.GEOJSON: ".geojson",
    FileKind.GEOPARQUET: ".parquet",
}
_REMEDIES: Final = {
    "PARCELS_WITHOUT_CRS": "State it with the upload (EPSG:4490); it is never guessed.",
    "PARCELS_CRS_CLASH": "Leave the reference system out, or mend the file.",
}
_LONGEST_ID: Final = 128


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of an upload.

    Attributes:
        kind: what the file is.
        datum: "as_stated", "gcj02" or "bd09".
        crs: reference system of a file that states none.
        id_column: column with the bank's own numbers; None: the service gives numbers.
    """

    kind: str
    datum: str
    crs: str | None
    id_column: str | None


def name_of(kind: FileKind) -> str:
    """Name under which an upload of a kind lies in its folder."""
    return f"upload{_SUFFIX[kind]}"


def read_upload(asked: Asked) -> dict[str, Any]:
    """Read the upload in this folder, and leave its rows in ROWS_FILE.

    The rows: parcel_id (None where the service gives it), geometry_version, area_ha (0 without outline), stated_ha (NaN
    where none), repairs (list), twin_of (row number from 0 of the first with the same outline, -1: none), usable;
    geometry in EPSG:4326 (None where not usable) and before (WKB as it came, in EPSG:4326; None where not mended).

    Returns:
        Name of the reference system and of the datum.

    Raises:
        InputError: the file cannot be read or is too heavy.
    """
    path = _opened(FileKind(asked.kind))
    try:
        frame = read_features(path, asked.crs)
    except InputError as error:
        raise InputError(error.code, error.message, _REMEDIES.get(error.code, error.remedy)) from error
    except MemoryError as error:
        raise _too_heavy("more than can be held") from error
    _check_corners(int(shapely.get_num_coordinates(frame.geometry.array).sum()))
    system = str(frame.crs.name)
    datum = str(frame.crs.geodetic_crs.datum.name)
    if asked.datum != "as_stated":
        frame, datum = to_wgs84(frame, Shifted(asked.datum)), f"{asked.datum.upper()}, brought back to WGS 84"
    _rows(frame, asked).to_parquet(ROWS_FILE)
    return {"reference_system": system, "datum": datum}


def _opened(kind: FileKind) -> Path:
    path = Path(name_of(kind))
    if kind is FileKind.SHAPEFILE_ZIP:
        path = unzip_shapefile(path, Path())
    if kind is FileKind.GEOJSON:
        _check_corners(corners_of(path, MOST_CORNERS))
    if kind is not FileKind.GEOPARQUET:
        _check_layers(path)
    return path


def _check_layers(path: Path) -> None:
    try:
        rows = sum(
            int(pyogrio.read_info(path, layer=layer, force_feature_count=True)["features"])
            for layer, _ in pyogrio.list_layers(path)
        )
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, RuntimeError, ValueError) as error:
        raise InputError("IMPORT_UNREADABLE", "The file cannot be read.", "Export the parcels again.") from error
    if rows > MOST_ROWS:
        raise _too_heavy(f"{rows:,} rows; {MOST_ROWS:,} are the most")


def _check_corners(corners: int) -> None:
    if corners > MOST_CORNERS:
        raise _too_heavy(f"{corners:,} corners; {MOST_CORNERS:,} are the most")


def _too_heavy(what: str) -> InputError:
    return InputError("IMPORT_TOO_HEAVY", f"The file holds {what}.", "Split the file into smaller ones.")


def _rows(frame: gpd.GeoDataFrame, asked: Asked) -> gpd.GeoDataFrame:
    if len(frame) > MOST_ROWS:
        raise _too_heavy(f"{len(frame):,} rows; {MOST_ROWS:,} are the most")
    outlines = repair_outlines(frame.geometry)
    attributes = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    notes = Notes()
    stated = attribute_columns(attributes, notes)["certified_area_ha"]
    areas = geodesic_area_ha(outlines.shapes)
    said = [_said(row, outlines.notes, notes, area) for row, area in enumerate(areas)]
    shapes = np.asarray(outlines.shapes.array, dtype=object)
    usable = ~shapely.is_missing(shapes) & (areas >= LEAST_HA) & (areas <= MOST_HA)
    shapes[~usable] = None
    table = {
        "parcel_id": _ids(attributes, asked.id_column, outlines.versions),
        "geometry_version": list(outlines.versions),
        "area_ha": areas,
        "stated_ha": stated.to_numpy(dtype=np.float64),
        "repairs": said,
        "twin_of": _twins(outlines.versions, usable),
        "usable": usable,
        "before": _before(frame.geometry, outlines.notes),
    }
    return gpd.GeoDataFrame(table, geometry=shapes, crs=4326)


def _said(row: int, mended: dict[int, str], notes: Notes, area_ha: float) -> list[str]:
    said = [mended[row]] if row in mended else []
    said += [what for what in notes.by_row.get(row, ()) if what.startswith("certified_area")]
    if 0 < area_ha < LEAST_HA or area_ha > MOST_HA:
        said.append(f"the outline encloses {area_ha:.4f} ha, which no parcel does: left out")
    return said


def _ids(attributes: pd.DataFrame, column: str | None, versions: tuple[str, ...]) -> list[str | None]:
    if column is None:
        return [None] * len(attributes)
    ids = parcel_ids(attributes, column, versions)
    long = next(
        (each for each in ids if len(each) > _LONGEST_ID or any(c in "/\\?#%" or c.isspace() for c in each)), None
    )
    if long is not None:
        raise InputError(
            "IMPORT_NUMBER", f"The number {long[:40]!r} cannot be one.", "Use no spaces and none of / \\ ? # %."
        )
    return list(ids)


def _twins(versions: tuple[str, ...], usable: np.ndarray[Any, np.dtype[np.bool_]]) -> list[int]:
    first: dict[str, int] = {}
    twins = []
    for row, version in enumerate(versions):
        twins.append(first.get(version, -1) if usable[row] else -1)
        if usable[row]:
            first.setdefault(version, row)
    return twins


def _before(shapes: gpd.GeoSeries, notes: dict[int, str]) -> list[bytes | None]:
    """Outlines that were mended, as they came."""
    before: list[bytes | None] = [None] * len(shapes)
    rows = [row for row, what in notes.items() if what.startswith("outline mended")]
    if rows:
        came = shapes.iloc[rows].to_crs(4326)
        for row, wkb in zip(rows, came.to_wkb(), strict=True):
            before[row] = wkb
    return before
