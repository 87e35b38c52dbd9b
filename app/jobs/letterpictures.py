"""What letters show of the plots of a limit: from above, and their curves, read from the run's own files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pyogrio
import rasterio
import shapely
from rasterio.errors import RasterioError, WindowError
from rasterio.windows import Window, from_bounds
from shapely.geometry.base import BaseGeometry

from app.jobs.explain import read_rows
from app.reports.pictures.curves import Curve, most_curves
from app.reports.pictures.ground import Border, Ground
from geo.errors import DataError
from geo.manifest import read_manifest
from scoring.receipts.evidence import Evidence

_MOSAIC: Final = "mosaic.tif"
_OUTLINES: Final = "parcels.geojson"
_WGS84: Final = "EPSG:4326"
#: Ground beside the plots that is shown: this share of their extent, and at least so many metres.
_BESIDE: Final = 0.3
_LEAST_BESIDE_M: Final = 120.0
#: Plots farther apart, in pixels of the imagery, do not stand on one picture: they would be too small to be seen.
_WIDEST_PX: Final = 300
_WIDTH_TO_HEIGHT: Final = 1.7


def curves_of(run: Path, evidence: Evidence) -> tuple[Curve, ...]:
    """Curves of the largest plots behind a limit, in order of their names; of a day known twice the last word counts.

    Args:
        run: run folder.
        evidence: what the limit rests on.

    Raises:
        DataError: a file of the folder cannot be read.
    """
    largest = sorted(evidence.parcels, key=lambda parcel: (-parcel.area_ha, parcel.parcel_id))[: most_curves()]
    names = sorted(parcel.parcel_id for parcel in largest if parcel.looks)
    if not names:
        return ()
    columns = ["parcel_id", "date", "known_at", "ndvi", "clear_share"]
    rows = read_rows(run / "series.parquet", [("parcel_id", "in", names)], columns)
    return tuple(_curve(name, [row for row in rows if row["parcel_id"] == name]) for name in names)


def ground_of(run: Path, evidence: Evidence) -> Ground | None:
    """Imagery around the plots behind a limit.

    Returns:
        None where nothing was seen yet, the run has no picture, or no plot lies on it.

    Raises:
        DataError: a file of the folder is missing or cannot be read.
    """
    if evidence.run.plan is not None:
        return None
    known = read_manifest(run)
    if _MOSAIC not in known or _OUTLINES not in known:
        return None
    outlines = _outlines(run / _OUTLINES, [parcel.parcel_id for parcel in evidence.parcels])
    if not outlines:
        return None
    try:
        with rasterio.open(run / _MOSAIC) as source:
            return _cut(source, outlines)
    except RasterioError as error:
        raise DataError("FILE_DAMAGED", f"{_MOSAIC} cannot be read.", "Run the season again.") from error


def _curve(name: str, rows: Sequence[Any]) -> Curve:
    last = {row["date"]: row for row in sorted(rows, key=lambda row: row["known_at"])}
    seen = [last[day] for day in sorted(last) if last[day]["ndvi"] is not None]
    return Curve(
        name,
        tuple(row["date"] for row in seen),
        tuple(float(row["ndvi"]) for row in seen),
        tuple(float(row["clear_share"]) for row in seen),
    )


def _outlines(path: Path, names: Sequence[str]) -> dict[str, BaseGeometry]:
    quoted = ", ".join("'" + name.replace("'", "''") + "'" for name in names)
    try:
        frame = pyogrio.read_dataframe(path, columns=["parcel_id"], where=f"parcel_id IN ({quoted})")
    except (OSError, RuntimeError) as error:
        raise DataError("FILE_DAMAGED", f"{path.name} cannot be read.", "Run the season again.") from error
    found = zip(frame.parcel_id, frame.geometry, strict=True)
    return {str(name): outline for name, outline in found if outline is not None and not outline.is_empty}


def _cut(source: Any, outlines: dict[str, BaseGeometry]) -> Ground | None:
    there = gpd.GeoSeries(outlines, crs=_WGS84).to_crs(source.crs)
    moved = {str(name): outline for name, outline in there.items()}
    shown = _together(moved, source.res[0] * _WIDEST_PX)
    window = _window(source, shapely.total_bounds(list(shown.values())))
    if window is None:
        return None
    colours = source.read((1, 2, 3), window=window)
    borders = tuple(Border(name, tuple(_rings(each, source, window))) for name, each in shown.items())
    return Ground(np.moveaxis(colours, 0, -1).astype(np.uint8), float(source.res[0]), borders)


def _window(source: Any, bounds: Any) -> Window | None:
    """Pixels around bounds, wider than high as far as the imagery reaches; None where it does not reach there."""
    left, bottom, right, top = bounds
    beside = max((right - left) * _BESIDE, (top - bottom) * _BESIDE, _LEAST_BESIDE_M)
    width = max(right - left + 2 * beside, (top - bottom + 2 * beside) * _WIDTH_TO_HEIGHT)
    middle = (left + right) / 2
    around = (middle - width / 2, bottom - beside, middle + width / 2, top + beside)
    try:
        wanted = from_bounds(*around, source.transform).intersection(Window(0, 0, source.width, source.height))
    except WindowError:
        return None
    return wanted.round_offsets().round_lengths()


def _together(outlines: dict[str, BaseGeometry], widest_m: float) -> dict[str, BaseGeometry]:
    """The largest plot with those that lie near enough to stand on one picture."""
    kept: dict[str, BaseGeometry] = {}
    for name in sorted(outlines, key=lambda name: (-outlines[name].area, name)):
        left, bottom, right, top = shapely.total_bounds([*kept.values(), outlines[name]])
        if not kept or max(right - left, top - bottom) <= widest_m:
            kept[name] = outlines[name]
    return dict(sorted(kept.items()))


def _rings(outline: BaseGeometry, source: Any, window: Window) -> Iterator[tuple[tuple[float, float], ...]]:
    """Outer and inner rings of an outline in pixels of the window."""
    to_pixels = ~source.window_transform(window)
    for polygon in shapely.get_parts(outline):
        for ring in (polygon.exterior, *polygon.interiors):
            yield tuple(to_pixels * (x, y) for x, y in ring.coords)
