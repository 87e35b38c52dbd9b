"""UTM zones by place."""

from __future__ import annotations

from geo.utm import utm_epsg


def test_places_lie_in_their_zones_and_the_date_line_in_the_last() -> None:
    assert utm_epsg(116.4, 39.9) == 32650
    assert utm_epsg(-60.0, -10.0) == 32721
    assert utm_epsg(180.0, 0.0) == 32660
    assert utm_epsg(-180.0, -0.1) == 32701
