"""Dated imagery of a made-up run: one date, a field of colours on some squares of a map."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
from odc.geo.geobox import GeoBox
from rasterio.warp import transform_bounds

from app.jobs.maplayers.frames import Frame
from app.jobs.maplayers.rasters import raster_path, write_day, write_season
from app.jobs.maplayers.season import season_squares, season_windows
from app.jobs.maplayers.squares import Squares, squares_over
from app.maplayers.dated import (
    MOSAIC,
    SEASON_FOLDER,
    DatedDay,
    DatedImagery,
    DatedLayer,
    dated_name,
    imagery_folder,
    read_index,
    write_index,
)
from geo.files import sha256_of

DAY = date(2026, 5, 3)
#: Grid of 10 m in a zone, on two by two squares of the deepest zoom or more.
GRID = GeoBox.from_bbox((480_000, 3_990_000, 488_000, 3_998_000), "EPSG:32650", resolution=10)


def write_dated(layers: Path, run_id: str, *, day: date = DAY, ndvi: int = 151) -> Squares:
    """Write one date; the southern half is not seen in NDVI."""
    folder = imagery_folder(layers, run_id)
    whole = folder / day.isoformat()
    whole.mkdir(parents=True)
    squares = squares_over([GRID])
    write_day(whole, [_frame(squares, ndvi)], squares, whole)
    hashes = {layer: _named(whole, layer) for layer in DatedLayer}
    said = DatedDay(day, 0.75, ("S2_made_up",), hashes)
    west, south, east, north = transform_bounds("EPSG:32650", "EPSG:4326", *GRID.boundingbox.bbox)
    write_index(folder, DatedImagery(run_id, (west, south, east, north), 0.5, (said,)))
    return squares


def add_season(layers: Path, run_id: str, picture: Path) -> None:
    """Put the season's picture beside the dates."""
    folder = imagery_folder(layers, run_id)
    season = folder / SEASON_FOLDER
    season.mkdir()
    squares = season_squares([picture])
    write_season(season, season_windows([picture], squares), squares, season)
    index = read_index(folder)
    assert index is not None
    write_index(folder, replace(index, mosaic=_named(season, MOSAIC)))


def _frame(squares: Squares, ndvi: int) -> Frame:
    window = squares.window(GRID)
    shape = (window.height, window.width)
    colour = np.full((4, *shape), 255, dtype=np.uint8)
    colour[:3] = np.array([120, 90, 40], dtype=np.uint8)[:, None, None]
    seen = np.arange(window.height)[:, None] < window.height // 2
    return Frame(window, colour, np.broadcast_to(np.where(seen, ndvi, 0), shape)[None].astype(np.uint8))


def _named(folder: Path, layer: str) -> str:
    content_hash = sha256_of(raster_path(folder, layer))
    raster_path(folder, layer).rename(folder / dated_name(layer, content_hash))
    return content_hash
