"""Outlines of the codes (districts, warning zones) that a message names in place of polygons."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

import geopandas as gpd
import shapely
from shapely.geometry.base import BaseGeometry

from geo.errors import InputError

CodedAreas: TypeAlias = Mapping[str, BaseGeometry]


def read_areas(path: Path, column: str) -> CodedAreas:
    """Outlines by code, in EPSG:4326; those of one code together.

    Args:
        path: any vector file with polygons that states its reference system.
        column: of the codes.

    Raises:
        InputError: the file cannot be read, lacks the column, or states no reference system.
    """
    try:
        frame = gpd.read_file(path)
    except (OSError, ValueError, RuntimeError) as error:
        raise InputError("SIGNAL_AREAS", f"{path} cannot be read as areas.", "Name a GeoJSON or GeoPackage.") from error
    if column not in frame.columns or frame.crs is None:
        lacking = "states no reference system" if column in frame.columns else f"has no column {column!r}"
        raise InputError("SIGNAL_AREAS", f"{path} {lacking}.", "Name the column of codes with --area-column.")
    outlines = frame[frame.geometry.notna()].to_crs(4326)
    codes = outlines[column].astype(str).str.strip()
    return {
        str(code): shapely.union_all(shapely.make_valid(group.geometry.array))
        for code, group in outlines.groupby(codes)
    }
