"""Progress of a site against its planned S-curve."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from app.reports.pictures.svg import Point, drawing, element, label, line, polyline, rings

_WIDTH: Final = 640.0
_HEIGHT: Final = 250.0
_LEFT: Final = 40.0
_RIGHT: Final = 14.0
_TOP: Final = 16.0
_BOTTOM: Final = 26.0
_STEPS: Final = (0.0, 0.25, 0.5, 0.75, 1.0)
_SMALL: Final = 10.5
_PLANNED: Final = "#8a2d00"
_BUILT: Final = "#1f4e3d"
_GREY: Final = "#505050"
#: Days on either side that are shown beyond the first and last that matter.
_BESIDE: Final = timedelta(days=15)
#: Months between two names on the axis: the first of these that gives no more names than fit.
_EVERY: Final = (1, 2, 3, 6, 12, 24, 60)
_MOST_NAMES: Final = 12


@dataclass(frozen=True, slots=True)
class Reported:
    """What was reported of one look: day, and the share that is built with its bounds, 0..1."""

    day: date
    low: float
    share: float
    high: float


@dataclass(frozen=True, slots=True)
class ProgressChart:
    """What the chart shows.

    Attributes:
        planned: (day, share) of the planned curve, by day; straight between.
        reported: by look.
        due: days of the planned milestones, numbered from 1 in this order.
        as_of: day of the report.
    """

    planned: tuple[tuple[date, float], ...]
    reported: tuple[Reported, ...]
    due: tuple[date, ...]
    as_of: date


def progress_drawing(chart: ProgressChart) -> str:
    """The chart as SVG; it is told apart in print without colour too."""
    scale = _Scale.of(chart)
    parts = [*_grid(scale), *_band(chart, scale), *_planned(chart, scale), *_reported(chart, scale)]
    return drawing(_WIDTH, _HEIGHT, [*parts, *_as_of(chart, scale), *_due(chart, scale)])


@dataclass(frozen=True, slots=True)
class _Scale:
    """Days and shares to places on the drawing."""

    first: date
    last: date

    @classmethod
    def of(cls, chart: ProgressChart) -> _Scale:
        days = [*(day for day, _ in chart.planned), *(one.day for one in chart.reported), *chart.due, chart.as_of]
        return cls(min(days) - _BESIDE, max(days) + _BESIDE)

    def x(self, day: date) -> float:
        part = (day - self.first).days / (self.last - self.first).days
        return _LEFT + part * (_WIDTH - _LEFT - _RIGHT)

    def at(self, day: date, share: float) -> Point:
        return self.x(day), _y(share)


def _y(share: float) -> float:
    held = min(max(share, 0.0), 1.0)
    return _TOP + (1.0 - held) * (_HEIGHT - _TOP - _BOTTOM)


def _grid(scale: _Scale) -> Iterator[str]:
    for step in _STEPS:
        yield line((_LEFT, _y(step)), (_WIDTH - _RIGHT, _y(step)), stroke="#cccccc", stroke_width=0.6)
        yield label(f"{step:.0%}", (_LEFT - 5, _y(step) + 3.5), _SMALL, text_anchor="end", fill=_GREY)
    for day in _named_months(scale):
        x = scale.x(day)
        yield line((x, _y(0.0)), (x, _y(0.0) + 4), stroke=_GREY, stroke_width=0.8)
        yield label(f"{day:%Y-%m}", (x, _HEIGHT - 8), _SMALL, text_anchor="middle", fill=_GREY)


def _named_months(scale: _Scale) -> list[date]:
    """First days of months to name, evenly apart and no more than fit."""
    months = range(scale.first.year * 12 + scale.first.month, scale.last.year * 12 + scale.last.month)
    days = [date(month // 12, month % 12 + 1, 1) for month in months]
    for every in _EVERY:
        named = [day for day in days if (day.year * 12 + day.month - 1) % every == 0]
        if len(named) <= _MOST_NAMES:
            return named
    return days[:1]


def _band(chart: ProgressChart, scale: _Scale) -> Iterator[str]:
    if len(chart.reported) > 1:
        upper = [scale.at(one.day, one.high) for one in chart.reported]
        lower = [scale.at(one.day, one.low) for one in reversed(chart.reported)]
        yield rings([upper + lower], fill=_BUILT, fill_opacity=0.18, stroke="none")


def _planned(chart: ProgressChart, scale: _Scale) -> Iterator[str]:
    """The planned curve, level before its first point (nothing) and after its last (all)."""
    inside = [scale.at(day, share) for day, share in chart.planned]
    ends = [scale.at(scale.first, 0.0)], [scale.at(scale.last, chart.planned[-1][1])]
    begins = [scale.at(chart.planned[0][0], 0.0)]
    yield polyline([*ends[0], *begins, *inside, *ends[1]], stroke=_PLANNED, stroke_width=1.4, stroke_dasharray="6 3")


def _reported(chart: ProgressChart, scale: _Scale) -> Iterator[str]:
    points = [scale.at(one.day, one.share) for one in chart.reported]
    if len(points) > 1:
        yield polyline(points, stroke=_BUILT, stroke_width=1.6)
    for one, (x, y) in zip(chart.reported, points, strict=True):
        if len(points) == 1:
            yield line((x, _y(one.low)), (x, _y(one.high)), stroke=_BUILT, stroke_width=1.0)
        yield element("circle", cx=x, cy=y, r=2.0, fill=_BUILT)


def _as_of(chart: ProgressChart, scale: _Scale) -> Iterator[str]:
    x = scale.x(chart.as_of)
    yield line((x, _TOP), (x, _y(0.0)), stroke="#000000", stroke_width=0.9, stroke_dasharray="1.5 2.5")


def _due(chart: ProgressChart, scale: _Scale) -> Iterator[str]:
    """Numbered marks above the chart on the days of the milestones."""
    for number, day in enumerate(chart.due, 1):
        x = scale.x(day)
        yield line((x, _TOP - 3), (x, _TOP + 5), stroke=_PLANNED, stroke_width=1.6)
        yield label(str(number), (x, _TOP - 6), _SMALL, text_anchor="middle", fill=_PLANNED)
