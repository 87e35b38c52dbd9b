"""Drawings of letters: what stands where, and that they are whole SVG."""

from __future__ import annotations

import base64
import io
import xml.etree.ElementTree as ET
from datetime import date, timedelta

import numpy as np
import pytest
from PIL import Image

from app.reports.pictures.curves import Curve, curve_drawing, most_curves
from app.reports.pictures.ground import Border, Ground, ground_drawing
from geo.season import Season

SVG = "{http://www.w3.org/2000/svg}"
SEASON = Season(date(2025, 10, 1), date(2026, 9, 30))
DAYS = tuple(SEASON.start + timedelta(days=10 * step) for step in range(30))


def _curve(name: str, ndvi: float = 0.5, clear: float = 1.0) -> Curve:
    return Curve(name, DAYS, (ndvi,) * len(DAYS), (clear,) * len(DAYS))


def _parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - our own


def _texts(drawn: ET.Element) -> list[str | None]:
    return [each.text for each in drawn.iter(f"{SVG}text")]


def test_a_curve_runs_over_its_season_between_0_and_1() -> None:
    drawn = _parsed(curve_drawing([_curve("P-1", 0.75)], SEASON))
    marks = list(drawn.iter(f"{SVG}circle"))
    assert len(marks) == len(DAYS)
    across = [float(mark.attrib["cx"]) for mark in marks]
    assert across == sorted(across)
    lines = {each.text: float(each.attrib["y"]) for each in drawn.iter(f"{SVG}text") if each.text}
    assert lines["0.8"] < float(marks[0].attrib["cy"]) < lines["0.6"]
    assert {"2026-01", "P-1", "10"} <= set(_texts(drawn))


def test_cloudy_looks_are_hollow_and_no_line_runs_through_them() -> None:
    drawn = _parsed(curve_drawing([_curve("P-1", clear=0.2)], SEASON))
    assert {mark.attrib["fill"] for mark in drawn.iter(f"{SVG}circle")} == {"white"}
    assert not list(drawn.iter(f"{SVG}polyline"))


def test_curves_are_told_apart_without_colour_and_too_many_are_refused() -> None:
    four = [_curve(f"P-{number}") for number in range(most_curves())]
    drawn = _parsed(curve_drawing(four, SEASON))
    dashes = {each.attrib.get("stroke-dasharray") for each in drawn.iter(f"{SVG}polyline")}
    assert len(dashes) == most_curves()
    with pytest.raises(ValueError, match="too many"):
        curve_drawing([*four, _curve("P-9")], SEASON)


def test_a_name_is_text_whatever_it_holds() -> None:
    drawn = _parsed(curve_drawing([_curve("<script>\"&'")], SEASON))
    assert "<script>\"&'" in _texts(drawn)


def test_the_ground_keeps_its_pixels_and_borders_their_place() -> None:
    colours = np.zeros((20, 40, 3), np.uint8)
    colours[:, 10:] = (30, 90, 40)
    border = Border("P-1", (((10.0, 5.0), (30.0, 5.0), (30.0, 15.0), (10.0, 15.0), (10.0, 5.0)),))
    drawn = _parsed(ground_drawing(Ground(colours, 10.0, (border,))))
    image = drawn.find(f"{SVG}image")
    assert image is not None
    png = base64.b64decode(image.attrib["href"].removeprefix("data:image/png;base64,"))
    shown = np.asarray(Image.open(io.BytesIO(png)))
    assert (shown[:, 10:] == (30, 90, 40)).all()
    assert (shown[:, :10] == 225).all()
    scale = float(drawn.attrib["width"]) / 40
    path = next(each.attrib["d"] for each in drawn.iter(f"{SVG}path"))
    assert path.startswith(f"M{10 * scale:g},{5 * scale:g} L{30 * scale:g},{5 * scale:g}")
    assert _texts(drawn).count("P-1") == 2  # a halo and the name
    # 400 m across: the longest bar within a quarter of that
    assert "100 m" in _texts(drawn)
