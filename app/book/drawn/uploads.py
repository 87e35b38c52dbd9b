"""What may be uploaded: kinds of files and their sizes."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from geo.errors import InputError

#: Of the file as it is sent.
MOST_UPLOAD_BYTES: Final = 32 * 2**20


class FileKind(StrEnum):
    """What an uploaded file is."""

    GEOPACKAGE = "geopackage"
    SHAPEFILE_ZIP = "shapefile_zip"
    GEOJSON = "geojson"
    GEOPARQUET = "geoparquet"


_BEGINNINGS: Final = {
    FileKind.GEOPACKAGE: b"SQLite format 3\x00",
    FileKind.SHAPEFILE_ZIP: b"PK\x03\x04",
    FileKind.GEOJSON: b"{",
    FileKind.GEOPARQUET: b"PAR1",
}
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


def check_kind(content: bytes, kind: FileKind) -> None:
    """Refuse a file whose first bytes are not those of its kind (InputError)."""
    start = content[:64]
    if kind is FileKind.GEOJSON:
        start = start.removeprefix(_BYTE_ORDER_MARK).lstrip()
    if not start.startswith(_BEGINNINGS[kind]):
        said = f"The file is no {kind.value.replace('_', ' ')}."
        raise InputError("IMPORT_KIND", said, "Choose what it is: GeoPackage, zipped Shapefile, GeoJSON, GeoParquet.")
