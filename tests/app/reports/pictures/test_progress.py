"""The chart of progress: what stands where."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import date, timedelta

from app.reports.pictures.progress import ProgressChart, Reported, progress_drawing

SVG = "{http://www.w3.org/2000/svg}"
START, AS_OF = date(2026, 1, 1), date(2026, 7, 1)
PLANNED = ((START, 0.0), (date(2026, 6, 30), 1.0))
LOOKS = tuple(
    Reported(START + timedelta(days=20 * n), max(0.1 * n - 0.1, 0.0), 0.1 * n, min(0.1 * n + 0.1, 1.0))
    for n in range(9)
)


def drawn(*looks: Reported, as_of: date = AS_OF) -> ET.Element:
    chart = ProgressChart(PLANNED, looks, (date(2026, 2, 1), date(2026, 6, 30)), as_of)
    return ET.fromstring(progress_drawing(chart))  # noqa: S314 - our own


def marks(chart: ET.Element) -> list[tuple[float, float]]:
    return [(float(one.attrib["cx"]), float(one.attrib["cy"])) for one in chart.iter(f"{SVG}circle")]


def texts(chart: ET.Element) -> dict[str, tuple[float, float]]:
    return {one.text or "": (float(one.attrib["x"]), float(one.attrib["y"])) for one in chart.iter(f"{SVG}text")}


def test_looks_rise_with_their_share_and_run_with_their_day() -> None:
    chart = drawn(*LOOKS)
    places = marks(chart)
    assert len(places) == len(LOOKS)
    assert places == sorted(places)
    assert [y for _, y in places] == sorted((y for _, y in places), reverse=True)
    named = texts(chart)
    assert named["100%"][1] < places[-1][1] + 3.5 < named["75%"][1]  # 80 %, right and down
    assert {"0%", "25%", "50%", "75%", "100%", "1", "2", "2026-03"} <= set(named)


def test_a_look_on_the_plan_lies_on_its_line() -> None:
    (x, y), *_ = marks(drawn(Reported(date(2026, 6, 30), 0.9, 1.0, 1.0)))
    dashed = next(one for one in drawn().iter(f"{SVG}polyline") if one.attrib.get("stroke-dasharray") == "6 3")
    points = [tuple(map(float, pair.split(","))) for pair in dashed.attrib["points"].split()]
    assert points[-2] == (round(x, 2), round(y, 2))
    assert points[-1][1] == points[-2][1]  # level after the last point
    assert points[0][1] == points[1][1]  # and nothing before the first


def test_the_band_goes_around_all_looks() -> None:
    (band,) = (one for one in drawn(*LOOKS).iter(f"{SVG}path") if one.attrib.get("fill-opacity") == "0.18")
    assert band.attrib["d"].count("L") == 2 * len(LOOKS) - 1


def test_one_look_has_its_interval_and_none_is_no_chart_less() -> None:
    assert not [one for one in drawn(LOOKS[0]).iter(f"{SVG}path") if one.attrib.get("fill-opacity")]
    with_one, with_none = (len(list(drawn(*looks).iter(f"{SVG}line"))) for looks in (LOOKS[3:4], ()))
    assert with_one == with_none + 1
    assert marks(drawn()) == []


def test_many_years_get_no_more_names_than_fit() -> None:
    named = [text for text in texts(drawn(as_of=date(2036, 1, 1))) if text.startswith("20")]
    assert 4 <= len(named) <= 12
    assert all(text.endswith("-01") for text in named)
