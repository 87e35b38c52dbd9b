"""True-colour pictures of a site by date: for looking at, and for a report."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from odc.geo.geobox import GeoBox
from pyproj import Transformer
from rio_tiler.utils import render

from app.jobs.sitewatch.stacks import SiteStack, windows_of
from geo.files import whole_file
from models.sites.looks import Floats
from tiles.mosaic import true_colour

#: A picture is worth showing from so much of the ground on.
_LEAST_CLEAR: Final = 0.5
_DIGITS: Final = 7


def chosen_looks(days: npt.NDArray[np.datetime64], clear: Floats) -> list[int]:
    """The clearest look of each month, and the first and the last clear one; positions, rising.

    Args:
        days: (t,) datetime64[D], rising.
        clear: (t,) share of the ground that each shows.
    """
    able = np.flatnonzero(clear >= _LEAST_CLEAR)
    if not len(able):
        return []
    best: dict[np.datetime64, int] = {}
    for look in able.tolist():
        month = days[look].astype("datetime64[M]")
        if month not in best or clear[look] > clear[best[month]]:
            best[month] = look
    return sorted({*best.values(), int(able[0]), int(able[-1])})


def draw_pictures(folder: Path, stack: SiteStack, clear: Floats, geobox: GeoBox) -> dict[str, Any]:
    """Write the pictures of a site, north up on its grid, a pixel for a pixel; and say what they show.

    Args:
        folder: where <day>.png go.
        stack: all looks.
        clear: (t,) share of the ground that each shows.
        geobox: the grid.

    Returns:
        An entry of pictures.json, without the folder's name.
    """
    drawn = []
    for look in chosen_looks(stack.days, clear):
        day = str(stack.days[look])
        with whole_file(folder / f"{day}.png") as part:
            part.write_bytes(_png(stack, look))
        share = math.floor(float(clear[look]) * 1000) / 1000
        drawn.append({"day": day, "file": f"{day}.png", "clear_share": share, "items": str(stack.items[look]).split()})
    return {**placed(geobox), "pictures": drawn}


def placed(geobox: GeoBox) -> Mapping[str, Any]:
    """Where a picture lies: box of its corners in degrees, the corners (nw, ne, se, sw), and its size in pixels."""
    box = geobox.boundingbox
    to_lonlat = Transformer.from_crs(str(geobox.crs), 4326, always_xy=True)
    xs, ys = [box.left, box.right, box.right, box.left], [box.top, box.top, box.bottom, box.bottom]
    lons, lats = to_lonlat.transform(xs, ys)
    corners = [[round(lon, _DIGITS), round(lat, _DIGITS)] for lon, lat in zip(lons, lats, strict=True)]
    west, east = min(lon for lon, _ in corners), max(lon for lon, _ in corners)
    south, north = min(lat for _, lat in corners), max(lat for _, lat in corners)
    height, width = geobox.shape.yx
    return {"bounds": [west, south, east, north], "corners": corners, "width": width, "height": height}


def _png(stack: SiteStack, look: int) -> bytes:
    colours = np.zeros((3, *stack.shape), dtype=np.uint8)
    for core in windows_of(stack.whole):
        image, _ = stack.image(look, core)
        colours[:, *core.slices] = true_colour(image[None], np.asarray(np.isfinite(image[None]).all(axis=1)))
    seen = np.where(colours.any(axis=0), 255, 0).astype(np.uint8)
    png: bytes = render(colours, seen, img_format="PNG")
    return png
