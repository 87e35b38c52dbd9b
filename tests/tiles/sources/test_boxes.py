from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pystac
import pytest

from geo.bands import BANDS
from geo.errors import InputError
from geo.season import Season
from tiles.sources.base import box_of, choose, touching_box

YEAR = Season(date(2020, 1, 1), date(2020, 12, 31))
FIJI = (179.8, -17.0, -179.8, -16.6)


def scene(name: str, bbox: list[float], geometry: dict[str, Any] | None = None) -> pystac.Item:
    item = pystac.Item(name, geometry, bbox, datetime(2020, 5, 1, 22, 10, tzinfo=UTC), {"platform": "sentinel-2a"})
    for band in (*BANDS, "SCL"):
        item.add_asset(band, pystac.Asset(f"/data/{band}.tif"))
    return item


def ring(*corners: tuple[float, float]) -> list[list[list[float]]]:
    return [[list(corner) for corner in (*corners, corners[0])]]


WEST = scene("S2_60KYF_L2A", [179.0, -17.5, 179.9, -16.5])
EAST = scene("S2_01KAB_L2A", [-179.95, -17.5, -179.0, -16.5])
ACROSS = scene("S2_01KAC_L2A", [179.5, -17.5, -179.5, -16.5])
AWAY = scene("S2_31UES_L2A", [4.0, -17.5, 5.0, -16.5])


def test_a_box_across_180_degrees_finds_the_scenes_on_both_sides() -> None:
    assert touching_box([WEST, EAST, ACROSS, AWAY], FIJI) == [WEST, EAST, ACROSS]
    assert touching_box([WEST, EAST, ACROSS, AWAY], (179.95, -17.0, 180.0, -16.6)) == [ACROSS]


def test_a_scene_across_180_degrees_is_found_from_either_side() -> None:
    assert touching_box([ACROSS], (-179.9, -17.0, -179.8, -16.9)) == [ACROSS]
    assert touching_box([ACROSS], (179.8, -17.0, 179.9, -16.9)) == [ACROSS]
    assert touching_box([ACROSS], (170.0, -17.0, 171.0, -16.9)) == []


@pytest.mark.parametrize(
    "geometry",
    [
        {
            "type": "MultiPolygon",
            "coordinates": [
                ring((179.5, -17.5), (180.0, -17.5), (180.0, -16.5), (179.5, -16.5)),
                ring((-180.0, -17.5), (-179.5, -17.5), (-179.5, -16.5), (-180.0, -16.5)),
            ],
        },
        {"type": "Polygon", "coordinates": ring((179.5, -17.5), (-179.5, -17.5), (-179.5, -16.5), (179.5, -16.5))},
    ],
)
def test_a_box_around_the_globe_is_read_from_the_outline(geometry: dict[str, Any]) -> None:
    odd = scene("S2_01KAC_L2A", [-180.0, -17.5, 180.0, -16.5], geometry)
    assert box_of(odd) == (179.5, -17.5, -179.5, -16.5)
    assert touching_box([odd], (4.0, -17.0, 5.0, -16.6)) == []


def test_no_scene_in_an_area_across_180_degrees() -> None:
    with pytest.raises(InputError) as caught:
        choose([AWAY], FIJI, YEAR, "catalog.json")
    assert caught.value.code == "OUTSIDE_IMAGERY"
    assert str(caught.value) == (
        "No scene of catalog.json in the season 2020-01-01/2020-12-31 touches the area (179.8000, -17.0000, "
        "-179.8000, -16.6000). The first scene covers (4.0000, -17.5000, 5.0000, -16.5000). Check the parcels' CRS and "
        "datum."
    )


def test_scenes_of_two_zones_come_together() -> None:
    box = (179.5, -17.0, -179.5, -16.6)
    assert {item.id for item in choose([WEST, EAST], box, YEAR, "catalog.json")} == {WEST.id, EAST.id}
