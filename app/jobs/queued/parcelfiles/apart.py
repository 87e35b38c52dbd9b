"""An uploaded file read in a process of its own, so that a hostile one takes down nothing but that."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import pyogrio

from app.book.drawn.uploads import FileKind
from app.jobs.queued.parcelfiles.reading import Asked, name_of
from geo.errors import InputError

_LONGEST_S: Final = 180
_DRIVERS: Final = {
    FileKind.GEOPACKAGE: "GPKG",
    FileKind.SHAPEFILE_ZIP: "ESRI Shapefile",
    FileKind.GEOJSON: "GeoJSON",
    FileKind.GEOPARQUET: None,
}
_CHILD: Final = "app.jobs.queued.parcelfiles.child"
#: One thread: each further one would reserve memory that counts against the bound.
_THREADS: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "GDAL_NUM_THREADS")


def read_apart(content: bytes, asked: Asked, folder: Path) -> Mapping[str, Any]:
    """Read an upload in a folder of its own, where its rows (reading.ROWS_FILE) lie afterwards.

    Args:
        content: the file.
        asked: what it is.
        folder: empty, and nobody else's.

    Returns:
        As reading.read_upload.

    Raises:
        InputError: the file cannot be read, or takes more memory or time than it may.
    """
    kind = FileKind(asked.kind)
    (folder / name_of(kind)).write_bytes(content)
    command = [sys.executable, "-P", "-m", _CHILD]
    try:
        done = subprocess.run(  # noqa: S603 - our own module
            command,
            input=json.dumps(asdict(asked)).encode(),
            cwd=folder,
            env=_surroundings(kind),
            capture_output=True,
            timeout=_LONGEST_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise _too_heavy() from error
    return _told(done)


def _told(done: subprocess.CompletedProcess[bytes]) -> Mapping[str, Any]:
    if done.returncode != 0:
        unreadable = InputError("IMPORT_UNREADABLE", "The file cannot be read.", "Export the parcels again.")
        raise _too_heavy() if done.returncode < 0 or b"MemoryError" in done.stderr else unreadable
    said: Mapping[str, Any] = json.loads(done.stdout)
    if "error" in said:
        raise InputError(**said["error"])
    told: Mapping[str, Any] = said["told"]
    return told


def _too_heavy() -> InputError:
    said = "Reading the file takes more memory or time than it may."
    return InputError("IMPORT_TOO_HEAVY", said, "Split the file into smaller ones.")


def _surroundings(kind: FileKind) -> dict[str, str]:
    """Environment of the child: no secrets of ours, and of GDAL's drivers the one that the file is for."""
    others = sorted(set(pyogrio.list_drivers()) - {_DRIVERS[kind]})
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "LANG") if name in os.environ}
    bounds = {
        "OGR_SKIP": ",".join(others),
        "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
        "PROJ_NETWORK": "OFF",
        "SHAPE_RESTORE_SHX": "NO",
        "PYTHONWARNINGS": "ignore",
    }
    return kept | bounds | dict.fromkeys(_THREADS, "1")
