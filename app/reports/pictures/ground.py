"""Plots from above: their borders over imagery."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from app.reports.pictures.svg import Point, drawing, element, label, line, rings

_WIDTH: Final = 640.0
_SMALL: Final = 12.0
#: Grey of pixels without data.
_WITHOUT: Final = np.uint8(225)
_HALO: Final = {"stroke": "#000000", "stroke_width": 3.2, "stroke_opacity": 0.55, "paint_order": "stroke"}
#: Lengths of a scale bar, metres; the longest that takes at most a quarter of the width is drawn.
_BARS: Final = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
_BAR_SHARE: Final = 0.25


@dataclass(frozen=True, slots=True)
class Border:
    """A plot, or another outline, on a picture.

    Attributes:
        name: of the plot; empty: nothing is written.
        parts: rings, in pixels of the picture (column, row; fractions count from the upper left corner).
        colour: of the line.
        dashes: of the line; empty: it is whole.
        above: the name stands above it instead of in its middle, which it would hide.
    """

    name: str
    parts: tuple[tuple[Point, ...], ...]
    colour: str = "#ffe14d"
    dashes: str = ""
    above: bool = False


@dataclass(frozen=True, slots=True)
class Ground:
    """A picture of the ground with what lies on it.

    Attributes:
        colours: (rows, columns, 3) uint8, north up; 0, 0, 0 is without data.
        metres: edge of a pixel.
        borders: of the plots.
    """

    colours: npt.NDArray[np.uint8]
    metres: float
    borders: tuple[Border, ...]


def ground_drawing(ground: Ground, size: float = _SMALL) -> str:
    """Imagery with borders, a scale bar and a mark of north, as SVG; names are `size` pixels high at a width of 640."""
    rows, columns = ground.colours.shape[:2]
    scale = _WIDTH / columns
    height = rows * scale
    image = element("image", href=_png(ground.colours), width=_WIDTH, height=height, preserveAspectRatio="none")
    return drawing(
        _WIDTH,
        height,
        [image, *_borders(ground.borders, scale, size), *_furniture(ground.metres / scale, height, size)],
    )


def _png(colours: npt.NDArray[np.uint8]) -> str:
    held = io.BytesIO()
    Image.fromarray(np.where(colours.any(axis=2, keepdims=True), colours, _WITHOUT)).save(
        held, format="PNG", optimize=False
    )
    return "data:image/png;base64," + base64.b64encode(held.getvalue()).decode("ascii")


def _borders(borders: Sequence[Border], scale: float, size: float) -> Iterator[str]:
    for border in borders:
        parts = [[(x * scale, y * scale) for x, y in part] for part in border.parts]
        yield rings(parts, fill="none", stroke="#000000", stroke_width=3.4, stroke_opacity=0.5)
        dashes = {"stroke_dasharray": border.dashes} if border.dashes else {}
        yield rings(parts, fill="none", stroke=border.colour, stroke_width=1.8, **dashes)
    for border in (each for each in borders if each.name):
        outer = np.asarray(border.parts[0]) * scale
        x, y = (float(value) for value in (outer.min(axis=0) + outer.max(axis=0)) / 2)
        y = float(outer[:, 1].min()) - 8 if border.above else y
        for style in ({"fill": "#000000", **_HALO}, {"fill": "#ffffff"}):
            yield label(border.name, (x, y + 4), size, text_anchor="middle", **style)


def _furniture(metres: float, height: float, size: float) -> Iterator[str]:
    """Scale bar below on the left, north above on the right."""
    fitting = [length for length in _BARS if length / metres <= _WIDTH * _BAR_SHARE]
    length = fitting[-1] if fitting else _BARS[0]
    start, end, y = 12.0, 12.0 + length / metres, height - 12.0
    for colour, width in (("#000000", 5.0), ("#ffffff", 2.4)):
        yield line((start, y), (end, y), stroke=colour, stroke_width=width)
    said = f"{length // 1000} km" if length >= 1000 else f"{length} m"  # noqa: PLR2004 - metres in a kilometre
    for style in ({"fill": "#000000", **_HALO}, {"fill": "#ffffff"}):
        yield label(said, (start, y - 7), size, **style)
        yield label("N", (_WIDTH - 18, 18.0 + size), size, text_anchor="middle", **style)
    arrow = [[(_WIDTH - 18, 6.0), (_WIDTH - 13, 18.0), (_WIDTH - 23, 18.0)]]
    yield rings(arrow, fill="#ffffff", stroke="#000000", stroke_width=0.8)
