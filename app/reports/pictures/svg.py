"""SVG as text: what letters need of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias
from xml.sax.saxutils import escape, quoteattr

#: Place in pixels of the drawing, right and down.
Point: TypeAlias = tuple[float, float]

#: Comes with the typesetter itself; drawings hold Latin letters and figures only.
_FONT = "Libertinus Serif"


def element(name: str, content: str = "", /, **attributes: object) -> str:
    """An element; "_" in the name of an attribute stands for "-"."""
    said = "".join(f" {key.replace('_', '-')}={quoteattr(_text(value))}" for key, value in attributes.items())
    return f"<{name}{said}>{content}</{name}>" if content else f"<{name}{said}/>"


def drawing(width: float, height: float, content: Sequence[str]) -> str:
    """The whole drawing."""
    space = {"xmlns": "http://www.w3.org/2000/svg", "viewBox": f"0 0 {_text(width)} {_text(height)}"}
    return element("svg", "".join(content), **space, width=width, height=height)


def line(start: Point, end: Point, **style: object) -> str:
    """A straight line."""
    return element("line", x1=start[0], y1=start[1], x2=end[0], y2=end[1], **style)


def polyline(points: Sequence[Point], **style: object) -> str:
    """A line through points, not filled."""
    return element("polyline", points=" ".join(f"{_text(x)},{_text(y)}" for x, y in points), fill="none", **style)


def rings(parts: Sequence[Sequence[Point]], **style: object) -> str:
    """Closed rings as one path."""
    said = " ".join("M" + " L".join(f"{_text(x)},{_text(y)}" for x, y in part) + " Z" for part in parts)
    return element("path", d=said, **style)


def label(text: str, at: Point, size: float, **style: object) -> str:
    """A word; it begins at the point unless the style says otherwise (text_anchor)."""
    return element("text", escape(text), x=at[0], y=at[1], font_size=size, font_family=_FONT, **style)


def _text(value: object) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
