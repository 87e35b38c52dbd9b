from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.lonlat import around_points, lonlat_of, meet, metres_of, middle_lon, pieces, width

LON = st.floats(-180, 180, allow_nan=False)
LAT = st.floats(-80, 80, allow_nan=False)


@given(LON, st.floats(0, 100), LON, st.floats(0, 100))
def test_boxes_meet_just_where_their_pieces_do(west: float, wide: float, other: float, far: float) -> None:
    def box(left: float, extent: float) -> tuple[float, float, float, float]:
        right = left + extent
        return (left, 0.0, right if right <= 180 else right - 360, 1.0)

    one, two = box(west, wide), box(other, far)
    plain = any(a[0] <= b[2] and b[0] <= a[2] for a in pieces(one) for b in pieces(two))
    at_the_seam = any(abs(edge) == 180 for edge in (one[0], one[2], two[0], two[2]))
    near_a_touch = min(abs((a - b) % 360) % 359.9999 for a in (one[0], one[2]) for b in (two[0], two[2])) < 1e-4
    assert meet(one, two) == meet(two, one) or near_a_touch
    assert meet(one, two) == plain or at_the_seam or near_a_touch


def test_both_names_of_the_meridian_are_one() -> None:
    assert meet((179.0, 0, 180.0, 1), (-180.0, 0, -179.0, 1))
    assert not meet((179.0, 0, 180.0, 1), (-180.0, 2, -179.0, 3))
    assert pieces((179.0, 0.0, -179.0, 1.0)) == ((179.0, 0.0, 180.0, 1.0), (-180.0, 0.0, -179.0, 1.0))
    assert pieces((4.0, 0.0, 5.0, 1.0)) == ((4.0, 0.0, 5.0, 1.0),)


@pytest.mark.parametrize(
    ("lons", "west", "east"),
    [
        ([4.1, 4.9, 4.3], 4.1, 4.9),
        ([179.5, -179.5, -179.9], 179.5, -179.5),
        ([179.9, 180.0, -180.0, -179.8], 179.9, -179.8),
        ([179.9, 180.2], 179.9, -179.8),
        ([-180.0, 180.0], -180.0, -180.0),
        ([7.0], 7.0, 7.0),
    ],
)
def test_the_smallest_box_around_points(lons: list[float], west: float, east: float) -> None:
    assert around_points(lons, [1.0, *[2.0] * (len(lons) - 1)])[::2] == pytest.approx((west, east))


@given(st.lists(st.tuples(LON, LAT), min_size=1, max_size=12))
def test_the_box_holds_every_point(points: list[tuple[float, float]]) -> None:
    box = around_points([lon for lon, _ in points], [lat for _, lat in points])
    for lon, lat in points:
        assert box[1] <= lat <= box[3]
        assert ((lon - box[0]) % 360) % 360 <= width(box) + 1e-9 or (lon - box[0]) % 360 > 360 - 1e-9


def test_middles() -> None:
    assert middle_lon((179.0, 0, -178.0, 1)) == -179.5
    assert middle_lon((4.0, 0, 5.0, 1)) == 4.5


def test_metres_and_back_across_the_meridian() -> None:
    box = (790_000.0, 8_100_000.0, 840_000.0, 8_150_000.0)
    degrees = lonlat_of(box, 32760)
    assert degrees[0] > 179
    assert degrees[2] < -179
    back = metres_of(degrees, 32760)
    assert back == pytest.approx(box, abs=1500)
    assert back[0] < box[0] < box[2] < back[2]
