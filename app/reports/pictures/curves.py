"""The curve of a plot's greenness over a season."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from app.reports.pictures.svg import Point, drawing, element, label, line, polyline
from geo.season import Season

_WIDTH: Final = 640.0
_HEIGHT: Final = 210.0
_LEFT: Final = 34.0
_RIGHT: Final = 90.0
_TOP: Final = 10.0
_BOTTOM: Final = 26.0
_LOWEST: Final = 0.0
_STEPS: Final = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
_SMALL: Final = 10.5
#: A look counts as clear from this share of the plot on; others are drawn hollow.
_CLEAR_FROM: Final = 0.5
#: Colour and dashes of each curve: told apart in print without colour too.
_STYLES: Final = (("#1f4e3d", ""), ("#8a2d00", "6 3"), ("#1b4f8a", "2 3"), ("#6b4c9a", "8 3 2 3"))
_JANUARY: Final = 1


@dataclass(frozen=True, slots=True)
class Curve:
    """Looks at one plot, by day.

    Attributes:
        name: of the plot.
        days: of the looks.
        ndvi: mean NDVI of the clear pixels, -1 to 1.
        clear_share: of the plot's area, 0 to 1.
    """

    name: str
    days: tuple[date, ...]
    ndvi: tuple[float, ...]
    clear_share: tuple[float, ...]


def most_curves() -> int:
    """How many curves one drawing can tell apart."""
    return len(_STYLES)


def curve_drawing(curves: Sequence[Curve], season: Season) -> str:
    """Curves over a season, as SVG; values below 0 are drawn at 0.

    Raises:
        ValueError: there are more curves than can be told apart.
    """
    if len(curves) > most_curves():
        raise ValueError("too many curves")
    drawn = (part for curve, style in zip(curves, _STYLES, strict=False) for part in _curve(curve, season, *style))
    return drawing(_WIDTH, _HEIGHT, [*_grid(season), *drawn, *_names(curves)])


def _grid(season: Season) -> Iterator[str]:
    right = _WIDTH - _RIGHT
    for step in _STEPS:
        y = _y(step)
        yield line((_LEFT, y), (right, y), stroke="#cccccc", stroke_width=0.6)
        yield label(f"{step:.1f}", (_LEFT - 5, y + 3.5), _SMALL, text_anchor="end", fill="#505050")
    for day in _months(season):
        x = _x(day, season)
        yield line((x, _y(0.0)), (x, _y(0.0) + 4), stroke="#505050", stroke_width=0.8)
        name = f"{day.year}-{day.month:02d}" if day.month == _JANUARY else f"{day.month:02d}"
        yield label(name, (x, _HEIGHT - 8), _SMALL, text_anchor="middle", fill="#505050")


def _months(season: Season) -> Iterator[date]:
    """First days of the months within a season."""
    first = season.start.replace(day=1)
    number = first.year * 12 + first.month - 1
    while True:
        day = date(number // 12, number % 12 + 1, 1)
        if day > season.end:
            return
        if day >= season.start:
            yield day
        number += 1


def _curve(curve: Curve, season: Season, colour: str, dashes: str) -> Iterator[str]:
    points = [(_x(day, season), _y(value)) for day, value in zip(curve.days, curve.ndvi, strict=True)]
    clear = [share >= _CLEAR_FROM for share in curve.clear_share]
    through: list[Point] = [point for point, seen in zip(points, clear, strict=True) if seen]
    style = {"stroke_dasharray": dashes} if dashes else {}
    if len(through) > 1:
        yield polyline(through, stroke=colour, stroke_width=1.4, **style)
    for (x, y), seen in zip(points, clear, strict=True):
        yield element("circle", cx=x, cy=y, r=2.2, stroke=colour, stroke_width=0.9, fill=colour if seen else "white")


def _names(curves: Sequence[Curve]) -> Iterator[str]:
    x = _WIDTH - _RIGHT + 8
    for place, (curve, (colour, dashes)) in enumerate(zip(curves, _STYLES, strict=False)):
        y = _TOP + 12 + place * 18
        style = {"stroke_dasharray": dashes} if dashes else {}
        yield line((x, y - 3.5), (x + 18, y - 3.5), stroke=colour, stroke_width=1.6, **style)
        yield label(curve.name, (x + 22, y), _SMALL, fill="#202020")


def _x(day: date, season: Season) -> float:
    share = (day - season.start).days / max((season.end - season.start).days, 1)
    return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)


def _y(value: float) -> float:
    held = min(max(value, _LOWEST), 1.0)
    return _TOP + (1.0 - held) * (_HEIGHT - _TOP - _BOTTOM)
